"""What a paper is called: its title, the name before the colon, the names that it gives to its work.

A question that uses such a name means that paper. Pure functions; the library keeps the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.claims import is_name
from rag.records import Paper
from rag.text import sentences, tokens

LONGEST = 12
"""Words of the longest alias that is looked up."""

_SHORT_WORD = 4
_HEAD_WORDS = 8
_INTRODUCES = re.compile(
    r"\b(?:propos|introduc|present|develop|releas|creat|curat|collect|construct|design|describ|abbreviat|call|term|nam|dub"
    r"|short for|refer)\w*",
    re.IGNORECASE,
)
_AROUND = "\"'“”‘’.,;:!?()[]{}*_`"
_PARENTHESISED = re.compile(r"\((?:e\.g\.,? )?([\w][\w+.-]{1,24})(?:[,;][^)]*)?\)")
_GIVEN_NAME = re.compile(
    r"\b(?:propose|introduce|present|develop|release|called|termed|named|dubbed|as|namely|call it|name it|is short for)"
    r"(?: (?:a|an|the|our|novel|new|method|framework|model|dataset|approach|technique|system|it|called|named|termed|dubbed))*,? "
    r"([\w][\w+.-]*(?:[ -][A-Z0-9][\w+.-]*)*)"
)


def aliases(paper: Paper) -> frozenset[str]:
    """The names of a paper as they are written.

    >>> sorted(aliases(Paper("p", "Fast Nets: A Study", "We propose Slim Token Search (STS), called SlimTS.")))
    ['Fast Nets', 'Fast Nets: A Study', 'STS', 'SlimTS']
    """
    head, colon, _ = paper.title.partition(":")
    found = {paper.title}
    if colon and len(head.split()) <= _HEAD_WORDS:
        found.add(head)
    for sentence in sentences(paper.abstract):
        found.update(_introduced(sentence))
    return frozenset(name for name in found if 0 < len(tokens(name)) <= LONGEST)


def _introduced(sentence: str) -> Iterator[str]:
    verb = _INTRODUCES.search(sentence)
    if not verb:
        return
    for match in _PARENTHESISED.finditer(sentence, verb.end()):
        if _is_acronym_of(match[1], sentence[: match.start()]):
            yield match[1]
    for match in _GIVEN_NAME.finditer(sentence):
        name = match[1].rstrip(".,-")
        if is_name(name.split()[0].replace("-", ""), begins=True):
            yield name


def _is_acronym_of(acronym: str, before: str) -> bool:
    """Whether the words before a bracket begin with the letters in it, at least the first two."""
    letters = [c for c in acronym.casefold() if c.isalpha()]
    initials = [t[0] for t in tokens(before)[-2 * len(letters) :]]
    return len(letters) >= 2 and is_name(acronym, begins=True) and letters[0] in initials


def key(name: str) -> str:
    """The form under which an alias is looked up: words in lower case, hyphens as blanks."""
    return " ".join(tokens(name))


def keys_in(question: str) -> dict[str, str]:
    """Every run of up to 12 words of a question as a lookup key, with how the question writes it.

    A hyphenated word stays whole: "MT-NLG" is not "MT".
    """
    words = [w.strip(_AROUND) for w in question.split()]
    runs = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            run = " ".join(words[start:end])
            runs[key(run)] = run
            runs.setdefault(key(re.sub(r"['’]s$", "", run)), run)
    return runs


def means(written: str) -> bool:
    """Whether a run of words in a question, equal to an alias but for case, means that alias.

    A short single word must be written with a capital or digit: "SPIN" and not "spin".

    >>> means("list"), means("LiST"), means("sylber")
    (False, True, True)
    """
    if " " in written or len(written) > _SHORT_WORD:
        return True
    return any(c.isupper() or c.isdigit() for c in written)
