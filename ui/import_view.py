"""An import as HTML: how far it is, and the report at its end. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from rag.importers import Rejected
from rag.intake import ImportReport
from ui import library_words
from ui.importing import Progress, Taken
from ui.language import decimal, deferred, digits, in_english, said
from ui.library_view import part
from ui.markup import exact, line, plain

FILES = 20
"""Files whose part in an import is told one by one."""
REJECTED = 25
"""Rejected records of a file that are shown; all of them can be downloaded."""
_WORDS = {
    "new": (deferred("<b>1</b> new"), deferred("<b>{number}</b> new")),
    "merged": (
        deferred("<b>1</b> merged with papers that were there"),
        deferred("<b>{number}</b> merged with papers that were there"),
    ),
    "changed": (deferred("<b>1</b> changed"), deferred("<b>{number}</b> changed")),
    "unchanged": (deferred("<b>1</b> unchanged"), deferred("<b>{number}</b> unchanged")),
    "deleted_earlier": (
        deferred("<b>1</b> deleted earlier, left out"),
        deferred("<b>{number}</b> deleted earlier, left out"),
    ),
    "rejected": (deferred("<b>1</b> rejected"), deferred("<b>{number}</b> rejected")),
}
"""What became of records: how one is told, and several."""


def progress(now: Progress, seconds: float) -> str:
    """An import under way.

    Args:
        seconds: since its stage began.
    """
    share = f' value="{now.done}" max="{now.total}"' if now.total else ""
    bar = f'<progress aria-label="{said("Import")}"{share}></progress>'
    return f'<div class="fn-import">{bar}{line("fn-quiet", _doing(now, seconds))}</div>'


def _doing(now: Progress, seconds: float) -> str:
    rate = now.done / seconds if seconds > 0 else 0.0
    speed = f" · {said('{number} a second', number=decimal(rate, ',.0f'))}" if rate >= 1 else ""
    if now.stage == "reading":
        return said("Reading {file}: {number} records", file=plain(now.file), number=digits(now.done)) + speed
    if now.stage == "indexing" and now.total:
        left = f" · {said('{time} left', time=_time((now.total - now.done) / rate))}" if rate else ""
        return said("Indexing {papers}", papers=part(digits(now.done), now.total)) + speed + left
    return said("Indexing…") if now.stage == "indexing" else said("Waiting for the import before this one…")


def _time(seconds: float) -> str:
    """About how long.

    >>> _time(8.2), _time(200)
    ('9 s', '4 min')
    """
    return f"{int(seconds) + 1} s" if seconds < 90 else f"{int(seconds / 60) + 1} min"


def report(now: Progress, rejected: Mapping[str, Sequence[Rejected]]) -> str:
    """What an import did.

    Args:
        rejected: what was rejected, by the name of the file.
    """
    ends = [line("fn-problem", plain(now.problem))] if now.problem else []
    if now.stopped:
        ends.append(line("fn-problem", said("Stopped. What was read until then is in the library.")))
    told = [_file(taken, rejected.get(taken.name, ())) for taken in now.taken[:FILES]]
    if len(now.taken) > 1:
        total = sum((taken.report for taken in now.taken), ImportReport())
        told.insert(0, f"<h4>{said('{number} files', number=digits(len(now.taken)))}</h4>{_counts(total)}")
    return f'<div class="fn-report">{"".join(told + ends)}</div>' if told or ends else ""


def _file(taken: Taken, rejected: Sequence[Rejected]) -> str:
    if taken.problem:
        return line("fn-problem", in_english(plain(taken.problem)))
    return f"<h4>{plain(taken.name)}</h4>{_counts(taken.report)}{_rejected(taken.name, rejected)}"


def _counts(report: ImportReport) -> str:
    counts = {f.name: getattr(report, f.name) for f in fields(report)}
    told = [_count(counts[name], *words) for name, words in _WORDS.items() if counts[name]]
    return f'<ul class="fn-counts">{"".join(told) or "<li>" + said("No papers") + "</li>"}</ul>'


def _count(number: int, one: str, many: str) -> str:
    return f"<li>{said(one) if number == 1 else said(many, number=digits(number))}</li>"


def _rejected(source: str, rejected: Sequence[Rejected]) -> str:
    """The reasons, folded away, and a button for the records as they stood."""
    if not rejected:
        return ""
    reasons = "".join(map(_reason, rejected[:REJECTED]))
    if len(rejected) > REJECTED:
        reasons += f"<li>{said('and {number} more', number=digits(len(rejected) - REJECTED))}</li>"
    button = (
        f'<button type="button" data-do="rejected" data-id="{exact(source)}">{said("Download them")}</button>'
    )
    summary = f"<summary>{said('Why rejected')}</summary>"
    return f'<details class="fn-rejected" open>{summary}<ul>{reasons}</ul>{button}</details>'


def _reason(rejected: Rejected) -> str:
    why = library_words.reason(rejected.reason)
    return f"<li>{said('Line {number}: {reason}', number=digits(rejected.line), reason=why)}</li>"
