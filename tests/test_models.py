"""Both engines do what `ChatModel` promises; the right one is chosen; every failure is ours.

The Ollama is real, so is llama.cpp in this process, and so is the model of both, SmolLM2-135M.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ollama_obtain import default_cache
from ollama_server import SMOLLM_NAME, Ollama, OllamaServer

from rag import weights
from rag.engines.embedded import EmbeddedChat
from rag.engines.ollama import full_name
from rag.errors import DownloadFailed, EngineUnreachable, ModelBrokeOff, ModelError, ModelMissing
from rag.models import (
    ChatModel,
    Chunk,
    InstalledModel,
    Message,
    OllamaChat,
    best,
    choose,
    ollama_models,
    pull,
)
from rag.settings import Settings

TINY = "smollm2-135m"
CONTEXT = 1024
PARIS = [Message("system", "Be brief."), Message("user", "What is the capital of France?")]
STORY = [Message("user", "Tell a very long story about the sea.")]
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="session")
def tiny_folder() -> Path:
    """Weights of the smallest model, kept between runs."""
    folder = default_cache() / "weights"
    weights.fetch(TINY, folder, lambda done, total: None)
    return folder


@pytest.fixture(scope="module")
def embedded(tiny_folder: Path) -> Iterator[EmbeddedChat]:
    model = EmbeddedChat(TINY, tiny_folder, context=CONTEXT, threads=1)  # steady on a busy machine
    model.load()
    yield model
    model.close()


@pytest.fixture(scope="module")
def served(ollama: Ollama) -> OllamaChat:
    return OllamaChat(ollama.host, SMOLLM_NAME, context=CONTEXT)


@pytest.fixture(params=["embedded", "served"])
def model(request: pytest.FixtureRequest) -> ChatModel:
    """The same promises, kept by either engine."""
    found: ChatModel = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, library=tmp_path / "library", ollama_host=NOWHERE, num_ctx=CONTEXT)


def _answer(model: ChatModel, messages: list[Message], max_tokens: int = 30) -> str:
    return "".join(c.text for c in model.stream(messages, max_tokens=max_tokens, stop=threading.Event()))


def _begin(model: ChatModel, stop: threading.Event) -> tuple[Iterator[Chunk], float]:
    """The first 20 tokens of a story of 800, and the seconds that one took."""
    stream = model.stream(STORY, max_tokens=800, stop=stop)
    next(stream)
    return stream, _seconds(lambda: [next(stream) for _ in range(20)]) / 20


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


# ── what every engine promises ───────────────────────────────────────────────────────────────────


def test_an_answer_streams(model: ChatModel) -> None:
    """Many chunks of text; the last alone says how long the prompt was."""
    chunks = list(model.stream(PARIS, max_tokens=30, stop=threading.Event()))
    assert "Paris" in "".join(chunk.text for chunk in chunks)
    assert len(chunks) > 3
    assert {chunk.prompt_tokens for chunk in chunks[:-1]} == {None}
    assert chunks[-1].prompt_tokens is not None
    assert 15 <= chunks[-1].prompt_tokens <= 30


def test_the_same_question_has_the_same_answer(model: ChatModel) -> None:
    """Greedy, whatever was asked in between."""
    first = _answer(model, PARIS)
    _answer(model, STORY, 5)
    assert _answer(model, PARIS) == first


def test_max_tokens_ends_an_answer(model: ChatModel) -> None:
    """Regularly, with the prompt's length in the last chunk."""
    chunks = list(model.stream(STORY, max_tokens=4, stop=threading.Event()))
    assert 1 <= len([chunk for chunk in chunks if chunk.text]) <= 4
    assert chunks[-1].prompt_tokens


def test_stop_ends_the_answer_in_the_engine(model: ChatModel) -> None:
    """The stream ends without an error, and the next question is answered at once."""
    stop = threading.Event()
    stream, pace = _begin(model, stop)
    stop.set()
    assert len(list(stream)) < 100
    assert _seconds(lambda: _answer(model, PARIS, 1)) < 300 * pace


def test_closing_the_stream_stops_the_engine(model: ChatModel) -> None:
    """As a web server does when the browser has gone."""
    stream, pace = _begin(model, threading.Event())
    stream.close()  # type: ignore[attr-defined]  # the iterator is a generator
    assert _seconds(lambda: _answer(model, PARIS, 1)) < 300 * pace


def test_stop_works_while_the_prompt_is_read(model: ChatModel) -> None:
    """Before the first word, too, the caller has control back within a moment."""
    words = " ".join(f"word{n} is not word{n + 1}." for n in range(60))
    stop = threading.Event()
    stop.set()
    assert _seconds(lambda: list(model.stream([Message("user", words)], max_tokens=5, stop=stop))) < 1.0


def test_two_answers_at_once_do_not_mix(model: ChatModel) -> None:
    """Each thread gets its own answer."""
    alone = {text: _answer(model, [Message("user", text)], 12) for text in ("Count: one,", "Name a colour.")}
    got: dict[str, str] = {}
    threads = [
        threading.Thread(target=lambda t=text: got.update({t: _answer(model, [Message("user", t)], 12)}))
        for text in alone
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {text: answer[:4] for text, answer in got.items()} == {t: a[:4] for t, a in alone.items()}


def test_a_prompt_that_does_not_fit_is_refused(model: ChatModel) -> None:
    """Instead of being cut by the engine; the message has the numbers."""
    with pytest.raises(ModelError, match=f"do not fit the context of {CONTEXT}"):
        _answer(model, [Message("user", "word " * 2 * CONTEXT)])


def test_counting_is_not_under_the_truth(model: ChatModel) -> None:
    """A count of the messages, with what the template adds, covers the tokens that were read."""
    *_, last = model.stream(PARIS, max_tokens=1, stop=threading.Event())
    assert last.prompt_tokens
    assert sum(model.count_tokens(m.content) + 8 for m in PARIS) >= last.prompt_tokens


def test_warming_up_is_best_effort(model: ChatModel) -> None:
    """Afterwards the model answers; a prefix that cannot be read is no error."""
    model.warm_up(PARIS[:1])
    model.warm_up([Message("user", "word " * 2 * CONTEXT)])
    assert "Paris" in _answer(model, PARIS)


# ── the embedded engine ──────────────────────────────────────────────────────────────────────────


def test_the_embedded_engine_is_silent(tiny_folder: Path) -> None:
    """Loading, answering and failing write nothing on the terminal, and the process ends."""
    code = (
        "import sys, threading; from pathlib import Path; from rag.models import EmbeddedChat, Message\n"
        f"m = EmbeddedChat({TINY!r}, Path(sys.argv[1]), context=512, threads=1)\n"
        "s = m.stream([Message('user', 'Tell a story.')], max_tokens=300, stop=threading.Event())\n"
        "next(s)\n"  # left open: the program ends in the middle of an answer
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tiny_folder)],
        check=False,
        capture_output=True,
        cwd=Path(__file__).parents[1],
        timeout=30,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_only_loopback_with_the_key_reaches_the_embedded_engine(embedded: EmbeddedChat) -> None:
    """The port that llama.cpp opens is closed to other programs and machines."""
    import httpx

    server, _ = embedded._loaded()
    assert re.match(r"http://127\.0\.0\.1:\d+$", server.listening_address)
    answer = httpx.post(server.listening_address + "/tokenize", json={"content": "x"}, trust_env=False)
    assert answer.status_code == 401


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    """Before anything is loaded."""
    with pytest.raises(ModelMissing, match=f"footnote models fetch {TINY}"):
        EmbeddedChat(TINY, tmp_path, context=512)


def test_damaged_weights_are_one_line(tiny_folder: Path, tmp_path: Path) -> None:
    """A file of the right length and the wrong content."""
    damaged = tmp_path / f"{TINY}.gguf"
    shutil.copy(tiny_folder / damaged.name, damaged)
    with damaged.open("r+b") as file:
        file.write(b"not a model")
    with pytest.raises(ModelError, match=r"cannot be loaded: .* Run: footnote models verify"):
        EmbeddedChat(TINY, tmp_path, context=512).load()


def test_a_closed_model_says_so(tiny_folder: Path) -> None:
    """An answer under way breaks off; a new one is refused."""
    model = EmbeddedChat(TINY, tiny_folder, context=512, threads=1)
    stream = model.stream(STORY, max_tokens=300, stop=threading.Event())
    next(stream)
    model.close()
    with pytest.raises(ModelBrokeOff):
        list(stream)
    with pytest.raises(ModelError, match="was closed"):
        _answer(model, PARIS)


def test_llama_index_can_use_it(embedded: EmbeddedChat) -> None:
    """As an LLM among LlamaIndex's own parts."""
    from llama_index.core.base.llms.types import ChatMessage

    from rag.llama_embedded import FootnoteLLM

    llm = FootnoteLLM(embedded, max_tokens=12)
    question = "What is the capital of France?"
    expected = _answer(embedded, [Message("user", question)], 12)
    assert llm.metadata.context_window == CONTEXT
    assert llm.complete(question).text == expected
    assert llm.chat([ChatMessage(role="user", content=question)]).message.content == expected
    assert "".join(r.delta or "" for r in llm.stream_complete(question)) == expected


# ── Ollama ───────────────────────────────────────────────────────────────────────────────────────


def test_ollama_tells_its_models(ollama: Ollama) -> None:
    """Name, size and whether it can chat."""
    found = {model.name: model for model in ollama_models(ollama.host)}[SMOLLM_NAME]
    assert found.chats
    assert found.parameters == pytest.approx(0.135, abs=0.01)
    assert found.quantisation == "Q4_1"
    assert re.fullmatch("sha256:[0-9a-f]{64}", found.digest)


def test_a_missing_ollama_model_names_the_command(ollama: Ollama) -> None:
    """On asking, and on choosing."""
    with pytest.raises(ModelMissing, match="ollama pull nope"):
        _answer(OllamaChat(ollama.host, "nope", context=512), PARIS)


def test_nothing_at_the_address_is_seen_at_once() -> None:
    """In less than 0.3 seconds, with the command."""
    OllamaChat(NOWHERE, "any", context=512).warm_up(PARIS)  # imports; and is best effort
    with pytest.raises(EngineUnreachable, match=f"No Ollama answers at {NOWHERE}. Run: ollama serve"):
        _answer(OllamaChat(NOWHERE, "any", context=512), PARIS)
    start = time.perf_counter()
    with pytest.raises(EngineUnreachable):
        ollama_models(NOWHERE)
    assert time.perf_counter() - start < 0.3


@pytest.mark.parametrize("status", [200, 404, 502])
def test_another_server_is_not_an_ollama(status: int) -> None:
    """A web page at the address is our error, not one of JSON."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *args: object) -> None:
            """Say nothing on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(EngineUnreachable):
            ollama_models(f"http://127.0.0.1:{server.server_port}")


def test_a_server_that_says_nothing_is_stopped_waiting_for() -> None:
    """`stop` ends an answer whose server accepted the question and then went silent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        model = OllamaChat(f"http://127.0.0.1:{silent.getsockname()[1]}", "any", context=512)
        assert list(model.stream(PARIS, max_tokens=5, stop=stop)) == []


def test_a_killed_server_breaks_the_answer_off(fresh_ollama: OllamaServer) -> None:
    """What was written stays; afterwards nobody answers."""
    model = OllamaChat(fresh_ollama.host, SMOLLM_NAME, context=512)
    stream = model.stream(STORY, max_tokens=400, stop=threading.Event())
    assert next(stream).text
    fresh_ollama.kill()
    with pytest.raises(ModelBrokeOff, match="ollama serve"):
        list(stream)
    with pytest.raises(EngineUnreachable):
        _answer(model, PARIS)


def test_pulling_without_network_or_server_is_ours(ollama: Ollama) -> None:
    """A server that cannot fetch, and no server."""
    with pytest.raises((DownloadFailed, ModelMissing), match="ollama pull footnote/no-such-model"):
        pull(ollama.host, "footnote/no-such-model", lambda done, total: None)
    with pytest.raises(EngineUnreachable):
        pull(NOWHERE, "any", lambda done, total: None)


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def _model(name: str, billions: float, family: str = "llama", chats: bool = True) -> InstalledModel:
    return InstalledModel(name, 0, billions, "Q4_K_M", family, "sha256:", chats)


def test_the_best_model_suits_a_laptop() -> None:
    """Small instruct models first, then larger, then what only just works."""
    models = [
        _model("llama3.1:70b", 70.6),
        _model("nomic-embed-text:latest", 0.137, "nomic-bert", chats=False),
        _model("smollm2:135m", 0.135),
        _model("qwen2.5:0.5b", 0.49, "qwen2"),
        _model("deepseek-r1:1.5b", 1.8, "qwen2"),
        _model("llama3.1:8b", 8.0),
        _model("llama3.2:3b", 3.2),
        _model("smollm2:1.7b", 1.7),
        _model("qwen2.5:1.5b", 1.5, "qwen2"),
        _model("qwen2.5:3b", 3.1, "qwen2"),
    ]
    order = []
    while (found := best(models)) is not None:
        order.append(found.name)
        models.remove(found)
    assert order == [
        *("qwen2.5:3b", "qwen2.5:1.5b", "llama3.2:3b", "smollm2:1.7b", "llama3.1:8b"),
        *("qwen2.5:0.5b", "llama3.1:70b", "smollm2:135m", "deepseek-r1:1.5b"),
    ]


def test_auto_without_anything_quotes_and_says_so(settings: Settings, tmp_path: Path) -> None:
    """At once, with the command that would change it."""
    start = time.perf_counter()
    choice = choose(settings, tmp_path)
    assert time.perf_counter() - start < 0.3
    assert choice.model is None
    assert "footnote models fetch qwen2.5-coder-1.5b" in choice.notices[0]


def test_auto_does_not_take_the_smallest_embedded_model(settings: Settings, tiny_folder: Path) -> None:
    """It is for smoke tests; asked for by name it is there."""
    assert choose(settings, tiny_folder).model is None
    chosen = choose(replace(settings, model=f"embedded/{TINY}"), tiny_folder).model
    assert isinstance(chosen, EmbeddedChat)
    assert chosen.digest.startswith("sha256:b179c952")


def test_auto_takes_installed_weights_in_order(settings: Settings, tmp_path: Path) -> None:
    """The larger of the two; files of the right length are enough, since names are given after checks."""
    for name in ("qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"):
        path = weights.path_of(name, tmp_path)
        path.touch()
        os.truncate(path, weights.find(name).size)
        chosen = choose(settings, tmp_path)
        assert chosen.model is not None
        assert (chosen.model.name, chosen.notices) == (name, ())


def test_auto_with_an_empty_ollama(settings: Settings, empty_ollama: OllamaServer, tmp_path: Path) -> None:
    """Both reasons are said: no model there, and none here."""
    choice = choose(replace(settings, ollama_host=empty_ollama.host), tmp_path)
    assert choice.model is None
    assert ["ollama pull" in choice.notices[0], "models fetch" in choice.notices[1]] == [True, True]


def test_auto_takes_the_ollama_that_answers(settings: Settings, ollama: Ollama, tmp_path: Path) -> None:
    """And warns when all that it has is tiny."""
    choice = choose(replace(settings, ollama_host=ollama.host), tmp_path)
    assert choice.model is not None
    assert choice.model.name == SMOLLM_NAME
    assert re.fullmatch(rf"Ollama \S+ at {ollama.host}", choice.model.engine)
    assert "mostly invents" in choice.notices[0]


def test_a_name_chooses(settings: Settings, ollama: Ollama, tiny_folder: Path) -> None:
    """With its engine in front or bare; `extractive` is none."""
    here = replace(settings, ollama_host=ollama.host)
    for name, kind in {
        f"ollama/{SMOLLM_NAME}": OllamaChat,
        SMOLLM_NAME: OllamaChat,
        f"embedded/{TINY}": EmbeddedChat,
        TINY: EmbeddedChat,
    }.items():
        assert isinstance(choose(replace(here, model=name), tiny_folder).model, kind)
    assert choose(replace(here, model="extractive"), tiny_folder).model is None
    assert full_name("llama3.2") == "llama3.2:latest"


@pytest.mark.parametrize(
    ("name", "error", "fix"),
    [
        ("ollama/nope", EngineUnreachable, "ollama serve"),
        ("nope", ModelMissing, "ollama serve"),
        ("embedded/nope", ModelMissing, "footnote models list"),
        ("qwen2.5-coder-1.5b", ModelMissing, "footnote models fetch qwen2.5-coder-1.5b"),
    ],
)
def test_an_unavailable_name_is_refused(
    settings: Settings, tmp_path: Path, name: str, error: type[ModelError], fix: str
) -> None:
    """Explicit wishes do not fall back."""
    with pytest.raises(error, match=re.escape(fix)):
        choose(replace(settings, model=name), tmp_path)


def test_importing_is_cheap() -> None:
    """None of the engines comes along."""
    code = "import rag.models, sys; print({'httpx', 'ollama', 'llama_index', 'xllamacpp'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert run.stdout.strip() == "set()"
