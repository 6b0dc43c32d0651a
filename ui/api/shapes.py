"""What the HTTP API takes and gives, as it stands in `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.addresses import address
from rag.records import Filters, Paper

SYLBER = "How many tokens per second does Sylber average?"
_LONGEST_TEXT = 200_000
_NAME = Field(max_length=300)
_YEAR = Field(ge=0, le=9999)
Year = Annotated[int, _YEAR]
Name = Annotated[str, _NAME]
Text = Annotated[str, Field(max_length=_LONGEST_TEXT)]


class Conditions(BaseModel):
    """Conditions on papers, all of which must hold."""

    model_config = ConfigDict(extra="forbid")

    year_from: Year | None = Field(default=None, description="First year, inclusive.", examples=[2020])
    year_to: Year | None = Field(default=None, description="Last year, inclusive.")
    author: Name = Field(
        default="", description="Part of an author's name, in any case.", examples=["Devlin"]
    )
    venue: Name = Field(default="", description="Part of the venue, in any case.")
    source: Name = Field(default="", description="Name of the file that the paper came from.")
    tag: Name = Field(default="", description="Tag that the user gave, in any case.")
    papers: list[Name] = Field(
        default=[], max_length=1000, description="Ids of single papers; empty for all."
    )

    def filters(self) -> Filters:
        """The same for the engine."""
        return Filters(**self.model_dump(exclude={"papers"}), papers=tuple(self.papers))


class Cited(BaseModel):
    """A paper of an earlier answer, under its number."""

    number: int = Field(ge=1, le=10_000)
    id: Name


class EarlierTurn(BaseModel):
    """An earlier question with its answer; an object that `/api/ask` gave may be sent as it is."""

    question: Text = Field(description="What was asked.")
    answer: Text = Field(description="What was answered.")
    papers: list[Cited] = Field(default=[], max_length=200, description="The papers that it cites.")


class AskRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": SYLBER}]})

    question: Text = Field(description="The question; its first 2000 characters are read.")
    history: list[EarlierTurn] = Field(
        default=[], max_length=100, description="The turns before it, oldest first."
    )
    filters: Conditions = Field(default=Conditions(), description="Which papers may answer.")


class CheckedSentence(BaseModel):
    """A sentence of the answer."""

    text: str
    support: str = Field(description="supported, partly supported or unsupported", examples=["supported"])
    citations: list[int] = Field(description="Numbers of the papers that carry it.")


class AnswerPaper(BaseModel):
    """A paper that the answer cites."""

    number: int
    id: str
    title: str
    year: int | None
    evidence: list[str] = Field(description="The sentences of its abstract that carry the answer, verbatim.")


class Found(BaseModel):
    """A paper of the ranking that the answer started from."""

    id: str
    title: str
    score: float


class AnswerObject(BaseModel):
    """An answer, in the shape that `footnote ask --json` prints."""

    question: str
    standalone_question: str = Field(description="The question as it reads without the conversation.")
    filters: dict[str, Any] = Field(description="The conditions that held, those in the question included.")
    answer: str = Field(description="All sentences with their citation marks.")
    abstained: bool = Field(description="Whether the answer is that the abstracts do not say.")
    sentences: list[CheckedSentence]
    papers: list[AnswerPaper]
    retrieved: list[Found]
    model: str
    engine: str
    timings: dict[str, float | None] = Field(description="Seconds since the question was asked.")
    prompt_tokens: int
    notices: list[str] = Field(description="What was degraded, one line each.")


class PaperObject(BaseModel):
    """A paper."""

    id: str = Field(examples=["doi:10.18653/v1/n19-1423"])
    title: str
    abstract: str
    authors: list[str]
    year: int | None
    venue: str
    doi: str
    arxiv_id: str
    url: str
    source: str

    @classmethod
    def of(cls, paper: Paper) -> PaperObject:
        """The paper without what its source had verbatim."""
        named = {name: getattr(paper, name) for name in cls.model_fields}
        return cls(**named | {"url": address(paper)})


class Hit(BaseModel):
    """A paper that was found, with what placed it."""

    paper: PaperObject
    score: float = Field(description="Fused score, best first.")
    cosine: float = Field(description="Cosine of the question against the paper's best passage.")
    bm25: float = Field(description="BM25 against title and abstract.")


class Hits(BaseModel):
    """What a search found."""

    query: str
    papers: list[Hit]


class Line(BaseModel):
    """A paper in a list."""

    id: str
    title: str
    first_author: str
    year: int | None
    venue: str
    tags: list[str]
    source: str


class Lines(BaseModel):
    """A stretch of a list of papers."""

    total: int = Field(description="How many papers there are in all.")
    offset: int
    papers: list[Line]


class Health(BaseModel):
    """Questions can be answered now."""

    ok: Literal[True] = True
    papers: int
    model: str = Field(description="What writes the answers; `extractive` when they are quotations.")
    engine: str
    notices: list[str] = Field(description="What is degraded, one line each.")


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = Field(description="The field that is wrong.")
    code: str | None
    fix: str | None = Field(description="The command that mends it.")


class ErrorObject(BaseModel):
    """The answer to a request that failed."""

    error: ErrorDetail


Sort = Literal["title", "year", "added"]
