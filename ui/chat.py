"""The page: conversation on the left, the cited papers beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.records import Answer, Conversation, Filters, Turn
from ui import library_events, narrowing, render, sources
from ui.conversation import Ask, Running, turns
from ui.evaluation_page import evaluation_page
from ui.history_page import history_page
from ui.library_page import download_of, library_page
from ui.settings_page import settings_page
from ui.shelf import Shelf
from ui.suggestions import suggestions

AskWithin = Callable[[str, Sequence[Turn], threading.Event, Filters], Iterator[Answer]]
"""As `Ask`, among the papers that meet conditions."""
STATIC = Path(__file__).parent / "static"
PAGES = ("chat", "library", "history", "evaluation", "settings")
"""The pages, by what follows the # in the address."""
AT_ONCE = 8
"""Questions answered at the same time, over all browsers."""
_NAME = "<h1>Footnote</h1>"
_LINKS = "".join(f'<a href="#{name}">{name.title()}</a>' for name in PAGES)
_PAGES = f'<nav aria-label="Pages">{_LINKS}</nav>'
_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "DejaVu Sans Mono", "monospace")
_ASK_WHAT_IS_CLICKED = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button.fn-ask");
  if (button) trigger("select", { index: 0, value: button.textContent });
});
"""


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
    blocks = gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True)
    with blocks:
        with gr.Row(elem_id="fn-head"):
            _html(_NAME, "fn-name")
            _html(_PAGES, "fn-pages")
            status = _html("", "fn-state")
            new = gr.Button("New conversation", size="sm", elem_id="fn-new", min_width=130, scale=0)
        with gr.Row(elem_id="fn-body"):
            with gr.Column(elem_id="fn-chat"):
                log = _html(render.log((), _opening(footnote)), "fn-log", _ASK_WHAT_IS_CLICKED)
                only = narrowing.narrowing()
                with gr.Row(elem_id="fn-composer"):
                    box, send, stop = _composer()
            with gr.Column(elem_id="fn-side"):
                with gr.Row(elem_id="fn-side-head"):
                    _html("<h2>Sources</h2>", "fn-side-name")
                    cited = gr.Button(
                        "Export BibTeX",
                        size="sm",
                        scale=0,
                        min_width=60,
                        elem_id="fn-cited",
                        elem_classes=["fn-small"],
                        visible=False,
                    )
                panel = _html(sources.panel(()), "fn-sources")
        parts = _Parts(blocks, status, log, panel, only, box, send, stop, new, cited, download_of())
        shelved = library_page()
        _events(parts, footnote, ask)
        changing = [
            tied for page in (history_page, evaluation_page, settings_page) for tied in page(footnote)
        ]
        _with_library(parts, footnote, shelf, [*library_events.tie(shelved, shelf, blocks), *changing])
    blocks.queue(default_concurrency_limit=AT_ONCE, api_open=False)
    return blocks


def _html(value: str, name: str, on_load: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=on_load, apply_default_css=False)


def _composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    box = gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask the papers…",
        max_lines=6,
        autofocus=True,
        container=False,
        elem_id="fn-box",
    )
    send = gr.Button("Ask", variant="primary", elem_id="fn-send", scale=0, min_width=84)
    stop = gr.Button("Stop", elem_id="fn-stop", scale=0, min_width=84, visible=False)
    return box, send, stop


@dataclass(frozen=True)
class _Parts:
    """The components that events read and write; the states are each browser tab's own."""

    blocks: gr.Blocks
    status: gr.HTML
    log: gr.HTML
    panel: gr.HTML
    only: narrowing.Narrowing
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    new: gr.Button
    cited: gr.Button
    file: gr.File
    conversation: gr.State = field(default_factory=lambda: gr.State(()))
    running: gr.State = field(default_factory=lambda: gr.State(None))

    @property
    def shown(self) -> list[Any]:
        """What an answer changes, in the order of `_shown`."""
        shown = [self.log, self.panel, self.box, self.send, self.stop, self.conversation, self.running]
        return [*shown, self.cited]


def _events(parts: _Parts, footnote: Footnote, ask: AskWithin) -> None:
    def answer(asked: str, conversation: Conversation, *only: Any) -> Iterator[tuple[Any, ...]]:
        yield from _answer(asked, conversation, _within(narrowing.chosen(*only), ask))

    def example(event: gr.SelectData, conversation: Conversation, *only: Any) -> Iterator[tuple[Any, ...]]:
        yield from _answer(str(event.value), conversation, _within(narrowing.chosen(*only), ask))

    def new(running: Running | None) -> tuple[Any, ...]:
        _stop(running)
        return _shown((), None, _opening(footnote))

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    asking: list[Callable[..., Any]] = [parts.send.click, parts.box.submit]
    fields = [parts.conversation, *parts.only.fields]
    first = gr.on(asking, answer, [parts.box, *fields], parts.shown, trigger_mode="once", **quiet)
    second = parts.log.select(example, fields, parts.shown, trigger_mode="once", **quiet)
    parts.stop.click(_stop, [parts.running], None, queue=False, **quiet)
    parts.new.click(new, [parts.running], parts.shown, queue=False, cancels=[first, second], **quiet)
    parts.blocks.load(lambda: _greet(footnote), None, [parts.status, parts.log], **quiet)
    parts.blocks.load(lambda: narrowing.offered(footnote.library), None, parts.only.parts, **quiet)
    changes: list[Callable[..., Any]] = [field.change for field in parts.only.fields]
    gr.on(changes, narrowing.label, parts.only.fields, parts.only.frame, queue=False, **quiet)


def _with_library(parts: _Parts, footnote: Footnote, shelf: Shelf, changing: Sequence[Any]) -> None:
    """What the conversation gives to the library's page, and what it hears from there."""

    def export(conversation: Conversation) -> str:
        return str(shelf.exported(sources.cited(conversation), "bibtex", "footnote-cited"))

    def greet(conversation: Conversation) -> tuple[Any, ...]:
        status, opening = _greet(footnote)
        return status, gr.skip() if conversation else opening, *narrowing.offered(footnote.library)

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    library_events.download(
        parts.cited.click(export, [parts.conversation], [parts.file], **quiet), parts.file
    )
    heard = [parts.status, parts.log, *parts.only.parts]
    for event in changing:
        event.then(greet, [parts.conversation], heard, **quiet)


def _within(filters: Filters, ask: AskWithin) -> Ask:
    return lambda asked, history, stop: ask(asked, history, stop, filters)


def _answer(asked: str, conversation: Conversation, ask: Ask) -> Iterator[tuple[Any, ...]]:
    """Stream one answer into the page. The box is emptied once and belongs to the user from then on."""
    if not asked.strip():
        yield tuple(gr.skip() for _ in range(8))
        return
    running = Running(asked.strip(), ask, turns(conversation))
    box, known = "", None
    for exchange in running.watch():
        grown = (*conversation, exchange)
        updates = list(_shown(grown, running if exchange.running else None))
        updates[2] = box
        if updates[1] == known:
            updates[1] = gr.skip()
        else:
            known = updates[1]
        yield tuple(updates)
        box = gr.skip()


def _shown(conversation: Conversation, running: Running | None, opening: str = "") -> tuple[Any, ...]:
    busy = running is not None
    return (
        render.log(conversation, opening),
        sources.panel(conversation),
        gr.skip(),
        gr.update(visible=not busy),
        gr.update(visible=busy),
        conversation,
        running,
        gr.update(visible=bool(sources.cited(conversation))),
    )


def _stop(running: Running | None) -> None:
    if running is not None:
        running.stop()


def _greet(footnote: Footnote) -> tuple[str, str]:
    """What a freshly opened page says: which model, how many papers, and what to ask."""
    opening = render.log((), _opening(footnote))
    try:
        papers = footnote.library.count()
        choice = footnote.choose_model()
    except FootnoteError as error:
        return render.warnings([str(error)]), opening
    model, engine = (choice.model.name, choice.model.engine) if choice.model else ("", "")
    return render.status(model, engine, papers, choice.notices), opening


def _opening(footnote: Footnote) -> str:
    """What an empty conversation shows: questions to begin with, or how to get papers."""
    try:
        questions = suggestions(footnote.library)
    except FootnoteError as error:
        return render.problem(str(error))
    return render.greeting(questions) if questions else render.empty_library()
