"""The questions of the Sources panel to the server: every signal that placed a paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.records import Answer, Conversation, Paper
from ui import card_why
from ui.markup import line, plain

ON_CARD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-why]");
  if (!button || button.disabled) return;
  button.disabled = true;
  button.textContent = fnSaid("Looking…");
  trigger("select", { index: 0, value: [Number(button.dataset.why), button.dataset.id] });
});
"""
"""Tells the server which paper of which answer is to be explained."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def tie(panels: Sequence[gr.HTML], conversation: gr.State, footnote: Footnote) -> None:
    """Let the buttons of the cards be answered; sources.js puts what comes back into the card.

    Args:
        panels: what shows cards; each was made with `js_on_load=ON_CARD`.
        conversation: holds the exchanges that are shown.
    """

    def select(event: gr.SelectData, shown: Conversation) -> list[str]:
        return explained(footnote, shown, *event.value)

    told = gr.JSON(visible="hidden")
    again: dict[str, Any] = {"queue": False, "trigger_mode": "multiple"}
    selecting: list[Callable[..., Any]] = [panel.select for panel in panels]
    looked = gr.on(selecting, select, [conversation], [told], **again, **_QUIET)
    looked.then(None, [told], None, js="(told) => fnExplained(told)", **_QUIET)


def explained(footnote: Footnote, conversation: Conversation, number: int, paper_id: str) -> list[str]:
    """The explanation of a paper's place for an answer of a conversation: its key and its HTML.

    Args:
        number: which answer, from 1.
        paper_id: one of the papers that the answer cites or found.
    """
    answer = conversation[number - 1].answer if 0 < number <= len(conversation) else None
    paper = _paper(answer, paper_id) if answer else None
    if answer is None or paper is None:
        return ["", ""]
    try:
        explanation = footnote.why(answer.question.standalone, paper, answer.question.filters)
        text = card_why.full(explanation, held=footnote.library.paper(paper.id) is not None)
    except FootnoteError as error:
        text = line("fn-problem", plain(str(error)))
    return [card_why.key(answer.question, paper.id), text]


def _paper(answer: Answer, paper_id: str) -> Paper | None:
    """The paper as the answer has it, which may have left the library since."""
    known = [one.paper for one in answer.papers] + [one.paper for one in answer.retrieved]
    return next((paper for paper in known if paper.id == paper_id), None)
