"""What happens on the history page: each function takes what the page holds and says what changes."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import gradio as gr

from rag import dialogues
from rag.assemble import Footnote
from rag.conversations import Conversations
from rag.dialogues.archive import import_json
from rag.errors import FootnoteError
from ui import history_view as view
from ui.language import said
from ui.shelf import Shelf

Changes = dict[str, Any]
"""What components become, by their names on the page."""


def guarded(handler: Callable[..., Changes]) -> Callable[..., Changes]:
    """The handler, with what keeps it from its work as a line on the page."""

    @wraps(handler)
    def shown(self: Actions, *values: Any) -> Changes:
        try:
            return handler(self, *values)
        except FootnoteError as error:
            return {"notice": view.problem(error.problem)}

    return shown


class Actions:
    """The handlers of the page's events. Reading never waits for an import of papers that writes.

    Most take `words` and `offset`: what is searched for, and how many rows stand on the pages before.
    """

    def __init__(self, footnote: Footnote, shelf: Shelf) -> None:
        self._footnote = footnote
        self._shelf = shelf

    @cached_property
    def _writing(self) -> Conversations:
        return Conversations(self._footnote.library)

    @cached_property
    def _reading(self) -> Conversations:
        return Conversations(self._shelf.library)

    # The list

    @guarded
    def typed(self, words: str) -> Changes:
        """The first page of what is searched for now."""
        return self._list(words, 0)

    @guarded
    def refreshed(self, words: str, offset: int) -> Changes:
        """The page as it is now."""
        return self._list(words, offset)

    @guarded
    def used(self, event: Sequence[str], words: str, offset: int) -> Changes:
        """A button in the list: `page`, `rename`, `delete`, or the name of a format."""
        what, about, *given = event
        if what == "page":
            return self._list(words, int(about))
        if what == "rename":
            return self._rename(about, given[0]) | self._list(words, offset)
        if what == "delete":
            return self._delete(about) | self._list(words, offset)
        if what in dialogues.ENDINGS:
            return self._export(about, what)
        return self._list(words, offset)

    def _list(self, words: str, offset: int) -> Changes:
        listed, total = self._reading.listed(words or "", view.ROWS, offset)
        if offset and not listed:
            offset = max(0, (total - 1) // view.ROWS * view.ROWS)
            listed, total = self._reading.listed(words or "", view.ROWS, offset)
        openings = self._reading.openings([kept.id for kept in listed])
        now = datetime.now().astimezone()
        searched = bool((words or "").strip())
        shown = view.rows(listed, openings, total, offset, now) if listed else view.nothing(searched)
        return {"rows": shown, "summary": view.summary(total, searched), "offset": offset}

    # By hand

    def _rename(self, conversation: str, name: str) -> Changes:
        if not name.strip():
            return _told(view.problem(said("Write a name first.")))
        self._writing.rename(conversation, name)
        kept = self._reading.kept(conversation)
        if kept is None:
            return _told(view.problem(said("It was deleted elsewhere.")))
        return _told(view.done(said("Now called “{name}”.", name=kept.name)))

    def _delete(self, conversation: str) -> Changes:
        kept = self._reading.kept(conversation)
        if kept is None:
            return _told(view.problem(said("It was deleted elsewhere.")))
        self._writing.delete(conversation)
        changes = _told(view.done(said("Deleted “{name}”.", name=kept.name)))
        return changes | {"undo": gr.update(visible=True), "deleted": conversation}

    @guarded
    def undo(self, deleted: str, words: str, offset: int) -> Changes:
        """Bring back what was deleted last."""
        if not deleted:
            return {}
        self._writing.restore(deleted)
        kept = self._reading.kept(deleted)
        return _told(view.done(said("“{name}” is back.", name=kept.name) if kept else "")) | self._list(
            words, offset
        )

    # Out and in

    def _export(self, conversation: str, form: str) -> Changes:
        kept = self._reading.kept(conversation)
        if kept is None:
            return _told(view.problem(said("It was deleted elsewhere.")))
        every = self._reading
        stem = dialogues.stem(kept.name)
        texts = dialogues.files(kept, every.load(kept.id), every.scope(kept.id), form, stem)
        folder = Path(tempfile.mkdtemp(dir=self._shelf.folder))
        return {"file": str(_written(texts, folder, stem))}

    @guarded
    def taken(self, files: Sequence[str] | None) -> Changes:
        """Take in conversations from files; what was taken in before a bad file stays."""
        names: dict[bool, list[str]] = {True: [], False: []}
        problem = ""
        try:
            for file in files or ():
                imported = import_json(self._writing, Path(file))
                kept = self._reading.kept(imported.id)
                names[imported.new].append(f"“{kept.name}”" if kept else "")
        except FootnoteError as error:
            problem = view.problem(error.problem)
        return _told(_taken(names[True], names[False]) + problem) | self._list("", 0) | {"words": ""}


def _told(notice: str) -> Changes:
    """A line on what was done; what was deleted before it is no longer what can be undone here."""
    return {"notice": notice, "undo": gr.update(visible=False), "deleted": ""}


def _taken(new: Sequence[str], old: Sequence[str]) -> str:
    """What became of the conversations of files."""
    told = [said("Imported {names}.", names=", ".join(new))] if new else []
    if old:
        told.append(said("There already, unchanged: {names}.", names=", ".join(old)))
    return view.done(" ".join(told)) if told else ""


def _written(texts: dict[str, str], folder: Path, stem: str) -> Path:
    """The file to hand over; several are put into one archive."""
    if len(texts) == 1:
        name, text = next(iter(texts.items()))
        (folder / name).write_text(text, encoding="utf-8", newline="")
        return folder / name
    path = folder / f"{stem}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return path
