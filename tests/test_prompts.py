"""The prompts, word for word: `tests/golden/` holds them as the model reads them.

A prompt that is changed on purpose is written anew with `GOLDEN=write pytest tests/test_prompts.py`.
"""

import os
from pathlib import Path

import pytest

from rag import prompts
from rag.records import Evidence, EvidenceSentence, Paper, Question, Shape, Turn

GOLDEN = Path(__file__).parent / "golden"

MINILM = Paper(
    "minilm", "MiniLM: Deep Self-Attention Distillation", "It is small. It keeps 99%. It halves the size."
)
DSE = Paper("dse", "Distilled Sentence Embedding", "DSE is fast. It loses 4.6%.")
BEFORE = Turn("What is MiniLM?", "It is a compressed model.")


def _evidence(paper: Paper, *sentences: str) -> Evidence:
    return Evidence(paper, tuple(EvidenceSentence(paper.id, n, text) for n, text in enumerate(sentences)))


SMALL = _evidence(MINILM, "It is small.", "It keeps 99%.")
FAST = _evidence(DSE, "DSE is fast.", "It loses 4.6%.")
FACT = Question("How much accuracy does MiniLM keep?", "How much accuracy does MiniLM keep?", Shape.FACT)
FOLLOWS = Question(
    "And how much does it keep?", "And how much does it keep? (about MiniLM)", Shape.FACT, follows_up=True
)
BOTH = Question("Compare it with DSE", "Compare it with DSE (about MiniLM)", Shape.COMPARISON, ("it", "DSE"))

RENDERED = {
    "system": lambda: prompts.SYSTEM,
    "fact": lambda: prompts.fact(SMALL, FACT.asked),
    "follow-up": lambda: prompts.fact(SMALL, FOLLOWS.asked, BEFORE),
    "comparison": lambda: prompts.comparison([SMALL, FAST], BOTH),
}


@pytest.mark.parametrize("name", RENDERED)
def test_a_prompt_is_the_golden_text(name: str) -> None:
    path = GOLDEN / f"prompt-{name}.txt"
    text = RENDERED[name]() + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RENDERED)
def test_no_prompt_offers_a_refusal(name: str) -> None:
    """Small models take an offered refusal far too often; abstaining is decided outside."""
    text = RENDERED[name]().casefold()
    offers = (
        "don't know",
        "do not know",
        "cannot answer",
        "can't answer",
        "not mentioned",
        "do not say",
        "unsure",
    )
    assert not [offer for offer in offers if offer in text]


def test_evidence_comes_first_so_that_the_next_question_finds_the_prefix_read() -> None:
    one, two = prompts.fact(SMALL, FACT.asked), prompts.fact(SMALL, "What does it halve?")
    prefix, _, _ = one.partition("Question:")
    assert two.startswith(prefix)
    assert MINILM.title in prefix
    assert "It keeps 99%." in prefix


def test_only_the_chosen_sentences_are_shown() -> None:
    assert "halves" not in prompts.fact(SMALL, FACT.asked)


def test_the_earlier_turn_is_shown_before_the_question() -> None:
    text = prompts.fact(SMALL, FOLLOWS.asked, BEFORE)
    assert text.index(BEFORE.question) < text.index(BEFORE.answer) < text.index(FOLLOWS.asked)


def test_a_comparison_shows_each_side_under_its_own_title() -> None:
    text = prompts.comparison([SMALL, FAST], BOTH)
    order = [MINILM.title, "It is small.", DSE.title, "DSE is fast.", BOTH.standalone]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
