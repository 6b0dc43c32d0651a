"""The folded "Only papers…" above the composer: conditions on papers, each browser tab's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from rag.filters import said
from rag.library import Library
from rag.records import Filters

UNSET = "Only papers…"


@dataclass(frozen=True)
class Narrowing:
    """The fold and its fields."""

    frame: gr.Accordion
    first: gr.Textbox
    last: gr.Textbox
    author: gr.Textbox
    venue: gr.Textbox

    @property
    def fields(self) -> list[Any]:
        """What is filled in, in the order of `chosen`."""
        return [self.first, self.last, self.author, self.venue]

    @property
    def parts(self) -> list[Any]:
        """Everything that `offered` shows or hides."""
        return [self.frame, *self.fields]


def narrowing() -> Narrowing:
    """Lay it out, hidden until `offered` knows what the library can be narrowed by."""
    with gr.Accordion(UNSET, open=False, visible=False, elem_id="fn-only") as frame, gr.Row():
        first = gr.Textbox("", label="From year", max_lines=1, max_length=4, min_width=90)
        last = gr.Textbox("", label="To year", max_lines=1, max_length=4, min_width=90)
        author = gr.Textbox("", label="Author", max_lines=1, min_width=140)
        venue = gr.Textbox("", label="Venue", max_lines=1, min_width=140)
    return Narrowing(frame, first, last, author, venue)


def chosen(first: str | None, last: str | None, author: str | None, venue: str | None) -> Filters:
    """The conditions filled in; an empty field is none, nor is a year that is not finished."""
    return Filters(_year(first), _year(last), (author or "").strip(), (venue or "").strip())


def _year(value: str | None) -> int | None:
    return int(value) if value and re.fullmatch("[12][0-9]{3}", value.strip()) else None


def label(*fields: Any) -> Any:
    """The name of the fold: what it narrows to, so that this is seen while it is folded."""
    narrowed = said(chosen(*fields))
    return gr.update(label=f"Only papers {narrowed}" if narrowed else UNSET)


def offered(library: Library) -> list[Any]:
    """The fold and those fields shown that this library's papers have values for."""
    try:
        known = library.records()
    except FootnoteError:  # the head of the page says what is wrong with the library
        known = Filters()
    years = known.year_from is not None
    shown = (known.active, years, years, bool(known.author), bool(known.venue))
    hints = (str(known.year_from or ""), str(known.year_to or ""), "", "")
    fields = [gr.update(visible=v, placeholder=hint) for v, hint in zip(shown[1:], hints, strict=True)]
    return [gr.update(visible=shown[0]), *fields]
