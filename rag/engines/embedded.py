"""llama.cpp inside this process, through xllamacpp: no server to install, nothing to start."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import weights
from rag.engines import BRIEF, LIKELIEST, SEED, Chunk, Message, ensure_fits, too_long
from rag.errors import ModelBrokeOff, ModelError, ModelMissing

if TYPE_CHECKING:
    import httpx

_Events = queue.SimpleQueue[dict[str, Any] | None]

SLOTS = 2
"""Answers written at the same time; more wait."""
BATCH = 32
"""Prompt tokens read between two looks at `stop`: as fast as 512 on a CPU, and stops in half a second."""
PROMPT_CACHE_MIB = 256
"""Memory for prompts that left their slot and may come back."""


class EmbeddedChat:
    """A model of the catalogue, run in this process. It is loaded when first needed."""

    engine = "embedded llama.cpp"

    def __init__(self, name: str, folder: Path, *, context: int, threads: int = 0) -> None:
        """Prepare; nothing is read yet.

        Args:
            name: the catalogue's name of the model.
            folder: where the weights are kept.
            context: tokens that one prompt and its answer share.
            threads: of the processor; 0 for one on every core. llama.cpp's threads wait for each other
                busily, so on a processor that others keep busy one thread can be the faster choice.

        Raises:
            ModelMissing: the weights are not in the folder.
        """
        self._weights = weights.find(name)
        self._path = weights.path_of(name, folder)
        self.name = name
        self.digest = f"sha256:{self._weights.sha256}"
        self.context = context
        self._threads = threads
        self._loading = threading.Lock()
        self._running: tuple[Any, httpx.Client] | None = None  # xllamacpp has no types
        self._closed = threading.Event()
        if self._weights not in weights.installed(folder):
            raise ModelMissing(f"The weights of {name} are not in {folder}.", f"footnote models fetch {name}")

    def load(self) -> None:
        """Load the model unless that is done; a few seconds for a gigabyte.

        Raises:
            ModelError: the file cannot be loaded, or the model was closed.
        """
        self._loaded()

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        """See `ChatModel.stream`."""
        ensure_fits(self, messages, max_tokens)
        gone = threading.Event()
        events: _Events = queue.SimpleQueue()
        answer = (self._loaded()[0], _payload(messages, max_tokens), events, (gone, stop))
        threading.Thread(target=self._write, args=answer, name="footnote-writer").start()
        try:
            yield from self._chunks(events, max_tokens, stop)
        finally:
            gone.set()

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, counted by the model's own tokenizer; loads the model."""
        import httpx

        client = self._loaded()[1]
        try:
            return len(client.post("/tokenize", json={"content": text}).json()["tokens"])
        except (httpx.HTTPError, RuntimeError) as error:  # the connection was closed under it
            raise ModelError(f"The model {self.name} was closed.") from error

    def warm_up(self, messages: Sequence[Message]) -> None:
        """See `ChatModel.warm_up`."""
        try:
            for _ in self.stream(messages, max_tokens=1, stop=threading.Event()):
                pass
        except ModelError:
            return  # the first question meets the same problem and shows it

    def close(self) -> None:
        """See `ChatModel.close`. The memory is free when the answers under way have noticed."""
        self._closed.set()
        with self._loading:
            if self._running is not None:
                self._running[1].close()
            self._running = None

    def _loaded(self) -> tuple[Any, httpx.Client]:
        with self._loading:
            if self._closed.is_set():
                raise ModelError(f"The model {self.name} was closed.")
            if self._running is None:
                self._running = self._open()
            return self._running

    def _open(self) -> tuple[Any, httpx.Client]:
        import httpx

        key = secrets.token_urlsafe(24)
        try:
            server = _server(self._path, self.context, self._threads, key)
        except RuntimeError as error:
            problem = f"{self._path} cannot be loaded: it is damaged, or the memory is too small."
            raise ModelError(problem, f"footnote models verify {self.name}") from error
        headers = {"Authorization": f"Bearer {key}"}
        return server, httpx.Client(base_url=server.listening_address, headers=headers, trust_env=False)

    def _write(
        self, server: Any, payload: dict[str, Any], events: _Events, ends: tuple[threading.Event, ...]
    ) -> None:
        """Run one answer to its end; the engine calls back for every token and every batch of prompt."""

        def hear(event: dict[str, Any]) -> bool:
            events.put(event)
            leaving = not threading.main_thread().is_alive()  # the program is on its way out
            return leaving or self._closed.is_set() or any(end.is_set() for end in ends)

        try:
            server.handle_chat_completions(payload, hear)
        except RuntimeError as error:
            events.put({"error": {"message": str(error)}})
        finally:
            events.put(None)

    def _chunks(self, events: _Events, max_tokens: int, stop: threading.Event) -> Iterator[Chunk]:
        while not stop.is_set():
            try:
                event = events.get(timeout=0.05)
            except queue.Empty:
                continue
            if event is None:
                raise ModelBrokeOff(f"The model {self.name} stopped in the middle of its answer.")
            if "error" in event:
                raise self._refusal(event["error"], max_tokens)
            if "usage" in event:
                yield Chunk("", int(event["usage"]["prompt_tokens"]))
                return
            text = "".join(choice["delta"].get("content") or "" for choice in event["choices"])
            if text:
                yield Chunk(text, beginnings=_beginnings(event["choices"]))

    def _refusal(self, error: dict[str, Any], max_tokens: int) -> ModelError:
        if error.get("type") == "exceed_context_size_error":
            return too_long(int(error["n_prompt_tokens"]), max_tokens, self.context)
        return ModelError(f"The model {self.name} refused: {error.get('message')}.")


def _beginnings(choices: Sequence[dict[str, Any]]) -> tuple[tuple[str, float], ...]:
    weighed = [choice["logprobs"]["content"][0] for choice in choices if choice.get("logprobs")]
    return tuple((t["token"], float(t["logprob"])) for first in weighed for t in first["top_logprobs"])


def _payload(messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
    weighed = {"logprobs": True, "top_logprobs": LIKELIEST} if max_tokens <= BRIEF else {}
    return weighed | {
        "messages": [{"role": m.role, "content": m.content} for m in messages],
        "max_tokens": max_tokens,
        "temperature": 0,
        "seed": SEED,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,  # so that `stop` is looked at while the prompt is read
    }


def _server(path: Path, context: int, threads: int, key: str) -> Any:
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path = str(path)
    p.n_parallel = SLOTS
    p.n_ctx = SLOTS * context  # it is shared out among the slots
    p.n_batch = BATCH
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = threads or -1  # -1: physical cores
    p.cache_ram_mib = PROMPT_CACHE_MIB
    p.fit_params = False  # it would shrink the context instead of saying that memory is short
    p.verbosity = 0  # nothing on the user's terminal
    p.hostnames = ["127.0.0.1"]  # the engine insists on a port of its own
    p.api_keys = [key]
    p.ui = False
    p.endpoint_slots = False
    return xllamacpp.Server(p)
