"""A backup of a library in one file, made while others work with it, and checked before it is restored.

The file is a zip: every system opens it, a member can be read without the others, and each has its own
check sum. It holds `library.db` as it was at one moment, and first a manifest: schema, passport, counts,
size and SHA-256 of each member. Indexes are derived and stay out unless they are asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import IO, Any

from rag import indexes, snapshot
from rag.errors import LibraryError
from rag.library import SCHEMA, Library
from rag.reindex import writing

DATABASE = "library.db"
MANIFEST = "manifest.json"
_KIND = "footnote backup"
_VERSION = 1
_CHUNK = 1 << 20
_MOST_MANIFEST = 1 << 24


def backup(library: Path, file: Path, *, with_indexes: bool = False) -> snapshot.Contents:
    """Write a backup of a library; the file appears when it is complete, and replaces one of that name.

    Args:
        library: folder of the library.
        file: the zip to write.
        with_indexes: whether to put the indexes in, which have to hold every paper.

    Raises:
        LibraryError: there is no library, its indexes lag behind, or the file cannot be written.
    """
    if not (library / DATABASE).is_file():
        raise LibraryError(f"There is no library in {library}.", "footnote libraries")
    with _writable(file), tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as place:
        scratch = Path(place)
        if not with_indexes:
            snapshot.copy(library / DATABASE, scratch / DATABASE)
            members = {DATABASE: scratch / DATABASE}
            return _packed(members, scratch, file)
        with writing(library):
            snapshot.copy(library / DATABASE, scratch / DATABASE)
            members = {DATABASE: scratch / DATABASE} | _index_files(library, scratch / DATABASE)
            return _packed(members, scratch, file)


def _packed(members: dict[str, Path], scratch: Path, file: Path) -> snapshot.Contents:
    held = snapshot.contents(members[DATABASE])
    manifest = {
        "kind": _KIND,
        "version": _VERSION,
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **asdict(held),
        "members": {name: _sum(path) for name, path in members.items()},
    }
    partial = scratch / "backup.zip"
    with partial.open("wb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
            for name, path in members.items():
                archive.write(path, name)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
    _sync_folder(file.absolute().parent)
    return held


def _index_files(library: Path, database: Path) -> dict[str, Path]:
    """The files of the indexes that serve, by their names in the backup; nothing writes to them now."""
    held = snapshot.contents(database)
    if held.pending:
        raise LibraryError(
            f"{held.pending} papers of {library} are not in its indexes yet.", "footnote import --continue"
        )
    place = indexes.place(library, held.manifest)
    files = [path for part in ("chroma", "words") for path in sorted((place / part).rglob("*"))]
    return {path.relative_to(library).as_posix(): path for path in files if path.is_file()}


def _sum(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _sync_folder(folder: Path) -> None:
    """Make a renaming last through a power cut, where the system knows how."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def restore(file: Path, library: Path, *, replace: bool = False) -> Path | None:
    """Put the library of a backup into a folder, after everything in the backup was checked.

    Without indexes in the backup, every paper is pending.

    Args:
        file: what `backup` wrote.
        library: the folder; it must not hold anything.
        replace: whether to move what it holds aside.

    Returns:
        Where what was there lies now; None when nothing was there.

    Raises:
        LibraryError: the backup is damaged, foreign, or newer, or the folder is not empty.
    """
    if not replace and library.exists() and (not library.is_dir() or any(library.iterdir())):
        raise LibraryError(
            f"{library} is not empty; --replace moves what it holds aside.",
            f"footnote restore {shlex.quote(str(file))} --replace",
        )
    with _writable(library):
        library.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=library.parent, prefix=f".{library.name}-"))
        try:
            _unpack(file, scratch)
            return _put_in_place(scratch, library)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> None:
    with _archive(file) as archive:
        members = _checked(archive, file)
        for name, expected in members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as packed, target.open("wb") as out:
                if _copied(packed, out, int(expected["size"])) != expected["sha256"]:
                    raise _damaged(file, f"{name} is not what its SHA-256 says")
    if problem := snapshot.damage(folder / DATABASE):
        raise _damaged(file, f"{DATABASE}: {problem}")
    _settle(folder, indexed=len(members) > 1)


def _settle(folder: Path, *, indexed: bool) -> None:
    library = Library(folder)
    try:
        if not indexed:
            library.mark_all_pending()
            library.write_manifest({indexes.PLACE: ""})
    finally:
        library.close()


def _checked(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    """The members that the manifest names, when it is one of ours and names just what is there."""
    names = archive.namelist()
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise _foreign(file)
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("kind") != _KIND:
        raise _foreign(file)
    if manifest["version"] > _VERSION or manifest["schema"] > SCHEMA:
        raise LibraryError(
            f"{file} was written by a newer Footnote (schema {manifest['schema']}, this one knows {SCHEMA}).",
            "git pull && make chat",
        )
    members: dict[str, Any] = manifest["members"]
    if sorted([*members, MANIFEST]) != sorted(names) or DATABASE not in members:
        raise _damaged(file, "its manifest names other members than it has")
    if any(not _inside(name) for name in members):
        raise _damaged(file, "a member would lie outside of the library")
    return members


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name)


def _copied(packed: IO[bytes], out: IO[bytes], size: int) -> str:
    """Copy at most so many bytes; returns their SHA-256, or nothing when there are more."""
    digest = hashlib.sha256()
    while chunk := packed.read(_CHUNK):
        size -= len(chunk)
        if size < 0:
            return ""
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest() if size == 0 else ""


def _put_in_place(scratch: Path, library: Path) -> Path | None:
    aside = None
    if library.exists() and (not library.is_dir() or any(library.iterdir())):
        aside = _free(library.with_name(f"{library.name}.before-{time.strftime('%Y%m%d-%H%M%S')}"))
        library.rename(aside)
    elif library.exists():
        library.rmdir()
    scratch.chmod(0o755)
    scratch.rename(library)
    _sync_folder(library.parent)
    return aside


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError as error:
        raise LibraryError(f"{file} does not exist.", f"ls {shlex.quote(str(file.parent))}") from error
    except (zipfile.BadZipFile, EOFError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise _damaged(file, str(error)) from error
    except (RuntimeError, zlib.error) as error:
        raise _damaged(file, str(error)) from error


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"{path} cannot be written: {error.strerror}.",
            f"ls -ld {shlex.quote(str(path.absolute().parent))}",
        ) from error


def _damaged(file: Path, why: str) -> LibraryError:
    return LibraryError(f"The backup {file} is damaged: {why}.", "footnote backup FILE.zip")


def _foreign(file: Path) -> LibraryError:
    return LibraryError(f"{file} is no backup of Footnote's.", "footnote import FILE")
