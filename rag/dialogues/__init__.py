"""Writers of one conversation to files that people read or other programs take, one module per format.

Whatever was typed, written or imported is text in every format: nothing in it is a command, a link
or a tag there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.conversations import Kept
from rag.dialogues import archive, latex, markdown, web_page
from rag.errors import FootnoteError
from rag.records import Conversation, Filters
from rag.schema import folded

__all__ = ["ENDINGS", "files", "stem"]

ENDINGS = {"markdown": ".md", "latex": ".tex", "html": ".html", "json": ".json"}
"""What can be written, by the name that a user gives, with the ending of its file."""

_WRITERS: dict[str, Callable[[Kept, Conversation], str]] = {
    "markdown": markdown.text,
    "html": web_page.text,
}


def files(kept: Kept, conversation: Conversation, scope: Filters, form: str, stem: str) -> dict[str, str]:
    """The files of a conversation by their names, the one to open first; LaTeX comes with a bibliography.

    Args:
        stem: what they are called, without ending.

    Raises:
        FootnoteError: there is no such format.
    """
    if form not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise FootnoteError(
            f"There is no format {form!r}; known are {known}.", "footnote conversations export --help"
        )
    name = stem + ENDINGS[form]
    if form == "latex":
        cited = re.sub(r"[^A-Za-z0-9.-]+", "-", stem)  # what LaTeX takes as the name of a file
        bibliography = latex.bibliography(conversation)
        return {name: latex.text(kept, conversation, cited), f"{cited}.bib": bibliography}
    if form == "json":
        return {name: archive.text(kept, conversation, scope)}
    return {name: _WRITERS[form](kept, conversation)}


def stem(name: str) -> str:
    """A name for files of a conversation of this name.

    >>> stem("What is Gómez' «BERT»?")
    'what-is-gomez-bert'
    """
    words = re.findall("[a-z0-9]+", folded(name))
    return "-".join(words)[:60].strip("-") or "conversation"
