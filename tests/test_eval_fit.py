"""`footnote eval fit`: what it prints and writes, what it refuses, and the curve in the report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from eval import charts, fit, fit_commands, results
from eval.cli import app
from eval.fit import LEAST, Point
from rag import calibration
from rag.assemble import Footnote
from rag.calibration import FILE, parse
from rag.errors import SettingsError
from rag.features import QUESTION, SENTENCE
from rag.settings import Settings
from rag.understand import short_name

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test's library is found again by the others."""
    return tmp_path_factory.mktemp("fit")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["fit", "--cache", str(folder / "cache"), *arguments], env={"COLUMNS": "160"}
    )


def some(path: Path, **counts: int) -> Path:
    """A file with the first development questions of each type."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    chosen = [row for kind, count in counts.items() for row in [r for r in rows if r["type"] == kind][:count]]
    path.write_text("".join(json.dumps(row) + "\n" for row in chosen), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    """Fewer questions than were fitted on for the shipped file, and enough to fit on."""
    return some(folder / "small.jsonl", fact=24, unanswerable=18, list=10)


@pytest.fixture(scope="module")
def result(folder: Path, small: Path) -> dict:
    told = run(folder, "--questions", str(small), "--json", str(folder / "fit.json"))
    assert told.exit_code == 0, told.output
    (folder / "printed").write_text(told.output)
    return json.loads((folder / "fit.json").read_text())


def test_what_it_was_fitted_on_the_weights_and_the_curve_are_printed(result: dict, folder: Path):
    printed = (folder / "printed").read_text()
    on = result["calibration"]["fitted on"]
    assert f"fitted on {on['answerable']} answerable, {on['unanswerable']} unanswerable questions" in printed
    assert f"of small.jsonl ({on['sha256'][:12]}), cosines of minilm" in printed
    for name in (*SENTENCE, *QUESTION, "bias", "unanswerable declined", "answerable kept"):
        assert name in printed
    for name, point in result["chosen"].items():
        threshold = re.escape(f"{point['threshold']:+.3f}")
        row = rf"{name} +{threshold} +{point['declined']:.3f} +{point['kept']:.3f}"
        assert re.search(row, printed)


def test_other_questions_than_the_shipped_files_are_said_to_give_another(result: dict, folder: Path):
    printed = (folder / "printed").read_text()
    assert (
        "calibration.json is not current: fitted on, file: questions.jsonl, questions-calibration.jsonl, "
        "questions-lists.jsonl, fitted small.jsonl" in printed
    )
    assert "Run: footnote eval fit --write" in printed


def test_the_curve_falls_as_more_is_declined(result: dict):
    curve = [Point(**point) for point in result["curve"]]
    assert [p.threshold for p in curve] == sorted(p.threshold for p in curve)
    assert [p.declined for p in curve] == sorted(p.declined for p in curve)
    assert [p.kept for p in curve] == sorted((p.kept for p in curve), reverse=True)
    assert all(0 <= p.declined <= 1 and 0 <= p.kept <= 1 for p in curve)
    chosen = result["chosen"]
    for name, share in fit.KEPT.items():
        assert chosen[name]["kept"] == pytest.approx(share, abs=0.1)
    for name, share in fit.DECLINED.items():
        assert chosen[name]["declined"] == pytest.approx(share, abs=0.1)
    for name, point in chosen.items():
        assert point["threshold"] == pytest.approx(result["calibration"][name], abs=0.001)


def test_writing_replaces_the_file_with_one_that_is_read(
    folder: Path, small: Path, result: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tmp_path / "calibration.json"
    monkeypatch.setattr(fit_commands, "FILE", place)
    shipped = FILE.read_bytes()
    told = run(folder, "--questions", str(small), "--write")
    assert told.exit_code == 0, told.output
    assert str(place) in told.output
    assert json.loads(place.read_text()) == result["calibration"]
    assert parse(json.loads(place.read_text())).sentence.features == SENTENCE
    assert FILE.read_bytes() == shipped
    again = run(folder, "--questions", str(small))
    assert "calibration.json is current." in again.output


def test_a_library_can_have_a_calibration_of_its_own(folder: Path, small: Path, library_folder: Path):
    """Its questions decide for it alone, the file for all libraries stays, and a broken one is said."""
    shipped = FILE.read_bytes()
    looked = run(folder, "--questions", str(small), "--library", str(library_folder))
    assert "keeps what it has" in looked.output
    told = run(folder, "--questions", str(small), "--library", str(library_folder), "--write")
    assert told.exit_code == 0, told.output
    assert FILE.read_bytes() == shipped
    footnote = Footnote(Settings(home=library_folder.parent, library=library_folder, model="extractive"))
    assert footnote.parts().calibration.least != calibration.shipped().least
    assert not footnote.parts().notices
    footnote.library.write_manifest({calibration.OWN: "{}"})
    assert footnote.parts().calibration is calibration.shipped()
    assert "footnote eval fit --library" in footnote.parts().notices[0]
    footnote.close()


def test_without_writing_no_file_is_touched(folder: Path, small: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fit_commands, "write_text", lambda *_: pytest.fail("written"))
    assert run(folder, "--questions", str(small)).exit_code == 0


def test_too_few_lists_leave_the_shipped_weights_for_lists(folder: Path, result: dict, tmp_path: Path):
    few = some(tmp_path / "few.jsonl", fact=24, unanswerable=18, list=3)
    told = run(folder, "--questions", str(few), "--json", str(tmp_path / "fit.json"))
    assert told.exit_code == 0, told.output
    fitted = json.loads((tmp_path / "fit.json").read_text())["calibration"]
    shipped = json.loads(FILE.read_text())
    assert (fitted["listed"], fitted["on_list"]) == (shipped["listed"], shipped["on_list"])
    assert fitted["answerable"] == result["calibration"]["answerable"]
    assert result["calibration"]["listed"] != shipped["listed"], "ten lists are enough"


def test_the_command_that_mends_a_broken_file_runs_without_it(
    folder: Path, small: Path, result: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Answering is refused with the command; the command itself reads no weights."""
    broken = tmp_path / "calibration.json"
    broken.write_text("{")
    monkeypatch.setattr(calibration, "FILE", broken)
    monkeypatch.setattr(fit_commands, "FILE", broken)
    calibration.shipped.cache_clear()
    try:
        with pytest.raises(SettingsError, match="footnote eval fit --write"):
            calibration.shipped()
        told = run(folder, "--questions", str(small), "--write")
        assert told.exit_code == 0, told.output
        assert calibration.shipped().least == result["calibration"]["least"]
    finally:
        calibration.shipped.cache_clear()


@pytest.mark.parametrize("text", [None, "", "{", "[]"], ids=["missing", "empty", "broken", "a list"])
def test_a_calibration_that_cannot_be_read_is_not_current(tmp_path: Path, text: str | None):
    place = tmp_path / "calibration.json"
    if text is not None:
        place.write_text(text)
    told = fit_commands.verdict(place, fit.Fit({"least": 0.5}, (), {}))
    assert "is not current: it cannot be read" in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"least": 0.5}, {"least": 0.5001}, []),
        ({"least": 0.5}, {"least": 0.6}, ["least: 0.5, fitted 0.6"]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, ["a, b, c: 1, fitted 2"]),
        ({"features": ["a"]}, {"features": ["b"]}, ["features: ['a'], fitted ['b']"]),
        ({}, {"least": 0.5}, ["least: None, fitted 0.5"]),
        ({"embedder": "minilm"}, {"embedder": "other"}, ["embedder: minilm, fitted other"]),
    ],
)
def test_a_fit_is_held_against_a_file_within_rounding(old: dict, new: dict, told: list[str]):
    assert fit.differences(old, new) == told


# What is refused, in one line


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"fact": 3, "unanswerable": 14}, rf"[1-3] questions that the abstract found first answers .*; {LEAST} are needed"),
        ({"fact": 20}, "no questions that no abstract answers can be fitted on"),
        ({"fact": 20, "unanswerable": 2}, "[12] questions that no abstract answers can be fitted on"),
        ({"unanswerable": 14}, "no questions that the abstract found first answers"),
        ({"list": 5}, "no questions that the abstract found first answers"),
    ],
    ids=["too few", "none unanswerable", "too few unanswerable", "none answerable", "lists only"],
)  # fmt: skip
def test_too_few_questions_are_refused(folder: Path, tmp_path: Path, counts: dict[str, int], said: str):
    told = run(folder, "--questions", str(some(tmp_path / "few.jsonl", **counts)))
    assert told.exit_code == 1
    last = told.output.strip().splitlines()[-1]
    assert re.search(said, last), told.output
    assert "few.jsonl" in last
    assert "Traceback" not in told.output


def test_questions_about_other_papers_are_refused(folder: Path, tmp_path: Path):
    path = tmp_path / "other.jsonl"
    row = {
        "id": "a",
        "type": "fact",
        "question": "Why?",
        "gold_titles": ["On Whales"],
        "must_contain": [["x"]],
    }
    path.write_text(json.dumps(row) + "\n")
    told = run(folder, "--questions", str(path))
    assert told.exit_code == 1
    assert "1 gold titles are not among the papers, first 'a: On Whales'" in told.output


def test_a_missing_file_is_refused(folder: Path, tmp_path: Path):
    told = run(folder, "--questions", str(tmp_path / "nowhere.jsonl"))
    assert told.exit_code == 1
    assert "nowhere.jsonl does not exist" in told.output


# The regression itself


def test_newton_finds_the_weights_that_made_the_labels():
    """Shares drawn from known log odds are found again, up to what the small penalty takes."""
    rows = np.random.default_rng(1).normal(size=(4000, 2))
    likely = 1 / (1 + np.exp(-(rows @ [1.5, -0.5] + 0.3)))
    means, deviations, weights = fit._newton(rows, likely, 0.001, np.ones(len(rows)))
    assert weights[:-1] / deviations == pytest.approx([1.5, -0.5], abs=0.01)
    assert weights[-1] - (means / deviations) @ weights[:-1] == pytest.approx(0.3, abs=0.01)


def test_a_feature_that_never_changes_weighs_nothing():
    rows = np.column_stack([np.ones(40), np.arange(40.0)])
    _, _, weights = fit._newton(rows, (np.arange(40) > 20).astype(float), 3.0, np.ones(40))
    assert np.isfinite(weights).all()
    assert weights[0] == pytest.approx(0.0, abs=1e-9)


def test_a_row_that_counts_twice_is_like_two_rows_and_one_that_counts_nothing_like_none():
    """Made questions count a little beside the written ones; means and deviations are those of all rows."""
    rows = np.random.default_rng(2).normal(size=(60, 2))
    rows[30:] = rows[:30]
    labels = np.append((rows[:30, 0] > 0).astype(float), (rows[:30, 1] > 0).astype(float))
    doubled = fit._newton(rows, labels, 3.0, np.append(np.full(30, 2.0), np.zeros(30)))
    twice = fit._newton(rows, np.append(labels[:30], labels[:30]), 3.0, np.ones(60))
    for one, other in zip(doubled, twice, strict=True):
        assert one == pytest.approx(other)


def test_each_paper_with_a_name_is_asked_for_what_it_does(footnote: Footnote):
    """Such questions are made for the sentences alone, and only where the paper itself is found first."""
    scenes = [told.scene for told in fit._overviews(footnote)]
    asked = [scene.asked for scene in scenes]
    assert {"What does Sylber propose?", "What is Sylber?", "Tell me about Sylber."} <= set(asked)
    assert len(asked) == len(set(asked)) > 60
    assert all(short_name(scene.readings[0].paper) in scene.asked for scene in scenes)
    assert all(short_name(scene.readings[0].paper) != scene.readings[0].paper.title for scene in scenes)


# In the report


def test_the_report_draws_the_curve_and_marks_the_thresholds(result: dict, folder: Path):
    path, page = folder / "fit.json", folder / "report.html"
    told = CliRunner().invoke(app, ["report", str(path), "-o", str(page)])
    assert told.exit_code == 0, told.output
    drawn = page.read_text()
    assert "<polyline" in drawn
    assert drawn.count(">least</text>") == 1
    assert results.title(result) in drawn
    assert "calls the paper by name" in (folder / "report.md").read_text()


def test_a_curve_runs_from_left_to_right_and_from_top_to_bottom():
    svg = charts.curve([(0.0, 1.0), (0.5, 0.75), (1.0, 0.0)], [("<here>", 0.5, 0.75)], "declined", "kept")
    [points] = re.findall(r'<polyline points="([^"]+)"', svg)
    places = [tuple(map(float, pair.split(","))) for pair in points.split()]
    assert places == sorted(places)
    assert [y for _, y in places] == sorted(y for _, y in places)
    assert "&lt;here&gt;" in svg


def test_a_fit_can_be_compared_and_gated(result: dict, folder: Path):
    path = str(folder / "fit.json")
    told = CliRunner().invoke(app, ["compare", path, path])
    assert told.exit_code == 0, told.output
    assert re.search(r"least +declined", told.output)
    kept = result["chosen"]["least"]["kept"]
    assert CliRunner().invoke(app, ["gate", path, "--fail-under", f"least/kept={kept - 0.01}"]).exit_code == 0
    assert CliRunner().invoke(app, ["gate", path, "--fail-under", f"least/kept={kept + 0.01}"]).exit_code == 1
