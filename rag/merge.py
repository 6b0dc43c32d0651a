"""Which records are the same paper, and what that paper then says: pure rules, described in docs/library.md.

Both depend on the records alone and not on the order in which they came, so that a library can be
computed anew from its records at any time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import combinations

from rag.importers.parsed import family_name, title_key
from rag.records import Paper
from rag.text import plain

_OURS = ("doi:", "arxiv:", "title:")
_TITLE = "title:"
_MOST_ALIKE = 500
"""Years and authors that a title can come with before only equal ones are taken for the same paper."""

_ARCHIVE = re.compile(
    r"\b(?:arxiv|corr|bio ?rxiv|med ?rxiv|chem ?rxiv|psyarxiv|ssrn|openreview|preprints?|research square)\b",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"(?:…|\.\.\.|\[\.\.\.\]|\(abstract truncated[^)]*\)|\[truncated\])\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What decides which paper a record belongs to."""

    record: int
    """Number of the record."""
    keys: frozenset[str]
    """What it can be the same paper by; see `keys_of`."""
    year: int | None = None
    """Year, None when the record lacks it."""
    author: str = ""
    """Family name of the first author in `plain` form; empty when the record lacks it."""


def keys_of(paper: Paper, given_id: str) -> tuple[int | None, str, tuple[str, ...]]:
    """Year, first author and keys by which a record is recognised.

    An id that is none of ours (`doi:`, `arxiv:`, `title:`) is its source's word: such a record is
    the same as no other.

    >>> keys_of(Paper("title:0", "BERT: Pre-training", "", ("Jacob Devlin",), 2019, arxiv_id="1810.04805"), "title:0")
    (2019, 'devlin', ('arxiv:1810.04805', 'title:bert pre training'))
    """
    author = plain(family_name(paper.authors[0])) if paper.authors else ""
    title = title_key(paper.title)
    found = [f"doi:{paper.doi}"] * bool(paper.doi) + [f"arxiv:{paper.arxiv_id}"] * bool(paper.arxiv_id)
    found += [f"{_TITLE}{title}"] * bool(title)
    if not found or not given_id.startswith(_OURS):
        found = [f"own:{given_id}"]
    return paper.year, author, tuple(found)


def partition(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Records grouped by paper, each group and the groups in the order of their first records.

    Records with a DOI, an arXiv identifier or a joining by hand in common are one paper. So are
    those of one title whose years and first authors agree, where what is missing agrees with all. A
    record that would so be the same as two that differ from each other is neither.

    >>> a, b, c = (Entry(n, frozenset({"title:x"}), year) for n, year in enumerate((2019, None, 2020)))
    >>> [len(group) for group in partition([a, b])], [len(group) for group in partition([a, b, c])]
    ([2], [1, 1, 1])
    """
    ordered = sorted(entries, key=lambda entry: entry.record)
    by_identifier = _Groups(len(ordered))
    for places in _sharing(ordered, titles=False):
        by_identifier.join_all(places)
    same = by_identifier.copy()
    signs = _signs(ordered, by_identifier)
    for places in _sharing(ordered, titles=True):
        for pair in _agreeing({by_identifier.of(place) for place in places}, signs):
            same.join_all(pair)
    return [[ordered[place] for place in group] for group in same.groups()]


_Sign = tuple[frozenset[int], frozenset[str]]
"""Years and first authors that the records of one identifier have."""


def _sharing(entries: Sequence[Entry], *, titles: bool) -> Iterable[list[int]]:
    """Places of the entries that have a key in common, for each key."""
    holders: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        for key in entry.keys:
            if key.startswith(_TITLE) == titles:
                holders.setdefault(key, []).append(place)
    return (places for places in holders.values() if len(places) > 1)


def _signs(entries: Sequence[Entry], groups: _Groups) -> dict[int, _Sign]:
    return {
        group[0]: (
            frozenset(y for place in group if (y := entries[place].year) is not None),
            frozenset(a for place in group if (a := entries[place].author)),
        )
        for group in groups.groups()
    }


def _agreeing(places: set[int], signs: dict[int, _Sign]) -> Iterable[tuple[int, int]]:
    """Pairs of one title that are the same paper.

    Without those that agree with two that disagree, what agrees with one of a group agrees with all
    of it; so the pairs make groups in which no two disagree.
    """
    first: dict[_Sign, int] = {}
    for place in sorted(places):
        yield first.setdefault(signs[place], place), place
    if len(first) > _MOST_ALIKE:
        return
    alike: dict[_Sign, list[_Sign]] = {sign: [] for sign in first}
    for one, other in combinations(first, 2):
        if _agree(one, other):
            alike[one].append(other)
            alike[other].append(one)
    torn = {sign for sign, near in alike.items() if any(not _agree(a, b) for a, b in combinations(near, 2))}
    for one in alike.keys() - torn:
        yield from ((first[one], first[other]) for other in alike[one] if other not in torn)


def _agree(one: _Sign, other: _Sign) -> bool:
    return all(not a or not b or bool(a & b) for a, b in zip(one, other, strict=True))


@dataclass(slots=True)
class _Groups:
    """Disjoint sets of the numbers below a size; a set is named by its smallest number."""

    size: int
    parents: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parents = self.parents or list(range(self.size))

    def of(self, place: int) -> int:
        """Name of the set that a number is in."""
        while self.parents[place] != place:
            self.parents[place] = place = self.parents[self.parents[place]]
        return place

    def join_all(self, places: Sequence[int]) -> None:
        """Make one set of those that the numbers are in."""
        names = {self.of(place) for place in places}
        for name in names:
            self.parents[name] = min(names)

    def copy(self) -> _Groups:
        """The same sets, to be joined further."""
        return _Groups(self.size, list(self.parents))

    def groups(self) -> list[list[int]]:
        """The sets in the order of their names."""
        found: dict[int, list[int]] = {}
        for place in range(self.size):
            found.setdefault(self.of(place), []).append(place)
        return list(found.values())


def merged(records: Sequence[Paper], paper_id: str) -> Paper:
    """The paper that several records describe; no value is replaced by an empty one.

    A published record speaks before one in an archive of preprints; of equals, one with a DOI, then
    one with an arXiv identifier, then by the names of the files.
    """
    ranked = sorted(records, key=_standing)
    titled = next((r for r in ranked if r.title), ranked[0])
    told = max(ranked, key=_worth_of_abstract)
    return Paper(
        id=paper_id,
        title=titled.title,
        abstract=told.abstract,
        authors=max((r.authors for r in ranked), key=_fullness),
        year=_year(ranked),
        venue=_first(r.venue for r in ranked),
        doi=_first(r.doi for r in ranked),
        arxiv_id=_first(r.arxiv_id for r in ranked),
        url=_first(r.url for r in ranked),
        source=ranked[0].source,
        raw_title=titled.raw_title,
        raw_abstract=told.raw_abstract,
    )


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _published(paper: Paper) -> bool:
    return bool(paper.venue) and not _ARCHIVE.search(paper.venue)


def _standing(paper: Paper) -> tuple[object, ...]:
    return not _published(paper), not paper.doi, not paper.arxiv_id, paper.source, paper.id, packed(paper)


def _worth_of_abstract(paper: Paper) -> tuple[bool, int]:
    """Whole ones before those that were cut off, then the longest."""
    return bool(paper.abstract) and not _CUT_OFF.search(paper.abstract), len(paper.abstract)


def _fullness(authors: tuple[str, ...]) -> tuple[int, int]:
    """Most authors first, then the longest names, for "Jacob Devlin" says more than "J. Devlin"."""
    named = [name for name in authors if name.casefold() not in {"others", "et al", "et al."}]
    return len(named), sum(map(len, named))


def _year(ranked: Sequence[Paper]) -> int | None:
    """The year of publication; of what is in archives alone, the earliest."""
    published = [r.year for r in ranked if r.year is not None and _published(r)]
    return published[0] if published else min((r.year for r in ranked if r.year is not None), default=None)


@cache
def _defaults() -> dict[str, object]:
    return {**asdict(Paper("", "", "")), "abstract": ""}


def packed(paper: Paper) -> str:
    """The fields of a record as JSON, without its id, what is empty, and raw texts that say nothing more."""
    values = {n: value for n, default in _defaults().items() if (value := getattr(paper, n)) != default}
    values.pop("id", None)
    for name in ("title", "abstract"):
        if values.get(f"raw_{name}") == values.get(name, ""):
            values.pop(f"raw_{name}", None)
        elif not values.get(f"raw_{name}") and values.get(name):
            values[f"raw_{name}"] = ""
    return json.dumps(values)


def unpacked(given_id: str, data: str) -> Paper:
    """The record that was packed."""
    values = json.loads(data)
    values["authors"] = tuple(values.get("authors", ()))
    raw = {f"raw_{name}": values.get(name, "") for name in ("title", "abstract")}
    return Paper(**{"title": "", "abstract": "", **raw, **values, "id": given_id})


def digest(data: str) -> str:
    """What tells whether a record changed."""
    return hashlib.blake2b(data.encode(), digest_size=12).hexdigest()
