r"""LaTeX with `\cite`, and the bibliography that it cites from. Nothing in a text is a command.

A formula stays one when it holds nothing but signs and commands of mathematics that are known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.addresses import address
from rag.conversations import Kept
from rag.dialogues.told import Kind, Part, Sentence, parts, single, sources
from rag.exporters.keys import citation_keys
from rag.exporters.names import parts as name_parts
from rag.records import Conversation, Paper

_KNOWN = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|eta|theta|kappa|lambda|mu|pi|rho|sigma|tau|phi|varphi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|mathcal|mathbf|mathbb|mathrm|text|log|exp|min|max|times|cdot|"
    "approx|sim|pm|le|leq|ge|geq|ll|gg|neq|to|rightarrow|in|infty|ell|sqrt|frac|sum|prod|hat|tilde|bar"
)
# As Pandoc reads dollar signs: no blank inside of them at either end, no digit behind.
_FORMULA = re.compile(
    rf"(\$(?=\S)(?:[^$\\%#&~{{}}^]|\^(?!\^)|[{{}}]|\\(?:{_KNOWN})(?![A-Za-z]))+(?<=\S)\$(?!\d))"
)
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip
_HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb}
\usepackage{hyperref}
"""


def text(kept: Kept, conversation: Conversation, stem: str) -> str:
    """The conversation as a LaTeX document that cites from `stem`.bib."""
    known = sources(conversation)
    keys = _keys(conversation)
    body = []
    for exchange in conversation:
        body.append(rf"\section*{{{escaped(exchange.asked)}}}")
        body += [_part(part, keys) for part in parts(exchange, known)]
    title = rf"\title{{{escaped(kept.name)}}}" + "\n" + rf"\date{{{kept.begun:%Y-%m-%d}}}"
    cites = "\n\n" + r"\bibliographystyle{plain}" + "\n" + rf"\bibliography{{{stem}}}" if known else ""
    document = "\\begin{document}\n\\maketitle\n\n" + "\n\n".join(body) + cites + "\n\n\\end{document}\n"
    return f"{_HEAD}{title}\n{document}"


def bibliography(conversation: Conversation) -> str:
    """The papers that the conversation cites, as BibTeX with the sentences that answers rest on as notes."""
    keys = _keys(conversation)
    known = sources(conversation).values()
    return "".join(_entry(keys[source.number], source.paper, source.support) for source in known)


def _keys(conversation: Conversation) -> dict[int, str]:
    known = sources(conversation)
    keys = citation_keys([source.paper for source in known.values()])
    return {source.number: keys[paper_id] for paper_id, source in known.items()}


def _part(part: Part, keys: dict[int, str]) -> str:
    said = " ".join(_sentence(sentence, keys) for sentence in part.sentences)
    if part.kind is Kind.ITEM:
        return "\\begin{itemize}\n\\item " + said + "\n\\end{itemize}"
    if part.kind is Kind.QUOTE:
        return "\\begin{quote}\n" + said + "\n\\end{quote}"
    return rf"\emph{{{said}}}" if part.kind is Kind.NOTE else said


def _sentence(sentence: Sentence, keys: dict[int, str]) -> str:
    cites = ",".join(keys[number] for number in sentence.sources)
    return escaped(sentence.text) + (rf"~\cite{{{cites}}}" if cites else "")


def _entry(key: str, paper: Paper, support: tuple[str, ...]) -> str:
    kind = "article" if paper.venue else "misc"
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(paper, support) if value)
    return f"@{kind}{{{key},\n{fields}}}\n\n"


def _fields(paper: Paper, support: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield "title", f"{{{escaped(paper.title)}}}"
    yield "author", " and ".join(_author(name) for name in paper.authors)
    yield "year", str(paper.year or "")
    yield "journal", escaped(paper.venue)
    yield "doi", _verbatim(paper.doi)
    yield "eprint", _verbatim(paper.arxiv_id)
    yield "archiveprefix", "arXiv" if paper.arxiv_id else ""
    yield "url", _verbatim(address(paper))
    yield "annote", escaped(" ".join(support))


def _author(name: str) -> str:
    """A name as `Family, Jr., Given`, or one in braces that must not be taken apart."""
    family, given, suffix = name_parts(name)
    if not given or re.search(r"\band\b", name, re.IGNORECASE):
        return f"{{{escaped(name)}}}"
    return ", ".join(escaped(part) for part in (family, suffix, given) if part)


def _verbatim(text: str) -> str:
    """An identifier or an address without what ends a field or begins a command; each is encoded."""
    return re.sub(r"[{}\\%$^~\"<>`|]|\s", lambda sign: f"\\%{ord(sign[0]):02X}", text).replace("#", r"\#")


def escaped(text: str) -> str:
    r"""Text in which nothing is a command.

    >>> escaped("5% \\input{x} of $x_i$, $\\write18$")
    '5\\% \\textbackslash{}input\\textbraceleft{}x\\textbraceright{} of $x_i$, \\$\\textbackslash{}write18\\$'
    """
    pieces = _FORMULA.split(single(text))
    return "".join(
        piece if place % 2 and _balanced(piece) else "".join(_SPECIAL.get(c, c) for c in piece)
        for place, piece in enumerate(pieces)
    )


def _balanced(formula: str) -> bool:
    depth = 0
    for c in formula:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0
