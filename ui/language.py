"""The language of the interface: every text of the page is looked up here by its English wording.

The catalogues are `languages/CODE.json`; what one lacks stays English. Answers are in the language of
the abstracts, which is none of this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
CATALOGUES = Path(__file__).parent / "languages"
_MARKS = {"de": (".", ","), "fr": ("\u202f", ","), "es": ("\u202f", ",")}
"""What stands between the thousands and before the decimals, where it is not comma and point."""
_BEGIN, _END = "\ue000", "\ue001"
"""Around a text that stays open; characters that no text has by itself."""
_OPEN = re.compile(f"{_BEGIN}(.*?){_END}", re.DOTALL)

_laying_out: ContextVar[bool] = ContextVar("laying_out", default=False)


class _Spoken:
    """The one language of this process."""

    code = ENGLISH


def use(code: str) -> None:
    """Speak this language from now on."""
    _Spoken.code = code


def current() -> str:
    """The code of the language that is spoken."""
    return _Spoken.code


def said(text: str, **values: object) -> str:
    """A text in the language of the page.

    Args:
        text: the English text; `{name}` stands for a value.
        values: what is filled in after the text was looked up.
    """
    if _laying_out.get():
        return f"{_BEGIN}{json.dumps([text, values], ensure_ascii=False, default=str)}{_END}"
    found = catalogue(current()).get(text, text)
    return found.format(**values) if values else found


def deferred(text: str) -> str:
    """An English text that is looked up later, where it is shown."""
    return text


def digits(number: int) -> str:
    """A number with its thousands apart.

    >>> digits(12345)
    '12,345'
    """
    return decimal(number, ",")


def decimal(value: float, form: str) -> str:
    """A number as the language writes it.

    Args:
        form: how Python writes it in English.

    >>> decimal(1234.5, ",.2f")
    '1,234.50'
    """
    thousands, point = _MARKS.get(current(), (",", "."))
    return format(value, form).translate({ord(","): thousands, ord("."): point})


def in_english(content: str) -> str:
    """HTML whose text is English, whatever the language of the page, marked so for screen readers."""
    return content if current() == ENGLISH or not content else f'<span lang="en">{content}</span>'


@lru_cache
def catalogue(code: str) -> Mapping[str, str]:
    """The texts of a language by the English ones; none for English."""
    if code == ENGLISH:
        return {}
    texts: dict[str, str] = json.loads((CATALOGUES / f"{code}.json").read_text(encoding="utf-8"))
    return texts


@contextmanager
def laying_out() -> Iterator[None]:
    """Meanwhile texts stay open, for they are laid out once and shown in any language; see `spoken`."""
    token = _laying_out.set(True)
    try:
        yield
    finally:
        _laying_out.reset(token)


def spoken(value: Any) -> Any:
    """A laid out text, or a structure that holds some, with the open ones in the language of the page."""
    if isinstance(value, str):
        return _OPEN.sub(_closed, value) if _BEGIN in value else value
    if isinstance(value, list | tuple):
        return [spoken(one) for one in value]
    return {key: spoken(one) for key, one in value.items()} if isinstance(value, dict) else value


def _closed(match: re.Match[str]) -> str:
    text, values = json.loads(match[1])
    return said(text, **values)
