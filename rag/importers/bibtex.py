"""BibTeX and BibLaTeX.

The file is cut at the lines that begin an entry and each piece is read alone, so that a broken
entry never costs the next one and a large file is never in memory as entries.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from bibtexparser.exceptions import ParserStateException
from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ImplicitComment, ParsingFailedBlock, String
from bibtexparser.splitter import Splitter

from rag.importers.latex import without_escapes, without_latex
from rag.importers.making import TOO_LONG, arxiv_named, made, rejected
from rag.importers.markup import untagged
from rag.importers.parsed import Rejected, arxiv_in, doi_in
from rag.importers.tagged_lines import Record, records
from rag.records import Paper

NAME = "BibTeX"

_TYPES = (
    "article book booklet inbook bookinbook suppbook incollection collection inproceedings conference manual "
    "mastersthesis phdthesis thesis misc online electronic www proceedings mvproceedings techreport report "
    "unpublished dataset software patent periodical inreference reference preprint"
)
_KNOWN = "|".join(_TYPES.split())
_BEGIN = re.compile(
    rf"\ufeff?[ \t]*@(?:[a-z]{{3,40}}[ \t]*\{{|(?:{_KNOWN}|string|preamble|comment)[ \t]*\()", re.I
)
_FIRST = re.compile(rf"^\ufeff?[ \t]*@(?:{_KNOWN}|string|preamble|comment)[ \t]*[{{(]", re.I | re.M)
_ENTRY = re.compile(
    rf"^\ufeff?[ \t]{{0,20}}@(?:(?:{_KNOWN})[ \t]{{0,20}}[{{(]\s{{0,20}}[^\s,={{}}\"]{{0,300}}\s{{0,20}},\s{{0,20}}[\w-]{{1,60}}"
    r"|string[ \t]{0,20}[{(]\s{0,20}[\w:-]{1,100})\s{0,20}=",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_PREFACE = 300
_LONGEST_STRING = 2_000  # abbreviations of abbreviations would grow without end
_MOST_PIECES = 200
_AND = re.compile(r"\\.|[{}]|(?P<and>(?:^| )and(?= |$))", re.IGNORECASE)
_STRING = re.compile(r'"((?:[^"{}]|\{[^{}]*\})*)"|\{((?:[^{}]|\{[^{}]*\})*)\}|([^\s#"{}]+)')
_BROKEN = "is not complete BibTeX: a brace, a quotation mark, a comma or an equals sign is missing"

# Its warnings about broken entries are our rejections.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)


def recognises(head: str) -> bool:
    """Whether a text begins with an entry, comments aside."""
    first = _FIRST.search(head)
    if first is None or not _ENTRY.search(head):
        return False
    preface = [line for line in head[: first.start()].strip("\ufeff \t\r\n").splitlines() if line.strip()]
    other = [line for line in preface if not line.lstrip().startswith("%")]
    return sum(map(len, other)) <= _LONGEST_PREFACE and not any(re.search(r"[<>{}`]|^#", s) for s in other)


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per entry."""
    strings: dict[str, str] = {}
    for record in records(file, _BEGIN):
        if record.too_long:
            yield rejected(record.line, TOO_LONG, record.text)
        else:
            yield from _papers(record, strings, source)


def _papers(record: Record, strings: dict[str, str], source: str) -> Iterator[Paper | Rejected]:
    try:
        # on one line, because an "@" at the start of a line ends an entry there
        library = Splitter(" ".join(record.lines).lstrip("\ufeff")).split()
    except ParserStateException:
        yield rejected(record.line, _BROKEN, record.text)
        return
    known = 0
    for block in library.blocks:
        entry = block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block
        if isinstance(entry, String):
            strings[entry.key.lower()] = _value(entry.value, strings)[:_LONGEST_STRING]
        elif isinstance(entry, Entry):
            yield _paper(record, entry, strings, source)
        known += not isinstance(entry, ParsingFailedBlock | ImplicitComment)
    if not known:
        yield rejected(record.line, _BROKEN, record.text)


def _paper(record: Record, entry: Entry, strings: dict[str, str], source: str) -> Paper | Rejected:
    values: dict[str, str] = {}
    for field in entry.fields:
        values.setdefault(field.key.lower(), _value(field.value, strings))
    address = without_escapes(_first(values, "url", "ee", "link", "bdsk-url-1") or _howpublished(values))
    return made(
        record,
        source,
        title=_title(values),
        abstract=_first(values, "abstract", "abstractnote"),
        authors=_people(_first(values, "author") or _first(values, "editor")),
        year=_first(values, "year", "date", "issued", "eventdate"),
        venue=_first(values, "journal", "journaltitle", "booktitle", "school", "institution", "publisher"),
        doi=without_escapes(_first(values, "doi")) or doi_in(address),
        arxiv=_arxiv(values, address),
        url=address,
        reading=_read,
    )


def _read(text: str) -> str:
    return untagged(without_latex(text))


def _first(values: dict[str, str], *names: str) -> str:
    return next(filter(None, (values.get(name, "") for name in names)), "")


def _title(values: dict[str, str]) -> str:
    title, subtitle = values.get("title", ""), values.get("subtitle", "")
    return f"{title}: {subtitle}" if title and subtitle else title


def _howpublished(values: dict[str, str]) -> str:
    found = re.search(r"https?://[^\s{}]+", values.get("howpublished", ""))
    return found[0] if found else ""


def _arxiv(values: dict[str, str], address: str) -> str:
    kind = _first(values, "archiveprefix", "eprinttype")
    eprint = without_escapes(values.get("eprint", ""))
    if "arxiv" in kind.lower() or (not kind and "primaryclass" in values):
        return arxiv_in(eprint[:100])
    others = (values.get(name, "") for name in ("journal", "journaltitle", "volume", "note", "number"))
    return arxiv_named(eprint, address, *map(without_escapes, others))


def _people(names: str) -> Iterator[str]:
    """Names one by one; a comma within the braces of an institution separates nothing."""
    for name in _names(" ".join(names.split())):
        if name.lower() not in ("others", ""):
            whole = name.startswith("{") and name.find("}") == len(name) - 1
            yield name.replace(",", "") if whole else name


def _names(names: str) -> Iterator[str]:
    """The parts between "and" outside of braces."""
    depth = start = 0
    for match in _AND.finditer(names):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth <= 0 and match["and"]:
            yield names[start : match.start()].strip()
            start = match.end()
    yield names[start:].strip()


def _value(raw: str, strings: dict[str, str]) -> str:
    """A value without its delimiters, its pieces joined and its abbreviations spelt out."""
    if "#" not in raw or raw.startswith("{"):
        return _piece(raw, strings)
    pieces = (_piece(match[0], strings) for match in islice(_STRING.finditer(raw), _MOST_PIECES))
    return "".join(pieces)


def _piece(raw: str, strings: dict[str, str]) -> str:
    if len(raw) >= 2 and raw[0] + raw[-1] in ('""', "{}"):
        return raw[1:-1]
    return strings.get(raw.lower(), raw)
