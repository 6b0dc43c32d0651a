"""The page: conversation on the left, the cited papers beside it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from rag.assemble import Footnote
from ui import (
    card_events,
    chat_events,
    first_run,
    library_events,
    library_menu,
    render,
    scope,
    sign_out,
    sources,
)
from ui.chat_actions import Actions, Parts
from ui.evaluation_page import evaluation_page
from ui.history_page import history_page
from ui.language import deferred, said
from ui.library_page import download_of, library_page
from ui.many_tabs import ManyTabs
from ui.settings_page import settings_page
from ui.shelf import Shelf
from ui.talks import AskWithin, Talks

STATIC = Path(__file__).parent / "static"
PAGES = ("chat", "library", "history", "evaluation", "settings")
"""The pages, by what follows the # in the address."""
AT_ONCE = 8
"""Queued events at the same time; asking and watching answers need no queue."""
_NAME = "<h1>Footnote</h1>"
_NAMES = (
    deferred("Chat"),
    deferred("Library"),
    deferred("History"),
    deferred("Evaluation"),
    deferred("Settings"),
)
_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "DejaVu Sans Mono", "monospace")


def theme() -> gr.themes.Base:
    """Quiet colours and the fonts that the user's machine has: nothing is loaded from elsewhere."""
    quiet = gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", radius_size="lg", font=list(_FONT), font_mono=list(_MONO)
    )
    return quiet.set(
        body_background_fill="*neutral_50",
        block_border_width="0px",
        block_background_fill="transparent",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )


def styles() -> list[Path]:
    """The style sheets of all pages; that of the conversation, which sets the colours, comes first."""
    return sorted(STATIC.glob("*.css"), key=lambda path: (path.stem != "page", path.stem))


def script() -> str:
    """What goes into the head of the page: its scripts."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.js"))]
    return "".join(f"<script>{script}</script>" for script in scripts)


def page(footnote: Footnote, ask: AskWithin, shelf: Shelf) -> gr.Blocks:
    """Lay out the page and tie its events.

    Args:
        footnote: the library and the model that the page tells about.
        ask: answers a question as growing snapshots.
        shelf: the library as its own page sees it.
    """
    blocks = ManyTabs(title="Footnote", analytics_enabled=False, fill_width=True)
    with blocks:
        with gr.Row(elem_id="fn-head"):
            _html(_NAME, "fn-name")
            where = library_menu.where()
            _html(_links(), "fn-pages")
            status = _html("", "fn-state")
            new = gr.Button(said("New conversation"), size="sm", elem_id="fn-new", min_width=130, scale=0)
            leave = sign_out.button()
        bar = first_run.bar()
        parts = _conversation(status)
        frame = chat_events.Frame(blocks, new, download_of())
        shelved = library_page()
        pages = [*history_page(footnote, shelf), *evaluation_page(footnote), *settings_page(footnote, bar)]
        changing = [*library_events.tie(shelved, shelf, blocks, where), *pages]
        chat_events.tie(parts, frame, Actions(footnote, Talks(footnote.library, ask), parts), shelf, changing)
        card_events.tie([parts.panel], parts.conversation, footnote)
        sign_out.tie(leave, blocks)
    blocks.queue(default_concurrency_limit=AT_ONCE, api_open=False)
    return blocks


def _links() -> str:
    links = "".join(f'<a href="#{page}">{said(name)}</a>' for page, name in zip(PAGES, _NAMES, strict=True))
    return f'<nav aria-label="{said("Pages")}">{links}</nav>'


def _conversation(status: gr.HTML) -> Parts:
    """The body: exchanges and composer, and beside them the sources."""
    with gr.Row(elem_id="fn-body"):
        with gr.Column(elem_id="fn-chat"):
            with gr.Column(elem_id="fn-log"):
                past = _html("", "fn-before")
                now = _html(render.newest(()), "fn-now", chat_events.ON_TELLING)
                opening = _html("", "fn-greeting")
            told = _html("", "fn-said")
            asking = scope.scope()
            with gr.Row(elem_id="fn-composer"):
                box, send, stop = _composer()
        with gr.Column(elem_id="fn-side"):
            with gr.Row(elem_id="fn-side-head"):
                _html(f"<h2>{said('Sources')}</h2>", "fn-side-name")
                cited = gr.Button(
                    said("Export BibTeX"), size="sm", scale=0, min_width=60, elem_id="fn-cited",
                    elem_classes=["fn-small"], visible=False,
                )  # fmt: skip
            panel = _html(sources.panel(()), "fn-sources", card_events.ON_CARD)
    return Parts(status, past, now, opening, panel, told, asking, box, send, stop, cited)


def _html(value: str, name: str, on_load: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=on_load, apply_default_css=False)


def _composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    box = gr.Textbox(
        label=said("Your question"),
        show_label=False,
        placeholder=said("Ask the papers…"),
        max_lines=6,
        autofocus=True,
        container=False,
        elem_id="fn-box",
    )
    send = gr.Button(said("Ask"), variant="primary", elem_id="fn-send", scale=0, min_width=84)
    stop = gr.Button(said("Stop"), elem_id="fn-stop", scale=0, min_width=84, visible=False)
    return box, send, stop
