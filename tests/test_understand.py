"""What a question wants is read off its words and the turn before it."""

from collections.abc import Sequence

import pytest

from rag.errors import QuestionError
from rag.records import CitedPaper, Paper, Shape, Turn
from rag.understand import LONGEST, short_name, understand

SYLBER = Paper("sylber", "Sylber: Syllabic Embedding Representation of Speech from Raw Audio", "")
MERT = Paper("mert", "MERT: Acoustic Music Understanding Model with Large-Scale Self-supervised Training", "")
ASKED_BEFORE = "How many tokens per second does Sylber use?"


def _turn(question: str, *papers: Paper) -> Turn:
    cited = tuple(CitedPaper(n, p, ()) for n, p in enumerate(papers, 1))
    return Turn(question, "It uses an average of 4.27.", cited)


BEFORE = [_turn(ASKED_BEFORE, SYLBER)]


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("How many tokens per second does Sylber use?", Shape.FACT),
        ("What is MiniLM?", Shape.FACT),
        ("Why does GenSE use a token chain?", Shape.FACT),
        ("Hi, what is MiniLM?", Shape.FACT),
        ("Thanks! And what is MiniLM?", Shape.FACT),
        ("Compare SPIN and DPO", Shape.COMPARISON),
        ("Sylber vs. GenSE", Shape.COMPARISON),
        ("How does w2v-BERT differ from HuBERT?", Shape.COMPARISON),
        ("Which papers use contrastive learning?", Shape.LIST),
        ("Are there any papers about music?", Shape.LIST),
        ("Papers about speech", Shape.LIST),
        ("How many papers are there?", Shape.LIBRARY),
        ("What papers do you have?", Shape.LIBRARY),
        ("List all papers", Shape.LIBRARY),
        ("hello", Shape.SMALL_TALK),
        ("Thanks a lot!", Shape.SMALL_TALK),
        ("HELLO!!!", Shape.SMALL_TALK),
    ],
)
def test_the_words_of_a_question_tell_the_shape_of_its_answer(question: str, shape: Shape) -> None:
    assert understand(question).shape is shape


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("Compare SPIN and DPO", ("SPIN", "DPO")),
        ("Contrast MiniLM with LiST.", ("MiniLM", "LiST")),
        ("What is the difference between MiniLM and LiST?", ("MiniLM", "LiST")),
        ("How does w2v-BERT differ from HuBERT?", ("w2v-BERT", "HuBERT")),
        ("How do Sylber and GenSE differ in their tokens?", ("Sylber", "GenSE")),
        ("How does DSE compare with BERT?", ("DSE", "BERT")),
        ("Sylber versus GenSE", ("Sylber", "GenSE")),
        ("Which is faster, MiniLM or BERT?", ("MiniLM", "BERT")),
    ],
)
def test_a_comparison_knows_what_it_compares(question: str, things: tuple[str, str]) -> None:
    assert understand(question).things == things


@pytest.mark.parametrize("question", ["Compare SPIN and SPIN", "What is the speed of Sylber and its size?"])
def test_one_thing_alone_is_no_comparison(question: str) -> None:
    assert understand(question).shape is not Shape.COMPARISON


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "\n\t", "...", "😀", "\u200b\u200b", "---"])
def test_text_without_a_word_is_refused_with_a_way_on(nothing: str) -> None:
    with pytest.raises(QuestionError) as refused:
        understand(nothing, BEFORE)
    assert "Run: footnote ask" in str(refused.value)


def test_a_question_standing_alone_is_kept_as_typed() -> None:
    question = understand("How large is MERT?")
    assert question.asked == question.standalone == question.looked_up == "How large is MERT?"
    assert not question.follows_up


def test_control_and_invisible_characters_and_white_space_are_taken_out() -> None:
    assert understand("What\x00 is\n\n Mini\u200bLM?").asked == "What is MiniLM?"


def test_an_endless_question_is_cut() -> None:
    assert len(understand("why so long " * 10_000).asked) <= LONGEST


@pytest.mark.parametrize(
    "question",
    [
        "And how fast is it?",
        "What about its segmentation?",
        "Why?",
        "How was it trained?",
        "What else?",
        "Does the method need labels?",
        "tell me more",
        "Compare it with MERT",
    ],
)
def test_a_question_that_leans_on_the_turn_before_takes_its_paper_along(question: str) -> None:
    understood = understand(question, BEFORE)
    assert understood.follows_up
    assert understood.asked == question
    assert question in understood.standalone
    assert "Sylber" in understood.standalone
    assert "Sylber" in understood.context
    assert "4.27" in understood.looked_up


@pytest.mark.parametrize("question", ["And how fast is it?", "Why?", "What about its segmentation?"])
def test_without_a_turn_before_nothing_is_leant_on(question: str) -> None:
    assert not understand(question).follows_up
    assert understand(question).standalone == question


@pytest.mark.parametrize(
    "question",
    [
        "Does SPIN need GPT-4 preference data?",
        "Why are recurrent networks worse than attention at in-context language learning?",
        "What does the paper on music understanding use for training?",
        "There is a paper on entropy collapse and one on kernel regression: how do their results differ?",
        "There are three ways of training: which is the fastest?",
        "How many parameters does MERT have?",
        "What benchmarks does RemoteCLIP use when it is evaluated?",
        "Which papers use contrastive learning?",
    ],
)
def test_a_question_that_names_its_subject_forgets_the_conversation(question: str) -> None:
    understood = understand(question, BEFORE)
    assert not understood.follows_up
    assert understood.standalone == question
    assert not understood.context


@pytest.mark.parametrize("papers", [(), (SYLBER, MERT)], ids=["no paper", "two papers"])
def test_after_an_answer_without_one_subject_the_earlier_question_is_taken_along(
    papers: Sequence[Paper],
) -> None:
    understood = understand("Why is that?", [_turn(ASKED_BEFORE, *papers)])
    assert ASKED_BEFORE.rstrip("?") in understood.standalone


def test_only_the_last_turn_counts() -> None:
    turns = [_turn("How large is MERT?", MERT), *BEFORE]
    assert "MERT" not in understand("And how fast is it?", turns).standalone


def test_a_long_answer_before_does_not_drown_the_question() -> None:
    turn = Turn(ASKED_BEFORE, "word " * 5000)
    assert len(understand("Why?", [turn]).context) < 1000


def test_thanks_in_a_conversation_is_small_talk_and_not_a_follow_up() -> None:
    understood = understand("Thanks!", BEFORE)
    assert understood.shape is Shape.SMALL_TALK
    assert not understood.follows_up


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Sylber: Syllabic Embedding Representation", "Sylber"),
        ("A Survey on Mixture of Experts", "A Survey on Mixture of Experts"),
        ("One two three four five six: a story", "One two three four five six: a story"),
    ],
)
def test_a_paper_is_called_by_the_name_before_the_colon(title: str, name: str) -> None:
    assert short_name(Paper("p", title, "")) == name


def test_understanding_twice_gives_the_same() -> None:
    assert understand("Why?", BEFORE) == understand("Why?", BEFORE)
