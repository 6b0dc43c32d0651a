"""What the model gets to read, and which paper a compared thing leads to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rag import importers
from rag.embedders import Embedder, embedder
from rag.reading import Reader, Reading
from rag.records import Evidence, EvidenceSentence, Paper
from rag.select import is_about, most_likely, most_relevant
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

    def nearest_first(self, reading: Reading, question: str) -> list[EvidenceSentence]:
        """An order of the sentences to choose by."""
        return sorted(reading.evidence(self.vector(question)), key=lambda s: -s.relevance)


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
    evidence = most_likely(reading, desk.nearest_first(reading, TOKENS), _words, 10_000)
    assert evidence.paper == reading.paper
    assert tuple(s.text for s in evidence.sentences) == reading.sentences
    assert " ".join(s.text for s in evidence.sentences) == reading.paper.abstract


@pytest.mark.parametrize("budget", [20, 60, 120])
def test_a_long_abstract_keeps_the_sentences_that_matter_in_their_order(desk: Desk, budget: int) -> None:
    reading = desk.read("Sylber")
    evidence = most_likely(reading, desk.nearest_first(reading, TOKENS), _words, budget)
    assert any("4.27" in s.text for s in evidence.sentences)
    assert _in_order(evidence)
    assert len(evidence.sentences) == 1 or sum(_words(s.text) for s in evidence.sentences) <= budget


def test_a_likelier_sentence_is_never_left_out_for_a_shorter_one(desk: Desk) -> None:
    reading = desk.read("Sylber")
    likeliest = desk.nearest_first(reading, TOKENS)
    for budget in range(0, 200, 10):
        chosen = most_likely(reading, likeliest, _words, budget).sentences
        assert set(chosen) == set(likeliest[: len(chosen)])


def test_something_is_shown_however_small_the_budget(desk: Desk) -> None:
    reading = desk.read("Sylber")
    likeliest = desk.nearest_first(reading, TOKENS)
    assert most_likely(reading, likeliest, _words, 0).sentences == (likeliest[0],)


def test_a_side_of_a_comparison_stays_within_its_characters(desk: Desk) -> None:
    reading = desk.read("MERT")
    evidence = most_likely(reading, desk.nearest_first(reading, "What teachers does MERT use?"), len, 500)
    assert 0 < sum(len(s.text) for s in evidence.sentences) <= 500
    assert _in_order(evidence)


def test_a_paper_without_abstract_is_read_by_its_title(desk: Desk) -> None:
    reading = desk.reader.read(Paper("t", "On Whales", ""))
    evidence = most_likely(reading, reading.evidence(desk.vector("whales")), _words, 100)
    assert [(s.text, s.position) for s in evidence.sentences] == [("On Whales", -1)]


def test_the_most_relevant_sentence_is_sought_in_all_abstracts(desk: Desk) -> None:
    readings = [desk.read("MERT"), desk.read("Sylber"), desk.read("MiniLM")]
    assert "4.27" in most_relevant(readings, desk.vector(TOKENS)).text


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
    """Whatever is shown of any shipped paper stands in its abstract as it is."""
    for paper in desk.papers[:15]:
        reading = desk.reader.read(paper)
        for budget in (80, 800):
            chosen = most_likely(reading, desk.nearest_first(reading, "What are the results?"), len, budget)
            assert all(s.text in paper.abstract and re.search(r"\w", s.text) for s in chosen.sentences)
