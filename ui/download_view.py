"""A language model on its way, as HTML. Pure."""

from __future__ import annotations

from rag.downloads import Progress
from ui.markup import line, plain


def progress(name: str, now: Progress, after: str = "") -> str:
    """A download under way.

    Args:
        name: the model, as the user calls it.
        after: what to say besides, in plain text.
    """
    share = f' value="{now.done}" max="{now.total}"' if now.total else ""
    bar = f'<progress aria-label="Download of {plain(name)}"{share}></progress>'
    more = f" · {plain(after)}" if after else ""
    told = line("fn-quiet", f"Fetching <b>{plain(name)}</b>&#58; {_amount(now)}{more}")
    return f'<div class="fn-import fn-coming">{bar}{told}</div>'


def _amount(now: Progress) -> str:
    if not now.total:
        return "waiting for the first bytes…"
    parts = [f"{now.done / 1e6:,.0f} of {megabytes(now.total)}"]
    if now.done >= now.total - 1:
        return f"{parts[0]} · checking it…"
    if now.rate:
        parts.append(f"{now.rate / 1e6:,.1f} MB/s")
    if (left := now.seconds_left) is not None:
        parts.append(f"{duration(left)} left")
    return " · ".join(parts)


def megabytes(size: int) -> str:
    """Bytes for people.

    >>> megabytes(98_362_432), megabytes(1_117_320_768)
    ('98 MB', '1,117 MB')
    """
    return f"{size / 1e6:,.0f} MB"


def duration(seconds: float) -> str:
    """About how long.

    >>> duration(8.2), duration(200), duration(8000)
    ('9 s', '4 min', '2.2 h')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    return f"{int(seconds / 60) + 1} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
