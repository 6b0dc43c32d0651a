"""Questions to begin with, made from the titles of the library at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rag.library import Library
from rag.records import Filters
from rag.text import STOP_WORDS, plain, stem

SAMPLE = 400
"""Papers looked at, so that a large library costs no more than a small one."""
_NAME = re.compile(r"(?=.*[A-Z])[\w+-]{4,24}")


def suggestions(library: Library, number: int = 4) -> tuple[str, ...]:
    """Questions that the papers of this library answer; the same ones every time.

    Papers whose title begins with a name ("Sylber: …") are asked about by that name, papers without
    by their title; the last question is for a list, when some phrase is in several titles.
    """
    ids = library.matching(Filters())[:SAMPLE]
    titles = sorted(paper.title for paper in library.papers(ids).values())
    listing = [f"Which papers are about {topic}?" for topic in _topics(titles)][:1]
    facts = [f"What is {name}?" for name in _names(titles)]
    facts = _spread(facts, number - len(listing))
    rest = [f"What is “{title}” about?" for title in titles][: number - len(listing) - len(facts)]
    return tuple(facts + rest + listing)


def _names(titles: Iterable[str]) -> list[str]:
    heads = (title.partition(":") for title in titles)
    return [name.strip() for name, colon, _ in heads if colon and _NAME.fullmatch(name.strip())]


def _topics(titles: Sequence[str]) -> list[str]:
    """Phrases of two words in three or more titles and at most an eighth of them, most frequent first.

    A phrase counts where it is complete, that is where no further telling word follows: "large
    language" is always followed by "models" and is none.
    """
    spellings: dict[tuple[str, ...], Counter[str]] = {}
    for title in titles:
        for phrase in {tuple(run[-2:]) for run in _runs(title) if len(run) > 1}:
            spellings.setdefault(tuple(map(stem, phrase)), Counter())[" ".join(phrase)] += 1
    found = [(counts.total(), max(sorted(counts), key=counts.__getitem__)) for counts in spellings.values()]
    wanted = [pair for pair in found if 3 <= pair[0] <= max(3, len(titles) // 8)]
    return [phrase for _, phrase in sorted(wanted, key=lambda pair: (-pair[0], pair[1]))]


def _runs(title: str) -> list[list[str]]:
    """Stretches of words that tell something, between grammar words and punctuation."""
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[^\W_][\w-]*|[^\w\s]", plain(title)):
        if len(word) > 3 and word not in STOP_WORDS:
            runs[-1].append(word)
        else:
            runs.append([])
    return runs


def _spread(items: Sequence[str], number: int) -> list[str]:
    """That many of the items, evenly from the first to the last."""
    if len(items) <= number:
        return list(items)
    return [items[i * len(items) // number] for i in range(number)]
