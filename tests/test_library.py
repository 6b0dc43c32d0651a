"""A library keeps its papers whatever happens, and its indexes follow."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import passport
from rag.aliases import key
from rag.assemble import Footnote
from rag.errors import LibraryError, PassportMismatch
from rag.importers.parsed import Parsed, Rejected, paper
from rag.library import SCHEMA, ImportReport, Library
from rag.records import Filters, Paper
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "data" / "papers.txt"
TOPICS = "speech music images graphs proteins poems maps games law chess weather bridges".split()


def some(title: str = "A Zebra Paper", abstract: str = "Zebras run fast. They like grass.") -> Paper:
    return paper(title, abstract, "some.txt")


def many(number: int) -> Parsed:
    """Papers that are alike enough to rank close to each other."""
    papers = (
        some(
            f"Study {n} of {TOPICS[n % 12]}",
            f"We learn {TOPICS[n % 12]} with {n} units. It has part {n // 12}.",
        )
        for n in range(number)
    )
    return Parsed(tuple(papers))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def opened(own_home: Path) -> Iterator[Footnote]:
    """Footnote over an empty library."""
    footnote = Footnote(settings(own_home / "empty"))
    yield footnote
    footnote.close()


@pytest.fixture
def small(opened: Footnote) -> Footnote:
    """Footnote over a library of a dozen papers, indexed."""
    opened.library.add(many(12), "a.txt")
    opened.index_pending()
    return opened


def settings(folder: Path) -> Settings:
    return Settings(home=folder.parent, library=folder, model="extractive")


class TestImport:
    def test_importing_the_same_file_again_changes_nothing(self, footnote: Footnote) -> None:
        assert footnote.library.count("indexed") == 62
        again = footnote.import_file(CORPUS)
        assert again == ImportReport(unchanged=62)
        assert footnote.library.count("pending") == 0
        assert footnote.index_pending() == 0

    def test_a_new_paper_is_pending_until_it_is_indexed(self, library: Library) -> None:
        assert library.add(Parsed((some(),)), "a.txt") == ImportReport(new=1)
        assert library.pending(10) == [some()]
        library.mark_indexed([some()])
        assert (library.count("pending"), library.count("indexed"), library.count()) == (0, 1, 1)

    def test_what_is_read_back_is_what_was_added(self, library: Library) -> None:
        full = Paper(
            "doi:10.1/x", "Ünï — title", "", ("Ana Gómez", "李 明"), 2021, "ACL", "10.1/x", "2101.00001", "https://x.org",
            "a.txt", r"\"Uni --- title", "raw",
        )  # fmt: skip
        library.add(Parsed((full,)), "a.txt")
        assert library.paper(full.id) == full
        assert library.papers(["nope", full.id]) == {full.id: full}
        assert library.paper("nope") is None

    def test_a_changed_abstract_makes_the_paper_pending_and_keeps_its_identity(
        self, library: Library
    ) -> None:
        library.add(Parsed((some(),)), "a.txt")
        library.mark_indexed([some()])
        changed = some(abstract="Zebras sleep.")
        assert library.add(Parsed((changed,)), "a.txt") == ImportReport(changed=1)
        assert library.pending(10) == [changed]
        assert library.count() == 1

    def test_a_paper_changed_while_it_was_indexed_stays_pending(self, library: Library) -> None:
        library.add(Parsed((some(),)), "a.txt")
        library.add(Parsed((some(abstract="Zebras sleep."),)), "a.txt")
        library.mark_indexed([some()])
        assert library.count("pending") == 1

    def test_the_names_of_a_changed_paper_change_with_it(self, library: Library) -> None:
        library.add(Parsed((some(abstract="We propose OldNet for it."),)), "a.txt")
        library.add(Parsed((some(abstract="We propose NewNet for it."),)), "a.txt")
        library.mark_indexed([some(abstract="We propose NewNet for it.")])
        assert library.called([key("OldNet"), key("NewNet")]) == {key("NewNet"): [some().id]}

    def test_a_title_twice_in_a_page_is_one_paper_however_often_it_is_imported(
        self, opened: Footnote, tmp_path: Path
    ) -> None:
        first, second = ("We study it at length. " * 20, "They do something else here. " * 20)
        page = tmp_path / "page.txt"
        page.write_text(f"The Same Title\n\n{first}\n\nThe same title\n\n{second}\n", encoding="utf-8")
        reports = [opened.import_file(page) for _ in range(2)]
        assert reports == [ImportReport(new=1, rejected=1), ImportReport(unchanged=1, rejected=1)]
        assert opened.library.all_papers()[0].abstract == first.strip()

    def test_a_failed_import_leaves_nothing_behind(self, library: Library) -> None:
        broken = replace(some("Another Paper"), year="soon")  # type: ignore[arg-type]  # what STRICT refuses
        with pytest.raises(LibraryError):
            library.add(Parsed((some(), broken)), "a.txt")
        assert library.count() == 0

    def test_rejected_records_are_counted_and_replaced_by_the_next_import(self, library: Library) -> None:
        rejected = Parsed((), (Rejected(3, "not a title", "x"), Rejected(9, "not a title", "y")))
        assert [library.add(rejected, "a.txt") for _ in range(2)] == [ImportReport(rejected=2)] * 2

    def test_reports_of_several_files_add_up(self) -> None:
        assert ImportReport(1, 2, 3, 4) + ImportReport(10, 20, 30, 40) == ImportReport(11, 22, 33, 44)

    def test_threads_may_import_at_once(self, library: Library) -> None:
        parts = [Parsed((some(f"Paper {n}"), some(f"Paper {n + 1}"))) for n in range(20)]
        threads = [threading.Thread(target=library.add, args=(part, "a.txt")) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert library.count() == 21


class TestFilters:
    @pytest.fixture
    def filled(self, library: Library) -> Library:
        ana = replace(some("One"), year=2019, authors=("Ana Gómez",), venue="ACL 2019")
        bob = replace(some("Two"), year=2021, authors=("Bob Stone",), venue="100% Fun")
        library.add(Parsed((ana, bob)), "a.txt")
        library.add(Parsed((some("Three"),)), "b.txt")
        return library

    @pytest.mark.parametrize(
        ("filters", "titles"),
        [
            pytest.param(Filters(), {"One", "Two", "Three"}, id="none"),
            pytest.param(Filters(year_from=2020), {"Two"}, id="from a year"),
            pytest.param(Filters(year_to=2019), {"One"}, id="to a year"),
            pytest.param(Filters(year_from=2019, year_to=2021), {"One", "Two"}, id="inclusive"),
            pytest.param(Filters(author="stone"), {"Two"}, id="author in any case"),
            pytest.param(Filters(author="Gómez"), {"One"}, id="author with accent"),
            pytest.param(Filters(venue="acl"), {"One"}, id="venue"),
            pytest.param(Filters(venue="100%"), {"Two"}, id="a per cent sign is itself"),
            pytest.param(Filters(venue="_C_"), set(), id="an underscore is itself"),
            pytest.param(Filters(source="b.txt"), {"Three"}, id="source"),
            pytest.param(Filters(author="x' OR 1=1 --"), set(), id="no query language"),
            pytest.param(Filters(year_from=2020, author="Ana"), set(), id="all at once"),
        ],
    )
    def test_filters_choose_papers(self, filled: Library, filters: Filters, titles: set[str]) -> None:
        assert {filled.papers([i])[i].title for i in filled.matching(filters)} == titles

    @pytest.mark.xfail(strict=True, reason="SQLite's LIKE folds the case of ASCII letters only")
    def test_an_author_with_accent_is_found_in_any_case(self, filled: Library) -> None:
        assert filled.matching(Filters(author="GÓMEZ"))


class TestIndexing:
    def test_the_old_text_of_a_changed_paper_is_found_no_more(self, opened: Footnote) -> None:
        old = " ".join(
            f"The zebra number {n} runs over the wide plain and eats the long grass." for n in range(60)
        )
        opened.library.add(Parsed((some(abstract=old), some("Else", "A giraffe eats leaves."))), "a.txt")
        opened.index_pending()
        before = opened.passages.count()
        new = some(abstract="Quantum computers factor integers.")
        opened.library.add(Parsed((new,)), "a.txt")
        assert opened.index_pending() == 1
        assert before > 2
        assert opened.passages.count() == 2
        assert opened.passages.vectors([new.id])[new.id].shape[0] == 1
        assert opened.words.search("wide plain grass", 5) == []
        assert [found for found, _ in opened.words.search("quantum", 5)] == [new.id]
        assert opened.words.count() == 2

    def test_progress_grows_to_the_number_of_papers(self, opened: Footnote) -> None:
        opened.library.add(many(300), "a.txt")
        seen: list[tuple[int, int]] = []
        assert opened.index_pending(lambda done, total: seen.append((done, total))) == 300
        assert seen[-1] == (300, 300)
        assert seen == sorted(seen)
        assert len(seen) > 1

    def test_an_empty_library_has_nothing_to_index(self, opened: Footnote) -> None:
        assert opened.index_pending() == 0
        assert opened.stale() == ()

    def test_a_paper_without_abstract_is_found_by_its_title(self, opened: Footnote) -> None:
        opened.library.add(Parsed((some("Zebra Stripes", ""), some("Giraffe Necks", ""))), "a.txt")
        opened.index_pending()
        assert opened.search("zebra stripes")[0].paper.title == "Zebra Stripes"


class TestStale:
    def test_a_sound_library_has_nothing_to_report(self, footnote: Footnote) -> None:
        assert footnote.stale() == ()
        assert footnote.without_passages() == 0

    def test_pending_papers_are_told(self, footnote: Footnote) -> None:
        footnote.library.add(Parsed((some(),)), "a.txt")
        [line] = footnote.stale()
        assert "footnote import --continue" in line

    @pytest.mark.parametrize("lost", ["chroma", "words"])
    def test_a_lost_index_is_told_and_reindex_brings_it_back(self, small: Footnote, lost: str) -> None:
        small.close()
        shutil.rmtree(small.settings.library / lost)
        footnote = Footnote(small.settings)
        [line] = footnote.stale()
        assert "footnote reindex" in line
        assert footnote.reindex() == 12
        assert footnote.stale() == ()
        assert footnote.without_passages() == 0
        footnote.close()

    @pytest.mark.parametrize(
        "damaged",
        [pytest.param("chroma/chroma.sqlite3", id="chroma"), pytest.param("words/meta.json", id="words")],
    )
    def test_a_damaged_index_is_refused_in_one_line_and_reindex_mends_it(
        self, small: Footnote, damaged: str
    ) -> None:
        small.close()
        (small.settings.library / damaged).write_bytes(b"garbage" * 1000)
        footnote = Footnote(small.settings)
        for _ in range(2):
            with pytest.raises(LibraryError, match="footnote reindex") as caught:
                footnote.search("speech")
            assert "\n" not in str(caught.value)
        assert footnote.reindex() == 12
        assert "bridges" in footnote.search("bridges")[0].paper.title
        footnote.close()


# Runs in a process of its own: kills itself with SIGKILL when a method is called for the second time.
DYING = """
import os, signal, sys
from pathlib import Path
from rag.assemble import Footnote
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.settings import Settings
folder, owner, method = Path(sys.argv[1]), globals()[sys.argv[2]], sys.argv[3]
real, calls = getattr(owner, method), []
def dying(self, *arguments):
    calls.append(method)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, *arguments)
setattr(owner, method, dying)
Footnote(Settings(home=folder.parent, library=folder, model="extractive")).index_pending()
"""
PAPERS = 300
QUERIES = ("speech", "music with 17 units", "what learns proteins?", "bridges and weather")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footnote]:
    """Footnote over many papers that were indexed in one go."""
    footnote = Footnote(settings(tmp_path_factory.mktemp("undisturbed") / "library"))
    footnote.library.add(many(PAPERS), "a.txt")
    footnote.index_pending()
    yield footnote
    footnote.close()


class TestKilled:
    @pytest.mark.parametrize(
        ("owner", "method"),
        [
            pytest.param("PassageIndex", "replace", id="before the vectors"),
            pytest.param("WordIndex", "upsert", id="between vectors and words"),
            pytest.param("Library", "mark_indexed", id="before they count as indexed"),
        ],
    )
    def test_an_import_killed_in_the_middle_is_finished_by_the_next(
        self, undisturbed: Footnote, own_home: Path, owner: str, method: str
    ) -> None:
        folder = own_home / "library"
        library = Library(folder)
        library.add(many(PAPERS), "a.txt")
        library.close()
        killed = subprocess.run(
            [sys.executable, "-c", DYING, str(folder), owner, method], cwd=ROOT, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        footnote = Footnote(settings(folder))
        try:
            assert 0 < footnote.library.count("pending") < PAPERS
            assert footnote.index_pending() > 0
            self.assert_same(footnote, undisturbed)
        finally:
            footnote.close()

    @staticmethod
    def assert_same(footnote: Footnote, undisturbed: Footnote) -> None:
        assert footnote.stale() == ()
        assert footnote.library.all_papers() == undisturbed.library.all_papers()
        assert footnote.library.manifest() == undisturbed.library.manifest()
        ids = undisturbed.library.matching(Filters())
        vectors, expected = footnote.passages.vectors(ids), undisturbed.passages.vectors(ids)
        assert vectors.keys() == expected.keys()
        assert all(np.allclose(vectors[i], expected[i], atol=1e-5) for i in ids)
        assert footnote.passages.count() == undisturbed.passages.count()
        assert footnote.words.count() == undisturbed.words.count()
        for query in QUERIES:
            found = dict(footnote.words.search(query, PAPERS))
            assert found == pytest.approx(dict(undisturbed.words.search(query, PAPERS)), rel=1e-4)

    # Dies while SQLite runs the statement that holds a text.
    UNMADE = """
import os, signal, sqlite3, sys
from pathlib import Path
real = sqlite3.connect
def connect(*arguments, **options):
    db = real(*arguments, **options)
    db.set_trace_callback(lambda sql: os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] in sql else None)
    return db
sqlite3.connect = connect
from rag.library import Library
Library(Path(sys.argv[1]))
"""

    @pytest.mark.parametrize("statement", ["CREATE TABLE sources", "CREATE TABLE manifest", "user_version ="])
    def test_a_library_killed_while_it_was_made_can_be_made(self, tmp_path: Path, statement: str) -> None:
        folder = tmp_path / "library"
        killed = subprocess.run(
            [sys.executable, "-c", self.UNMADE, str(folder), statement], cwd=ROOT, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        library = Library(folder)
        assert library.add(Parsed((some(),)), "a.txt") == ImportReport(new=1)
        library.close()


class TestUnusable:
    def test_a_library_of_a_newer_footnote_is_refused_and_left_alone(self, library: Library) -> None:
        library.add(Parsed((some(),)), "a.txt")
        library.close()
        with sqlite3.connect(library.folder / "library.db") as db:
            db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        db.close()
        with pytest.raises(LibraryError, match="newer") as caught:
            Library(library.folder)
        assert str(SCHEMA + 1) in str(caught.value)
        assert caught.value.fix
        with sqlite3.connect(library.folder / "library.db") as db:
            assert db.execute("SELECT count(*) FROM papers").fetchone() == (1,)
        db.close()

    def test_a_damaged_file_is_named_with_the_way_out(self, tmp_path: Path) -> None:
        (tmp_path / "library").mkdir()
        (tmp_path / "library" / "library.db").write_bytes(b"no database " * 500)
        with pytest.raises(LibraryError, match="damaged") as caught:
            Library(tmp_path / "library")
        assert str(tmp_path / "library" / "library.db") in str(caught.value)
        assert (caught.value.fix or "").startswith("mv ")

    def test_a_file_damaged_in_the_middle_is_named_when_it_is_read(self, library: Library) -> None:
        library.add(many(400), "a.txt")
        library.close()
        path = library.folder / "library.db"
        data = bytearray(path.read_bytes())
        data[4096:] = b"\xaa" * (len(data) - 4096)
        path.write_bytes(data)
        with pytest.raises(LibraryError, match="damaged"):
            Library(library.folder).all_papers()

    @pytest.mark.parametrize("inside", ["", "deep/er"], ids=["the folder", "a folder above"])
    def test_a_folder_that_is_a_file_is_refused_in_one_line(self, tmp_path: Path, inside: str) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(LibraryError, match="cannot be used") as caught:
            Library(tmp_path / "file" / inside)
        assert str(tmp_path / "file") in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("part", ["chroma", "words"])
    def test_an_index_folder_that_is_a_file_is_refused_in_one_line(self, own_home: Path, part: str) -> None:
        footnote = Footnote(settings(own_home / "library"))
        (own_home / "library" / part).write_text("x")
        with pytest.raises(LibraryError, match=part) as caught:
            footnote.stale()
        assert "\n" not in str(caught.value)
        footnote.close()

    @pytest.mark.parametrize("part", ["chroma", "words"])
    def test_reindex_mends_an_index_folder_that_is_a_file(self, small: Footnote, part: str) -> None:
        small.close()
        shutil.rmtree(small.settings.library / part)
        (small.settings.library / part).write_text("x")
        footnote = Footnote(small.settings)
        try:
            assert footnote.reindex() == 12
        finally:
            footnote.close()

    def test_a_closed_library_says_so(self, library: Library) -> None:
        library.close()
        with pytest.raises(LibraryError):
            library.count()


class TestPassport:
    @pytest.mark.parametrize("field", ["embedder", "digest", "dimension", "splitter", "words", "schema"])
    def test_an_index_made_in_another_way_is_refused_with_the_command_that_mends_it(
        self, footnote: Footnote, field: str
    ) -> None:
        footnote.library.write_manifest({field: "another/0"})
        with pytest.raises(PassportMismatch, match="footnote reindex") as caught:
            _ = footnote.passages
        assert field in str(caught.value)
        assert "another/0" in str(caught.value)

    def test_no_part_of_the_library_is_read_or_extended_on_a_mismatch(self, footnote: Footnote) -> None:
        footnote.library.write_manifest({"digest": "another"})
        footnote.library.add(Parsed((some(),)), "a.txt")
        with pytest.raises(PassportMismatch):
            footnote.search("speech")
        with pytest.raises(PassportMismatch):
            footnote.index_pending()
        assert footnote.library.count("pending") == 1

    def test_reindex_mends_a_mismatch_and_changes_no_vector_and_no_ranking(self, small: Footnote) -> None:
        ids = small.library.matching(Filters())
        vectors, words = small.passages.vectors(ids), small.words.search("speech with units", 12)
        small.close()
        footnote = Footnote(small.settings)
        footnote.library.write_manifest({"digest": "another"})
        with pytest.raises(PassportMismatch):
            footnote.search("speech")
        assert footnote.reindex() == 12
        made_by = passport.current(footnote.embedder).manifest()
        assert {name: footnote.library.manifest()[name] for name in made_by} == made_by
        again = footnote.passages.vectors(ids)
        assert all(np.allclose(again[i], vectors[i], atol=1e-5) for i in ids)
        assert dict(footnote.words.search("speech with units", 12)) == pytest.approx(dict(words))
        footnote.close()


def test_two_open_footnotes_see_what_either_adds(footnote: Footnote, library_folder: Path) -> None:
    other = Footnote(settings(library_folder))
    try:
        other.library.add(Parsed((some(),)), "a.txt")
        assert footnote.index_pending() == 1
        other.words.reload()
        assert some().id in dict(other.words.search("zebras", 3))
        assert other.passages.count() == footnote.passages.count()
        assert other.library.count("pending") == 0
    finally:
        other.close()
    assert footnote.search("zebras that like grass")[0].paper.id == some().id


# Another process that works on the same library: adds a paper, then indexes it or everything anew.
ELSEWHERE = """
import sys
from pathlib import Path
from rag.assemble import Footnote
from rag.importers.parsed import Parsed, paper
from rag.settings import Settings
folder = Path(sys.argv[1])
footnote = Footnote(Settings(home=folder.parent, library=folder, model="extractive"))
footnote.library.add(Parsed((paper("Zebra Stripes", "Zebra stripes confuse flies. We count them.", "x"),)), "x")
getattr(footnote, sys.argv[2])()
"""


@pytest.mark.parametrize("method", ["index_pending", "reindex"], ids=["import", "reindex"])
def test_an_open_footnote_follows_what_another_process_does(small: Footnote, method: str) -> None:
    assert "bridges" in small.search("bridges")[0].paper.title
    folder = small.settings.library
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(folder), method], cwd=ROOT, check=True)
    assert "bridges" in small.search("bridges")[0].paper.title
    assert small.search("zebra stripes and flies")[0].paper.title == "Zebra Stripes"
    assert small.without_passages() == 0
    assert small.stale() == ()
