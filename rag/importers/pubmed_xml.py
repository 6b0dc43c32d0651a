"""PubMed's XML.

https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from rag.importers.making import made
from rag.importers.parsed import Rejected
from rag.importers.xml_records import Found, elements, flat
from rag.records import Paper

NAME = "PubMed XML"

_SEEN = re.compile(r"<Pubmed(?:Book)?Article(?:Set)?[\s>]")
_ARTICLE = "MedlineCitation/Article"
_BOOK = "BookDocument"
_TITLES = (
    f"{_ARTICLE}/ArticleTitle",
    f"{_ARTICLE}/VernacularTitle",
    f"{_BOOK}/ArticleTitle",
    f"{_BOOK}/VernacularTitle",
    f"{_BOOK}/Book/BookTitle",
)
_DATES = (
    f"{_ARTICLE}/Journal/JournalIssue/PubDate",
    f"{_ARTICLE}/ArticleDate",
    f"{_BOOK}/Book/PubDate",
    f"{_BOOK}/ContributionDate",
)
_VENUES = (
    f"{_ARTICLE}/Journal/Title",
    f"{_ARTICLE}/Journal/ISOAbbreviation",
    "MedlineCitation/MedlineJournalInfo/MedlineTA",
    f"{_BOOK}/Book/BookTitle",
)
_DOIS = (
    f"{_ARTICLE}/ELocationID[@EIdType='doi']",
    "PubmedData/ArticleIdList/ArticleId[@IdType='doi']",
    f"{_BOOK}/ArticleIdList/ArticleId[@IdType='doi']",
    "PubmedBookData/ArticleIdList/ArticleId[@IdType='doi']",
)
_NUMBERS = ("MedlineCitation/PMID", f"{_BOOK}/PMID")
_ABSTRACTS = (f"{_ARTICLE}/Abstract", f"{_BOOK}/Abstract")
_AUTHORS = (f"{_ARTICLE}/AuthorList/Author", f"{_BOOK}/AuthorList/Author")


def recognises(head: str) -> bool:
    """Whether a text is XML with articles of PubMed's."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and bool(_SEEN.search(head))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per article or chapter of a book."""
    for found in elements(file, ("PubmedArticle", "PubmedBookArticle")):
        yield found if isinstance(found, Rejected) else _paper(found, source)


def _paper(found: Found, source: str) -> Paper | Rejected:
    record = found.element
    number = _first(record, _NUMBERS)
    return made(
        found,
        source,
        title=_first(record, _TITLES),
        abstract=next(filter(None, (_abstract(record.find(path)) for path in _ABSTRACTS)), ""),
        authors=[_name(author) for path in _AUTHORS for author in record.iterfind(path)],
        year=_first(record, _DATES),
        venue=_first(record, _VENUES),
        doi=_first(record, _DOIS),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else "",
    )


def _first(record: Element, paths: tuple[str, ...]) -> str:
    return next(filter(None, (flat(record.find(path)) for path in paths)), "")


def _abstract(abstract: Element | None) -> str:
    """The parts of an abstract, each after its label."""
    if abstract is None:
        return ""
    parts = [(part.get("Label", "").strip(), flat(part)) for part in abstract.iterfind("AbstractText")]
    return " ".join(f"{label}: {text}" if label else text for label, text in parts if text)


def _name(author: Element) -> str:
    family = flat(author.find("LastName"))
    given = flat(author.find("ForeName")) or flat(author.find("Initials"))
    parts = [given, family, flat(author.find("Suffix"))]
    return " ".join(filter(None, parts)) or flat(author.find("CollectiveName")).replace(",", "")
