"""Measures, statistics and grading, on examples worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pytest

from eval import grading, measures, statistics, support, systems
from eval.questions import Item
from eval.traces import Cited, Sentence, Trace


def test_measures_of_one_ranking_by_hand():
    """Gains are grades, discounts log2(place + 1), as in trec_eval."""
    qrels = {"q": {"a": 1, "b": 2, "c": 0}}
    found = measures.per_query(qrels, {"q": ["a", "c", "b"]})["q"]
    assert found["nDCG@10"] == pytest.approx((1 / 1 + 2 / log2(4)) / (2 / 1 + 1 / log2(3)))
    assert (found["R@10"], found["R@50"], found["RR@10"]) == (1.0, 1.0, 1.0)


def test_places_beyond_the_cut_do_not_count():
    qrels = {"q": {"a": 1}}
    found = measures.per_query(qrels, {"q": [*(f"x{n}" for n in range(10)), "a"]})["q"]
    assert found == {"nDCG@10": 0.0, "R@10": 0.0, "R@50": 1.0, "RR@10": 0.0}


@pytest.mark.parametrize("rankings", [{}, {"q": []}, {"q": [], "other": ["a"]}, {"other": ["a"]}], ids=str)
def test_a_query_without_results_scores_zero_and_stays(rankings: dict[str, list[str]]):
    assert measures.per_query({"q": {"a": 1}}, rankings) == {"q": dict.fromkeys(measures.RETRIEVAL, 0.0)}


def test_the_order_shown_is_the_order_judged():
    """trec_eval would put "z" before "a" at equal scores; here the given order decides."""
    qrels = {"q": {"a": 1}}
    assert measures.per_query(qrels, {"q": ["a", "z"]})["q"]["RR@10"] == 1.0
    assert measures.per_query(qrels, {"q": ["z", "a"]})["q"]["RR@10"] == 0.5


def test_reciprocal_rank_fusion_by_hand():
    fused = systems.fused([[("a", 9.0), ("b", 1.0)], [("b", 0.5), ("c", 0.4)]])
    assert fused == [("b", 1 / 62 + 1 / 61), ("a", 1 / 61), ("c", 1 / 62)]


def test_an_interval_holds_its_value_and_is_the_same_every_time():
    values = [0.0, 1.0, 1.0, 0.5, 0.25] * 8
    first, again = statistics.estimate(values), statistics.estimate(values)
    assert first == again
    assert first.value == pytest.approx(0.55)
    assert first.low < first.value < first.high
    assert first.n == 40
    assert statistics.estimate(values, seed=7) != first


def test_an_interval_of_equal_values_has_no_width():
    assert statistics.estimate([0.5] * 9) == statistics.Estimate(0.5, 0.5, 0.5, 9)


def test_the_interval_of_a_mean_has_the_width_that_theory_gives():
    values = np.random.default_rng(3).normal(size=400)
    found = statistics.estimate(values.tolist())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)


def test_no_values_give_an_empty_estimate():
    assert statistics.estimate([]).n == 0
    assert statistics.compare([], []).p == 1.0


def test_quantiles_of_seconds():
    assert statistics.estimate([1.0, 2.0, 9.0], statistics.quantile(0.5)).value == 2.0


def test_the_randomisation_test_on_three_queries_by_hand():
    """Of the 8 ways to flip three equal gains, 2 are as extreme: p = 1/4."""
    found = statistics.compare([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    assert found.p == pytest.approx(0.25, abs=0.02)
    assert (found.difference, found.wins, found.losses) == (1.0, 3, 0)


def test_equal_systems_do_not_differ():
    assert statistics.compare([0.3, 0.4], [0.3, 0.4]).p == 1.0


def test_the_test_is_two_sided_and_symmetric():
    a, b = [0.9, 0.1, 0.6, 0.7, 0.8, 0.3], [0.5, 0.2, 0.1, 0.3, 0.4, 0.1]
    forth, back = statistics.compare(a, b), statistics.compare(b, a)
    assert (forth.p, forth.difference) == (back.p, pytest.approx(-back.difference))


def test_values_that_cannot_be_paired_are_refused():
    with pytest.raises(ValueError, match="cannot be paired"):
        statistics.compare([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("text", "group", "lacks"),
    [
        ("Averages 4.27 tokens.", ["4.27"], False),
        ("Averages 14.27 tokens.", ["4.27"], True),
        ("Averages 4.271 tokens.", ["4.27"], True),
        ("By 30 % relatively", ["30%"], False),
        ("By 130% relatively", ["30%"], True),
        ("Self‑Attention", ["self-attention"], False),
        ("1,218 people", ["1218", "1,218"], False),
        ("the DISTRACTOR patches", ["distractor"], False),
        ("nothing", ["a thing", "another"], True),
    ],
)
def test_decisive_strings(text: str, group: list[str], lacks: bool):
    assert bool(grading.lacking(text, [group])) is lacks


ABSTRACT = (
    "Sylber: Syllabic Embeddings.\nWe propose Sylber. It makes 4.27 tokens per second on average. "
    "It does not need labelled data and was trained on 1.5 billion frames."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Sylber uses 4.27 tokens per second on average.",
        "“It makes 4.27 tokens per second on average.”",
        "It does not need labelled data.",
        "Sylber was trained on 1.5B frames.",
    ],
)
def test_the_independent_check_accepts(sentence: str):
    assert support.check(sentence, [ABSTRACT]).supported


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Sylber uses 5.27 tokens per second on average.", "number 5.27"),
        ("HuBERT makes 4.27 tokens per second on average.", "name hubert"),
        ("It does not make tokens per second on average.", "not"),
        ("Sylber improves translation quality for rare languages.", "only"),
    ],
)
def test_the_independent_check_rejects(sentence: str, reason: str):
    verdict = support.check(sentence, [ABSTRACT])
    assert not verdict.supported
    assert reason in verdict.reason


def test_a_sentence_without_citation_is_not_supported():
    assert support.check("Sylber makes tokens.", []).reason == "cites nothing"


ITEM = Item("q", "fact", "How many?", gold_titles=("Sylber: Syllabic Embeddings",), must_contain=(("4.27",),))
TRACE = Trace(
    "q", ITEM.digest, "How many?", "How many?", "fact", {}, ({"id": "s", "title": "Sylber: Syllabic Embeddings"},),
    (), "", "", (Sentence("It makes 4.27 tokens per second on average.", "supported", "", False, (1,), ()),), (),
    (Cited(1, "s", "Sylber: Syllabic Embeddings", ABSTRACT),), "", False, (), "", "", 0.1, 0.2, 0.3, 9,
)  # fmt: skip
ABSTAINED = replace(TRACE, sentences=(), papers=(), abstained=True, remark="The abstracts do not say.")


def test_a_right_answer():
    values = grading.grade(ITEM, TRACE).values
    assert values["correct"] == values["support"] == values["citation_precision"] == values["Success@1"] == 1
    assert values["wrong_refusal"] == 0
    assert values["abstention_recall"] is None


def test_a_wrong_refusal():
    values = grading.grade(ITEM, ABSTAINED).values
    assert (values["correct"], values["wrong_refusal"], values["abstention_precision"]) == (0, 1, 0)
    assert (values["citation_recall"], values["citation_precision"], values["support"]) == (0, None, None)


def test_an_unanswerable_question_wants_an_abstention():
    item = replace(ITEM, type="unanswerable", gold_titles=(), must_contain=())
    assert grading.grade(item, ABSTAINED).values["correct"] == 1
    values = grading.grade(item, TRACE).values
    assert (values["correct"], values["abstention_recall"], values["abstention_precision"]) == (0, 0, None)


def test_a_false_premise_may_be_corrected_or_declined():
    item = replace(ITEM, type="adversarial", must_contain=())
    wrong = replace(TRACE, sentences=(replace(TRACE.sentences[0], text="It makes 9 tokens."),))
    assert [grading.grade(item, t).values["correct"] for t in (ABSTAINED, TRACE, wrong)] == [1, 1, 0]
    assert grading.grade(item, ABSTAINED).values["abstention_precision"] is None


def test_an_error_is_not_right_even_where_declining_is():
    item = replace(ITEM, type="unanswerable", gold_titles=())
    assert grading.grade(item, replace(ABSTAINED, error="ModelError: gone")).values["correct"] == 0


def test_a_follow_up_succeeds_by_citation_or_by_rank():
    item = replace(ITEM, type="followup")
    elsewhere = replace(ABSTAINED, ranking=({"id": "x", "title": "Other"},) * 3)
    assert grading.grade(item, ABSTAINED).values["followup_success"] == 1
    assert grading.grade(item, elsewhere).values["followup_success"] == 0
