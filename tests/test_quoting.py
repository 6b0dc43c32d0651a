"""Quotations: which sentences of an abstract stand for an answer, and when none do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from rag import quoting
from rag.answer import answer
from rag.clock import Clock
from rag.comparing import sides
from rag.reading import Reading
from rag.records import Answer, CheckedSentence, Evidence, Paper, Shape, Support
from rag.scene import Parts, Scene

TOKENS = "How many tokens per second does Sylber use on average?"
BOTH = "How do syllable segmentation and music understanding differ?"
Stage = Callable[..., Scene]


def _gated(asked: Scene, quote: float) -> Scene:
    """The scene with another threshold for quoting."""
    return replace(
        asked, parts=replace(asked.parts, calibration=replace(asked.parts.calibration, quote=quote))
    )


def _shown(asked: Scene, *readings: Reading) -> tuple[Evidence, ...]:
    return tuple(Evidence(reading.paper, reading.evidence(asked.vector)) for reading in readings)


def _said(reading: Reading, text: str) -> CheckedSentence:
    """A sentence of a model that rests on the first sentence of an abstract."""
    return CheckedSentence(text, Support.SUPPORTED, (reading.evidence(reading.vectors[0])[0],))


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
    chosen = quoting.holding(asked, reading, quoting.QUOTED)
    assert any(holds in part.text for part in chosen)
    assert 1 <= len(chosen) <= quoting.QUOTED
    assert [part.position for part in chosen] == sorted({part.position for part in chosen})


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_no_more_than_were_asked_for_and_none_far_behind_the_best(scene: Stage, most: int) -> None:
    asked = scene(TOKENS)
    chosen = quoting.holding(asked, asked.readings[0], most)
    odds = {part.position: value for value, part in asked.holding(asked.readings[0])}
    assert 1 <= len(chosen) <= most
    assert max(odds.values()) in [odds[part.position] for part in chosen]
    assert all(odds[part.position] >= max(odds.values()) - 2.0 for part in chosen)


def test_a_quotation_is_the_sentence_as_it_stands(scene: Stage) -> None:
    asked = scene(TOKENS)
    for reading in asked.readings:
        for quote in quoting.quotations(asked, reading, 3):
            [part] = quote.evidence
            assert quote.text == f"“{part.text}”"
            assert part.text in reading.paper.abstract
            assert part.paper_id == reading.paper.id
            assert quote.quoted
            assert quote.support is Support.SUPPORTED


def test_a_paper_without_abstract_is_quoted_by_its_title(scene: Stage) -> None:
    asked = scene(TOKENS)
    reading = asked.parts.reader.read(Paper("t", "On Whales", ""))
    assert [quote.text for quote in quoting.quotations(asked, reading, 3)] == ["“On Whales”"]


# Without a model


def test_without_a_model_the_first_paper_is_quoted_and_cited(scene: Stage) -> None:
    asked = scene(TOKENS)
    last = quoting.extract(Answer(asked.question), asked, Clock())
    assert (last.done, last.stage, last.abstained) == (True, "done", False)
    assert "4.27" in last.text
    assert [cited.paper.id for cited in last.papers] == [asked.readings[0].paper.id]
    assert all(sentence.citations == (1,) for sentence in last.sentences)


def test_an_abstract_that_is_unlikely_to_answer_is_not_quoted_without_a_model(scene: Stage) -> None:
    asked = _gated(scene(TOKENS), inf)
    last = quoting.extract(Answer(asked.question), asked, Clock())
    assert last.abstained
    assert last.sentences == last.papers == ()


def test_without_a_model_each_side_of_a_comparison_is_quoted(scene: Stage) -> None:
    asked = scene(BOTH)
    last = quoting.extract(Answer(asked.question), asked, Clock())
    compared = [reading.paper.id for reading in sides(asked)]
    assert len(compared) == 2
    assert [cited.paper.id for cited in last.papers] == compared
    for paper in compared:
        quotes = [s for s in last.sentences if s.evidence[0].paper_id == paper]
        assert 1 <= len(quotes) <= quoting.QUOTED_OF_A_SIDE


# When nothing that the model wrote is carried


def test_the_abstract_speaks_when_the_model_does_not(scene: Stage) -> None:
    asked = scene(TOKENS)
    now = Answer(asked.question, evidence=_shown(asked, asked.readings[0]))
    last = quoting.with_quotations(now, asked, Clock())
    assert "4.27" in last.text
    assert all(sentence.quoted for sentence in last.sentences)


def test_the_abstract_that_was_found_first_is_quoted_whichever_the_model_read_last(scene: Stage) -> None:
    asked = scene(TOKENS)
    now = Answer(asked.question, evidence=_shown(asked, asked.readings[1]))
    last = quoting.with_quotations(now, asked, Clock())
    assert [cited.paper.id for cited in last.papers] == [asked.readings[0].paper.id]


def test_what_does_not_answer_is_taken_away_with_its_citations_when_nothing_is_quoted(scene: Stage) -> None:
    asked = _gated(scene(TOKENS), inf)
    beside = _said(asked.readings[0], "Sylber is a model of speech.")
    now = Answer(asked.question, sentences=(beside,), evidence=_shown(asked, asked.readings[0]))
    last = quoting.with_quotations(now, asked, Clock())
    assert last.abstained
    assert last.sentences == last.papers == ()


def test_every_side_that_the_model_read_is_quoted(scene: Stage) -> None:
    asked = scene(BOTH)
    compared = sides(asked)
    last = quoting.with_quotations(Answer(asked.question, evidence=_shown(asked, *compared)), asked, Clock())
    assert {cited.paper.id for cited in last.papers} == {reading.paper.id for reading in compared}


def test_a_side_that_the_model_left_out_is_quoted_beside_what_it_said(scene: Stage) -> None:
    asked = scene(BOTH)
    one, other = sides(asked)
    written = _said(one, "Its segmentation is fast.")
    now = Answer(asked.question, sentences=(written,), evidence=_shown(asked, one, other))
    last = quoting.with_every_side(now, asked)
    assert last.sentences[0].text == written.text
    assert last.sentences[1:]
    assert all(s.quoted and s.evidence[0].paper_id == other.paper.id for s in last.sentences[1:])
    assert [cited.number for cited in last.papers] == [1, 2]


def test_where_every_side_is_spoken_for_nothing_is_added(scene: Stage) -> None:
    asked = scene(BOTH)
    one, other = sides(asked)
    written = (_said(one, "Its segmentation is fast."), _said(other, "It understands music."))
    now = Answer(asked.question, sentences=written, evidence=_shown(asked, one, other))
    assert [s.text for s in quoting.with_every_side(now, asked).sentences] == [s.text for s in written]


def test_a_question_for_one_thing_has_no_sides(scene: Stage) -> None:
    asked = scene(TOKENS)
    assert asked.question.shape is Shape.FACT
    now = Answer(asked.question, evidence=_shown(asked, asked.readings[0]))
    assert quoting.with_every_side(now, asked) == now


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


def test_a_quoted_answer_is_the_same_from_the_main_path(parts: Parts, scene: Stage) -> None:
    asked = scene(TOKENS)
    directly = quoting.extract(Answer(asked.question), asked, Clock())
    assert list(answer(TOKENS, parts))[-1].sentences == directly.sentences
