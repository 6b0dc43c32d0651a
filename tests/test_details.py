"""Details that few abstracts give: asked for in many ways, missed only where the abstract is silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag import judge
from rag.details import lacking
from rag.scene import Scene

Stage = Callable[..., Scene]


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("Which learning rate did they use?", "learning rate"),
        ("on what GPUs was it trained", "GPUs"),
        ("How long did training take?", "How long did training take"),
        ("What is the carbon footprint of this?", "carbon"),
        ("How much does a course of it cost?", "How much does a course of it cost"),
        ("Did the authors release their code?", "release their code"),
        ("Which dose did the patients get?", "dose"),
        ("What was the mean age of the women?", "mean age"),
    ],
)
def test_a_detail_that_the_abstract_never_speaks_of_is_lacking(question: str, detail: str) -> None:
    assert lacking(question, "We propose a method and it does well on three benchmarks.") == detail


@pytest.mark.parametrize(
    ("question", "abstract"),
    [
        ("How long did training take?", "It is trained in two days."),
        ("How long does a kernel take?", "A kernel takes 77 ms."),
        ("How many GPUs were used?", "We train on a single A100 GPU."),
        ("How many parameters has it?", "A model with 530 billion parameters."),
        ("how many parameters", "The 7B model is open."),
        ("At what temperature was it heated?", "Samples were heated to 900 °C."),
        ("How much does it cost?", "It takes 1 GPU hour."),
        ("Is the code available?", "See https://example.org."),
        ("Which dose did the patients get?", "They received 200 mg daily."),
        ("Which method does best?", "We propose a method."),
        ("What does the cost function reward?", "We propose a method."),
    ],
)
def test_a_detail_is_there_in_the_ways_in_which_abstracts_speak_of_it(question: str, abstract: str) -> None:
    assert lacking(question, abstract) == ""


def test_a_named_paper_without_the_detail_is_no_answer(scene: Stage) -> None:
    asked = scene("What batch size was used to train Sylber?")
    assert judge.cannot_answer(asked) == "The nearest abstracts say nothing of “batch size”."
