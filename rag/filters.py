"""Conditions on papers in a question's own words: "since 2021", "by Devlin", "at ACL", "from refs.bib".

Pure functions. Conservative: what may be meant otherwise stays a word of the question. A year in a
citation "(Devlin et al., 2019)", in a name ("ImageNet 2012"), before a noun ("after 2000 steps") or of an
event (see `speaks_of_papers`) is no condition, and neither is an author, a venue or a file that the library does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.records import Filters
from rag.text import STOP_WORDS, tokens


def _nobody(name: str) -> bool:  # noqa: ARG001  # the library that knows nothing
    return False


@dataclass(frozen=True, slots=True)
class Known:
    """What a library knows that a question can set conditions on; by default nothing."""

    years: tuple[int, int] | None = None
    """Earliest and latest year of a paper; None when no paper has one."""
    author: Callable[[str], bool] = _nobody
    """Whether an author has this name, or these whole words of it."""
    venue: Callable[[str], bool] = _nobody
    """Whether a venue has these whole words in its name."""
    source: Callable[[str], bool] = _nobody
    """Whether papers were imported from a file of this name."""


_AHEAD = 10
"""Years after the latest paper that can still be meant by four digits."""
_YEAR = r"(?<![\w.-])(?:19|20)\d\d(?![\w%]|[.,]\d|-\w)"
_KINDS = r"papers?|works?|articles?|studies|abstracts?|publications?|research|literature|preprints?"
_MADE = rf"(?:{_KINDS}|published|appeared|presented|accepted|released|written)"
_PASSIVE = r"(?:(?:that|which) )?(?:were |was |are |have been )?(?:published|written|released) "
_RANGE = re.compile(
    rf"\b(?:{_PASSIVE})?(?:between|from)(?: the years)? (?P<first>{_YEAR}) ?(?:and|to|until|till|through|-|–) ?"
    rf"(?P<last>(?:19|20)\d\d)(?![\w%]|[.,]\d|-\w)",
    re.IGNORECASE,
)
_ONE_YEAR = re.compile(
    rf"\b(?:{_PASSIVE})?(?P<how>since|after|newer than|later than|before|older than|earlier than|until|till|up to|in|from|of)"
    rf"(?: the year)? (?P<year>{_YEAR})(?P<on> on(?:wards?)?\b| or (?:later|newer)\b| or (?:earlier|older)\b)?",
    re.IGNORECASE,
)
_AFTER_MADE = re.compile(rf"\b{_MADE}(?: (?:are|were|come|came|date|dated?))? ?$", re.IGNORECASE)
_BEFORE_KIND = re.compile(rf"^ (?:{_KINDS}|proceedings)\b", re.IGNORECASE)
_PARTICLE = r"(?:van|von|de|der|den|di|da|del|la|le|al|bin|ten)\b"
_AUTHOR = re.compile(
    rf"\bby (?P<name>(?:{_PARTICLE} )*(?-i:[^\W\d_a-z])[\w'’.-]*(?: (?:{_PARTICLE}|(?-i:[^\W\d_a-z])[\w'’.-]*))*)",
    re.IGNORECASE,
)
_VENUE = re.compile(
    r"\b(?P<how>at|in)(?: the)? (?P<name>[A-Z][\w&/-]*(?: (?:of|on|and|for|the|in|[A-Z0-9][\w&/-]*))*)"
)
_SOURCE = re.compile(r"\b(?:from|in)(?: the)?(?: file)? (?P<name>[\w()+-][\w.()+-]*\.[A-Za-z]\w{0,4})\b")
_APART = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|“[^”]*”|\"[^\"]*\"|\bet al\.?,? (?:19|20)\d\d\b|\w+,? (?:19|20)\d\d[a-z]\b",
    re.IGNORECASE,
)
"""What holds no condition: brackets, quotations, citations."""


_OF_PAPERS = re.compile(
    r"\b(?:papers?|(?<!out of )works?|articles?|studies|abstracts?|publications?|publish\w*|research|literature|preprints?"
    r"|surveys?|theses|thesis|reviews?|written|said|known?|what(?:'s| is| was| has been) new|anything new|newest|latest"
    r"|propos\w+|introduc\w+|show(?:s|ed|n)?|found|came out|appeared|state[- ]of[- ]the[- ]art|best|evidence|advances?"
    r"|anything|everything|anyone|anybody|library|collection|proceedings|tell me)\b",
    re.IGNORECASE,
)


def speaks_of_papers(question: str) -> bool:
    """Whether a question speaks of what was published, so that a year in it is one of papers and not of an event.

    >>> speaks_of_papers("What was new in 2020?"), speaks_of_papers("How many people had malaria in 2010?")
    (True, False)
    """
    return _OF_PAPERS.search(question) is not None


def filters_in(question: str, known: Known) -> tuple[Filters, str]:
    """The conditions that a question sets, and the question without the words that set them.

    >>> filters_in("Which papers since 2021 study speech?", Known((2015, 2024)))
    (Filters(year_from=2021, year_to=None, author='', venue='', source='', tag='', papers=()), 'Which papers study speech?')
    """
    filters, left = Filters(), question
    for find in (_source, _author, _venue, _range, _one_year, _one_year):
        if found := find(left, known):
            added, start, end = found
            filters, left = combined(filters, added), _without(left, start, end)
    return (filters, left) if tokens(left) else (filters, question)


def combined(filters: Filters, more: Filters) -> Filters:
    """Both conditions at once; where they name different authors, venues or files, the second."""
    firsts = [y for y in (filters.year_from, more.year_from) if y is not None]
    lasts = [y for y in (filters.year_to, more.year_to) if y is not None]
    named = {f: getattr(more, f) or getattr(filters, f) for f in ("author", "venue", "source", "tag")}
    papers = tuple(p for p in more.papers if p in filters.papers or not filters.papers) or filters.papers
    return Filters(max(firsts, default=None), min(lasts, default=None), **named, papers=papers)


def said(filters: Filters) -> str:
    """The conditions in words, to follow "papers"; empty without any.

    >>> said(Filters(year_from=2021, author="Devlin"))
    'from 2021 on, by Devlin'
    """
    parts = [
        _years_said(filters.year_from, filters.year_to),
        filters.author and f"by {filters.author}",
        filters.venue and f"in {filters.venue}",
        filters.source and f"from the file {filters.source}",
        filters.tag and f"tagged {filters.tag}",
        filters.papers and f"of {len(filters.papers)} chosen by you",
    ]
    return ", ".join(part for part in parts if part)


def _years_said(first: int | None, last: int | None) -> str:
    if first is None:
        return "" if last is None else f"up to {last}"
    if last is None:
        return f"from {first} on"
    return f"of {first}" if first == last else f"from {first} to {last}"


_Found = tuple[Filters, int, int]
"""A condition, and where the words that set it begin and end."""


def _apart(question: str) -> str:
    """The question with everything that holds no condition blotted out; places stay."""
    return _APART.sub(lambda match: "\x00" * len(match[0]), question)


def _range(question: str, known: Known) -> _Found | None:
    for match in _RANGE.finditer(_apart(question)):
        first, last = int(match["first"]), int(match["last"])
        if first <= last and _plausible(first, known) and _is_free(question, match):
            return Filters(year_from=first, year_to=last), match.start(), match.end()
    return None


def _one_year(question: str, known: Known) -> _Found | None:
    for match in _ONE_YEAR.finditer(_apart(question)):
        year = int(match["year"])
        filters = _of_year(match["how"].casefold(), year, (match["on"] or "").split()[-1:])
        made = bool(_AFTER_MADE.search(question[: match.start()]))
        if match["how"].casefold() in {"of", "from", "up to"} and not (made or match["on"]):
            continue
        if _plausible(year, known) and _is_free(question, match):
            return filters, match.start(), match.end()
    return None


def _of_year(how: str, year: int, on: list[str]) -> Filters:
    """What a preposition makes of a year: "after 2020" begins with 2021, "since 2020" with 2020."""
    if how in {"since"} or (on and on[0] in {"on", "onward", "onwards", "later", "newer"}):
        return Filters(year_from=year)
    if how in {"until", "till", "up to"} or on:
        return Filters(year_to=year)
    if how in {"after", "newer than", "later than"}:
        return Filters(year_from=year + 1)
    if how in {"before", "older than", "earlier than"}:
        return Filters(year_to=year - 1)
    return Filters(year_from=year, year_to=year)


def _plausible(year: int, known: Known) -> bool:
    return known.years is not None and year <= known.years[1] + _AHEAD


def _is_free(question: str, match: re.Match[str]) -> bool:
    """Whether the year stands for itself: papers come before it, or no noun that it could count after it."""
    if re.search(r"\bpublished\b|\bwritten\b|\breleased\b", match[0], re.IGNORECASE):
        return True
    if _AFTER_MADE.search(question[: match.start()]):
        return True
    following = re.match(r"\s*([\w-]+)", question[match.end() :])
    return following is None or following[1].casefold() in STOP_WORDS


def _author(question: str, known: Known) -> _Found | None:
    for match in _AUTHOR.finditer(_apart(question)):
        for name in _shorter(match["name"]):
            if len(name) > 2 and known.author(name):
                start, end = match.start(), match.start("name") + len(name)
                if question[end:].startswith(("'s", "’s")):
                    break
                others = re.match(r"(?: et al\b\.?| and (?:colleagues|others|co-?workers)\b)", question[end:])
                return Filters(author=name), start, end + (others.end() if others else 0)
    return None


def _venue(question: str, known: Known) -> _Found | None:
    for match in _VENUE.finditer(_apart(question)):
        for name in _shorter(match["name"]):
            end = match.start("name") + len(name)
            if _is_venue(name, match["how"], question[: match.start()], question[end:]) and known.venue(name):
                held = re.match(r" ((?:19|20)\d\d)\b", question[end:]) if known.years else None
                year = int(held[1]) if held else None
                return Filters(year, year, venue=name), match.start(), end + (held.end() if held else 0)
    return None


def _is_venue(name: str, how: str, before: str, after: str) -> bool:
    """Whether words can name a venue: short names in capitals, and after "in" only where papers appear."""
    shortened = sum(c.isupper() for c in name.split()[0]) > 1 or len(name.split()) > 2
    appears = bool(_AFTER_MADE.search(before) or _BEFORE_KIND.match(after))
    return appears or (how == "at" and shortened)


def _source(question: str, known: Known) -> _Found | None:
    for match in _SOURCE.finditer(question):
        if known.source(match["name"]):
            return Filters(source=match["name"]), match.start(), match.end()
    return None


def _shorter(name: str) -> Iterator[str]:
    """The name and its beginnings, longest first, without the punctuation that ends a sentence."""
    words = name.split()
    for length in range(len(words), 0, -1):
        yield re.sub(r"(?:['’]s)?[.,'’-]*$", "", " ".join(words[:length]))


def _without(question: str, start: int, end: int) -> str:
    """The question without a stretch of it; a preposition, comma or "and" that led to it goes too."""
    before = re.sub(r"(?:,| and| but)?\s*$", "", question[:start])
    after = question[end:].lstrip()
    joined = f"{before} {after}" if after[:1].isalnum() or after[:1] in "(“\"'" else before + after
    return joined.strip(" ,")
