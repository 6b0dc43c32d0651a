"""Who, when, where and how many: answered from the records of the library, without abstracts or a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from test_answer import Says

from rag.answer import answer
from rag.assemble import Footnote
from rag.catalogue import _LISTED
from rag.importers import Parsed
from rag.records import Answer, Paper, Turn
from rag.scene import Parts
from rag.settings import Settings

ORCA = Paper(
    "orca",
    "OrcaNet: Hearing Whales at Night",
    "OrcaNet hears 40 whales in the dark. It is trained on recordings of the Arctic sea.",
    authors=("Ada Li", "Bo Xu"),
    year=2021,
    venue="WhaleConf",
    doi="10.1000/orca",
)
FINCH = Paper(
    "finch",
    "FinchNet: Birdsong from Raw Audio",
    "FinchNet transcribes birdsong. It needs 3 hours of labelled audio.",
    authors=("Ada Li",),
    year=2023,
    venue="Journal of Birds",
    url="https://example.org/finch",
)
TROUT = Paper("trout", "TroutNet: Counting Fish in Rivers", "TroutNet counts fish with sonar.", year=2023)
CROWD = Paper(
    "crowd",
    "HeronNet: Waders in the Mist",
    "HeronNet watches waders.",
    authors=tuple(f"Author {chr(65 + n)}" for n in range(15)),
    arxiv_id="2410.07168",
)
PAPERS = (ORCA, FINCH, TROUT, CROWD)

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A library of four papers with authors, years, venues and identifiers, each lacking something."""
    home = tmp_path_factory.mktemp("records")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.library.add(Parsed(PAPERS), "records.bib")
    footnote.index_pending()
    yield replace(footnote.parts(), notices=())
    footnote.close()


@pytest.fixture(scope="module")
def ask(records: Parts) -> Ask:
    """The finished answer, given while a model stands by that must not be asked."""

    def asked(question: str, history: Sequence[Turn] = ()) -> Answer:
        model = Says("It was written by Google in Zurich in 1999.")
        *_, last = answer(question, replace(records, model=model), history)
        assert (last.done, last.stage, last.draft) == (True, "done", "")
        assert last.timings.total_s is not None
        assert model.prompts == [], "a record is read, not written about"
        return last

    return asked


def _turn(last: Answer) -> Turn:
    return Turn(last.question.standalone, last.text, last.papers)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who wrote OrcaNet?", f"{ORCA.title}: by Ada Li and Bo Xu."),
        ("Who are the authors of FinchNet?", f"{FINCH.title}: by Ada Li."),
        ("Who is the first author of OrcaNet?", f"{ORCA.title}: by Ada Li and Bo Xu."),
        ("When was OrcaNet published?", f"{ORCA.title}: year 2021."),
        ("In which year was FinchNet published?", f"{FINCH.title}: year 2023."),
        ("Which conference published OrcaNet?", f"{ORCA.title}: venue WhaleConf."),
        ("Where was FinchNet published?", f"{FINCH.title}: venue Journal of Birds."),
        ("What is the DOI of OrcaNet?", f"{ORCA.title}: DOI 10.1000/orca."),
        ("Give me a link to FinchNet", f"{FINCH.title}: link https://example.org/finch."),
        ("What is the link to HeronNet?", f"{CROWD.title}: link arXiv:2410.07168."),
    ],
)
def test_the_record_answers_and_is_cited(ask: Ask, question: str, said: str) -> None:
    last = ask(question)
    assert [s.text for s in last.sentences] == [said]
    [cited] = last.papers
    assert said.startswith(cited.paper.title)
    assert last.sentences[0].citations == (cited.number,) == (1,)
    assert not last.abstained
    assert last.remark == ""


def test_of_many_authors_the_first_twelve_are_named_and_the_rest_counted(ask: Ask) -> None:
    text = ask("Who wrote HeronNet?").text
    assert "Author A, Author B" in text
    assert "Author L and 3 others." in text
    assert "Author M" not in text


@pytest.mark.parametrize(
    ("question", "paper", "field"),
    [
        ("Who wrote TroutNet?", TROUT, "authors"),
        ("Where was TroutNet published?", TROUT, "venue"),
        ("When was HeronNet published?", CROWD, "year"),
        ("What is the DOI of FinchNet?", FINCH, "DOI"),
        ("What is the link to TroutNet?", TROUT, "link"),
    ],
)
def test_what_a_record_lacks_is_named_and_nothing_is_cited(
    ask: Ask, question: str, paper: Paper, field: str
) -> None:
    last = ask(question)
    assert last.abstained
    assert last.remark == f"The record of “{paper.title}” in this library has no {field}."
    assert not last.sentences
    assert not last.papers


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who are its authors?", "by Ada Li."),
        ("who wrote it?", "by Ada Li."),
        ("When was it published?", "year 2023."),
        ("Where was it published?", "venue Journal of Birds."),
    ],
)
def test_a_follow_up_asks_of_the_paper_before(ask: Ask, question: str, said: str) -> None:
    history = [_turn(ask("When was OrcaNet published?")), _turn(ask("Where was FinchNet published?"))]
    last = ask(question, [history[1]])
    assert last.text == f"{FINCH.title}: {said} [1]"
    assert last.question.follows_up
    assert ask(question, [history[0]]).papers[0].paper.title == ORCA.title


def test_a_paper_keeps_its_number_when_its_record_is_asked_later(ask: Ask) -> None:
    first = _turn(ask("Who wrote OrcaNet?"))
    second = ask("Who wrote FinchNet?", [first])
    assert [c.number for c in second.papers] == [2]
    again = ask("When was OrcaNet published?", [first, _turn(second)])
    assert [c.number for c in again.papers] == [1]


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote it?",
        "Who are the authors?",
        "Who wrote NarwhalNet?",
        "Which university is OrcaNet from?",
        "How many citations does OrcaNet have?",
    ],
)
def test_where_no_paper_is_meant_or_no_record_holds_it_nothing_is_said(ask: Ask, question: str) -> None:
    last = ask(question)
    assert last.abstained
    assert not last.sentences
    assert not last.papers


def test_what_an_abstract_says_is_not_answered_from_the_record(records: Parts) -> None:
    *_, last = answer("How many whales does OrcaNet hear?", records)
    assert "40 whales" in last.text
    assert all(s.text.startswith("“") for s in last.sentences)


# Of the library as a whole


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many papers are there?", "The library holds 4 papers, from 2021 to 2023."),
        ("How many papers by Ada Li are there?", "The library holds 2 papers by Ada Li."),
        ("How many papers by Bo Xu are there?", "The library holds 1 paper by Bo Xu."),
        ("How many papers from 2023 are there?", "The library holds 2 papers of 2023."),
        ("How many papers since 2022 do you have?", "The library holds 2 papers from 2022 on."),
        ("How many papers by Ada Li since 2022 are there?", "The library holds 1 paper from 2022 on, by Ada Li."),
    ],
)  # fmt: skip
def test_papers_are_counted_and_not_listed(ask: Ask, question: str, said: str) -> None:
    last = ask(question)
    assert last.remark == said
    assert not last.sentences
    assert not last.papers
    assert not last.abstained


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("List all papers", (FINCH, CROWD, ORCA, TROUT)),
        ("What papers do you have?", (FINCH, CROWD, ORCA, TROUT)),
        ("What is in the library?", (FINCH, CROWD, ORCA, TROUT)),
        ("List all papers by Ada Li", (FINCH, ORCA)),
        ("List all papers from 2023", (FINCH, TROUT)),
    ],
)
def test_all_papers_are_listed_by_title_each_cited(
    ask: Ask, question: str, papers: tuple[Paper, ...]
) -> None:
    last = ask(question)
    assert [s.text for s in last.sentences] == [paper.title for paper in papers]
    assert [c.paper.title for c in last.papers] == [paper.title for paper in papers]
    assert [s.citations for s in last.sentences] == [(n,) for n in range(1, len(papers) + 1)]
    assert f"{len(papers)} papers" in last.remark
    assert not last.abstained


def test_a_listed_paper_can_be_pointed_to(ask: Ask) -> None:
    listed = _turn(ask("List all papers by Ada Li"))
    last = ask("Who wrote the second one?", [listed])
    assert last.text == f"{ORCA.title}: by Ada Li and Bo Xu. [2]"


def test_of_a_large_library_the_first_by_title_are_listed(tmp_path: Path) -> None:
    footnote = Footnote(Settings(home=tmp_path, library=tmp_path / "large", model="extractive"))
    many = tuple(Paper(f"p{n}", f"Study {n:03}", f"Abstract of whale {n}.") for n in range(_LISTED + 1))
    footnote.library.add(Parsed(many), "many.txt")
    footnote.index_pending()
    *_, last = footnote.answer("List all papers")
    footnote.close()
    assert last.remark == f"The library holds {_LISTED + 1} papers. The first {_LISTED} by title:"
    assert [s.text for s in last.sentences] == [f"Study {n:03}" for n in range(_LISTED)]
