"""Remembering words changes no token: the ids are those of the tokenizer that ships with the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from rag import importers, minilm
from rag.minilm.tokens import LONGEST, Pieces

TOKENIZER = Tokenizer.from_file(str(minilm.FOLDER / minilm.TOKENIZER))
PIECES = Pieces(TOKENIZER)
CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"
CHARACTERS = "aZz09é\u0301ßΣς\u0130中日😀\u200d\x00\x1c\x85\u00a0\u2003\n\r\t -.,;'[]()_$%\u202e"
WORDS = (
    "[CLS]",
    "[MASK]",
    "[unk]",
    "isn't",
    "GPT-3.5,",
    "pre-training",
    "https://example.org/a?b=c",
    "\u212a",
)


def same(text: str) -> bool:
    return PIECES.ids(text).tolist() == TOKENIZER.encode(text).ids


def test_every_shipped_abstract_has_the_tokens_of_the_tokenizer() -> None:
    papers = importers.read(CORPUS).papers
    assert papers
    assert all(same(f"{paper.title}\n{paper.abstract}") for paper in papers)


@given(st.lists(st.sampled_from(WORDS) | st.text(st.sampled_from(CHARACTERS) | st.characters(codec="utf-8"))))
@example([])
@example(["  two ", "\n\nblanks "])
@example(["a[MASK]b", "[SEP]", "[", "PAD]"])
def test_any_text_has_the_tokens_of_the_tokenizer(words: list[str]) -> None:
    assert same(" ".join(words))
    assert same("".join(words))


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 500])
@pytest.mark.parametrize("make", ["a".__mul__, "中".__mul__, "ab-".__mul__])
def test_a_word_of_any_length_has_the_tokens_of_the_tokenizer(
    make: Callable[[int], str], length: int
) -> None:
    assert same(f"before {make(length)} after")


def test_a_text_has_the_same_tokens_when_its_words_are_known() -> None:
    new = Pieces(TOKENIZER)
    first, again = new.ids("Known words, twice."), new.ids("Known words, twice.")
    assert first.tolist() == again.tolist() == TOKENIZER.encode("Known words, twice.").ids


def test_half_a_surrogate_pair_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        PIECES.ids("broken \ud800 text")
