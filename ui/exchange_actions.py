"""The quiet buttons of an exchange, as HTML: ask again, edit, branch, copy, and what the user thinks of it.

`data-do` names what talk.js does with a button; see there.
"""

from __future__ import annotations

from rag.records import Exchange
from ui.language import deferred, in_english, said
from ui.markup import plain

_WORDS = (
    (
        "edit",
        deferred("Edit"),
        deferred("Edit the question and ask again; this answer and those after it are replaced"),
    ),
    ("branch", deferred("Branch"), deferred("Go on from here in a new conversation")),
    ("copy", deferred("Copy"), deferred("Copy the answer with its sources")),
)


def actions(exchange: Exchange, number: int, verdict: tuple[bool, str] | None, *, kept: bool) -> str:
    """The buttons below an answer that has ended.

    Args:
        number: which exchange of the conversation it is.
        verdict: whether the user found it good, and why; None when nothing was said.
        kept: whether the conversation is kept, without which there is nothing to judge later.
    """
    if exchange.running:
        return ""
    broken = exchange.problem or (exchange.answer and exchange.answer.stopped)
    again = said("Ask again") if broken else said("Retry")
    hint = said("Ask the same again; this answer and those after it are replaced")
    buttons = _button("again", number, again, hint)
    buttons += "".join(_button(what, number, said(name), said(hint)) for what, name, hint in _WORDS)
    judged = _thumbs(number, verdict) if kept and exchange.answer else ""
    label = said("Question {number}", number=number)
    row = f'<div class="fn-acts" role="group" aria-label="{label}">{buttons}{judged}</div>'
    return row + (_why(number, verdict[1]) if judged and verdict and not verdict[0] else "")


def _button(what: str, number: int, shown: str, hint: str, more: str = "") -> str:
    attributes = f'data-do="{what}" data-n="{number}" title="{hint}"{more}'
    return f'<button type="button" class="fn-act" {attributes}>{shown}</button>'


def _thumbs(number: int, verdict: tuple[bool, str] | None) -> str:
    pressed = {"good": verdict is not None and verdict[0], "bad": verdict is not None and not verdict[0]}
    names = {"good": said("Good answer"), "bad": said("Bad answer")}
    return "".join(
        _button(
            what, number, "", names[what], f' aria-label="{names[what]}" aria-pressed="{str(is_so).lower()}"'
        )
        for what, is_so in pressed.items()
    )


def _why(number: int, reason: str) -> str:
    """A line for what is wrong with an answer; once said, it says it."""
    if reason:
        return f'<p class="fn-why-said">{said("Bad answer: {reason}", reason=plain(reason))}</p>'
    asked = said("What is wrong with answer {number}?", number=number)
    label = f'aria-label="{asked}" placeholder="{said("What is wrong with it? (optional)")}"'
    field = f'<input type="text" maxlength="2000" {label}>'
    send = f'<button type="submit" class="fn-act">{said("Send")}</button>'
    return f'<form class="fn-reason" data-do="reason" data-n="{number}">{field}{send}</form>'


def rewritten(standalone: str, number: int) -> str:
    """How the question was understood, which can be edited and asked."""
    edit = _button("reword", number, said("Edit"), said("Edit how the question was understood, and ask that"))
    shown = f'{said("Understood as:")} <span class="fn-reworded">{in_english(plain(standalone))}</span>'
    return f'<p class="fn-standalone">{shown} {edit}</p>'
