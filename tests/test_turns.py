"""Answers of one model come one after another, in the order in which they were asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.engines import ChatModel, Chunk, Message
from rag.engines.turns import InTurn
from rag.errors import ModelBrokeOff

PROMPT = [Message("user", "What?")]


class Held(ChatModel):
    """Writes one word when it is let, and counts how many write at once."""

    name, engine, digest, context = "held", "a test", "", 100

    def __init__(self) -> None:
        self.let = threading.Event()
        self.writing = 0
        self.most = 0

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        assert max_tokens
        self.writing += 1
        self.most = max(self.most, self.writing)
        try:
            if messages[0].content == "break":
                raise ModelBrokeOff("It broke off.")
            while not self.let.wait(0.01) and not stop.is_set():
                pass
            yield Chunk(messages[0].content)
        finally:
            self.writing -= 1

    def count_tokens(self, text: str) -> int:
        return len(text)

    def warm_up(self, messages: Sequence[Message]) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def held() -> Held:
    return Held()


def begun(model: InTurn, question: str = "?") -> tuple[Generator[Chunk, None, None], threading.Event]:
    stop = threading.Event()
    return model.stream([Message("user", question)], max_tokens=5, stop=stop), stop


def test_the_first_ones_write_and_the_next_is_told_how_many_come_first(held: Held) -> None:
    model = InTurn(held, at_once=1)
    held.let.set()
    first, _ = begun(model)
    assert next(first) == Chunk("?")
    second, _ = begun(model)
    assert next(second) == Chunk("", ahead=1)
    third, _ = begun(model)
    assert next(third) == Chunk("", ahead=2)
    first.close()
    assert next(second).ahead == 0
    assert next(third).ahead == 1
    second.close()
    assert [chunk.text for chunk in third if chunk.text] == ["?"]


def test_who_is_stopped_leaves_the_line(held: Held) -> None:
    model = InTurn(held, at_once=1)
    held.let.set()
    first, _ = begun(model)
    next(first)
    second, stop = begun(model)
    next(second)
    third, _ = begun(model)
    assert next(third).ahead == 2
    stop.set()
    assert not [chunk for chunk in second if chunk.text]
    assert next(third).ahead == 1


def test_an_engine_that_breaks_off_lets_the_next_one_in(held: Held) -> None:
    model = InTurn(held, at_once=1)
    held.let.set()
    broken, _ = begun(model, "break")
    with pytest.raises(ModelBrokeOff):
        list(broken)
    after, _ = begun(model)
    assert next(after) == Chunk("?")


def test_ten_at_once_are_all_answered_and_no_more_write_than_may(held: Held) -> None:
    model = InTurn(held, at_once=2)

    def ask(number: int) -> str:
        stream, _ = begun(model, str(number))
        return "".join(chunk.text for chunk in stream)

    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(ask, number) for number in range(10)]
        time.sleep(0.1)
        held.let.set()
        assert sorted(answer.result(30) for answer in answers) == sorted(map(str, range(10)))
    assert held.most == 2
