"""The evaluation page as HTML: pure functions from records to text."""

from __future__ import annotations

from collections.abc import Sequence

from ui import evaluation_charts
from ui.evaluation_records import Entry, Failure, Measure, Run, Table
from ui.language import decimal, deferred, digits, in_english, said
from ui.markup import exact, line, plain

KINDS = {
    "answers": deferred("Answers"),
    "retrieval": deferred("Retrieval"),
    "latency": deferred("Latency"),
    "fit": deferred("Declining"),
    "benchmark": deferred("Benchmark"),
}
"""What a run measured, in a word."""
_COMMAND = "<code>footnote eval</code>"
_CURVE = deferred(
    "Each place on the line is a threshold: how many of the questions that no paper answers it declines, "
    "and how many of the others it leaves to be answered. The thresholds in use are marked."
)


def listed(entries: Sequence[Entry], others: Sequence[str]) -> str:
    """Every run, the newest first, or how to make one.

    Args:
        others: files that lie beside them and hold no run.
    """
    head = f"<h2>{said('Evaluation')}</h2>"
    if not entries:
        how = said(
            "Nothing has been measured on this machine yet. In a terminal, {command} does it.",
            command=_COMMAND,
        )
        return f"{head}{line('fn-quiet', how)}{_unread(others)}"
    told = said(
        "What {command} measured on this machine, with 95% intervals. Open one to see where it fails.",
        command=_COMMAND,
    )
    items = "".join(map(_item, entries))
    runs = f'<ul class="fn-runs" aria-label="{said("Evaluations")}">{items}</ul>'
    return f"{head}{line('fn-quiet', told)}{runs}{_unread(others)}"


def _unread(others: Sequence[str]) -> str:
    if not others:
        return ""
    told = said("Not shown, because this version cannot read it: {files}", files=plain(", ".join(others)))
    return line("fn-quiet", told)


def _item(entry: Entry) -> str:
    numbers = "".join(map(_number, entry.main))
    button = (
        f'<button type="button" data-do="open" data-id="{exact(entry.file)}">{plain(entry.title)}</button>'
    )
    return (
        f'<li><div>{button}{line("fn-record", _meta(entry))}</div><dl class="fn-numbers">{numbers}</dl></li>'
    )


def _meta(entry: Entry) -> str:
    asked = said("{number} asked", number=digits(entry.asked)) if entry.asked else ""
    known = (said(KINDS[entry.kind]), entry.when, entry.model, asked)
    return " · ".join(plain(part) for part in known if part)


def _number(measure: Measure) -> str:
    between = "" if measure.low is None or measure.high is None else _between(measure.low, measure.high)
    return f"<div><dt>{plain(measure.name)}</dt><dd><b>{_shown(measure.value)}</b>{between}</dd></div>"


def _between(low: float, high: float) -> str:
    return f" <span>{_shown(low)}–{_shown(high)}</span>"


def _shown(value: float) -> str:
    """A number in as many digits as it deserves.

    >>> _shown(0.59166), _shown(5.36), _shown(61.24), _shown(1234.5)
    ('0.59', '5.4', '61.2', '1,234')
    """
    if abs(value) >= 1000:
        return decimal(value, ",.0f")
    return decimal(value, ".2f" if abs(value) <= 1 else ".1f")


def opened(run: Run) -> str:
    """One run with everything that is known of it."""
    back = f'<button type="button" class="fn-back" data-do="list">← {said("All evaluations")}</button>'
    numbers = "".join(map(_number, run.entry.main))
    head = f'<h2 id="fn-run-title" tabindex="-1">{plain(run.entry.title)}</h2>{line("fn-record", _meta(run.entry))}'
    parts = [back, head, f'<dl class="fn-numbers">{numbers}</dl>']
    if run.drawing:
        parts.append(_figure(evaluation_charts.intervals(run.drawing), run.drawing.caption))
    if run.curve:
        parts.append(_figure(evaluation_charts.curve(run.curve), said(_CURVE)))
    parts += [_table(table) for table in run.tables]
    parts += [_failures(run.failures), _provenance(run)]
    return f'<article class="fn-run" aria-labelledby="fn-run-title">{"".join(parts)}</article>'


def _figure(svg: str, caption: str) -> str:
    return (
        f'<figure class="fn-drawing" aria-label="{plain(caption)}" tabindex="0">{svg}'
        f"<figcaption>{plain(caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{plain(name)}</th>' for name in table.headings)
    body = "".join(map(_row, table.rows))
    return (
        f'<h3>{plain(table.title)}</h3><div class="fn-wide" tabindex="0" role="group" '
        f'aria-label="{plain(table.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[str]) -> str:
    first, *others = row
    return (
        f'<tr><th scope="row">{plain(first)}</th>{"".join(f"<td>{plain(cell)}</td>" for cell in others)}</tr>'
    )


def _failures(failures: Sequence[Failure]) -> str:
    if not failures:
        return ""
    head = said("To look at: {number}", number=digits(len(failures)))
    return f"<h3>{head}</h3>{''.join(map(_failure, failures))}"


def _failure(failure: Failure) -> str:
    told = "".join(
        f"<dt>{plain(label)}</dt><dd>{in_english(plain(text)) or said('nothing')}</dd>"
        for label, text in failure.lines
    )
    summary = f"<summary>{in_english(plain(failure.question))}</summary>"
    return f'<details class="fn-failure">{summary}<dl>{told}</dl></details>'


def _provenance(run: Run) -> str:
    told = "".join(
        f"<dt>{in_english(plain(name))}</dt><dd>{in_english(plain(value))}</dd>"
        for name, value in run.provenance
    )
    summary = f"<summary>{said('Where these numbers come from')}</summary>"
    return f'<details class="fn-failure">{summary}<dl>{told}</dl></details>'
