"""Abstaining is decided by the words and the abstracts, before and after the model."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rag import importers, judge
from rag.embedders import embedder
from rag.reading import Reader, Reading
from rag.records import CheckedSentence, EvidenceSentence, Question, Shape, Support
from rag.select import most_relevant
from rag.settings import DEFAULT_OLLAMA

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"
GATES = judge.Gates()


@pytest.fixture(scope="module")
def reading() -> Callable[[str], Reading]:
    reader = Reader(embedder("minilm", DEFAULT_OLLAMA).embed)
    papers = importers.read(CORPUS).papers
    return lambda beginning: reader.read(next(p for p in papers if p.title.startswith(beginning)))


def _said(*texts: str, relevance: float = 0.8) -> list[CheckedSentence]:
    return [CheckedSentence(t, Support.SUPPORTED, (EvidenceSentence("p", 0, t, relevance),)) for t in texts]


def _asked(text: str, follows_up: bool = False) -> Question:
    return Question(text, text, Shape.FACT, follows_up=follows_up)


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the MiniLM paper?",
        "Who are the authors of Sylber?",
        "What is the DOI of Selfie?",
        "Which university is the first author from?",
        "Which conference published MERT?",
        "How many citations does MiniLM have?",
        "Under which licence is the code?",
        "When was MERT published?",
        "What is the e-mail of the corresponding author?",
    ],
)
def test_what_only_a_record_could_answer_is_not_sought_in_abstracts(question: str) -> None:
    assert judge.asks_for_metadata(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many tokens per second does Sylber use?",
        "Who is Harry Potter to the unlearned model?",
        "Which benchmarks does MERT use?",
        "What does the paper publish as data?",
        "How often is the model queried?",
    ],
)
def test_what_an_abstract_may_answer_is_sought_there(question: str) -> None:
    assert not judge.asks_for_metadata(question)


@pytest.mark.parametrize(
    ("question", "on_topic"),
    [
        ("What is the best recipe for banana bread?", False),
        ("what is the capital of france", False),
        ("How do I repair a bicycle tyre?", False),
        ("How fast is the syllable segmentation of Sylber?", True),
        ("how are syllables found in speech?", True),
    ],
)
def test_a_question_about_something_else_is_off_topic(
    reading: Callable[[str], Reading], question: str, on_topic: bool
) -> None:
    readings = [reading("Sylber"), reading("MERT")]
    vector = embedder("minilm", DEFAULT_OLLAMA).embed([question])[0]
    relevance = most_relevant(readings, vector).relevance
    assert (judge.off_topic(question, relevance, readings, GATES) == "") is on_topic


def test_a_name_that_an_abstract_holds_outweighs_a_distant_meaning(reading: Callable[[str], Reading]) -> None:
    assert judge.off_topic("and Kathbath, eh?", 0.0, [reading("IndicSUPERB")], GATES) == ""


def test_an_unknown_name_is_said(reading: Callable[[str], Reading]) -> None:
    why = judge.off_topic("How does it do against Whisper?", 0.3, [reading("Sylber")], GATES)
    assert "whisper" in why.casefold()


def test_an_unknown_name_in_a_near_question_is_no_reason_to_be_silent(
    reading: Callable[[str], Reading],
) -> None:
    assert judge.off_topic("Does Frobnicator segment syllables?", 0.9, [reading("Sylber")], GATES) == ""


def test_a_name_is_known_when_any_abstract_read_mentions_it(reading: Callable[[str], Reading]) -> None:
    readings = [reading("MERT"), reading("W2v-BERT")]
    assert judge.unknown_names("Does it beat HuBERT?", readings) == []
    assert judge.unknown_names("Does it beat Whisper?", readings) == ["whisper"]
    assert judge.unknown_names("Does it beat HuBERT?", []) == ["hubert"]


@pytest.mark.parametrize(
    ("question", "said", "answered"),
    [
        ("How many hours?", ["It contains 1,684 hours."], True),
        ("How many hours?", ["It contains labelled speech."], False),
        ("How many of the 12 languages?", ["It covers 12 languages."], False),
        ("How much smaller?", ["It is 50% smaller."], True),
        ("What is MiniLM?", ["MiniLM is MiniLM."], False),
        ("What is MiniLM?", ["MiniLM is a distilled Transformer."], True),
        ("What is MiniLM?", [], False),
        ("Why?", ["Because it is small."], True),
    ],
)
def test_an_answer_says_something_new_and_a_number_where_one_is_asked_for(
    question: str, said: Sequence[str], answered: bool
) -> None:
    assert judge.answers(question, _said(*said)) is answered


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("How many GPUs were used?", "gpus"),
        ("Which optimizer is used?", "optim"),
        ("What learning rate is chosen?", "rate"),
    ],
)
def test_the_noun_that_a_question_asks_for_is_found(question: str, noun: str) -> None:
    assert noun in judge.focus(question)


@pytest.mark.parametrize("question", ["Does it work?", "What is it?", "How does it work?"])
def test_a_question_may_ask_for_no_noun(question: str) -> None:
    assert judge.focus(question) == frozenset()


SEGMENTS = "Sylber offers a fast, linear-time syllable segmentation algorithm with 4.27 tokens per second."


def _quotable(reading: Reading, question: Question, said: str, relevance: float = 0.8) -> bool:
    return judge.quotable(question, _said(said, relevance=relevance), reading, GATES.quotation, GATES)


def test_a_near_sentence_about_what_is_asked_is_quoted(reading: Callable[[str], Reading]) -> None:
    assert _quotable(reading("Sylber"), _asked("How many tokens per second does Sylber use?"), SEGMENTS)


def test_a_distant_sentence_is_not_quoted(reading: Callable[[str], Reading]) -> None:
    question = _asked("How many tokens per second does Sylber use?")
    assert not _quotable(reading("Sylber"), question, SEGMENTS, relevance=0.0)


def test_nothing_is_quoted_about_a_thing_that_the_abstract_lacks(reading: Callable[[str], Reading]) -> None:
    question = _asked("How many GPUs and weeks of training on which cluster did Sylber take?")
    assert not _quotable(reading("Sylber"), question, SEGMENTS)


def test_a_question_for_a_number_is_not_answered_by_a_quotation_without_one(
    reading: Callable[[str], Reading],
) -> None:
    question = _asked("How many syllables per second does Sylber find?")
    assert not _quotable(reading("Sylber"), question, "Sylber segments syllables fast.")


def test_nothing_can_be_quoted_from_nothing(reading: Callable[[str], Reading]) -> None:
    assert not judge.quotable(_asked("What is Sylber?"), [], reading("Sylber"), GATES.quotation, GATES)
