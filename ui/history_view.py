"""The history page as HTML: pure functions from records to text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rag.conversations import Kept
from ui.markup import exact, line, plain

ROWS = 50
"""Conversations on one page of the list."""
FORMATS = [("Markdown", "markdown"), ("LaTeX", "latex"), ("HTML", "html"), ("JSON", "json")]


def questions(number: int) -> str:
    """How many, in words.

    >>> questions(1), questions(12)
    ('1 question', '12 questions')
    """
    return "1 question" if number == 1 else f"{number:,} questions"


def summary(total: int, searched: bool) -> str:
    """How many conversations there are, or were found."""
    held = "conversation" if total == 1 else "conversations"
    found = " found" if searched else ""
    return f'<p class="fn-count" role="status"><b>{total:,}</b> {held}{found}</p>'


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
    return f'<ul class="fn-talks" aria-label="Conversations">{items}</ul>{_pager(total, offset)}'


def _row(kept: Kept, opening: Sequence[tuple[str, str]], now: datetime) -> str:
    place, name = exact(kept.id), plain(kept.name) or "Untitled"
    link = f'<a class="fn-talk-name" href="#chat={place}">{name}</a>'
    told = f"{questions(kept.questions)} · {_when(kept.changed, now)}"
    label = f'<summary><span class="sr-only">More about {name}: </span>{told}</summary>'
    asked = "".join(_opening(*one) for one in opening)
    more = kept.questions - len(opening)
    rest = line("fn-quiet", f"and {more:,} more") if more > 0 else ""
    details = f"<details>{label}<dl>{asked}</dl>{rest}{_tools(place, name)}</details>"
    return f'<li class="fn-talk" data-id="{place}">{link}{details}</li>'


def _opening(asked: str, answered: str) -> str:
    said = plain(answered) or "<i>No answer.</i>"
    return f"<div><dt>{plain(asked)}</dt><dd>{said}</dd></div>"


def _tools(place: str, name: str) -> str:
    """What is done with one conversation. The field is for renaming."""
    field = f'<input type="text" maxlength="200" value="{name}" aria-label="Name of the conversation">'
    naming = f'<span class="fn-naming">{field}{_button("rename", place, "Rename")}</span>'
    exports = "".join(_button(form, place, said, f"Export as {said}") for said, form in FORMATS)
    export = f'<span class="fn-exports" role="group" aria-label="Export"><span>Export</span>{exports}</span>'
    return f'<div class="fn-talk-tools">{naming}{export}{_button("delete", place, "Delete")}</div>'


def _button(what: str, place: str, said: str, label: str = "") -> str:
    named = f' aria-label="{label}"' if label else ""
    return f'<button type="button" data-do="{what}" data-id="{place}"{named}>{said}</button>'


def _when(then: datetime, now: datetime) -> str:
    """The day and the time, as short as they can be said."""
    local = then.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    day = {0: "Today", 1: "Yesterday"}.get(days, f"{local.day} {local:%B %Y}")
    return f'<time datetime="{local:%Y-%m-%dT%H:%M}">{day}, {local:%H:%M}</time>'


def _pager(total: int, offset: int) -> str:
    if total <= ROWS:
        return ""
    last = min(total, offset + ROWS)
    before = _step("Newer", offset - ROWS, offset > 0)
    after = _step("Older", offset + ROWS, last < total)
    where = f"<span>{offset + 1:,}–{last:,} of {total:,}</span>"
    return f'<nav class="fn-pager" aria-label="Pages of the list">{before}{where}{after}</nav>'


def _step(name: str, offset: int, possible: bool) -> str:
    disabled = "" if possible else " disabled"
    return f'<button type="button" data-do="page" data-id="{max(offset, 0)}"{disabled}>{name}</button>'


def nothing(searched: bool) -> str:
    """What an empty list shows."""
    if searched:
        return line("fn-none", "No conversation has all of these words. Fewer letters find more.")
    how = "What you ask on the page “Chat” is kept here, with its answers and their sources."
    return f'<div class="fn-none"><h2>Nothing was asked yet</h2><p>{how}</p></div>'


def done(text: str) -> str:
    """What was just done, read out too."""
    return f'<p class="fn-done" role="status">{plain(text)}</p>'


def problem(text: str) -> str:
    """What is in the way, read out at once."""
    return f'<p class="fn-problem" role="alert">{plain(text)}</p>'
