"""Conditions in a question's own words: found where they are meant, left alone where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assemble import Footnote
from rag.filters import Known, combined, filters_in, said
from rag.importers import Parsed
from rag.records import Answer, Filters, Paper, Turn
from rag.settings import Settings
from rag.understand import understand

KNOWN = Known(
    (2010, 2023),
    author={"Devlin", "Jacob Devlin", "van der Berg", "O'Neil"}.__contains__,
    venue={"ACL", "ACL 2019", "Nature", "Transactions of the ACL", "Speech"}.__contains__,
    source={"refs.bib", "my-papers.2.ris"}.__contains__,
)


@pytest.mark.parametrize(
    ("question", "filters", "left"),
    [
        ("Which papers since 2021 study speech?", Filters(2021), "Which papers study speech?"),
        ("What was said about speech after 2020?", Filters(2021), "What was said about speech?"),
        ("papers about speech from 2021 on", Filters(2021), "papers about speech"),
        ("Papers from 2021", Filters(2021, 2021), "Papers"),
        ("papers of 2019 or later", Filters(2019), "papers"),
        ("What was known before 2019?", Filters(None, 2018), "What was known?"),
        ("Which works until 2019 use LSTMs?", Filters(None, 2019), "Which works use LSTMs?"),
        ("In 2020, what was new?", Filters(2020, 2020), "what was new?"),
        ("Papers published in 2020 about music", Filters(2020, 2020), "Papers about music"),
        ("Papers between 2018 and 2020 on SQuAD 2.0", Filters(2018, 2020), "Papers on SQuAD 2.0"),
        ("Papers from 2018 to 2020", Filters(2018, 2020), "Papers"),
        ("Papers since 2015 about MERT before 2020", Filters(2015, 2019), "Papers about MERT"),
        ("What was proposed by Devlin?", Filters(author="Devlin"), "What was proposed?"),
        ("Work by Jacob Devlin et al. on BERT", Filters(author="Jacob Devlin"), "Work on BERT"),
        ("Papers by van der Berg", Filters(author="van der Berg"), "Papers"),
        ("Papers by O'Neil on birds", Filters(author="O'Neil"), "Papers on birds"),
        ("What is new at ACL?", Filters(venue="ACL"), "What is new?"),
        ("Which parsers are in the ACL papers?", Filters(venue="ACL"), "Which parsers are papers?"),
        ("Papers in Nature on birds", Filters(venue="Nature"), "Papers on birds"),
        ("What is new at ACL 2020?", Filters(2020, 2020, venue="ACL"), "What is new?"),
        ("How many papers from refs.bib are there?", Filters(source="refs.bib"), "How many papers are there?"),
        ("since 2021", Filters(2021), "since 2021"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_conditions_are_read_off_the_words_and_taken_out(question: str, filters: Filters, left: str) -> None:
    assert filters_in(question, KNOWN) == (filters, left)


@pytest.mark.parametrize(
    "question",
    [
        "What does BERT (Devlin et al., 2019) propose?",
        "What do Devlin et al. 2019 propose?",
        "How large is SQuAD 2.0?",
        "What is the ImageNet 2012 accuracy?",
        "How good is it in ImageNet 2012?",
        "What happens after 2000 steps?",
        "What is the effect of 2010 sentences?",
        "Does it run in 2048 dimensions, or until 2048?",
        'Who wrote "Speech since 2021"?',
        "What is learned by Transformers?",
        "What is used in Speech recognition?",
        "What is wrong in ACL injuries?",
        "What comes from nothing.bib?",
        "papers by devlin",
        "What is measured by Devlin's method?",
        "What does it say [since 2021]?",
        "since 2021-2022-style",
        "in 2020%",
    ],
)
def test_what_may_be_meant_otherwise_stays_a_word(question: str) -> None:
    assert filters_in(question, KNOWN) == (Filters(), question)


def test_a_library_without_years_authors_and_venues_knows_no_conditions() -> None:
    question = "Papers since 2021 by Devlin at ACL from refs.bib"
    assert filters_in(question, Known()) == (Filters(), question)


PIECES = "in since by at from 2019 2021 Devlin ACL refs.bib ( ) , ? papers and".split()


@given(st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_any_text_is_taken(text: str) -> None:
    found, left = filters_in(text, KNOWN)
    assert len(left) <= len(text)
    assert found.active or left == text


def test_two_conditions_hold_together_and_the_later_name_counts() -> None:
    assert combined(Filters(2015, 2020, "A"), Filters(2018, None, "B")) == Filters(2018, 2020, "B")


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (Filters(), ""),
        (Filters(2021), "from 2021 on"),
        (Filters(None, 2019), "up to 2019"),
        (Filters(2020, 2020), "of 2020"),
        (Filters(2018, 2020, "Devlin", "ACL", "a.bib"), "from 2018 to 2020, by Devlin, in ACL, from the file a.bib"),
    ],
)  # fmt: skip
def test_conditions_are_said_in_words(filters: Filters, words: str) -> None:
    assert said(filters) == words


def test_understanding_keeps_what_was_asked_and_looks_for_the_rest() -> None:
    question = understand("Which papers since 2021 study speech?", (), KNOWN, Filters(author="Ada"))
    assert question.asked == "Which papers since 2021 study speech?"
    assert question.standalone == question.bare == "Which papers study speech?"
    assert question.filters == Filters(2021, author="Ada")


WHALES = "Whales sing long songs under water. We record the songs of humpback whales and count their phrases."
BIRDS = "Birds sing in the morning. We record the songs of garden birds and count their phrases."


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footnote]:
    """Three papers with years, authors and venues."""
    home = tmp_path_factory.mktemp("dated")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    papers = (
        Paper("a", "Songs of Humpback Whales", WHALES, ("Ada Lovelace",), 2010, "Journal of Whales"),
        Paper("b", "Songs of Garden Birds", BIRDS, ("Grace Hopper",), 2015, "Birds and Songs"),
        Paper("c", "More Songs of Humpback Whales", WHALES, ("Olivia Ada-Li",), 2020, "ACL 2020"),
    )
    footnote.library.add(Parsed(papers), "songs.bib")
    footnote.index_pending()
    yield footnote
    footnote.close()


def _last(footnote: Footnote, asked: str, filters: Filters = Filters()) -> Answer:
    *_, last = footnote.answer(asked, filters=filters)
    return last


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Which papers since 2011 record songs?", "bc"),
        ("Which papers by Lovelace record songs?", "a"),
        ("Which papers by Hopper since 2011 record songs?", "b"),
        ("Which papers at ACL record songs?", "c"),
        ("Which papers from songs.bib record songs?", "abc"),
        ("Which papers by Li record songs?", "abc"),
    ],
)
def test_only_papers_that_meet_the_words_are_ranked(dated: Footnote, asked: str, found: str) -> None:
    assert sorted(c.paper.id for c in _last(dated, asked).retrieved) == sorted(found)


def test_a_condition_that_no_paper_meets_is_said(dated: Footnote) -> None:
    answer = _last(dated, "Which papers since 2022 record songs?")
    assert answer.abstained
    assert answer.remark == "The abstracts do not say. The library holds no paper from 2022 on."


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("How many people had malaria in 2010?", (None, None)),
        ("How many new infections were there in 2010?", (None, None)),
        ("How many were out of work in 2012?", (None, None)),
        ("Compare mortality in 2012 with mortality in 2015", (None, None)),
        ("What did Devlin show in 2019?", (2019, 2019)),
        ("What was the state-of-the-art in 2019?", (2019, 2019)),
        ("In 2012, who won the election?", (None, None)),
        ("Did mortality fall between 2011 and 2015?", (None, None)),
        ("What was proposed in 2012?", (2012, 2012)),
        ("In 2012, what was new?", (2012, 2012)),
        ("Who worked on malaria in 2012?", (2012, 2012)),
        ("How many papers are from 2012?", (2012, 2012)),
        ("Compare whales with birds since 2012.", (2012, None)),
    ],
)
def test_the_year_of_an_event_is_no_year_of_papers(
    question: str, years: tuple[int | None, int | None]
) -> None:
    filters = understand(question, (), KNOWN).filters
    assert (filters.year_from, filters.year_to) == years


@pytest.mark.parametrize(
    "asked", ["And since 2021?", "Only since 2021?", "what about after 2020?", "the ones since 2021"]
)
def test_a_year_alone_goes_on_with_the_turn_before(asked: str) -> None:
    before = [Turn("Which papers study speech?", "Three do.")]
    assert understand(asked, before, KNOWN).filters.year_from == 2021


def test_conditions_set_beside_the_question_hold_too(dated: Footnote) -> None:
    answer = _last(dated, "Which papers before 2015 record songs?", Filters(author="ada"))
    assert [c.paper.id for c in answer.retrieved] == ["a"]
    assert answer.question.filters == Filters(None, 2014, "ada")


def test_papers_are_counted_within_conditions(dated: Footnote) -> None:
    assert (
        _last(dated, "How many papers are there?").remark == "The library holds 3 papers, from 2010 to 2020."
    )
    remark = _last(dated, "How many papers since 2011 are there?").remark
    assert remark == "The library holds 2 papers from 2011 on."


def test_a_compared_paper_must_meet_the_conditions(dated: Footnote) -> None:
    asked = "Compare Songs of Garden Birds and Songs of Humpback Whales since 2012"
    assert "a" not in {c.paper.id for c in _last(dated, asked).papers}


def test_the_shipped_papers_have_no_years_to_narrow_by(footnote: Footnote) -> None:
    assert footnote.library.known().years is None
    assert not footnote.library.records().active
    assert not _last(footnote, "Which papers since 2021 study speech?").question.filters.active


def test_an_empty_library_can_be_asked_with_conditions(tmp_path: Path) -> None:
    footnote = Footnote(Settings(home=tmp_path, library=tmp_path / "none", model="extractive"))
    assert "holds no paper from 2020 on" in _last(footnote, "Speech?", Filters(2020)).remark
    footnote.close()
