"""What LlamaIndex and Chroma give out of the box: default splitter, default settings, the same embedder.

The embedder's texts are cut at 256 tokens, as this model's usual package (sentence-transformers)
does; Footnote's own embedder would refuse a text that is too long. A paper is as good as its best chunk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document as LlamaDocument

from eval.systems import DEPTH, Found, System, cut
from rag.llama_embedding import MiniLMEmbedding
from rag.records import Paper

WINDOW = 256
"""Tokens after which a text is cut."""
_BATCH = 256
_CHUNKS_PER_PAPER = 2


class CutEmbedding(MiniLMEmbedding):
    """The same embedder with the silent cut that it has elsewhere."""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return super()._get_text_embeddings([cut(text, self._minilm.count_tokens, WINDOW) for text in texts])


def build(papers: Sequence[Paper], folder: Path, progress: Callable[[int, int], None]) -> System:
    """LlamaIndex's vector index over the papers; what an earlier call indexed is kept.

    Chunks have fixed ids, so that a batch that a crash interrupted is simply added again.
    """
    index = _index(folder)
    marks = folder / "done"
    done = int(marks.read_text()) if marks.exists() else 0
    splitter = SentenceSplitter(id_func=lambda number, document: f"{document.id_}#{number}")
    for start in range(done, len(papers), _BATCH):
        batch = papers[start : start + _BATCH]
        documents = [LlamaDocument(text=f"{p.title}\n{p.abstract}", id_=p.id) for p in batch]
        index.insert_nodes(splitter.get_nodes_from_documents(documents))
        marks.write_text(str(start + len(batch)))
        progress(start + len(batch), len(papers))
    return _system(index)


def _index(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings
    from llama_index.core import VectorStoreIndex
    from llama_index.vector_stores.chroma import ChromaVectorStore

    folder.mkdir(parents=True, exist_ok=True)
    client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    store = ChromaVectorStore(
        chroma_collection=client.get_or_create_collection("papers", embedding_function=None)
    )
    return VectorStoreIndex.from_vector_store(store, embed_model=CutEmbedding())


def _system(index: Any) -> System:
    retriever = index.as_retriever(similarity_top_k=DEPTH * _CHUNKS_PER_PAPER)

    def search(query: str) -> Found:
        start = time.perf_counter()
        best: dict[str, float] = {}
        for hit in retriever.retrieve(query):
            best.setdefault(hit.node.ref_doc_id, float(hit.score))
        return Found(list(best.items())[:DEPTH], {"total": time.perf_counter() - start})

    return search
