"""The settings page: what a user can set."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.assemble import Footnote


def settings_page(footnote: Footnote) -> list[Any]:  # noqa: ARG001  # its helper is on the way
    """Lay it out and tie its events; hidden by the style sheet until the address ends in #settings.

    Returns:
        Events after which the head of the page and the conversation's opening are no longer as they were.
    """
    with gr.Row(elem_id="fn-settings"):
        gr.HTML("<h2>Settings</h2>")
    return []
