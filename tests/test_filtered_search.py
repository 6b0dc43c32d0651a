"""Ranking only some papers equals ranking all and dropping the others, whichever way is taken.

Words and vectors compared one by one are exact. Through Chroma's graph one hit in a hundred may be
missed of random vectors, which are the hardest; a ranking without conditions misses the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from rag import index, lexical
from rag.index import Hit, PassageIndex
from rag.lexical import WordIndex
from rag.records import Paper, Passage

PAPERS, WIDTH, LIMIT = 3000, 64, 50


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Two passages a paper, random directions."""
    rows = np.random.default_rng(3).normal(size=(2 * PAPERS, WIDTH)).astype(np.float32)
    unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.fixture(scope="module")
def passages(vectors: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PassageIndex]:
    held = PassageIndex(tmp_path_factory.mktemp("many") / "chroma")
    held.replace([Passage(f"doi:{n // 2}", n % 2, "") for n in range(2 * PAPERS)], vectors)
    yield held
    held.close()


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    random = np.random.default_rng(4)
    texts = [" ".join(f"word{n}" for n in random.zipf(1.4, 40) if n < 2000) for _ in range(PAPERS)]
    held = WordIndex(tmp_path_factory.mktemp("many") / "words")
    held.upsert([Paper(f"doi:{n}", f"Paper {n}", text) for n, text in enumerate(texts)])
    return held


def _some(share: float) -> list[str]:
    chosen = np.random.default_rng(5).permutation(PAPERS)[: int(share * PAPERS)]
    return [f"doi:{n}" for n in sorted(chosen)]


def _found(hits: list[Hit], vectors: np.ndarray, query: np.ndarray, within: list[str]) -> float:
    """Share of the best passages of these papers that the hits hold; all of them wanted and in order."""
    rows = np.array([2 * int(paper[4:]) + part for paper in within for part in (0, 1)])
    best = rows[np.argsort(-(vectors[rows] @ query))[:LIMIT]]
    places = [2 * int(hit.paper_id[4:]) + hit.position for hit in hits]
    cosines = vectors[places] @ query
    assert set(places) <= set(rows.tolist())
    assert len(set(places)) == len(best)
    assert np.all(np.diff(cosines) <= 1e-5)
    assert np.allclose(cosines, [hit.cosine for hit in hits], atol=1e-5)
    return len(set(places) & set(best.tolist())) / len(best)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("way", ["chosen", "one by one", "from a ranking of all", "told by id"])
def test_hits_among_some_papers_are_those_of_comparing_each_of_them(
    passages: PassageIndex, vectors: np.ndarray, way: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"one by one": PAPERS, "chosen": index._FEW}.get(way, 0)
    monkeypatch.setattr(index, "_FEW", few)
    monkeypatch.setattr(index, "_DEEPEST", {"from a ranking of all": 10**6, "told by id": 0}.get(way, 2000))
    within = _some(share)
    found = []
    for query in np.random.default_rng(6).normal(size=(8, WIDTH)).astype(np.float32):
        unit = query / np.linalg.norm(query)
        found.append(_found(passages.search(unit, LIMIT, within), vectors, unit, within))
    assert np.mean(found) >= (1.0 if len(within) <= few else 0.98)


def test_papers_far_from_the_question_are_found_when_only_they_are_wanted(
    passages: PassageIndex, vectors: np.ndarray
) -> None:
    """A ranking of all does not hold them; Chroma is then told which."""
    query = vectors[0]
    order = np.argsort(-(vectors.reshape(PAPERS, 2, WIDTH) @ query).max(axis=1))
    within = [f"doi:{n}" for n in sorted(order[PAPERS // 2 :])]
    assert _found(passages.search(query, LIMIT, within), vectors, query, within) >= 0.96


def test_papers_without_passages_disturb_nobody(passages: PassageIndex, vectors: np.ndarray) -> None:
    within = [*_some(0.3), *(f"lost:{n}" for n in range(40))]
    assert len(passages.search(vectors[0], LIMIT, within)) == LIMIT
    assert passages.search(vectors[0], LIMIT, [f"lost:{n}" for n in range(1000)]) == []
    assert passages.search(vectors[0], LIMIT, []) == []


def test_ids_are_learned_anew_when_another_process_has_changed_them(
    passages: PassageIndex, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_FEW", 0)
    monkeypatch.setattr(index, "_DEEPEST", 0)
    passages._known = (passages.count(), {"doi:1": ["doi:1#0", "doi:1#1", "doi:1#7"]})
    assert {h.position for h in passages.search(vectors[2], LIMIT, ["doi:1"])} == {0, 1}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("way", ["chosen", "from a ranking of all", "told by id"])
@pytest.mark.parametrize("question", ["word1 word2 word3", "word40 word2 word900", "word1500", "nothing"])
def test_words_among_some_papers_rank_as_among_all(
    words: WordIndex, question: str, way: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "_DEEPEST", {"from a ranking of all": 10**6, "told by id": 0}.get(way, 5000))
    within = _some(share)
    everything = dict(words.search(question, PAPERS))
    found = words.search(question, LIMIT, within)
    wanted = sorted((everything[p] for p in within if p in everything), reverse=True)[:LIMIT]
    assert [score for _, score in found] == pytest.approx(wanted)
    assert all(everything[paper] == pytest.approx(score) for paper, score in found)
    assert {paper for paper, _ in found} <= set(within)


def test_the_same_search_gives_the_same_hits(passages: PassageIndex, vectors: np.ndarray) -> None:
    for share in (0.1, 0.3, 0.9):
        once = passages.search(vectors[5], LIMIT, _some(share))
        assert passages.search(vectors[5], LIMIT, _some(share)) == once
