"""A paper is found by the names that it goes by, and by no ordinary word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.aliases import LONGEST, aliases, key, keys_in, means
from rag.assemble import Footnote
from rag.records import Paper

NAMED = {
    "before the colon": ("RemoteCLIP: A Vision Model", "It is good.", "RemoteCLIP"),
    "two words before the colon": ("Fast Nets: A Study", "It is good.", "Fast Nets"),
    "eight words before the colon": (
        "Never Gonna Give You Up And Never Let: A Study",
        "It is good.",
        "Never Gonna Give You Up And Never Let",
    ),
    "we propose": ("On Speech", "We propose w2v-BERT that explores speech.", "w2v-BERT"),
    "named": ("On Images", "We develop pretraining for images, named SelfieNet, which is new.", "SelfieNet"),
    "acronym in brackets": ("On Play", "We propose Self-Play Fine-Tuning (SPIN) for models.", "SPIN"),
    "acronym with more in the brackets": ("On It", "We present a Big New Model (BNM, ours).", "BNM"),
    "with a version": ("On It", "We release the dataset DataNet 2, which is large.", "DataNet 2"),
}


@pytest.mark.parametrize(("title", "abstract", "name"), NAMED.values(), ids=NAMED.keys())
def test_a_paper_goes_by_the_name_that_it_introduces(title: str, abstract: str, name: str) -> None:
    assert name in aliases(Paper("p", title, abstract))


def test_a_paper_goes_by_what_its_technique_is_called() -> None:
    assert "SelfieNet" in aliases(
        Paper("p", "On It", "We introduce a technique called SelfieNet, which is new.")
    )


NOT_NAMED = {
    "another's acronym": ("On It", "Masked Language Modeling (MLM) is popular.", "MLM"),
    "acronym of other words": ("On It", "We propose a method for images (XYZ).", "XYZ"),
    "ordinary word": ("On It", "We propose a method that works.", "method"),
    "beginning of nine words": (
        "A Very Long Beginning Of A Title And More: Part",
        "It is.",
        "A Very Long Beginning Of A Title And More",
    ),
}


@pytest.mark.parametrize(("title", "abstract", "name"), NOT_NAMED.values(), ids=NOT_NAMED.keys())
def test_a_paper_does_not_go_by_what_it_only_mentions(title: str, abstract: str, name: str) -> None:
    assert name not in aliases(Paper("p", title, abstract))


def test_a_paper_goes_by_its_title_unless_nobody_would_type_it() -> None:
    assert "Short Title" in aliases(Paper("p", "Short Title", ""))
    assert not aliases(Paper("p", " ".join(["word"] * (LONGEST + 1)), ""))
    assert not aliases(Paper("p", "", ""))


@pytest.mark.parametrize(
    ("question", "written"),
    [
        pytest.param("What is SPIN?", "SPIN", id="before a question mark"),
        pytest.param('Tell me about "Fast Nets".', "Fast Nets", id="quoted, two words"),
        pytest.param("What is Sylber's?", "Sylber's", id="possessive"),
        pytest.param("How does w2v-BERT train?", "w2v-BERT", id="hyphenated"),
    ],
)
def test_a_name_is_found_in_a_question_as_it_is_written_there(question: str, written: str) -> None:
    assert keys_in(question)[key(written)] == written


def test_a_name_in_the_possessive_is_looked_up_without_it() -> None:
    assert key("Sylber") in keys_in("What is Sylber's rate?")
    assert key("Sylber") in keys_in("What is Sylber’s rate?")


def test_part_of_a_hyphenated_word_is_not_looked_up() -> None:
    assert key("MT") not in keys_in("How large is MT-NLG?")


@given(st.text(max_size=120))
def test_any_question_can_be_looked_through(question: str) -> None:
    assert all(len(run.split()) <= LONGEST for run in keys_in(question).values())


def test_a_long_question_costs_no_more_than_its_length() -> None:
    assert len(keys_in(" ".join(f"w{n}" for n in range(300)))) <= 300 * LONGEST


@pytest.mark.parametrize(
    ("written", "expected"),
    [("spin", False), ("SPIN", True), ("T5", True), ("t5", True), ("fast nets", True), ("sylber", True)],
)
def test_a_short_word_in_lower_case_means_no_paper(written: str, expected: bool) -> None:
    assert means(written) is expected


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Sylber", "Sylber: Syllabic Embedding Representation of Speech from Raw Audio"),
        ("SPIN", "Self-Play Fine-Tuning Converts Weak Language Models to Strong Language Models"),
        ("MERT", "MERT: Acoustic Music Understanding Model with Large-Scale Self-supervised Training"),
        (
            "Who's Harry Potter? Approximate Unlearning in LLMs",
            "Who's Harry Potter? Approximate Unlearning in LLMs",
        ),
    ],
    ids=lambda text: text[:12],
)
def test_a_library_knows_its_papers_by_name(footnote: Footnote, name: str, title: str) -> None:
    found = footnote.library.called([key(name)])[key(name)]
    assert [footnote.library.papers(found)[i].title for i in found] == [title]
