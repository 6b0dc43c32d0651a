"""Going from one library to another, and making a new one: in the head of the page and on the library page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from ui import library_view
from ui.language import said
from ui.markup import exact, plain
from ui.places import Place
from ui.shelf import Shelf

GO = "(address) => { if (address) location.assign(address + '#library'); }"
"""Takes the browser to a library that was made."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Menu:
    """The components of the library page that are about other libraries."""

    listed: gr.HTML
    name: gr.Textbox
    make: gr.Button
    notice: gr.HTML
    address: gr.Textbox
    """Where the browser is to go; nobody sees it."""


def where() -> gr.HTML:
    """What says in the head which library this is, when there are several."""
    return gr.HTML("", elem_id="fn-where", apply_default_css=False)


def menu() -> Menu:
    """Lay out the section of the library page."""
    gr.HTML(f"<h2>{said('Libraries')}</h2>", elem_id="fn-libraries-name", apply_default_css=False)
    listed = gr.HTML("", elem_id="fn-libraries", apply_default_css=False)
    with gr.Row(elem_id="fn-new-library"):
        name = gr.Textbox(
            "", label=said("Name of a new library"), show_label=False, placeholder=said("Name of a new library"),
            max_lines=1, max_length=100, container=False, elem_id="fn-library-name",
        )  # fmt: skip
        make = gr.Button(
            said("Create"), size="sm", scale=0, min_width=60, elem_id="fn-make", elem_classes=["fn-small"]
        )
    notice = gr.HTML("", elem_id="fn-menu-notice", apply_default_css=False)
    return Menu(listed, name, make, notice, gr.Textbox(visible="hidden", show_label=False))


def tie(shown: Menu, head: gr.HTML, shelf: Shelf, blocks: gr.Blocks, changing: Sequence[Any]) -> None:
    """Tie the events.

    Args:
        head: what `where` made.
        changing: events after which the library may hold more or fewer papers.
    """

    def look() -> tuple[str, str]:
        found = _places(shelf)
        return in_head(found), in_list(found)

    def make(name: str) -> tuple[str, str, str]:
        try:
            return shelf.places.create((name or "").strip()), "", ""
        except FootnoteError as error:
            return "", library_view.problem(error.problem), name

    for event in (blocks.load, *(changed.then for changed in changing)):
        event(look, None, [head, shown.listed], **_QUIET)
    outputs = [shown.address, shown.notice, shown.name]
    for event in (shown.make.click, shown.name.submit):
        made = event(
            make, [shown.name], outputs, queue=False, **_QUIET
        )  # a stream would break off when leaving
        made.success(None, [shown.address], None, js=GO, **_QUIET)


def _places(shelf: Shelf) -> list[Place]:
    return shelf.places.all(shelf.footnote.settings.library)


def in_head(places: Sequence[Place]) -> str:
    """The library that is looked at, unfolding to the others; empty when there is no other."""
    if len(places) < 2:
        return ""
    here = next((place.name for place in places if place.here), "")
    links = "".join(map(_link, places))
    more = f'<a href="#library" class="fn-more">{said("New library…")}</a>'
    label = f'<span class="sr-only">{said("Library:")} </span>'
    shown = f"<summary>{label}{plain(here.rpartition('/')[2])}</summary>"
    return f'<details class="fn-switch">{shown}<nav aria-label="{said("Libraries")}">{links}{more}</nav></details>'


def in_list(places: Sequence[Place]) -> str:
    """Every library, each a link."""
    items = "".join(f"<li>{_link(place)}</li>" for place in places)
    return f'<ul class="fn-libraries" aria-label="{said("Libraries")}">{items}</ul>'


def _link(place: Place) -> str:
    current = ' aria-current="true"' if place.here else ""
    held = said("cannot be read") if place.papers is None else library_view.papers(place.papers)
    return f'<a href="{exact(place.address)}"{current}><b>{plain(place.name)}</b> <span>{held}</span></a>'
