"""The library page as HTML: pure functions from records to text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from rag.browse import Listed
from rag.duplicates import Entitled, Pair
from rag.records import Filters, Paper
from ui import sources
from ui.address import Address, written
from ui.language import digits, in_english, said
from ui.markup import exact, line, plain
from ui.shelf import ROWS, Opened

AUTHORS = 40
"""Authors of an open paper that are named."""
MOST_ASKED = 100
"""Papers that can be asked by ticking them; their ids stand in the address of the conversation."""
PAIRS = 20
"""Pairs of possible duplicates shown at once."""


def papers(number: int) -> str:
    """How many, in words.

    >>> papers(1), papers(1200)
    ('1 paper', '1,200 papers')
    """
    return said("1 paper") if number == 1 else said("{number} papers", number=digits(number))


def summary(total: int, held: int, selected: int, asking: str = "") -> str:
    """How many were found, how many of them are selected, and the way to ask those.

    Args:
        total: papers found.
        held: papers of the library.
        selected: papers selected, found now or before.
        asking: what `ask_these` made.
    """
    shown = f"<b>{papers(total)}</b>" if total == held else part(f"<b>{digits(total)}</b>", held)
    chosen = f" · {said('{number} selected', number=f'<b>{digits(selected)}</b>')}" if selected else ""
    return f'<p class="fn-count" role="status">{shown}{chosen}</p>{asking}'


def part(found: str, held: int) -> str:
    """So many of all papers, in words.

    >>> part("3", 1200)
    '3 of 1,200 papers'
    """
    if held == 1:
        return said("{number} of 1 paper", number=found)
    return said("{number} of {all} papers", number=found, all=digits(held))


def ask_these(selected: Sequence[str], only: Filters, total: int, *, searched: bool) -> str:
    """The way to a conversation about the selected papers, or about those that the list is narrowed to.

    Args:
        selected: ids of the papers that are ticked.
        only: conditions of the list, when none is ticked.
        total: papers found.
        searched: whether the list is narrowed by words, too, which no conversation can be.
    """
    if len(selected) > MOST_ASKED:
        return line("fn-quiet", said("To ask so many, give them a tag and choose it under “Filter”."))
    if selected:
        return _ask(Filters(papers=tuple(selected)), len(selected))
    if only.active and total and not searched:
        return _ask(only, total)
    return ""


def _ask(scope: Filters, number: int) -> str:
    many = said("Ask these {number} papers", number=digits(number))
    name = said("Ask this paper") if number == 1 else many
    return f'<a class="fn-ask-these" href="{plain("#" + written(Address(scope=scope)))}">{name}</a>'


def rows(
    listed: Sequence[Listed], total: int, offset: int, selected: Collection[str], opened: str, turn: int = 0
) -> str:
    """One page of the list, with boxes to select papers by.

    Args:
        total: papers found.
        offset: how many of them stand on the pages before.
        selected: ids of the papers that are ticked.
        opened: id of the paper that is open beside the list; empty for none.
        turn: another number each time: boxes are set anew also where only the user changed them.
    """
    items = "".join(_row(row, row.id in selected, row.id == opened) for row in listed)
    return f'<ul class="fn-rows" aria-label="{said("Papers")}" data-turn="{turn}">{items}</ul>{_pager(total, offset)}'


def _row(row: Listed, ticked: bool, opened: bool) -> str:
    place, title = exact(row.id), plain(row.title)
    checked, current = (" checked" if ticked else ""), (' aria-current="true"' if opened else "")
    label = said("Select: {title}", title=title)
    box = f'<input type="checkbox" data-do="tick" data-id="{place}" aria-label="{label}"{checked}>'
    button = f'<button type="button" data-do="open" data-id="{place}"{current}>{in_english(title)}</button>'
    known = [plain(part) for part in (row.first_author, str(row.year or ""), row.venue) if part]
    record = line("fn-record", " · ".join(known) + _tags(row.tags))
    return f'<li class="fn-row">{box}<div>{button}{record}</div></li>'


def _tags(tags: Sequence[str]) -> str:
    return "".join(f' <span class="fn-tag">{plain(tag)}</span>' for tag in tags)


def _pager(total: int, offset: int) -> str:
    if total <= ROWS:
        return ""
    last = min(total, offset + ROWS)
    before = _step(said("Previous"), offset - ROWS, offset > 0)
    after = _step(said("Next"), offset + ROWS, last < total)
    shown = f"{digits(offset + 1)}–{digits(last)}"
    where = f"<span>{said('{number} of {all}', number=shown, all=digits(total))}</span>"
    return f'<nav class="fn-pager" aria-label="{said("Pages of the list")}">{before}{where}{after}</nav>'


def _step(name: str, offset: int, possible: bool) -> str:
    disabled = "" if possible else " disabled"
    return f'<button type="button" data-do="page" data-id="{offset}"{disabled}>{name}</button>'


def nothing(narrowed: bool) -> str:
    """What a list without papers shows.

    Args:
        narrowed: whether something was searched for, in a library that is not empty.
    """
    if narrowed:
        return line("fn-none", said("No paper has all of this. Fewer letters or conditions find more."))
    how = said(
        "Drop files with papers where it says “Add papers”, then ask them something on the page “Chat”."
    )
    return f'<div class="fn-none"><h2>{said("Your library is empty")}</h2><p>{how}</p></div>'


def paper(opened: Opened) -> str:
    """A paper to read: everything that is known of it."""
    held = opened.paper
    label = said("Close this paper")
    close = f'<button type="button" class="fn-close" data-do="close" aria-label="{label}">×</button>'
    head = f'<h2 id="fn-open-title" tabindex="-1">{in_english(plain(held.title))}</h2>{close}'
    parts = [
        line("fn-authors", plain(_people(held.authors))) if held.authors else "",
        _record(held),
        line("fn-abstract", in_english(plain(held.abstract)) or f"<i>{said('No abstract.')}</i>"),
        line("fn-links", " ".join(_links(held))),
        line("fn-record", " ".join(map(_asked_by, opened.tags))) if opened.tags else "",
        line("fn-from", said("From {files}", files=plain(", ".join(opened.sources)))),
    ]
    return f'<article class="fn-open" aria-labelledby="fn-open-title">{head}{"".join(parts)}</article>'


def _asked_by(tag: str) -> str:
    """A tag that leads to a conversation about its papers."""
    address = plain("#" + written(Address(scope=Filters(tag=tag))))
    label = said("Ask the papers tagged {tag}", tag=plain(tag))
    return f'<a class="fn-tag" href="{address}" title="{label}" aria-label="{label}">{plain(tag)}</a>'


def _people(names: Sequence[str]) -> str:
    named, more = ", ".join(names[:AUTHORS]), len(names) - AUTHORS
    return said("{names} and {number} others", names=named, number=digits(more)) if more > 0 else named


def _record(held: Paper) -> str:
    known = [plain(part) for part in (str(held.year or ""), held.venue) if part]
    return line("fn-record", " · ".join(known)) if known else ""


def _links(held: Paper) -> list[str]:
    known = {
        "DOI": f"https://doi.org/{held.doi}" if held.doi else "",
        "arXiv": f"https://arxiv.org/abs/{held.arxiv_id}" if held.arxiv_id else "",
    }
    web = sources.link(held)
    if web and web not in known.values():
        known[said("Open at {site}", site=urlsplit(web).hostname)] = web
    return [
        f'<a class="fn-link" href="{plain(address)}" target="_blank" rel="noopener noreferrer">{plain(name)}</a>'
        for name, address in known.items()
        if address
    ]


def looking() -> str:
    """What stands in place of the pairs until they are found."""
    return line("fn-quiet", said("Looking…"))


def duplicates(pairs: Sequence[Pair]) -> str:
    """Pairs that may be one paper, each with the two answers."""
    if not pairs:
        return line("fn-quiet", said("No two papers look like the same one."))
    left = len(pairs) - PAIRS
    more = line("fn-quiet", said("and {number} more", number=digits(left))) if left > 0 else ""
    items = "".join(_pair(number, pair) for number, pair in enumerate(pairs[:PAIRS]))
    return f'<ul class="fn-pairs" aria-label="{said("Possible duplicates")}">{items}</ul>{more}'


def _pair(number: int, pair: Pair) -> str:
    both = "".join(_entitled(one) for one in (pair.first, pair.second))
    buttons = _verdict("join", number, said("Same paper"), pair)
    buttons += _verdict("apart", number, said("Different"), pair)
    return f'<li>{both}<div class="fn-verdict">{buttons}</div></li>'


def _verdict(do: str, number: int, name: str, pair: Pair) -> str:
    label = f"{name}: {plain(pair.first.title)}"
    return f'<button type="button" data-do="{do}" data-id="{number}" aria-label="{label}">{name}</button>'


def _entitled(one: Entitled) -> str:
    known = ", ".join(part for part in (next(iter(one.authors), ""), str(one.year or "")) if part)
    return f"<p>{in_english(plain(one.title))}{f' <span>{plain(known)}</span>' if known else ''}</p>"


def problem(text: str) -> str:
    """Why something could not be done."""
    return line("fn-problem", plain(text))


def notice(text: str) -> str:
    """What was done."""
    return line("fn-done", plain(text)) if text else ""
