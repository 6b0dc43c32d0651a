"""The engine as a Python library: the three lines that the documents show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Footnote
from rag.errors import QuestionError, SettingsError

ROOT = Path(__file__).resolve().parent.parent
SYLBER = "How many tokens per second does Sylber average?"


def snippets() -> list[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return [code for code in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if "from rag" in code]


@pytest.mark.parametrize("snippet", snippets(), ids=lambda code: code.splitlines()[0])
@pytest.mark.usefixtures("library_folder")
def test_a_documented_snippet_prints_a_cited_answer(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_MODEL", "extractive")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "4.27" in done.stdout
    assert "[1]" in done.stdout


def test_there_are_documented_snippets() -> None:
    assert snippets()


def test_an_empty_library_gets_the_shipped_papers(own_home: Path) -> None:
    """As for `footnote ask`: three lines are enough on a fresh machine."""
    with Footnote.open(model="extractive") as footnote:
        assert footnote.library.count("pending") == 0
        assert "4.27" in footnote.ask(SYLBER).text
    assert (own_home / "library" / "library.db").is_file()


def test_a_library_is_opened_by_its_name(library_folder: Path, own_home: Path) -> None:
    (own_home / "libraries").mkdir()
    library_folder.rename(own_home / "libraries" / "thesis")
    with Footnote.open("thesis", model="extractive") as footnote:
        assert footnote.settings.library == own_home / "libraries" / "thesis"
        answer = footnote.ask(SYLBER)
    assert answer.done
    assert answer.papers[0].paper.title.startswith("Sylber")


@pytest.mark.usefixtures("library_folder")
def test_problems_are_errors_that_name_the_fix() -> None:
    with Footnote.open(model="extractive") as footnote, pytest.raises(QuestionError):
        footnote.ask("?!")
    with pytest.raises(SettingsError, match="Run: "):
        Footnote.open("")


def test_the_door_is_not_built_before_it_is_used() -> None:
    """Importing a part of the engine does not import all of it."""
    program = "import rag, sys; print('rag.assemble' in sys.modules); rag.Footnote; print('rag.assemble' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
    import rag

    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        rag.nothing_of_this_name  # noqa: B018
