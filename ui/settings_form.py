"""The fields of the settings page: what can be set, in words, and keeping what was set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

from rag.assemble import Footnote
from rag.errors import SettingsError
from rag.settings import CHOICES, DEFAULTS, checked, save, set_by
from ui import language
from ui.language import deferred, said
from ui.markup import line, plain


@dataclass(frozen=True, slots=True)
class Field:
    """A setting as the page shows it."""

    name: str
    """As in `Settings`."""
    label: str
    """What people call it."""
    meaning: str
    """What it does, in one line."""
    kind: Literal["choice", "number", "truth"]
    """How it is set."""
    said: tuple[tuple[str, str], ...] = ()
    """Of a choice: how each value is called, where that is not the value."""


_STRICTNESS = (
    (deferred("Normal"), "normal"), (deferred("Strict"), "strict"), (deferred("Word for word"), "verbatim"),
)  # fmt: skip
ANSWERS = (
    Field(
        "strictness", deferred("Strictness"),
        deferred(
            "How closely a written sentence must follow its abstract to be shown. Word for word: hardly anything but quotations."
        ),
        "choice", _STRICTNESS,
    ),
    Field(
        "show_removed", deferred("Show removed sentences"),
        deferred("Shows, struck through, what the model wrote and the abstracts do not carry."), "truth",
    ),
    Field(
        "evidence_tokens", deferred("Evidence, in tokens"),
        deferred("Most of an abstract that the model reads. Less is faster; empty is as much as fits."), "number",
    ),
    Field(
        "top_k", deferred("Papers searched"),
        deferred("How many papers the search returns for a question."), "number",
    ),
    Field(
        "answer_seconds", deferred("Longest answer, in seconds"),
        deferred("After this time the model is stopped."), "number",
    ),
)  # fmt: skip
PAGE = (
    Field(
        "theme", deferred("Colours"), deferred("Automatic follows the system."), "choice",
        ((deferred("Automatic"), "auto"), (deferred("Light"), "light"), (deferred("Dark"), "dark")),
    ),
    Field(
        "language", deferred("Language"),
        deferred("Language of this page. Answers are in the language of the abstracts."), "choice",
        (("English", "en"), ("Deutsch", "de"), ("Français", "fr"), ("Español", "es")),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A setting on the page."""

    field: Field
    control: Any
    reset: gr.Button


def lay_out(field: Field, settings: Any) -> Line:
    """Lay out one setting; not to be changed where an environment variable sets it."""
    variable, value = set_by(field.name), getattr(settings, field.name)
    meaning = said(field.meaning)
    if variable:
        meaning += " " + said("Set by the variable {variable}.", variable=variable)
    with gr.Row(elem_classes=["fn-setting"]):
        control = _control(field, value, meaning, free=not variable)
        shown = not variable and value != DEFAULTS[field.name]
        reset = gr.Button(
            said("Reset"), size="sm", scale=0, min_width=60, visible=shown,
            elem_classes=["fn-small"], elem_id=f"fn-reset-{field.name}",
        )  # fmt: skip
    return Line(field, control, reset)


def _control(field: Field, value: Any, meaning: str, *, free: bool) -> Any:
    same: dict[str, Any] = {
        "label": said(field.label), "info": meaning, "interactive": free, "elem_id": f"fn-set-{field.name}",
    }  # fmt: skip
    if field.kind == "truth":
        return gr.Checkbox(value, **same)
    if field.kind == "number":
        return gr.Textbox(text(value), max_lines=1, max_length=12, **same)
    names = {v: said(name) for name, v in field.said}
    return gr.Radio([(names.get(v, v), v) for v in CHOICES[field.name]], value=value, **same)


def text(value: Any) -> Any:
    """A value as its control shows it: a number as it is written, nothing for none."""
    if isinstance(value, bool | str):
        return value
    return "" if value is None else f"{value:g}"


def keep(footnote: Footnote, name: str, value: Any) -> str:
    """Let a setting hold from now on, and after the next start too; returns what to say, as HTML.

    Args:
        value: as its control gives it; nothing is the default.
    """
    wanted = None if value is None or value == "" else value
    try:
        changes = checked({name: wanted})
    except SettingsError as error:
        return line("fn-problem", plain(error.problem))
    footnote.configure(**changes)
    language.use(footnote.settings.language)
    return remember({name: wanted})


def remember(changes: dict[str, Any]) -> str:
    """Write what was set into the settings file; returns what to say, as HTML."""
    try:
        save(changes)
    except SettingsError as error:
        return line(
            "fn-problem",
            plain(said("This holds until Footnote ends, and is not kept: {reason}", reason=error)),
        )
    return line("fn-done", said("Saved."))
