"""Embedding models that an Ollama server runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.errors import EmbedderError
from rag.minilm.embedder import MiniLM

if TYPE_CHECKING:
    from ollama import Client

    from rag.llama_embedding import WholeTextOllama

BATCH = 32
"""Texts sent in one request."""
WINDOW = 2048
"""Most tokens that the server is asked to make room for; the longest abstracts have fewer."""
TIMEOUT = 300.0
"""Seconds to wait for one batch, including the loading of the model."""


class OllamaEmbedder:
    """An embedding model that an Ollama server runs.

    Args:
        model: the model's name on the server.
        host: the server's address, with scheme and port.
    """

    def __init__(self, model: str, host: str) -> None:
        self.model = model
        self.host = host

    @property
    def name(self) -> str:
        """`ollama/NAME`."""
        return f"ollama/{self.model}"

    @cached_property
    def dimension(self) -> int:
        """Numbers in a vector, found by embedding a word."""
        return int(self.embed(["dimension"]).shape[1])

    @cached_property
    def window(self) -> int:
        """What the server says that the model reads, but at most 2048 tokens."""
        with self._mapped_errors():
            facts = self._client.show(self.model).modelinfo or {}
        lengths = [int(value) for key, value in facts.items() if key.endswith(".context_length")]
        return min([*lengths, WINDOW])

    @cached_property
    def digest(self) -> str:
        """The server's SHA-256 of the model."""
        with self._mapped_errors():
            models = self._client.list().models
        for model in models:
            if model.model in {self.model, f"{self.model}:latest"} and model.digest:
                return model.digest
        raise self._missing()

    def count_tokens(self, text: str) -> int:
        """Tokens as MiniLM counts them: exact for models with BERT's vocabulary, else an estimate.

        Ollama has no way to ask. A text that is too long all the same is refused by `embed`, and so is
        one without any token, which the empty text is to some models.
        """
        return self._counter.count_tokens(text)

    def embed(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors, float32 [texts, dimension]; see `Embedder.embed`."""
        rows: list[Sequence[float]] = []
        for start in range(0, len(texts), BATCH):
            with self._mapped_errors():
                rows += self._embedding.get_general_text_embeddings(list(texts[start : start + BATCH]))
            if progress:
                progress(len(rows))
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._unit_vectors(rows, len(texts))

    def _unit_vectors(self, rows: Sequence[Sequence[float]], expected: int) -> NDArray[np.float32]:
        if len(rows) != expected or len({len(row) for row in rows}) != 1:
            raise EmbedderError(f"{self.name} gave {len(rows)} vectors for {expected} texts.")
        vectors = np.array(rows, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths) & (lengths > 0)):
            raise EmbedderError(f"{self.name} gave a vector that has no direction.")
        unit: NDArray[np.float32] = vectors / lengths
        return unit

    @cached_property
    def _counter(self) -> MiniLM:
        return MiniLM()

    @cached_property
    def _client(self) -> Client:
        import httpx
        from ollama import Client

        alone = httpx.Limits(max_keepalive_connections=0)  # nobody says when to close the others
        return Client(host=self.host, timeout=TIMEOUT, limits=alone)

    @cached_property
    def _embedding(self) -> WholeTextOllama:
        from rag.llama_embedding import WholeTextOllama

        return WholeTextOllama(self.model, self.host, self.window, TIMEOUT)

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        """Everything that the client raises, as an EmbedderError."""
        import httpx
        import ollama

        try:
            yield
        except ollama.ResponseError as error:
            if error.status_code == 404:
                raise self._missing() from error
            refusal = f"Ollama at {self.host} refused {self.model!r} with status {error.status_code}"
            raise EmbedderError(f"{refusal}: {str(error.error)[:200]}.") from error  # not always text
        except UnicodeError as error:
            raise EmbedderError(f"A text cannot be written as UTF-8: {error}.") from error
        except (ConnectionError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise EmbedderError(f"Ollama does not answer at {self.host}: {error}.", "ollama serve") from error

    def _missing(self) -> EmbedderError:
        problem = f"Ollama at {self.host} has no model {self.model!r}."
        return EmbedderError(problem, f"ollama pull {self.model}")
