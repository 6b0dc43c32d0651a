"""A language model on its way, as HTML. Pure."""

from __future__ import annotations

from rag.downloads import Progress
from ui.language import decimal, digits, said
from ui.markup import line, plain


def progress(name: str, now: Progress, after: str = "") -> str:
    """A download under way.

    Args:
        name: the model, as the user calls it.
        after: what to say besides, in plain text.
    """
    share = f' value="{now.done}" max="{now.total}"' if now.total else ""
    bar = f'<progress aria-label="{said("Download of {name}", name=plain(name))}"{share}></progress>'
    more = f" · {plain(after)}" if after else ""
    fetching = said("Fetching {name}", name=f"<b>{plain(name)}</b>&#58;")
    told = line("fn-quiet", f"{fetching} {_amount(now)}{more}")
    return f'<div class="fn-import fn-coming">{bar}{told}</div>'


def _amount(now: Progress) -> str:
    if not now.total:
        return said("waiting for the first bytes…")
    amounts = {"number": digits(round(now.done / 1e6)), "all": megabytes(now.total)}
    parts = [said("{number} of {all}", **amounts)]
    if now.done >= now.total - 1:
        return f"{parts[0]} · {said('checking it…')}"
    if now.rate:
        parts.append(f"{decimal(now.rate / 1e6, ',.1f')} MB/s")
    if (left := now.seconds_left) is not None:
        parts.append(said("{time} left", time=duration(left)))
    return " · ".join(parts)


def megabytes(size: int) -> str:
    """Bytes for people.

    >>> megabytes(98_362_432), megabytes(1_117_320_768)
    ('98 MB', '1,117 MB')
    """
    return f"{digits(round(size / 1e6))} MB"


def duration(seconds: float) -> str:
    """About how long.

    >>> duration(8.2), duration(200), duration(8000)
    ('9 s', '4 min', '2.2 h')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    return f"{int(seconds / 60) + 1} min" if seconds < 5400 else f"{decimal(seconds / 3600, '.1f')} h"
