"""A library that cannot be written, and a disk that is full: what still works, and one line for what does not.

Tests may run as root, whom permissions do not bind. So the library is made read-only, or small, as a
mount that only the command under test sees; where the system allows no such mount, these
tests are skipped. The network of the command is empty, too.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag import database, snapshot
from rag.assemble import Footnote
from rag.errors import LibraryError
from rag.library import Library
from rag.records import Filters
from rag.settings import load

ROOT = Path(__file__).resolve().parent.parent
READ_ONLY = 'mount --bind "$PLACE" "$PLACE" && mount -o remount,bind,ro "$PLACE"'
SMALL = 'mount -t tmpfs -o size="$SIZE" tmpfs "$PLACE"'
QUESTION = "How many tokens per second does Sylber's tokenizer average?"


def alone(folder: Path, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the shell in which `footnote` is the command, in a mount namespace of its own.

    Args:
        folder: called `$PLACE` in the script.
        more: further variables.
    """
    command = 'footnote() { "$PYTHON" -m ui.cli "$@"; }\n' + script
    env = {
        **os.environ,
        "PLACE": str(folder),
        "PYTHON": sys.executable,
        "FOOTNOTE_MODEL": "extractive",
        **more,
    }
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "--net", "sh", "-c", command],
        cwd=ROOT, capture_output=True, text=True, timeout=300, env=env,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def mounting(tmp_path: Path) -> None:
    if not shutil.which("unshare") or alone(tmp_path, READ_ONLY).returncode:
        pytest.skip("this system allows no mount namespaces")


def read_only(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command over a library that cannot be written."""
    return alone(folder, f"{READ_ONLY} && footnote {shlex.join(words)}")


def test_questions_are_answered(library_folder: Path) -> None:
    done = read_only(library_folder, "ask", QUESTION)
    assert (done.returncode, "4.27 tokens per second" in done.stdout) == (0, True), done.stderr
    assert "[1] Sylber" in done.stdout


def test_papers_are_listed_and_counted(library_folder: Path) -> None:
    done = read_only(library_folder, "papers", "sylber")
    assert (done.returncode, "Sylber: Syllabic" in done.stdout) == (0, True), done.stderr
    done = read_only(library_folder, "libraries")
    assert (done.returncode, "62 papers" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    "words", [["import", "data/papers.txt"], ["reindex"], ["tag", "sylber", "x"], ["undo"]]
)
def test_what_writes_says_so_in_one_line(library_folder: Path, words: list[str]) -> None:
    if words[0] == "tag":
        words = ["tag", next(iter(papers(library_folder))), "x"]
    done = read_only(library_folder, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    said = [line for line in done.stderr.splitlines() if line.startswith("footnote: ")]
    assert len(said) == 1
    assert "cannot be written" in said[0]
    assert f"Run: ls -ld {library_folder}" in said[0]


@pytest.mark.slow
def test_the_page_answers(library_folder: Path) -> None:
    """Over HTTP, as its own script asks it; the rest of the home folder can be written."""
    done = alone(
        library_folder, f'{READ_ONLY} && "$PYTHON" tests/webapp.py "$HERE" "$ASKED"',
        HERE=str(library_folder.parent), ASKED=QUESTION,
    )  # fmt: skip
    assert "4.27 tokens per second" in done.stdout, done.stderr


def papers(folder: Path) -> list[str]:
    library = Library(folder)
    ids = library.matching(Filters())
    library.close()
    return list(ids)


def test_the_log_of_a_process_that_was_killed_is_read_too(
    library_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its write-ahead log a library is not complete: it is read with it, never without."""
    script = (
        "import os, sys; from pathlib import Path; from rag.library import Library; from rag.records import Paper; "
        "from rag.importers import Parsed; library = Library(Path(sys.argv[1])); "
        "library.add(Parsed((Paper(id='x', title='Late Whales', abstract=''),)), 'x'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, library_folder], cwd=ROOT, check=True)
    assert (library_folder / "library.db-wal").stat().st_size
    assert "immutable" not in database.to_read(library_folder / "library.db")
    monkeypatch.setattr(database, "writable", lambda folder: False)
    assert "immutable" not in database.to_read(library_folder / "library.db")
    assert snapshot.contents(library_folder / "library.db").papers == 63
    assert "63 papers" in read_only(library_folder, "libraries").stdout


SIZES = ("1m", "3m", "5m")
"""Too small to take the records in, to make the indexes, and to fill them."""


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk_ends_an_import_in_one_line_and_room_continues_it(
    own_home: Path, tmp_path: Path, size: str
) -> None:
    """Nothing is lost or damaged: with more room, the same import goes on and the library is in order."""
    folder = own_home / "library"
    folder.mkdir()
    file = tmp_path / "many.jsonl"
    abstract = "We study how {} whales sing {} songs in {} seas. " * 12
    file.write_text(
        "".join(
            f'{{"title": "Whales of sea {n}", "year": 2020, "abstract": "{abstract.format(*[n] * 36)}"}}\n'
            for n in range(700)
        )
    )
    done = alone(
        folder,
        f"""{SMALL} || exit 9
        footnote import {file}; echo "first: $?"
        mount -o remount,size=200m "$PLACE"
        footnote import {file} 2> /dev/null; echo "second: $?"
        footnote doctor""",
        SIZE=size,
    )
    assert "first: 1" in done.stdout, done.stdout
    said = [line for line in done.stderr.splitlines() if line.startswith("footnote: ")]
    assert len(said) == 1
    assert "There is no room left for" in said[0]
    assert "Run: df -h" in said[0]
    assert "Traceback" not in done.stderr
    assert "second: 0" in done.stdout
    assert f"700 papers in {folder}" in done.stdout
    assert "700 of 700 papers in the word index" in done.stdout
    assert "FAIL" not in done.stdout


def test_a_copy_that_has_no_room_is_said_in_one_line(
    library_folder: Path, own_home: Path, tmp_path: Path
) -> None:
    """The indexes of a library that cannot be written are read from a copy."""
    (tmp_path / "tiny").mkdir()
    done = alone(
        library_folder,
        f'{READ_ONLY} && mount -t tmpfs -o size=100k tmpfs "$TMPDIR" && footnote ask "{QUESTION}"',
        TMPDIR=str(tmp_path / "tiny"),
    )
    assert done.returncode == 1
    assert "to read it there is no room in" in done.stderr
    assert "Traceback" not in done.stderr


def test_copies_are_gone_when_the_library_is_closed(
    library_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of a library that was opened twice."""
    (tmp_path / "copies").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    monkeypatch.setattr("rag.indexes.writable", lambda folder: False)
    footnote = Footnote(load({"model": "extractive"}))
    assert footnote.search("sylber")
    assert len(list((tmp_path / "copies").iterdir())) == 2
    footnote.close()
    assert not list((tmp_path / "copies").iterdir())


def test_an_index_that_is_missing_where_nothing_can_be_written_is_said(library_folder: Path) -> None:
    shutil.rmtree(library_folder / "words")
    done = read_only(library_folder, "ask", QUESTION)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "footnote: The word index" in done.stderr


def test_a_missing_library_in_a_folder_that_cannot_be_written_is_said(own_home: Path) -> None:
    done = read_only(own_home, "papers")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "Read-only file system" in done.stderr


def test_a_full_disk_is_told_apart_from_damage() -> None:
    folder = Path("/library")
    for said in ("(code: 13) database or disk is full", "No space left on device", "IO error (os error 28)"):
        told = database.no_room(folder, said)
        assert isinstance(told, LibraryError)
        assert told.fix == "df -h /library"
    assert database.no_room(folder, "malformed") is None
