"""A conversation as text for a terminal."""

from __future__ import annotations

import textwrap

from rag.addresses import address
from rag.conversations import Kept
from rag.dialogues.told import Kind, Part, Sentence, Source, parts, record, single, sources
from rag.records import Conversation

WIDTH = 96
"""Characters of a line."""
_BEFORE = {Kind.NOTE: "  ", Kind.PARAGRAPH: "  ", Kind.ITEM: "  - ", Kind.QUOTE: "  | "}


def text(kept: Kept, conversation: Conversation) -> str:
    """The conversation, then the papers that it cites."""
    known = sources(conversation)
    blocks = [f"{single(kept.name)}  ({kept.begun.astimezone():%Y-%m-%d})"]
    for exchange in conversation:
        blocks.append(_wrapped(exchange.asked, "> "))
        blocks += [_part(part) for part in parts(exchange, known)]
    blocks += ["Sources"] * bool(known) + [_source(source) for source in known.values()]
    return "\n\n".join(blocks) + "\n"


def _part(part: Part) -> str:
    return _wrapped(" ".join(_sentence(sentence) for sentence in part.sentences), _BEFORE[part.kind])


def _sentence(sentence: Sentence) -> str:
    return sentence.text + "".join(f" [{number}]" for number in sentence.sources)


def _source(source: Source) -> str:
    about = ". ".join(
        part for part in (record(source.paper), source.paper.title, address(source.paper)) if part
    )
    quotes = [_wrapped(sentence, "    | ") for sentence in source.support]
    return "\n".join([_wrapped(about, f"[{source.number}] "), *quotes])


def _wrapped(said: str, before: str) -> str:
    behind = " " * len(before) if before.startswith("[") else before
    behind = behind.replace("-", " ")
    return textwrap.fill(single(said), WIDTH, initial_indent=before, subsequent_indent=behind)
