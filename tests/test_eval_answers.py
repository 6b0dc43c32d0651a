"""Asking the project's own questions: grading, traces, and taking up a run that was killed."""

from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eval import answers, cache, commands, provenance, questions
from eval.answer_variants import SWITCHES, Switch
from eval.cli import app
from rag.answer import Parts
from rag.errors import ImportFailed, SettingsError
from rag.settings import load

PAPERS = commands.DATA / "papers.txt"
QUESTIONS = commands.DATA / "questions.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("eval")


def ask(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["answers", "--model", "extractive", "--cache", str(folder), "--limit", "6", *arguments]
    )


def traces(folder: Path) -> list[Path]:
    return sorted((folder / "traces").glob("*.jsonl"))


def test_one_question_of_each_type_with_everything_kept(folder: Path):
    told = ask(folder, "--json", str(folder / "a.json"))
    assert told.exit_code == 0, told.output
    result = json.loads((folder / "a.json").read_text())
    assert sorted(q["type"] for q in result["questions"].values()) == sorted(questions.TYPES)
    assert list(result["types"]) == ["all", *questions.TYPES]
    assert {"correct", "citation_recall", "Success@1", "first_words_s", "total_s_p90"} <= set(
        result["types"]["fact"]
    )
    assert result["provenance"]["model"]["name"] == "extractive"
    shown = next(q for q in result["questions"].values() if q["trace"]["sentences"])
    trace = shown["trace"]
    assert trace["standalone"]
    assert {"id", "title", "score"} <= set(trace["ranking"][0])
    assert trace["sentences"][0]["evidence"]
    assert trace["total_s"] >= trace["first_words_s"] > 0
    assert shown["measures"]["support"] == 1.0


def test_quotations_are_supported(folder: Path):
    """What is shown without a model is quoted, so the independent check has nothing to say."""
    result = json.loads((folder / "a.json").read_text())
    assert result["types"]["all"]["support"]["value"] == 1.0
    assert not any(q["unsupported"] for q in result["questions"].values())


def test_a_second_run_asks_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    ask(folder)
    before = traces(folder)[0].read_bytes()
    monkeypatch.setattr(answers, "ask", lambda *_: pytest.fail("asked again"))
    told = ask(folder)
    assert told.exit_code == 0, told.output
    assert traces(folder)[0].read_bytes() == before


def test_a_run_that_was_killed_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The line that a kill cut off is cut away, and only that question is asked again."""
    ask(folder)
    file = traces(folder)[0]
    file.write_bytes(file.read_bytes()[:-20])
    asked = []
    real = answers.ask
    monkeypatch.setattr(answers, "ask", lambda item, *rest: (asked.append(item.id), real(item, *rest))[1])
    told = ask(folder)
    assert told.exit_code == 0, told.output
    assert len(asked) == 1
    assert len(file.read_text().splitlines()) == 6
    assert all(json.loads(line)["id"] for line in file.read_text().splitlines())


def test_without_resume_everything_is_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    ask(folder)
    asked = []
    real = answers.ask
    monkeypatch.setattr(answers, "ask", lambda item, *rest: (asked.append(item.id), real(item, *rest))[1])
    ask(folder, "--no-resume")
    assert len(asked) == 6


def test_other_code_means_other_traces(folder: Path, monkeypatch: pytest.MonkeyPatch):
    ask(folder)
    count = len(traces(folder))
    monkeypatch.setattr("eval.provenance.code_digest", lambda *_: "another")
    ask(folder)
    assert len(traces(folder)) == count + 1


def test_a_switch_changes_the_answers_and_has_traces_of_its_own(folder: Path):
    """Without gates an answer is attempted where the abstracts do not say."""
    ask(folder)
    count = len(traces(folder))
    chosen = ("--model", "extractive", "--cache", str(folder), "--limit", "6", "--switch", "gates off")
    told = CliRunner().invoke(app, ["ablations", "--answers", *chosen, "--json", str(folder / "c.json")])
    assert told.exit_code == 0, told.output
    found = json.loads((folder / "c.json").read_text())["collections"]
    assert list(found) == ["as it is", "gates off"]
    changes = found["gates off"]["provenance"]["switch"]["changes"]
    assert changes == dict.fromkeys(("calibration.hardly", "calibration.least", "calibration.surely"), "-inf")
    declined = [sum(not q["trace"]["sentences"] for q in r["questions"].values()) for r in found.values()]
    assert declined[1] < declined[0]
    assert len(traces(folder)) == count + 1


def test_a_switch_of_a_part_that_is_not_there_says_so():
    parts = Parts(*[None] * 6)  # type: ignore[arg-type]  # nothing is asked
    for name in ("wishes", "calibration.wishes", "top_k.wishes"):
        with pytest.raises(SettingsError, match=f"no part '{name}'"):
            Switch("wishful", {name: 3}).applied(parts)
    assert SWITCHES[0].applied(parts) == parts


@pytest.mark.parametrize("switch", SWITCHES, ids=[s.name for s in SWITCHES])
def test_a_switch_changes_what_it_says_and_nothing_else(parts: Parts, switch: Switch):
    changed = switch.applied(parts)
    for name, value in switch.changes.items():
        assert attrgetter(name)(changed) == value
    kept = {f.name for f in fields(parts)} - {name.partition(".")[0] for name in switch.changes}
    assert all(getattr(changed, name) is getattr(parts, name) for name in kept)


def test_a_new_calibration_means_other_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Answers of another calibration are never graded as those of this one."""
    (tmp_path / "rag").mkdir()
    (tmp_path / "rag" / "answer.py").write_text("")
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    digests = set()
    for least in (0.1, 0.2):
        (tmp_path / "rag" / "calibration.json").write_text(json.dumps({"least": least}))
        digests.add(provenance.code_digest())
    assert len(digests) == 2


@pytest.mark.parametrize("arguments", [[], ["--answers"]], ids=["retrieval", "answers"])
def test_an_unknown_switch_is_named(folder: Path, arguments: list[str]):
    told = CliRunner().invoke(
        app, ["ablations", *arguments, "--switch", "gravity off", "--cache", str(folder)]
    )
    assert told.exit_code == 1
    assert "no switch 'gravity off'; known are as it is" in told.output


def test_an_error_on_one_question_does_not_end_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(self, *_, **__):
        raise ImportFailed("The disk is full.")

    monkeypatch.setattr("rag.assemble.Footnote.answer", broken)
    told = ask(folder, "--no-resume", "--json", str(folder / "b.json"))
    assert told.exit_code == 0, told.output
    result = json.loads((folder / "b.json").read_text())
    assert result["types"]["all"]["correct"]["value"] == 0.0
    assert all("disk is full" in q["trace"]["error"] for q in result["questions"].values())
    ask(folder, "--no-resume")


def test_every_gold_title_of_the_projects_own_questions_is_there(folder: Path):
    footnote = cache.library_of_file(
        PAPERS, load({"model": "extractive"}, env={"FOOTNOTE_HOME": str(folder)}), folder
    )
    try:
        assert answers.unknown_titles(questions.read(QUESTIONS), footnote) == []
    finally:
        footnote.close()


def test_history_reaches_footnote_without_marks():
    item = next(i for i in questions.read(QUESTIONS) if i.history)
    assert "[1]" not in item.history[0].answer


def test_a_limit_takes_each_type_in_turn_and_keeps_the_order():
    items = questions.read(QUESTIONS)
    chosen = questions.choose(items, limit=12)
    assert [i.type for i in chosen] == [t for t in questions.TYPES for _ in range(2)]
    assert {i.type for i in questions.choose(items, types=["list", "fact"])} == {"list", "fact"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{oops", "q.jsonl:2: not JSON"),
        ("[1]", "q.jsonl:2: not a JSON object"),
        ('{"id": "x", "type": "riddle", "question": "?"}', "q.jsonl:2: type is 'riddle'"),
        ('{"id": "x", "type": "fact", "question": ""}', "q.jsonl:2: 'question' is missing"),
        ('{"id": "x", "type": "fact", "question": "?"}', "q.jsonl:2: an answerable question needs"),
        ('{"id": "x", "type": "list", "question": "?", "gold_titles": ["t"], "must_contain": ["a"]}', "q.jsonl:2: 'must_c"),
        ('{"id": "a", "type": "unanswerable", "question": "?"}', "q.jsonl:2: the id 'a' stands"),
    ],
)  # fmt: skip
def test_a_broken_question_is_named_with_its_line(tmp_path: Path, line: str, said: str):
    path = tmp_path / "q.jsonl"
    path.write_text(f'{{"id": "a", "type": "unanswerable", "question": "Why?"}}\n{line}\n')
    with pytest.raises(ImportFailed) as error:
        questions.read(path)
    assert said in str(error.value)


def test_a_question_about_a_missing_paper_is_refused(folder: Path, tmp_path: Path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "a", "type": "fact", "question": "Why?", "gold_titles": ["No such paper"]}\n')
    told = ask(folder, "--questions", str(path))
    assert told.exit_code == 1
    assert "No such paper" in told.output
