"""Deleting, tagging, joining and undoing papers; what another import and the indexes make of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.errors import LibraryError
from rag.importers.parsed import Parsed, paper
from rag.library import ImportReport, Library
from rag.records import Filters, Paper
from rag.settings import Settings

ZEBRA = paper("A Zebra Paper", "Zebras run fast. They like grass.", "a.bib", authors=["Ann Li"], year=2019)
LION = paper("A Lion Paper", "Lions sleep long. They like meat.", "a.bib", authors=["Bo Wu"], year=2020)
ZEBRAS = paper(
    "A zebra paper", "Zebras run fast. They like the grass.", "b.bib", authors=["Ann Li"], year=2020
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    library.add(Parsed((ZEBRA, LION)), "a.bib")
    yield library
    library.close()


@pytest.fixture
def opened(own_home: Path) -> Iterator[Footnote]:
    footnote = Footnote(Settings(home=own_home, library=own_home / "library", model="extractive"))
    footnote.library.add(Parsed((ZEBRA, LION)), "a.bib")
    footnote.index_pending()
    yield footnote
    footnote.close()


def titles(library: Library) -> list[str]:
    return [p.title for p in library.all_papers()]


class TestDelete:
    def test_a_deleted_paper_is_in_no_index(self, opened: Footnote) -> None:
        assert opened.delete([ZEBRA.id, ZEBRA.id, "nope"]) == 1
        assert opened.library.paper(ZEBRA.id) is None
        assert (opened.words.count(), opened.passages.count()) == (1, 1)
        assert opened.stale() == ()
        assert opened.library.called(["zebra", "a zebra paper"]) == {}

    def test_undo_brings_it_back_to_both(self, opened: Footnote) -> None:
        before = opened.library.all_papers()
        opened.delete([ZEBRA.id])
        assert "deletion" in opened.library.undo()
        opened.index_pending()
        assert opened.library.all_papers() == before
        assert opened.search("zebras run")[0].paper.id == ZEBRA.id
        assert opened.stale() == ()

    def test_one_that_is_killed_before_the_indexes_forget_is_told_and_finished(
        self, opened: Footnote
    ) -> None:
        opened.library.delete([ZEBRA.id])
        assert "footnote import --continue" in opened.stale()[0]
        assert opened.index_pending() == 0
        assert opened.stale() == ()
        assert opened.words.count() == 1

    def test_one_that_came_back_before_the_indexes_forgot_it_is_indexed_again(self, opened: Footnote) -> None:
        opened.library.delete([ZEBRA.id])
        leaving = opened.library.leaving()
        opened.library.undo()
        opened.index_pending()
        opened.passages.remove(leaving)  # what another process does that has read the list before
        opened.library.mark_left(leaving)
        assert opened.index_pending() == 1
        assert opened.without_passages() == 0

    @pytest.mark.parametrize("source", ["a.bib", "b.bib"], ids=["the same file", "another file"])
    def test_it_stays_deleted_when_it_is_imported_again(self, library: Library, source: str) -> None:
        library.delete([ZEBRA.id])
        assert library.add(Parsed((ZEBRA,)), source) == ImportReport(deleted_earlier=1)
        assert titles(library) == ["A Lion Paper"]

    def test_it_comes_back_on_request_and_undo_deletes_it_again(self, library: Library) -> None:
        library.delete([ZEBRA.id])
        back = library.importing("again", restore_deleted=True)
        assert back.take([ZEBRA, LION], "a.bib") == ImportReport(new=1, unchanged=1)
        assert titles(library) == ["A Lion Paper", "A Zebra Paper"]
        library.undo()
        assert titles(library) == ["A Lion Paper"]

    def test_another_process_sees_it_go(self, opened: Footnote) -> None:
        other = Footnote(opened.settings)
        try:
            assert other.search("zebras run")[0].paper.id == ZEBRA.id
            opened.delete([ZEBRA.id])
            assert [c.paper.id for c in other.search("zebras run")] == [LION.id]
            assert other.stale() == ()
        finally:
            other.close()


class TestTag:
    def test_tags_are_listed_found_and_taken_away(self, library: Library) -> None:
        assert library.tag([ZEBRA.id, LION.id], " to  read ") == 2
        assert library.tag([ZEBRA.id], "to read") == 0
        assert library.tags() == {"to read": 2}
        assert library.tag([LION.id], "To Read", remove=True) == 1
        assert library.matching(Filters(tag="TO READ")) == [ZEBRA.id]
        [row], total = library.browse("zebra", Filters(tag="to read"))
        assert (row.tags, total) == (("to read",), 1)

    def test_undo_takes_each_back(self, library: Library) -> None:
        library.tag([ZEBRA.id], "x")
        library.tag([ZEBRA.id], "x", remove=True)
        assert "“x”" in library.undo()
        assert library.tags() == {"x": 1}
        library.undo()
        assert library.tags() == {}

    def test_a_tag_stays_with_a_paper_that_is_deleted_and_restored(self, library: Library) -> None:
        library.tag([ZEBRA.id], "x")
        library.delete([ZEBRA.id])
        assert library.tags() == {}
        library.undo()
        assert library.tags() == {"x": 1}


class TestJoin:
    @pytest.fixture
    def alike(self, library: Library) -> Library:
        library.add(Parsed((ZEBRAS,)), "b.bib")
        return library

    def test_near_duplicates_are_offered_until_they_are_joined_or_told_apart(self, alike: Library) -> None:
        [pair] = alike.duplicates()
        assert {pair.first.id, pair.second.id} == {ZEBRA.id, ZEBRAS.id}
        alike.tell_apart(ZEBRAS.id, ZEBRA.id)
        assert alike.duplicates() == []
        alike.undo()
        assert len(alike.duplicates()) == 1
        alike.join(ZEBRAS.id, ZEBRA.id)
        assert alike.duplicates() == []

    def test_the_older_id_stays_and_the_other_leads_to_it(self, alike: Library) -> None:
        alike.tag([ZEBRAS.id], "x")
        alike.join(ZEBRAS.id, ZEBRA.id)
        one = alike.paper(ZEBRA.id)
        assert one is not None
        assert one.abstract == ZEBRAS.abstract
        assert alike.papers([ZEBRAS.id, ZEBRA.id]) == {ZEBRAS.id: one, ZEBRA.id: one}
        assert alike.count() == 2
        assert alike.matching(Filters(tag="x")) == [ZEBRA.id]

    def test_importing_again_keeps_them_joined_and_undo_takes_them_apart(self, alike: Library) -> None:
        before = alike.all_papers()
        alike.join(ZEBRAS.id, ZEBRA.id)
        changed = replace(ZEBRAS, abstract="Zebras run very fast, and they like the green grass.")
        assert alike.add(Parsed((changed,)), "b.bib") == ImportReport(changed=1)
        assert alike.count() == 2
        alike.undo()
        alike.undo()
        assert alike.all_papers() == before


class TestUndo:
    def test_with_nothing_to_undo_it_says_so(self, tmp_path: Path) -> None:
        library = Library(tmp_path / "empty")
        with pytest.raises(LibraryError, match="nothing to undo"):
            library.undo()
        library.close()

    def test_an_import_is_undone_with_its_merges_and_changes(self, library: Library) -> None:
        before = library.all_papers()
        intake = library.importing("import of b.bib")
        record = paper(
            "A Zebra Paper", "Zebras run fast. They like grass. And water.", "b.bib", authors=["Ann Li"]
        )
        giraffe = paper("A Giraffe Paper", "Giraffes eat leaves.", "b.bib")
        report = intake.take([record, giraffe], "b.bib")
        report += intake.take([replace(LION, abstract="Lions roar.")], "a.bib")
        assert report == ImportReport(new=1, merged=1, changed=1)
        assert library.undo() == "import of b.bib"
        assert library.all_papers() == before
        assert library.importing("again").take([record, giraffe], "b.bib") == ImportReport(new=1, merged=1)

    def test_an_import_that_changes_nothing_is_no_action(self, library: Library) -> None:
        library.tag([ZEBRA.id], "x")
        library.add(Parsed((ZEBRA, LION)), "a.bib")
        assert "tag" in library.undo()

    def test_the_list_of_actions_is_bounded(self, library: Library) -> None:
        for n in range(60):
            library.tag([ZEBRA.id], f"t{n}")
        for _ in range(50):
            library.undo()
        with pytest.raises(LibraryError):
            library.undo()


class TestBrowse:
    @pytest.fixture
    def filled(self, library: Library) -> Library:
        library.add(
            Parsed((paper("Éléphants", "Big.", "c.bib", authors=["José Gómez"], venue="ACL"),)), "c.bib"
        )
        return library

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("", 3), ("PAPER", 2), ("pap zeb", 1), ("ebra", 1), ("gomez", 1), ("elephant acl", 1), ("%", 0), ("lion zebra", 0),
        ],
    )  # fmt: skip
    def test_what_is_typed_is_found_in_any_case_and_without_accents(
        self, filled: Library, words: str, found: int
    ) -> None:
        rows, total = filled.browse(words)
        assert (len(rows), total) == (found, found)

    def test_rows_are_sorted_and_paged(self, filled: Library) -> None:
        assert [r.title for r in filled.browse(sort="title")[0]] == [
            "A Lion Paper",
            "A Zebra Paper",
            "Éléphants",
        ]
        assert [r.year for r in filled.browse(sort="year")[0]] == [2020, 2019, None]
        assert filled.browse(sort="added")[0][0].title == "Éléphants"
        rows, total = filled.browse("paper", limit=1, offset=1)
        assert ([r.title for r in rows], total) == (["A Zebra Paper"], 2)

    def test_conditions_and_words_go_together(self, filled: Library) -> None:
        assert filled.browse("paper", Filters(year_from=2020))[1] == 1
        assert filled.browse("", Filters(source="c.bib"))[1] == 1
        [row], _ = filled.browse("gómez")
        assert (row.first_author, row.venue, row.source) == ("José Gómez", "ACL", "c.bib")

    def test_a_changed_title_is_found_and_the_old_one_no_more(self, library: Library) -> None:
        one: Paper = paper("Old Name", "Text.", "d.bib", doi="10.1000/d")
        library.add(Parsed((one,)), "d.bib")
        library.add(Parsed((replace(one, title="New Name"),)), "d.bib")
        assert (library.browse("old")[1], library.browse("new name")[1]) == (0, 1)
        library.delete([one.id])
        assert library.browse("new name")[1] == 0
