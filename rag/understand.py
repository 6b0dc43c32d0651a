"""Understanding a question: is it one, what shape of answer does it want, what does it lean on?

Deterministic: the words decide, and the turn before. No model is asked.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from rag import conversation
from rag.described import described
from rag.errors import QuestionError
from rag.filters import Known, combined, filters_in, speaks_of_papers
from rag.records import Filters, Paper, Question, Shape, Turn
from rag.shapes import shape_of
from rag.text import content_stems, readable, tokens

LONGEST = 2000
"""Characters of a question that are read; the rest is cut and said."""

_CONTEXT_CHARACTERS = 500
_QUESTION_CHARACTERS = 160

_GREETING = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?(?: you)?(?: (?:so|very) much)?|thx|cheers|bye|goodbye"
    r"|great|ok(?:ay)?|nice|perfect|cool|awesome|how are you)(?: there| footnote| all| a lot| again| then)?",
)
_PRONOUN = re.compile(
    r"\b(?:it|its|it's|they|their|them|those|these|this|that|he|she|the (?:method|model|authors?|paper|approach|system"
    r"|framework|dataset|benchmark|technique)\b(?! (?:on|about|of|that|which|who|with|for|where|behind|called|named)\b)"
    r"|the (?:former|latter|same|other)|the other one|there(?! (?:is|are|was|were|has|have)\b))\b",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
_NAMED = re.compile(r"[A-Z](?!(?:['’]\w+)?\W*$)")
"""A word in capitals that is not "I"."""
_CONTINUES = re.compile(
    r"^\s*(?:and|but|so|also|or|then|what about|how about|what else|anything else|how so|really|no\b|not that|i meant"
    r"|i mean|sorry|actually|more|go on|elaborate|tell me more|same|on (?:what|which)|for (?:what|which)|by how much|compared"
    r" to)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\s*why\b", re.IGNORECASE)
_WHOLE_QUESTION = 5
"""Content words from which on a "why …" can be read without the turn before it."""
_NAME = re.compile(r"(?=\S*[A-Z0-9])[A-Za-z][\w+-]*[A-Z0-9][\w+-]*")
"""One word in unusual capitals: somebody who types a name wants to know what that is."""
_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]{0,200})?/?>")
_ANTECEDENT = re.compile(r"\b(?:this|that|these|those)\b", re.IGNORECASE)


def understand(
    asked: str, history: Sequence[Turn] = (), known: Known = Known(), filters: Filters = Filters()
) -> Question:
    """What the user wants to know, readable without the conversation.

    Args:
        asked: what the user typed.
        history: the turns before it.
        known: what the library has that words of the question can be filters on.
        filters: conditions set otherwise; those of the question's words are added.

    Raises:
        QuestionError: there is no word in what was sent.
    """
    typed = readable(asked)[:LONGEST].strip()
    untagged = " ".join(_TAG.sub(" ", typed).split())
    text = untagged if tokens(untagged) else typed
    if _NAME.fullmatch(text):
        text = f"What is {text}?"
    if not tokens(text):
        raise QuestionError("There is no question in that.", 'footnote ask "What does … propose?"')
    if is_small_talk(text):
        return Question(text, text, Shape.SMALL_TALK)
    own, bare = filters_in(text, replace(known, years=None))
    goes_on = bool(history) and (leans_on_conversation(text) or len(content_stems(_YEARS.sub("", text))) <= 2)
    if own.active or goes_on or _may_date_papers(text):
        own, bare = filters_in(text, known)
    shape, things = shape_of(bare)
    question = Question(text, bare, shape, things, combined(filters, own), bare=bare if own.active else "")
    if not history or shape is Shape.LIBRARY:
        return question
    points = conversation.meant(bare, history) or conversation.returned_to(bare, history)
    if not points and not leans_on_conversation(bare, whole=shape is Shape.LIST):
        return question
    return _in_conversation(question, bare, history)


def _may_date_papers(text: str) -> bool:
    """Whether a year in a question may be one of papers: a fact's is the year of an event unless it speaks of papers."""
    if speaks_of_papers(text):
        return True
    shape = shape_of(text)[0]
    return shape in (Shape.LIST, Shape.LIBRARY) or (
        shape is Shape.COMPARISON and len(_YEARS.findall(text)) == 1
    )


def is_small_talk(text: str) -> bool:
    """A greeting or thanks and nothing else."""
    return _GREETING.fullmatch(" ".join(tokens(text))) is not None


def leans_on_conversation(text: str, whole: bool = False) -> bool:
    """Whether a question cannot be read without the turn before it.

    It describes no two works of its own, and opens like a continuation, has a pronoun whose noun is
    elsewhere, or is too short to name what it is about; a list of the `whole` library says that, however short it is.
    """
    if len(described(text)) > 1:
        return False
    stems = content_stems(text)
    if _CONTINUES.search(text) or (_WHY.match(text) and len(stems) < _WHOLE_QUESTION):
        return True
    if match := _PRONOUN.search(text):
        named_before = any(_NAMED.match(word) for word in text[: match.start()].split()[1:])
        return not named_before
    first, *others = text.split()
    has_name = any(c.isupper() for word in (first[1:], *others) for c in word)
    return len(stems) <= 2 and not has_name and not whole


def _in_conversation(question: Question, text: str, history: Sequence[Turn]) -> Question:
    """The question with what it leans on: a paper it points to, else the turn before or the one it goes back to.

    A correction that says what is wanted instead leans on nothing.
    """
    before = conversation.returned_to(text, history) or history[-1]
    if paper := conversation.meant(text, history):
        asked = _again(before, paper) if conversation.only_points(text) else text
        about = f"{asked} (about {short_name(paper)})"
        return replace(
            question,
            standalone=about,
            bare=asked,
            follows_up=True,
            points_to=paper.title,
            context=paper.title,
        )
    if instead := conversation.corrected(text):
        return replace(question, standalone=instead, bare=instead)
    return replace(question, standalone=_standalone(text, before), follows_up=True, context=_context(before))


def _again(before: Turn, paper: Paper) -> str:
    """What is asked about another paper: the question before, unless that named several papers."""
    several = len(before.papers) > 1 or shape_of(before.question)[0] is Shape.COMPARISON
    return f"What does {short_name(paper)} propose?" if several else before.question


def _standalone(text: str, before: Turn) -> str:
    """The question with what it leans on: the one paper of the turn before, else its question."""
    if len(before.papers) == 1:
        return f"{text} (about {short_name(before.papers[0].paper)})"
    question = before.question.rstrip("?.! ")
    return f"{text} ({textwrap.shorten(question, _QUESTION_CHARACTERS, placeholder='…')})"


def _context(before: Turn) -> str:
    return readable(f"{before.question} {before.answer}")[:_CONTEXT_CHARACTERS]


def short_name(paper: Paper) -> str:
    """What people call a paper: the name before the colon of its title, else the title."""
    head, colon, _ = paper.title.partition(":")
    return head if colon and len(head.split()) <= 4 else paper.title
