"""What every reader yields, and how a record becomes a paper."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.records import Paper
from rag.text import plain, readable


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not become a paper."""

    line: int
    """Line of the file where it begins, or number of the record where the format has no lines; from 1."""
    reason: str
    """Why, in words a user understands."""
    text: str
    """The record as it stood in the file."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The papers of one file, and what was not one."""

    papers: tuple[Paper, ...]
    rejected: tuple[Rejected, ...] = ()


def paper(
    raw_title: str,
    raw_abstract: str,
    source: str,
    *,
    authors: Iterable[str] = (),
    year: int | str | None = None,
    venue: str = "",
    doi: str = "",
    arxiv_id: str = "",
    url: str = "",
) -> Paper:
    """A paper from the fields of a record as they stood in the file.

    LaTeX and invisible characters are resolved, identifiers freed of resolvers and versions. A DOI
    of arXiv's is an arXiv identifier.
    """
    title = readable(raw_title)
    people = tuple(filter(None, (person(name) for name in authors)))
    doi, arxiv_id = doi_in(doi), arxiv_in(arxiv_id) or arxiv_in_doi(doi)
    if arxiv_in_doi(doi):
        doi = ""
    when = year_in(year)
    return Paper(
        id=identity(title, people, when, doi, arxiv_id),
        title=title,
        abstract=readable(raw_abstract),
        authors=people,
        year=when,
        venue=readable(venue),
        doi=doi,
        arxiv_id=arxiv_id,
        url=web_address(url),
        source=source,
        raw_title=raw_title,
        raw_abstract=raw_abstract,
    )


def identity(title: str, authors: tuple[str, ...], year: int | None, doi: str, arxiv_id: str) -> str:
    """Identity of a paper: by DOI, else by arXiv identifier, else by title, year and first author."""
    if doi:
        return f"doi:{doi}"
    if arxiv_id:
        return f"arxiv:{arxiv_id}"
    return title_identity(title, year, family_name(authors[0]) if authors else "")


def title_identity(title: str, year: int | None = None, first_author: str = "") -> str:
    """Identity of a paper without DOI or arXiv id: a hash of title, year and first author.

    Case, punctuation and dashes do not matter.
    """
    key = f"{title_key(title)}|{year or ''}|{plain(first_author)}"
    return "title:" + hashlib.sha256(key.encode()).hexdigest()[:16]


def title_key(title: str) -> str:
    """A title as titles are compared: letters and digits in lower case, single blanks."""
    return re.sub(r"[^\w+#]+|_", " ", plain(title)).strip()


def person(name: str) -> str:
    """A name as people say it, "Given Family".

    >>> person("Baevski, Alexei"), person("King, Martin Luther, Jr."), person("  OpenAI ")
    ('Alexei Baevski', 'Martin Luther King Jr.', 'OpenAI')
    """
    parts = [part.strip() for part in readable(name).split(",")]
    family, given = parts[0], parts[-1] if len(parts) > 1 else ""
    suffix = ""
    if len(parts) > 2:  # "Family, Given, Jr." of many exports, "Family, Jr., Given" of BibTeX
        given, suffix = (parts[2], parts[1]) if _SUFFIX.fullmatch(parts[1]) else (parts[1], parts[2])
    return " ".join(part for part in (given, family, suffix) if part)


_SUFFIX = re.compile(r"(?:jr|sr)\.?|[ivx]+", re.IGNORECASE)


def family_name(name: str) -> str:
    """The last word of "Given Family" that is no suffix.

    >>> family_name("Martin Luther King Jr.")
    'King'
    """
    words = [word for word in name.split() if not _SUFFIX.fullmatch(word)] or name.split()
    return words[-1] if words else ""


def year_in(value: object) -> int | None:
    """The first year from 1000 to 2199 in a date of any form; None when there is none ("n.d.")."""
    match = re.search(r"(?<!\d)(1\d{3}|2[01]\d{2})(?!\d)", str(value or ""))
    return int(match[1]) if match else None


_DOI = re.compile(r"10\.\d{4,9}/\S+")


def doi_in(text: str) -> str:
    """The DOI in a text, in lower case and without a resolver; empty when there is none.

    >>> doi_in("https://doi.org/10.18653/v1/N19-1423.")
    '10.18653/v1/n19-1423'
    """
    match = _DOI.search(text)
    return match[0].rstrip(".,;)]}>\"'").lower() if match else ""


_ARXIV = re.compile(
    r"(?<![\w.])(?:(\d{4}\.\d{4,5})|([a-z-]{2,20}(?:\.[a-z-]{2,20})?/\d{7}))(?:v\d+)?(?!\w|\.\d)",
    re.IGNORECASE,
)


def arxiv_in(text: str) -> str:
    """The arXiv identifier in a text, without version; empty when there is none.

    >>> arxiv_in("https://arxiv.org/abs/1810.04805v2"), arxiv_in("arXiv:cs.CL/0701001")
    ('1810.04805', 'cs.cl/0701001')
    """
    match = _ARXIV.search(re.sub(r"(?i)arxiv[:.]", " ", text))
    return (match[1] or match[2].lower()) if match else ""


def arxiv_in_doi(doi: str) -> str:
    """The arXiv identifier that a DOI of arXiv's stands for; empty for any other DOI."""
    return arxiv_in(doi.removeprefix("10.48550/arxiv.")) if doi.startswith("10.48550/arxiv.") else ""


def web_address(text: str) -> str:
    """The text when it is an http(s) address without blanks, else nothing: nothing else becomes a link."""
    address = text.strip()
    return address if re.fullmatch(r"https?://[^\s<>\"']+", address, re.IGNORECASE) else ""
