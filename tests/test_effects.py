"""An effect that a sentence claims is claimed by the abstract too, and on the same thing."""

import pytest

from rag.effects import reversed_words, turned, unclaimed
from rag.embedders import embedder
from rag.reading import Reader
from rag.records import Paper, Support
from rag.verify import check

BLEEDING = (
    "Dexamethasone decreased the risk of nausea after the operation but was associated with an increased "
    "risk of postoperative bleeding."
)


@pytest.mark.parametrize(
    ("claim", "evidence", "reversed_"),
    [
        pytest.param("LMs are isotropic.", "Are LMs anisotropic?", True, id="isotropic"),
        pytest.param("It increases the cost.", "It reduces the cost.", True, id="increase and reduce"),
        pytest.param("It is faster.", "It is slower.", True, id="faster and slower"),
        pytest.param("It is faster.", "It is faster.", False, id="the same"),
        pytest.param("Faster, not slower.", "It is faster and slower at times.", False, id="both are said"),
        pytest.param("It is faster.", "It is small.", False, id="nothing opposite"),
    ],
)
def test_opposite_words_are_noticed(claim: str, evidence: str, reversed_: bool) -> None:
    assert bool(reversed_words(claim, evidence)) is reversed_


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        pytest.param("Dexamethasone decreases the risk of postoperative bleeding.", "decreas", id="bleeding"),
        pytest.param("Dexamethasone increases the risk of nausea.", "increas", id="nausea"),
        pytest.param("Dexamethasone decreases the risk of nausea.", "", id="as it is said"),
        pytest.param(
            "Dexamethasone increases the risk of postoperative bleeding.", "", id="as it is said, too"
        ),
        pytest.param("Dexamethasone was given to children.", "", id="no effect"),
    ],
)
def test_an_effect_on_something_else_is_noticed(claim: str, word: str) -> None:
    assert turned(claim, BLEEDING) == word


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        pytest.param("The model fails on long texts.", {"fail"}, id="fails"),
        pytest.param("The model requires a cluster.", {"requir"}, id="requires"),
        pytest.param("The model beats others.", set(), id="beats, where the abstract says outperforms"),
        pytest.param("The model reads long texts.", set(), id="no effect"),
    ],
)
def test_an_effect_that_the_abstract_claims_in_no_word_is_noticed(claim: str, words: set[str]) -> None:
    assert unclaimed(claim, "The model outperforms others on long texts.") == words


def test_the_effect_of_a_false_premise_is_not_shown() -> None:
    embed = embedder("minilm", "").embed
    paper = Paper(
        "p", "MiniLM", "MiniLM compresses large models. It retains the accuracy on question answering."
    )
    claims = [
        "MiniLM fails to retain the accuracy on question answering.",
        "MiniLM retains the accuracy on question answering.",
    ]
    reading = Reader(embed).read(paper)
    verdicts = [
        check(c, v, [reading], "What of MiniLM?").support for c, v in zip(claims, embed(claims), strict=True)
    ]
    assert verdicts == [Support.UNSUPPORTED, Support.SUPPORTED]
