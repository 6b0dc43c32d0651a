"""Citation keys: family name, year and first word of the title, one for each paper."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rag.importers.parsed import family_name
from rag.records import Paper
from rag.text import STOP_WORDS, tokens

_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th"}
"""What decomposing does not take apart."""


def citation_keys(papers: Sequence[Paper]) -> dict[str, str]:
    """A key for each paper's id; papers that would share one get a, b, c behind it, in the order of ids.

    So a key does not depend on the order of the papers.
    """
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for paper in papers:
        sharing[base(paper)].append(paper.id)
    taken = set(sharing)
    keys: dict[str, str] = {}
    for stem, ids in sorted(sharing.items()):
        unique = sorted(set(ids))
        if len(unique) == 1:
            keys[unique[0]] = stem
            continue
        free = (stem + suffix for suffix in _suffixes() if stem + suffix not in taken)
        for paper_id, key in zip(unique, free, strict=False):
            keys[paper_id] = key
            taken.add(key)
    return keys


def base(paper: Paper) -> str:
    """The key of a paper before clashes are settled, in ASCII letters and digits.

    >>> base(Paper("x", "The BERT Model", "", ("Ana Gómez-Ruiz",), 2019))
    'gomezruiz2019bert'
    """
    family = _ascii(family_name(paper.authors[0])) if paper.authors else ""
    words = [_ascii(word) for word in tokens(paper.title)]
    content = [word for word in words if word and word not in STOP_WORDS]
    first = next(iter(content or filter(None, words)), "")
    return f"{family or 'anon'}{paper.year or ''}{first}"


def _ascii(text: str) -> str:
    plain = "".join(_LETTERS.get(c, c) for c in text.casefold())
    return re.sub("[^a-z0-9]", "", unicodedata.normalize("NFKD", plain))


def _suffixes() -> Iterator[str]:
    """a, b, … z, aa, ab, … without end."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    before = [""]
    while True:
        before = [prefix + letter for prefix in before for letter in letters]
        yield from before
