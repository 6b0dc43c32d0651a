"""Markdown with footnotes: a note for each paper, with its link and the sentences that answers rest on."""

from __future__ import annotations

import re

from rag.addresses import address
from rag.conversations import Kept
from rag.dialogues.told import Kind, Part, Sentence, Source, parts, record, single, sources
from rag.records import Conversation

# What is markup anywhere; what makes an address a link; what begins a list or a heading.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>&$|~^@#]|:(?=//)|(?<=www)\.|^[-+=](?!\w))", re.IGNORECASE)
_COUNTED = re.compile(r"^(\d{1,9})([.)])")
_BEFORE = {Kind.NOTE: "", Kind.PARAGRAPH: "", Kind.ITEM: "- ", Kind.QUOTE: "> "}


def text(kept: Kept, conversation: Conversation) -> str:
    """The conversation as a Markdown document."""
    known = sources(conversation)
    blocks = [f"# {escaped(kept.name)}", f"*{kept.begun:%Y-%m-%d}*"]
    for exchange in conversation:
        blocks.append(f"## {escaped(exchange.asked)}")
        blocks += [_part(part) for part in parts(exchange, known)]
    blocks += [_note(source) for source in known.values()]
    return "\n\n".join(blocks) + "\n"


def _part(part: Part) -> str:
    said = " ".join(_sentence(sentence) for sentence in part.sentences)
    return f"*{said}*" if part.kind is Kind.NOTE and said else _BEFORE[part.kind] + said


def _sentence(sentence: Sentence) -> str:
    return escaped(sentence.text) + "".join(f"[^{number}]" for number in sentence.sources)


def _note(source: Source) -> str:
    link = address(source.paper)
    title = f"**{escaped(source.paper.title)}**"
    about = [escaped(record(source.paper)), title, f"<{_encoded(link)}>" if link else ""]
    lines = [f"[^{source.number}]: " + ". ".join(part for part in about if part)]
    return "\n\n".join([*lines, *(f"    > {escaped(sentence)}" for sentence in source.support)])


def escaped(text: str) -> str:
    r"""Text in which Markdown, HTML and TeX in it see nothing but text.

    >>> escaped("<b>a*b*</b> [x](y) 1. z")
    '\\<b\\>a\\*b\\*\\</b\\> \\[x\\](y) 1. z'
    """
    return _COUNTED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", single(text)))


def _encoded(link: str) -> str:
    """An address between angle brackets, which it cannot close."""
    return link.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
