"""What OpenAI's chat completions take and give, as far as there is something for it here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from rag.addresses import address
from rag.records import Answer
from ui.api.shapes import SYLBER, CheckedSentence, Text

MODEL = "footnote"
"""Name of the one model that is offered: this library with what writes its answers."""


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: Text = ""


class ChatMessage(BaseModel):
    """One message. Messages of the roles `system`, `developer`, `tool` and `function` change nothing."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | Annotated[list[Part], Field(max_length=100)] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: StrictBool = False


class ChatRequest(BaseModel):
    """The conversation so far; its last message of the user is the question. Other fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": SYLBER}], "stream": False}]
        }
    )

    model: str = MODEL
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None


class Citation(BaseModel):
    """A cited paper."""

    number: int
    id: str
    title: str
    year: int | None
    url: str
    sentences: list[str] = Field(description="The sentences of its abstract that carry the answer, verbatim.")


class Extension(BaseModel):
    """What Footnote says beyond text."""

    abstained: bool = Field(description="Whether the answer is that the abstracts do not say.")
    sentences: list[CheckedSentence]
    citations: list[Citation]
    notices: list[str]
    standalone_question: str
    model: str = Field(description="What wrote the answer; `extractive` when it is quotations.")

    @classmethod
    def of(cls, answer: Answer, notices: list[str]) -> Extension:
        """That of an answer."""
        return cls(
            abstained=answer.abstained,
            sentences=[
                CheckedSentence(text=s.text, support=str(s.support), citations=list(s.citations))
                for s in answer.sentences
            ],
            citations=[
                Citation(
                    number=c.number,
                    id=c.paper.id,
                    title=c.paper.title,
                    year=c.paper.year,
                    url=address(c.paper),
                    sentences=[part.text for part in c.evidence],
                )
                for c in answer.papers
            ],
            notices=notices,
            standalone_question=answer.question.standalone,
            model=answer.model,
        )


class Usage(BaseModel):
    """Tokens that the language model read and wrote; zero when the answer is quotations."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AssistantMessage(BaseModel):
    """The answer, as Markdown with its references."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: AssistantMessage
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(BaseModel):
    """A finished answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    footnote: Extension


class Model(BaseModel):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["footnote"] = "footnote"


class Models(BaseModel):
    """The models."""

    object: Literal["list"] = "list"
    data: list[Model]
