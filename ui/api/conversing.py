"""Chat messages to a question with the turns before it, and an answer to the text of a message.

A program keeps the conversation and sends all of it each time. What an earlier answer cited is read
back from its list of references, so that numbers stay with their papers and "the other one" has a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.addresses import address
from rag.library import Library
from rag.records import Answer, CheckedSentence, CitedPaper, Turn
from ui.conversation import TURNS

REFERENCES = "**References**"
"""Heads the cited papers at the end of an answer."""
_REFERENCE = re.compile(r"^- \[(\d{1,4})\] “(.+)”", re.MULTILINE)
_MARK = re.compile(r" \[\d+\]")
_TAKEN_AS_MARKUP = re.compile(r"(?<=\])\(|<(?=[A-Za-z/!?])")
_ESCAPED = re.compile(r"\\([(<])")
_AUTHORS = 3
_READ_BACK = 20

Said = tuple[str, str]
"""A role, and what it said."""


def turns(said: Sequence[Said], library: Library) -> tuple[Turn, ...]:
    """The answered questions among messages, oldest first, those that a new question can lean on."""
    asked = ""
    found: list[Turn] = []
    for role, text in said:
        if role == "user":
            asked = text
        elif role == "assistant" and asked:
            body, _, listed = text.partition(REFERENCES)
            found.append(Turn(asked, _MARK.sub("", body).strip(), _cited(listed, library)))
            asked = ""
    return tuple(found[-TURNS:])


def _cited(listed: str, library: Library) -> tuple[CitedPaper, ...]:
    """The papers of a list of references, as far as the library has them."""
    papers = []
    for number, title in _REFERENCE.findall(listed)[:_READ_BACK]:
        lines, _ = library.browse(_ESCAPED.sub(r"\1", title), limit=5)
        same = [line.id for line in lines if safe(line.title) == title]
        if same and (paper := library.paper(same[0])) is not None:
            papers.append(CitedPaper(int(number), paper, ()))
    return tuple(papers)


def message(answer: Answer) -> str:
    """The text of an answer, as Markdown with the references at its end.

    Of an answer that still grows, what will stay: the sentences that the model wrote and that were found
    in an abstract. Quotations are there from the beginning, but what the model writes comes in front of
    them, and those that it gives again go.
    """
    written = " ".join(_marked(s) for s in answer.sentences if not s.quoted)
    if not answer.done:
        return " ".join([safe(answer.remark), written]).strip() if written else ""
    opening = " ".join(part for part in (safe(answer.remark), written) if part)
    quoted = "\n".join(f"- {_marked(s)}" for s in answer.sentences if s.quoted)
    return "\n\n".join(part for part in (opening, quoted, _references(answer), _ending(answer)) if part)


def deltas(sent: str, answer: Answer) -> str:
    """What to send after `sent`; empty when nothing more is settled."""
    text = message(answer)
    if text.startswith(sent):
        return text[len(sent) :]
    return f"\n\n{text}" if answer.done else ""


def safe(text: str) -> str:
    r"""The text in one line, in which Markdown sees no link, picture or tag: a paper may hold anything.

    >>> print(safe("![x](http://a.b/c.png) <img src=x> 1 < 2"))
    ![x]\(http://a.b/c.png) \<img src=x> 1 < 2
    """
    return _TAKEN_AS_MARKUP.sub(lambda mark: f"\\{mark[0]}", " ".join(text.split()))


def _marked(sentence: CheckedSentence) -> str:
    return safe(sentence.text) + "".join(f" [{n}]" for n in sentence.citations)


def _references(answer: Answer) -> str:
    if not answer.papers:
        return ""
    return "\n".join(
        [f"{REFERENCES}\n", *(line for cited in answer.papers for line in _reference(cited, answer))]
    )


def _reference(cited: CitedPaper, answer: Answer) -> Iterator[str]:
    paper = cited.paper
    authors = ", ".join(paper.authors[:_AUTHORS]) + (" et al." if len(paper.authors) > _AUTHORS else "")
    details = ", ".join(part for part in (f"“{paper.title}”", authors, str(paper.year or "")) if part)
    yield f"- [{cited.number}] {safe(details)}" + (f". {safe(where)}" if (where := address(paper)) else "")
    for part in cited.evidence:
        if part.text not in answer.text:
            yield f"  - “{safe(part.text)}”"


def _ending(answer: Answer) -> str:
    """What else a reader should know: near papers when nothing was found, what was degraded."""
    nearest = [f"- {safe(c.paper.title)}" for c in answer.retrieved[:3]] if answer.abstained else []
    parts = ["\n".join(["Nearest papers:\n", *nearest])] if nearest else []
    if answer.suggestion:
        parts.append(f"You could ask: {safe(answer.suggestion)}")
    return "\n\n".join(parts)
