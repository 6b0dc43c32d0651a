"""Text into HTML that nothing can break out of.

Whatever a paper, a model or a user wrote is data here. `plain` turns it into character references
for everything that HTML, Markdown, TeX or a template could take for its own, so the same string is
safe in a component that reads HTML and in one that reads Markdown, between tags and in attributes.
"""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Control characters, direction overrides, half characters and what Unicode says is none."""


def plain(text: str) -> str:
    """The text as character references wherever a markup language could see more than text.

    >>> plain("<b>[x](javascript:1)</b>")
    '&#60;b&#62;&#91;x&#93;&#40;javascript&#58;1&#41;&#60;&#47;b&#62;'
    """
    single = " ".join(_NO_TEXT.sub(" ", text).split())
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", single)


def kept(text: str) -> str:
    r"""The text of several lines as it is, indentation included, for an element that keeps white space.

    >>> kept("@misc{a,\n  year = {2024},\n}")
    '&#64;misc&#123;a&#44;&#10;&#32;&#32;year &#61; &#123;2024&#125;&#44;&#10;&#125;'
    """
    return "&#10;".join(
        "&#32;" * (len(one) - len(one.lstrip())) + plain(one) for one in text.strip("\n").split("\n")
    )


def exact(text: str) -> str:
    """The text as the value of an attribute that scripts read back as it is, character for character.

    >>> exact('doi:10.1/"x" y')
    'doi&#58;10&#46;1&#47;&#34;x&#34;&#32;y'
    """
    return "".join(mark if mark.isalnum() else f"&#{ord(mark)};" for mark in text)


def line(kind: str, content: str) -> str:
    """A paragraph of a kind (a class of the style sheet) around content that is HTML already."""
    return f'<p class="{kind}">{content}</p>'
