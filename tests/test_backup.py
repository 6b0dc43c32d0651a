"""A backup holds the library as it was at one moment, and is restored whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import backup as backups
from rag import snapshot
from rag.assemble import Footnote
from rag.backup import DATABASE, MANIFEST, backup, restore
from rag.errors import LibraryError
from rag.importers.parsed import Parsed, paper
from rag.libraries import known
from rag.library import SCHEMA, Library
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def settings(folder: Path) -> Settings:
    return Settings(home=folder.parent, library=folder, model="extractive")


@pytest.fixture
def saved(library_folder: Path, tmp_path: Path) -> Path:
    """A backup of the shipped papers."""
    backup(library_folder, tmp_path / "saved.zip")
    return tmp_path / "saved.zip"


def manifest_of(file: Path) -> dict[str, object]:
    with zipfile.ZipFile(file) as archive:
        read: dict[str, object] = json.loads(archive.read(MANIFEST))
        return read


def rewritten(file: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The backup with other members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def test_a_restored_library_has_the_same_papers_and_answers_after_indexing(
    saved: Path, library_folder: Path, tmp_path: Path
) -> None:
    assert restore(saved, tmp_path / "again") is None
    footnote, before = Footnote(settings(tmp_path / "again")), Footnote(settings(library_folder))
    try:
        assert footnote.library.all_papers() == before.library.all_papers()
        assert footnote.library.count("pending") == 62
        assert footnote.index_pending() == 62
        assert (
            footnote.search("syllables in speech")[0].paper == before.search("syllables in speech")[0].paper
        )
        assert footnote.stale() == ()
    finally:
        footnote.close()
        before.close()


def test_the_manifest_says_what_is_inside(saved: Path, library_folder: Path) -> None:
    manifest = manifest_of(saved)
    assert (manifest["schema"], manifest["papers"], manifest["pending"]) == (SCHEMA, 62, 0)
    assert manifest["manifest"] == snapshot.contents(library_folder / DATABASE).manifest
    with zipfile.ZipFile(saved) as archive:
        data = archive.read(DATABASE)
    expected = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert manifest["members"] == {DATABASE: expected}


def test_with_indexes_nothing_is_embedded_again(
    library_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(library_folder, tmp_path / "all.zip", with_indexes=True)
    restore(tmp_path / "all.zip", tmp_path / "again")
    monkeypatch.setattr("rag.assemble.Footnote._index", lambda *_: pytest.fail("indexed again"))
    footnote = Footnote(settings(tmp_path / "again"))
    assert footnote.library.count("pending") == footnote.index_pending() == 0
    assert footnote.search("syllables in speech")
    assert footnote.stale() == ()
    footnote.close()


def test_indexes_of_a_rebuild_are_put_in_from_where_they_are(footnote: Footnote, tmp_path: Path) -> None:
    footnote.reindex()
    backup(footnote.library.folder, tmp_path / "all.zip", with_indexes=True)
    restore(tmp_path / "all.zip", tmp_path / "again")
    again = Footnote(settings(tmp_path / "again"))
    assert again.stale() == ()
    assert again.search("syllables in speech")
    again.close()


def test_indexes_that_lag_behind_are_not_backed_up(footnote: Footnote, tmp_path: Path) -> None:
    footnote.library.add(Parsed((paper("A Zebra Paper", "Zebras run.", "a"),)), "a")
    with pytest.raises(LibraryError, match="footnote import --continue"):
        backup(footnote.library.folder, tmp_path / "all.zip", with_indexes=True)
    assert not (tmp_path / "all.zip").exists()


# Another process that imports in many transactions, each of two papers that belong together.
IMPORTING = """
import sys
from pathlib import Path
from rag.importers.parsed import Parsed, paper
from rag.library import Library
library = Library(Path(sys.argv[1]))
for n in range(100000):
    pair = tuple(paper(f"Study {n} {half}", "We study it. " * 40, "x") for half in ("left", "right"))
    library.add(Parsed(pair), f"file {n}")
    if n == 20:
        print("going", flush=True)
"""


def test_a_backup_during_an_import_is_the_library_of_one_moment(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for n in range(4):
            backup(folder, tmp_path / f"{n}.zip")
        assert process.poll() is None
        process.kill()
    sizes = []
    for n in range(4):
        restore(tmp_path / f"{n}.zip", tmp_path / f"again {n}")
        library = Library(tmp_path / f"again {n}")
        numbers = sorted(int(p.title.split()[1]) for p in library.all_papers())
        assert numbers == [n for n in range(len(numbers) // 2) for _ in "lr"]
        assert library.count("pending") == library.count() == manifest_of(tmp_path / f"{n}.zip")["papers"]
        sizes.append(len(numbers))
        library.close()
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


class TestRefused:
    def damaged(self, file: Path, tmp_path: Path, says: str) -> None:
        target = tmp_path / "target"
        with pytest.raises(LibraryError, match=says) as caught:
            restore(file, target)
        assert "\n" not in str(caught.value)
        assert caught.value.fix
        assert not target.exists()
        assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
    def test_a_truncated_backup(self, saved: Path, tmp_path: Path, share: float) -> None:
        saved.write_bytes(saved.read_bytes()[: int(saved.stat().st_size * share)])
        self.damaged(saved, tmp_path, "damaged")

    @pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
    def test_a_changed_byte(self, saved: Path, tmp_path: Path, place: float) -> None:
        data = bytearray(saved.read_bytes())
        data[int(len(data) * place)] ^= 0xFF
        saved.write_bytes(data)
        self.damaged(saved, tmp_path, "damaged")

    def test_another_database_under_the_same_manifest(self, saved: Path, tmp_path: Path) -> None:
        rewritten(saved, lambda members: members.update({DATABASE: members[DATABASE][:-1] + b"?"}))
        self.damaged(saved, tmp_path, "SHA-256")

    def test_a_member_that_is_larger_than_stated(self, saved: Path, tmp_path: Path) -> None:
        rewritten(saved, lambda members: members.update({DATABASE: members[DATABASE] + bytes(10_000_000)}))
        self.damaged(saved, tmp_path, "SHA-256")

    def test_a_member_that_the_manifest_does_not_name(self, saved: Path, tmp_path: Path) -> None:
        rewritten(saved, lambda members: members.update({"extra": b"x"}))
        self.damaged(saved, tmp_path, "other members")

    @pytest.mark.parametrize(
        "name", ["../outside", "/outside", "a/../../outside", "C:outside", "..\\outside"]
    )
    def test_a_member_outside_of_the_library(self, saved: Path, tmp_path: Path, name: str) -> None:
        def smuggle(members: dict[str, bytes]) -> None:
            manifest = json.loads(members[MANIFEST])
            manifest["members"][name] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
            members.update({MANIFEST: json.dumps(manifest).encode(), name: b"x"})

        self.damaged(rewritten(saved, smuggle), tmp_path, "outside|other members")
        assert not (tmp_path / "outside").exists()

    def test_a_newer_schema(self, saved: Path, tmp_path: Path) -> None:
        def newer(members: dict[str, bytes]) -> None:
            members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | {"schema": SCHEMA + 1}).encode()

        self.damaged(rewritten(saved, newer), tmp_path, "newer Footnote")

    @pytest.mark.parametrize(
        "manifest",
        [b"{", b"[]", b'"x"', b'{"kind": "other"}', b'{"kind": "footnote backup"}', b"\xff",
         b'{"kind": "footnote backup", "version": "1", "schema": 1, "members": 3}'],
    )  # fmt: skip
    def test_a_manifest_that_is_none(self, saved: Path, tmp_path: Path, manifest: bytes) -> None:
        rewritten(saved, lambda members: members.update({MANIFEST: manifest}))
        self.damaged(saved, tmp_path, "damaged|no backup")

    def test_a_foreign_archive(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("thesis.txt", "x")
        self.damaged(tmp_path / "x.zip", tmp_path, "no backup of Footnote")

    def test_a_file_that_is_no_archive(self, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_text("x")
        self.damaged(tmp_path / "x.zip", tmp_path, "damaged")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        self.damaged(tmp_path / "x.zip", tmp_path, "does not exist")

    def test_a_folder_that_holds_something(self, saved: Path, library_folder: Path) -> None:
        before = sorted(library_folder.rglob("*"))
        with pytest.raises(LibraryError, match="--replace"):
            restore(saved, library_folder)
        assert sorted(library_folder.rglob("*")) == before

    def test_no_library_to_back_up(self, tmp_path: Path) -> None:
        with pytest.raises(LibraryError, match="There is no library"):
            backup(tmp_path / "none", tmp_path / "x.zip")
        assert not (tmp_path / "none").exists()

    def test_a_place_that_cannot_be_written(self, library_folder: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(LibraryError, match="cannot be written"):
            backup(library_folder, tmp_path / "file" / "x.zip")
        with pytest.raises(LibraryError, match="cannot be written"):
            backup(library_folder, tmp_path / "nowhere" / "x.zip")


def test_replace_moves_what_was_there_aside_and_deletes_nothing(
    saved: Path, library_folder: Path, tmp_path: Path
) -> None:
    (library_folder / "note.txt").write_text("mine")
    asides = [restore(saved, library_folder, replace=True) for _ in range(2)]
    assert asides[0] is not None
    assert (asides[0] / "note.txt").read_text() == "mine"
    assert asides[1] not in {None, asides[0]}
    library = Library(library_folder)
    assert library.count() == 62
    library.close()


def test_a_backup_that_fails_leaves_the_one_before(
    saved: Path, library_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError, match="No space left"):
        backup(library_folder, saved)
    assert saved.read_bytes() == before
    assert not [p for p in saved.parent.iterdir() if p.name.startswith(".backup")]


def test_a_library_of_an_older_schema_is_backed_up_as_it_is(library_folder: Path, tmp_path: Path) -> None:
    with sqlite3.connect(library_folder / DATABASE) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()
    backup(library_folder, tmp_path / "old.zip")
    assert manifest_of(tmp_path / "old.zip")["schema"] == 1


class TestLibraries:
    def test_the_default_and_the_named_ones_are_listed(self, library_folder: Path, own_home: Path) -> None:
        shutil.copytree(library_folder, own_home / "libraries" / "thesis")
        (own_home / "libraries" / "empty").mkdir()
        listed = known(Settings(home=own_home, library=own_home / "libraries" / "thesis"))
        assert [(one.name, one.papers, one.used) for one in listed] == [
            ("default", 62, False),
            ("thesis", 62, True),
        ]
        assert all(one.size > 100_000 for one in listed)

    def test_one_elsewhere_is_listed_when_it_is_used(self, own_home: Path, tmp_path: Path) -> None:
        [one] = known(Settings(home=own_home, library=tmp_path / "other"))
        assert (one.name, one.papers, one.used) == (str(tmp_path / "other"), 0, True)

    def test_an_unreadable_one_does_not_end_the_list(self, library_folder: Path, own_home: Path) -> None:
        (own_home / "libraries" / "bad").mkdir(parents=True)
        (own_home / "libraries" / "bad" / DATABASE).write_text("garbage" * 1000)
        listed = known(Settings(home=own_home, library=library_folder))
        assert [(one.name, one.papers) for one in listed] == [("default", 62), ("bad", None)]


def test_a_restored_library_killed_between_renamings_can_be_restored(
    saved: Path, library_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there is aside then, and nothing is in its place."""
    real = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == library_folder:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(LibraryError, match="Input/output"):
        restore(saved, library_folder, replace=True)
    monkeypatch.undo()
    assert not library_folder.exists()
    assert len(list(library_folder.parent.glob("library.before-*"))) == 1
    restore(saved, library_folder)
    assert (library_folder / backups.DATABASE).is_file()


def test_the_commands_of_the_document_run_from_top_to_bottom(library_folder: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "keeping.md").read_text(encoding="utf-8")
    commands = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]
    assert len(commands) >= 15
    folder = tmp_path / "documents"
    folder.mkdir()
    for command in commands:
        words = [sys.executable, "-m", "ui.cli", *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (command, done.stderr)
    assert {"refs.bib", "speech.ris", "papers.csv", "papers.jsonl", "saved.zip", "whole.zip"} <= {
        path.name for path in folder.iterdir()
    }


@pytest.mark.usefixtures("library_folder")
class TestCommands:
    @pytest.mark.parametrize(
        ("words", "says"),
        [
            pytest.param(["export", "--output", "there.bib"], "there already", id="export over a file"),
            pytest.param(["export", "--output", "refs.docx"], "names no format", id="unknown ending"),
            pytest.param(["export", "--format", "word"], "There is no format", id="unknown format"),
            pytest.param(["export", "--output", "no/where.bib"], "cannot be written", id="no such folder"),
            pytest.param(["backup", "there.bib"], "there already", id="backup over a file"),
            pytest.param(["restore", "there.bib"], "--replace", id="restore over a library"),
            pytest.param(
                ["restore", "there.bib", "--library", "new"], "damaged", id="restore of another file"
            ),
            pytest.param(["reindex", "--embedder", "none"], "no embedder", id="unknown embedder"),
        ],
    )
    def test_a_problem_is_one_line(self, words: list[str], says: str, tmp_path: Path) -> None:
        (tmp_path / "there.bib").write_text("mine")
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 1
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Traceback" not in done.stderr
        assert (tmp_path / "there.bib").read_text() == "mine"

    def test_an_export_is_printed_in_utf_8_whatever_the_terminal_speaks(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", "export", "--format", "jsonl"],
            cwd=ROOT, capture_output=True, timeout=120, env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )  # fmt: skip
        assert len(done.stdout.decode("utf-8").splitlines()) == 62
        assert done.stderr.strip() == b"62 papers"
