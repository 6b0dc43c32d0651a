"""What happens on the library page: each function takes what the page holds and says what changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from ui import import_view, library_view, library_words
from ui.importing import Job, Progress
from ui.language import deferred, said
from ui.library_page import LibraryPage
from ui.library_view import papers
from ui.scope import ANY, chosen
from ui.shelf import Query, Shelf

TICK = 0.3
"""Seconds between two looks at an import."""
SHORTEST = 0.4
"""Seconds that indexing may take without being shown."""

Changes = dict[Any, Any]
"""Components with what they become."""


def guarded(handler: Callable[..., Changes]) -> Callable[..., Changes]:
    """The handler, with what keeps it from its work as a line on the page."""

    @wraps(handler)
    def shown(self: Actions, *values: Any) -> Changes:
        try:
            return handler(self, *values)
        except FootnoteError as error:
            return {self.page.notice: library_view.problem(error.problem)}

    return shown


def query(words: str, first: str, last: str, author: str, venue: str, *picked: Any) -> Query:
    """What the fields ask for; a field that is not finished asks for nothing."""
    only = chosen(first, last, author, venue)
    sort, source, tag = picked
    filters = replace(only, source=str(source or ""), tag=str(tag or ""))
    return Query(words or "", filters, sort or "title")


class Actions:
    """The handlers of the page's events over one shelf.

    Most take `values`: the fields, then the ids selected, the offset of the list, and the open paper.
    """

    def __init__(self, shelf: Shelf, page: LibraryPage) -> None:
        self.shelf = shelf
        self.page = page

    # The list

    @guarded
    def typed(self, *values: Any) -> Changes:
        """The first page of what the fields ask for now."""
        *fields, selected, _, opened = values
        return self._list(query(*fields), selected, 0, opened)

    @guarded
    def refreshed(self, *values: Any) -> Changes:
        """Everything that may have changed in the library."""
        *fields, selected, offset, opened = values
        return self._all(query(*fields), selected, offset, opened)

    @guarded
    def used(self, event: Any, *values: Any) -> Changes:
        """A button or box in the list: `tick` (the ticked of those shown), `page`, `open`."""
        what, ids = event
        *fields, selected, offset, opened = values
        asked = query(*fields)
        if what == "open":
            return self._open(ids[0]) | self._list(asked, selected, offset, ids[0])
        if what == "page":
            return self._list(asked, selected, int(ids[0]), opened)
        ticked, shown = ids
        return self._select(asked, tuple(dict.fromkeys([*(i for i in selected if i not in shown), *ticked])))

    @guarded
    def every(self, *values: Any) -> Changes:
        """Select all that was found."""
        *fields, selected, offset, opened = values
        asked = query(*fields)
        selected = tuple(dict.fromkeys((*selected, *self.shelf.found(asked))))
        return self._select(asked, selected) | self._list(asked, selected, offset, opened)

    @guarded
    def none(self, *values: Any) -> Changes:
        """Select nothing."""
        *fields, _, offset, opened = values
        asked = query(*fields)
        return self._select(asked, ()) | self._list(asked, (), offset, opened)

    @guarded
    def close(self, *values: Any) -> Changes:
        """Put the open paper back."""
        *fields, selected, offset, _ = values
        return {self.page.side.paper: "", self.page.opened: ""} | self._list(
            query(*fields), selected, offset, ""
        )

    # By hand

    @guarded
    def tag(self, name: Any, remove: bool, *values: Any) -> Changes:
        """Give the selected papers a tag, or take it away."""
        *fields, selected, offset, opened = values
        if not (name := str(name or "").strip()):
            return {self.page.notice: library_view.problem(said("Write the name of a tag first."))}
        number = self.shelf.tag(selected, name, remove=remove)
        told = deferred("Removed the tag “{tag}”: {papers}.")
        if not remove:
            told = deferred("Added the tag “{tag}”: {papers}.")
        told = said(told, tag=name, papers=papers(number))
        return self._all(query(*fields), selected, offset, opened, told)

    def confirm(self, selected: tuple[str, ...]) -> Changes:
        """Ask whether the selected papers are to be deleted."""
        tools = self.page.tools
        asked = said("Delete {papers}? You can undo it.", papers=papers(len(selected)))
        return {
            tools.sure: library_view.notice(asked),
            tools.confirm: gr.update(visible=True),
            tools.chosen: gr.update(visible=False),
        }

    def keep(self) -> Changes:
        """Delete nothing."""
        tools = self.page.tools
        return {tools.confirm: gr.update(visible=False), tools.chosen: gr.update(visible=True)}

    @guarded
    def delete(self, *values: Any) -> Changes:
        """Delete the selected papers."""
        *fields, selected, offset, opened = values
        number = self.shelf.delete(selected)
        opened = "" if opened in selected else opened
        told = said("Deleted {papers}.", papers=papers(number))
        changes = self._all(query(*fields), (), offset, opened, told)
        return changes | {self.page.tools.confirm: gr.update(visible=False)}

    @guarded
    def undo(self, *values: Any) -> Changes:
        """Undo the last action."""
        *fields, selected, offset, opened = values
        action, _ = self.shelf.undo()
        told = said("Undone: {action}.", action=library_words.action(action))
        return self._all(query(*fields), selected, offset, opened, told)

    @guarded
    def export(self, form: str, *values: Any) -> Changes:
        """A file of the selected papers, or, when none is, of those found."""
        *fields, selected, _, _ = values
        ids = selected or self.shelf.found(query(*fields))
        if not ids:
            return {self.page.notice: library_view.problem(said("There is no paper to export."))}
        path = self.shelf.exported(ids, form, "footnote-papers")
        told = said("Exported {papers} to {file}.", papers=papers(len(ids)), file=path.name)
        return {self.page.file: str(path), self.page.notice: library_view.notice(told)}

    # Duplicates

    def looking(self) -> Changes:
        """Say that pairs are looked for, which takes seconds in a large library."""
        return {self.page.side.pairs: library_view.looking()}

    @guarded
    def look(self) -> Changes:
        """Look for pairs that may be one paper."""
        return self._offer(self.shelf.duplicates())

    @guarded
    def judged(self, event: Any, pairs: Any, *values: Any) -> Changes:
        """The user's verdict on one of the pairs."""
        what, (number,) = event
        *fields, selected, offset, opened = values
        pair = pairs[int(number)]
        same = what == "join"
        (self.shelf.join if same else self.shelf.tell_apart)(pair.first.id, pair.second.id)
        gone = {pair.first.id, pair.second.id} if same else set()
        left = tuple(p for p in pairs if p != pair and not gone & {p.first.id, p.second.id})
        told = said("Joined two papers.") if same else said("These two will not be offered again.")
        return self._all(query(*fields), selected, offset, opened, told) | self._offer(left)

    def _offer(self, pairs: tuple[Any, ...]) -> Changes:
        return {self.page.side.pairs: library_view.duplicates(pairs), self.page.offered: pairs}

    # Imports

    @guarded
    def rejected(self, event: Any) -> Changes:
        """A file of rejected records."""
        return {self.page.file: str(self.shelf.rejected(event[1][0]))}

    async def take(self, paths: list[str] | None) -> AsyncIterator[Changes]:
        """Import uploaded files, and show how far that is."""
        job = self.shelf.imports.start([Path(path) for path in paths or ()])
        yield {self.page.side.files: None, self.page.notice: ""}
        async for changes in self._watch(job):
            yield changes

    async def follow(self) -> AsyncIterator[Changes]:
        """Show how far an import is that goes on already."""
        if job := self.shelf.imports.current:
            async for changes in self._watch(job):
                yield changes
        else:
            yield {self.page.side.stop: gr.update(visible=False)}  # a generator without a yield empties all

    async def index(self) -> AsyncIterator[Changes]:
        """Index what waits for it."""
        async for changes in self._watch(self.shelf.imports.start()):
            yield changes

    def stop(self) -> None:
        """Stop the import under way."""
        if job := self.shelf.imports.current:
            job.stop()

    async def _watch(self, job: Job) -> AsyncIterator[Changes]:
        side, began = self.page.side, time.monotonic()
        while (now := job.now).running:
            if job.paths or time.monotonic() - began > SHORTEST:
                shown = import_view.progress(now, time.monotonic() - now.began)
                yield {
                    side.progress: shown,
                    side.stop: gr.update(visible=True),
                    side.index: gr.update(visible=False),
                }
            await asyncio.sleep(TICK)
        if job.paths or now.problem:
            yield {side.progress: self._report(now), side.stop: gr.update(visible=False)}
        else:
            yield {side.progress: "", side.stop: gr.update(visible=False)}

    def _report(self, now: Progress) -> str:
        try:
            library = self.shelf.library
            names = [taken.name for taken in now.taken[: import_view.FILES] if taken.report.rejected]
            rejected = {name: [record for _, record in library.rejected(name)] for name in names}
        except FootnoteError as error:
            return library_view.problem(error.problem)
        return import_view.report(now, rejected)

    # What changes together

    def _list(self, asked: Query, selected: Any, offset: int, opened: str) -> Changes:
        rows, total, offset = self.shelf.page(asked, offset)
        shown = library_view.rows(rows, total, offset, set(selected), opened, time.monotonic_ns())
        return {
            self.page.rows: shown if rows else library_view.nothing(asked.narrowed),
            self.page.summary: self._summary(asked, total, selected),
            self.page.offset: offset,
            self.page.tools.every: gr.update(visible=bool(rows)),
        }

    def _summary(self, asked: Query, total: int, selected: Sequence[str]) -> str:
        held = self.shelf.library.count() if asked.narrowed else total
        searched = bool(asked.words.strip())
        asking = library_view.ask_these(selected, asked.filters, total, searched=searched)
        return library_view.summary(total, held, len(selected), asking)

    def _select(self, asked: Query, selected: tuple[str, ...]) -> Changes:
        """Another selection, which leaves the list as it stands."""
        tools, some = self.page.tools, bool(selected)
        _, total = self.shelf.library.browse(asked.words, asked.filters, asked.sort, 0)
        return {
            self.page.selected: selected,
            self.page.summary: self._summary(asked, total, selected),
            tools.chosen: gr.update(visible=some),
            tools.confirm: gr.update(visible=False),
            tools.take_away: gr.update(value=said("Export selected") if some else said("Export")),
        }

    def _open(self, paper: str) -> Changes:
        opened = self.shelf.opened(paper)
        shown = library_view.paper(opened) if opened else ""
        return {self.page.side.paper: shown, self.page.opened: paper if opened else ""}

    def _all(self, asked: Query, selected: Any, offset: int, opened: str, told: str = "") -> Changes:
        here = self.shelf.library.papers(selected)
        selected = tuple(i for i in selected if i in here)
        changes = self._select(asked, selected) | self._list(asked, selected, offset, opened)
        return changes | self._open(opened) | self._choices() | {self.page.notice: library_view.notice(told)}

    def _choices(self) -> Changes:
        """What can be undone, indexed and chosen from."""
        library, page = self.shelf.library, self.page
        tags, undoable = library.tags(), self.shelf.undoable()
        waiting = library.count("pending") and self.shelf.imports.current is None
        known = [(said(ANY), ""), *((tag, tag) for tag in tags)]
        sources = [(said(ANY), ""), *((name, name) for name in library.sources())]
        return {
            page.tools.undo: gr.update(
                visible=bool(undoable), value=said("Undo: {action}", action=library_words.action(undoable))
            ),
            page.fields.tag: gr.update(choices=known),
            page.fields.source: gr.update(choices=sources),
            page.side.index: gr.update(visible=bool(waiting)),
        }
