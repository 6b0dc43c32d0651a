"""Imports stream in batches: killed, interrupted or out of room, whole batches stay and the next import ends right."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.errors import LibraryError
from rag.importers.parsed import Parsed, Rejected, paper
from rag.library import ImportReport, Library
from rag.records import Paper
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def stream(number: int) -> Iterator[Paper | Rejected]:
    for n in range(number):
        yield (
            Rejected(n, "no title", f"record {n}")
            if n % 10 == 9
            else paper(f"Study {n}", f"We learn {n}.", "a.bib")
        )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


class TestStream:
    def test_batches_add_up(self, library: Library) -> None:
        seen: list[int] = []
        report = library.importing("x").take(stream(95), "a.bib", seen.append, batch=20)
        assert report == ImportReport(new=86, rejected=9)
        assert seen == [20, 40, 60, 80, 95]
        assert library.importing("x").take(stream(95), "a.bib", batch=7) == ImportReport(
            unchanged=86, rejected=9
        )

    def test_an_interrupted_import_keeps_whole_batches_and_the_next_ends_right(
        self, library: Library
    ) -> None:
        def interrupted() -> Iterator[Paper | Rejected]:
            yield from stream(50)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            library.importing("x").take(interrupted(), "a.bib", batch=20)
        assert library.count() == 36
        assert library.importing("x").take(stream(95), "a.bib") == ImportReport(
            new=50, unchanged=36, rejected=9
        )

    def test_a_record_that_stands_twice_in_a_file_is_one_paper_and_unchanged_again(
        self, library: Library
    ) -> None:
        one = paper("Study", "We learn.", "a.bib", doi="10.1000/a")
        two = paper("Study", "We learn more.", "a.bib", doi="10.1000/a")
        assert library.add(Parsed((one, two)), "a.bib") == ImportReport(new=1, merged=1)
        assert library.add(Parsed((one, two)), "a.bib") == ImportReport(unchanged=2)
        assert [p.abstract for p in library.all_papers()] == ["We learn more."]

    def test_metadata_that_changes_asks_for_no_embedding(self, library: Library) -> None:
        one = paper("Study", "We learn.", "a.bib", doi="10.1000/a")
        library.add(Parsed((one,)), "a.bib")
        library.mark_indexed([one])
        other = paper("Study", "We learn.", "b.bib", doi="10.1000/a", venue="ACL", year=2020)
        assert library.add(Parsed((other,)), "b.bib") == ImportReport(merged=1)
        [found] = library.all_papers()
        assert (found.venue, found.year, library.count("pending")) == ("ACL", 2020, 0)

    def test_rejected_records_are_kept_as_they_stood(self, library: Library) -> None:
        record = Rejected(3, "no title", "@article{x,\n  \ud800 abstract = {\x00…}")
        library.add(Parsed((), (record,)), "a.bib")
        [(name, kept)] = library.rejected()
        assert (name, kept.line, kept.text) == ("a.bib", 3, record.text.replace("\ud800", "?"))
        library.add(Parsed(()), "a.bib")
        assert library.rejected() == []

    def test_halves_of_surrogate_pairs_do_not_stop_an_import(self, library: Library) -> None:
        odd = paper(
            "A \ud83d title",
            "An \udfff abstract.",
            "a.bib",
            authors=["Li \ud800"],
            url="https://x.org/\ud800",
        )
        assert library.add(Parsed((odd,)), "a.bib") == ImportReport(new=1)


# Imports and dies by SIGKILL when SQLite runs a statement that holds a text for the nth time.
DYING = """
import os, signal, sqlite3, sys
from pathlib import Path
sys.path.insert(0, "tests")
folder, text, nth = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
real, seen = sqlite3.connect, []
def trace(sql):
    if text in sql:
        seen.append(sql)
        if len(seen) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
def connect(*arguments, **options):
    db = real(*arguments, **options)
    db.set_trace_callback(trace)
    return db
sqlite3.connect = connect
from test_library_import import stream
from rag.library import Library
Library(folder).importing("x").take(stream(100), "a.bib", batch=20)
"""


@pytest.mark.parametrize(
    ("statement", "nth"),
    [
        pytest.param("INSERT INTO records", 30, id="a record"),
        pytest.param("INSERT INTO keys", 1, id="the first keys"),
        pytest.param("INSERT INTO papers", 50, id="a paper"),
        pytest.param("UPDATE records SET paper_id", 61, id="its home"),
        pytest.param("INTO aliases", 70, id="its names"),
        pytest.param("COMMIT", 4, id="the end of a batch"),
        pytest.param("DELETE FROM rejected", 1, id="old rejected records"),
    ],
)
def test_killed_at_any_moment_whole_batches_stay_and_the_next_import_ends_right(
    tmp_path: Path, statement: str, nth: int
) -> None:
    folder = tmp_path / "library"
    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(folder), statement, str(nth)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    library = Library(folder)
    assert library.count() % 18 == 0
    report = library.importing("x").take(stream(100), "a.bib")
    assert (report.new + report.unchanged, report.merged, report.changed) == (90, 0, 0)
    assert len(library.rejected()) == 10
    undisturbed = Library(tmp_path / "undisturbed")
    undisturbed.importing("x").take(stream(100), "a.bib")
    assert library.all_papers() == undisturbed.all_papers()
    assert library.browse("study", limit=None) == undisturbed.browse("study", limit=None)
    library.close()
    undisturbed.close()


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from test_library_import import stream
from rag.errors import LibraryError
from rag.library import Library
library = Library(Path(sys.argv[1]))
library.importing("x").take(stream(20), "a.bib")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    library.importing("x").take(stream(5000), "a.bib", batch=20)
except LibraryError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_nothing_that_was_there_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "library")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no room left" in done.stdout
    assert "Run: df -h" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    library = Library(tmp_path / "library")
    assert library.count() >= 18
    assert library.importing("x").take(stream(100), "a.bib").rejected == 10
    library.close()


def test_a_library_that_may_only_be_read_says_so(library: Library) -> None:
    library.rows("PRAGMA query_only = ON")  # what SQLite answers on a read-only file system, without one
    with pytest.raises(LibraryError, match="cannot be written") as caught:
        library.importing("x").take(stream(3), "a.bib")
    assert "Run: ls -ld" in str(caught.value)


def test_several_files_are_one_import_and_each_is_reported(own_home: Path, tmp_path: Path) -> None:
    text = "We study it at length and in depth. " * 20
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"The Title of {name}\n\n{text}\n", encoding="utf-8")
    footnote = Footnote(Settings(home=own_home, library=own_home / "library", model="extractive"))
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    assert list(footnote.import_files(paths)) == [
        ("one.txt", ImportReport(new=1)),
        ("two.txt", ImportReport(new=1)),
    ]
    assert footnote.library.undo() == "import of one.txt and 1 more"
    assert footnote.library.count() == 0
    footnote.close()
