"""A window that slides over JSON text, so that one value at a time is in memory."""

from __future__ import annotations

import io
import json
import re
from typing import Any, TextIO

from rag.importers.decoding import LONGEST, TEXT_KEPT, Lined
from rag.importers.json_errors import BREAKS_OFF, broken_at, why_broken
from rag.importers.parsed import Rejected

TOO_LONG = "is longer than a million characters"

_STRICT = json.JSONDecoder()
_BLANK = re.compile(r"[\s,\ufeff]*")
_SIGN = re.compile(r'["{}\[\],]')
_STRING_END = re.compile(r'(?:[^"\\\n]+|\\.)*(["\n])?', re.DOTALL)
_CLOSES = {"}": "{", "]": "["}
_DEEPEST = 100_000
_LOOK_BACK = 100
_CHUNK = 1 << 16
_CLOSE_TO_END = 16


class Buffer:
    """A window that slides over a text, knowing the line where it stands."""

    def __init__(self, text: TextIO) -> None:
        self.line = 1
        self._text, self._data, self._at, self._ended = text, "", 0, False
        self._column = 1  # of the first character of the window, should it stand in the line of now

    def peek(self) -> str:
        """The next character; empty at the end."""
        if self._at == len(self._data):
            self._fill(_CHUNK)
        return self._data[self._at : self._at + 1]

    def ahead(self) -> str:
        """The text ahead, as long as a record may be."""
        self._fill(LONGEST)
        return self._data[self._at :]

    def rest(self) -> Lined:
        """The text from here on as a file; the buffer is not used after that."""
        return _Joined(self._data[self._at :], self._text)

    def advance(self, count: int) -> None:
        """Go on by so many characters."""
        if ends := self._data.count("\n", self._at, self._at + count):
            self.line += ends
            self._column = -self._data.rfind("\n", self._at, self._at + count)
        self._at = min(self._at + count, len(self._data))

    def skip_blank(self) -> bool:
        """Go on to the next character that is neither blank nor comma; whether there is one."""
        while self.peek():
            match = _BLANK.match(self._data, self._at)
            self.advance(match.end() - self._at if match else 0)
            if self._at < len(self._data):
                return True
        return False

    def decode(self) -> Any:
        """The value that begins here, read over; a Rejected when it is broken or too long."""
        wanted = _CHUNK
        while True:
            self._fill(wanted)
            try:
                value, end = _STRICT.raw_decode(self._data, self._at)
            except (ValueError, RecursionError) as error:
                if self._ended or not self._cut_off(error):
                    return self.skipped(self._why(error))
            else:
                if self._ended or end < len(self._data):
                    return self._taken(value, end)
            if len(self._data) - self._at > LONGEST:
                return self.skipped(TOO_LONG)
            wanted = 4 * (len(self._data) - self._at)

    def _taken(self, value: Any, end: int) -> Any:
        if end - self._at > LONGEST:
            return self.skipped(TOO_LONG)
        self.advance(end - self._at)
        return value

    def _cut_off(self, error: Exception) -> bool:
        """Whether a value is broken for the only reason that the window ends."""
        return isinstance(error, json.JSONDecodeError) and (
            error.msg.startswith("Unterminated string") or error.pos >= len(self._data) - _CLOSE_TO_END
        )

    def _why(self, error: Exception) -> str:
        """Why the value that begins here is broken, and where."""
        pos = error.pos if isinstance(error, json.JSONDecodeError) else self._at
        line = self.line + self._data.count("\n", self._at, pos)
        begin = self._data.rfind("\n", self._at, pos)
        return why_broken(error, line, pos - begin if begin >= 0 else self._column + pos)

    def missing(self, expected: str) -> Rejected:
        """Go on behind what begins here, where something else is expected; it, rejected."""
        found = broken_at(self.line, self._column + self._at, expected) if self.peek() else BREAKS_OFF
        return self.skipped(found)

    def skipped(self, reason: str) -> Rejected:
        """Go on behind the value that begins here, held in memory only in part; it, rejected."""
        line, text = self.line, self._data[self._at : self._at + TEXT_KEPT]
        if not text:
            text = self.peek()
        self.advance(1) if text[:1] in ("]", "}", ":") else self._skip_value()
        return Rejected(line, reason, text)

    def _skip_value(self) -> None:
        """Go on to where brackets close again, to a comma outside of them, or to the record below a lost quote.

        Inside an object, a bracket behind a comma begins the next record: the one of before was not closed.
        """
        opened: list[str] = []
        before = ""
        while sign := self._next_sign():
            if (before, sign, opened[-1:]) == (",", "{", ["{"]):
                self._at -= 1
                return
            before = sign
            if sign == '"' and not self._skip_string() and self.skip_blank() and self.peek() == "{":
                return
            if sign in _CLOSES and not opened:
                self._at -= 1
            _follow(opened, sign)
            if not opened and sign != '"':
                return

    def _next_sign(self) -> str:
        while self.peek():
            match = _SIGN.search(self._data, self._at)
            self.advance((match.end() if match else len(self._data)) - self._at)
            if match:
                return match[0]
        return ""

    def _skip_string(self) -> bool:
        """Go on behind the string whose opening quote was read; False when a line end ended it."""
        while first := self.peek():
            if first == "\\":
                self._fill(2)
            match = _STRING_END.match(self._data, self._at)
            end = match.end() if match else self._at
            self.advance(max(end - self._at, 1))
            if match and match[1]:
                return bool(match[1] == '"')
        return False

    def _fill(self, wanted: int) -> None:
        """Have so many characters ahead, unless the text ends before."""
        missing = wanted - (len(self._data) - self._at)
        if missing <= 0 or self._ended:
            return
        more = self._text.read(max(missing, _CHUNK))
        self._ended = len(more) < max(missing, _CHUNK)
        self._data, self._at, self._column = self._data[self._at :] + more, 0, self._column + self._at


def _follow(opened: list[str], sign: str) -> None:
    """Keep the brackets that are open; one that closes closes what nobody closed inside it too."""
    if sign in "{[" and len(opened) < _DEEPEST:
        opened.append(sign)
    elif _CLOSES.get(sign) in opened[-_LOOK_BACK:]:
        while opened.pop() != _CLOSES[sign]:
            pass


class _Joined:
    """Text that was read already, then the rest of its file."""

    def __init__(self, held: str, text: TextIO) -> None:
        self._held, self._text = io.StringIO(held), text

    def readline(self, limit: int = -1, /) -> str:
        line = self._held.readline(limit)
        if line.endswith("\n") or len(line) == limit:
            return line
        return line + self._text.readline(limit - len(line))
