"""A prompt that would not fit the model's window is cut by us, by whole sentences; never sent too long."""

import threading
from collections.abc import Generator, Sequence
from dataclasses import replace

import pytest

from rag.answer import Parts, answer
from rag.engines import ChatModel, Chunk, Message, ensure_fits
from rag.records import Answer, Turn

RIGHT = "Sylber uses an average of 4.27 tokens per second."
QUESTION = "How many tokens per second does Sylber use on average?"


class Strict(ChatModel):
    """A model with a small window that refuses a prompt that is too long, as both engines do."""

    name = "double"
    engine = "test"
    digest = ""
    context = 4096

    def __init__(self, context: int, text: str = RIGHT, obeys: bool = True) -> None:
        self.context, self.text, self.obeys = context, text, obeys
        self.prompts: list[str] = []
        self.written = 0

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        """Write word by word; a model that does not obey goes on when it is told to stop."""
        ensure_fits(self, messages, max_tokens)
        self.prompts.append(messages[-1].content)
        for word in self.text.split():
            if self.obeys and stop.is_set():
                return
            self.written += 1
            yield Chunk(f" {word}")
        yield Chunk("", prompt_tokens=1)

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 1

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to free."""


def _answered(parts: Parts, model: Strict, question: str, history: Sequence[Turn] = ()) -> Answer:
    return list(answer(question, replace(parts, model=model), history))[-1]


@pytest.mark.parametrize("context", [520, 640, 800, 1024, 4096])
def test_the_abstract_is_cut_to_the_window_of_the_model(parts: Parts, context: int) -> None:
    model = Strict(context)
    last = _answered(parts, model, QUESTION)
    assert not last.failed, last.notices
    assert model.prompts


def test_the_abstract_is_cut_by_whole_sentences(parts: Parts) -> None:
    model = Strict(560)
    last = _answered(parts, model, QUESTION)
    abstract = last.retrieved[0].paper.abstract
    shown = [s.text for part in last.evidence for s in part.sentences]
    assert shown
    assert all(text in abstract for text in shown)
    assert all(text in model.prompts[-1] for text in shown)
    assert len(" ".join(shown)) < len(abstract)


_LONG = "How many tokens per second does Sylber use on average, " + "given that I read about it before, " * 50


def test_a_long_question_leaves_less_room_for_the_abstract(parts: Parts) -> None:
    last = _answered(parts, Strict(1000), _LONG)
    assert not last.failed, last.notices


def test_a_long_answer_before_leaves_less_room_for_the_abstract(parts: Parts) -> None:
    first = _answered(parts, Strict(4096), QUESTION)
    before = Turn(first.question.standalone, "Sylber makes dense token sequences short. " * 20, first.papers)
    last = _answered(parts, Strict(740), "And what does it bring?", [before])
    assert not last.failed, last.notices


def test_a_comparison_fits_the_default_window(parts: Parts) -> None:
    model = Strict(4096)
    last = _answered(parts, model, "What is the difference between Sylber and MiniLM?")
    assert not last.failed, last.notices
    assert model.prompts


def test_an_engine_that_does_not_hear_the_stop_is_left_at_once(parts: Parts) -> None:
    model, stop = Strict(4096, text=f"{RIGHT} " + "and so on " * 200, obeys=False), threading.Event()
    for snapshot in answer(QUESTION, replace(parts, model=model), stop=stop):
        if snapshot.stage == "writing" and snapshot.raw:
            stop.set()
    assert model.written < 10
    assert snapshot.done
    assert snapshot.stopped
