"""The shipped embedder: all-MiniLM-L6-v2 on onnxruntime."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import minilm
from rag.errors import EmbedderError
from rag.minilm.tokens import Pieces

MIN_COSINE = 0.98
"""Least cosine with a reference vector.

A sound machine gives 0.982 for the empty text and 0.987 or more for the others; a processor whose
8-bit products overflow gives 0.973.
"""
MAX_THREADS = 8
"""Most texts embedded at the same time; each keeps one core busy."""
STRIDE = 64
"""Texts between two reports of progress."""
KEPT = 2048
"""Texts whose tokens are kept: those of some batches of papers, in a few megabytes."""


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights, one text at a time on each thread, without padding.

    Safe to use from several threads. A text gets the same vector alone and among others.

    Args:
        folder: where the files are that `python -m rag.minilm.build` writes.
        threads: how many texts to embed at the same time; as many as there are cores, up to 8,
            when not given.
    """

    name = "minilm"

    def __init__(self, folder: Path = minilm.FOLDER, threads: int | None = None) -> None:
        self.folder = folder
        self.threads = threads or min(os.cpu_count() or 1, MAX_THREADS)
        self.model_seconds = 0.0
        """Processor seconds that the network took so far, tokenising apart."""
        self._adding = threading.Lock()

    @property
    def dimension(self) -> int:
        """384."""
        return int(self._manifest["dimension"])

    @property
    def window(self) -> int:
        """512 tokens, of which two are special ones."""
        return int(self._manifest["window"])

    @property
    def digest(self) -> str:
        """SHA-256 over graph, weights and tokenizer."""
        return str(self._manifest["digest"])

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, `[CLS]` and `[SEP]` included.

        Raises:
            EmbedderError: the text holds half a surrogate pair, or the tokenizer's file is damaged.
        """
        return len(self._token_ids(text))

    def embed(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors, float32 [texts, 384]; see `Embedder.embed`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(texts), STRIDE):
                part = texts[start : start + STRIDE]
                left = enumerate(part, start)  # a task a thread: one a text would take as long as its tokens
                ends = [pool.submit(self._fill, vectors, left) for _ in part[: self.threads]]
                for end in ends:
                    end.result()
                if progress:
                    progress(start + len(part))
        return vectors

    def _fill(self, vectors: NDArray[np.float32], left: Iterable[tuple[int, str]]) -> None:
        """Embed texts until none is left; several threads take theirs from the same ones."""
        for row, text in left:
            vectors[row] = self._run(self._session, text)

    def check(self) -> float:
        """Compare with the vectors that the unquantised model gives.

        Returns:
            The least cosine over the reference texts.

        Raises:
            EmbedderError: a file is missing or not the one that was built, or a cosine is under 0.98.
        """
        found = self.embed([reference["text"] for reference in self._references])
        expected = np.array([reference["vector"] for reference in self._references], dtype=np.float32)
        least = float((found * expected).sum(axis=1).min())
        if least < MIN_COSINE or not np.isfinite(least):
            raise EmbedderError(
                f"minilm does not reproduce its reference vectors on this machine: cosine {least:.3f}, "
                f"expected {MIN_COSINE} or more.",
                "pip install --force-reinstall onnxruntime",
            )
        return least

    def forget(self) -> None:
        """Keep the tokens of no earlier text, so that the next one takes what a new one takes."""
        self.__dict__.pop("_encoded", None)

    def _run(self, session: Any, text: str) -> NDArray[np.float32]:
        ids = self._token_ids(text)
        if len(ids) > self.window:
            raise EmbedderError(
                f"A text of {len(ids)} tokens is longer than the {self.window} that minilm reads: {text[:60]!r}…"
            )
        began = time.thread_time()
        output = session.run(None, {"input_ids": ids[np.newaxis]})
        with self._adding:
            self.model_seconds += time.thread_time() - began
        vector: NDArray[np.float32] = output[0][0]
        return vector

    def _token_ids(self, text: str) -> NDArray[np.int64]:
        """Those of the last texts are kept: a passage is counted before it is embedded."""
        return self._encoded(text)

    @cached_property
    def _encoded(self) -> Callable[[str], NDArray[np.int64]]:
        return lru_cache(maxsize=KEPT)(self._encode)

    def _encode(self, text: str) -> NDArray[np.int64]:
        try:
            return self._pieces.ids(text)
        except TypeError as error:  # what tokenizers says of a string that UTF-8 cannot hold
            raise EmbedderError(f"The text {text[:60]!r} cannot be written as UTF-8.") from error

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        path = self.folder / minilm.MANIFEST
        try:
            manifest: Mapping[str, Any] = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _damaged(path, str(error)) from error
        return manifest

    @cached_property
    def _pieces(self) -> Pieces:
        from tokenizers import Tokenizer

        return Pieces(Tokenizer.from_str(self._read(minilm.TOKENIZER).decode()))

    @cached_property
    def _session(self) -> Any:
        """The network, in exact arithmetic only where the fast one overflows.

        x86 processors without VNNI add 8-bit products up in 16 bits, which is too few. What they make of
        the empty text gives them away; being exact everywhere would cost a third of the speed.
        """
        fast = self._opened(exact=False)
        probe = min(self._references, key=lambda reference: len(reference["text"]))
        overflows = self._run(fast, probe["text"]) @ np.array(probe["vector"]) < MIN_COSINE
        return self._opened(exact=True) if overflows else fast

    def _opened(self, exact: bool) -> Any:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1  # the cores are busy with other texts
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.x64quantprecision", "1" if exact else "0")
        return InferenceSession(
            self._verified(minilm.MODEL),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],  # 13% slower in versions that apply it
        )

    @cached_property
    def _references(self) -> list[dict[str, Any]]:
        references: list[dict[str, Any]] = json.loads(self._read(minilm.REFERENCE))["references"]
        return references

    def _read(self, name: str) -> bytes:
        return self._verified(name).read_bytes()

    def _verified(self, name: str) -> Path:
        """Path of a shipped file after its hash was compared, which takes 20 ms for the largest."""
        path = self.folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _damaged(path, str(error)) from error
        if found != self._manifest["outputs"][name]["sha256"]:
            raise _damaged(path, "it is not the file that was built")
        return path


def _damaged(path: Path, why: str) -> EmbedderError:
    problem = f"The embedding model's file {path} cannot be used: {why}."
    return EmbedderError(problem, "python -m rag.minilm.build")
