"""What the model gets to read, what is quoted, and which papers a list means."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rag import importers
from rag.embedders import Embedder, embedder
from rag.reading import Reader, Reading
from rag.records import Candidate, Evidence, Paper
from rag.select import answering, best_sentences, is_about, matches, most_relevant, showing, whole
from rag.settings import DEFAULT_OLLAMA

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"
TOKENS = "How many tokens per second does Sylber use on average?"


@dataclass(frozen=True)
class Desk:
    """The shipped abstracts, read on demand."""

    papers: Sequence[Paper]
    reader: Reader
    embedder: Embedder

    def read(self, beginning: str) -> Reading:
        return self.reader.read(next(p for p in self.papers if p.title.startswith(beginning)))

    def vector(self, text: str) -> np.ndarray:
        return self.embedder.embed([text])[0]


@pytest.fixture(scope="module")
def desk() -> Desk:
    minilm = embedder("minilm", DEFAULT_OLLAMA)
    return Desk(importers.read(CORPUS).papers, Reader(minilm.embed), minilm)


def _in_order(evidence: Evidence) -> bool:
    places = [s.position for s in evidence.sentences]
    return places == sorted(set(places))


def _words(text: str) -> int:
    return len(text.split())


def test_an_abstract_that_fits_is_shown_whole(desk: Desk) -> None:
    reading = desk.read("Sylber")
    evidence = whole(reading, desk.vector(TOKENS), _words, 10_000)
    assert tuple(s.text for s in evidence.sentences) == reading.sentences
    assert " ".join(s.text for s in evidence.sentences) == reading.paper.abstract


@pytest.mark.parametrize("budget", [20, 60, 120])
def test_a_long_abstract_keeps_the_sentences_that_matter_in_their_order(desk: Desk, budget: int) -> None:
    reading = desk.read("Sylber")
    evidence = whole(reading, desk.vector(TOKENS), _words, budget)
    assert any("4.27" in s.text for s in evidence.sentences)
    assert _in_order(evidence)
    assert len(evidence.sentences) == 1 or sum(_words(s.text) for s in evidence.sentences) <= budget


def test_something_is_shown_however_small_the_budget(desk: Desk) -> None:
    assert len(whole(desk.read("Sylber"), desk.vector(TOKENS), _words, 0).sentences) == 1


def test_a_side_of_a_comparison_stays_within_its_characters(desk: Desk) -> None:
    evidence = best_sentences(desk.read("MERT"), desk.vector("What teachers does MERT use?"), 500)
    assert 0 < sum(len(s.text) for s in evidence.sentences) <= 500
    assert _in_order(evidence)


def test_a_paper_without_abstract_is_read_by_its_title(desk: Desk) -> None:
    reading = desk.reader.read(Paper("t", "On Whales", ""))
    evidence = whole(reading, desk.vector("whales"), _words, 100)
    assert [(s.text, s.position) for s in evidence.sentences] == [("On Whales", -1)]


@pytest.mark.parametrize(
    ("paper", "question", "holds"),
    [
        ("Sylber", TOKENS, "4.27"),
        ("IndicSUPERB", "How many hours of speech does Kathbath contain?", "1,684"),
        ("MiniLM", "What share of the teacher's parameters does MiniLM use?", "50%"),
        ("Diffusion Models for Zero-Shot", "By how much does it lead on Pascal VOC?", "Pascal VOC"),
        ("Who's Harry", "How many GPU hours did pretraining take?", "184K"),
    ],
)
def test_the_sentences_quoted_hold_the_answer(desk: Desk, paper: str, question: str, holds: str) -> None:
    found = answering(desk.read(paper), desk.vector(question), question)
    assert any(holds in s.text for s in found)
    assert 1 <= len(found) <= 2
    assert [s.position for s in found] == sorted(s.position for s in found)


def test_one_sentence_at_most_when_one_is_asked_for(desk: Desk) -> None:
    assert len(answering(desk.read("Sylber"), desk.vector(TOKENS), TOKENS, most=1)) == 1


def test_the_most_relevant_sentence_is_sought_in_all_abstracts(desk: Desk) -> None:
    readings = [desk.read("MERT"), desk.read("Sylber"), desk.read("MiniLM")]
    assert "4.27" in most_relevant(readings, desk.vector(TOKENS)).text


def _ranking(readings: Sequence[Reading], figures: Sequence[tuple[float, float, float]]) -> list[Candidate]:
    return [Candidate(r.paper, *f) for r, f in zip(readings, figures, strict=True)]


def test_a_list_by_name_holds_the_papers_that_mention_it_and_no_other(desk: Desk) -> None:
    readings = [desk.read(p) for p in ("MiniLM", "MERT", "W2v-BERT", "Selfie")]
    ranking = _ranking(readings, [(1 - n / 10, 0.5, 5.0) for n in range(4)])
    assert matches("Which papers mention SQuAD?", ranking, readings) == [0]
    assert matches("Which papers use HuBERT?", ranking, readings) == [2]
    assert matches("Which papers use Whisper?", ranking, readings) == []


@pytest.mark.parametrize("but", ["not Google", "except Google", "leave out Google", "other than Google"])
def test_what_is_ruled_out_need_not_be_mentioned(desk: Desk, but: str) -> None:
    readings = [desk.read("MiniLM")]
    ranking = _ranking(readings, [(1.0, 0.5, 5.0)])
    assert matches(f"Which papers mention SQuAD, but {but}?", ranking, readings) == [0]


def test_a_list_without_names_ends_where_the_ranking_falls_off(desk: Desk) -> None:
    readings = [desk.read(p) for p in ("MERT", "Sylber", "MiniLM")]
    ranking = _ranking(readings, [(1.0, 0.6, 9.0), (0.9, 0.55, 8.0), (0.05, 0.1, 0.0)])
    assert matches("Which papers are about learning from sound?", ranking, readings) == [0, 1]


def test_the_sentence_that_shows_a_match_holds_the_name_asked_for(desk: Desk) -> None:
    question = "Which papers mention SQuAD?"
    assert "SQuAD" in showing(desk.read("MiniLM"), desk.vector(question), question).text


@pytest.mark.parametrize(
    ("thing", "paper", "about"),
    [
        ("MiniLM", "MiniLM", True),
        ("w2v-BERT", "W2v-BERT", True),
        ("SPIN", "Self-Play", True),
        ("DSE", "Scalable Attentive", True),
        ("BERT", "W2v-BERT", False),
        ("HuBERT", "W2v-BERT", False),
        ("BERT", "MiniLM", False),
        ("GPT-4", "Self-Play", False),
    ],
)
def test_a_paper_is_about_what_it_introduces_and_not_about_what_it_mentions(
    desk: Desk, thing: str, paper: str, about: bool
) -> None:
    assert is_about(thing, desk.read(paper)) is about


def test_everything_selected_is_verbatim(desk: Desk) -> None:
    """Whatever is shown or quoted from any shipped paper stands in its abstract as it is."""
    vector = desk.vector("What are the results?")
    pick: list[Callable[[Reading], Sequence[str]]] = [
        lambda r: [s.text for s in whole(r, vector, _words, 80).sentences],
        lambda r: [s.text for s in best_sentences(r, vector).sentences],
        lambda r: [s.text for s in answering(r, vector, "What are the results?")],
    ]
    for paper in desk.papers[:15]:
        reading = desk.reader.read(paper)
        for chosen in pick:
            assert all(text in paper.abstract and re.search(r"\w", text) for text in chosen(reading))
