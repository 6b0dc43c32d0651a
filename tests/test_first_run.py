"""`footnote chat` on a fresh machine: the page opens at once, and a model comes while it is used."""

from __future__ import annotations

import html
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import webapp
from model_hub import SlowHub
from ollama_server import OllamaServer

from rag import weights

pytestmark = pytest.mark.slow

SMALL = "smollm2-135m"
SYLBER = "How many tokens per second does Sylber's tokenizer average?"
PROGRAM = """
import sys
from dataclasses import replace
from rag import weights
small = weights.find("smollm2-135m")
weights.CATALOGUE = (replace(small, name="small", hub_url={url!r}, packages=()),)
sys.argv = ["footnote", "chat", "--no-browser", *{words!r}]
from ui.cli import main
main()
"""
"""The command, where the one model that there is comes from a hub of the test's."""


class Chat:
    """`footnote chat` in a process of its own."""

    def __init__(self, home: Path, url: str, *words: str, ollama: str = "127.0.0.1:1") -> None:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONWARNINGS"}
        env |= {"FOOTNOTE_HOME": str(home), "FOOTNOTE_PORT": str(webapp.free_port()), "OLLAMA_HOST": ollama}
        env |= {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(webapp.ROOT)}
        self.keyboard, terminal = pty.openpty()
        self._said = (home / f"said-{time.monotonic_ns()}.txt").open("w+", encoding="utf-8")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(url=url, words=words)],
            cwd=webapp.ROOT, env=env, stdin=terminal, stdout=subprocess.PIPE, stderr=self._said, text=True,
        )  # fmt: skip
        os.close(terminal)
        giving_up = threading.Timer(120, self.process.kill)
        giving_up.start()
        assert self.process.stdout
        self.address = self.process.stdout.readline().removeprefix(webapp.READY).strip()
        giving_up.cancel()
        self.seconds = time.monotonic() - began
        assert self.address.startswith("http"), self.said

    @property
    def said(self) -> str:
        """What stands on the terminal besides the one line."""
        return Path(self._said.name).read_text(encoding="utf-8")

    def stop(self) -> int:
        """End it as Ctrl-C does; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=60)
        finally:
            self.process.kill()
            self._said.close()
            os.close(self.keyboard)
        return self.process.returncode


Run = Callable[..., Chat]


@pytest.fixture
def hub(cache: Path) -> Iterator[SlowHub]:
    """Where the model comes from, as fast as the test lets it."""
    with SlowHub(weights.fetch(SMALL, cache / "weights", lambda done, total: None)) as server:
        yield server
        server.shutdown()


@pytest.fixture
def run(own_home: Path, hub: SlowHub) -> Iterator[Run]:
    chats: list[Chat] = []

    def start(*words: str, **more: str) -> Chat:
        chats.append(Chat(own_home, hub.url, *words, **more))
        return chats[-1]

    yield start
    for chat in chats:
        if chat.process.poll() is None:
            chat.stop()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_the_page_answers_while_the_model_comes_and_ctrl_c_keeps_what_is_here(
    run: Run, hub: SlowHub, own_home: Path
) -> None:
    hub.allow(20_000_000)
    chat = run()
    partial = own_home / "models" / "small.gguf.partial"
    until(lambda: partial.exists() and partial.stat().st_size > 19_000_000)
    texts = [html.unescape(text) for text in webapp.ask(chat.address, SYLBER)]
    assert any("4.27" in text for text in texts)
    assert any("small is being fetched; until it is here, answers are quotations" in text for text in texts)
    threading.Timer(0.5, hub.allow, (21_000_000,)).start()
    assert chat.stop() == 0
    assert "62 new" in chat.said
    assert "the next start goes on from here" in chat.said
    assert "Traceback" not in chat.said

    begun = partial.stat().st_size
    chat = run()
    hub.allow()
    until(lambda: "small is here." in chat.said)
    assert hub.ranges == [0, begun]
    assert (own_home / "models" / "small.gguf").is_file()
    assert chat.stop() == 0


def test_without_a_network_one_line_says_so_and_quotations_answer(run: Run, hub: SlowHub) -> None:
    hub.shutdown()
    hub.server_close()
    chat = run()
    until(lambda: "could not be fetched" in chat.said)
    assert any("4.27" in html.unescape(text) for text in webapp.ask(chat.address, SYLBER))
    assert chat.stop() == 0
    assert len([line for line in chat.said.splitlines() if line.startswith("!")]) == 1
    assert "Traceback" not in chat.said


def test_nothing_is_fetched_where_that_is_not_wanted(run: Run, hub: SlowHub) -> None:
    chat = run("--no-fetch")
    assert chat.stop() == 0
    assert hub.ranges == []


def test_a_question_on_the_terminal_does_not_keep_the_page(
    run: Run, hub: SlowHub, empty_ollama: OllamaServer
) -> None:
    hub.allow()
    chat = run(ollama=empty_ollama.host)
    until(lambda: "Pull qwen2.5:1.5b (1 GB)? [y/N]" in chat.said)
    assert hub.ranges == []
    os.write(chat.keyboard, b"n\n")
    until(lambda: "small is here." in chat.said)
    assert chat.stop() == 0


def test_a_question_that_nobody_answers_does_not_keep_the_program(
    run: Run, empty_ollama: OllamaServer
) -> None:
    chat = run(ollama=empty_ollama.host)
    until(lambda: "[y/N]" in chat.said)
    assert chat.stop() == 0
    assert "Traceback" not in chat.said
