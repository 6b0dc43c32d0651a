"""Footnote's engine: from a pile of abstracts and a question to an answer whose sentences are cited.

The story is in `rag.answer`; `rag.assemble` builds the parts that it uses. For other programs,
`from rag import Footnote` is the door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.assemble import Footnote

__all__ = ["Footnote"]


def __getattr__(name: str) -> object:
    """Import the door when it is used: importing one part of the engine must not import all of it."""
    if name == "Footnote":
        from rag.assemble import Footnote

        return Footnote
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
