"""The fields of a paper in a record of JSON, under the names that each source gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rag.importers.markup import untagged
from rag.importers.names import people
from rag.importers.parsed import Rejected, arxiv_in, paper
from rag.records import Paper

Record = Mapping[str, Any]

TITLES = ("title", "Title", "display_name", "paper_title", "paperTitle", "articleTitle")
ABSTRACTS = (
    "abstract",
    "Abstract",
    "abstractNote",
    "abstractText",
    "abstract_text",
    "paperAbstract",
    "summary",
)
_AUTHORS = (
    "authors_parsed", "authors", "author", "authorships", "creators", "Authors", "authorString", "authorList",
)  # fmt: skip
_YEARS = (
    "year", "Year", "publication_year", "publicationYear", "pubYear", "issued", "published", "published-print",
    "published-online", "publicationDate", "publication_date", "publish_time", "date", "Date", "created",
)  # fmt: skip
_VENUES = (
    "venue", "journal-ref", "journal_ref", "container-title", "publicationTitle", "journalTitle", "journal",
    "booktitle", "conference", "proceedingsTitle", "publicationVenue",
)  # fmt: skip
_DOIS = ("doi", "DOI", "Doi")
_ARXIVS = ("arxiv_id", "arxivId", "arxiv", "arXiv", "ArXiv", "eprint")
_LINKS = ("url", "URL", "link", "abs_url", "pdf_url", "landing_page_url", "id")
_IDENTIFIERS = ("externalIds", "externalids", "ids", "external_ids")
_ARXIV_ID = re.compile(
    r"(?:arxiv:)?(?:\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.I
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 4


def paper_of(record: Record, line: int, source: str) -> Paper | Rejected:
    """The paper of a record, or why it is none."""
    inner = record.get("metadata")
    if isinstance(inner, Mapping):
        record = {**inner, **{key: value for key, value in record.items() if value}}
    title = _clean(record, _first(record, TITLES))
    if not title.strip():
        return Rejected(line, "has no title", "")
    arxiv_id = _arxiv(record)
    return paper(
        title,
        _clean(record, _abstract(record)),
        source,
        authors=map(_whole, _people(_present(record, _AUTHORS))),
        year=_year(record, arxiv_id),
        venue=_whole(_clean(record, _venue(record))),
        doi=_identifier(record, _DOIS),
        arxiv_id=arxiv_id,
        url=_link(record),
    )


def _present(record: Record, keys: Iterable[str]) -> Any:
    """The first value that is neither missing nor empty."""
    return next((record[key] for key in keys if record.get(key)), None)


def _first(record: Record, keys: Iterable[str]) -> str:
    return _text(_present(record, keys))


def _text(value: Any, depth: int = 0) -> str:
    """Any value as text: parts of a list with blanks between, of an object its text or name."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth < _DEEPEST:
        return " ".join(filter(None, (_text(part, depth + 1) for part in value)))
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return _text(_present(value, ("text", "value", "#text", "display_name", "name", "title")), depth + 1)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _whole(text: str) -> str:
    """The text without halves of characters, which no database takes."""
    return _SURROGATE.sub("\ufffd", text)


def _clean(record: Record, text: str) -> str:
    """The text as people read it where its source is one that writes markup."""
    markup = "DOI" in record or "authorships" in record or "resultList" in record
    return _whole(untagged(text) if markup else text)


def _abstract(record: Record) -> str:
    if isinstance(record.get("abstract_inverted_index"), Mapping):
        return _in_order(record["abstract_inverted_index"])
    keys = ABSTRACTS if _present(record, ABSTRACTS) else ("text", "description", "content")
    found = _present(record, keys)
    return found if isinstance(found, str) else _text(found)


def _in_order(index: Record) -> str:
    """The text of an inverted index, {word: [places]}."""
    placed = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(placed))


def _people(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from people(value)
    elif isinstance(value, Mapping):
        yield from _people(_present(value, ("author", "authors", "name")))
    elif isinstance(value, list):
        yield from (_person(one) for one in value)


def _person(value: Any) -> str:
    if isinstance(value, list):  # arXiv: family, given, suffix
        return ", ".join(part for part in value[:3] if isinstance(part, str) and part)
    if not isinstance(value, Mapping):
        return _text(value)
    inner = value.get("author")
    if isinstance(inner, Mapping):
        return _person(inner)
    family = _first(value, ("family", "lastName", "last", "surname", "lastname"))
    given = _first(value, ("given", "firstName", "first", "forename", "firstname"))
    middle, suffix = _first(value, ("middle",)), _first(value, ("suffix",))
    if family:
        return ", ".join(filter(None, (family, f"{given} {middle}".strip(), suffix)))
    return _first(value, ("name", "display_name", "fullName", "full_name", "literal", "raw_author_name"))


def _year(record: Record, arxiv_id: str) -> str:
    versions = record.get("versions")
    if isinstance(versions, list) and versions and isinstance(versions[0], Mapping):
        return _text(versions[0].get("created"))
    date = next((found for key in _YEARS if (found := _date(record.get(key)))), "")
    return date or _arxiv_year(arxiv_id) or _text(record.get("update_date"))


def _date(value: Any) -> str:
    """A date as text; of Crossref's {"date-parts": [[2019, 6]]} the year."""
    if isinstance(value, Mapping):
        parts = value.get("date-parts", value.get("raw"))
        while isinstance(parts, list) and parts:
            parts = parts[0]
        return _text(parts)
    return _text(value)


def _arxiv_year(arxiv_id: str) -> str:
    digits = re.search(r"\d\d", arxiv_id)
    if not digits:
        return ""
    return f"19{digits[0]}" if digits[0] > "90" and "/" in arxiv_id else f"20{digits[0]}"


def _venue(record: Record) -> str:
    location = record.get("primary_location") or record.get("host_venue")
    if isinstance(location, Mapping):
        return _text(location.get("source") or location.get("display_name"))
    venue = _present(record, _VENUES)
    return _text(venue[0] if isinstance(venue, list) and venue else venue)


def _identifier(record: Record, keys: tuple[str, ...]) -> str:
    for holder in (record, *(record.get(key) for key in _IDENTIFIERS)):
        if isinstance(holder, Mapping) and (found := _first(holder, keys)):
            return _whole(found)
    return ""


def _arxiv(record: Record) -> str:
    own = record.get("id") or record.get("paper_id")
    if isinstance(own, str) and ("arxiv.org/" in own or _ARXIV_ID.fullmatch(own)):
        return arxiv_in(own)
    location = record.get("primary_location")
    page = _text(location.get("landing_page_url")) if isinstance(location, Mapping) else ""
    return _identifier(record, _ARXIVS) or (page if "arxiv.org/" in page else "")


def _link(record: Record) -> str:
    location = record.get("primary_location")
    page = _text(location.get("landing_page_url")) if isinstance(location, Mapping) else ""
    found = (_text(record.get(key)).strip() for key in _LINKS)
    return page or next((link for link in found if link.lower().startswith(("http://", "https://"))), "")
