"""Conversations are kept as they were said, found again, and leave in formats that hold nothing but text."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dialogue_samples import BIRD, CONVERSATION, EVERYTHING, WHALE, said
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import backup, stored
from rag.assemble import Footnote
from rag.conversations import BROKEN_OFF, Conversations
from rag.errors import FootnoteError
from rag.importers import bibtex as bibtex_importer  # noqa: F401  # makes the importers known
from rag.importers.parsed import Parsed
from rag.library import Library
from rag.records import Answer, Exchange, Filters

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def conversations(library: Library) -> Conversations:
    return Conversations(library)


def keep(conversations: Conversations, *exchanges: Exchange) -> str:
    """A conversation of these exchanges."""
    conversation = conversations.begin()
    for number, exchange in enumerate(exchanges, 1):
        conversations.save(conversation, number, exchange)
    return conversation


def names(conversations: Conversations, words: str = "", **page: int) -> list[str]:
    return [kept.name for kept in conversations.listed(words, **page)[0]]


class TestStored:
    """Exchanges as JSON and back."""

    def test_every_field_comes_back(self) -> None:
        assert stored.loads(stored.dumps(EVERYTHING)) == EVERYTHING

    def test_the_sample_sets_every_field_of_an_answer(self) -> None:
        assert EVERYTHING.answer is not None
        bare = Answer(EVERYTHING.answer.question)
        same = {f.name for f in fields(Answer) if getattr(bare, f.name) == getattr(EVERYTHING.answer, f.name)}
        assert same <= {"question", "draft", "abstained", "stopped"}, (
            "A new field of Answer belongs into the sample"
        )

    def test_an_exchange_without_an_answer_comes_back(self) -> None:
        assert stored.loads(stored.dumps(Exchange("Why?", problem="No model."))) == Exchange(
            "Why?", problem="No model."
        )

    def test_a_real_answer_comes_back(self, footnote: Footnote) -> None:
        *_, answer = footnote.answer("Which papers are about speech?")
        exchange = Exchange("Which papers are about speech?", answer, seconds=1.25)
        back = stored.loads(stored.dumps(exchange)).answer
        assert back is not None
        assert (back.text, back.papers, back.question) == (answer.text, answer.papers, answer.question)
        assert [c.paper.abstract for c in back.retrieved] == [c.paper.abstract for c in answer.retrieved]

    def test_an_abstract_is_stored_once(self) -> None:
        assert stored.dumps(EVERYTHING).count(WHALE.abstract) == 1

    def test_long_traces_are_left_out(self) -> None:
        assert EVERYTHING.answer is not None
        long = replace(EVERYTHING, answer=replace(EVERYTHING.answer, prompt="p" * 2001, raw="r" * 2001))
        back = stored.loads(stored.dumps(long)).answer
        assert back is not None
        assert (back.prompt, back.raw) == ("", "")

    def test_half_characters_are_no_obstacle(self) -> None:
        text = stored.dumps(said("a \ud800?", "b \udfff"))
        assert stored.loads(text.encode().decode()).asked == "a ??"

    def test_a_newer_version_says_so(self) -> None:
        row = stored.packed(EVERYTHING) | {"version": stored.VERSION + 1}
        with pytest.raises(stored.Unreadable, match="newer Footnote"):
            stored.unpacked(row)

    def test_fields_that_are_not_known_are_passed_over(self) -> None:
        row = stored.packed(EVERYTHING)
        row["exchange"]["mood"] = "good"
        row["papers"][0]["colour"] = "blue"
        assert stored.unpacked(row) == EVERYTHING

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            pytest.param("exchange.asked", 7, id="no text"),
            pytest.param("exchange.asked", None, id="nothing"),
            pytest.param("exchange.seconds", float("nan"), id="not a number"),
            pytest.param("exchange.seconds", 10**400, id="a number too large"),
            pytest.param("exchange.answer", [], id="a list for a record"),
            pytest.param("exchange.answer.done", 1, id="a number for yes"),
            pytest.param("exchange.answer.sentences", {}, id="a record for a list"),
            pytest.param("exchange.answer.papers.0.paper", 9, id="a paper that is not there"),
            pytest.param("exchange.answer.papers.0.paper", -1, id="a paper before the first"),
            pytest.param("exchange.answer.papers.0.paper", True, id="a paper called yes"),
            pytest.param("exchange.answer.question", {}, id="fields missing"),
            pytest.param("exchange.answer.question.shape", "triangle", id="a shape that is none"),
            pytest.param("exchange.answer.question.shape", ["fact"], id="a list for a shape"),
            pytest.param("papers", None, id="no papers"),
            pytest.param("papers.0", "whale", id="a text for a paper"),
            pytest.param("papers.0.authors", "Ada", id="a text for names"),
            pytest.param("papers.0.abstract", True, id="yes for a text"),
            pytest.param("version", "1", id="a text for the version"),
            pytest.param("version", True, id="yes for the version"),
        ],
    )
    def test_what_is_damaged_is_said_to_be(self, path: str, value: object) -> None:
        row = json.loads(stored.dumps(EVERYTHING))
        *way, last = path.split(".")
        place: Any = row
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[int(last) if last.isdigit() else last] = value
        with pytest.raises(stored.Unreadable, match="damaged"):
            stored.unpacked(row)

    @pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "[]", "7", '{"version": 1}'])
    def test_what_is_no_exchange_is_said_to_be_damaged(self, text: str) -> None:
        with pytest.raises(stored.Unreadable):
            stored.loads(text)

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_any_damage_is_an_error_of_ours_or_an_exchange(self, data: st.DataObject) -> None:
        """One place after another is replaced by something else."""
        row: Any = json.loads(stored.dumps(EVERYTHING))
        place = row
        for _ in range(data.draw(st.integers(0, 6))):
            keys = (
                list(place)
                if isinstance(place, dict)
                else list(range(len(place)))
                if isinstance(place, list)
                else []
            )
            inside = [key for key in keys if isinstance(place[key], dict | list)]
            if not inside:
                break
            place = place[data.draw(st.sampled_from(inside))]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if keys:
            anything = (
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats()
                | st.text()
                | st.just([])
                | st.just({})
            )
            place[data.draw(st.sampled_from(keys))] = data.draw(anything)
        with contextlib.suppress(stored.Unreadable):
            assert isinstance(stored.unpacked(row), Exchange)


class TestKeeping:
    """A conversation while it grows."""

    def test_nothing_is_stored_before_the_first_save(self, conversations: Conversations) -> None:
        conversation = conversations.begin()
        assert re.fullmatch("[0-9a-f]{16}", conversation)
        assert (conversations.load(conversation), conversations.listed()) == ((), ([], 0))

    def test_what_was_said_comes_back_in_order(self, conversations: Conversations) -> None:
        assert conversations.load(keep(conversations, *CONVERSATION)) == CONVERSATION

    def test_the_first_question_names_it_on_one_line_and_not_too_long(
        self, conversations: Conversations
    ) -> None:
        keep(conversations, said("What\n is  it?"), said("And then?"))
        keep(conversations, said("x" * 999))
        assert names(conversations) == ["x" * 199 + "…", "What is it?"]

    def test_saving_again_replaces(self, conversations: Conversations) -> None:
        conversation = keep(conversations, Exchange("Why?", running=True))
        conversations.save(conversation, 1, said("Why?", "Because."))
        assert conversations.load(conversation) == (said("Why?", "Because."),)
        assert conversations.listed()[0][0].questions == 1

    def test_what_was_under_way_is_broken_off(self, conversations: Conversations) -> None:
        assert EVERYTHING.answer is not None
        growing = replace(EVERYTHING.answer, done=False, stage="writing", draft="They do")
        conversation = keep(
            conversations, Exchange("Why?", growing, running=True), Exchange("Who?", running=True)
        )
        first, second = conversations.load(conversation)
        assert first.answer == replace(growing, done=True, stopped=True, stage="done", draft="")
        assert (first.problem, first.running, second.problem, second.answer) == (
            BROKEN_OFF,
            False,
            BROKEN_OFF,
            None,
        )

    def test_a_cut_forgets_what_follows(self, conversations: Conversations) -> None:
        conversation = keep(conversations, *(said(f"Question {n}?", f"zebra{n}") for n in range(1, 5)))
        conversations.cut(conversation, 2)
        assert [e.asked for e in conversations.load(conversation)] == ["Question 1?", "Question 2?"]
        assert (names(conversations, "zebra2"), names(conversations, "zebra3")) == (["Question 1?"], [])
        conversations.cut("unknown", 0)

    def test_after_a_cut_to_nothing_the_next_question_names_it(self, conversations: Conversations) -> None:
        conversation = keep(conversations, said("Old?"))
        conversations.cut(conversation, 0)
        assert conversations.listed() == ([], 0)
        conversations.save(conversation, 1, said("New?"))
        assert names(conversations) == ["New?"]

    def test_a_branch_goes_its_own_way(self, conversations: Conversations) -> None:
        conversation = keep(conversations, *CONVERSATION, said("Third?"))
        conversations.rename(conversation, "Whales")
        conversations.set_scope(conversation, Filters(2019))
        branch = conversations.branch(conversation, 2)
        conversations.save(branch, 3, said("Another?"))
        assert conversations.load(branch) == (*CONVERSATION, said("Another?"))
        assert conversations.load(conversation) == (*CONVERSATION, said("Third?"))
        assert (names(conversations), conversations.scope(branch)) == (["Whales", "Whales"], Filters(2019))
        assert names(conversations, "another glide") == ["Whales"]

    def test_a_branch_of_nothing_is_a_new_conversation(self, conversations: Conversations) -> None:
        assert conversations.load(conversations.branch("unknown", 3)) == ()

    def test_a_scope_is_kept_also_before_the_first_question(self, conversations: Conversations) -> None:
        conversation, scope = conversations.begin(), Filters(2018, None, "Gómez", papers=("doi:10.1/x", "b"))
        conversations.set_scope(conversation, scope)
        assert (conversations.scope(conversation), conversations.listed()) == (scope, ([], 0))
        conversations.save(conversation, 1, said("Why?"))
        assert conversations.scope(conversation) == scope
        conversations.set_scope(conversation, Filters())
        assert conversations.scope(conversation) == conversations.scope("unknown") == Filters()

    def test_no_scope_for_no_conversation_stores_nothing(self, library: Library) -> None:
        Conversations(library).set_scope("new", Filters())
        assert library.rows("SELECT count(*) FROM conversations") == [(0,)]

    def test_a_gap_is_told(self, conversations: Conversations) -> None:
        conversation = keep(conversations, said("One?"))
        conversations.save(conversation, 3, said("Three?"))
        assert [(e.asked, e.problem) for e in conversations.load(conversation)] == [
            ("One?", ""), ("?", "This question was not stored."), ("Three?", ""),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ("{", "This answer is damaged: it is no JSON."),
            ('{"version": 99}', "This answer was written by a newer Footnote."),
        ],
    )
    def test_damage_is_a_line_in_its_exchange(
        self, conversations: Conversations, library: Library, data: str, problem: str
    ) -> None:
        conversation = keep(conversations, *CONVERSATION)
        with library.transaction() as db:
            db.execute("UPDATE exchanges SET data = ? WHERE number = 1", (data,))
        assert conversations.load(conversation) == (
            Exchange(EVERYTHING.asked, problem=problem),
            CONVERSATION[1],
        )

    def test_it_stays_readable_when_its_papers_go(
        self, library: Library, conversations: Conversations
    ) -> None:
        library.add(Parsed((WHALE, BIRD)), "zoo.bib")
        conversation = keep(conversations, *CONVERSATION)
        library.delete([WHALE.id, BIRD.id])
        assert conversations.load(conversation) == CONVERSATION
        library.undo()
        assert (library.count(), conversations.load(conversation)) == (2, CONVERSATION)

    def test_saving_waits_for_an_import_that_writes(
        self, library: Library, conversations: Conversations
    ) -> None:
        """The importer is another process as far as SQLite can tell."""
        importer, writes = Library(library.folder), threading.Event()

        def write() -> None:
            with importer.transaction():
                writes.set()
                time.sleep(1)

        thread = threading.Thread(target=write)
        thread.start()
        writes.wait()
        conversation = keep(conversations, said("Why?", "Because."))
        thread.join()
        importer.close()
        assert conversations.load(conversation) == (said("Why?", "Because."),)

    def test_many_threads_save_at_once(self, conversations: Conversations) -> None:
        conversation = conversations.begin()
        numbers = range(1, 9)
        threads = [
            threading.Thread(target=conversations.save, args=(conversation, n, said(f"Question {n}?")))
            for n in numbers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [e.asked for e in conversations.load(conversation)] == [f"Question {n}?" for n in numbers]


class TestList:
    """Finding conversations again."""

    def test_the_latest_change_comes_first(self, conversations: Conversations) -> None:
        first = keep(conversations, said("First?"))
        keep(conversations, said("Second?"))
        conversations.save(first, 2, said("More?"))
        listed, total = conversations.listed()
        assert ([(k.name, k.questions) for k in listed], total) == ([("First?", 2), ("Second?", 1)], 2)
        assert listed[0].begun < listed[1].begun <= listed[1].changed < listed[0].changed <= datetime.now(UTC)

    def test_pages_follow_each_other(self, conversations: Conversations) -> None:
        for n in range(5):
            keep(conversations, said(f"Question {n}?"))
        assert names(conversations, limit=2, offset=2) == ["Question 2?", "Question 1?"]
        assert conversations.listed(limit=2, offset=9) == ([], 5)

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("whale", True), ("WHALES phrases", True), ("dies hören", True), ("HOREN", True), ("gomez", True),
            ("glide whale", True), ("walrus", False), ("whale walrus", False), ("%", False), ("_", False), ("   ", True),
        ],
    )  # fmt: skip
    def test_words_are_searched_in_names_questions_and_answers(
        self, conversations: Conversations, words: str, found: bool
    ) -> None:
        conversation = keep(conversations, *CONVERSATION, said("Wer hat dies?", "Gómez soll es hören."))
        conversations.rename(conversation, "Dies und das")
        assert bool(conversations.listed(words)[1]) is found

    def test_a_name_of_the_users_own_is_found_and_stays(self, conversations: Conversations) -> None:
        conversation = keep(conversations, said("Why?"))
        before = conversations.listed()[0][0]
        conversations.rename(conversation, "  Ünïque   name ")
        conversations.save(conversation, 1, said("Why not?"))
        kept = conversations.kept(conversation)
        assert kept is not None
        assert (kept.name, kept.begun) == ("Ünïque name", before.begun)
        assert names(conversations, "unique") == ["Ünïque name"]
        conversations.rename(conversation, "  ")
        conversations.rename("unknown", "x")
        assert names(conversations) == ["Ünïque name"]

    def test_its_first_lines_are_at_hand(self, conversations: Conversations) -> None:
        conversation = keep(
            conversations, said("Why?", "Because " + "x" * 400), *(said(f"{n}?") for n in range(5))
        )
        opening = conversations.openings([conversation, "unknown"], most=2)[conversation]
        assert [asked for asked, _ in opening] == ["Why?", "0?"]
        assert (len(opening[0][1]), opening[0][1][:8], opening[0][1][-1], opening[1][1]) == (
            300,
            "Because ",
            "…",
            "",
        )

    def test_an_id_may_be_shortened(self, conversations: Conversations) -> None:
        one, two = (keep(conversations, said(f"{n}?")) for n in "ab")
        length = next(n for n in range(1, 17) if one[:n] != two[:n])
        assert conversations.called(one[:length]).id == one
        for beginning in ("", "zz", "%"):
            with pytest.raises(FootnoteError, match="There is no conversation"):
                conversations.called(beginning)
        conversations.save(one[:15] + "z", 1, said("Why?"))
        with pytest.raises(FootnoteError, match="Several"):
            conversations.called(one[:15])

    def test_ten_thousand_are_listed_and_searched_at_once(
        self, library: Library, conversations: Conversations
    ) -> None:
        """Four answers of 1,500 characters each, fifteen times as much beside them."""
        answer, data = ("We pretrain the zebra on speech. " * 45), "x" * 20_000
        with library.transaction() as db:
            for n in range(1, 10_001):
                db.execute(
                    "INSERT INTO conversations VALUES (?, ?, ?, 0, 4, '{}', ?, ?, NULL)",
                    (
                        n,
                        f"{n:016x}",
                        f"Question {n}?",
                        f"2026-01-01T00:00:00.{n:06}+00:00",
                        f"2026-01-01T00:00:00.{n:06}+00:00",
                    ),
                )
                for number in range(1, 5):
                    db.execute("INSERT INTO spoken VALUES (?, ?, ?)", (n, number, f"question {n}? {answer}"))
                if n > 9900:
                    db.execute("INSERT INTO exchanges VALUES (?, 1, 'Why?', 'So.', ?)", (n, data))
        began = time.monotonic()
        assert names(conversations, limit=1) == ["Question 10000?"]
        assert conversations.listed(limit=50, offset=9950)[1] == 10_000
        listing = time.monotonic() - began
        assert names(conversations, "question 7777?") == ["Question 7777?"]
        assert conversations.listed("zebra nowhere")[1] == 0
        assert listing < 2
        assert time.monotonic() - began < 10


class TestDeleting:
    """A deletion can be undone for a while."""

    def test_a_deleted_one_is_gone_and_comes_back(self, conversations: Conversations) -> None:
        conversation = keep(conversations, *CONVERSATION)
        conversations.delete(conversation)
        assert (
            conversations.load(conversation),
            conversations.listed(),
            conversations.kept(conversation),
        ) == ((), ([], 0), None)
        conversations.restore(conversation)
        assert (conversations.load(conversation), names(conversations)) == (CONVERSATION, [EVERYTHING.asked])

    def test_an_answer_that_ends_after_the_deletion_does_not_bring_it_back(
        self, conversations: Conversations
    ) -> None:
        conversation = keep(conversations, Exchange("Why?", running=True))
        conversations.delete(conversation)
        conversations.save(conversation, 1, said("Why?", "Because."))
        assert conversations.listed() == ([], 0)

    def test_a_new_question_brings_it_back(self, conversations: Conversations) -> None:
        conversation = keep(conversations, said("Why?"))
        conversations.delete(conversation)
        conversations.save(conversation, 2, said("And?"))
        assert len(conversations.load(conversation)) == 2

    def test_after_thirty_days_it_is_forgotten(self, library: Library, conversations: Conversations) -> None:
        old, recent = (keep(conversations, said(q, "zebra")) for q in ("Old?", "Recent?"))
        for conversation, days in ((old, 31), (recent, 29)):
            conversations.delete(conversation)
            when = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
            with library.transaction() as db:
                db.execute("UPDATE conversations SET deleted = ? WHERE id = ?", (when, conversation))
        again = Conversations(library)
        again.restore(old)
        again.restore(recent)
        assert names(again) == ["Recent?"]
        assert library.rows("SELECT (SELECT count(*) FROM exchanges), (SELECT count(*) FROM spoken)") == [
            (1, 2)
        ]

    def test_what_never_came_to_a_question_is_forgotten_after_a_day(self, library: Library) -> None:
        conversations = Conversations(library)
        conversations.set_scope("a", Filters(2020))
        with library.transaction() as db:
            db.execute("UPDATE conversations SET changed = '2020-01-01T00:00:00.000000+00:00'")
        conversations.set_scope("b", Filters(2020))
        Conversations(library)
        assert library.rows("SELECT id FROM conversations") == [("b",)]


class TestWithTheLibrary:
    """Conversations are part of the library, and nothing that is done to papers touches them."""

    def test_a_backup_holds_them(
        self, library: Library, conversations: Conversations, tmp_path: Path
    ) -> None:
        conversation = keep(conversations, *CONVERSATION)
        backup.backup(library.folder, tmp_path / "b.zip")
        backup.restore(tmp_path / "b.zip", tmp_path / "again")
        again = Library(tmp_path / "again")
        assert Conversations(again).load(conversation) == CONVERSATION
        again.close()

    def test_undoing_an_import_leaves_them(self, library: Library, conversations: Conversations) -> None:
        library.add(Parsed((WHALE,)), "zoo.bib")
        conversation = keep(conversations, *CONVERSATION)
        assert library.undo() == "import of zoo.bib"
        assert (library.count(), library.undoable()) == (0, "")
        assert conversations.load(conversation) == CONVERSATION

    def test_joining_papers_leaves_them(self, library: Library, conversations: Conversations) -> None:
        other = replace(
            WHALE, id="doi:10.1234/other", doi="10.1234/other", arxiv_id="", title="Whale Songs", year=2018
        )
        library.add(Parsed((WHALE, other)), "zoo.bib")
        conversation = keep(conversations, *CONVERSATION)
        library.join(WHALE.id, other.id)
        assert conversations.load(conversation) == CONVERSATION
