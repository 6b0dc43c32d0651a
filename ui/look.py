"""Light or dark: what the page looks like before its script runs, and the word that the script goes by."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Receive, Scope, Send

WORD = "fn_theme"
"""Where the page's configuration has the theme; see settings.js."""
_PARTS = ("body_background_fill", "body_text_color")


class Dressed:
    """A page that is sent in the colours of the settings.

    Gradio paints the empty page in the system's light or dark. Someone who chose one of them would see the
    other one flash, so both are made the same.
    """

    def __init__(self, app: ASGIApp, blocks: gr.Blocks, theme: Callable[[], str]) -> None:
        """Wrap a page.

        Args:
            blocks: the page; what Gradio sends with it is changed in place.
            theme: says which one is wanted now: `auto`, `light` or `dark`.
        """
        self._app = app
        self._config = cast(dict[str, Any], blocks.config)
        self._theme = theme
        self._own = dict(self._config.get("body_css") or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and self._config.get(WORD) != (wanted := self._theme()):
            self._wear(wanted)
        await self._app(scope, receive, send)

    def _wear(self, theme: str) -> None:
        ending = "_dark" if theme == "dark" else ""
        one = {part + dark: self._own.get(part + ending) for part in _PARTS for dark in ("", "_dark")}
        self._config["body_css"] = self._own if theme == "auto" else one
        self._config[WORD] = theme
