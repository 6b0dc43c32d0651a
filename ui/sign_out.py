"""The button that ends a session, in the head of the page of whoever signed in."""

from __future__ import annotations

import gradio as gr

from ui.language import said
from ui.login import SIGNED_IN

_FORM = '<form method="post" action="/logout"><button type="submit" class="fn-small">{name}</button></form>'


def button() -> gr.HTML:
    """Lay it out where it is to be; unseen by who did not sign in."""
    return gr.HTML("", elem_id="fn-sign-out", apply_default_css=False)


def tie(shown: gr.HTML, blocks: gr.Blocks) -> None:
    """Show it when a page is loaded by a browser with a session."""

    def look(request: gr.Request) -> str:
        asked = request.request
        return _FORM.format(name=said("Sign out")) if asked and asked.scope.get(SIGNED_IN) else ""

    blocks.load(look, None, [shown], queue=False, api_visibility="private", show_progress="hidden")
