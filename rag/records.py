"""The nouns of Footnote, in the order in which a question meets them.

Frozen records without behaviour beyond a derived property. No framework type appears here and no
other type crosses from one module to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: what a library keeps and what a citation points to."""

    id: str
    """Stable identity: `doi:…`, `arxiv:…` or `title:…` (a hash of title, year and first author)."""
    title: str
    """Title as read by people: LaTeX leftovers resolved, white space single."""
    abstract: str
    """Abstract as read by people; empty when the source had none."""
    authors: tuple[str, ...] = ()
    """Names in the order of the paper, "Given Family"."""
    year: int | None = None
    """Year of publication."""
    venue: str = ""
    """Journal, conference or archive."""
    doi: str = ""
    """DOI without a resolver in front, in lower case."""
    arxiv_id: str = ""
    """arXiv identifier without version."""
    url: str = ""
    """Where the paper can be read."""
    source: str = ""
    """Name of the file that the paper was imported from."""
    raw_title: str = ""
    """Title exactly as the source had it."""
    raw_abstract: str = ""
    """Abstract exactly as the source had it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of whole sentences of one abstract, embedded as one vector together with the title."""

    paper_id: str
    """The paper that it belongs to."""
    position: int
    """Place among the passages of the paper, from 0."""
    text: str
    """The sentences, without the title."""

    @property
    def id(self) -> str:
        """Key of the passage in the vector index."""
        return f"{self.paper_id}#{self.position}"


class Shape(StrEnum):
    """What kind of answer a question wants."""

    FACT = "fact"
    """One thing that one paper says, or an explanation of it."""
    COMPARISON = "comparison"
    """Two or more named things side by side."""
    LIST = "list"
    """The papers that match."""
    LIBRARY = "library"
    """A question about the library's own records: how many, by whom, when."""
    SMALL_TALK = "small talk"
    """A greeting or thanks; nothing to look up."""
    EMPTY = "empty"
    """Nothing that could be a question."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on papers, applied before ranking, to words and vectors alike."""

    year_from: int | None = None
    """First year, inclusive."""
    year_to: int | None = None
    """Last year, inclusive."""
    author: str = ""
    """Part of an author's name, in any case."""
    venue: str = ""
    """Part of the venue, in any case."""
    source: str = ""
    """Name of the file that the paper came from."""
    tag: str = ""
    """Tag that the user gave to the paper, in any case."""
    papers: tuple[str, ...] = ()
    """Ids of the papers that were chosen one by one; empty for all."""

    @property
    def active(self) -> bool:
        """Whether any condition is set."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation with its answer, as the next question needs it."""

    question: str
    """The standalone form of the question."""
    answer: str
    """The answer's text without citation marks."""
    papers: tuple[CitedPaper, ...] = ()
    """The papers that the answer cites, under their numbers in the conversation."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood."""

    asked: str
    """What the user typed."""
    standalone: str
    """The same question readable without the conversation, words that became filters left out."""
    shape: Shape
    """What kind of answer is wanted."""
    things: tuple[str, ...] = ()
    """For a comparison: the names of the things compared."""
    filters: Filters = Filters()
    """Conditions found in the question's own words, or set by the user."""
    follows_up: bool = False
    """Whether the question leans on the turn before it."""
    points_to: str = ""
    """Title of an earlier paper of the conversation that it points to ("the other one"); else empty."""
    context: str = ""
    """What it leans on, for retrieval: the turn before; empty when it stands alone."""
    bare: str = ""
    """What the model is asked when it is not what the user typed: without the words that became
    filters, or the earlier question when this one only points to another paper; else empty."""
    foreign: bool = False
    """Whether it was asked in another language than that of the abstracts."""

    @property
    def looked_up(self) -> str:
        """The words that retrieval looks for."""
        return f"{self.standalone} {self.context}".strip()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that retrieval found, with everything that placed it."""

    paper: Paper
    """The paper."""
    score: float
    """Fused score; the best that words and vectors give is 1, a paper named in the question gets more."""
    cosine: float
    """Cosine of the question against the paper's best passage, -1 to 1."""
    bm25: float
    """BM25 of the question against title and abstract; 0 when no word matches."""
    dense_rank: int | None = None
    """Place in the ranking by vectors, from 1; None when not among its candidates."""
    word_rank: int | None = None
    """Place in the ranking by words, from 1; None when not among its candidates."""
    named: bool = False
    """Whether the question calls the paper by its own name."""


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """One sentence of one abstract that an answer may rest on."""

    paper_id: str
    """The paper."""
    position: int
    """Place of the sentence in the abstract, from 0; -1 for the title."""
    text: str
    """The sentence as it stands in the readable abstract."""
    relevance: float = 0.0
    """Cosine of the question against "title: sentence", -1 to 1."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the model gets to read about one paper."""

    paper: Paper
    """The paper."""
    sentences: tuple[EvidenceSentence, ...]
    """Chosen sentences in the order of the abstract."""


class Support(StrEnum):
    """How well the cited abstract carries a sentence of an answer."""

    SUPPORTED = "supported"
    PARTLY = "partly supported"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of an answer after verification."""

    text: str
    """The sentence, without any citation mark."""
    support: Support
    """The verdict."""
    evidence: tuple[EvidenceSentence, ...] = ()
    """The sentences of abstracts that carry it; empty when unsupported."""
    reason: str = ""
    """Why it is not fully supported, for the trace."""
    quoted: bool = False
    """Whether the sentence is a verbatim quotation from an abstract."""
    citations: tuple[int, ...] = ()
    """Numbers of the cited papers in this conversation."""


@dataclass(frozen=True, slots=True)
class CitedPaper:
    """A paper that an answer cites, under its number in the conversation."""

    number: int
    """What stands in the brackets."""
    paper: Paper
    """The paper."""
    evidence: tuple[EvidenceSentence, ...]
    """The sentences that the answer rests on, in the order of the abstract."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked; None while not reached."""

    understood_s: float | None = None
    """Question understood."""
    retrieval_s: float | None = None
    """Ranking ready."""
    read_s: float | None = None
    """The best papers read and what they say quoted, or found not to say it."""
    first_words_s: float | None = None
    """First words of the answer on the screen."""
    written_s: float | None = None
    """The model wrote its last word."""
    checking_s: float = 0.0
    """Seconds of all those that went into checking what the model wrote; a duration, not a moment."""
    total_s: float | None = None
    """Answer finished."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A snapshot of an answer while it grows; the last one has `done` set."""

    question: Question
    """The question as understood."""
    stage: str = "understanding"
    """What is going on: understanding, searching, reading, writing, done."""
    ahead: int = 0
    """How many answers the model writes before it begins this one; while it waits, the quotations stand."""
    remark: str = ""
    """What Footnote itself says, not the papers: that the abstracts do not say, how many papers match."""
    sentences: tuple[CheckedSentence, ...] = ()
    """The sentences shown, each with its support and citations."""
    draft: str = ""
    """Text of the sentence that is being written and is not checked yet."""
    removed: tuple[CheckedSentence, ...] = ()
    """Sentences that the model wrote and the abstracts do not carry."""
    papers: tuple[CitedPaper, ...] = ()
    """The papers cited, by number."""
    retrieved: tuple[Candidate, ...] = ()
    """The ranking that the answer started from, best first."""
    abstained: bool = False
    """Whether the answer is that the abstracts do not say."""
    suggestion: str = ""
    """With an abstention: a question near the one asked that the library answers; else empty."""
    stopped: bool = False
    """Whether the user stopped it."""
    failed: bool = False
    """Whether the language model went away in the middle; what was verified until then stays."""
    notices: tuple[str, ...] = ()
    """What was degraded or went wrong, one line each, for the screen."""
    model: str = ""
    """Name of the model that wrote, empty for answers without one."""
    engine: str = ""
    """What runs the model."""
    timings: Timings = field(default_factory=Timings)
    """How long the stages took."""
    prompt_tokens: int = 0
    """Tokens that the model had to read."""
    evidence: tuple[Evidence, ...] = ()
    """What the model was shown in its last attempt."""
    prompt: str = ""
    """The prompt as sent, for the trace."""
    raw: str = ""
    """Everything that the model wrote, for the trace."""
    done: bool = False
    """Whether this is the last snapshot."""

    @property
    def text(self) -> str:
        """The remark and the shown sentences, each with its citation marks."""
        shown = [s.text + "".join(f" [{n}]" for n in s.citations) for s in self.sentences]
        return " ".join([self.remark, *shown] if self.remark else shown)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation with whatever came of it."""

    asked: str
    """What the user typed."""
    answer: Answer | None = None
    """The newest snapshot; None before the first."""
    problem: str = ""
    """What kept it from being answered, with the command that mends it; empty when nothing did."""
    seconds: float = 0.0
    """Since it was asked."""
    running: bool = False
    """Whether more is to come."""


Conversation = tuple[Exchange, ...]
"""The exchanges of a conversation, oldest first."""
