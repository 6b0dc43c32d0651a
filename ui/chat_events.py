"""Ties the components of the conversation to what happens.

Nothing here waits in a queue or holds a stream open: a browser asks, and while an answer grows it looks
again several times a second. So it does not matter how many look, or in how many tabs of one browser,
which opens only a few connections to one server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.records import Conversation
from ui import library_events, sources
from ui.chat_actions import Actions, Changes, Parts
from ui.shelf import Shelf

ON_TELLING = """
element.addEventListener("fn-told", (event) => trigger("select", { index: 0, value: event.detail }));
element.addEventListener("fn-edited", (event) => trigger("edit", { index: 0, value: event.detail }));
element.addEventListener("fn-look", (event) => trigger("input", { index: 0, value: event.detail }));
"""
"""What the page's own scripts tell, handed on to the server; see talk.js."""
HERE = "(...given) => [...given.slice(0, -1), fnHere()]"
"""Puts the address of the conversation that is looked at in the place of the last input."""
GREET = "() => [fnGreet()]"
"""Likewise, and remembers it: when another one is looked at by the time of the answer, or the same asked of
other papers, the server is asked again."""
ALL = "() => [fnAll()]"
"""Likewise, and remembers that other papers are asked from now on."""
NEW = "() => [fnNew()]"
"""Goes to the address of a new conversation."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_AT_ONCE: dict[str, Any] = _QUIET | {"queue": False, "trigger_mode": "multiple"}


@dataclass(frozen=True)
class Frame:
    """What is around the conversation."""

    blocks: gr.Blocks
    new: gr.Button
    file: gr.File


def tie(parts: Parts, frame: Frame, actions: Actions, shelf: Shelf, changing: Sequence[Any]) -> None:
    """Tie the events.

    Args:
        changing: events of other pages after which the library or the settings may be others.
    """
    here = gr.Textbox(visible="hidden", show_label=False)
    _asking(parts, actions, here)
    _going(parts, frame, actions, here)
    _taking_away(parts, frame, shelf)
    for event in changing:
        greeted = event.then(_some(actions.greet, parts), [here], parts.all, js=GREET, **_QUIET)
        greeted.then(None, None, None, js="() => fnGreeted()", **_QUIET)


def _some(handler: Callable[..., Changes], parts: Parts) -> Callable[..., Changes]:
    """The handler, for one that may change nothing at all."""
    return lambda *values: handler(*values) or {parts.said: gr.skip()}


def _asking(parts: Parts, actions: Actions, here: gr.Textbox) -> None:
    def told(event: gr.EventData) -> Changes:
        return actions.used(event.value) or {parts.said: gr.skip()}

    def look(event: gr.EventData) -> Changes:
        return actions.look(*event.value) or {parts.said: gr.skip()}

    asked = [parts.box, here]
    triggers: list[Callable[..., Any]] = [parts.box.submit, parts.send.click]
    gr.on(triggers, _some(actions.ask, parts), asked, parts.shown, js=HERE, **_AT_ONCE)
    parts.stop.click(actions.stop, [here], None, js=HERE, **_AT_ONCE)
    parts.now.select(told, None, parts.all, **_AT_ONCE)
    edited = parts.now.edit(told, None, parts.all, **_AT_ONCE)
    edited.success(None, [parts.said], None, js="(line) => fnEdited(line ?? '')", **_AT_ONCE)
    edited.failure(None, None, None, js="() => fnEdited(null)", **_AT_ONCE)
    parts.now.input(look, None, parts.shown, **(_AT_ONCE | {"trigger_mode": "once"}))


def _going(parts: Parts, frame: Frame, actions: Actions, here: gr.Textbox) -> None:
    frame.blocks.load(actions.open, [here], parts.all, js=HERE, queue=False, **_QUIET)
    frame.blocks.load(actions.status, None, [parts.status], **_QUIET)
    narrowed = [parts.now, parts.said, *parts.scope.parts]
    parts.scope.everything.click(actions.everything, [here], narrowed, js=ALL, **_AT_ONCE)
    frame.new.click(actions.open, [here], parts.all, js=NEW, **_AT_ONCE)


def _taking_away(parts: Parts, frame: Frame, shelf: Shelf) -> None:
    """The cited papers as a file."""

    def export(conversation: Conversation) -> str:
        return str(shelf.exported(sources.cited(conversation), "bibtex", "footnote-cited"))

    library_events.download(
        parts.cited.click(export, [parts.conversation], [frame.file], **_QUIET), frame.file
    )
