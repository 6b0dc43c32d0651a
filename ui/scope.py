"""The scope of a conversation above the composer: which papers are asked, and how to ask others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag.library import Library
from rag.records import Filters
from ui import remarks
from ui.address import year
from ui.language import deferred, digits, said
from ui.markup import plain

ANY = deferred("Any")
"""No condition, in a list to choose from."""


@dataclass(frozen=True)
class Scope:
    """Its components."""

    line: gr.HTML
    change: gr.Button
    everything: gr.Button
    first: gr.Textbox
    last: gr.Textbox
    author: gr.Textbox
    venue: gr.Textbox
    source: gr.Dropdown
    tag: gr.Dropdown

    @property
    def fields(self) -> list[Any]:
        """What is filled in, in the order of `filled`."""
        return [self.first, self.last, self.author, self.venue, self.source, self.tag]

    @property
    def parts(self) -> list[Any]:
        """Everything that `shown` changes."""
        return [self.line, self.change, self.everything, *self.fields]


def scope() -> Scope:
    """Lay it out; talk.js unfolds the fields, and tells what is in them."""
    with gr.Column(elem_id="fn-asking"):
        with gr.Row(elem_id="fn-asking-line"):
            line = gr.HTML("", elem_id="fn-scope", apply_default_css=False)
            change = _quiet(said("Change"), "fn-change")
            everything = _quiet(said("Ask all"), "fn-ask-all")
        with gr.Row(elem_id="fn-only"):
            first = _typed(said("From year"), "first", 90, 4)
            last = _typed(said("To year"), "last", 90, 4)
            author = _typed(said("Author"), "author", 140)
            venue = _typed(said("Venue"), "venue", 140)
            source, tag = _picked(said("File"), "source"), _picked(said("Tag"), "tag")
    return Scope(line, change, everything, first, last, author, venue, source, tag)


def _typed(name: str, place: str, width: int, longest: int = 200) -> gr.Textbox:
    where = f"fn-only-{place}"
    return gr.Textbox(
        "", label=name, max_lines=1, max_length=longest, min_width=width, elem_id=where, interactive=True
    )


def _picked(name: str, place: str) -> gr.Dropdown:
    where = f"fn-only-{place}"
    return gr.Dropdown(
        [(said(ANY), "")],
        value="",
        label=name,
        min_width=140,
        filterable=False,
        elem_id=where,
        interactive=True,
    )


def _quiet(name: str, place: str) -> gr.Button:
    return gr.Button(name, size="sm", scale=0, min_width=40, visible=False, elem_id=place)


def chosen(first: str | None, last: str | None, author: str | None, venue: str | None) -> Filters:
    """The conditions filled in; an empty field is none, nor is a year that is not finished."""
    return Filters(year(first), year(last), (author or "").strip(), (venue or "").strip())


def filled(papers: tuple[str, ...], *fields: str) -> Filters:
    """The conditions of all fields as they are read on the page, and the papers that were chosen before."""
    first, last, author, venue, *picked = fields
    only = chosen(first, last, author, venue)
    source, tag = ("" if name in {ANY, said(ANY)} else name for name in picked)
    return replace(only, source=source, tag=tag, papers=papers)


def asking(library: Library, scope: Filters) -> str:
    """One line that says what is asked; empty for an empty library."""
    papers = library.count()
    if not papers:
        return ""
    if not scope.active:
        if papers == 1:
            return _line(said("Asking the one paper"))
        return _line(said("Asking all {number} papers", number=digits(papers)))
    if scope == Filters(papers=scope.papers[:1]):
        held = library.paper(scope.papers[0])
        if held is None:
            return _line(said("Asking a paper that has left the library"))
        return _line(said("Asking the paper “{title}”", title=held.title))
    number = len(library.matching(scope))
    share = said("{number} of {all}", number=digits(number), all=digits(papers))
    asked = said("Asking papers {conditions}", conditions=remarks.conditions(scope))
    return _line(asked, share if number else said("no such paper"))


def _line(words: str, number: str = "") -> str:
    counted = f' <span class="fn-asked-of">({plain(number)})</span>' if number else ""
    return f'<p class="fn-asked-papers"><span>{plain(words)}</span>{counted}</p>'


def refreshed(parts: Scope, library: Library, scope: Filters) -> dict[Any, Any]:
    """The line, and those fields that this library's papers have values for."""
    known, tags, files = library.records(), library.tags(), library.sources()
    years = known.year_from is not None
    may = {
        parts.first: years,
        parts.last: years,
        parts.author: bool(known.author),
        parts.venue: bool(known.venue),
        parts.source: len(files) > 1 or bool(scope.source),
        parts.tag: bool(tags) or bool(scope.tag),
    }
    changes: dict[Any, Any] = {part: gr.update(visible=shown) for part, shown in may.items()}
    changes[parts.first] |= {"placeholder": str(known.year_from or "")}
    changes[parts.last] |= {"placeholder": str(known.year_to or "")}
    changes[parts.source] |= {"choices": _choices(files, scope.source)}
    changes[parts.tag] |= {"choices": _choices(list(tags), scope.tag)}
    return changes | line(parts, library, scope) | {parts.change: gr.update(visible=any(may.values()))}


def line(parts: Scope, library: Library, scope: Filters) -> dict[Any, Any]:
    """What a change of the fields changes."""
    return {parts.line: asking(library, scope), parts.everything: gr.update(visible=scope.active)}


def opened(parts: Scope, library: Library, scope: Filters) -> dict[Any, Any]:
    """Everything, the fields with the conditions of a conversation that is opened."""
    held = (
        str(scope.year_from or ""),
        str(scope.year_to or ""),
        scope.author,
        scope.venue,
        scope.source,
        scope.tag,
    )
    changes = refreshed(parts, library, scope)
    for part, value in zip(parts.fields, held, strict=True):
        changes[part] |= {"value": value}
    return changes


def _choices(names: list[str], chosen_now: str) -> list[tuple[str, str]]:
    every = dict.fromkeys([*names, chosen_now] if chosen_now else names)
    return [(said(ANY), ""), *((name, name) for name in every)]
