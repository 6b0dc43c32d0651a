"""Readers of files that hold papers, one module per format, and the door to them.

A format is recognised by what stands in the file, never by the file's name. Each module has

- `NAME`, the format as the user knows it;
- `recognises(head)`, whether the first 64 KB of the text are of this format and no other;
- `parse(file, source)`, the papers and the rejected records, one after the other, never an exception.
"""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from rag.errors import ImportFailed
from rag.importers import (
    acl_xml,
    bibtex,
    containers,
    csl_json,
    decoding,
    endnote,
    excel,
    json_errors,
    json_records,
    nbib,
    plain_text,
    pubmed_xml,
    ris,
    saved_page,
    streams,
    tables,
)
from rag.importers.parsed import Parsed, Rejected
from rag.records import Paper

__all__ = ["Contents", "FORMATS", "GAVE_UP", "Parsed", "Rejected", "read", "records"]


class Format(Protocol):
    """A module that reads one format."""

    NAME: str

    def recognises(self, head: str) -> bool:
        """Whether the beginning of a text is of this format."""

    def parse(self, file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
        """The papers of a file, and what in it was none."""


FORMATS = cast(
    tuple[Format, ...],
    (
        pubmed_xml, acl_xml, csl_json, json_records, bibtex, nbib, ris, endnote, tables, saved_page, plain_text,
    ),
)  # fmt: skip
"""Every format of text in the one order in which they are tried: those with marks of their own first,
tables by their headings, then what is only lines and blanks, the stricter one last. (Workbooks are
told by the members of their zip.)"""

GAVE_UP = "the reader stumbled here and the rest is not read"
"""Why a record is rejected where a reader failed; a fault of Footnote's."""

_PEEKED = 1_000


@dataclass(frozen=True, slots=True)
class Contents:
    """A file with papers, or a file that was skipped because it has none."""

    name: str
    """Name to show, different from every other of the import: "papers.bib", "dump.zip/part1.bib"."""
    format: str
    """Name of the format; empty for a file that was skipped."""
    records: Iterator[Paper | Rejected]
    """What is in it, to be read before the next contents are asked for; of a skipped file one rejected
    record that says why."""
    told: bool = False
    """Of a skipped file: whether it was read as some format, so that it is known what is wrong in it."""


def records(path: Path) -> Iterator[Contents]:
    """What a file, an archive or a folder holds, file by file, read while it is asked for.

    In an archive or a folder, files without papers are skipped and said.

    Raises:
        ImportFailed: the path cannot be read, or no file in it holds papers; before anything is given.
    """
    skipped: list[Contents] = []
    found = False
    for contents in _contents(path):
        if not (found or contents.format):
            skipped.append(contents)
            continue
        if not found:
            yield from skipped
        found = True
        yield contents
    if not found:
        raise _no_papers(path, skipped)


def read(path: Path) -> Parsed:
    """Read everything that a path holds at once.

    Raises:
        ImportFailed: the path cannot be read, or no file in it holds papers.
    """
    every = [record for contents in records(path) for record in contents.records]
    papers = tuple(record for record in every if isinstance(record, Paper))
    return Parsed(papers, tuple(record for record in every if isinstance(record, Rejected)))


def _contents(path: Path) -> Iterator[Contents]:
    quoted = shlex.quote(str(path))
    try:
        for member in containers.members(path):
            yield _of_member(member)
    except FileNotFoundError as error:
        raise ImportFailed(f"{path} does not exist.", f"ls {shlex.quote(str(path.parent))}") from error
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read: {error.strerror}.", f"ls -l {quoted}") from error
    except ValueError as error:  # a NUL in the name
        raise ImportFailed(f"{str(path)!r} cannot be read: {error}.", "footnote import --help") from error


def _of_member(member: containers.Member) -> Contents:
    """A file's papers, or why it is skipped."""
    if member.workbook:
        return _peeked(member, excel.NAME, _guarded(excel.parse(member.workbook, member.name), None))
    if member.stream is None:
        return _skipped(member, member.problem)
    sample = member.stream.peek(decoding.HEAD)
    if not sample:
        return _skipped(member, f"is empty: {member.stream.broken}" if member.stream.broken else "is empty")
    if decoding.is_binary(sample):
        return _skipped(member, "is not text")
    head = decoding.head_of(sample)
    module = recognised(head)
    if module is None:
        broken = json_errors.broken_head(head)
        return _skipped(member, broken or "holds no papers", told=bool(broken))
    found = module.parse(streams.buffered(member.stream), member.name)
    return _peeked(member, module.NAME, _guarded(found, member.stream))


def recognised(head: str) -> Format | None:
    """The format that the beginning of a text is in; None when no reader takes it."""
    return next((module for module in FORMATS if module.recognises(head)), None)


def _peeked(member: containers.Member, name: str, found: Iterator[Paper | Rejected]) -> Contents:
    """The contents with their first paper read already: a file that turns out to hold none is skipped."""
    first: list[Paper | Rejected] = []
    for record in itertools.islice(found, _PEEKED):
        first.append(record)
        if isinstance(record, Paper):
            break
    if len(first) == _PEEKED or (first and isinstance(first[-1], Paper)):
        return Contents(member.name, name, itertools.chain(first, found))
    why = f" (line {first[0].line}: {first[0].reason})" if first and isinstance(first[0], Rejected) else ""
    return _skipped(member, f"is {name} and holds no papers{why}", told=bool(why))


def _skipped(member: containers.Member, why: str, *, told: bool = False) -> Contents:
    return Contents(member.name, "", iter([Rejected(1, why, "")]), told)


def _guarded(found: Iterator[Paper | Rejected], stream: streams.Stream | None) -> Iterator[Paper | Rejected]:
    """The records, rejected ones cut to size, with a last one where the file broke off or the reader failed."""
    line = 0
    try:
        for record in found:
            if isinstance(record, Rejected):
                line = record.line
                record = replace(record, text=_storable(record.text))
            yield record
    except Exception as error:  # noqa: BLE001  # a reader's fault costs the rest of a file, not the import
        yield Rejected(line + 1, f"{GAVE_UP} ({type(error).__name__})", "")
    if stream and stream.broken:
        yield Rejected(max(stream.line, line + 1), stream.broken, "")


def _storable(text: str) -> str:
    return text[: decoding.TEXT_KEPT].encode("utf-8", "replace").decode("utf-8")


def _no_papers(path: Path, skipped: list[Contents]) -> ImportFailed:
    formats = ", ".join(sorted({*(module.NAME for module in FORMATS), excel.NAME}, key=str.casefold))
    expected = f"Footnote reads {formats}; also packed (zip, tar, gz, zst) and in folders"
    reasons = [
        record.reason for contents in skipped for record in contents.records if isinstance(record, Rejected)
    ]
    if path.is_dir():
        what = f"The directory {path} holds no papers in its {len(skipped)} files"
    elif len(reasons) == 1:
        what = f"{path} {reasons[0]}"
    else:
        what = f"{path} holds no papers" + (f" in its {len(skipped)} files" if skipped else "")
    if len(skipped) == 1 and skipped[0].told:
        return ImportFailed(f"{what}.", "footnote import --help")
    return ImportFailed(f"{what}. {expected}.", "footnote import --help")
