"""A fresh machine gets the shipped papers and a model that fits it."""

import os
from collections.abc import Callable, Iterator
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


@pytest.fixture
def asked(own_home: Path) -> Iterator[Callable[[str], Footnote]]:
    """Footnote on a machine without any model, after a model was asked for."""
    opened: list[Footnote] = []

    def ask_for(model: str) -> Footnote:
        settings = Settings(home=own_home, library=own_home / "library", model=model, ollama_host=NOWHERE)
        opened.append(Footnote(settings))
        return opened[-1]

    yield ask_for
    for footnote in opened:
        footnote.close()


@pytest.mark.parametrize("model", ["extractive", "ollama/x", "x"])
def test_no_model_is_offered_to_who_chose_one_of_another_engine(
    asked: Callable[[str], Footnote], model: str
) -> None:
    assert prepare.model_to_fetch(asked(model)) == ""


def test_a_machine_without_any_model_is_offered_one(asked: Callable[[str], Footnote]) -> None:
    engine, _, name = prepare.model_to_fetch(asked("auto")).partition("/")
    assert engine == "embedded"
    assert name in models.AUTOMATIC


@pytest.mark.parametrize("model", ["embedded/smollm2-135m", "smollm2-135m"])
def test_who_chose_an_embedded_model_that_is_lacking_is_offered_that_one(
    asked: Callable[[str], Footnote], own_home: Path, model: str
) -> None:
    assert prepare.model_to_fetch(asked(model)) == "embedded/smollm2-135m"
    path = weights.path_of("smollm2-135m", own_home / "models")
    path.parent.mkdir()
    path.touch()
    os.truncate(path, weights.find("smollm2-135m").size)
    assert prepare.model_to_fetch(asked(model)) == ""
