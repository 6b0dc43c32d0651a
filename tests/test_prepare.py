"""A fresh machine gets the shipped papers and a model that fits it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import models, prepare, weights
from rag.assemble import Footnote
from rag.errors import ImportFailed
from rag.importers.parsed import Parsed, paper
from rag.library import ImportReport
from rag.settings import Settings

NOWHERE = "http://127.0.0.1:1"
GIB = 1 << 30


@pytest.fixture
def empty(own_home: Path) -> Iterator[Footnote]:
    settings = Settings(home=own_home, library=own_home / "library", model="extractive", ollama_host=NOWHERE)
    footnote = Footnote(settings)
    yield footnote
    footnote.close()


def test_an_empty_library_gets_the_shipped_papers_once(empty: Footnote) -> None:
    assert prepare.shipped_papers(empty) == ImportReport(new=62)
    assert prepare.shipped_papers(empty) is None
    assert empty.library.count() == 62


def test_a_library_with_papers_is_left_alone(empty: Footnote) -> None:
    empty.library.add(Parsed((paper("Mine", "My own.", "a.txt"),)), "a.txt")
    assert prepare.shipped_papers(empty) is None
    assert empty.library.count() == 1


def test_without_the_shipped_file_the_user_is_told_to_import_one(
    empty: Footnote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "CORPUS", tmp_path / "gone.txt")
    with pytest.raises(ImportFailed, match="footnote import FILE"):
        prepare.shipped_papers(empty)


def test_more_memory_never_means_a_smaller_model() -> None:
    sizes = [prepare.fitting(memory).size for memory in range(0, 64 * GIB, GIB // 4)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("memory", [0, GIB, 4 * GIB, 16 * GIB, 1 << 50])
def test_the_model_for_a_machine_is_one_that_is_chosen_by_itself_and_fits(memory: int) -> None:
    found = prepare.fitting(memory)
    assert found.name in models.AUTOMATIC
    smallest = min((weights.find(name) for name in models.AUTOMATIC), key=lambda w: w.ram)
    assert found.ram < memory or found == smallest


@pytest.mark.parametrize("model", ["extractive", "embedded/smollm2-135m", "ollama/x"])
def test_no_model_is_offered_to_who_chose_one(own_home: Path, model: str) -> None:
    footnote = Footnote(
        Settings(home=own_home, library=own_home / "library", model=model, ollama_host=NOWHERE)
    )
    assert prepare.model_to_fetch(footnote) is None
    footnote.close()


def test_a_machine_without_any_model_is_offered_one(own_home: Path) -> None:
    footnote = Footnote(Settings(home=own_home, library=own_home / "library", ollama_host=NOWHERE))
    wanted = prepare.model_to_fetch(footnote)
    assert wanted is not None
    assert wanted.name in models.AUTOMATIC
    footnote.close()


def test_a_model_that_cannot_be_fetched_is_one_line_and_no_crash(
    empty: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    smallest = weights.CATALOGUE[-1]
    nowhere = replace(smallest, hub_url=f"{NOWHERE}/x.gguf", packages=())
    monkeypatch.setattr(weights, "CATALOGUE", (nowhere,))
    line = prepare.fetch(empty, nowhere.name, lambda done, total: None)
    assert line
    assert "\n" not in line
