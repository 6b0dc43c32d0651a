"""Quotations: which sentences of an abstract stand for an answer, and which the written text makes needless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rag import quoting
from rag.answer import answer
from rag.comparing import sides
from rag.reading import Reading
from rag.records import Answer, CheckedSentence, CitedPaper, EvidenceSentence, Paper, Support, Turn
from rag.scene import Parts, Scene

TOKENS = "How many tokens per second does Sylber use on average?"
BOTH = "How do syllable segmentation and music understanding differ?"
Stage = Callable[..., Scene]


def _speaking(asked: Scene, *readings: Reading) -> Answer:
    """An answer that has just begun: what these abstracts say themselves."""
    return quoting.in_its_own_words(Answer(asked.question), asked, readings)


def _quote(text: str) -> CheckedSentence:
    part = EvidenceSentence("p", 0, text)
    return CheckedSentence(f"“{text}”", Support.SUPPORTED, (part,), quoted=True)


def _said(*texts: str) -> list[CheckedSentence]:
    return [CheckedSentence(text, Support.SUPPORTED) for text in texts]


# Which sentences


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
def test_the_sentences_quoted_hold_the_answer(scene: Stage, paper: str, question: str, holds: str) -> None:
    asked = scene(question)
    papers = asked.parts.library.all_papers()
    reading = asked.parts.reader.read(next(p for p in papers if p.title.startswith(paper)))
    chosen = quoting.likeliest(asked, reading, quoting.QUOTED)
    assert any(holds in part.text for part in chosen)
    assert 1 <= len(chosen) <= quoting.QUOTED
    assert [part.position for part in chosen] == sorted({part.position for part in chosen})


@pytest.mark.parametrize("question", [TOKENS, "What is Sylber?"])
@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_no_more_than_were_asked_for_and_none_far_behind_the_best(
    scene: Stage, question: str, most: int
) -> None:
    asked = scene(question)
    chosen = quoting.likeliest(asked, asked.readings[0], most)
    odds = {part.position: value for value, part in asked.holding(asked.readings[0])}
    near = [position for position, value in odds.items() if value >= max(odds.values()) - 3.0]
    assert max(odds.values()) in [odds[part.position] for part in chosen]
    assert len(chosen) == min(most, len(near))
    assert {part.position for part in chosen} <= set(near)


@pytest.mark.parametrize("question", [TOKENS, "What is Sylber?", "How is Sylber trained and evaluated?"])
def test_from_the_third_on_only_what_is_about_as_likely_as_the_best(scene: Stage, question: str) -> None:
    asked = scene(question)
    reading = asked.readings[0]
    odds = sorted((value for value, _ in asked.holding(reading)), reverse=True)
    for behind in (0.0, 0.5, 1.5, 3.0):
        near = sum(value >= odds[0] - behind for value in odds[2:5])
        two = sum(value >= odds[0] - 3.0 for value in odds[:2])
        assert len(quoting.likeliest(asked, reading, 5, behind)) == two + near
    assert len(_speaking(asked, reading).sentences) == len(quoting.likeliest(asked, reading, 5, 1.5))


def test_a_quotation_is_the_sentence_as_it_stands(scene: Stage) -> None:
    asked = scene(TOKENS)
    for reading in asked.readings:
        for quote in _speaking(asked, reading).sentences:
            [part] = quote.evidence
            assert quote.text == f"“{part.text}”"
            assert part.text in reading.paper.abstract
            assert part.paper_id == reading.paper.id
            assert quote.quoted
            assert quote.support is Support.SUPPORTED


def test_a_paper_without_abstract_is_quoted_by_its_title(scene: Stage) -> None:
    asked = scene(TOKENS)
    reading = asked.parts.reader.read(Paper("t", "On Whales", ""))
    assert [quote.text for quote in _speaking(asked, reading).sentences] == ["“On Whales”"]


# In its own words


def test_one_abstract_is_quoted_and_cited_and_the_answer_goes_on(scene: Stage) -> None:
    asked = scene(TOKENS)
    begun = _speaking(asked, asked.readings[0])
    assert (begun.done, begun.abstained, begun.remark) == (False, False, "")
    assert "4.27" in begun.text
    assert 1 <= len(begun.sentences) <= quoting.QUOTED
    assert [cited.paper.id for cited in begun.papers] == [asked.readings[0].paper.id]
    assert all(sentence.citations == (1,) for sentence in begun.sentences)


def test_each_side_of_a_comparison_is_quoted_in_its_turn(scene: Stage) -> None:
    asked = scene(BOTH)
    compared = sides(asked)
    begun = _speaking(asked, *compared)
    assert len(compared) == 2
    assert [cited.paper.id for cited in begun.papers] == [reading.paper.id for reading in compared]
    for reading in compared:
        quotes = [s for s in begun.sentences if s.evidence[0].paper_id == reading.paper.id]
        assert 1 <= len(quotes) <= quoting.QUOTED_OF_A_SIDE
    places = [s.citations for s in begun.sentences]
    assert places == sorted(places)


def test_a_paper_that_was_cited_before_is_quoted_under_its_number(scene: Stage) -> None:
    asked = scene(TOKENS)
    first = asked.readings[0]
    before = (Turn("?", "!", (CitedPaper(7, first.paper, ()),)),)
    begun = _speaking(replace(asked, history=before), first)
    assert [cited.number for cited in begun.papers] == [7]
    assert all(sentence.citations == (7,) for sentence in begun.sentences)


# What is written makes a quotation needless


def test_a_quotation_that_is_written_again_goes_and_the_others_stay() -> None:
    whales, finches = _quote("OrcaNet hears 40 whales."), _quote("FinchNet transcribes birdsong.")
    assert quoting.unsaid([whales, finches], _said("OrcaNet hears 40 whales.")) == [finches]
    assert quoting.unsaid([whales, finches], []) == [whales, finches]


def test_two_written_sentences_may_give_a_quotation_together() -> None:
    quote = _quote("OrcaNet hears 40 whales and counts seals.")
    assert quoting.unsaid([quote], _said("OrcaNet hears 40 whales.")) == [quote]
    assert quoting.unsaid([quote], _said("OrcaNet hears 40 whales.", "It counts seals.")) == []


@pytest.mark.parametrize(("given", "kept"), [(7, True), (8, False), (10, False)])
def test_four_fifths_of_its_words_make_a_quotation_needless(given: int, kept: bool) -> None:
    words = "whale orca seal trout finch robin otter squid heron gull".split()
    quote = _quote(" ".join(words))
    assert bool(quoting.unsaid([quote], _said(" ".join(words[:given])))) is kept


# Which papers are compared


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("Compare Sylber with MERT", ("Sylber", "MERT")),
        ("How does MERT differ from Sylber?", ("MERT", "Sylber")),
        (BOTH, ("Sylber", "MERT")),
        ("Which is larger, MiniLM, Sylber or MERT?", ("MiniLM", "Sylber", "MERT")),
    ],
)
def test_the_papers_compared_are_those_named_in_their_order(
    scene: Stage, question: str, papers: tuple[str, ...]
) -> None:
    found = [reading.paper.title.partition(":")[0] for reading in sides(scene(question))]
    assert found == list(papers)


@pytest.mark.parametrize("question", ["Compare Sylber with Frobnicator", TOKENS])
def test_what_the_library_lacks_is_no_side(scene: Stage, question: str) -> None:
    assert [reading.paper.title.partition(":")[0] for reading in sides(scene(question))] == ["Sylber"]


def test_filters_hold_for_the_sides(parts: Parts, scene: Stage) -> None:
    asked = scene("Compare Sylber with MERT")
    nothing = replace(asked.question.filters, year_from=1900, year_to=1901)
    assert sides(replace(asked, question=replace(asked.question, filters=nothing))) == []


def test_an_answer_without_a_model_is_what_the_abstract_says(parts: Parts, scene: Stage) -> None:
    asked = scene(TOKENS)
    assert list(answer(TOKENS, parts))[-1].sentences == _speaking(asked, asked.readings[0]).sentences
