"""What is measured with a clock: papers coming in, keystrokes on the library page, kills."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eval import browsing, intake
from eval.cli import app
from eval.embedding_speed import Speed
from rag.embedders import MiniLM
from rag.importers import read
from ui import evaluation_results


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def benchmark(home: Path) -> dict[str, object]:
    """The one benchmark that lies where the app finds it."""
    (file,) = (home / evaluation_results.FOLDER).glob("*-benchmark.json")
    found: dict[str, object] = json.loads(file.read_text())
    return found


def test_an_import_is_timed_told_and_shown_in_the_app(own_home: Path) -> None:
    told = run("intake", "--papers", "40", "--rounds", "0")
    assert told.exit_code == 0, told.output
    for name in ("papers a second", "of these outside the model", "the same file again", "peak memory, MB"):
        assert name in told.output
    main = benchmark(own_home)["main"]
    assert isinstance(main, dict)
    assert main["papers a second"] > 0
    assert 0 < main["outside the model"] < 1
    (entry,), _ = evaluation_results.entries(own_home / evaluation_results.FOLDER)
    shown = evaluation_results.run(own_home / evaluation_results.FOLDER, entry.file)
    assert entry.title.startswith("Import of ")
    assert shown.tables[0].rows[0][0] == "papers"


def test_a_file_of_the_user_is_timed(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "mine.bib").write_text("@article{a, title={Whales sing}, abstract={They sing 4 songs.}}")
    told = run("intake", str(tmp_path / "mine.bib"), "--rounds", "0")
    assert told.exit_code == 0, told.output
    assert "Import of 1 papers: mine.bib" in told.output


def test_a_file_without_papers_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "none.bib").write_text("")
    told = run("intake", str(tmp_path / "none.bib"), "--rounds", "0")
    assert (told.exit_code, "Traceback" in told.output) == (1, False)


def test_made_up_abstracts_are_long_and_differ(tmp_path: Path) -> None:
    intake.made_up(Path("data/papers.txt"), 50, tmp_path / "some.jsonl")
    papers = read(tmp_path / "some.jsonl").papers
    assert len({paper.abstract for paper in papers}) == 50
    assert min(len(paper.abstract) for paper in papers) > 200


def test_the_network_is_told_apart_from_the_rest() -> None:
    """Counting tokens takes none of its time; embedding does, on whatever thread."""
    model = MiniLM()
    model.embed(["whales"])
    before = model.model_seconds
    model.count_tokens("Songs of humpback whales. " * 50)
    assert model.model_seconds == before
    model.embed(["Songs of humpback whales. " * 20] * 4)
    assert model.model_seconds > before


def test_ratios_are_to_the_first_way() -> None:
    found = intake.Intake(100, 130, 1.0, 4.0, 0.1, 10.0, 9.0, 300.0, 5.0)
    speeds = [Speed("first", 10.0, 5.0), Speed("second", 30.0, 20.0)]
    (whole, alone) = intake.tables(found, speeds)
    assert ("of these outside the model", "10.0%") in whole.rows
    assert ("papers a second", "20.0") in whole.rows
    assert alone.rows[1] == ("second", "30.0", "3.00", "20.0", "4.00")


def test_titles_are_typed_letter_by_letter() -> None:
    states = browsing.typed(["Whales sing at night", "Abc"], 14, seed=3)
    assert len(states) == 14
    assert all(len(state) <= browsing.TYPED for state in states)
    grown = [b for a, b in pairwise(states) if b.startswith(a) and len(b) == len(a) + 1]
    assert len(grown) >= 12


def test_percentiles_are_those_of_the_keystrokes() -> None:
    table = browsing.table([0.010] * 99 + [1.0])
    assert table.rows == [("p50", "10.0"), ("p95", "10.0"), ("slowest", "1000.0")]


@pytest.mark.slow
def test_typing_is_timed_through_the_page_itself(own_home: Path) -> None:
    """The page runs as users start it; nothing is embedded for it."""
    told = run("browse", "--papers", "150", "--keystrokes", "12")
    assert "Traceback" not in told.output
    assert "Milliseconds from a keystroke to the list" in told.output
    main = benchmark(own_home)["main"]
    assert isinstance(main, dict)
    assert 0 < main["p50, ms"] <= main["p95, ms"] <= main["slowest, ms"]


@pytest.mark.slow
def test_kills_are_a_command_too() -> None:
    told = run("crash", "--kills", "2", "--papers", "30")
    assert told.exit_code == 0, told.output
    assert "2 kills, 2 libraries equal to an undisturbed import, 0 not" in told.output
