"""The passage index: one vector per passage, kept by Chroma beside the library.

Chroma holds vectors by the ids of their passages, which name the paper; the text stays in the library,
where it is true. Cosine space is set at creation because a later setting is ignored without a word.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag import soundness
from rag.database import no_room
from rag.errors import LibraryError
from rag.records import Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

COLLECTION = "passages"
_BATCH = 1000
_WAVE = 4
# Measured at 65,000 passages of real abstracts: against 200 and 200, building takes a quarter less, and of the
# 60 nearest to a title 98.7% are found instead of 98.5%. A collection keeps what it was made with.
_BUILD_WIDTH = 128
_SEARCH_WIDTH = 256
# Ways to rank only some papers, measured at 50,000: 500 one by one take as long as Chroma told 1,000 ids;
# a ranking of all is the fastest of the three while it is not longer than this.
_FEW = 500
_DEEPEST = 2000
_SPARE = 2  # so that chance rarely leaves a ranking of all without enough of the papers wanted
_clients = threading.Lock()  # a client that is being opened is looked up in what `_forget` empties
_WIDER = 4  # told ids, Chroma misses 1 hit in 500 of the last ones that it is asked for


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage found by its vector."""

    paper_id: str
    """The paper that it belongs to."""
    position: int
    """Its place among the passages of the paper."""
    cosine: float
    """Cosine of question and passage, -1 to 1."""


class PassageIndex:
    """Vectors of passages in a Chroma collection on disk.

    Args:
        folder: made when it is not there.
        look: whether to see first that the files are whole; a damaged one can end the process.

    Raises:
        LibraryError: from every method, when Chroma cannot use the folder.
    """

    def __init__(self, folder: Path, *, look: bool = True) -> None:
        self.folder = folder
        self._known: tuple[int, dict[str, list[str]]] | None = None
        if look and (problem := soundness.vectors(folder)):
            raise LibraryError(f"The passage index {folder} is damaged: {problem}.", "footnote reindex")
        with self._mapped():
            self._client = _client(folder)
            self._collection = self._open()

    def _open(self) -> Any:
        return self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={
                "hnsw": {"space": "cosine", "ef_search": _SEARCH_WIDTH, "ef_construction": _BUILD_WIDTH}
            },
        )

    def close(self) -> None:
        """Let go of the folder, so that another process or a new index can have it."""
        _forget()

    def count(self) -> int:
        """Number of passages held."""
        with self._mapped():
            return int(self._collection.count())

    def replace(self, passages: Sequence[Passage], vectors: np.ndarray) -> None:
        """Hold exactly these passages for the papers that they belong to.

        Args:
            passages: all passages of each paper among them.
            vectors: float32 (len(passages), dimension), rows of length 1.
        """
        self._known = None
        with self._mapped():
            self._delete_surplus(passages)
            for start in range(0, len(passages), _BATCH):
                batch = passages[start : start + _BATCH]
                self._collection.upsert(
                    ids=[p.id for p in batch],
                    embeddings=vectors[start : start + _BATCH],
                )

    def _delete_surplus(self, passages: Sequence[Passage]) -> None:
        """Remove passages that a changed paper no longer has."""
        keep = {p.id for p in passages}
        papers = sorted({p.paper_id for p in passages})
        surplus = [i for i in self._ids_of(papers) if i not in keep]
        if surplus:
            self._collection.delete(ids=surplus)

    def _held(self, papers: Sequence[str], include: list[str]) -> Iterator[dict[str, Any]]:
        """What Chroma holds for these papers, in batches.

        Passages are numbered from 0 without gaps, so a few are asked for at once, and more of those
        papers that have them all.
        """
        wave, first = list(papers), 0
        while wave:
            ids = [f"{paper}#{first + n}" for paper in wave for n in range(_WAVE)]
            found: set[str] = set()
            for start in range(0, len(ids), _BATCH):
                got = self._collection.get(ids=ids[start : start + _BATCH], include=include)
                found.update(got["ids"])
                yield got
            first += _WAVE
            wave = [paper for paper in wave if f"{paper}#{first - 1}" in found]

    def _ids_of(self, papers: Sequence[str]) -> list[str]:
        return [i for got in self._held(papers, []) for i in got["ids"]]

    def remove(self, papers: Sequence[str]) -> None:
        """Forget all passages of these papers."""
        self._known = None
        with self._mapped():
            if ids := self._ids_of(papers):
                self._collection.delete(ids=ids)

    def search(self, vector: np.ndarray, limit: int, within: Sequence[str] | None = None) -> list[Hit]:
        """Passages nearest to a vector, best first, equal ones by id.

        Of three ways to rank only some papers, the fastest is taken: few are compared one by one;
        many are taken from a longer ranking of all; what lies between, Chroma is told by id.

        Args:
            vector: float32 (dimension,), of length 1.
            limit: most passages returned.
            within: when given, only passages of these papers are ranked.
        """
        if within is None:
            return self._nearest(vector, limit)
        if len(within) <= _FEW:
            return self._one_by_one(vector, limit, within)
        hits = self._among_all(vector, limit, set(within))
        return self._among_ids(vector, limit, within) if hits is None else hits

    def _nearest(self, vector: np.ndarray, limit: int, ids: list[str] | None = None) -> list[Hit]:
        with self._mapped():
            # Fewer come back where there are fewer; asking for the number first would take longer.
            found = self._collection.query(
                query_embeddings=[vector], n_results=limit, include=["distances"], ids=ids
            )
        hits = [_hit(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]
        return sorted(hits, key=lambda hit: (-hit.cosine, hit.paper_id, hit.position))

    def _one_by_one(self, vector: np.ndarray, limit: int, papers: Sequence[str]) -> list[Hit]:
        hits = [
            Hit(paper, position, float(cosine))
            for paper, rows in self.vectors(papers).items()
            for position, cosine in enumerate(rows @ vector)
        ]
        return sorted(hits, key=lambda hit: (-hit.cosine, hit.paper_id, hit.position))[:limit]

    def _among_all(self, vector: np.ndarray, limit: int, papers: set[str]) -> list[Hit] | None:
        """The first hits of these papers in a ranking of all; None when a long one would not hold enough."""
        depth = _SPARE * limit * self.count() // len(papers)
        if depth > _DEEPEST:
            return None
        hits = [hit for hit in self._nearest(vector, depth) if hit.paper_id in papers][:limit]
        return hits if len(hits) == limit else None

    def _among_ids(self, vector: np.ndarray, limit: int, papers: Sequence[str]) -> list[Hit]:
        """Hits of a search that Chroma restricts to ids, of which it must hold every one."""
        for attempt in ("as remembered", "anew"):
            held = self._ids_by_paper(anew=attempt == "anew")
            ids = [i for paper in papers for i in held.get(paper, ())]
            try:
                return self._nearest(vector, _WIDER * limit, ids)[:limit]
            except LibraryError as error:
                if attempt == "anew" or "finding id" not in str(error):
                    raise
        raise AssertionError("the second attempt returns or raises")

    def _ids_by_paper(self, *, anew: bool) -> dict[str, list[str]]:
        """Ids of all passages by paper, remembered until their number changes."""
        known = self._known
        if anew or known is None or known[0] != self.count():
            with self._mapped():
                ids: list[str] = self._collection.get(include=[])["ids"]
            by_paper: dict[str, list[str]] = {}
            for passage in ids:
                by_paper.setdefault(_place(passage)[0], []).append(passage)
            self._known = known = (len(ids), by_paper)
        return known[1]

    def vectors(self, papers: Sequence[str]) -> dict[str, np.ndarray]:
        """Vectors of the passages of each paper that is held, float32 (passages, dimension)."""
        with self._mapped():
            rows: dict[str, np.ndarray] = {}
            for got in self._held(papers, ["embeddings"]):
                rows.update(zip(got["ids"], np.asarray(got["embeddings"], dtype=np.float32), strict=True))
        grouped: dict[str, list[np.ndarray]] = {}
        for key in sorted(rows, key=_place):
            grouped.setdefault(_place(key)[0], []).append(rows[key])
        return {paper: np.stack(group) for paper, group in grouped.items()}

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError, ValueError, RuntimeError, AttributeError) as error:
            # AttributeError: what a client whose start failed says of its missing parts
            raise no_room(self.folder, str(error)) or LibraryError(
                f"The passage index {self.folder} cannot be used: {error}.", "footnote reindex"
            ) from error


def erase(folder: Path) -> None:
    """Delete a passage index, damaged or not, so that it can be rebuilt."""
    _forget()
    if folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _client(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    with _clients:
        return chromadb.PersistentClient(
            path=str(folder), settings=Settings(anonymized_telemetry=False, allow_reset=False)
        )


def _forget() -> None:
    """Have Chroma open a folder anew at the next use. What is open goes on, that of other libraries too."""
    from chromadb.api.shared_system_client import SharedSystemClient

    with _clients:
        SharedSystemClient.clear_system_cache()


def _hit(passage_id: str, cosine: float) -> Hit:
    paper, position = _place(passage_id)
    return Hit(paper, position, cosine)


def _place(passage_id: str) -> tuple[str, int]:
    paper, _, position = passage_id.rpartition("#")
    return paper, int(position)
