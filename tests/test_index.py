"""The passage index holds one vector a passage, in a real Chroma on disk."""

from collections.abc import Iterator
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from rag.errors import LibraryError
from rag.index import COLLECTION, Hit, PassageIndex, erase
from rag.records import Passage

ROOT = Path(__file__).resolve().parent.parent
DIMENSION = 16


def directions(number: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(number, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def passages(paper: str, number: int) -> list[Passage]:
    return [Passage(paper, n, f"text {n}") for n in range(number)]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageIndex]:
    index = PassageIndex(tmp_path / "chroma")
    yield index
    index.close()


@pytest.fixture
def filled(index: PassageIndex) -> PassageIndex:
    """Papers a (three passages), b (two) and c (one)."""
    index.replace([*passages("a", 3), *passages("b", 2), *passages("c", 1)], directions(6))
    return index


def test_a_passage_is_nearest_to_its_own_vector(filled: PassageIndex) -> None:
    owners = [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1), ("c", 0)]
    for row, (paper, position) in zip(directions(6), owners, strict=True):
        best = filled.search(row, 1)[0]
        assert (best.paper_id, best.position) == (paper, position)
        assert best.cosine == pytest.approx(1.0, abs=1e-5)


def test_the_ranking_is_that_of_exact_cosines(filled: PassageIndex) -> None:
    question = directions(1, seed=7)[0]
    hits = filled.search(question, 6)
    expected = sorted(map(float, directions(6) @ question), reverse=True)
    assert [hit.cosine for hit in hits] == pytest.approx(expected, abs=1e-5)
    assert filled.search(question, 2) == hits[:2]


def test_cosine_does_not_depend_on_the_length_of_the_question(filled: PassageIndex) -> None:
    row = directions(6)[3]
    assert filled.search(row * 5, 1)[0].cosine == pytest.approx(1.0, abs=1e-5)


def test_within_papers_the_ranking_is_the_same_with_the_others_left_out(filled: PassageIndex) -> None:
    question = directions(1, seed=7)[0]
    expected = [hit for hit in filled.search(question, 6) if hit.paper_id in {"a", "c"}]
    inside = filled.search(question, 6, within=["c", "a", "gone"])
    assert [(h.paper_id, h.position) for h in inside] == [(h.paper_id, h.position) for h in expected]
    assert [h.cosine for h in inside] == pytest.approx([h.cosine for h in expected], abs=1e-5)
    assert filled.search(question, 1, within=["b"]) == filled.search(question, 6, within=["b"])[:1]


def test_equal_passages_stand_in_the_order_of_their_papers(index: PassageIndex) -> None:
    same = np.repeat(directions(1), 3, axis=0)
    index.replace([Passage(paper, 0, "") for paper in ("c", "a", "b")], same)
    assert [hit.paper_id for hit in index.search(same[0], 3)] == ["a", "b", "c"]
    assert [hit.paper_id for hit in index.search(same[0], 2, within=["c", "b", "a"])] == ["a", "b"]


def test_a_limit_over_what_is_held_gives_all(filled: PassageIndex) -> None:
    assert len(filled.search(directions(1)[0], 500)) == 6


def test_an_empty_index_finds_nothing(index: PassageIndex) -> None:
    row = directions(1)[0]
    assert index.count() == 0
    assert index.search(row, 5) == []
    assert index.search(row, 5, within=["a"]) == []
    assert index.vectors(["a"]) == {}
    index.remove(["a"])
    index.replace([], directions(0))


def test_no_paper_allowed_finds_nothing(filled: PassageIndex) -> None:
    assert filled.search(directions(1)[0], 5, within=[]) == []


def test_vectors_come_back_as_they_went_in_in_order(filled: PassageIndex) -> None:
    held = filled.vectors(["b", "a", "gone"])
    assert held.keys() == {"a", "b"}
    assert np.allclose(held["a"], directions(6)[:3], atol=1e-6)
    assert np.allclose(held["b"], directions(6)[3:5], atol=1e-6)
    assert held["a"].dtype == np.float32


@pytest.mark.parametrize("before", [2, 4, 5, 40], ids=lambda n: f"{n} passages")
@pytest.mark.parametrize("after", [1, 2, 7], ids=lambda n: f"then {n}")
def test_a_replaced_paper_has_its_new_passages_and_no_other(
    index: PassageIndex, before: int, after: int
) -> None:
    index.replace([*passages("a", before), *passages("b", 1)], directions(before + 1))
    new = directions(after, seed=1)
    index.replace(passages("a", after), new)
    assert index.count() == after + 1
    assert np.allclose(index.vectors(["a"])["a"], new, atol=1e-6)


def test_replacing_again_changes_nothing(filled: PassageIndex) -> None:
    filled.replace([*passages("a", 3)], directions(6)[:3])
    assert filled.count() == 6


@pytest.mark.parametrize("number", [1, 40], ids=["short paper", "long paper"])
def test_a_removed_paper_leaves_nothing(index: PassageIndex, number: int) -> None:
    index.replace([*passages("a", number), *passages("b", 1)], directions(number + 1))
    index.remove(["a", "gone"])
    assert index.count() == 1
    assert index.vectors(["a", "b"]).keys() == {"b"}


def test_a_paper_id_may_hold_any_sign(index: PassageIndex) -> None:
    papers = ["doi:10.1/a#b", "doi:10.1/a", "title:ünï \"x\" 'y'"]
    index.replace([Passage(paper, 0, "") for paper in papers], directions(3))
    assert index.vectors(papers).keys() == set(papers)
    assert index.search(directions(3)[0], 1)[0].paper_id == "doi:10.1/a#b"
    index.remove(["doi:10.1/a"])
    assert index.count() == 2


def test_more_passages_than_a_batch_are_held_and_found(index: PassageIndex) -> None:
    rows = directions(2300)
    index.replace([Passage(f"p{n:04}", 0, "") for n in range(2300)], rows)
    assert index.count() == 2300
    assert len(index.vectors([f"p{n:04}" for n in range(2300)])) == 2300
    exact = {f"p{n:04}" for n in np.argsort(-(rows @ rows[5]))[:50]}
    near = {hit.paper_id for hit in index.search(rows[5], 50)}
    assert "p0005" in near
    assert len(near & exact) >= 45


def test_an_index_is_there_when_it_is_opened_again(filled: PassageIndex) -> None:
    filled.close()
    again = PassageIndex(filled.folder)
    assert again.search(directions(6)[3], 1)[0] == Hit("b", 0, pytest.approx(1.0, abs=1e-5))
    again.close()


def test_an_index_of_an_earlier_version_is_read_and_changed_as_it_was_made(tmp_path: Path) -> None:
    """Collections were made with another graph, and kept beside each vector what its id says already."""
    client = chromadb.PersistentClient(str(tmp_path), settings=Settings(anonymized_telemetry=False))
    earlier = client.create_collection(
        COLLECTION,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine", "ef_search": 200, "ef_construction": 200}},
    )
    beside = [{"paper": "a", "position": n} for n in range(3)]
    earlier.upsert(ids=[p.id for p in passages("a", 3)], embeddings=directions(3), metadatas=beside)
    index = PassageIndex(tmp_path)
    index.replace([*passages("a", 2), *passages("b", 1)], directions(3, seed=1))
    assert index.count() == 3
    assert index.search(directions(3, seed=1)[1], 1)[0] == Hit("a", 1, pytest.approx(1.0, abs=1e-5))
    graph = client.get_collection(COLLECTION, embedding_function=None).configuration_json["hnsw"]
    assert (graph["ef_search"], graph["ef_construction"]) == (200, 200)
    index.close()


def test_closing_one_index_leaves_another_usable(filled: PassageIndex, tmp_path: Path) -> None:
    other = PassageIndex(tmp_path / "other")
    other.replace(passages("x", 1), directions(1))
    other.close()
    assert filled.search(directions(6)[0], 1)[0].paper_id == "a"


def test_an_erased_index_can_be_made_anew(filled: PassageIndex) -> None:
    erase(filled.folder)
    again = PassageIndex(filled.folder)
    assert again.count() == 0
    again.replace(passages("a", 1), np.ones((1, 3), np.float32))
    assert again.count() == 1
    again.close()


def test_vectors_of_another_dimension_are_refused_with_the_command_that_mends_it(
    filled: PassageIndex,
) -> None:
    short = np.ones((1, 3), np.float32)
    for use in (lambda: filled.replace(passages("z", 1), short), lambda: filled.search(short[0], 1)):
        with pytest.raises(LibraryError, match="footnote reindex") as caught:
            use()
        assert "\n" not in str(caught.value)
    assert filled.count() == 6


def test_a_damaged_index_is_refused_however_often_it_is_tried(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    for _ in range(3):
        with pytest.raises(LibraryError, match="footnote reindex") as caught:
            PassageIndex(tmp_path / "chroma")
        assert "\n" not in str(caught.value)
    erase(tmp_path / "chroma")
    PassageIndex(tmp_path / "chroma").close()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("x")
    with pytest.raises(LibraryError, match="chroma"):
        PassageIndex(tmp_path / "chroma")
