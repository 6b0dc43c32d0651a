"""Elements of a large XML file, one after the other, without its tree in memory."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from rag.importers.decoding import LONGEST, as_text
from rag.importers.making import TOO_LONG, rejected
from rag.importers.parsed import Rejected

_CHUNK = 65_536
_DEEPEST = 100
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A wanted element, whole."""

    line: int
    """Line of the file where it begins, from 1."""
    element: Element
    """It and all below it, names without namespace."""
    inside: tuple[tuple[str, str], ...]
    """Name and id of the elements around it, outermost first."""

    @property
    def text(self) -> str:
        """The element as XML."""
        return tostring(self.element, encoding="unicode")


def elements(file: BinaryIO, wanted: Collection[str]) -> Iterator[Found | Rejected]:
    """The elements of the wanted names, in order; a rejection at the place where XML ends to be XML."""
    target = _Target(wanted)
    parser = DefusedXMLParser(target=target)
    target.expat = parser.parser
    try:
        for chunk in _chunks(file):
            parser.feed(chunk)
            yield from target.take()
        parser.close()
        fault = ""
    except DefusedXmlException:
        fault = "uses entities that are not allowed"
    except ParseError:
        fault = "is not well-formed XML; nothing after this line was read"
    yield from target.take()
    if fault:
        yield rejected(target.expat.CurrentLineNumber, fault, target.begun())


def flat(element: Element | None) -> str:
    """All text of an element, tags left out; empty for no element."""
    return "" if element is None else "".join(element.itertext()).strip()


class _Target:
    """Builds the wanted elements and forgets the others."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.wanted = wanted
        self.expat: Any = None
        self.inside: list[tuple[str, str]] = []
        self.builder: TreeBuilder | None = None
        self.depth = self.size = self.line = 0
        self.fault = ""
        self.ready: list[Found | Rejected] = []

    def take(self) -> list[Found | Rejected]:
        """What was completed since the last time."""
        ready, self.ready = self.ready, []
        return ready

    def begun(self) -> str:
        """Names of the elements that are open."""
        return "".join(f"<{name}>" for name, _ in self.inside[-_DEEPEST:])

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self.depth and name not in self.wanted:
            self.inside.append((name, attributes.get("id", "")))
            return
        if not self.depth:
            self.line, self.size, self.fault = self.expat.CurrentLineNumber, 0, ""
            self.builder = TreeBuilder()
        self.depth += 1
        self.grow(len(name) + sum(map(len, attributes.values())))
        if self.builder:
            self.builder.start(name, attributes)

    def data(self, text: str) -> None:
        if self.depth:
            self.grow(len(text))
        if self.builder:
            self.builder.data(text)

    def end(self, tag: str) -> None:
        if not self.depth:
            self.inside.pop()
            return
        if self.builder:
            self.builder.end(tag.rpartition("}")[2])
        self.depth -= 1
        if not self.depth:
            self.ready.append(self.complete())

    def grow(self, size: int) -> None:
        """Give the element up when it is too long or too deep."""
        self.size += size
        fault = TOO_LONG if self.size > LONGEST else "is nested too deep" if self.depth > _DEEPEST else ""
        if fault and self.builder:
            self.builder, self.fault = None, fault

    def complete(self) -> Found | Rejected:
        builder, self.builder = self.builder, None
        if builder is None:
            return rejected(self.line, self.fault, self.begun())
        return Found(self.line, builder.close(), tuple(self.inside[-_DEEPEST:]))


def _chunks(file: BinaryIO) -> Iterator[str]:
    """The file as text, without what XML forbids."""
    text = as_text(file)
    yield _FORBIDDEN.sub(" ", text.read(_CHUNK)).lstrip("\ufeff \t\n")
    while chunk := text.read(_CHUNK):
        yield _FORBIDDEN.sub(" ", chunk)
