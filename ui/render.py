"""Conversations as HTML: pure functions from records to text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.records import Answer, Candidate, CheckedSentence, Conversation, Exchange, Paper
from ui import answer_view, remarks, stages
from ui.answer_view import because
from ui.exchange_actions import actions, rewritten
from ui.language import deferred, digits, in_english, said
from ui.markup import exact, line, plain

NEAREST = 3
"""Papers named when the abstracts do not say."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown besides the exchanges themselves."""

    asked_for: str = ""
    """The address that the browser named, as it did."""
    address: str = "chat"
    """The address of what is shown."""
    seen: str = ""
    """What tells this state of the conversation from others."""
    verdicts: Mapping[int, tuple[bool, str]] = field(default_factory=dict)
    """What the user thinks of answers, by their numbers."""
    kept: bool = True
    """Whether the conversation is kept."""
    show_removed: bool = False
    """Whether removed sentences stand in the text, struck through."""


def log(conversation: Conversation, view: View = View()) -> str:
    """The whole conversation, oldest exchange first."""
    return earlier(conversation, view) + newest(conversation, view)


def earlier(conversation: Conversation, view: View = View()) -> str:
    """The exchanges before the newest: what a growing answer leaves alone."""
    messages = [message(exchange, number, view) for number, exchange in enumerate(conversation[:-1], 1)]
    return f'<div class="fn-before">{"".join(messages)}</div>' if messages else ""


def newest(conversation: Conversation, view: View = View()) -> str:
    """The newest exchange; an empty conversation has an empty log."""
    last = message(conversation[-1], len(conversation), view) if conversation else ""
    busy = "true" if conversation and conversation[-1].running else "false"
    told = f'data-for="{exact(view.asked_for)}" data-address="{exact(view.address)}" data-seen="{exact(view.seen)}"'
    attributes = (
        f'role="log" aria-label="{said("Conversation")}" aria-live="polite" aria-busy="{busy}" {told}'
    )
    return f'<div class="fn-messages" {attributes}>{last}</div>'


def message(exchange: Exchange, number: int, view: View = View()) -> str:
    """A question and its answer as it stands.

    Args:
        exchange: the question with its newest snapshot.
        number: which one of the conversation it is; part of every anchor in it.
    """
    parts = _answer(exchange.answer, number, view) if exchange.answer else []
    if exchange.running:
        parts.append(stages.progress(exchange))
    if exchange.problem:
        parts.append(line("fn-problem", plain(exchange.problem)))
    elif exchange.answer and exchange.answer.stopped and exchange.answer.done:
        parts.append(line("fn-stopped", said("Stopped.")))
    if exchange.answer and exchange.answer.done:
        parts.append(stages.timed(exchange.answer))
    asked = f'<h2 class="fn-asked">{plain(exchange.asked)}</h2>'
    below = actions(exchange, number, view.verdicts.get(number), kept=view.kept)
    return (
        f'<section class="fn-exchange" data-n="{number}">{asked}<div class="fn-answer">{"".join(parts)}</div>'
        f'<div class="fn-below">{below}</div></section>'
    )


def _answer(answer: Answer, number: int, view: View) -> list[str]:
    parts = [_standalone(answer, number), _filters(answer), _remark(answer)]
    parts.append(answer_view.text(answer, number, show_removed=view.show_removed and answer.done))
    if answer.abstained:
        parts += [_nearest(answer.retrieved), _suggested(answer.suggestion)]
    parts += [line("fn-notice", plain(notice)) for notice in answer.notices]
    if answer.done and not view.show_removed:
        parts.append(_removed(answer.removed))
    return parts


def _standalone(answer: Answer, number: int) -> str:
    understood = answer.question
    if understood.standalone.split() == (understood.bare or understood.asked).split():
        return ""
    return rewritten(understood.standalone, number)


def _filters(answer: Answer) -> str:
    """The conditions that papers had to meet, from the question's words or set beside it."""
    filters = plain(remarks.conditions(answer.question.filters))
    return line("fn-standalone", said("Only papers {conditions}", conditions=filters)) if filters else ""


def _remark(answer: Answer) -> str:
    return line("fn-remark", plain(remarks.remark(answer))) if answer.remark else ""


def _nearest(retrieved: Sequence[Candidate]) -> str:
    """Papers near an unanswered question, abstracts folded away. They support nothing."""
    if not retrieved:
        return ""
    folded = "".join(_folded(candidate.paper) for candidate in retrieved[:NEAREST])
    return f'<div class="fn-nearest"><p>{said("Nearest papers")}</p>{folded}</div>'


def _folded(paper: Paper) -> str:
    abstract = line("fn-abstract", in_english(plain(paper.abstract)))
    return f"<details><summary>{in_english(plain(paper.title))}</summary>{abstract}</details>"


def _suggested(question: str) -> str:
    """A question that the library answers, as a button that asks it."""
    ask = said("You could ask: {question}", question=_proposed(question))
    return f'<p class="fn-suggested">{ask}</p>' if question else ""


def _proposed(question: str) -> str:
    """A question, in English as the abstracts are, as a button that asks it."""
    return f'<button type="button" class="fn-ask">{in_english(plain(question))}</button>'


def _removed(removed: Sequence[CheckedSentence]) -> str:
    if not removed:
        return ""
    if len(removed) == 1:
        told = said("1 sentence was removed, for the abstracts do not carry what the model wrote")
    else:
        frame = deferred(
            "{number} sentences were removed, for the abstracts do not carry what the model wrote"
        )
        told = said(frame, number=len(removed))
    struck = "".join(f"<li><del>{in_english(plain(s.text))}</del>{because(s)}</li>" for s in removed)
    return f'<details class="fn-removed"><summary>{told}</summary><ul>{struck}</ul></details>'


def status(model: str, engine: str, papers: int, notices: Sequence[str] = ()) -> str:
    """The line in the head: what answers, over how many papers, and what is degraded."""
    who = said("<b>Quotations</b>, no language model")
    if model:
        who = said("<b>{model}</b> on {engine}", model=plain(model), engine=plain(engine))
    over = said("1 paper") if papers == 1 else said("{number} papers", number=digits(papers))
    return line("fn-status", f"{who} · {over}") + warnings(notices)


def warnings(notices: Sequence[str]) -> str:
    """What is degraded, one line each."""
    return "".join(line("fn-notice", plain(notice)) for notice in notices)


def greeting(questions: Sequence[str]) -> str:
    """What an empty conversation shows: questions to begin with, as buttons that ask them."""
    buttons = "".join(map(_proposed, questions))
    head = said("What would you like to know?")
    return f'<div class="fn-opening"><h2>{head}</h2><div>{buttons}</div></div>'


def empty_library(called: str = "") -> str:
    """What an empty library shows.

    Args:
        called: what `--library` calls it; empty for the default one.
    """
    link = f'<a class="fn-link" href="#library">{said("Library")}</a>'
    how = said("Drop files with papers on the page {library}, or import them by a command:", library=link)
    which = f" --library {shlex.quote(called)}" if called else ""
    command = f"<pre>{plain(f'footnote import FILE{which}')}</pre>"
    return f'<div class="fn-opening"><h2>{said("The library is empty")}</h2><p>{how}</p>{command}</div>'


def problem(text: str) -> str:
    """What an unusable library shows."""
    return f'<div class="fn-opening"><h2>{said("Something is in the way")}</h2>{line("fn-problem", plain(text))}</div>'
