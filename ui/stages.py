"""How an answer comes about, as HTML: what is going on now, and afterwards what took how long."""

from __future__ import annotations

from rag.records import Answer, Exchange, Timings
from ui.language import deferred, said
from ui.markup import line, plain

_NOW = {
    "understanding": deferred("Understanding the question"),
    "searching": deferred("Searching the papers"),
    "reading": deferred("Reading what was found"),
    "writing": deferred("Writing"),
}


def progress(exchange: Exchange) -> str:
    """What is going on, behind what has been done, and a clock."""
    answer = exchange.answer
    done = " · ".join(f"{name} {seconds}" for name, seconds in steps(answer.timings)) if answer else ""
    before = f'<span class="fn-steps">{done} · </span>' if done else ""
    clock = f'<span class="fn-clock">{int(exchange.seconds)} s</span>'
    return line("fn-progress", f"{before}{_doing(answer)}… {clock}")


def _doing(answer: Answer | None) -> str:
    if answer is None:
        return said(_NOW["understanding"])
    if answer.ahead:
        if answer.ahead == 1:
            return said("Waiting for the model: 1 answer before this one")
        return said("Waiting for the model: {number} answers before this one", number=answer.ahead)
    if answer.stage == "writing" and not answer.raw:
        return said("Reading the evidence")
    return said(_NOW.get(answer.stage, deferred("Working")))


def timed(answer: Answer) -> str:
    """One folded line: how long it took, and what of that went where."""
    timings = answer.timings
    if timings.total_s is None:
        return ""
    spent = " · ".join(f"{name} {seconds}" for name, seconds in steps(timings))
    by = f", {plain(answer.model)}" if answer.model else ""
    summary = f"<summary>{_seconds(timings.total_s)} s</summary>"
    return f'<details class="fn-timed">{summary}<p>{spent}{by}</p></details>'


def steps(timings: Timings) -> list[tuple[str, str]]:
    """What was done, and the seconds that each step took, as text."""
    moments = [
        (deferred("understood"), timings.understood_s),
        (deferred("found"), timings.retrieval_s),
        (deferred("read"), timings.read_s),
        (deferred("written"), timings.written_s),
    ]
    spent, before = [], 0.0
    for name, moment in moments:
        if moment is not None:
            checked = timings.checking_s if name == "written" else 0.0
            spent.append((said(name), _seconds(max(0.0, moment - before - checked))))
            before = moment
            if checked:
                spent.append((said("checked"), _seconds(checked)))
    return spent


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}"
