"""The Sources panel: what a card offers, why its paper is there, and what else was found."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_render import HOSTILE, Page, answered, check_harmless, cited, paper

from rag import importers
from rag.assemble import Footnote
from rag.records import Answer, Candidate, Conversation, Exchange, Filters, Question, Shape
from ui import card_actions, card_events, card_why, sources
from ui.markup import kept

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
WHO = {"authors": ("Ada Li", "Bo Xu"), "year": 2024, "venue": "BirdConf", "doi": "10.1234/bird"}


def found(number: int, **changes: object) -> Candidate:
    it = Candidate(paper(number), 0.9, 0.512, 7.25, dense_rank=2, word_rank=3)
    return replace(it, **changes)  # type: ignore[arg-type]


def panel(answer: Answer) -> Page:
    return Page(sources.panel((Exchange("How heavy?", answer),)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(WHO, "Ada Li and Bo Xu (2024). Bird 1: A Study. BirdConf. https://doi.org/10.1234/bird", id="all"),
        pytest.param({}, "Bird 1: A Study.", id="only a title"),
        pytest.param({"title": "Do Birds Sing?", "year": 2020}, "(2020). Do Birds Sing?", id="a question"),
        pytest.param({"arxiv_id": "2101.1"}, "Bird 1: A Study. https://arxiv.org/abs/2101.1", id="arXiv"),
        pytest.param({"url": "javascript:alert(1)"}, "Bird 1: A Study.", id="no web address"),
    ],
)  # fmt: skip
def test_a_reference_says_what_is_known(changes: dict[str, object], said: str) -> None:
    assert card_actions.reference(paper(1, **changes)) == said


def test_a_reference_of_many_authors_names_twenty() -> None:
    names = tuple(f"N{n}" for n in range(30))
    assert "N18, … N29" in card_actions.reference(paper(1, authors=names))


def test_the_bibtex_entry_reads_back_as_the_paper(tmp_path: Path) -> None:
    it = paper(1, **WHO)
    file = tmp_path / "one.bib"
    file.write_text(card_actions.entry(it), encoding="utf-8")
    [read] = importers.read(file).papers
    assert (read.title, read.authors, read.year, read.doi) == (it.title, it.authors, it.year, it.doi)
    assert not read.abstract


def test_lines_are_kept() -> None:
    text = "@misc{a,\n  title = {<b>},\n}"
    assert Page(f"<pre>{kept(text)}</pre>").text == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_papers_stay_text_wherever_a_card_shows_them(text: str) -> None:
    bad = paper(1, title=text, abstract=f"{text} It ends.", authors=(text,), venue=text, doi=text)
    bad = replace(bad, id=f"title:{text}")
    answer = answered(cited(2), retrieved=(replace(found(1), paper=bad),))
    side = check_harmless(sources.panel((Exchange(text, answer), Exchange(text, answer))))
    assert " ".join(text.split()) in " ".join(side.text.split())


@given(st.text(), st.text())
def test_any_id_and_question_stay_text(paper_id: str, asked: str) -> None:
    answer = answered(cited(1), question=Question(asked, asked, Shape.FACT))
    it = replace(found(7), paper=replace(paper(7), id=paper_id))
    check_harmless(sources.panel((Exchange(asked, replace(answer, retrieved=(it,))),)))


def test_asking_about_a_paper_names_it_in_the_address() -> None:
    markup = card_actions.about(replace(paper(1), id='doi:10.1/a?b&c="d" é'))
    [(_, attributes)] = Page(markup).tags
    assert attributes["href"] == "#chat?paper=doi%3A10.1%2Fa%3Fb%26c%3D%22d%22%20%C3%A9"


def test_a_card_tells_what_placed_its_paper() -> None:
    answer = answered(cited(1), retrieved=(found(9), found(1, named=True)))
    text = panel(answer).text
    assert "Found in place 2 of 2." in text
    assert "By wordsrank 3 (BM25 7.25)By meaningrank 2 (cosine 0.512)Score0.900" in text
    assert "By namethe question names it" in text


def test_what_did_not_find_a_paper_is_told() -> None:
    text = panel(answered(cited(1), retrieved=(found(1, dense_rank=None, word_rank=None),))).text
    assert "By wordsno word matchesBy meaningnot near" in text


def test_a_paper_of_an_earlier_answer_is_told_apart() -> None:
    assert "the conversation brought it in" in panel(answered(cited(1), retrieved=(found(9),))).text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("How heavy are birds that sing?", ("birds", "sing")),
        ("Is it the weighing of the?", ("weighing",)),
        ("What about whales?", ()),
    ],
)
def test_words_in_common_are_those_of_the_question(asked: str, words: tuple[str, ...]) -> None:
    assert card_why.matching(asked, "Bird 1: A Study", "It weighs 4.2 g. It sings.") == words


def test_found_and_not_cited_papers_are_folded_away() -> None:
    """Title, year and first sentence; no card, no number, nothing that could be taken for a source."""
    answer = answered(cited(1), retrieved=(found(1), found(7, paper=paper(7, year=2019)), found(8)))
    side = panel(answer)
    assert "Also found (2)" in side.text
    assert "Bird 7: A Study 2019We build a bird.Ask about" in side.text
    assert len(side.of("fn-card")) == len(side.of("fn-number")) == 1
    assert len(side.of("fn-also")) == 1


def test_nothing_is_also_found_while_the_answer_grows() -> None:
    answer = answered(cited(1), retrieved=(found(7),), done=False, stage="writing")
    assert "Also found" not in panel(answer).text


def test_the_panel_is_the_newest_answer_and_those_before() -> None:
    conversation = (Exchange("a", answered(cited(1))), Exchange("b", answered(cited(2))))
    whole = sources.panel(conversation)
    assert whole == sources.newest(conversation) + sources.earlier(conversation)
    assert 'id="source-1-1"' in sources.earlier(conversation)
    assert 'id="source-1-1"' not in sources.newest(conversation)


def test_a_long_conversation_costs_a_growing_answer_little() -> None:
    """Twenty answers with ten papers each: what is finished is not rendered again."""
    many = tuple(cited(n) for n in range(1, 11))
    long = " ".join(f"This is sentence {n} of an abstract about birds, in (brackets)." for n in range(12))
    many = tuple(replace(one, paper=replace(one.paper, abstract=long)) for one in many)
    ranked = tuple(found(n) for n in range(1, 21))
    done: Conversation = tuple(Exchange(f"q{n}", answered(*many, retrieved=ranked)) for n in range(19))
    sources.panel(done)
    taken = []
    for shown in range(1, 11):
        growing = Exchange("now", answered(*many[:shown], retrieved=ranked, done=False), running=True)
        began = time.perf_counter()
        sources.panel((*done, growing))
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.005


def test_an_explanation_is_a_table_of_every_signal(footnote: Footnote) -> None:
    conversation = asked(footnote, SYLBER)
    answer = conversation[0].answer
    assert answer is not None
    it = answer.retrieved[1].paper
    key, text = card_events.explained(footnote, conversation, 1, it.id)
    assert key == card_why.key(answer.question, it.id)
    table = Page(text)
    assert "Among" in table.text
    assert it.title in table.text
    assert answer.retrieved[0].paper.title in table.text  # it stands before it
    assert re.search(r"Words weigh \d+% in the score, meaning \d+%\.", table.text)
    assert "no longer" not in table.text


def test_a_deleted_paper_is_still_shown_and_explained(footnote: Footnote) -> None:
    conversation = asked(footnote, SYLBER)
    answer = conversation[0].answer
    assert answer is not None
    it = answer.papers[0].paper
    footnote.delete([it.id])
    assert it.title in Page(sources.panel(conversation)).text
    _, text = card_events.explained(footnote, conversation, 1, it.id)
    assert "The library no longer holds this paper." in Page(text).text


def test_what_is_asked_of_no_answer_is_not_explained(footnote: Footnote) -> None:
    conversation = asked(footnote, SYLBER)
    for number, paper_id in ((0, "x"), (2, "x"), (1, "title:none")):
        assert card_events.explained(footnote, conversation, number, paper_id) == ["", ""]


def asked(footnote: Footnote, question: str) -> Conversation:
    *_, answer = footnote.answer(question, filters=Filters())
    return (Exchange(question, answer),)
