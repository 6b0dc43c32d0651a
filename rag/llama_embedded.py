"""Any `ChatModel` as a LlamaIndex LLM, for LlamaIndex's own parts and for people's scripts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback

from rag.engines import ChatModel, Message


class FootnoteLLM(CustomLLM):
    """LlamaIndex's view of a language model of Footnote."""

    max_tokens: int = 220
    """Longest answer, in tokens."""
    _model: ChatModel = PrivateAttr()

    def __init__(self, model: ChatModel, max_tokens: int = 220) -> None:
        """Wrap a model; closing it stays with its owner."""
        super().__init__(max_tokens=max_tokens)
        self._model = model

    @property
    def metadata(self) -> LLMMetadata:
        """Name and sizes of the model."""
        return LLMMetadata(
            model_name=self._model.name,
            context_window=self._model.context,
            num_output=self.max_tokens,
            is_chat_model=True,
        )

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponseGen:
        """Stream an answer to the messages."""
        return self._stream(messages)

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        """Answer the messages in one piece."""
        text = "".join(response.delta or "" for response in self._stream(messages))
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text))

    @llm_completion_callback()
    def stream_complete(
        self,
        prompt: str,
        formatted: bool = False,  # noqa: ARG002  # LlamaIndex's signature
        **_: Any,
    ) -> CompletionResponseGen:
        """Stream an answer to the prompt, sent as one message of the user."""
        messages = [ChatMessage(role=MessageRole.USER, content=prompt)]
        return (
            CompletionResponse(text=str(r.message.content), delta=r.delta) for r in self._stream(messages)
        )

    @llm_completion_callback()
    def complete(
        self,
        prompt: str,
        formatted: bool = False,  # noqa: ARG002  # LlamaIndex's signature
        **_: Any,
    ) -> CompletionResponse:
        """Answer the prompt in one piece."""
        messages = [ChatMessage(role=MessageRole.USER, content=prompt)]
        return CompletionResponse(text="".join(r.delta or "" for r in self._stream(messages)))

    def _stream(self, messages: Sequence[ChatMessage]) -> ChatResponseGen:
        prompt = [Message(role=_role(m.role), content=m.content or "") for m in messages]
        text = ""
        for chunk in self._model.stream(prompt, max_tokens=self.max_tokens, stop=threading.Event()):
            text += chunk.text
            message = ChatMessage(role=MessageRole.ASSISTANT, content=text)
            yield ChatResponse(message=message, delta=chunk.text)


def _role(role: MessageRole) -> Any:
    return role.value if role.value in {"system", "user", "assistant"} else "user"
