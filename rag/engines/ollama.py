"""An Ollama server, here or on another machine: what it holds, and asking one of its models."""

from __future__ import annotations

import math
import re
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.engines import SEED, Chunk, Message, ensure_fits
from rag.errors import DownloadFailed, EngineUnreachable, ModelBrokeOff, ModelError, ModelMissing

if TYPE_CHECKING:
    import httpx
    import ollama
    from llama_index.llms.ollama import Ollama

KEEP_ALIVE = "15m"
"""How long the server keeps a model in memory after an answer."""
ANSWER_TIMEOUT = 300.0
"""Longest silence of the server in seconds; reading a long prompt on a slow processor is silent."""
LOOK_TIMEOUT = 5.0
"""The same for questions about what is there."""
_UNFIT_NAME = re.compile(r"embed|bge-|minilm|rerank")
_NUMBER = re.compile(r"([\d.]+)\s*([KMBT])", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]{2,}|[A-Za-z]+|\d+|[^\sA-Za-z\d]")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that an Ollama server holds."""

    name: str
    """With its tag, as `ollama list` shows it."""
    size: int
    """Bytes on disk."""
    parameters: float
    """Weights in billions; 0 when not known."""
    quantisation: str
    """For example `Q4_K_M`; empty when not known."""
    family: str
    """Architecture, for example `qwen2`."""
    digest: str
    """`sha256:` and hexadecimal digits of its manifest."""
    chats: bool
    """Whether it can answer a chat: it writes, and has a chat template."""
    thinks: bool = False
    """Whether it thinks aloud first unless told not to."""


def version(host: str) -> str:
    """The version of the server at the address; refused at once when nothing listens.

    Raises:
        EngineUnreachable: nothing answers, or something that is no Ollama.
    """
    return str(_look(host, "GET", "/api/version")["version"])


def models(host: str) -> list[InstalledModel]:
    """The models that the server holds, newest first.

    Raises:
        EngineUnreachable: nothing answers, or something that is no Ollama.
    """
    tags = _look(host, "GET", "/api/tags").get("models") or []
    return [_installed(tag, _look(host, "POST", "/api/show", {"model": tag["name"]})) for tag in tags]


def full_name(name: str) -> str:
    """The name with its tag.

    >>> full_name("llama3.2"), full_name("hub/llama3.2:1b")
    ('llama3.2:latest', 'hub/llama3.2:1b')
    """
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def pull(
    host: str, name: str, progress: Callable[[int, int], None], stop: threading.Event | None = None
) -> None:
    """Have the server fetch a model from its own library.

    Args:
        host: address of the server.
        name: the model, with or without a tag.
        progress: called with (bytes done, bytes in all); both grow while layers become known.
        stop: set it to end the download, which is then an error; the server keeps what it has.

    Raises:
        EngineUnreachable: no server answers.
        ModelMissing: the library has no such model.
        DownloadFailed: the server cannot fetch it.
    """
    import ollama

    done: dict[str, tuple[int, int]] = {}
    cut, stop = _Cut(), stop or threading.Event()
    hooks = {"request": [cut.follow]}
    try:
        with (
            ollama.Client(**_client_options(host), event_hooks=hooks) as client,
            cut.when(stop.is_set),
            _mapped(host, name, lambda: bool(done)),
        ):
            for step in client.pull(name, stream=True):
                if step.digest and step.total:
                    done[step.digest] = (step.completed or 0, step.total)
                    progress(sum(d for d, _ in done.values()), sum(t for _, t in done.values()))
    except EngineUnreachable:
        raise
    except ModelError as error:
        kind = ModelMissing if "file does not exist" in error.problem else DownloadFailed
        raise kind(f"Ollama could not pull {name}: {error.__cause__}.", f"ollama pull {name}") from error


class OllamaChat:
    """A model that an Ollama server runs."""

    def __init__(
        self, host: str, name: str, *, context: int, digest: str = "", version: str = "", thinks: bool = False
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            host: address of the server, with scheme and port.
            name: the model, as the server calls it.
            context: tokens that prompt and answer share; the server is told.
            digest: of the model, when known.
            version: of the server, when known.
            thinks: whether the model must be told not to think aloud.
        """
        self.name = name
        self.engine = f"Ollama {version} at {host}".replace("  ", " ")
        self.digest = digest
        self.context = context
        self._host = host
        self._thinks = thinks
        self._closed = threading.Event()

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        """See `ChatModel.stream`.

        Ollama 0.5 stops writing at once, but while it reads a prompt it notices only at the end of it.
        """
        from llama_index.core.base.llms.types import ChatMessage

        ensure_fits(self, messages, max_tokens)
        cut = _Cut()
        begun = ended = False
        prompt = [ChatMessage(role=m.role, content=m.content) for m in messages]
        with self._client(cut) as client, cut.when(lambda: stop.is_set() or self._closed.is_set()):
            try:
                with _mapped(self._host, self.name, lambda: begun):
                    for response in self._llm(client, max_tokens).stream_chat(prompt):
                        if stop.is_set():
                            return
                        begun = True
                        ended = bool(response.raw["done"])
                        yield Chunk(response.delta or "", _prompt_tokens(response.raw) if ended else None)
            except ModelError:
                if not stop.is_set():
                    raise
        if not ended and not stop.is_set():
            raise ModelBrokeOff(f"The model {self.name} stopped in the middle of its answer.")

    def count_tokens(self, text: str) -> int:
        """An estimate that errs upwards, since Ollama has no way to ask.

        A sign or digit counts one token and a number one more, a character beyond ASCII two, a word
        one for every five letters begun, capitals one for every two. On abstracts that is about 1.3
        times what the tokenizers of Qwen and SmolLM count.
        """
        return sum(map(_tokens, _WORDS.findall(text)))

    def warm_up(self, messages: Sequence[Message]) -> None:
        """See `ChatModel.warm_up`."""
        try:
            for _ in self.stream(messages, max_tokens=1, stop=self._closed):
                pass
        except ModelError:
            return  # the first question meets the same problem and shows it

    def close(self) -> None:
        """See `ChatModel.close`."""
        self._closed.set()

    def _client(self, cut: _Cut) -> ollama.Client:
        import ollama

        hooks = {"request": [cut.follow]}
        return ollama.Client(**_client_options(self._host), event_hooks=hooks)

    def _llm(self, client: ollama.Client, max_tokens: int) -> Ollama:
        from llama_index.llms.ollama import Ollama

        return Ollama(
            model=self.name,
            base_url=self._host,
            temperature=0.0,
            context_window=self.context,
            request_timeout=ANSWER_TIMEOUT,
            keep_alive=KEEP_ALIVE,
            thinking=False if self._thinks else None,
            # Ollama would punish repeating the question's words, numbers and names among them
            additional_kwargs={"seed": SEED, "num_predict": max_tokens, "repeat_penalty": 1.0},
            client=client,
        )


class _Cut:
    """The connection of one answer, and a way to cut it from any thread, while it is silent too.

    Closing a socket does not wake the thread that reads from it; shutting it down does, and tells
    the server, which then stops writing.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def follow(self, request: httpx.Request) -> None:
        """Note the connection that this request will open."""
        request.extensions["trace"] = self._trace

    @contextmanager
    def when(self, wanted: Callable[[], bool]) -> Iterator[None]:
        """Cut when that becomes true, and at the end of the block."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(wanted, over), name="footnote-stop", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            self._shut_down()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")

    def _watch(self, wanted: Callable[[], bool], over: threading.Event) -> None:
        while not over.wait(0.05):
            if wanted():
                self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


@contextmanager
def _mapped(host: str, name: str, begun: Callable[[], bool]) -> Iterator[None]:
    """Turn everything that the client raises into our errors."""
    import httpx
    import ollama

    try:
        yield
    except ollama.ResponseError as error:
        if error.status_code == 404:
            problem = f"Ollama at {host} has no model {name}."
            raise ModelMissing(problem, f"ollama pull {name}") from error
        problem = f"Ollama at {host} gave up on {name}: {error.error.strip().rstrip('.')}."
        raise (ModelBrokeOff if begun() else ModelError)(problem) from error
    except httpx.ReadTimeout as error:
        raise EngineUnreachable(f"Ollama at {host} has been silent for too long.", "ollama ps") from error
    except (httpx.HTTPError, ConnectionError) as error:
        if begun():
            raise ModelBrokeOff(f"Ollama at {host} went away in the middle.", "ollama serve") from error
        raise _unreachable(host) from error
    except (httpx.InvalidURL, ValueError) as error:  # not JSON, or not Ollama's
        raise _no_ollama(host) from error


def _look(host: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    """One small request, without the client: it takes a third of a second to import."""
    import httpx

    try:
        with httpx.Client(timeout=_timeout(host, LOOK_TIMEOUT), trust_env=not _is_local(host)) as client:
            answer = client.request(method, host + path, json=body).raise_for_status().json()
    except httpx.TransportError as error:
        raise _unreachable(host) from error
    except httpx.HTTPStatusError as error:
        behind = error.response.status_code in {502, 503, 504}  # a proxy that found nothing behind it
        raise (_unreachable if behind else _no_ollama)(host) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _no_ollama(host) from error
    if not isinstance(answer, dict):
        raise _no_ollama(host)
    return answer


def _unreachable(host: str) -> EngineUnreachable:
    return EngineUnreachable(f"No Ollama answers at {host}.", "ollama serve")


def _no_ollama(host: str) -> EngineUnreachable:
    return EngineUnreachable(f"What answers at {host} is not an Ollama.", "ollama serve")


def _client_options(host: str) -> dict[str, Any]:
    return {"host": host, "timeout": _timeout(host, ANSWER_TIMEOUT), "trust_env": not _is_local(host)}


def _is_local(host: str) -> bool:
    name = urlsplit(host).hostname or ""
    return name in {"localhost", "::1"} or name.startswith("127.")


def _timeout(host: str, silence: float) -> httpx.Timeout:
    import httpx

    return httpx.Timeout(silence, connect=0.25 if _is_local(host) else 1.0)


def _installed(tag: Mapping[str, Any], shown: Mapping[str, Any]) -> InstalledModel:
    details = tag.get("details") or {}
    family = str(details.get("family") or "")
    capabilities = shown.get("capabilities")  # since Ollama 0.6
    writes = "completion" in capabilities if capabilities else "bert" not in family
    has_template = str(shown.get("template") or "").strip() not in {"", "{{ .Prompt }}"}
    return InstalledModel(
        name=str(tag["name"]),
        size=int(tag.get("size") or 0),
        parameters=_billions(str(details.get("parameter_size") or "")),
        quantisation=str(details.get("quantization_level") or ""),
        family=family,
        digest=f"sha256:{str(tag.get('digest') or '').removeprefix('sha256:')}",
        chats=bool(writes and has_template and not _UNFIT_NAME.search(str(tag["name"]))),
        thinks="thinking" in (capabilities or ()),
    )


def _billions(size: str) -> float:
    found = _NUMBER.match(size)
    scale = {"K": 1e-6, "M": 1e-3, "B": 1.0, "T": 1e3}
    return float(found[1]) * scale[found[2].upper()] if found else 0.0


def _tokens(word: str) -> int:
    if not word.isascii():
        return 2 * len(word)
    if word.isdigit():
        return len(word) + 1
    return math.ceil(len(word) / (2 if word.isupper() else 5))


def _prompt_tokens(raw: Mapping[str, Any]) -> int | None:
    count = raw.get("prompt_eval_count")
    return int(count) if count is not None else None
