"""The model's word on whether an abstract states the answer: asked in doubt only, and weighed."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from math import inf

import pytest
from test_answer import RIGHT, TOKENS, Says

from rag import judge, opinion, prompts
from rag.answer import answer
from rag.engines import Chunk, Message
from rag.errors import EngineUnreachable, ModelError
from rag.records import Answer
from rag.scene import Parts

DESCRIBED = "What is proposed to make discrete representations of speech robust?"


class Thinks(Says):
    """Says yes or no of an abstract, in several ways."""

    def __init__(
        self, *opinions: str, odds: tuple[tuple[str, float], ...] = (), fails: ModelError | None = None
    ) -> None:
        super().__init__(RIGHT)
        self.opinions, self.odds, self.fails = list(opinions), odds, fails

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        if not messages[-1].content.endswith(prompts.STATED):
            return super().stream(messages, max_tokens=max_tokens, stop=stop)
        self.asked_for_opinion.append(messages[-1].content)
        return self._opinion()

    def _opinion(self) -> Generator[Chunk, None, None]:
        if self.fails:
            raise self.fails
        text = self.opinions.pop(0) if len(self.opinions) > 1 else self.opinions[0]
        yield Chunk(text, beginnings=self.odds)
        yield Chunk(".", beginnings=(("No", 0.0),) if self.odds else ())


def _asked(parts: Parts, model: Says, question: str, odds: float = 0.0) -> Answer:
    """The last snapshot, where every abstract has these log odds of answering."""
    flat = replace(parts.calibration.answerable, weights=parts.calibration.answerable.weights * 0, bias=odds)
    known = replace(parts.calibration, answerable=flat, hardly=-2.0, least=-0.5, surely=1.0)
    return list(answer(question, replace(parts, model=model, calibration=known)))[-1]


def test_a_no_in_doubt_is_an_abstention_with_its_reason(parts: Parts) -> None:
    model = Thinks("No")
    last = _asked(parts, model, TOKENS)
    assert last.abstained
    assert last.remark == f"{judge.NOT_SAID} The nearest abstracts were read, and the answer is not in them."
    assert (last.sentences, last.papers, model.prompts) == ((), (), [])
    assert last.retrieved, "the nearest papers are offered"


@pytest.mark.parametrize("word", ["Yes", "yes.", "**Yes**", "<think>hm</think>Yes"])
def test_a_yes_in_doubt_lets_the_answer_be_written(parts: Parts, word: str) -> None:
    model = Thinks(word)
    assert RIGHT in _asked(parts, model, TOKENS).text
    assert len(model.asked_for_opinion) == 1


def test_a_yes_helps_where_the_calibration_alone_would_decline(parts: Parts) -> None:
    yes = (("Yes", -0.1), ("No", -2.5))
    assert _asked(parts, Thinks("Yes", odds=yes), TOKENS, odds=-1.0).sentences
    assert _asked(parts, Thinks("Perhaps"), TOKENS, odds=-1.0).abstained


def test_how_sure_the_model_is_counts_and_only_its_first_word(parts: Parts) -> None:
    assert _asked(parts, Thinks("Yes", odds=(("Yes", -0.6), ("No", -0.8))), TOKENS, odds=-0.4).abstained
    assert _asked(parts, Thinks("Yes", odds=(("Yes", -0.1), ("No", -2.4))), TOKENS, odds=-0.4).sentences
    assert _asked(parts, Thinks("No", odds=(("Yes", -0.8), ("No", -0.6))), TOKENS, odds=0.9).sentences


@pytest.mark.parametrize("odds", [1.0, 5.0])
def test_without_doubt_nothing_is_asked_and_the_quotations_come_first(parts: Parts, odds: float) -> None:
    model = Thinks("No")
    assert RIGHT in _asked(parts, model, TOKENS, odds).text
    assert model.asked_for_opinion == []


def test_below_all_doubt_nothing_is_asked_either(parts: Parts) -> None:
    model = Thinks("Yes")
    assert _asked(parts, model, TOKENS, odds=-2.1).abstained
    assert model.asked_for_opinion == []


def test_two_papers_to_compare_are_no_matter_of_doubt(parts: Parts) -> None:
    model = Thinks("No")
    assert _asked(parts, model, "Compare Sylber with MERT").sentences
    assert model.asked_for_opinion == []


def test_where_no_paper_is_named_a_second_abstract_is_asked_about(parts: Parts) -> None:
    model = Thinks("No", "Yes")
    last = _asked(parts, model, DESCRIBED, odds=0.0)
    first, second = model.asked_for_opinion
    assert first != second
    assert [c.paper.title for c in last.papers] == [last.retrieved[1].paper.title]


def test_where_a_paper_is_named_no_other_answers_in_its_place(parts: Parts) -> None:
    model = Thinks("No", "Yes")
    assert _asked(parts, model, TOKENS).abstained
    assert len(model.asked_for_opinion) == 1


@pytest.mark.parametrize(("odds", "abstains"), [(-0.4, False), (-0.6, True)])
def test_a_model_that_says_neither_or_is_gone_leaves_it_to_the_calibration(
    parts: Parts, odds: float, abstains: bool
) -> None:
    gone = Thinks("", fails=EngineUnreachable("It is gone.", "ollama serve"))
    assert _asked(parts, Thinks("Well"), TOKENS, odds).abstained is abstains
    assert _asked(parts, gone, TOKENS, odds).abstained is abstains


def test_who_stops_while_the_abstract_is_read_is_not_made_to_wait(parts: Parts) -> None:
    stop = threading.Event()
    model = Thinks("Yes")
    known = replace(parts.calibration, surely=inf)
    snapshots = answer(TOKENS, replace(parts, model=model, calibration=known), stop=stop)
    for now in snapshots:
        if now.stage == "reading":
            stop.set()
    assert now.done
    assert now.stopped or now.abstained
    assert RIGHT not in now.text


def test_the_prompt_is_that_of_the_writing_up_to_its_last_line(parts: Parts) -> None:
    """So the engine reads the abstract once for both."""
    model = Thinks("Yes")
    _asked(parts, model, TOKENS)
    [asked], [written] = model.asked_for_opinion, model.prompts
    shared = asked.removesuffix(prompts.STATED)
    assert written.startswith(shared)
    assert "Abstract:" in shared
    assert opinion.ASKED_ABOUT == 2
