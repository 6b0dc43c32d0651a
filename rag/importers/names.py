"""Names of people in one line of text, taken apart."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*\((?:\d[\d\s]*|[a-z])\)|[\[\]\"]")
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[\s-]*){1,4}")
_ET_AL = re.compile(r",?\s*\bet al\.?$", re.IGNORECASE)


def people(text: str) -> list[str]:
    """The names in a line, each as "Given Family" or "Family, Given", in order.

    Semicolons part names wherever they stand; else "and" and commas do, unless what stands between
    the commas is half a name.

    >>> people("Baevski, Alexei; Zhou, Henry"), people("A. Baevski, H. Zhou and M. Auli")
    (['Baevski, Alexei', 'Zhou, Henry'], ['A. Baevski', 'H. Zhou', 'M. Auli'])
    >>> people("Baevski, A., Zhou, H."), people("Baevski, Alexei")
    (['Baevski, A.', 'Zhou, H.'], ['Baevski, Alexei'])
    """
    text = _ET_AL.sub("", _NUMBER.sub("", text).strip())
    for mark in (";", "|", "\n"):
        if mark in text:
            return _filled(text.split(mark))
    return [name for part in _AND.split(text) for name in _at_commas(part)]


def _at_commas(text: str) -> list[str]:
    parts = _filled(text.split(","))
    halves = [bool(_INITIALS.fullmatch(part)) for part in parts]
    if len(parts) % 2 == 0 and all(halves[1::2]) and not any(halves[::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and not all(" " in part for part in parts):
        return [", ".join(parts)]
    return parts


def _filled(parts: list[str]) -> list[str]:
    return [bare for part in parts if (bare := part.strip(" \t'"))]
