"""Markup of the web and of publishers (HTML, JATS, MathML) read away as text."""

from __future__ import annotations

import html
import re
from html.entities import html5

_LONGEST_TAG = 2_000
_DEEPEST = 100
_INLINE = (
    "a abbr alternatives annotation b bdi bdo bold citation cite code del dfn disp-formula em "
    "ext-link fixed-case font i img inf inline-formula inline-graphic ins italic kbd label mark math "
    "mfrac mi mn mo monospace mover mrow mspace msqrt mstyle msub msubsup msup mtext munder named-content "
    "overline roman sans-serif sc scp script semantics small span strike strong style styled-content sub sup "
    "tex-math tt u underline uri url var xref"
).split()
_BLOCKS = (
    "abstract abstracttext article blockquote body br dd div dl dt figure footer h1 h2 h3 h4 h5 h6 head "
    "header hr html li list list-item ol p pre sec section table tbody td tr th thead title ul"
).split()
_ATTRIBUTE = r"""\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)"""
_TAG = re.compile(
    rf"<(?P<close>/?)(?:(?:jats|mml|m|ali|xhtml):(?P<any>[a-z][\w-]*)|(?P<name>{'|'.join(_INLINE + _BLOCKS)}))"
    rf"(?:{_ATTRIBUTE})*\s*/?>|<!--[^<>]*-->",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[a-zA-Z][a-zA-Z0-9]{1,31}));")
_SIGN = re.compile(r"([<>&;])")
_HEADING = re.compile(r"<((?:jats:)?title)>\s*abstract\s*</\1>", re.IGNORECASE)


def untagged(text: str) -> str:
    """The text without tags and with its entities resolved, as a browser would show it.

    Only names of HTML, JATS and MathML are tags: "<unk>" and "p < 0.05" stay. Markup that was
    escaped once more ("&lt;i&gt;") goes too, so that the result has none left. Time is linear.

    >>> untagged("<jats:p>H<sub>2</sub>O &amp; <i>E. coli</i>, p &lt; 0.05</jats:p>").strip()
    'H2O & E. coli, p < 0.05'
    """
    if "<" not in text and "&" not in text:
        return text
    return _Reader().read(_HEADING.sub(" ", text))


class _Reader:
    """Rewrites what was read so far whenever its end became a tag or an entity."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.opened: dict[str, list[int]] = {"<": [], "&": []}
        self.script: tuple[int, list[int], list[int]] | None = None

    def read(self, text: str) -> str:
        for piece in filter(None, _SIGN.split(text)):
            self.add(piece)
        return "".join(self.pieces)

    def add(self, piece: str) -> None:
        if piece in self.opened:
            self.opened[piece] = [*self.opened[piece][-_DEEPEST:], len(self.pieces)]
        self.pieces.append(piece)
        if piece == ">":
            self.end_tag()
        elif piece == ";":
            self.end_entity()

    def end_tag(self) -> None:
        match = _TAG.fullmatch(self.since("<"))
        if match is None:
            self.opened["<"] = []
            return
        self.cut(self.opened["<"][-1])
        name = (match["any"] or match["name"] or "").lower()
        if name in ("script", "style"):
            self.end_script() if match["close"] else self.begin_script()
        elif name in _BLOCK_NAMES:
            self.pieces.append(" ")

    def end_entity(self) -> None:
        match = _ENTITY.fullmatch(self.since("&"))
        meant = _meant(match) if match else None
        if meant is None:
            self.opened["&"] = []
            return
        self.cut(self.opened["&"][-1])
        for piece in filter(None, _SIGN.split(meant)):
            self.add(piece)

    def since(self, sign: str) -> str:
        """What was read from the last such sign on; nothing when it is too far away."""
        if not self.opened[sign]:
            return ""
        parts = self.pieces[self.opened[sign][-1] :]
        return "" if sum(map(len, parts)) > _LONGEST_TAG else "".join(parts)

    def cut(self, place: int) -> None:
        del self.pieces[place:]
        self.opened = {sign: [p for p in places if p < place] for sign, places in self.opened.items()}
        if self.script and place < self.script[0]:
            self.script = None

    def begin_script(self) -> None:
        if self.script is None:
            self.script = len(self.pieces), [*self.opened["<"]], [*self.opened["&"]]

    def end_script(self) -> None:
        if self.script is not None:
            place, tags, entities = self.script
            self.cut(place)
            self.opened = {"<": tags, "&": entities}
            self.script = None


_BLOCK_NAMES = frozenset(_BLOCKS)


def _meant(match: re.Match[str]) -> str | None:
    return html5.get(match["name"] + ";") if match["name"] else html.unescape(match[0])
