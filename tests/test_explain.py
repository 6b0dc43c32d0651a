"""Why a paper stands where it stands: the numbers are those of the ranking, and they add up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.errors import QuestionError
from rag.explain import Explanation, which_paper
from rag.records import Filters
from ui import why

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "How many tokens per second does Sylber's tokenizer average?"


def _explained(footnote: Footnote, wanted: str, question: str = QUESTION) -> Explanation:
    return footnote.why(question, which_paper(wanted, footnote.library))


@pytest.mark.parametrize("wanted", ["Sylber", "GenSE", "A Survey on Mixture of Experts"])
def test_the_signals_are_those_that_ranked(footnote: Footnote, wanted: str) -> None:
    explanation = _explained(footnote, wanted)
    ranking = footnote.search(QUESTION, top_k=100)
    standing = explanation.standing
    assert standing.rank is not None
    candidate = ranking[standing.rank - 1]
    assert candidate.paper == standing.paper
    for signal in ("score", "cosine", "bm25", "dense_rank", "word_rank", "named"):
        assert getattr(candidate, signal) == getattr(standing, signal)
    ahead = [c.paper.id for c in ranking[: min(standing.rank - 1, 5)]]
    assert [s.paper.id for s in explanation.before] == ahead
    assert explanation.candidates == len(ranking)


def test_the_words_add_up_to_bm25(footnote: Footnote) -> None:
    explanation = _explained(footnote, "Sylber")
    assert sum(hit.bm25 for hit in explanation.words) == pytest.approx(explanation.standing.bm25, rel=1e-4)
    assert explanation.words[0].word == "sylber"
    assert (explanation.words[0].in_title, explanation.words[0].in_abstract) == (True, True)
    assert {hit.word for hit in explanation.words}.isdisjoint(explanation.lacking)


def test_weight_and_name_are_shown(footnote: Footnote) -> None:
    explanation = _explained(footnote, "Sylber")
    assert explanation.standing.named
    assert 0 < explanation.words_share < 1
    assert explanation.standing.fused != explanation.standing.score


def test_a_paper_outside_the_conditions_is_said_to_be_none_of_them(footnote: Footnote) -> None:
    paper = which_paper("Sylber", footnote.library)
    explanation = footnote.why(QUESTION, paper, Filters(source="other.txt"))
    assert explanation.standing.rank is None
    assert "Not ranked: the paper is none of those from the file other.txt." in why.text(explanation)


def test_a_paper_that_is_no_candidate_still_has_its_cosine_and_bm25(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = _explained(footnote, "GenSE").standing
    monkeypatch.setattr("rag.retrieve._POOL", 2)
    explanation = _explained(footnote, "GenSE")
    outside = explanation.standing
    assert (outside.rank, outside.score, outside.fused, outside.dense_rank) == (None, None, None, None)
    assert outside.cosine == pytest.approx(inside.cosine, abs=1e-5)
    assert outside.bm25 == pytest.approx(inside.bm25, rel=1e-4)
    assert len(explanation.before) == min(explanation.candidates, 5)
    assert any(line.startswith("Not among the") for line in why.text(explanation))


def test_the_same_explanation_every_time(footnote: Footnote) -> None:
    assert why.as_object(_explained(footnote, "GenSE")) == why.as_object(_explained(footnote, "GenSE"))


def test_a_paper_is_meant_by_id_name_title_or_words_of_it(footnote: Footnote) -> None:
    sylber = which_paper("Sylber", footnote.library)
    for wanted in (sylber.id, sylber.title, sylber.title.upper(), "syllabic embedding speech", "sylber"):
        assert which_paper(wanted, footnote.library) == sylber


@pytest.mark.parametrize(
    ("wanted", "says"), [("zebra", "No paper is called"), ("?!", "No paper"), ("speech", "means 4 papers")]
)
def test_a_name_of_no_or_many_papers_is_refused(footnote: Footnote, wanted: str, says: str) -> None:
    with pytest.raises(QuestionError, match=says):
        which_paper(wanted, footnote.library)


def test_a_paper_whose_passages_are_lost_is_explained_by_its_words(footnote: Footnote) -> None:
    paper = which_paper("GenSE", footnote.library)
    footnote.passages.remove([paper.id])
    standing = _explained(footnote, "GenSE").standing
    assert standing.cosine is None
    assert standing.word_rank is not None


def _footnote(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=240, env=dict(os.environ)
    )


def test_why_prints_the_place_the_signals_and_what_beat_it(library_folder: Path) -> None:
    done = _footnote("why", QUESTION, "GenSE")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("GenSE: Generative Speech Enhancement")
    assert "Before it:" in done.stdout
    assert "Sylber: Syllabic" in done.stdout.partition("Before it:")[2]


def test_why_json_is_one_object(library_folder: Path) -> None:
    explained = json.loads(_footnote("why", QUESTION, "GenSE", "--json").stdout)
    assert set(explained) == {
        "question", "searched_for", "filters", "meets_filters", "candidates", "weights", "paper", "words", "lacking",
        "before",
    }  # fmt: skip
    assert set(explained["before"][0]) == set(explained["paper"])
    assert explained["weights"]["words"] + explained["weights"]["vectors"] == pytest.approx(1)


def test_why_of_an_unknown_paper_is_one_line(library_folder: Path) -> None:
    done = _footnote("why", QUESTION, "zebra")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "footnote: No paper is called “zebra” or has it as its id. Run: footnote papers"
    ]


def test_ask_and_papers_take_conditions(library_folder: Path) -> None:
    asked = _footnote("ask", "What is Sylber?", "--model", "extractive", "--from-year", "2020")
    assert "The library holds no paper from 2020 on." in asked.stdout
    assert "Only papers from 2020 on" in asked.stderr
    assert len(_footnote("papers", "--source", "papers.txt").stdout.splitlines()) == 62
    assert _footnote("papers", "speech", "--author", "Nobody").stdout == ""


def test_a_missing_number_is_a_dash(footnote: Footnote) -> None:
    explanation = _explained(footnote, "GenSE")
    bare = replace(
        explanation, standing=replace(explanation.standing, cosine=None, dense_rank=None), words=()
    )
    lines = why.text(bare)
    assert any("–" in line for line in lines)
    assert "None of the question's words is in its title or abstract." in lines
