"""In which language a question is asked, told from its letters and its commonest words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from rag.text import STOP_WORDS

_WORDS = {
    "German": "der das ein eine einer und ist sind wie viele welche welcher welches warum mit für von wird werden "
    "nicht über auf dem zu es im gibt haben zwischen unterscheidet bei auch wozu woran können",
    "French": "le la les un une du et est sont combien quel quelle quels quelles pourquoi comment avec pour sur dans "
    "par pas ne qui que où entre cette ce ces aux leur elle il qu'est quoi",
    "Spanish": "el la los las un una del y es son cuántos cuántas cuánto cuál cuáles qué cómo por para con sobre no "
    "quién dónde entre este esta se su en hay",
    "Italian": "il lo la gli le un una di del della e è sono quanti quante quanto quale quali che come perché per con "
    "su non chi dove tra questo questa si nel nella",
    "Portuguese": "o os as um uma do da dos das e é são quantos quantas quanto qual quais que como por para com sobre "
    "não quem onde entre este esta em no na",
    "Dutch": "de het een en is zijn hoeveel welke waarom hoe met voor van wordt worden niet over op aan tussen bij ook "
    "wat wie waar dit dat deze er",
}
"""The commonest words of languages in Latin letters, those aside that English has too."""
_OF = {name: frozenset(words.split()) - STOP_WORDS for name, words in _WORDS.items()}
_SCRIPTS = {
    "CYRILLIC": "Russian", "ARABIC": "Arabic", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean",
    "CJK": "Chinese", "GREEK": "Greek", "HEBREW": "Hebrew", "DEVANAGARI": "Hindi", "THAI": "Thai",
}  # fmt: skip
_LETTERS = 0.3
_LEAST = 2


def foreign(text: str) -> str:
    """Name of the language of a question that is not in English; empty when it may be English.

    >>> foreign("Wie viele Parameter hat das Modell?"), foreign("How many parameters has DAS?")
    ('German', '')
    >>> foreign("Sylber每秒平均有多少个token？")
    'Chinese'
    """
    letters = [c for c in text if c.isalpha()]
    scripts = Counter(name for c in letters if (name := _script(c)))
    if scripts and scripts.total() >= _LETTERS * len(letters):
        kana = {"HIRAGANA", "KATAKANA"} & scripts.keys()
        return "Japanese" if kana else _SCRIPTS[scripts.most_common(1)[0][0]]
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    english = sum(word in STOP_WORDS for word in words)
    said = {name: sum(word in common for word in words) for name, common in _OF.items()}
    best = max(said, key=lambda name: said[name])
    return best if said[best] >= _LEAST and said[best] > english else ""


def _script(letter: str) -> str:
    """The script of a letter that is not Latin, if it is among those known."""
    if letter < "\u0370":
        return ""
    first = unicodedata.name(letter, "").split(" ")[0].removesuffix("-")
    return first if first in _SCRIPTS else ""
