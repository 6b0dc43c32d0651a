"""One HTML file that needs nothing else: its own style, no script, nothing loaded from anywhere."""

from __future__ import annotations

import html
from itertools import groupby

from rag.addresses import address
from rag.conversations import Kept
from rag.dialogues.told import Kind, Part, Sentence, Source, parts, record, single, sources
from rag.records import Conversation, Exchange

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1.2rem; font: 1rem/1.65 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
time, .note, cite { color: GrayText; font-size: .9rem; font-style: normal; }
blockquote { margin: .6rem 0; padding-left: 1rem; border-left: 3px solid #8884; }
sup a { text-decoration: none; padding: 0 .15em; }
ol { padding-left: 1.6rem; } ol li { margin: 0 0 1rem; }
"""


def text(kept: Kept, conversation: Conversation) -> str:
    """The conversation as a page."""
    known = sources(conversation)
    name, day = _plain(kept.name), f"{kept.begun:%Y-%m-%d}"
    said = "\n".join(_exchange(exchange, known) for exchange in conversation)
    policy = "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{name}</title><style>{_STYLE}</style>'
    )
    body = f'<h1>{name}</h1>\n<time datetime="{day}">{day}</time>\n{said}\n{_sources(known)}'
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


def _exchange(exchange: Exchange, known: dict[str, Source]) -> str:
    said = ""
    for kind, group in groupby(parts(exchange, known), key=lambda part: part.kind):
        found = "\n".join(_part(part) for part in group)
        said += f"<ul>\n{found}\n</ul>\n" if kind is Kind.ITEM else f"{found}\n"
    return f"<section>\n<h2>{_plain(exchange.asked)}</h2>\n{said}</section>"


def _part(part: Part) -> str:
    said = " ".join(_sentence(sentence) for sentence in part.sentences)
    if part.kind is Kind.ITEM:
        return f"<li>{said}</li>"
    if part.kind is Kind.QUOTE:
        return f"<blockquote>{said}</blockquote>"
    return f'<p class="note">{said}</p>' if part.kind is Kind.NOTE else f"<p>{said}</p>"


def _sentence(sentence: Sentence) -> str:
    marks = "".join(f'<sup><a href="#source-{n}">[{n}]</a></sup>' for n in sentence.sources)
    return _plain(sentence.text) + marks


def _sources(known: dict[str, Source]) -> str:
    if not known:
        return ""
    return "<h2>Sources</h2>\n<ol>\n" + "\n".join(_source(one) for one in known.values()) + "\n</ol>"


def _source(source: Source) -> str:
    title, link = f"<b>{_plain(source.paper.title)}</b>", address(source.paper)
    if link:
        title = f'<a href="{_plain(link)}" rel="noopener noreferrer">{title}</a>'
    about = _plain(record(source.paper))
    about = f"<br><cite>{about}</cite>" if about else ""
    quotes = "".join(f"<blockquote>{_plain(sentence)}</blockquote>" for sentence in source.support)
    return f'<li id="source-{source.number}" value="{source.number}">{title}{about}{quotes}</li>'


def _plain(text: str) -> str:
    return html.escape(single(text))
