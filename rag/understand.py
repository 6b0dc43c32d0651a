"""Understanding a question: is it one, what shape of answer does it want, what does it lean on?

Deterministic: the words decide, and the turn before. No model is asked.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from rag import conversation
from rag.errors import QuestionError
from rag.filters import Known, combined, filters_in
from rag.records import Filters, Paper, Question, Shape, Turn
from rag.text import content_stems, readable, tokens

LONGEST = 2000
"""Characters of a question that are read; the rest is cut and said."""

_CONTEXT_CHARACTERS = 500
_QUESTION_CHARACTERS = 160

_GREETING = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?(?: you)?(?: (?:so|very) much)?|thx|cheers|bye|goodbye"
    r"|great|ok(?:ay)?|nice|perfect|cool|awesome|how are you)(?: there| footnote| all| a lot| again| then)?",
)
_LIBRARY = re.compile(
    r"\bhow (?:many|much) (?:papers|abstracts|documents|articles|publications|works)\b"
    r"|\b(?:what|which) (?:papers|abstracts|documents) (?:do you (?:have|know)|are (?:there|in (?:the|this|your)))"
    r"|\blist (?:all|every)(?: of)?(?: the)? (?:papers|abstracts|documents|titles)\W*$"
    r"|\bwhat(?:'s| is) in (?:the|this|your) library\b"
)
_LIST = re.compile(
    r"\b(?:which|what|how many|any|list|name|find|show|all|give me|enumerate|recommend|are there|every|collect"
    r"|gather)\b[^.?!]{0,40}?\b(?:papers|works|studies|articles|abstracts|documents|publications|surveys|theses|reviews|preprints|entries|titles)\b"
    r"|\b(?:every|each|all(?: the)?|any|list(?: the)?)\b[^.?!]{0,40}?\b(?:paper|survey|article|overview|study|thesis)s?\b"
    r"|^what work (?:in|of|here|on)\b|^\W*(?:papers|works|studies|articles|surveys|abstracts)\b"
    r"|\b(?:which|what) (?:of (?:the|these) )?(?:models|methods|approaches|systems|datasets|benchmarks)\b.{0,60}"
    r"\b(?:in (?:the|this) (?:library|collection|corpus)|are there)\b"
    r"|\b(?:papers|works|studies|articles|abstracts|publications|surveys) (?:on|about|that|which|who|whose|using|with|for|where"
    r"|in which|dealing|proposing|from|covering|concerning|mentioning|by)\b"
    r"|\b(?:everything|anything|all) (?:you have |we have |there is |in here |here )?(?:on|about|concerning|dealing with)\b"
    r"|\bwhat (?:do|have) (?:we|you|i) (?:have |got )*(?:on|about)\b"
    r"|\b(?:list|enumerate|name|collect|gather) (?:me )?(?:all|every|each|everything|everyone)\b"
    r"|\bwhich of (?:them|these|those|the papers)\b"
)
_COMPARISON = (
    re.compile(r"\b(?:compare|contrast)\s+(?P<a>.+?)\s+(?:and|with|to|against|versus|vs\.?)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(
        r"\b(?:differences?|similarit(?:y|ies)|comparison|trade-?offs?|in common|distinguish(?:es)?)\b.*?"
        r"\b(?:between|of|do|from)\s+(?P<a>.+?)\s+(?:and|from|have)\s+(?P<b>[^?.!;]+)",
        re.I,
    ),
    re.compile(r"\bhow (?:do|does|is|are|did)\s+(?P<a>.+?)\s+(?:differ(?:ent)?|diverge)s?\s+(?:from|to)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(r"\bhow (?:do|does|did)\s+(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+(?:differ|compare|diverge|relate)\b", re.I),
    re.compile(r"\bhow (?:do|does|did)\s+(?P<a>.+?)\s+compare\s+(?:to|with|against)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(r"(?P<a>[\w+~-]+(?: [\w+~-]+){0,5}?)\s+(?:versus|vs\.?|compared (?:to|with))\s+(?P<b>[^?.!;,]+)", re.I),
    re.compile(
        r"\b(?:which|who|what)\b[^?]*?\b\w+(?:er|more|most|less)\b[^?]*?[:,]\s*(?P<a>[^,?]+?),?\s+or\s+(?P<b>[^?.!;]+)", re.I
    ),
    re.compile(r"\bboth\s+(?P<a>.+?)\s+and\s+(?P<b>[A-Z][\w+-]*)"),
    re.compile(r"^(?:do|does|did|are|is|were)\s+(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+(?:both|agree|disagree|share|differ)\b", re.I),
    re.compile(r"^(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+both\b", re.I),
    re.compile(r"^(?P<a>.+?)\s+or\s+(?P<b>[^:?]+?)\s*:\s*(?:which|who|what)\b", re.I),
    re.compile(r"^(?P<a>[\w+-]+)\s+against\s+(?P<b>[\w+-]+)\b", re.I),
    re.compile(r"^in\s+(?P<a>[A-Z].+?)\s+and\s+(?P<b>[A-Z](?:\S+ )+?)(?=[a-z])"),
    re.compile(r"^(?:does|do|is|are)\s+(?P<a>\S+)\s.*?\b(?:while|whereas|but)\s+(?P<b>.+?)\s+(?:do|is|are)(?:es)?(?:n['’]t)?\b",re.I),
    re.compile(r"(?P<a>['\"“‘][^'\"”’]{4,}['\"”’])\s+and\s+(?P<b>the (?:one|paper|work|study) (?:on|about|that) [^.?!;]+)", re.I),
)  # fmt: skip
_PRONOUN = re.compile(
    r"\b(?:it|its|it's|they|their|them|those|these|this|that|he|she|the (?:method|model|authors?|paper|approach|system"
    r"|framework|dataset|benchmark|technique|former|latter|same|other)|the other one|there)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\s*(?:and|but|so|also|or|then|what about|how about|what else|anything else|why|how so|really|no\b|not that|i meant"
    r"|i mean|sorry|actually|more|go on|elaborate|tell me more|same|on (?:what|which)|for (?:what|which)|by how much|compared"
    r" to)\b",
    re.IGNORECASE,
)
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
    text = readable(asked)[:LONGEST].strip()
    if not tokens(text):
        raise QuestionError("There is no question in that.", 'footnote ask "What does … propose?"')
    if is_small_talk(text):
        return Question(text, text, Shape.SMALL_TALK)
    own, bare = filters_in(text, known)
    shape, things = shape_of(bare)
    question = Question(text, bare, shape, things, combined(filters, own), bare=bare if own.active else "")
    if not history or shape is Shape.LIBRARY:
        return question
    if not leans_on_conversation(bare, whole=shape is Shape.LIST) and not conversation.meant(bare, history):
        return question
    return _in_conversation(question, bare, history)


def is_small_talk(text: str) -> bool:
    """A greeting or thanks and nothing else."""
    return _GREETING.fullmatch(" ".join(tokens(text))) is not None


def shape_of(text: str) -> tuple[Shape, tuple[str, ...]]:
    """The shape of answer that a question asks for and, for a comparison, the things compared."""
    lowered = text.casefold()
    if _LIBRARY.search(lowered) and not content_stems(_LIBRARY.sub("", lowered)):
        return Shape.LIBRARY, ()
    for pattern in _COMPARISON:
        if match := pattern.search(text):
            things = tuple(_thing(match[side]) for side in "ab")
            if all(things) and things[0].casefold() != things[1].casefold():
                return Shape.COMPARISON, things
    return (Shape.LIST if _LIST.search(lowered) else Shape.FACT), ()


_THING_EDGES = re.compile(
    r"^(?:one|paper|work|study) (?:on|about|that)\s+|^(?:the|a|an|how|what|papers?|approach(?:es)? of|methods? of|between)\s+"
    r"|\s+(?:in terms of|with respect to|regarding|when"
    r"|on|for|in|as|at|have|has|do|does|differ|handle|treat|use|approach)\b.*$|[:;]\s.*$|\s+(?:paper|work|study)$|^[\"'“‘]|[\"'“”’?.,:;]+$",
    re.IGNORECASE,
)


def _thing(text: str) -> str:
    previous = ""
    while previous != text:
        previous, text = text, _THING_EDGES.sub("", text.strip(), count=1).strip()
    return text


def leans_on_conversation(text: str, whole: bool = False) -> bool:
    """Whether a question cannot be read without the turn before it.

    It opens like a continuation, has a pronoun whose noun is elsewhere, or is too short to name
    what it is about; a list of the `whole` library says that, however short it is.
    """
    if _CONTINUES.search(text):
        return True
    stems = content_stems(text)
    if match := _PRONOUN.search(text):
        named_before = any(w[:1].isupper() for w in text[: match.start()].split()[1:])
        return not named_before
    has_name = any(c.isupper() for word in text.split()[1:] for c in word)
    return len(stems) <= 2 and not has_name and not whole


def _in_conversation(question: Question, text: str, history: Sequence[Turn]) -> Question:
    """The question with what it leans on: a paper it points to, else the turn before.

    A correction that says what is wanted instead leans on nothing.
    """
    before = history[-1]
    if paper := conversation.meant(text, history):
        asked = before.question if conversation.only_points(text) else text
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
