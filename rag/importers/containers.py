"""What a path holds: a file, what a compressed file unpacks to, or the members of an archive or a folder.

Nothing is ever extracted to the disk: members are read as streams, one after the other, and their
names are only shown. How much may be unpacked is bounded for each file of the disk.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rag.importers.excel import holds_workbook
from rag.importers.streams import BREAKS_OFF, BROKEN, Budget, Stream, buffered, unpacked

_IN_MEMORY = 256 << 20
_MOST_LAYERS = 6


@dataclass(frozen=True, slots=True)
class Member:
    """A file as the user sees it."""

    name: str
    """Name to show, with the names of what it lies in."""
    stream: Stream | None = None
    """Its bytes; None when there is a problem."""
    problem: str = ""
    """Why it is not read, such that it follows its name in a sentence."""
    workbook: BinaryIO | None = None
    """Its bytes as a file that can be read from any place, when it is an Excel workbook."""


@dataclass
class _Names:
    """Names to show: no control characters, no way out of the folder, each only once."""

    given: dict[str, int] = field(default_factory=dict)

    def unique(self, *parts: str) -> str:
        name = shown("/".join(parts))
        count = self.given[name] = self.given.get(name, 0) + 1
        return name if count == 1 else self.unique(f"{name} ({count})")


def shown(name: str) -> str:
    r"""A name as it can be shown: printable, without steps upwards.

    >>> shown("../../etc/pass\x1bwd")
    'etc/pass_wd'
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "".join(c if c.isprintable() else "_" for c in "/".join(parts))[-300:] or "unnamed"


def members(path: Path) -> Iterator[Member]:
    """The files that a path holds, in order; each must be read before the next is asked for.

    Raises:
        OSError: the path cannot be read.
    """
    names = _Names()
    if not path.is_dir():
        yield from _members_of_file(path, path.name, names)
        return
    for file in _files(path):
        name = f"{path.resolve().name}/{file.relative_to(path).as_posix()}"
        try:
            yield from _members_of_file(file, name, names)
        except OSError as error:
            yield Member(names.unique(name), problem=f"cannot be read ({error.strerror})")


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder in the order of names, hidden ones left out, linked folders not entered."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _members_of_file(path: Path, name: str, names: _Names) -> Iterator[Member]:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        yield Member(names.unique(name), problem="is a device or a pipe, not a file")
        return
    with path.open("rb") as file:
        yield from _Unpacking(Budget(status.st_size), names).opened(Stream(file), name, file)


@dataclass
class _Unpacking:
    """The way from one file of the disk to the files inside it."""

    budget: Budget
    names: _Names

    def opened(
        self, stream: Stream, name: str, seekable: BinaryIO | None = None, archives: int = 0, layers: int = 0
    ) -> Iterator[Member]:
        """The files in a stream, which may be one itself."""
        head = stream.peek(512)
        archive = head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or head[257:262] == b"ustar"
        if layers >= _MOST_LAYERS or (archive and archives > 1):
            yield Member(self.names.unique(name), problem="is packed too many times over")
        elif inner := unpacked(stream, self.budget):
            yield from self.opened(inner, name, None, archives, layers + 1)
        elif archive and head[:2] == b"PK":
            yield from self.zipped(seekable or _in_memory(stream), name, archives, layers)
        elif archive:
            yield from self.tarred(stream, name, archives, layers)
        else:
            yield Member(self.names.unique(name), stream)

    def zipped(self, file: BinaryIO | None, name: str, archives: int, layers: int) -> Iterator[Member]:
        """The members of a zip; a workbook is one file."""
        if file is None:
            yield Member(self.names.unique(name), problem="is too large an archive inside an archive")
            return
        file.seek(0)
        try:
            archive = zipfile.ZipFile(file)
        except (*BROKEN, OSError):
            yield Member(self.names.unique(name), problem="is damaged")
            return
        if holds_workbook(archive.namelist()):
            file.seek(0)
            yield Member(self.names.unique(name), workbook=file)
            return
        for info in archive.infolist():
            yield from self.unzipped(archive, info, name, archives, layers)

    def unzipped(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, archives: int, layers: int
    ) -> Iterator[Member]:
        """The files in a member of a zip."""
        inner = f"{name}/{info.filename}"
        if info.is_dir() or _is_hidden(info.filename):
            return
        if problem := _problem_of(info):
            yield Member(self.names.unique(inner), problem=problem)
            return
        try:
            with archive.open(info) as file:
                yield from self.opened(Stream(file, self.budget), inner, None, archives + 1, layers + 1)
        except (*BROKEN, RuntimeError, OSError):
            yield Member(self.names.unique(inner), problem="is damaged")

    def tarred(self, stream: Stream, name: str, archives: int, layers: int) -> Iterator[Member]:
        """The members of a tar, read from front to back."""
        try:
            with tarfile.open(fileobj=buffered(stream), mode="r|") as archive:
                for info in archive:
                    archive.members = []  # type: ignore[attr-defined]  # or they pile up; typeshed lacks it
                    yield from self.untarred(archive, info, name, archives, layers)
        except (*BROKEN, OSError):
            yield Member(self.names.unique(name), problem=f"holds no more: {stream.broken or BREAKS_OFF}")

    def untarred(
        self, archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, archives: int, layers: int
    ) -> Iterator[Member]:
        """The files in a member of a tar."""
        inner = f"{name}/{info.name}"
        if info.isdir() or _is_hidden(info.name):
            return
        file = archive.extractfile(info) if info.isreg() else None
        if file is None:
            yield Member(self.names.unique(inner), problem="is a link or a device, not a file")
            return
        yield from self.opened(Stream(file), inner, None, archives + 1, layers + 1)


def _is_hidden(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _problem_of(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 1:
        return "is encrypted"
    return "is a link, not a file" if stat.S_ISLNK(info.external_attr >> 16) else ""


def _in_memory(stream: Stream) -> BinaryIO | None:
    data = buffered(stream).read(_IN_MEMORY + 1)
    return io.BytesIO(data) if len(data) <= _IN_MEMORY else None
