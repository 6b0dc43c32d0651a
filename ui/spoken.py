"""The page in the language of the settings, for whoever loads it next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ui import language

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Receive, Scope, Send

CODE, WORDS = "fn_language", "fn_words"
"""Where the page's configuration has the language and its catalogue; see language.js."""


class Spoken:
    """A page that was laid out with its texts open, and is sent with them in the language of now."""

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        """Wrap a page.

        Args:
            blocks: the page; what Gradio sends of its components is changed in place.
        """
        self._app = app
        self._config = cast(dict[str, Any], blocks.config)
        self._open = self._config["components"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and self._config.get(CODE) != language.current():
            self._speak(language.current())
        await self._app(scope, receive, send)

    def _speak(self, code: str) -> None:
        self._config["components"] = language.spoken(self._open)
        self._config[WORDS] = dict(language.catalogue(code))
        self._config[CODE] = code
