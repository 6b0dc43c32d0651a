"""The records of JSON in any wrapping, one after the other, in memory for one record at a time.

Lines of JSON, an array, an object around a list ({"results": […]}), one object, or objects in
sequence. Time is linear in the file, whatever is broken in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from rag.importers.decoding import LONGEST, TEXT_KEPT, lines
from rag.importers.json_buffer import TOO_LONG, Buffer
from rag.importers.json_errors import BREAKS_OFF, COLON, NAME, why_broken
from rag.importers.parsed import Rejected

LISTS = frozenset("results items data papers result docs records works entries".split())
"""Keys of a wrapper whose list holds the records."""
WRAPPERS = frozenset("message data response resultList results".split())
"""Keys of a wrapper whose object holds the list or the record."""
_LENIENT = json.JSONDecoder(strict=False)
_DEEPEST = 3

Value = tuple[int, dict[str, Any]]
"""Line where an object begins, and the object."""


def objects(text: TextIO) -> Iterator[Value | Rejected]:
    """Every object of a text that stands where a record stands."""
    buffer = Buffer(text)
    buffer.skip_blank()
    if buffer.peek() == "{" and _is_lines(buffer.ahead()):
        yield from _lines(buffer)
        return
    while buffer.skip_blank():
        yield from _value(buffer)


def _is_lines(ahead: str) -> bool:
    """Whether one of the first two lines is an object by itself."""
    return any(isinstance(_loaded(line), dict) for line in ahead.split("\n", 2)[:2])


def _loaded(line: str, number: int = 0) -> object:
    """The value of a line; a Rejected when it is broken."""
    bare = line.strip().strip("\ufeff,").strip()
    try:
        return _LENIENT.decode(bare)
    except (ValueError, RecursionError) as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        return Rejected(number, why_broken(error, number, line.find(bare) + at + 1), bare[:TEXT_KEPT])


def _lines(buffer: Buffer) -> Iterator[Value | Rejected]:
    before = buffer.line - 1
    for line in lines(buffer.rest()):
        number, bare = before + line.number, line.text.strip()
        if not line.whole:
            yield Rejected(number, TOO_LONG, line.text)
        elif isinstance(value := _loaded(line.text, number), dict):
            yield from ((number, found) for found in unwrapped(value))
        elif bare:
            odd = Rejected(number, "is not a record", bare[:TEXT_KEPT])
            yield value if isinstance(value, Rejected) else odd


def unwrapped(value: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """The records of an object that may be a wrapper, else the object."""
    if "title" not in value and depth < _DEEPEST:
        for key in sorted(LISTS & value.keys()):
            if isinstance(value[key], list) and any(isinstance(one, dict) for one in value[key]):
                yield from (one for one in value[key] if isinstance(one, dict))
                return
        for key in sorted(WRAPPERS & value.keys()):
            if isinstance(value[key], dict):
                yield from unwrapped(value[key], depth + 1)
                return
    yield value


def _value(buffer: Buffer) -> Iterator[Value | Rejected]:
    """The records of the value at which the buffer stands, which is read over."""
    if buffer.peek() == "[":
        yield from _array(buffer)
    elif buffer.peek() == "{":
        yield from _object(buffer)
    else:
        yield buffer.skipped("is not a record")


def _array(buffer: Buffer) -> Iterator[Value | Rejected]:
    buffer.advance(1)
    value: object = None
    while buffer.skip_blank():
        if buffer.peek() == "]":
            buffer.advance(1)
            return
        line = buffer.line
        value = buffer.decode()
        if isinstance(value, dict):
            yield line, value
        elif isinstance(value, Rejected):
            yield value
        else:
            yield Rejected(line, "is not a record", str(value)[:TEXT_KEPT])
    if not isinstance(value, Rejected):  # else the record at which it breaks off has said so
        yield Rejected(buffer.line, "the list breaks off here", "")


def _object(buffer: Buffer, depth: int = 0) -> Iterator[Value | Rejected]:
    """Read an object key by key: its list or its wrapped object gives the records, else it is one."""
    line, own, wrapper = buffer.line, _Fields(), False
    buffer.advance(1)
    while buffer.skip_blank() and buffer.peek() != "}":
        key = _key(buffer)
        if isinstance(key, Rejected):
            own.trouble = key
        elif key in LISTS and buffer.peek() == "[" and "title" not in own.values:
            wrapper = True
            yield from _array(buffer)
        elif key in WRAPPERS and buffer.peek() == "{" and depth < _DEEPEST and "title" not in own.values:
            wrapper = True
            yield from _object(buffer, depth + 1)
        else:
            own.add(key, buffer.decode())
    ended = buffer.peek() == "}"
    buffer.advance(1)
    if not wrapper or (depth == 0 and own.values.get("title")):
        yield own.record(line, ended)


class _Fields:
    """What an object that was read key by key holds itself, up to the size of a record."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.trouble: Rejected | None = None
        self._size = 0

    def add(self, key: str, value: object) -> None:
        if isinstance(value, Rejected):
            self.trouble = value
            return
        self._size += len(key) + len(value if isinstance(value, str) else repr(value))
        if self._size > LONGEST:
            self.trouble, self.values = Rejected(0, TOO_LONG, ""), {}
        elif self.trouble is None:
            self.values[key] = value

    def record(self, line: int, ended: bool) -> Value | Rejected:
        text = json.dumps(self.values, ensure_ascii=False)[:TEXT_KEPT]
        if self.trouble:
            return Rejected(line, self.trouble.reason, text if self.values else self.trouble.text)
        return (line, self.values) if ended else Rejected(line, BREAKS_OFF, text)


def _key(buffer: Buffer) -> str | Rejected:
    """The key at which the buffer stands, read over with its colon; a Rejected when there is none."""
    if buffer.peek() != '"':
        return buffer.missing(NAME)
    key: str | Rejected = buffer.decode()
    buffer.skip_blank()
    if isinstance(key, str) and buffer.peek() != ":":
        return buffer.missing(COLON)
    if isinstance(key, Rejected):
        return key
    buffer.advance(1)
    buffer.skip_blank()
    return key
