"""The real Ollama that other tests lean on behaves as they assume."""

import re
import signal
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from ollama import Client, ResponseError
from ollama_server import (
    CHATML,
    CHATML_STOP,
    SMOLLM_NAME,
    Ollama,
    OllamaServer,
    default_cache,
    smollm,
)

PARIS = [{"role": "user", "content": "What is the capital of France?"}]
LONG = [{"role": "user", "content": "Tell a very long story about the sea."}]
GREEDY = {"temperature": 0}


def test_answers_and_holds_the_model(ollama: Ollama) -> None:
    """The shared server is up and has what tests ask of it."""
    assert re.match(r"\d+\.\d+", ollama.version())
    assert SMOLLM_NAME in ollama.models()


def test_streams_tokens(ollama: Ollama) -> None:
    """The answer comes in many parts, the last one marked done, and makes sense."""
    with Client(ollama.host) as client:
        parts = list(client.chat(SMOLLM_NAME, PARIS, stream=True, options=GREEDY))
    assert len(parts) > 3
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert "Paris" in "".join(part.message.content or "" for part in parts)


def test_missing_model_is_named(ollama: Ollama) -> None:
    """A model that is not there is a 404 whose text names it."""
    with Client(ollama.host) as client, pytest.raises(ResponseError) as caught:
        client.chat("nope", PARIS)
    assert caught.value.status_code == HTTPStatus.NOT_FOUND
    assert re.match(r"model .nope. not found", caught.value.error)


def test_kill_breaks_the_stream_and_a_restart_heals(fresh_ollama: OllamaServer) -> None:
    """A crash in mid-answer raises, then refuses connections; the same address comes back."""
    with Client(fresh_ollama.host) as client:
        stream = client.chat(SMOLLM_NAME, LONG, stream=True, options={"num_predict": 500})
        next(stream)
        fresh_ollama.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            list(stream)
        with pytest.raises(ConnectionError, match="Failed to connect to Ollama"):
            client.chat(SMOLLM_NAME, PARIS)
        fresh_ollama.start()
        assert client.chat(SMOLLM_NAME, PARIS, options=GREEDY).message.content


def test_empty_server_takes_a_model_with_a_template(empty_ollama: OllamaServer) -> None:
    """A server without models gets one with its own template, stop words and context."""
    assert empty_ollama.models() == []
    model = smollm(default_cache())
    empty_ollama.create("chatty", model, CHATML, CHATML_STOP, {"num_ctx": 1024})
    with Client(empty_ollama.host) as client:
        shown = client.show("chatty")
        answer = client.chat("chatty", PARIS, options=GREEDY)
    assert shown.template == CHATML
    assert all(word in (shown.parameters or "") for word in (*CHATML_STOP, "1024"))
    assert "Paris" in (answer.message.content or "")


ORPHAN_MAKER = """
import os, sys
from pathlib import Path
from ollama_server import SMOLLM_NAME, OllamaServer
program, models, work, number = sys.argv[1:]
server = OllamaServer(Path(program), Path(models), Path(work)).start()
server.load(SMOLLM_NAME)
print(server.address, flush=True)
os.kill(os.getpid(), int(number))
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_no_orphans(fresh_ollama: OllamaServer, tmp_path: Path, ending: signal.Signals) -> None:
    """However the test process dies, its server and the server's model runner die too."""
    work = tmp_path / "victim"
    work.mkdir()
    models = default_cache() / "models"
    arguments = [fresh_ollama.program, models, work, ending.value]
    victim = subprocess.run(
        [sys.executable, "-c", ORPHAN_MAKER, *map(str, arguments)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert victim.returncode == -ending
    server = int(victim.stdout.rpartition(":")[2])
    log = (work / "ollama.log").read_text()
    runner = int(re.findall(r"Server listening on 127\.0\.0\.1:(\d+)", log)[-1])
    deadline = time.monotonic() + 10
    while (alive := [port for port in (server, runner) if _open(port)]) and (time.monotonic() < deadline):
        time.sleep(0.05)
    assert not alive


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
