"""The library page: the list with search and filters, and beside it an open paper, imports, duplicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from ui import library_menu
from ui.language import deferred, said
from ui.scope import ANY

SORTS = [(deferred("Title"), "title"), (deferred("Newest"), "year"), (deferred("Last added"), "added")]
FORMATS = [
    ("BibTeX", "bibtex"), ("RIS", "ris"), ("CSL-JSON", "csl-json"), ("CSV", "csv"), ("JSON Lines", "jsonl"),
]  # fmt: skip
READ = deferred(
    "BibTeX, RIS, EndNote, PubMed, CSV, Excel, JSON, saved pages, plain text; also zipped, up to 1 GB."
)
ON_DOING = """
const told = (what, ids) => trigger("select", { index: 0, value: [what, ids] });
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) told(button.dataset.do, [button.dataset.id ?? ""]);
});
const boxes = () => [...element.querySelectorAll("input[data-do]")];
element.addEventListener("change", () => {
  const ids = (some) => some.map((box) => box.dataset.id);
  told("tick", [ids(boxes().filter((box) => box.checked)), ids(boxes())]);
});
watch("value", () => boxes().forEach((box) => { box.checked = box.hasAttribute("checked"); }));
"""
"""Tells the server which button was used or which boxes are ticked; what is shown anew shows its own ticks."""


@dataclass(frozen=True)
class Fields:
    """What the list is narrowed and sorted by."""

    words: gr.Textbox
    first: gr.Textbox
    last: gr.Textbox
    author: gr.Textbox
    venue: gr.Textbox
    sort: gr.Dropdown
    source: gr.Dropdown
    tag: gr.Dropdown

    @property
    def all(self) -> list[Any]:
        """In the order in which handlers take them."""
        return [*self.typed, self.sort, self.source, self.tag]

    @property
    def typed(self) -> list[Any]:
        """Those that the user writes into; no handler writes there."""
        return [self.words, self.first, self.last, self.author, self.venue]


@dataclass(frozen=True)
class Tools:
    """What is done with papers."""

    export: gr.Dropdown
    take_away: gr.Button
    every: gr.Button
    none: gr.Button
    undo: gr.Button
    chosen: gr.Row
    tag: gr.Textbox
    give: gr.Button
    take: gr.Button
    delete: gr.Button
    confirm: gr.Row
    sure: gr.HTML
    really: gr.Button
    keep: gr.Button


@dataclass(frozen=True)
class Side:
    """What stands beside the list."""

    paper: gr.HTML
    files: gr.File
    progress: gr.HTML
    stop: gr.Button
    index: gr.Button
    pairs: gr.HTML
    look: gr.Button


@dataclass(frozen=True)
class LibraryPage:
    """Its components; the states are each browser tab's own."""

    fields: Fields
    tools: Tools
    side: Side
    summary: gr.HTML
    notice: gr.HTML
    rows: gr.HTML
    file: gr.File
    menu: library_menu.Menu
    selected: gr.State = field(default_factory=lambda: gr.State(()))
    offset: gr.State = field(default_factory=lambda: gr.State(0))
    opened: gr.State = field(default_factory=lambda: gr.State(""))
    offered: gr.State = field(default_factory=lambda: gr.State(()))


def library_page() -> LibraryPage:
    """Lay it out; hidden by the style sheet until the address ends in #library."""
    with gr.Row(elem_id="fn-library"):
        with gr.Column(elem_id="fn-shelf"):
            fields = _fields()
            summary, tools, notice = _tools()
            rows = html("", "fn-list", ON_DOING)
            file = download_of()
        with gr.Column(elem_id="fn-beside"):
            side = _side()
            menu = library_menu.menu()
    return LibraryPage(fields, tools, side, summary, notice, rows, file, menu)


def download_of() -> gr.File:
    """What holds a file for the user's browser, unseen; see `library_events.download`."""
    return gr.File(interactive=False, visible="hidden", label=said("Download"))


def html(value: str, name: str, on_load: str | None = None) -> gr.HTML:
    """A piece of HTML that the style sheet knows by name."""
    return gr.HTML(value, elem_id=name, js_on_load=on_load, apply_default_css=False)


def _quiet(name: str, place: str, *, visible: bool = True) -> gr.Button:
    return gr.Button(
        name, size="sm", scale=0, min_width=60, elem_id=place, elem_classes=["fn-small"], visible=visible
    )


def _fields() -> Fields:
    with gr.Row(elem_id="fn-find"):
        words = _line(said("Search the library"), said("Search titles, authors, venues…"), "fn-words")
        sort = _picked([(said(name), sort) for name, sort in SORTS], said("Sort by"), "fn-sort", 120)
    with gr.Accordion(said("Filter"), open=False, elem_id="fn-filter"):
        with gr.Row():
            first = gr.Textbox("", label=said("From year"), max_lines=1, max_length=4, min_width=80)
            last = gr.Textbox("", label=said("To year"), max_lines=1, max_length=4, min_width=80)
            author = gr.Textbox("", label=said("Author"), max_lines=1, min_width=130)
        with gr.Row():
            venue = gr.Textbox("", label=said("Venue"), max_lines=1, min_width=130)
            source = gr.Dropdown([(said(ANY), "")], value="", label=said("Source"), min_width=130)
            tag = gr.Dropdown([(said(ANY), "")], value="", label=said("Tag"), min_width=130)
    return Fields(words, first, last, author, venue, sort, source, tag)


def _tools() -> tuple[gr.HTML, Tools, gr.HTML]:
    """What was found and its export; what is done with the selection; what was done last."""
    with gr.Row(elem_id="fn-bar"):
        summary = html("", "fn-summary")
        every = _quiet(said("Select all"), "fn-every")
        export = _picked(FORMATS, said("Export format"), "fn-format", 112)
        take_away = _quiet(said("Export"), "fn-export")
    with gr.Row(elem_id="fn-chosen", visible=False) as chosen:
        tag = _line(said("Tag for the selected papers"), said("Tag…"), "fn-tag-name")
        give, take = _quiet(said("Add tag"), "fn-give"), _quiet(said("Remove tag"), "fn-take")
        delete, none = _quiet(said("Delete…"), "fn-delete"), _quiet(said("Clear selection"), "fn-clear")
    with gr.Row(elem_id="fn-confirm", visible=False) as confirm:
        sure = html("", "fn-sure")
        really, keep = _quiet(said("Delete"), "fn-really"), _quiet(said("Keep"), "fn-keep")
    with gr.Row(elem_id="fn-last"):
        notice = html("", "fn-library-notice")
        undo = _quiet(said("Undo"), "fn-undo", visible=False)
    tagging = (tag, give, take, delete)
    return (
        summary,
        Tools(export, take_away, every, none, undo, chosen, *tagging, confirm, sure, really, keep),
        notice,
    )


def _line(name: str, hint: str, place: str) -> gr.Textbox:
    """A line to write in; its name is for screen readers, the hint for eyes."""
    return gr.Textbox(
        "", label=name, show_label=False, placeholder=hint, max_lines=1, container=False, elem_id=place
    )


def _picked(choices: list[tuple[str, str]], name: str, place: str, width: int) -> gr.Dropdown:
    """A list to choose from, the first at the beginning."""
    return gr.Dropdown(
        choices, value=choices[0][1], label=name, show_label=False, filterable=False, container=False,
        min_width=width, scale=0, elem_id=place,
    )  # fmt: skip


def _side() -> Side:
    paper = html("", "fn-paper", ON_DOING)
    html(f"<h2>{said('Add papers')}</h2>", "fn-add-name")
    files = gr.File(
        file_count="multiple", type="filepath", label=said("Drop files with papers here"),
        height=132, show_label=False, elem_id="fn-files",
    )  # fmt: skip
    html(f'<p class="fn-quiet">{said(READ)}</p>', "fn-formats")
    progress = html("", "fn-progress-of", ON_DOING)
    with gr.Row(elem_id="fn-import-tools"):
        stop = _quiet(said("Stop the import"), "fn-stop-import", visible=False)
        index = _quiet(said("Index them now"), "fn-index", visible=False)
    html(f"<h2>{said('Possible duplicates')}</h2>", "fn-pairs-name")
    pairs = html("", "fn-pairs", ON_DOING)
    look = _quiet(said("Look for duplicates"), "fn-look")
    return Side(paper, files, progress, stop, index, pairs, look)
