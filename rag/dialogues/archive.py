"""A conversation as JSON that another library can take in."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag import stored
from rag.conversations import Conversations, Kept
from rag.errors import ImportFailed
from rag.records import Conversation, Filters

KIND = "footnote conversation"
VERSION = 1
LARGEST = 50_000_000
"""Bytes of a file that is taken in."""
MOST = 10_000
"""Exchanges of a conversation that is taken in."""


def text(kept: Kept, conversation: Conversation, scope: Filters) -> str:
    """The conversation as JSON text."""
    row = {
        "kind": KIND,
        "version": VERSION,
        "name": kept.name,
        "begun": kept.begun.isoformat(),
        "scope": json.loads(stored.plain_text(scope)),
        "exchanges": [stored.packed(exchange) for exchange in conversation],
    }
    return stored.clean(json.dumps(row, ensure_ascii=False, indent=1)) + "\n"


@dataclass(frozen=True, slots=True)
class Imported:
    """A conversation that was taken in from a file."""

    id: str
    """Its id in this library."""
    new: bool
    """False when it was there already, with the same questions and answers; then nothing has changed."""


def import_json(conversations: Conversations, file: Path) -> Imported:
    """Take in a conversation from a file, as a new one unless it is there already.

    Raises:
        ImportFailed: the file cannot be read, is too large, or is none of ours.
    """
    try:
        name, conversation, scope, begun = _read(_bytes(file))
        if (same := conversations.same(conversation)) is not None:
            return Imported(same.id, new=False)
        return Imported(conversations.add(name, conversation, scope, begun), new=True)
    except stored.Unreadable as error:
        why = str(error)
        fix = "git pull && make chat" if "newer" in why else "footnote conversations export ID --format json"
        raise ImportFailed(f"{file.name} {why}.", fix) from error


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as held:
            data = held.read(LARGEST + 1)
    except OSError as error:
        fix = f"ls -l {shlex.quote(str(file))}"
        raise ImportFailed(f"{file} cannot be read: {error.strerror}.", fix) from error
    if len(data) > LARGEST:
        raise stored.Unreadable(f"is larger than {LARGEST // 1_000_000} MB, no conversation is")
    return data


def _read(data: bytes) -> tuple[str, Conversation, Filters, datetime | None]:
    row = stored.parsed(data)
    if not isinstance(row, dict) or row.get("kind") != KIND or type(row.get("version")) is not int:
        raise stored.Unreadable("is no conversation of Footnote's")
    if row["version"] > VERSION:
        raise stored.Unreadable("was written by a newer Footnote")
    exchanges = row.get("exchanges")
    if not isinstance(exchanges, list) or not 0 < len(exchanges) <= MOST:
        raise stored.Unreadable("is damaged: it has no list of questions")
    conversation = tuple(stored.unpacked(one) for one in exchanges)
    name = row["name"] if isinstance(row.get("name"), str) else ""
    scope = stored.plain_record(Filters, row.get("scope", {}))
    return name.strip() or conversation[0].asked, conversation, scope, _when(row.get("begun"))


def _when(given: Any) -> datetime | None:
    """When it was begun; None when the file does not say, or says what cannot be."""
    try:
        when = datetime.fromisoformat(given)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
