"""How rare a word is in English, whatever a library is about.

The vocabulary of BERT's WordPiece is sorted by frequency, the most frequent words first (Devlin et al.
2019, "BERT"), and every word that is not in it is made of pieces. The shipped embedder brings that
vocabulary along.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from rag import minilm

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_FIRST_WORD = 1996
"""Id of "the"; before it stand signs and letters."""
_PER_PIECE = 2.0


@cache
def rareness(word: str) -> float:
    """About how many e-folds rarer than "the" a word is: 0 for the commonest, from 10 for a technical term.

    >>> [round(rareness(word), 1) for word in ("the", "drop", "vaccine", "tafenoquine")]
    [0.0, 7.8, 9.6, 17.7]
    """
    pieces = _vocabulary().encode(word, add_special_tokens=False).ids
    if not pieces:
        return 0.0
    return math.log(max(max(pieces) - _FIRST_WORD, 0) + 1) + _PER_PIECE * (len(pieces) - 1)


@cache
def _vocabulary() -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(minilm.FOLDER / minilm.TOKENIZER))
