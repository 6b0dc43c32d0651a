"""The evaluation page: how good the answers are."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.assemble import Footnote


def evaluation_page(footnote: Footnote) -> list[Any]:  # noqa: ARG001  # its helper is on the way
    """Lay it out and tie its events; hidden by the style sheet until the address ends in #evaluation.

    Returns:
        Events after which the head of the page and the conversation's opening are no longer as they were.
    """
    with gr.Row(elem_id="fn-evaluation"):
        gr.HTML("<h2>Evaluation</h2>")
    return []
