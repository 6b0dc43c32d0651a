r"""LaTeX of titles, names and abstracts as text: accents, symbols and braces; mathematics untouched."""

from __future__ import annotations

import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db

_MATHEMATICS = re.compile(r"((?<!\\)\$[^$]{1,200}(?<!\\)\$)")
_ACCENT = re.compile(
    r"""(?:\\["'`^~=.]|\\[Hcdubvkr](?![a-zA-Z]))\s{0,3}(?:\{\\?[^\W\d_]{1,2}\}|\\[ij](?![a-zA-Z])|[^\W\d_])"""
)
_SYMBOL = re.compile(r"\\([a-zA-Z]{1,40})(?:\{\}|(?![a-zA-Z{])[ \t]?)")
_TOKEN = re.compile(r"\\(?P<name>[a-zA-Z]{1,40})\s{0,3}(?=\{)|\\(?:.|$)|[{}]", re.DOTALL)
_SWITCH = re.compile(r"\{\s{0,3}\\(?:em|it|bf|tt|sc|rm|sf|itshape|bfseries|scshape|upshape)\b\s{0,3}")
_BREAK = re.compile(r"\\\\|\\newline\b|\\[\s,;:!]")
_VANISHING = re.compile(r"~?\\(?:cite[a-z]{0,10}|ref|eqref|label|footnote|index)\s{0,3}\{[^{}]*\}|\\[-/]")
_ACCENTS = 2  # above one another, as in Vietnamese
_HREF = re.compile(r"\\href\s{0,3}\{[^{}]*\}")
_PUNCTUATION = re.compile(r"\\([_%&#~$])")

_DECODER = LatexNodes2Text()
_SYMBOLS = get_default_latex_context_db()


def without_latex(text: str) -> str:
    r"""The text with accents and symbols as characters, without braces and commands.

    >>> without_latex(r"{\textquotedblleft}Erd{\H{o}}s{\textquotedblright} and \emph{{BERT}}: $O(n^{2})$")
    '“Erdős” and BERT: $O(n^{2})$'
    """
    if "\\" not in text and "{" not in text and "}" not in text:
        return text
    parts = _MATHEMATICS.split(text)
    return "".join(part if place % 2 else _prose(part) for place, part in enumerate(parts))


def without_escapes(text: str) -> str:
    r"""An address or identifier without braces and backslashes.

    >>> without_escapes(r"{10.1007/978-3-030-1{\_}2}")
    '10.1007/978-3-030-1_2'
    """
    return _PUNCTUATION.sub(r"\1", text.replace("{", "").replace("}", "")).strip()


def _prose(text: str) -> str:
    if "\\" in text:
        text = _VANISHING.sub("", _BREAK.sub(" ", _HREF.sub("", _SWITCH.sub("{", text))))
        for _ in range(_ACCENTS):
            text = _ACCENT.sub(_accent, text)
        text = _SYMBOL.sub(_symbol, text)
    return _TOKEN.sub(_token, text)


def _token(match: re.Match[str]) -> str:
    """Braces go, and commands before braces; escaped characters stay."""
    return "" if match["name"] or match[0] in "{}" else match[0]


def _accent(match: re.Match[str]) -> str:
    return _accented(match[0])


@lru_cache(maxsize=4096)
def _accented(command: str) -> str:
    return str(_DECODER.latex_to_text(command)).strip()


def _symbol(match: re.Match[str]) -> str:
    return _meaning(match[1]) or match[0]


@lru_cache(maxsize=4096)
def _meaning(name: str) -> str:
    """The characters that a command without arguments stands for; nothing when it is no symbol."""
    if name in _NAMES:
        return _NAMES[name]
    spec = _SYMBOLS.get_macro_spec(name)
    meant = spec.simplify_repl if spec is not None else None
    return meant if isinstance(meant, str) and "%" not in meant and len(meant.strip()) in (1, 2) else ""


_NAMES = {
    "LaTeX": "LaTeX",
    "textbraceleft": r"\{",
    "textbraceright": r"\}",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbackslash": "\\",
}
