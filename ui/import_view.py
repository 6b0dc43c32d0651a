"""An import as HTML: how far it is, and the report at its end. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from rag.importers import Rejected
from rag.intake import ImportReport
from ui.importing import Progress, Taken
from ui.library_view import papers
from ui.markup import exact, line, plain

FILES = 20
"""Files whose part in an import is told one by one."""
REJECTED = 25
"""Rejected records of a file that are shown; all of them can be downloaded."""
_WORDS = {
    "new": "new",
    "merged": "merged with papers that were there",
    "changed": "changed",
    "unchanged": "unchanged",
    "deleted_earlier": "deleted earlier, left out",
    "rejected": "rejected",
}


def progress(now: Progress, seconds: float) -> str:
    """An import under way.

    Args:
        seconds: since its stage began.
    """
    share = f' value="{now.done}" max="{now.total}"' if now.total else ""
    bar = f'<progress aria-label="Import"{share}></progress>'
    return f'<div class="fn-import">{bar}{line("fn-quiet", _doing(now, seconds))}</div>'


def _doing(now: Progress, seconds: float) -> str:
    rate = now.done / seconds if seconds > 0 else 0.0
    speed = f" · {rate:,.0f} a second" if rate >= 1 else ""
    if now.stage == "reading":
        return f"Reading {plain(now.file)}: {now.done:,} records{speed}"
    if now.stage == "indexing" and now.total:
        left = f" · {_time((now.total - now.done) / rate)} left" if rate else ""
        return f"Indexing {now.done:,} of {papers(now.total)}{speed}{left}"
    return "Indexing…" if now.stage == "indexing" else "Waiting for the import before this one…"


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
        ends.append(line("fn-problem", "Stopped. What was read until then is in the library."))
    told = [_file(taken, rejected.get(taken.name, ())) for taken in now.taken[:FILES]]
    if len(now.taken) > 1:
        total = sum((taken.report for taken in now.taken), ImportReport())
        told.insert(0, f"<h4>{len(now.taken):,} files</h4>{_counts(total)}")
    return f'<div class="fn-report">{"".join(told + ends)}</div>' if told or ends else ""


def _file(taken: Taken, rejected: Sequence[Rejected]) -> str:
    if taken.problem:
        return line("fn-problem", plain(taken.problem))
    return f"<h4>{plain(taken.name)}</h4>{_counts(taken.report)}{_rejected(taken.name, rejected)}"


def _counts(report: ImportReport) -> str:
    counts = {f.name: getattr(report, f.name) for f in fields(report)}
    told = [f"<li><b>{counts[name]:,}</b> {said}</li>" for name, said in _WORDS.items() if counts[name]]
    return f'<ul class="fn-counts">{"".join(told) or "<li>No papers</li>"}</ul>'


def _rejected(source: str, rejected: Sequence[Rejected]) -> str:
    """The reasons, folded away, and a button for the records as they stood."""
    if not rejected:
        return ""
    reasons = "".join(f"<li>Line {r.line:,}: {plain(r.reason)}</li>" for r in rejected[:REJECTED])
    if len(rejected) > REJECTED:
        reasons += f"<li>and {len(rejected) - REJECTED:,} more</li>"
    button = f'<button type="button" data-do="rejected" data-id="{exact(source)}">Download them</button>'
    return f'<details class="fn-rejected" open><summary>Why rejected</summary><ul>{reasons}</ul>{button}</details>'
