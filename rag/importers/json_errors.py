"""What is wrong with broken JSON, in words: what is missing, and at which place."""

from __future__ import annotations

import json
import re

from rag.importers.decoding import HEAD

CLOSING = "its closing bracket is missing"
BREAKS_OFF = f"breaks off: {CLOSING}"
DEEP = "is nested too deep"
NAME = "a name in double quotes is expected"
COLON = "a colon is missing"
_EXPECTED = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting property name": NAME,
    "Illegal trailing comma": NAME,
    "Expecting ':' delimiter": COLON,
    "Expecting value": "a value is expected",
    "Unterminated string": "a text has no closing quote",
    "Invalid control character": "a text has no closing quote",
    "Extra data": "the line should end",
    "Invalid \\": "a backslash stands before a character that it cannot stand before",
}
"""By how Python's message begins."""
_BEGINS = re.compile(r"""[\s\ufeff]*(?:\[\s*(?:[\[{"'/\],]|$)|\{\s*(?:["'/},]|\w+\s*:|$))""")


def why_broken(error: Exception, line: int, column: int) -> str:
    """Why a value is no JSON.

    Args:
        error: what Python's reader raised.
        line: where the error is, from 1.
        column: likewise.
    """
    if not isinstance(error, json.JSONDecodeError):
        return DEEP
    lost_quote = error.msg.startswith("Unterminated string")
    if lost_quote or not error.doc[error.pos :].strip():
        return BREAKS_OFF
    expected = next(
        (told for said, told in _EXPECTED.items() if error.msg.startswith(said)), "something else is expected"
    )
    return broken_at(line, column, expected)


def broken_at(line: int, column: int, expected: str) -> str:
    """What is said of a place where something else is expected."""
    return f"is broken JSON at line {line}, column {column}: {expected}"


def broken_head(head: str) -> str:
    """Why the beginning of a text is broken JSON; empty when it is whole, goes on, or is something else.

    >>> broken_head("[{'title': 'A'}]")
    'is broken JSON at line 1, column 3: a name in double quotes is expected'
    """
    if not _BEGINS.match(head):
        return ""
    text = head.lstrip("\ufeff \t\r\n")
    try:
        json.JSONDecoder(strict=False).raw_decode(text)
    except json.JSONDecodeError as error:
        before = head[: len(head) - len(text) + error.pos]
        line = before.count("\n") + 1
        said = why_broken(error, line, len(before) - before.rfind("\n"))
        if said != BREAKS_OFF:
            return said
        return "" if len(head) >= HEAD else f"is JSON that breaks off at line {line}: {CLOSING}"
    except RecursionError:
        return DEEP
    return ""
