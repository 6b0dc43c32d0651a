"""Lists: what a question for papers wants, and which papers it gets, without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import listing
from rag.answer import answer
from rag.calibration import shipped
from rag.embedders import embedder
from rag.listing import Topic, of_papers, showing, topic
from rag.matching import chosen, log_odds
from rag.reading import Reader
from rag.records import Answer, Candidate, Filters, Paper
from rag.scene import Parts
from rag.settings import DEFAULT_OLLAMA
from rag.wordforms import related

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"

BEES = Paper("bees", "How Bees Dance", "Bees dance to show where flowers are. HoneyNet counts the turns.")
HIVES = Paper(
    "hives", "Hives in Winter", "A hive of bees keeps warm. We compare it with HoneyNet and WaspNet."
)
MUSIC = Paper("music", "A Survey of Violin Music", "Violins have four strings. We review bows and rosin.")
THESIS = Paper("thesis", "Whales at Sea", "This dissertation follows whales for six years.")


def _found(*papers: Paper, score: float = 1.0, cosine: float = 0.5) -> list[Candidate]:
    return [Candidate(paper, score, cosine, 1.0) for paper in papers]


def _ids(
    wanted: Topic, ranking: list[Candidate], weight: Callable[[str], float] = lambda word: 1.0
) -> list[str]:
    known = shipped()
    odds = log_odds(known.listed, *of_papers(wanted, ranking, weight))
    return [ranking[n].paper.id for n in chosen(odds, known.on_list)]


# What is wanted


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which papers are about music?", "music"),
        ("Are there any papers about speech?", "speech"),
        ("List all theses in this collection.", "theses"),
        ("what papers do we have on graph-structured data?", "graph-structured data"),
        ("Give me every article that mentions violins, please", "that violins"),
        ("How many of these papers discuss isotropy?", "isotropy"),
    ],
)
def test_the_topic_is_the_question_without_the_words_that_ask_for_a_list(question: str, text: str) -> None:
    assert set(topic(question).text.split()) - {"that"} == set(text.split()) - {"that"}


@pytest.mark.parametrize("question", ["Which papers?", "What is there?", "list them all"])
def test_a_question_without_a_topic_is_its_own_topic(question: str) -> None:
    assert topic(question).text


@pytest.mark.parametrize(
    "but",
    [
        "but not dogs",
        "not dogs",
        "except dogs",
        "except for dogs",
        "other than dogs",
        "leave dogs out",
        "leaving out dogs",
        "without dogs",
        "excluding dogs",
        "(not about dogs)",
    ],
)
def test_what_is_excluded_is_told_from_what_is_wanted(but: str) -> None:
    wanted = topic(f"Which papers are about cats, {but}?")
    assert wanted.excluded == {"dog"}
    assert "cats" in wanted.words
    assert not {"dog", "dogs"} & set(wanted.words)


def test_what_is_wanted_is_not_excluded_too() -> None:
    assert not topic("Which papers are about speech, not only speech recognition?").excluded & {"speech"}


def test_of_a_long_question_the_first_sentence_is_the_topic_and_all_of_it_may_exclude() -> None:
    wanted = topic(
        f"Which papers are about whales? {'I read a lot about the sea and its waves. ' * 4}Leave out sharks."
    )
    assert wanted.text == "whales"
    assert "shark" in wanted.excluded


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which papers mention SQuAD?", {"squad"}),
        ("which papers use ELMo and GLUE?", {"elmo", "glue"}),
        ("Which papers mention SQuAD, but not GLUE?", {"squad"}),
        ("Which papers are about whales?", set()),
        ("Which LLM papers are there?", set()),
    ],
)
def test_names_of_the_topic_must_be_mentioned_and_collective_ones_need_not(
    question: str, names: set[str]
) -> None:
    assert topic(question).names == names


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("list all surveys", {"survey", "overview", "review"}),
        ("Which papers are overviews?", {"survey", "overview", "review"}),
        ("Which papers are theses?", {"thesis", "thesi", "dissert"}),
        ("Which papers are about whales?", set()),
    ],
)
def test_a_kind_of_paper_is_looked_for_under_all_its_names(question: str, kinds: set[str]) -> None:
    assert kinds <= set(topic(question).query.split())
    assert bool(kinds) or topic(question).query == "whales"


# What matches


def test_a_list_by_name_holds_the_papers_that_mention_it_and_no_other() -> None:
    ranking = _found(BEES, HIVES, MUSIC)
    assert _ids(topic("Which papers use HoneyNet?"), ranking) == ["bees", "hives"]
    assert _ids(topic("Which papers use WaspNet?"), ranking) == ["hives"]
    assert _ids(topic("Which papers use HoneyNet and WaspNet?"), ranking) == ["hives"]
    assert _ids(topic("Which papers use BumbleNet?"), ranking) == []


def test_a_paper_whose_title_is_about_what_is_excluded_does_not_match() -> None:
    ranking = _found(BEES, HIVES)
    assert _ids(topic("Which papers are about bees?"), ranking) == ["bees", "hives"]
    assert _ids(topic("Which papers are about bees, but not winter?"), ranking) == ["bees"]
    assert _ids(topic("Which papers are about bees, except hives?"), ranking) == ["bees"]


@pytest.mark.parametrize("but", ["not WaspNet", "except WaspNet", "leave out WaspNet", "other than WaspNet"])
def test_what_is_ruled_out_need_not_be_mentioned(but: str) -> None:
    assert _ids(topic(f"Which papers mention HoneyNet, but {but}?"), _found(BEES)) == ["bees"]


@pytest.mark.parametrize(
    ("kind", "paper"),
    [
        ("surveys", "music"),
        ("reviews", "music"),
        ("overviews", "music"),
        ("theses", "thesis"),
        ("dissertations", "thesis"),
    ],
)
def test_a_kind_of_paper_matches_under_any_of_its_names(kind: str, paper: str) -> None:
    assert _ids(topic(f"Which papers are {kind}?"), _found(BEES, MUSIC, THESIS)) == [paper]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("isotropy", "isotropic spaces"),
        ("isotropy", "anisotropic spaces"),
        ("supervised whales", "unsupervised whales"),
        ("hypotheses", "a hypothesis"),
        ("compression", "they compress"),
    ],
)
def test_other_forms_of_a_word_match(asked: str, said: str) -> None:
    wanted = Paper("wanted", "A Study", f"In this text {said} are seen.")
    assert _ids(topic(f"Which papers are about {asked}?"), _found(wanted, MUSIC)) == ["wanted"]


@pytest.mark.parametrize(
    ("one", "other"), [("alpacaev", "alpaca"), ("music", "muse"), ("cat", "cats"), ("form", "inform")]
)
def test_a_word_that_only_begins_or_ends_alike_is_another_word(one: str, other: str) -> None:
    assert not related(one, other)


def test_rare_words_tell_more_than_common_ones() -> None:
    rare = Paper("rare", "Rosin", "On rosin.")
    common = Paper("common", "Models", "On models.")
    weight = {"rosin": 5.0, "models": 0.1}
    assert _ids(topic("Which papers are about rosin models?"), _found(rare, common), lambda w: weight[w]) == [
        "rare"
    ]


def test_a_list_ends_where_the_ranking_falls_off() -> None:
    near = Paper("near", "Animals", "They sing and swim.")
    nearer = Paper("nearer", "Animals of the Sea", "They dive and swim.")
    far = Paper("far", "Bread", "It rises.")
    ranking = [
        Candidate(nearer, 1.0, 0.6, 9.0),
        Candidate(near, 0.9, 0.55, 8.0),
        Candidate(far, 0.05, 0.1, 0.0),
    ]
    assert _ids(topic("Which papers are about swimming beasts?"), ranking) == ["nearer", "near"]


def test_nothing_matches_when_all_are_about_something_else() -> None:
    assert _ids(topic("Which papers are about bread?"), []) == []
    assert _ids(topic("Which papers are about bread and yeast?"), _found(BEES, MUSIC, cosine=0.1)) == []


def test_a_word_counts_the_more_the_fewer_papers_hold_it() -> None:
    weights = [listing.inverse_document_frequency(count, 100) for count in (0, 1, 10, 50, 100)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_the_sentence_that_shows_a_match_holds_the_name_asked_for() -> None:
    minilm = embedder("minilm", DEFAULT_OLLAMA)
    reading = Reader(minilm.embed).read(HIVES)
    wanted = topic("Which papers use WaspNet?")
    assert "WaspNet" in showing(wanted, reading, minilm.embed([wanted.text])[0]).text
    cold = topic("Which papers are about keeping warm?")
    assert "warm" in showing(cold, reading, minilm.embed([cold.text])[0]).text


def test_a_paper_without_abstract_is_shown_by_its_title() -> None:
    reading = Reader(lambda texts: np.ones((len(texts), 2), dtype=np.float32)).read(
        Paper("t", "On Whales", "")
    )
    assert (
        showing(topic("Which papers are about whales?"), reading, np.ones(2, dtype=np.float32)).text
        == "On Whales"
    )


# The shipped papers


def _listed(question: str, parts: Parts, filters: Filters = Filters()) -> Answer:
    return list(answer(question, parts, filters=filters))[-1]


def _development(name: str) -> tuple[str, set[str]]:
    rows = (json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines())
    row = next(row for row in rows if row["id"] == name)
    return row["question"], set(row["gold_titles"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("dev-list-03", id="a kind of paper"),
        pytest.param("dev-list-04", id="a topic"),
        pytest.param("dev-list-06", id="forms of a word"),
        pytest.param("dev-list-09", id="a name"),
        pytest.param("dev-list-11", id="a rare name"),
        pytest.param("dev-list-13", id="a name in small letters"),
        pytest.param("dev2-list-03", id="a long topic"),
        pytest.param("dev2-list-06", id="many papers"),
        pytest.param("dev2-list-09", id="what work"),
    ],
)
def test_development_questions_get_exactly_their_papers(parts: Parts, name: str) -> None:
    question, gold = _development(name)
    last = _listed(question, parts)
    assert {cited.paper.raw_title for cited in last.papers} == gold
    assert last.remark == f"{len(gold)} papers match."
    assert all(len(s.citations) == 1 and s.quoted for s in last.sentences)


def test_what_a_development_question_leaves_out_is_left_out(parts: Parts) -> None:
    question, gold = _development("dev-list-01")
    titles = {cited.paper.raw_title for cited in _listed(question, parts).papers}
    assert gold <= titles
    assert len(titles) <= len(gold) + 1
    assert not [title for title in titles if "Music" in title]


def test_each_paper_is_named_and_shown_by_a_sentence_of_its_own(parts: Parts) -> None:
    last = _listed("Which papers mention AlpacaEval?", parts)
    assert len(last.sentences) == len(last.papers) == 2
    for sentence in last.sentences:
        [part] = sentence.evidence
        [paper] = [c.paper for c in last.papers if c.paper.id == part.paper_id]
        assert sentence.text == f"{paper.title}: “{part.text}”"
        assert "AlpacaEval" in part.text


def test_one_paper_is_said_to_match_in_the_singular(parts: Parts) -> None:
    last = _listed("Which papers use HuBERT?", parts)
    assert (len(last.papers), last.remark) == (1, "1 paper matches.")


@pytest.mark.parametrize(
    "question",
    [
        "Which papers are about banana bread?",
        "Which papers about speech use Frobnicator3000?",
        "Which papers are about the fall of the Roman empire?",
    ],
)
def test_when_nothing_matches_that_is_said_and_nothing_listed(parts: Parts, question: str) -> None:
    last = _listed(question, parts)
    assert last.abstained
    assert last.papers == last.sentences == ()
    assert "No abstract that was found matches." in last.remark


def test_filters_hold_for_lists(parts: Parts) -> None:
    last = _listed("Which papers mention AlpacaEval?", parts, Filters(year_from=1990, year_to=1991))
    assert last.abstained
    assert "1990" in last.remark


def test_the_ranking_that_a_list_was_chosen_from_is_kept(parts: Parts) -> None:
    last = _listed("Which papers mention ELMo?", replace(parts, top_k=1))
    assert {c.paper.id for c in last.papers} <= {c.paper.id for c in last.retrieved}
    assert len(last.papers) == 3
