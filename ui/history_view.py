"""The history page as HTML: pure functions from records to text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rag.conversations import Kept
from ui.language import deferred, digits, in_english, said
from ui.markup import exact, line, plain

_MONTHS = deferred("January February March April May June July August September October November December")
ROWS = 50
"""Conversations on one page of the list."""
FORMATS = [("Markdown", "markdown"), ("LaTeX", "latex"), ("HTML", "html"), ("JSON", "json")]


def questions(number: int) -> str:
    """How many, in words.

    >>> questions(1), questions(12)
    ('1 question', '12 questions')
    """
    return said("1 question") if number == 1 else said("{number} questions", number=digits(number))


def summary(total: int, searched: bool) -> str:
    """How many conversations there are, or were found."""
    number = f"<b>{digits(total)}</b>"
    one, many = deferred("{number} conversation"), deferred("{number} conversations")
    if searched:
        one, many = deferred("{number} conversation found"), deferred("{number} conversations found")
    told = said(one if total == 1 else many, number=number)
    return f'<p class="fn-count" role="status">{told}</p>'


def rows(
    listed: Sequence[Kept],
    openings: Mapping[str, Sequence[tuple[str, str]]],
    total: int,
    offset: int,
    now: datetime,
) -> str:
    """One page of the list.

    Args:
        openings: first questions of each conversation with the first lines of their answers.
        total: conversations found.
        offset: how many of them stand on the pages before.
        now: what "today" is, with the time zone that times are shown in.
    """
    items = "".join(_row(kept, openings.get(kept.id, ()), now) for kept in listed)
    return f'<ul class="fn-talks" aria-label="{said("Conversations")}">{items}</ul>{_pager(total, offset)}'


def _row(kept: Kept, opening: Sequence[tuple[str, str]], now: datetime) -> str:
    place, name = exact(kept.id), plain(kept.name) or said("Untitled")
    link = f'<a class="fn-talk-name" href="#chat={place}">{name}</a>'
    told = f"{questions(kept.questions)} · {_when(kept.changed, now)}"
    about = said("More about {name}:", name=name)
    label = f'<summary><span class="sr-only">{about} </span>{told}</summary>'
    asked = "".join(_opening(*one) for one in opening)
    more = kept.questions - len(opening)
    rest = line("fn-quiet", said("and {number} more", number=digits(more))) if more > 0 else ""
    details = f"<details>{label}<dl>{asked}</dl>{rest}{_tools(place, name)}</details>"
    return f'<li class="fn-talk" data-id="{place}">{link}{details}</li>'


def _opening(asked: str, answered: str) -> str:
    told = in_english(plain(answered)) or f"<i>{said('No answer.')}</i>"
    return f"<div><dt>{plain(asked)}</dt><dd>{told}</dd></div>"


def _tools(place: str, name: str) -> str:
    """What is done with one conversation. The field is for renaming."""
    label = said("Name of the conversation")
    field = f'<input type="text" maxlength="200" value="{name}" aria-label="{label}">'
    naming = f'<span class="fn-naming">{field}{_button("rename", place, said("Rename"))}</span>'
    buttons = "".join(
        _button(form, place, called, said("Export as {form}", form=called)) for called, form in FORMATS
    )
    export = said("Export")
    exports = (
        f'<span class="fn-exports" role="group" aria-label="{export}"><span>{export}</span>{buttons}</span>'
    )
    return f'<div class="fn-talk-tools">{naming}{exports}{_button("delete", place, said("Delete"))}</div>'


def _button(what: str, place: str, name: str, label: str = "") -> str:
    named = f' aria-label="{label}"' if label else ""
    return f'<button type="button" data-do="{what}" data-id="{place}"{named}>{name}</button>'


def _when(then: datetime, now: datetime) -> str:
    """The day and the time, as short as they can be said."""
    local = then.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    date = {"day": local.day, "month": said(_MONTHS).split()[local.month - 1], "year": local.year}
    day = {0: said("Today"), 1: said("Yesterday")}.get(days, said("{day} {month} {year}", **date))
    return f'<time datetime="{local:%Y-%m-%dT%H:%M}">{day}, {local:%H:%M}</time>'


def _pager(total: int, offset: int) -> str:
    if total <= ROWS:
        return ""
    last = min(total, offset + ROWS)
    before = _step(said("Newer"), offset - ROWS, offset > 0)
    after = _step(said("Older"), offset + ROWS, last < total)
    shown = f"{digits(offset + 1)}–{digits(last)}"
    where = f"<span>{said('{number} of {all}', number=shown, all=digits(total))}</span>"
    return f'<nav class="fn-pager" aria-label="{said("Pages of the list")}">{before}{where}{after}</nav>'


def _step(name: str, offset: int, possible: bool) -> str:
    disabled = "" if possible else " disabled"
    return f'<button type="button" data-do="page" data-id="{max(offset, 0)}"{disabled}>{name}</button>'


def nothing(searched: bool) -> str:
    """What an empty list shows."""
    if searched:
        return line("fn-none", said("No conversation has all of these words. Fewer letters find more."))
    how = said("What you ask on the page “Chat” is kept here, with its answers and their sources.")
    return f'<div class="fn-none"><h2>{said("Nothing was asked yet")}</h2><p>{how}</p></div>'


def done(text: str) -> str:
    """What was just done, read out too."""
    return f'<p class="fn-done" role="status">{plain(text)}</p>'


def problem(text: str) -> str:
    """What is in the way, read out at once."""
    return f'<p class="fn-problem" role="alert">{plain(text)}</p>'
