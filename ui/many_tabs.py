"""A Gradio page of which any number of tabs can be open in one browser."""

from __future__ import annotations

from typing import Any

import gradio as gr

TABS = 1000
"""Tabs whose state is held; of more, the longest unused is forgotten, and that tab begins anew."""


class ManyTabs(gr.Blocks):
    """A page without Gradio's heartbeat.

    With it, every tab holds a connection for as long as it is open, to tell when it is closed. A browser opens
    six connections to one server, so that the seventh tab would never load. Nothing here depends on a tab
    being closed: answers go on, and what a tab's state holds is bounded by their number.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.state_session_capacity = TABS

    def get_config_file(self) -> Any:
        """What the browser is told about the page."""
        config = super().get_config_file()
        config["connect_heartbeat"] = False
        return config
