"""What a question means by what was said before: places, the other one, corrections, the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from rag.answer import answer
from rag.assemble import Footnote
from rag.conversation import corrected, meant, only_points, remembered
from rag.importers import Parsed
from rag.records import Answer, CitedPaper, Paper, Turn
from rag.scene import Parts
from rag.settings import Settings
from rag.understand import understand

OTTER = Paper(
    "otter",
    "OtterNet: Finding Otters by Their Calls",
    "OtterNet finds otters by their calls. It was trained for 12 days on 40 rivers. It is released as open data.",
)
WHALE = Paper(
    "whale",
    "WhaleNet: Counting Whales from Space",
    "WhaleNet counts whales from satellite pictures. It was trained for 30 days on 9 oceans. Its code is free.",
)
BEE = Paper(
    "bee",
    "BeeNet: How Bees Dance",
    "BeeNet reads the dance of bees from film. It was trained for 5 days in 7 gardens. Its films are not public.",
)
BREAD = Paper(
    "bread", "Bread and Its Yeast", "Bread rises by yeast. It needs 3 hours of rest in a warm place."
)


def _turn(question: str, *papers: Paper, first: int = 1) -> Turn:
    return Turn(question, "It was said.", tuple(CitedPaper(n, p, ()) for n, p in enumerate(papers, first)))


TWO = [_turn("Compare OtterNet with WhaleNet", OTTER, WHALE)]
THREE = [_turn("Which papers train a net?", OTTER, WHALE, BEE)]
ONE_BY_ONE = [_turn("What is OtterNet?", OTTER), _turn("What is WhaleNet?", WHALE, first=2)]


# Places


@pytest.mark.parametrize(
    ("question", "paper"),
    [
        ("How long was the first one trained?", OTTER),
        ("and the second?", WHALE),
        ("What about the third paper?", BEE),
        ("the 2nd one", WHALE),
        ("the last one", BEE),
        ("Tell me about the last of these.", BEE),
        ("What does paper 2 say?", WHALE),
        ("and number three?", BEE),
        ("more about #1", OTTER),
    ],
)
def test_a_place_points_to_the_paper_of_that_number(question: str, paper: Paper) -> None:
    assert meant(question, THREE) == paper


@pytest.mark.parametrize(("question", "paper"), [("the former", OTTER), ("and the latter?", WHALE)])
def test_the_former_and_the_latter_are_the_two_of_a_comparison(question: str, paper: Paper) -> None:
    assert meant(question, TWO) == paper


def test_a_number_is_the_one_that_stands_in_the_brackets() -> None:
    turns = [*ONE_BY_ONE, _turn("Compare BeeNet with OtterNet", OTTER, BEE)]
    numbered = replace(turns[-1], papers=(CitedPaper(1, OTTER, ()), CitedPaper(3, BEE, ())))
    assert meant("What does paper 3 say?", [*turns[:-1], numbered]) == BEE


@pytest.mark.parametrize(
    ("question", "paper"),
    [
        ("Going back to the otter paper: for how many days was it trained?", OTTER),
        ("back to the WhaleNet model, is its code free?", WHALE),
        ("Returning to the counting whales work, how many oceans?", WHALE),
        ("back to the bread paper: how long does it rest?", None),
        ("What about the otter paper that you know?", None),
    ],
)
def test_the_way_back_leads_to_the_paper_that_was_described_so(question: str, paper: Paper | None) -> None:
    assert meant(question, ONE_BY_ONE) == paper


def test_the_way_back_to_a_turn_without_papers_leans_on_its_question() -> None:
    history = [Turn("How do otters call?", "With sounds."), *ONE_BY_ONE[1:]]
    asked = understand("Going back to the otters study: on how many rivers?", history)
    assert asked.standalone == "Going back to the otters study: on how many rivers? (How do otters call)"


def test_of_several_turns_with_one_paper_each_the_places_go_through_the_conversation() -> None:
    assert meant("What does the first one need?", ONE_BY_ONE) == OTTER
    assert meant("What does the second one need?", ONE_BY_ONE) == WHALE


def test_the_papers_of_the_last_answer_come_before_those_of_the_conversation() -> None:
    turns = [_turn("What is BeeNet?", BEE), *TWO]
    assert meant("the first one", turns) == OTTER
    assert meant("back to the first one", turns) == BEE


@pytest.mark.parametrize(
    "question",
    [
        "What about the fifth one?",
        "paper 9",
        "What was first trained?",
        "How long is the first stage?",
        "number of rivers?",
    ],
)
def test_a_place_that_is_none_of_the_papers_points_to_none(question: str) -> None:
    assert meant(question, THREE) is None


@pytest.mark.parametrize(
    "history", [[], [Turn("What is OtterNet?", "A net.")], [_turn("What is OtterNet?", OTTER)]]
)
def test_with_fewer_than_two_papers_there_is_no_first_and_no_other(history: Sequence[Turn]) -> None:
    assert meant("and the first one?", history) is None
    assert meant("no, the other one", history) is None


# The other one


def test_the_other_one_is_not_the_one_spoken_of_last() -> None:
    assert meant("and the other one?", ONE_BY_ONE) == OTTER
    assert meant("and the other one?", [*ONE_BY_ONE, _turn("And OtterNet again?", OTTER)]) == WHALE
    assert meant("not that one", ONE_BY_ONE) == OTTER


@pytest.mark.parametrize("question", ["and the other one?", "What about the other paper?", "the other"])
def test_of_a_pair_the_other_one_is_the_one_that_was_not_said_last(question: str) -> None:
    assert meant(question, TWO) == OTTER


@pytest.mark.parametrize("question", ["Which other nets are there?", "How does it do on the other hand?"])
def test_other_alone_points_to_nothing(question: str) -> None:
    assert meant(question, TWO) is None


# Corrections


@pytest.mark.parametrize(
    ("question", "instead"),
    [
        ("no, I mean the net that counts whales from space", "the net that counts whales from space"),
        (
            "That's not what I meant. How many gardens was BeeNet trained in?",
            "How many gardens was BeeNet trained in?",
        ),
        ("Sorry, I meant how many oceans WhaleNet was trained on", "how many oceans WhaleNet was trained on"),
        ("another question: how does bread dough rise by yeast?", "how does bread dough rise by yeast?"),
        (
            "Let's change the subject. How does BeeNet film bees that dance?",
            "How does BeeNet film bees that dance?",
        ),
        ("ok, something else: how long must bread dough rest?", "how long must bread dough rest?"),
    ],
)
def test_a_correction_says_what_is_wanted_instead(question: str, instead: str) -> None:
    assert corrected(question) == instead


@pytest.mark.parametrize(
    "question",
    [
        "no, the other one",
        "no",
        "not that",
        "That's wrong.",
        "How long was BeeNet trained on film in gardens?",
        "sorry, whales?",
    ],
)
def test_what_leaves_the_rest_to_the_turn_before_says_nothing_instead(question: str) -> None:
    assert corrected(question) == ""


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("no, the other one", True),
        ("the second one", True),
        ("and the first paper?", True),
        ("not that one, the other paper please", True),
        ("the former", True),
        ("what does the other one cost?", False),
        ("how long was the second one trained?", False),
    ],
)
def test_pointing_alone_is_told_from_asking(question: str, only: bool) -> None:
    assert only_points(question) is only


def test_who_only_points_asks_the_question_before_of_another_paper() -> None:
    question = understand(
        "no, the other one", [*ONE_BY_ONE[:1], _turn("How long was WhaleNet trained?", WHALE)]
    )
    assert question.bare == "How long was WhaleNet trained?"
    assert question.points_to == OTTER.title
    assert "OtterNet" in question.standalone
    assert question.follows_up


def test_who_points_and_asks_keeps_the_words() -> None:
    question = understand("How long was the first one trained?", TWO)
    assert question.standalone == "How long was the first one trained? (about OtterNet)"
    assert question.context == OTTER.title


def test_who_corrects_with_words_enough_leans_on_nothing() -> None:
    question = understand("No, I mean how many gardens BeeNet was trained in", TWO)
    assert question.standalone == question.bare == "how many gardens BeeNet was trained in"
    assert not question.follows_up
    assert question.context == question.points_to == ""


# What is remembered of a turn that left only its text


def _calls(text: str) -> list[Paper]:
    known = {"OtterNet": OTTER, "WhaleNet": WHALE, "BeeNet": BEE}
    return [known[name] for name in sorted((n for n in known if n in text), key=text.find)]


def test_a_turn_with_papers_is_remembered_as_it_is() -> None:
    assert remembered(TWO, _calls) == tuple(TWO)
    assert remembered([], _calls) == ()


def test_a_turn_of_text_is_remembered_by_the_names_in_it_those_of_the_answer_first() -> None:
    [turn] = remembered([Turn("Is OtterNet larger than BeeNet?", "BeeNet and WhaleNet are.")], _calls)
    assert [cited.paper for cited in turn.papers] == [BEE, WHALE, OTTER]
    assert [cited.number for cited in turn.papers] == [1, 2, 3]
    assert turn.question == "Is OtterNet larger than BeeNet?"


def test_a_turn_without_a_name_is_about_no_paper() -> None:
    [turn] = remembered([Turn("How are you?", "Fine.")], _calls)
    assert turn.papers == ()


# Through the main path


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A library of four small papers, three of which could be meant by "it was trained"."""
    home = tmp_path_factory.mktemp("nets")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.library.add(Parsed((OTTER, WHALE, BEE, BREAD)), "nets.txt")
    footnote.index_pending()
    yield replace(footnote.parts(), notices=())
    footnote.close()


def _said(question: str, nets: Parts, history: Sequence[Turn] = ()) -> Answer:
    return list(answer(question, nets, history))[-1]


def _kept(last: Answer) -> Turn:
    return Turn(
        last.question.standalone, " ".join(s.text for s in last.sentences) or last.remark, last.papers
    )


def _first(last: Answer) -> str:
    return last.retrieved[0].paper.id


TALKED = [
    Turn("How many rivers was OtterNet trained on?", "OtterNet was trained for 12 days on 40 rivers."),
    Turn("How many oceans was WhaleNet trained on?", "WhaleNet was trained for 30 days on 9 oceans."),
]
"""A conversation of which only the text is left."""


@pytest.mark.parametrize(
    ("question", "paper"),
    [
        ("And for how many days was it trained?", "whale"),
        ("And for how many days was the first one trained?", "otter"),
        ("no, the other one", "otter"),
        ("and the second one?", "whale"),
        ("Back to the first one: is its data open?", "otter"),
        ("No, I mean for how many days BeeNet was trained in gardens", "bee"),
        ("Something else: how many hours of rest does bread need?", "bread"),
        ("How many hours must bread rest in a warm place?", "bread"),
    ],
)
def test_the_paper_that_a_question_means_is_found_first(nets: Parts, question: str, paper: str) -> None:
    assert _first(_said(question, nets, TALKED)) == paper


def test_a_conversation_of_text_alone_is_read_like_one_with_papers(nets: Parts) -> None:
    papers = [(CitedPaper(1, OTTER, ()),), (CitedPaper(1, WHALE, ()),)]
    whole = [replace(turn, papers=cited) for turn, cited in zip(TALKED, papers, strict=True)]
    for question in ("and the first one?", "no, the other one", "And for how many days was it trained?"):
        by_text, by_papers = (_said(question, nets, history) for history in (TALKED, whole))
        assert by_text.question == by_papers.question
        assert by_text.retrieved == by_papers.retrieved


def test_the_topic_is_changed_and_found_again(nets: Parts) -> None:
    history: list[Turn] = []
    for question, paper in (
        ("How many rivers was OtterNet trained on?", "otter"),
        ("And for how many days was it trained?", "otter"),
        ("How many hours of rest does bread need in a warm place?", "bread"),
        ("Back to the first one: how many rivers was it trained on?", "otter"),
        ("no, the other one", "bread"),
    ):
        last = _said(question, nets, history)
        assert _first(last) == paper, question
        history.append(_kept(last))


def test_a_question_that_stands_alone_is_read_alone_in_any_conversation(nets: Parts) -> None:
    question = "How many gardens was BeeNet trained in?"
    alone, later = _said(question, nets), _said(question, nets, TALKED)
    assert later.question == alone.question
    assert later.retrieved == alone.retrieved


def test_what_a_text_calls_by_name_is_known_in_its_order(nets: Parts) -> None:
    assert [p.id for p in nets.called("Is WhaleNet larger than OtterNet?")] == ["whale", "otter"]
    assert nets.called("Is anything larger?") == []
