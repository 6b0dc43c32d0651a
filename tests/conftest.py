"""What the whole suite shares: a library of the shipped papers, made once, and a guard on the user's own files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from rag.answer import found
from rag.assemble import Footnote
from rag.conversation import remembered
from rag.records import Turn
from rag.scene import Parts, Scene
from rag.settings import Settings
from rag.understand import understand

pytest_plugins = ["fixtures_ollama"]

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "data" / "papers.txt"


@pytest.fixture(scope="session")
def cache() -> Path:
    """Folder for what is fetched once and kept between runs: models and the Ollama server."""
    named = os.environ.get("FOOTNOTE_TEST_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("footnote-tests")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the library, settings or models of the person who runs the suite."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    monkeypatch.setenv("FOOTNOTE_HOME", str(home))
    monkeypatch.setenv("FOOTNOTE_THREADS", "1")  # two threads of the engine wait for each other on busy cores
    return home


@pytest.fixture(scope="session")
def shipped_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a library with the shipped papers, imported and indexed once; to be copied, not used."""
    folder = tmp_path_factory.mktemp("shipped") / "library"
    footnote = Footnote(Settings(home=folder.parent, library=folder, model="extractive"))
    footnote.import_file(CORPUS)
    footnote.index_pending()
    footnote.close()
    return folder


@pytest.fixture(scope="session")
def parts(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The main path's parts over the shipped papers, without a model; answering changes nothing in them."""
    home = tmp_path_factory.mktemp("parts")
    footnote = Footnote(Settings(home=home, library=shipped_library, model="extractive"))
    yield replace(footnote.parts(), notices=())
    footnote.close()


@pytest.fixture(scope="session")
def scene(parts: Parts) -> Callable[..., Scene]:
    """What the shipped library has for a question, as the main path finds it."""

    def of(asked: str, history: Sequence[Turn] = ()) -> Scene:
        turns = remembered(history, parts.called)
        return found(understand(asked, turns, parts.library.known()), parts, turns)

    return of


@pytest.fixture
def library_folder(shipped_library: Path, own_home: Path) -> Path:
    """A library of the shipped papers of the test's own, in the place where commands look for it."""
    return Path(shutil.copytree(shipped_library, own_home / "library"))


@pytest.fixture
def footnote(library_folder: Path, own_home: Path) -> Iterator[Footnote]:
    """Footnote over the shipped papers, answering with quotations."""
    footnote = Footnote(Settings(home=own_home, library=library_folder, model="extractive"))
    yield footnote
    footnote.close()
