"""Embeddings in LlamaIndex's own interface.

`MiniLMEmbedding` is Footnote's embedder for anything built with LlamaIndex. `WholeTextOllama` is
LlamaIndex's Ollama embedding made strict; `rag.ollama_embedder.OllamaEmbedder` runs on it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.embeddings.ollama import OllamaEmbedding

from rag.minilm.embedder import MiniLM


class MiniLMEmbedding(BaseEmbedding):
    """all-MiniLM-L6-v2 in int8 as a LlamaIndex embedding: lists of 384 numbers, length 1.

    Every method raises EmbedderError for a text of more than 512 tokens; nothing is cut.

    Args:
        minilm: the embedder to use; one over the shipped files when not given.
        embed_batch_size: texts that LlamaIndex hands over at once.
    """

    _minilm: MiniLM = PrivateAttr()

    def __init__(self, minilm: MiniLM | None = None, embed_batch_size: int = 256, **fields: Any) -> None:
        fields.setdefault("model_name", "all-MiniLM-L6-v2-int8")
        super().__init__(embed_batch_size=embed_batch_size, **fields)
        self._minilm = minilm or MiniLM()

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex stores it."""
        return "MiniLMEmbedding"

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._minilm.embed(texts).tolist()
        return rows

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await self._aget_text_embedding(query)


class WholeTextOllama(OllamaEmbedding):
    """LlamaIndex's Ollama embedding, with a refusal instead of a silent cut for a text that is too long.

    Args:
        model: the model's name on the server.
        host: the server's address, with scheme and port.
        window: tokens that the server makes room for.
        timeout: seconds to wait for one answer.
    """

    def __init__(self, model: str, host: str, window: int, timeout: float) -> None:
        super().__init__(
            model_name=model,
            base_url=host,
            ollama_additional_kwargs={"num_ctx": window},
            client_kwargs={"timeout": timeout, "limits": httpx.Limits(max_keepalive_connections=0)},
        )

    def get_general_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        """Vectors as the server gives them, one a text.

        Raises:
            ollama.ResponseError: among others when a text is longer than the model's window.
        """
        answer = self._client.embed(
            model=self.model_name,
            input=texts,
            truncate=False,
            options=self.ollama_additional_kwargs,
            keep_alive=self.keep_alive,
        )
        return [list(row) for row in answer.embeddings]
