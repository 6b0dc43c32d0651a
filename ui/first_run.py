"""The bar that says which language model is on its way, and what there is until it has come."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.context import Context

from rag import prepare, weights
from rag.assemble import Footnote
from rag.errors import FootnoteError
from ui import download_view
from ui.language import digits, said
from ui.markup import line, plain

TICK = 2.0
"""Seconds between two looks at downloads."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Bar:
    """Its components."""

    frame: gr.Row
    told: gr.HTML
    button: gr.Button
    hide: gr.Button

    @property
    def parts(self) -> list[Any]:
        """What a look at the downloads changes, in the order of `_shown`."""
        return [self.frame, self.told, self.button, self.hide]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a bar says; pure text."""

    html: str = ""
    """Nothing when no model is on its way and none is lacking."""
    action: str = ""
    """What its button says; nothing when all that can be done is to hide it."""
    failed: bool = False
    """Whether it says what went wrong, which can be hidden."""
    key: str = ""
    """Which downloads there are in which state, and which model answers: what others than the bar show too."""


def bar() -> Bar:
    """Lay it out where it is to be; unseen while there is nothing to say."""
    with gr.Row(elem_id="fn-fetch", visible=False) as frame:
        told = gr.HTML("", apply_default_css=False)
        button, hide = (
            gr.Button(text, size="sm", scale=0, min_width=60, elem_classes=["fn-small"])
            for text in ("", said("Hide"))
        )
    return Bar(frame, told, button, hide)


def standing(footnote: Footnote) -> Standing:
    """How it stands with the models: which one is coming, or is lacking."""
    chooser = footnote.chooser
    model, downloads = chooser.current, chooser.downloads
    key = "; ".join(
        [model.name if model else "quotations", *(f"{d.name} {d.now.state}" for d in downloads.all)]
    )
    if coming := downloads.running:
        ready = model or chooser.wanted == "extractive"
        after = "" if ready else said("Until it is here, answers are quotations.")
        told = download_view.progress(_short(coming[0].name), coming[0].now, after)
        return Standing(told, said("Cancel"), key=key)
    last = downloads.latest
    if last and last.now.state == "failed":
        action = "" if model else said("Try again")
        return Standing(line("fn-problem", plain(last.now.problem)), action, failed=True, key=key)
    if wanted := prepare.model_to_fetch(footnote):
        return Standing(_lacking(footnote, wanted), _offer(footnote, wanted), key=key)
    return Standing(key=key)


def act(footnote: Footnote) -> None:
    """What its button does: cancel the download under way, or begin the one that is offered."""
    downloads = footnote.chooser.downloads
    if coming := downloads.running:
        coming[0].stop()
    elif (last := downloads.latest) and last.now.state == "failed":
        downloads.start(last.name)
    elif wanted := prepare.model_to_fetch(footnote):
        downloads.start(wanted)


def hide(footnote: Footnote) -> None:
    """Say no longer what went wrong, on every page and after a reload."""
    downloads = footnote.chooser.downloads
    for download in downloads.all:
        if download.now.state == "failed":
            downloads.forget(download.name)


def tie(footnote: Footnote, one: Bar) -> gr.Textbox:
    """Let the bar follow the downloads; returns what changes whenever a model comes, goes or is begun."""
    key = gr.Textbox(visible="hidden", show_label=False)  # a state would tell nobody that it changed
    timer = gr.Timer(TICK)

    def look(known: str) -> list[Any]:
        now = standing(footnote)
        return [*_shown(now), gr.skip() if now.key == known else now.key]

    def act_and_look(known: str) -> list[Any]:
        act(footnote)
        return look(known)

    def hide_and_look(known: str) -> list[Any]:
        hide(footnote)
        return look(known)

    def arrive(known: str) -> list[Any]:
        with suppress(FootnoteError):  # the head says so
            footnote.choose_model()
        return look(known)

    if blocks := Context.root_block:
        blocks.load(arrive, [key], [*one.parts, key], **_QUIET)
    timer.tick(look, [key], [*one.parts, key], queue=False, **_QUIET)
    one.button.click(act_and_look, [key], [*one.parts, key], queue=False, **_QUIET)
    one.hide.click(hide_and_look, [key], [*one.parts, key], queue=False, **_QUIET)
    return key


def _shown(now: Standing) -> list[Any]:
    shown = gr.update(value=now.action, visible=bool(now.action))
    return [gr.update(visible=bool(now.html)), now.html, shown, gr.update(visible=now.failed)]


def _lacking(footnote: Footnote, wanted: str) -> str:
    until = said("Until a language model is here, answers are quotations.")
    last = footnote.chooser.downloads.latest
    stopped = said("The download was stopped.") + " " if last and last.now.state == "stopped" else ""
    size = weights.find(_short(wanted)).size
    have = weights.begun(_short(wanted), footnote.settings.weights)
    amounts = {"number": digits(round(have / 1e6)), "all": download_view.megabytes(size)}
    here = " " + said("{number} of {all} are here.", **amounts) if have else ""
    link = f'<a class="fn-link" href="#settings">{said("Other models")}</a>'
    return line("fn-quiet", f"{stopped}{until}{here} {link}")


def _offer(footnote: Footnote, wanted: str) -> str:
    name = _short(wanted)
    have = weights.begun(name, footnote.settings.weights)
    left = download_view.megabytes(weights.find(name).size - have)
    return f"{said('Go on') if have else said('Fetch {name}', name=name)} ({left})"


def _short(name: str) -> str:
    return name.partition("/")[2]
