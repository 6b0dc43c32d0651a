"""The evaluation page: how good the answers are, from what `footnote eval` left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.assemble import Footnote
from ui import evaluation_results as results
from ui import evaluation_view as view
from ui.markup import line, plain

ON_DOING = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) trigger("select", { index: 0, value: [button.dataset.do, button.dataset.id ?? ""] });
});
addEventListener("hashchange", () => {
  const reading = element.querySelector(".fn-run");
  if (location.hash === "#evaluation" && !reading) trigger("select", { index: 0, value: ["list", ""] });
});
let shown = null;
watch("value", () => {
  const title = element.querySelector("#fn-run-title");
  if (title && title.textContent !== shown) { title.focus(); scrollTo(0, 0); }
  shown = title ? title.textContent : null;
});
"""
"""Tells the server which run to open; what is new since the page was last looked at is shown too."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def evaluation_page(footnote: Footnote) -> list[Any]:
    """Lay it out and tie its events; hidden by the style sheet until the address ends in #evaluation.

    Returns:
        Events after which the head of the page and the conversation's opening are no longer as they were.
    """
    folder = footnote.settings.home / results.FOLDER

    def used(event: gr.SelectData) -> str:
        what, file = event.value
        return _opened(folder, str(file)) if what == "open" else _listed(folder)

    with gr.Row(elem_id="fn-evaluation"):
        shown = gr.HTML("", elem_id="fn-measured", js_on_load=ON_DOING, apply_default_css=False)
    gr.on(None, lambda: _listed(folder), None, [shown], **_QUIET)
    shown.select(used, None, [shown], **_QUIET)
    return []


def _listed(folder: Path) -> str:
    return view.listed(*results.entries(folder))


def _opened(folder: Path, file: str) -> str:
    try:
        return view.opened(results.run(folder, file))
    except results.NoResult as error:
        return line("fn-problem", plain(str(error))) + _listed(folder)
