"""What the part of the address after # says: which conversation is shown, or what a new one will ask.

`#chat=ID` is a kept conversation; `#chat?tag=thesis&from=2021` begins one among some of the papers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from rag.records import Filters

LONGEST = 100_000
"""Characters of an address that are read."""
_CHAT = re.compile(r"chat=([\w-]{1,64})")
_YEAR = re.compile("[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Address:
    """A conversation, or the beginning of one."""

    chat: str = ""
    """Id of the conversation; empty for one that has no question yet."""
    scope: Filters = Filters()
    """Conditions on papers of a conversation that has no question yet."""


def parse(text: str | None) -> Address:
    """The address in the part after #; what cannot be read is a new conversation without conditions.

    >>> parse("chat?tag=my%20thesis&from=2021")
    Address(chat='', scope=Filters(year_from=2021, year_to=None, author='', venue='', source='', tag='my thesis', papers=()))
    """
    text = (text or "").removeprefix("#")[:LONGEST]
    if found := _CHAT.fullmatch(text):
        return Address(found[1])
    _, _, conditions = text.partition("chat?")
    return Address(scope=_scope(parse_qs(conditions, errors="ignore")))


def written(address: Address) -> str:
    """An address as it stands after #.

    >>> written(parse("chat?paper=doi:10.1/x&paper=b&tag="))
    'chat?paper=doi%3A10.1%2Fx&paper=b'
    """
    if address.chat:
        return f"chat={address.chat}"
    scope = address.scope
    named = [
        ("from", scope.year_from), ("to", scope.year_to), ("author", scope.author), ("venue", scope.venue),
        ("file", scope.source), ("tag", scope.tag), *(("paper", paper) for paper in scope.papers),
    ]  # fmt: skip
    conditions = urlencode([(name, value) for name, value in named if value], quote_via=quote, safe="")
    return f"chat?{conditions}" if conditions else "chat"


def year(text: str | None) -> int | None:
    """A year as people write it; None while it is not one."""
    return int(text) if text and _YEAR.fullmatch(text.strip()) else None


def _scope(named: dict[str, list[str]]) -> Filters:
    first = {name: values[0].strip() for name, values in named.items()}
    return Filters(
        year(first.get("from")),
        year(first.get("to")),
        first.get("author", ""),
        first.get("venue", ""),
        first.get("file", ""),
        first.get("tag", ""),
        tuple(dict.fromkeys(named.get("paper", ()))),
    )
