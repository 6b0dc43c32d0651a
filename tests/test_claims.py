"""What a sentence claims that can be checked strictly is found in it, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claims import (
    baselines,
    bounds,
    implied_numbers,
    mentions,
    names,
    negated,
    numbers,
    turned_comparison,
    wants_number,
)
from rag.effects import reversed_words

NUMBERS = {
    "plain": ("in 2019, 5 models", {"2019", "5"}),
    "thousands": ("1,684 hours and 1,234,567.5 tokens", {"1684", "1234567.5"}),
    "decimal": ("4.27 tokens, .5 points", {"4.27", "0.5"}),
    "per cent sign": ("99.9% and 50 %", {"99.9%", "50%"}),
    "per cent in words": ("50 percent, 7 per cent", {"50%", "7%"}),
    "per cent is not the number": ("5 of 5%", {"5", "5%"}),
    "scale words": ("1.5 billion, 175-billion, 3 thousand", {"1500000000", "175000000000", "3000"}),
    "scale letters": ("10k samples, $1.2M, 7B, 2bn", {"10000", "1200000", "7000000000", "2000000000"}),
    "metres are no millions": ("5 m tall", {"5"}),
    "inside names": ("GPT-3.5 and T5 and v2", {"3.5", "5", "2"}),
    "spelled": ("two-stage in Twelve steps", {"2", "12"}),
    "one is no count": ("one of the models", set()),
    "range": ("10–30%", {"10", "30%"}),
    "at the end": ("It reaches 7.", {"7"}),
    "factor": ("3.5x faster", {"3.5"}),
    "none": ("no digits here", set()),
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_are_found_in_one_form(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param("2 million", "2,000,000", id="million"),
        pytest.param("7B", "7 billion", id="billion"),
        pytest.param("5%", "5.0 percent", id="trailing zero"),
        pytest.param("three", "3", id="spelled"),
    ],
)
def test_the_same_number_written_differently_is_the_same(text: str, other: str) -> None:
    assert numbers(text) == numbers(other)


def test_a_spelled_number_of_millions_is_counted_in_millions() -> None:
    assert numbers("two million hours") == numbers("2 million hours")


@given(st.integers(0, 10**12))
def test_an_integer_is_found_with_and_without_thousands_separators(number: int) -> None:
    assert numbers(f"{number} tokens") == numbers(f"{number:,} tokens") == {str(number)}


@given(st.text(max_size=80))
def test_any_text_can_be_looked_through(text: str) -> None:
    for look in (baselines, numbers, implied_numbers, names, negated, bounds, wants_number):
        look(text)
    assert not reversed_words(text, text)
    assert not turned_comparison(text, text, names(text))


@pytest.mark.parametrize(
    ("text", "implied"),
    [("a dual encoder", "2"), ("half of the parameters", "50%"), ("trained twice", "2"), ("a triple", "3")],
)
def test_some_words_stand_for_a_number(text: str, implied: str) -> None:
    assert implied in implied_numbers(text)


NAMES = {
    "acronyms": ("it beats BERT and SQuAD", {"bert", "squad"}),
    "plural acronym": ("LLMs and PLMs", {"llm", "plm"}),
    "possessive": ("of OpenAI's and Google’s work", {"openai", "google"}),
    "beside digits": ("with wav2vec and w2v-BERT", {"wav2vec", "w2v", "bert"}),
    "capital inside": ("on iPhone", {"iphone"}),
    "in brackets": ("a model (MLM), “Selfie”", {"mlm", "selfie"}),
    "slash": ("uses ResNet/VGG", {"resnet", "vgg"}),
    "sentence begins with a word": ("Models are good", set()),
    "sentence begins with an acronym": ("BERT is good", {"bert"}),
    "lower case": ("state-of-the-art results", set()),
}


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES.keys())
def test_names_are_told_from_words(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param("We train BERT-large.", "bert", True, id="before a hyphen"),
        pytest.param("Several LLMs agree.", "llm", True, id="plural"),
        pytest.param("BERT's layers", "bert", True, id="possessive"),
        pytest.param("RoBERTa is another", "bert", False, id="inside a word"),
        pytest.param("Bertha wrote", "bert", False, id="beginning of a word"),
        pytest.param("in U.S. data", "u.s", True, id="with a dot"),
        pytest.param("in Uxs data", "u.s", False, id="a dot is no pattern"),
    ],
)
def test_a_name_is_mentioned_as_a_word_in_any_case(text: str, name: str, expected: bool) -> None:
    assert mentions(text, name) is expected


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        pytest.param("It does not require labels.", "requir", id="not"),
        pytest.param("It can't require labels.", "requir", id="contraction"),
        pytest.param("It isn’t fast.", "fast", id="curly apostrophe"),
        pytest.param("It works without supervision.", "supervis", id="without"),
        pytest.param("It fails to converge.", "converg", id="fails"),
        pytest.param("No labels are used.", "label", id="no"),
    ],
)
def test_a_negation_reaches_the_words_after_it(text: str, reached: str) -> None:
    assert reached in negated(text)


@pytest.mark.parametrize(
    "text", ["It requires labels.", "It is not only fast.", "A notable gain.", "Nothingness"], ids=lambda t: t
)
def test_what_denies_nothing_has_no_negation(text: str) -> None:
    assert not negated(text)


def test_a_negation_does_not_reach_what_stands_before_it() -> None:
    assert "label" not in negated("With labels, it does not converge.")


BOUNDS = {
    "more than": ("more than 99%", {"99%": "above"}),
    "at least": ("at least two models", {"2": "above"}),
    "over": ("over 1,000 hours", {"1000": "above"}),
    "less than": ("less than 30% of it", {"30%": "below"}),
    "up to": ("up to a 3 point gain", {"3": "upto"}),
    "no more than": ("no more than 5", {"5": "upto"}),
    "no less than": ("no less than 5", {"5": "above"}),
    "about": ("exceeds ~30%", {"30%": "above"}),
    "two kinds": ("more than 99% with up to 3 tasks", {"99%": "above", "3": "upto"}),
    "money": ("under $200", {"200": "below"}),
    "a bare number": ("5 models", {}),
    "no number": ("more than before", {}),
}


@pytest.mark.parametrize(("text", "expected"), BOUNDS.values(), ids=BOUNDS.keys())
def test_the_bound_before_a_number_is_known(text: str, expected: dict[str, str]) -> None:
    assert bounds(text) == expected


@pytest.mark.parametrize(("text", "kind"), [("accuracy > 90%", "above"), ("an error of <90%", "below")])
def test_signs_are_bounds_too(text: str, kind: str) -> None:
    assert bounds(text) == {"90%": kind}


@pytest.mark.parametrize(("text", "kind"), [("not more than 5", "upto"), ("not less than 5", "above")])
def test_a_denied_bound_is_the_other_bound(text: str, kind: str) -> None:
    assert bounds(text) == {"5": kind}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many tokens per second does it average?", True),
        ("In which year was it published?", True),
        ("By what factor is it faster?", True),
        ("What percentage of parameters is kept?", True),
        ("How does it segment speech?", False),
        ("What is Sylber?", False),
        ("Which models are compared?", False),
    ],
)
def test_a_question_that_only_a_number_answers_is_recognised(question: str, expected: bool) -> None:
    assert wants_number(question) is expected


@pytest.mark.parametrize(
    ("text", "beaten"),
    [
        pytest.param("Sylber outperforms HuBERT.", {"hubert"}, id="outperforms"),
        pytest.param("Sylber is faster than wav2vec.", {"wav2vec"}, id="than"),
        pytest.param("Compared to HuBERT, Sylber is faster.", {"hubert"}, id="compared to, in front"),
        pytest.param("It gains 5% over BERT and surpasses GPT-3.", {"bert", "gpt"}, id="two"),
        pytest.param("Unlike MLM, it is fast.", {"mlm"}, id="unlike"),
        pytest.param("Sylber is fast.", set(), id="nothing"),
        pytest.param("It outperforms baseline models.", set(), id="no name"),
    ],
)
def test_what_something_is_compared_with_is_found(text: str, beaten: set[str]) -> None:
    assert baselines(text) == beaten


SYLBER = frozenset({"sylber"})


@pytest.mark.parametrize(
    ("claim", "evidence", "turned"),
    [
        pytest.param("HuBERT beats Sylber.", "Sylber beats HuBERT.", "hubert", id="turned"),
        pytest.param("HuBERT beats Sylber.", "Our model beats HuBERT.", "hubert", id="against our model"),
        pytest.param("Compared to Sylber, HuBERT wins.", "Sylber beats HuBERT.", "hubert", id="other words"),
        pytest.param("MERT beats Sylber.", "Our model beats HuBERT.", "sylber", id="the paper never loses"),
        pytest.param("Sylber beats HuBERT.", "Sylber beats HuBERT.", "", id="the same"),
        pytest.param("Sylber beats HuBERT.", "Our model beats HuBERT.", "", id="our model by its name"),
        pytest.param("Sylber is faster.", "Sylber beats HuBERT.", "", id="nothing is compared in the claim"),
        pytest.param("HuBERT beats Sylber.", "Sylber is fast.", "", id="nothing is compared in the evidence"),
        pytest.param("HuBERT clusters frames.", "Sylber beats HuBERT.", "", id="of the rival, no comparison"),
        pytest.param(
            "HuBERT beats wav2vec.", "HuBERT beats wav2vec, and Sylber beats HuBERT.", "", id="the rival wins elsewhere"
        ),
    ],
)  # fmt: skip
def test_a_comparison_turned_round_is_noticed(claim: str, evidence: str, turned: str) -> None:
    assert turned_comparison(claim, evidence, SYLBER) == turned
