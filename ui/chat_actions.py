"""What happens on the page of the conversation: each function takes what the browser names, and says what changes.

The browser names the conversation by its address with everything it asks for, so nothing about a
browser is remembered here, and a reload, a second tab or a restarted server show the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

import gradio as gr

from rag import libraries
from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.records import Filters
from ui import language, render, scope, sources
from ui.address import Address, parse, written
from ui.markup import line, plain
from ui.seen import Seen
from ui.suggestions import suggestions
from ui.talks import ELSEWHERE, Overtaken, Talk, Talks

QUICK = 0.25
"""Seconds that a new answer may take to be shown in one go."""
GONE = language.deferred("There is no such conversation any more.")
DELETED = language.deferred("This conversation was deleted. Your next question brings it back.")
RESTORED = language.deferred("This conversation was deleted; your question has brought it back.")
ANEW = language.deferred("The earlier conversation is gone; this question begins a new one.")

Changes = dict[Any, Any]
"""Components with what they become."""


@dataclass(frozen=True)
class Parts:
    """The components that these functions change."""

    status: gr.HTML
    past: gr.HTML
    now: gr.HTML
    opening: gr.HTML
    panel: gr.HTML
    said: gr.HTML
    scope: scope.Scope
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    cited: gr.Button
    conversation: gr.State = field(default_factory=lambda: gr.State(()))

    @property
    def shown(self) -> list[Any]:
        """What shows a conversation."""
        buttons = [self.box, self.send, self.stop, self.cited]
        return [self.past, self.now, self.opening, self.panel, self.said, *buttons, self.conversation]

    @property
    def all(self) -> list[Any]:
        """Everything."""
        return [self.status, *self.shown, *self.scope.parts]


def told(handler: Callable[..., Changes]) -> Callable[..., Changes]:
    """The handler, with what keeps it from its work as a line above the box."""

    @wraps(handler)
    def guarded(self: Actions, *values: Any) -> Changes:
        try:
            return handler(self, *values)
        except FootnoteError as error:
            return {self.parts.said: refused(error)}

    return guarded


def said(text: str) -> str:
    """A line above the box."""
    return line("fn-notice", plain(text)) if text else ""


def refused(error: FootnoteError) -> str:
    """A line that says why nothing was done; editing.js tells it from others, and keeps what was typed."""
    return line("fn-notice fn-refused", plain(language.said(str(error))))


class Actions:
    """The handlers of the page's events."""

    def __init__(self, footnote: Footnote, talks: Talks, parts: Parts) -> None:
        self.footnote = footnote
        self.talks = talks
        self.parts = parts

    # Looking

    def open(self, asked_for: str | None) -> Changes:
        """What a browser that comes to an address sees."""
        try:
            return self._opened(parse(asked_for), asked_for or "")
        except FootnoteError as error:
            return {self.parts.opening: render.problem(str(error))}

    def _opened(self, address: Address, asked_for: str) -> Changes:
        talk = self.talks.find(address.chat)
        wanted = talk.scope if talk else address.scope
        changes = self._talk(talk, asked_for) if talk else self._new(asked_for, wanted)
        return changes | scope.opened(self.parts.scope, self.footnote.library, wanted)

    @told
    def look(self, asked_for: str, seen: str = "") -> Changes:
        """What has changed since the browser last looked; nothing when nothing has."""
        talk, address = self._at(asked_for)
        if talk is not None:
            return self._talk(talk, asked_for, seen)
        before = Seen.read(seen)
        if before.ended and before.chat == address.chat:  # what is shown stays to be read
            return {self.parts.said: said(language.said(DELETED))}
        return self._new(asked_for, address.scope)

    def status(self) -> Changes:
        """What answers over how many papers."""
        try:
            papers = self.footnote.library.count()
            choice = self.footnote.choose_model()
        except FootnoteError as error:
            return {self.parts.status: render.warnings([str(error)])}
        model, engine = (choice.model.name, choice.model.engine) if choice.model else ("", "")
        return {self.parts.status: render.status(model, engine, papers, choice.notices)}

    @told
    def greet(self, asked_for: str | None) -> Changes:
        """What there is to ask, and of what, after the library or the settings have changed."""
        talk, address = self._at(asked_for)
        wanted = talk.scope if talk else address.scope
        changes = self.status() | scope.refreshed(self.parts.scope, self.footnote.library, wanted)
        return changes | {self.parts.opening: self._opening()}

    # Asking

    @told
    def ask(self, asked: str | None, asked_for: str | None) -> Changes:
        """Ask what is in the box, and empty it; it belongs to the user from then on."""
        if not (asked or "").strip():
            return {}
        return {self.parts.box: ""} | self._ask(str(asked), asked_for or "")

    def stop(self, asked_for: str | None) -> None:
        """Stop the answer under way."""
        if running := self.talks.running(parse(asked_for).chat):
            running.stop()

    @told
    def used(self, told: Any) -> Changes:
        """A button of an exchange, or a question that was proposed: what, where, and what with."""
        what, asked_for, *values = told
        doing: dict[str, Callable[..., Changes]] = {
            "ask": self._ask,
            "instead": self._instead,
            "branch": self._branch,
            "judge": self._judge,
            "open": self.open,
            "narrow": self._narrow,
            "greet": self.greet,
        }
        return doing[what](*values, asked_for) if what in doing else {}

    def _ask(self, asked: str, asked_for: str, keep: int | None = None, seen: str | None = None) -> Changes:
        """Ask, or show how the conversation is now when another tab was faster."""
        address = parse(asked_for)
        told = self._brought_back(address.chat)
        try:
            talk = self.talks.ask(address, asked.strip(), keep, seen)
        except Overtaken as error:
            return self._overtaken(error, asked_for)
        if running := talk.running:
            running.wait(QUICK)
        return self._talk(talk, asked_for) | told

    def _instead(self, number: int, asked: str, seen: str, asked_for: str) -> Changes:
        """Ask this in place of the question of a number and those after it; an empty one: the same again.

        Args:
            seen: what the browser has seen of the conversation; when there is more by now, nothing is replaced.
        """
        address = parse(asked_for)
        told = self._brought_back(address.chat)
        talk = self.talks.find(address.chat)
        if talk is None:
            return self._opened(address, asked_for)
        conversation, before = talk.conversation, int(number) - 1
        if not 0 <= before < len(conversation):
            return self._overtaken(Overtaken(ELSEWHERE, talk), asked_for)
        wanted = asked.strip() or conversation[before].asked
        return self._ask(wanted, asked_for, before, Seen.read(seen).exchanges) | told

    def _brought_back(self, chat: str) -> Changes:
        """Bring back the conversation that is asked on, if it was deleted in another tab, and say so."""
        if not chat or self.talks.find(chat):
            return {}
        return {self.parts.said: said(language.said(RESTORED if self.talks.revive(chat) else ANEW))}

    def _overtaken(self, error: Overtaken, asked_for: str) -> Changes:
        """What was asked stays in the box."""
        changes = self._talk(error.talk, asked_for)
        return changes | {self.parts.said: refused(error), self.parts.box: gr.skip()}

    def _branch(self, number: int, asked_for: str) -> Changes:
        new = self.talks.branch(parse(asked_for).chat, int(number))
        return self._opened(Address(new), asked_for)

    def _judge(self, number: int, good: bool, reason: str, asked_for: str) -> Changes:
        self.talks.judge(parse(asked_for).chat, int(number), bool(good), str(reason))
        return self.look(asked_for)

    # Narrowing

    def _narrow(self, *given: str) -> Changes:
        """Ask the papers that the fields say from now on."""
        *fields, asked_for = given
        talk, address = self._at(asked_for)
        before = talk.scope if talk else address.scope
        wanted = scope.filled(before.papers, *fields)
        return {} if wanted == before else self._narrowed(talk, asked_for, wanted)

    @told
    def everything(self, asked_for: str) -> Changes:
        """Ask all papers from now on."""
        talk, _ = self._at(asked_for)
        changes = self._narrowed(talk, asked_for, Filters())
        return changes | scope.opened(self.parts.scope, self.footnote.library, Filters())

    def _narrowed(self, talk: Talk | None, asked_for: str, wanted: Filters) -> Changes:
        changes = scope.line(self.parts.scope, self.footnote.library, wanted)
        if talk is None:
            return changes | {self.parts.now: self._empty(asked_for, wanted)}
        self.talks.set_scope(talk.id, wanted)
        return changes

    # Showing

    def _at(self, asked_for: str | None) -> tuple[Talk | None, Address]:
        address = parse(asked_for)
        return self.talks.find(address.chat), address

    def _new(self, asked_for: str, wanted: Filters) -> Changes:
        parts = self.parts
        return {
            parts.past: "",
            parts.now: self._empty(asked_for, wanted),
            parts.opening: self._opening(),
            parts.panel: sources.panel(()),
            parts.said: said(language.said(GONE) if parse(asked_for).chat else ""),
            parts.send: gr.update(visible=True),
            parts.stop: gr.update(visible=False),
            parts.cited: gr.update(visible=False),
            parts.conversation: (),
        }

    def _empty(self, asked_for: str, wanted: Filters) -> str:
        """The log of a new conversation, with its address."""
        return render.newest((), render.View(asked_for, written(Address(scope=wanted))))

    def _opening(self) -> str:
        """What a new conversation shows: questions to begin with, or how to get papers."""
        questions = suggestions(self.footnote.library)
        if questions:
            return render.greeting(questions)
        return render.empty_library(libraries.called(self.footnote.settings))

    def _talk(self, talk: Talk, asked_for: str, seen: str = "") -> Changes:
        """A conversation as it stands, without what a browser that has seen some of it has already."""
        state, before = Seen.of(talk), Seen.read(seen)
        if state == replace(before, panel=""):
            return {}
        conversation, parts = talk.conversation, self.parts
        panel = sources.panel(conversation)
        state = replace(state, panel=f"{zlib.crc32(panel.encode('utf-8', 'replace')):x}")
        view = render.View(
            asked_for, written(Address(talk.id)), str(state), talk.verdicts, not talk.unkept,
            self.footnote.settings.show_removed,
        )  # fmt: skip
        busy = conversation[-1].running
        changes: Changes = {
            parts.now: render.newest(conversation, view),
            parts.send: gr.update(visible=not busy),
            parts.stop: gr.update(visible=busy),
            parts.conversation: conversation,
        }
        if state.panel != before.panel:
            changes |= {parts.panel: panel, parts.cited: gr.update(visible=bool(sources.cited(conversation)))}
        if not busy or (state.chat, state.exchanges) != (before.chat, before.exchanges):
            frame = language.said("This conversation is not kept: {reason}", reason=talk.unkept)
            unkept = frame if talk.unkept else ""
            changes |= {parts.past: render.earlier(conversation, view), parts.said: said(unkept)}
        return changes
