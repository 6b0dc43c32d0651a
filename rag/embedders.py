"""Text to vectors.

`embedder` gives the one that a setting names: `MiniLM` is shipped with Footnote and needs no network,
`OllamaEmbedder` asks an Ollama server. LlamaIndex's interface around the first is in
`rag.llama_embedding`, apart from here, because importing LlamaIndex takes more than a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import EmbedderError
from rag.minilm.embedder import MiniLM
from rag.ollama_embedder import OllamaEmbedder

__all__ = ["Embedder", "MiniLM", "OllamaEmbedder", "embedder"]


class Embedder(Protocol):
    """What turns texts into vectors whose dot product is the cosine of the texts."""

    @property
    def name(self) -> str:
        """The name in the settings, `minilm` or `ollama/NAME`."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    @property
    def window(self) -> int:
        """Most tokens of a text, special tokens included."""

    @property
    def digest(self) -> str:
        """Hash of the model; vectors of different digests must not be compared."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens included."""

    def embed(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of length 1, one row a text: float32 [texts, dimension].

        Args:
            texts: any number of texts, none longer than the window.
            progress: called now and then with the number of texts that are done.

        Raises:
            EmbedderError: a text is longer than the window, or the model cannot be used.
        """


def embedder(name: str, ollama_host: str) -> Embedder:
    """The embedder that a setting names; nothing is loaded or asked before it is used.

    Args:
        name: `minilm` or `ollama/NAME`.
        ollama_host: address of the Ollama server, with scheme and port.

    Raises:
        EmbedderError: no embedder has this name.
    """
    if name == MiniLM.name:
        return MiniLM()
    kind, _, model = name.partition("/")
    if kind == "ollama" and model:
        return OllamaEmbedder(model, ollama_host)
    raise EmbedderError(
        f"There is no embedder {name!r}; known are minilm and ollama/NAME.",
        "FOOTNOTE_EMBEDDER=minilm footnote doctor",
    )
