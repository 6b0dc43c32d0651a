"""Passages fit the embedder, lose no sentence and keep the order."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import importers
from rag.embedders import MiniLM
from rag.passages import PASSAGE_TOKENS, cut, embedded_text, shown_title, split
from rag.records import Paper
from rag.text import sentences

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


WORDS = st.sampled_from("speech token model 4.27 wav2vec 语音 naïve antidisestablishmentarianism a λ".split())
SENTENCES = st.lists(WORDS, min_size=1, max_size=120).map(lambda words: "We " + " ".join(words) + ".")
ABSTRACTS = st.lists(SENTENCES, max_size=25).map(" ".join)
TITLES = st.lists(WORDS, max_size=200).map(" ".join)


def letters(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=TITLES, abstract=ABSTRACTS)
def test_any_abstract_is_cut_into_passages_that_fit_and_hold_all_of_it_in_order(
    minilm: MiniLM, title: str, abstract: str
) -> None:
    passages = split(Paper("p", title, abstract), minilm.count_tokens)
    assert [p.position for p in passages] == list(range(len(passages)))
    assert {p.paper_id for p in passages} == {"p"}
    assert letters("".join(p.text for p in passages)) == letters(abstract)
    assert all(
        minilm.count_tokens(embedded_text(title, p, minilm.count_tokens)) <= PASSAGE_TOKENS for p in passages
    )


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 20), min_size=1, max_size=40),
    limit=st.integers(24, 80),
)
def test_a_sentence_that_fits_is_never_broken(lengths: list[int], limit: int) -> None:
    text = " ".join(f"N{n} " + "word " * (length - 1) + "end." for n, length in enumerate(lengths))
    whole = sentences(text)
    passages = split(Paper("p", "", text), lambda text: len(text.split()), limit)
    assert [s for p in passages for s in sentences(p.text)] == whole
    assert all(len(p.text.split()) <= limit for p in passages)


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_there_are_as_few_passages_as_fit(lengths: list[int]) -> None:
    text = " ".join(f"N{n} " + "word " * (length - 1) + "end." for n, length in enumerate(lengths))
    passages = split(Paper("p", "", text), lambda text: len(text.split()), 64)
    used, greedy = 0, 1
    for size in (length + 1 for length in lengths):
        if used + size > 64:
            greedy, used = greedy + 1, 0
        used += size
    assert len(passages) == greedy


def test_passages_of_a_paper_are_of_about_equal_length(minilm: MiniLM) -> None:
    abstract = " ".join(f"Sentence number {n} says a few words about the model." for n in range(34))
    sizes = [minilm.count_tokens(p.text) for p in split(Paper("p", "A Title", abstract), minilm.count_tokens)]
    assert len(sizes) > 1
    assert max(sizes) - min(sizes) < PASSAGE_TOKENS / 4


def test_a_paper_without_abstract_is_its_title_alone(minilm: MiniLM) -> None:
    [passage] = split(Paper("p", "A Title", ""), minilm.count_tokens)
    assert passage.text == ""
    assert embedded_text("A Title", passage, minilm.count_tokens) == "A Title"


def test_a_short_abstract_is_embedded_with_its_title(minilm: MiniLM) -> None:
    [passage] = split(Paper("p", "A Title", "It is short. It fits."), minilm.count_tokens)
    assert embedded_text("A Title", passage, minilm.count_tokens) == "A Title\nIt is short. It fits."


def test_a_long_title_leaves_room_for_the_abstract(minilm: MiniLM) -> None:
    title = "word " * 400
    shown = shown_title(title, minilm.count_tokens)
    assert title.startswith(shown)
    assert 0 < minilm.count_tokens(shown) <= PASSAGE_TOKENS / 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("How does it work?", id="fits"),
        pytest.param("segment speech " * 400, id="many words"),
        pytest.param("什么是语音" * 300, id="no blanks"),
        pytest.param("x" * 5000, id="one long word"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_question_is_cut_to_its_beginning(minilm: MiniLM, text: str) -> None:
    beginning = cut(text, minilm.count_tokens, minilm.window)
    assert text.startswith(beginning)
    assert minilm.count_tokens(beginning) <= minilm.window
    assert bool(beginning) is bool(text)
    if minilm.count_tokens(text) <= minilm.window:
        assert beginning == text


def test_the_shipped_papers_fit_with_every_sentence_whole(minilm: MiniLM) -> None:
    for paper in importers.read(CORPUS).papers:
        passages = split(paper, minilm.count_tokens)
        assert " ".join(p.text for p in passages) == " ".join(sentences(paper.abstract))
        assert [s for p in passages for s in sentences(p.text)] == sentences(paper.abstract)
        texts = [embedded_text(paper.title, p, minilm.count_tokens) for p in passages]
        assert max(map(minilm.count_tokens, texts)) <= PASSAGE_TOKENS
