"""The history page: what was asked before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from rag.assemble import Footnote
from ui.history_actions import Actions, Changes
from ui.language import said
from ui.library_events import QUIET, download
from ui.library_page import download_of, html
from ui.shelf import Shelf

ON_DOING = """
fnHistory(element, (value) => trigger("select", { index: 0, value }), (told) => watch("value", told));
"""
"""Tells the server which button was used, and when the page is come to; see history.js."""


@dataclass(frozen=True)
class _Page:
    """Its components; the states are each browser tab's own."""

    words: gr.Textbox
    bring: gr.UploadButton
    summary: gr.HTML
    notice: gr.HTML
    undo: gr.Button
    rows: gr.HTML
    file: gr.File
    offset: gr.State = field(default_factory=lambda: gr.State(0))
    deleted: gr.State = field(default_factory=lambda: gr.State(""))

    def changed(self, handler: Callable[..., Changes]) -> Callable[..., dict[Any, Any]]:
        """The handler, with the components in place of their names."""
        return lambda *values: {getattr(self, name): value for name, value in handler(*values).items()}


def history_page(footnote: Footnote, shelf: Shelf) -> list[Any]:
    """Lay it out and tie its events; hidden by the style sheet until the address ends in #history.

    Returns:
        Events after which the head of the page and the conversation's opening are no longer as they were.
    """
    with gr.Row(elem_id="fn-history"), gr.Column(elem_id="fn-kept"):
        _tie(_laid_out(), Actions(footnote, shelf))
    return []


def _laid_out() -> _Page:
    with gr.Row(elem_id="fn-kept-find"):
        words = gr.Textbox(
            "", label=said("Search the conversations"), placeholder=said("Search questions and answers…"),
            show_label=False, max_lines=1, container=False, elem_id="fn-kept-words",
        )  # fmt: skip
        bring = gr.UploadButton(
            said("Import…"), file_count="multiple", file_types=[".json"], type="filepath", size="sm", scale=0,
            min_width=60, elem_id="fn-kept-bring", elem_classes=["fn-small"],
        )  # fmt: skip
    summary = html("", "fn-kept-summary")
    with gr.Row(elem_id="fn-kept-last"):
        notice = html("", "fn-kept-notice")
        undo = gr.Button(
            said("Undo"), size="sm", scale=0, min_width=60, visible=False, elem_id="fn-kept-undo",
            elem_classes=["fn-small"],
        )  # fmt: skip
    return _Page(words, bring, summary, notice, undo, html("", "fn-kept-rows", ON_DOING), download_of())


def _tie(page: _Page, actions: Actions) -> None:
    def used(event: gr.SelectData, words: str, offset: int) -> Changes:
        return actions.used(event.value, words, offset)

    seen = [page.words, page.offset]
    listing = [page.rows, page.summary, page.offset, page.notice]
    changing = [*listing, page.undo, page.deleted]
    handing = page.rows.select(
        _with_event(page, used), seen, [*changing, page.file], queue=False, trigger_mode="multiple", **QUIET
    )
    download(handing, page.file)
    page.words.change(
        page.changed(actions.typed), [page.words], listing, queue=False, trigger_mode="always_last", **QUIET
    )
    undoing = [page.deleted, *seen]
    page.undo.click(page.changed(actions.undo), undoing, changing, queue=False, trigger_mode="once", **QUIET)
    page.bring.upload(page.changed(actions.taken), [page.bring], [*changing, page.words], **QUIET)


def _with_event(page: _Page, used: Callable[..., Changes]) -> Callable[..., Any]:
    """Gradio hands over an event where a handler asks for one by its type."""

    def handler(event: gr.SelectData, words: str, offset: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {page.file: None}
        return found | page.changed(used)(event, words, offset)

    return handler
