"""BibTeX in UTF-8: what LaTeX reads as commands is escaped, letters with accents stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TextIO

from rag.exporters.keys import citation_keys
from rag.exporters.names import parts
from rag.records import Paper

_MATHEMATICS = re.compile(r"((?<!\\)\$[^$]{1,200}(?<!\\)\$)")
_SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\{",
    "}": r"\}",
}
# BibTeX counts \{ as a brace, so one without its partner would swallow the rest of the file.
_LONE = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}


def write(papers: Sequence[Paper], file: TextIO) -> None:
    """Write one entry a paper."""
    keys = citation_keys(papers)
    for paper in papers:
        kind = "article" if paper.venue else "misc"
        file.write(f"@{kind}{{{keys[paper.id]},\n")
        file.writelines(f"  {name} = {{{value}}},\n" for name, value in _fields(paper) if value)
        file.write("}\n\n")


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "title", escaped(paper.title)
    yield "author", " and ".join(_author(name) for name in paper.authors)
    yield "year", str(paper.year or "")
    yield "journal", escaped(paper.venue)
    yield "doi", _verbatim(paper.doi)
    yield "eprint", _verbatim(paper.arxiv_id)
    yield "archiveprefix", "arXiv" if paper.arxiv_id else ""
    yield "url", _verbatim(paper.url)
    yield "abstract", escaped(paper.abstract)
    yield "source", escaped(paper.source)


def escaped(text: str) -> str:
    r"""Text in which nothing is a command; formulas between dollar signs stay formulas.

    >>> escaped("Gómez & Co: 5% of $x_i$, or {a")
    'Gómez \\& Co: 5\\% of $x_i$, or \\textbraceleft{}a'
    """
    signs = _SPECIAL if _balanced(text) else _SPECIAL | _LONE
    pieces = _MATHEMATICS.split(text)
    return "".join(
        p if n % 2 and _balanced(p) else "".join(signs.get(c, c) for c in p) for n, p in enumerate(pieces)
    )


def _balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0


def _verbatim(text: str) -> str:
    """Identifiers and addresses are not read as LaTeX; a brace, which no address may hold, is encoded."""
    return text.replace("{", "%7B").replace("}", "%7D")


def _author(name: str) -> str:
    """A name as `Family, Jr., Given`, or one in braces that must not be taken apart."""
    family, given, suffix = parts(name)
    whole = not given and (" " in name or "," in name)
    if whole or re.search(r"\band\b", name, re.IGNORECASE):
        return f"{{{escaped(name)}}}"
    return ", ".join(escaped(part) for part in (family, suffix, given) if part)
