"""Ties the components of the library page to what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import gradio as gr

from ui import library_menu
from ui.library_actions import Actions
from ui.library_page import LibraryPage
from ui.shelf import Shelf

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
DOWNLOAD = "(file) => fnDownload(file)"
"""Hands a file to the user's browser; see library.js."""


class _Tied:
    """The page's components in the order in which handlers take them, and how events reach handlers."""

    def __init__(self, page: LibraryPage, shelf: Shelf) -> None:
        self.page = page
        self.actions = Actions(shelf, page)
        self.held = [*page.fields.all, page.selected, page.offset, page.opened]
        typed = {
            page.fields.words,
            page.fields.first,
            page.fields.last,
            page.fields.author,
            page.fields.venue,
        }
        self.outputs = [part for part in _components(page) if part not in typed]
        self.listing = [page.rows, page.summary, page.offset, page.tools.every, page.notice]
        """What a keystroke changes: the fewer, the sooner it is answered."""
        tools = page.tools
        chosen = [page.selected, tools.chosen, tools.confirm, tools.take_away]
        self.using = [*self.listing, *chosen, page.side.paper, page.opened]
        """What a click into the list changes."""
        self.changing: list[Any] = []

    def on(
        self, event: Any, handler: Callable[..., Any], *more: Any, to: list[Any] | None = None, **options: Any
    ) -> Any:
        """Let a handler follow an event; it takes `more`, then what the page holds.

        Args:
            to: what it may change; anything when not given.
        """
        return event(handler, [*more, *self.held], to or self.outputs, **(QUIET | options))

    def watching(self, event: Any, handler: Callable[..., Any], *more: Any, **options: Any) -> Any:
        """Let an import be shown after an event, and then what it changed."""
        watched = event(handler, [*more], self.outputs, concurrency_limit=None, **(QUIET | options))
        self.changing.append(settled := self.on(watched.then, self.actions.refreshed, queue=False))
        return settled


def tie(page: LibraryPage, shelf: Shelf, blocks: gr.Blocks, where: gr.HTML) -> list[Any]:
    """Tie the events; returns those after which the library may hold other papers.

    Args:
        where: what says in the head which library this is.
    """
    tied = _Tied(page, shelf)
    _looking(tied)
    _by_hand(tied)
    _taking_away(tied)
    _importing(tied, blocks)
    library_menu.tie(page.menu, where, shelf, blocks, tied.changing)
    return tied.changing


def _looking(tied: _Tied) -> None:
    page, actions = tied.page, tied.actions

    def used(event: gr.SelectData, *values: Any) -> Any:
        return actions.close(*values) if event.value[0] == "close" else actions.used(event.value, *values)

    chosen = [page.fields.sort, page.fields.source, page.fields.tag]
    for event in [*(part.change for part in page.fields.typed), *(part.input for part in chosen)]:
        tied.on(event, actions.typed, to=tied.listing, queue=False, trigger_mode="always_last")
    tied.on(page.rows.select, used, to=tied.using, queue=False, trigger_mode="multiple")
    tied.on(page.side.paper.select, used, to=tied.using, queue=False)
    tied.on(page.tools.every.click, actions.every, to=tied.using, queue=False)
    tied.on(page.tools.none.click, actions.none, to=tied.using, queue=False)


def _by_hand(tied: _Tied) -> None:
    page, actions, tools = tied.page, tied.actions, tied.page.tools

    def give(name: Any, *values: Any) -> Any:
        return actions.tag(name, False, *values)

    def take(name: Any, *values: Any) -> Any:
        return actions.tag(name, True, *values)

    def judged(event: gr.SelectData, *values: Any) -> Any:
        return actions.judged(event.value, *values)

    for event in (tools.give.click, tools.tag.submit):
        tied.on(event, give, tools.tag, queue=False)
    tied.on(tools.take.click, take, tools.tag, queue=False)
    tools.delete.click(actions.confirm, [page.selected], tied.outputs, queue=False, **QUIET)
    tools.keep.click(actions.keep, None, tied.outputs, queue=False, **QUIET)
    deleted = tied.on(tools.really.click, actions.delete, trigger_mode="once")
    undone = tied.on(tools.undo.click, actions.undo, trigger_mode="once")
    joined = tied.on(page.side.pairs.select, judged, page.offered, trigger_mode="once")
    offered = [page.side.pairs, page.offered, page.notice]
    looking = page.side.look.click(actions.looking, None, [page.side.pairs], queue=False, **QUIET)
    looking.then(actions.look, None, offered, **QUIET)
    for event in (deleted, undone, joined):
        tied.changing.append(event.then(actions.follow, None, tied.outputs, concurrency_limit=None, **QUIET))


def _taking_away(tied: _Tied) -> None:
    page, actions = tied.page, tied.actions

    def rejected(event: gr.SelectData) -> Any:
        return actions.rejected(event.value)

    exported = tied.on(page.tools.take_away.click, actions.export, page.tools.export)
    asked = page.side.progress.select(rejected, None, tied.outputs, **QUIET)
    for event in (exported, asked):
        download(event, page.file)


def download(event: Any, file: Any) -> None:
    """After an event, hand the file it made to the user's browser."""
    event.success(None, [file], None, js=DOWNLOAD, **QUIET)


def _importing(tied: _Tied, blocks: gr.Blocks) -> None:
    side, actions = tied.page.side, tied.actions
    tied.watching(side.files.upload, actions.take, side.files)
    tied.watching(side.index.click, actions.index)
    side.stop.click(actions.stop, None, None, queue=False, **QUIET)
    tied.on(blocks.load, actions.refreshed)
    tied.watching(blocks.load, actions.follow)


def _components(page: LibraryPage) -> list[Any]:
    groups = (page.fields, page.tools, page.side, page)
    parts = [getattr(group, f.name) for group in groups for f in fields(group)]
    return [part for part in parts if isinstance(part, gr.blocks.Block)]
