"""Verdicts on answers are kept, and become questions that the evaluation reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dialogue_samples import BIRD, EVERYTHING, HOSTILE, WHALE, said

from eval import questions
from rag.conversations import Conversations
from rag.errors import FootnoteError
from rag.feedback import Asked, Feedback, write_questions
from rag.library import Library
from rag.records import Answer, Candidate, Exchange, Filters, Question, Shape, Turn

ROOT = Path(__file__).resolve().parent.parent
GOOD = said("How many phrases?", "They count 12 phrases.", WHALE)


@pytest.fixture
def library(own_home: Path) -> Iterator[Library]:
    library = Library(own_home / "library")
    yield library
    library.close()


@pytest.fixture
def feedback(library: Library) -> Feedback:
    return Feedback(library)


@pytest.fixture
def conversation(library: Library) -> str:
    """Two questions about whales."""
    conversations = Conversations(library)
    conversation = conversations.begin()
    conversations.save(conversation, 1, GOOD)
    conversations.save(conversation, 2, EVERYTHING)
    return conversation


def of_shape(shape: Shape, **more: object) -> Exchange:
    assert GOOD.answer is not None
    question = replace(GOOD.answer.question, shape=shape)
    return replace(GOOD, answer=replace(GOOD.answer, question=question, **more))  # type: ignore[arg-type]  # by name


class TestVerdicts:
    """One verdict for each exchange."""

    def test_there_is_none_at_first(self, feedback: Feedback) -> None:
        assert (feedback.verdict("a", 1), feedback.listed()) == (None, [])

    def test_a_verdict_is_kept_with_its_reason(self, feedback: Feedback, conversation: str) -> None:
        feedback.give(conversation, 1, GOOD, good=False, reason="  wrong paper ")
        (verdict,) = feedback.listed()
        assert feedback.verdict(conversation, 1) == (False, "wrong paper")
        assert (verdict.question, verdict.answer) == ("How many phrases?", "They count 12 phrases. [1]")
        assert verdict.asked == Asked("fact", ("Songs of {Humpback} Whales",))

    def test_a_new_verdict_replaces_the_earlier_one(self, feedback: Feedback, conversation: str) -> None:
        feedback.give(conversation, 1, GOOD, good=False, reason="wrong")
        feedback.give(conversation, 1, GOOD, good=True)
        feedback.give(conversation, 2, EVERYTHING, good=False)
        assert feedback.verdict(conversation, 1) == (True, "")
        assert [(v.number, v.good) for v in feedback.listed()] == [(2, False), (1, True)]

    def test_a_verdict_can_be_taken_back(self, feedback: Feedback, conversation: str) -> None:
        feedback.give(conversation, 1, GOOD, good=True)
        feedback.give(conversation, 2, GOOD, good=True)
        feedback.take_back(conversation, 1)
        assert feedback.verdict(conversation, 1) is None
        assert feedback.forget(feedback.listed()[0].n)
        assert not feedback.forget(99)
        assert feedback.listed() == []

    def test_it_outlives_its_conversation(
        self, feedback: Feedback, library: Library, conversation: str
    ) -> None:
        feedback.give(conversation, 1, GOOD, good=True)
        Conversations(library).delete(conversation)
        assert len(feedback.listed()) == 1

    def test_another_answer_to_the_question_is_not_judged_yet(
        self, feedback: Feedback, library: Library, conversation: str
    ) -> None:
        feedback.give(conversation, 1, GOOD, good=False)
        feedback.give(conversation, 2, EVERYTHING, good=False)
        conversations = Conversations(library)
        conversations.save(conversation, 1, GOOD)
        assert feedback.verdict(conversation, 1) == (False, "")
        conversations.save(conversation, 1, said("How many phrases?", "Twelve.", WHALE))
        conversations.cut(conversation, 1)
        assert (feedback.verdict(conversation, 1), feedback.verdict(conversation, 2)) == (None, None)
        assert [v.number for v in feedback.listed()] == [None, None]
        feedback.give(conversation, 1, GOOD, good=True)
        assert len(feedback.listed()) == 3

    def test_what_was_not_answered_can_be_judged(self, feedback: Feedback) -> None:
        feedback.give(
            "a", 1, Exchange("Why \ud800?", problem="No model."), good=False, reason="\ud800" * 3000
        )
        (verdict,) = feedback.listed()
        assert (verdict.asked, verdict.question, len(verdict.reason)) == (Asked(), "Why ??", 2000)


class TestQuestionFile:
    """`footnote eval` reads what `footnote feedback --out` writes."""

    def written(self, feedback: Feedback, file: Path) -> list[questions.Item]:
        write_questions(feedback.listed(), file)
        return questions.read(file)

    def test_a_good_answer_becomes_a_question_with_its_papers_as_gold(
        self, feedback: Feedback, conversation: str, tmp_path: Path
    ) -> None:
        feedback.give(conversation, 1, GOOD, good=True, reason="right number")
        (item,) = self.written(feedback, tmp_path / "q.jsonl")
        assert (item.type, item.question, item.gold_titles) == ("fact", GOOD.asked, (WHALE.raw_title,))
        assert (item.answer, item.notes) == ("They count 12 phrases. [1]", "Judged good: right number")

    def test_a_bad_one_has_the_reason_in_its_note(
        self, feedback: Feedback, conversation: str, tmp_path: Path
    ) -> None:
        feedback.give(conversation, 1, GOOD, good=False, reason="other\nwhales")
        (item,) = self.written(feedback, tmp_path / "q.jsonl")
        assert item.notes == "Judged bad, check the papers and the answer: other whales"
        assert item.answer == ""

    def test_a_follow_up_comes_with_what_was_said_before(
        self, feedback: Feedback, conversation: str, tmp_path: Path
    ) -> None:
        feedback.give(conversation, 2, EVERYTHING, good=True)
        (item,) = self.written(feedback, tmp_path / "q.jsonl")
        assert item.type == "followup"
        assert item.history == (Turn("How many phrases?", "They count 12 phrases."),)
        assert "Asked of papers from 2018 to 2021" in item.notes

    @pytest.mark.parametrize(
        ("exchange", "kind"),
        [
            (of_shape(Shape.COMPARISON), "compare"),
            (of_shape(Shape.LIST), "list"),
            (Exchange("A?", Answer(Question("A?", "A?", Shape.FACT), abstained=True, retrieved=(Candidate(BIRD, 1, 0, 0),))),
             "unanswerable"),
        ],
        ids=["comparison", "list", "abstention"],
    )  # fmt: skip
    def test_each_shape_has_its_type(
        self, feedback: Feedback, tmp_path: Path, exchange: Exchange, kind: str
    ) -> None:
        feedback.give("a", 1, exchange, good=True)
        (item,) = self.written(feedback, tmp_path / "q.jsonl")
        assert item.type == kind
        assert item.to_decline is (kind == "unanswerable")

    def test_a_verdict_without_papers_is_left_out_and_counted(
        self, feedback: Feedback, tmp_path: Path
    ) -> None:
        abstained = Answer(Question("A?", "A?", Shape.FACT), abstained=True)
        feedback.give("a", 1, Exchange("A?", abstained), good=False)
        feedback.give("a", 2, said("Hello"), good=True)
        feedback.give("a", 3, GOOD, good=True)
        assert write_questions(feedback.listed(), tmp_path / "q.jsonl") == (1, 2)

    def test_a_file_is_added_to_and_nothing_stands_in_it_twice(
        self, feedback: Feedback, conversation: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "q.jsonl"
        own = {"id": "own", "type": "unanswerable", "question": "Line\u2028break?"}
        file.write_text(json.dumps(own, ensure_ascii=False) + "\n\n", encoding="utf-8")
        feedback.give(conversation, 1, GOOD, good=False)
        self.written(feedback, file)
        feedback.give(conversation, 1, GOOD, good=True)
        first, second = self.written(feedback, file)
        assert (first.id, first.question, second.notes) == ("own", own["question"], "Judged good.")

    def test_hostile_text_stays_one_line(self, feedback: Feedback, tmp_path: Path) -> None:
        feedback.give("a", 1, HOSTILE, good=True, reason=HOSTILE.asked)
        (item,) = self.written(feedback, tmp_path / "q.jsonl")
        assert item.question == HOSTILE.asked

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"A list of mine\n", "line 1 is no question with an id"),
            (b'{"id": "a"}\n{"id": 7}\n', "line 2 is no question with an id"),
            (b'{"id": "a"}\n{broken\n', "is damaged"),
            (b"\xff\xfe\n", "is no text in UTF-8"),
        ],
    )
    def test_a_file_of_something_else_is_left_alone(
        self, feedback: Feedback, tmp_path: Path, content: bytes, problem: str
    ) -> None:
        file = tmp_path / "mine.txt"
        file.write_bytes(content)
        feedback.give("a", 1, GOOD, good=True)
        with pytest.raises(FootnoteError, match=problem):
            write_questions(feedback.listed(), file)
        assert (file.read_bytes(), sorted(p.name for p in tmp_path.glob("mine*"))) == (content, ["mine.txt"])

    def test_a_place_that_cannot_be_written_is_named(self, feedback: Feedback, tmp_path: Path) -> None:
        with pytest.raises(FootnoteError, match="cannot be written: No such file"):
            write_questions(feedback.listed(), tmp_path / "none" / "q.jsonl")


class TestCommand:
    """`footnote feedback`, as a user types it."""

    def run(self, folder: Path, *words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "ui.cli", "feedback", *words]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def test_verdicts_are_listed_written_and_forgotten(
        self, feedback: Feedback, conversation: str, tmp_path: Path
    ) -> None:
        assert "No answer was judged yet" in self.run(tmp_path)[1]
        feedback.give(conversation, 1, GOOD, good=True, reason="right")
        feedback.give(conversation, 2, said("Hello"), good=False)
        assert self.run(tmp_path) == (0, "   2  bad   Hello\n   1  good  How many phrases?  (right)\n")
        code, out = self.run(tmp_path, "--out", "q.jsonl")
        assert (code, "Questions written to q.jsonl: 1" in out, "left out, for their answers name no paper: 1" in out) == (
            0, True, True,
        )  # fmt: skip
        assert len(questions.read(tmp_path / "q.jsonl")) == 1
        assert self.run(tmp_path, "--forget", "2") == (0, "   1  good  How many phrases?  (right)\n")
        assert self.run(tmp_path, "--forget", "2")[0] == 1


def test_a_scope_is_told(feedback: Feedback) -> None:
    assert GOOD.answer is not None
    narrowed = replace(GOOD.answer, question=replace(GOOD.answer.question, filters=Filters(tag="zoo")))
    feedback.give("a", 1, replace(GOOD, answer=narrowed), good=True)
    assert feedback.listed()[0].asked.notes == "Asked of papers tagged zoo."
