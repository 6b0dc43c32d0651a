"""A document as blocks, rendered as one self-contained HTML file or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; with a label in front when it has one, as written when it is preformatted."""

    text: str
    label: str = ""
    preformatted: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first column is text, the others are numbers."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, with words for those who do not see it; Markdown shows the words."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks behind a line that opens them."""

    summary: str
    blocks: Sequence[Block]
    good: bool | None = None
    """True and False give the line a tick or a cross."""


Block = Heading | Text | Grid | Chart | Fold

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --dim: #667085; --line: #d7dbe3; --back: #fff;
  --soft: #f4f6f9; --one: #2458a6; --two: #b3541e; --good: #1c7c4a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --dim: #9aa4b5; --line: #363d4b;
  --back: #14171d; --soft: #1c2129; --one: #7fb0f5; --two: #f0a070; --good: #6fd3a0; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; display: block;
  overflow-x: auto; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 11rem; }
thead th { color: var(--dim); font-weight: 600; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; padding: .25rem .7rem; }
details[open] { background: var(--soft); }
summary { cursor: pointer; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .5rem .7rem;
  border-radius: 6px; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
figure { margin: .8rem 0; }
figcaption { color: var(--dim); font-size: .85rem; }
svg { max-width: 100%; height: auto; }
.label { color: var(--dim); }
.good { color: var(--good); }
.bad { color: var(--bad); }
"""


def html(title: str, blocks: Sequence[Block]) -> str:
    """The whole page; it loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(_html(b) for b in blocks)
        + "\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, label, preformatted):
            shown = f'<span class="label">{escape(label)}:</span> ' if label else ""
            return (
                f"<p>{shown}</p><pre>{escape(text)}</pre>"
                if preformatted
                else f"<p>{shown}{escape(text)}</p>"
            )
        case Grid(headings, rows):
            body = "".join(_row(r, "td") for r in rows)
            return f"<table><thead>{_row(headings, 'th')}</thead><tbody>{body}</tbody></table>"
        case Chart(svg, caption):
            return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
        case Fold(summary, blocks, good):
            inner = "\n".join(_html(b) for b in blocks)
            return f"<details><summary>{_mark(good)}{escape(summary)}</summary>\n{inner}\n</details>"


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in cells) + "</tr>"


def _mark(good: bool | None) -> str:
    if good is None:
        return ""
    return '<span class="good">✓</span> ' if good else '<span class="bad">✗</span> '


def markdown(title: str, blocks: Sequence[Block]) -> str:
    """The same in Markdown; folds become lists of what they hold."""
    return "\n\n".join([f"# {_plain(title)}", *(_markdown(b) for b in blocks)]) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_plain(text)}"
        case Text(text, label, preformatted):
            shown = f"{label}: " if label else ""
            return f"{shown}\n\n{_indented(text)}" if preformatted else f"{shown}{_plain(text)}"
        case Grid(headings, rows):
            lines = [
                _cells(headings),
                "|---" + "|--:" * (len(headings) - 1) + "|",
                *(_cells(r) for r in rows),
            ]
            return "\n".join(lines)
        case Chart(_, caption):
            return f"*{_plain(caption)}*"
        case Fold(summary, blocks, good):
            mark = "" if good is None else "✓ " if good else "✗ "
            return "\n\n".join([f"**{mark}{_plain(summary)}**", *(_markdown(b) for b in blocks)])


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(c).replace("|", "\\|") for c in cells) + " |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    joined = " ".join(text.split())
    for special in "\\`*_<>[]#":
        joined = joined.replace(special, f"\\{special}")
    return joined


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
