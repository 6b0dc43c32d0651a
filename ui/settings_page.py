"""The settings page: which model answers, how answers are checked, what the page looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.context import Context

from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.settings import DEFAULTS, set_by, settings_file
from ui import first_run, model_picker, settings_form
from ui.first_run import Bar
from ui.language import said
from ui.markup import line, plain
from ui.settings_form import Line

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
_ON_CHOOSING = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) trigger("select", { index: 0, value: [button.dataset.do, button.dataset.id] });
});
"""
_SHOW_THEME = "(theme) => { window.fnTheme?.(theme); return theme; }"
"""Lets settings.js change the colours of this page at once."""

_RELOAD = '(told) => { if (!told.includes("fn-problem")) location.reload(); }'
"""Shows this page in another language."""


def settings_page(footnote: Footnote, bar: Bar) -> list[Any]:
    """Lay it out and tie its events; hidden by the style sheet until the address ends in #settings.

    Args:
        bar: what tells of models on their way, on every page.

    Returns:
        Events after which the head of the page and the conversation's opening are no longer as they were.
    """
    with gr.Row(elem_id="fn-settings"), gr.Column(elem_id="fn-settings-all"):
        _html(f"<h2>{said('Settings')}</h2>", "fn-settings-name")
        notice = _html("", "fn-settings-notice")
        picker = _Picker(footnote, notice)
        picker.pulling()
        lines = _section("answers", said("Answers"), settings_form.ANSWERS, footnote)
        lines += _section("page", said("Page"), settings_form.PAGE, footnote)
        place = said("Kept in {place}", place=plain(str(settings_file())))
        _html(line("fn-quiet", place), "fn-settings-where")
    for one in lines:
        _tie(one, footnote, notice)
    _load(lines, footnote)
    return picker.tie(first_run.tie(footnote, bar))


def _html(value: str, name: str, on_load: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=on_load, apply_default_css=False)


def _section(place: str, title: str, fields: Sequence[settings_form.Field], footnote: Footnote) -> list[Line]:
    _html(f"<h2>{title}</h2>", f"fn-settings-{place}")
    return [settings_form.lay_out(field, footnote.settings) for field in fields]


def _tie(one: Line, footnote: Footnote, notice: gr.HTML) -> None:
    """Keep a setting as soon as it was set, and put it back."""
    name, default = one.field.name, DEFAULTS[one.field.name]

    def keep(value: Any) -> tuple[Any, ...]:
        told = settings_form.keep(footnote, name, value)
        return told, gr.update(visible=getattr(footnote.settings, name) != default)

    def reset() -> tuple[Any, ...]:
        told = settings_form.keep(footnote, name, None)
        return settings_form.text(default), told, gr.update(visible=False)

    written = one.field.kind == "number"
    events = [one.control.submit, one.control.blur] if written else [one.control.input]
    kept = gr.on(events, keep, [one.control], [notice, one.reset], **_QUIET)
    done = one.reset.click(reset, None, [one.control, notice, one.reset], **_QUIET)
    if name == "language":
        for event in (kept, done):
            event.then(None, [notice], None, js=_RELOAD, **_QUIET)
    if name == "theme":
        for event in (one.control.input, done.then):
            event(None, [one.control], None, js=_SHOW_THEME, **_QUIET)


def _load(lines: Sequence[Line], footnote: Footnote) -> None:
    """Show, when a page is loaded, what holds then."""

    def now() -> list[Any]:
        settings = footnote.settings
        values = [getattr(settings, one.field.name) for one in lines]
        differs = [
            v != DEFAULTS[one.field.name] and not set_by(one.field.name)
            for one, v in zip(lines, values, strict=True)
        ]
        return [*map(settings_form.text, values), *(gr.update(visible=differ) for differ in differs)]

    if blocks := Context.root_block:
        blocks.load(now, None, [*(one.control for one in lines), *(one.reset for one in lines)], **_QUIET)


class _Picker:
    """The choice of the language model, as components and what happens to them."""

    def __init__(self, footnote: Footnote, notice: gr.HTML) -> None:
        self._footnote = footnote
        self._notice = notice
        _html(f"<h2>{said('Language model')}</h2>", "fn-settings-model")
        self._shown = _html("", "fn-models", _ON_CHOOSING)

    def pulling(self) -> None:
        """Lay out where the name of another model is written, and looking again."""
        with gr.Row(elem_id="fn-pull"):
            self._name = gr.Textbox(
                "", label=said("Another model of Ollama’s library"), placeholder="qwen2.5:1.5b", max_lines=1,
                max_length=200, elem_id="fn-pull-name",
            )  # fmt: skip
            self._pull = gr.Button(said("Pull"), size="sm", scale=0, min_width=60, elem_classes=["fn-small"])
            self._again = gr.Button(
                said("Look again"), size="sm", scale=0, min_width=60, elem_classes=["fn-small"]
            )

    def tie(self, key: gr.Textbox) -> list[Any]:
        """Tie the events.

        Args:
            key: changes when the page is loaded, a model comes or goes, or its download begins or ends.
        """
        seen = [self._shown, self._notice]
        used = self._shown.select(self._used, None, seen, **_QUIET)
        for event in (self._pull.click, self._name.submit):
            event(self._pulled, [self._name], [*seen, self._name], **_QUIET)
        self._again.click(self._look, None, [self._shown], api_visibility="private", show_progress="hidden")
        changed = key.change(self._look, None, [self._shown], **_QUIET)
        return [used, changed]

    def _look(self) -> str:
        return model_picker.shown(self._footnote, set_by("model"))

    def _used(self, event: gr.SelectData) -> tuple[str, str]:
        what, name = event.value
        told = self._use(name) if what == "use" else self._fetch(name)
        return self._look(), told

    def _use(self, name: str) -> str:
        if set_by("model"):
            return line("fn-problem", said("An environment variable sets the model."))
        try:
            self._footnote.choose_model(name)
        except FootnoteError as error:
            return line("fn-problem", plain(str(error)))
        self._footnote.configure(model=name)
        self._footnote.chooser.warm_up_soon()
        return settings_form.remember({"model": name})

    def _fetch(self, name: str) -> str:
        self._footnote.chooser.downloads.start(name)
        return line("fn-done", said("Fetching {name}.", name=plain(name.partition("/")[2])))

    def _pulled(self, name: str) -> tuple[Any, ...]:
        if not (name := (name or "").strip()):
            return gr.skip(), line("fn-problem", said("Write the name of a model first.")), gr.skip()
        if not model_picker.is_name(name):
            return gr.skip(), line("fn-problem", said("That is no name of a model of Ollama.")), gr.skip()
        told = self._fetch(f"ollama/{name}")
        return self._look(), told, ""
