"""OpenAI's own client library against the server: what programs made for it will do."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from serving import Writes, served, with_model

from rag.assemble import Footnote

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
TITLE = "Sylber: Syllabic Embedding Representation of Speech from Raw Audio"
WRITTEN = "Sylber averages 4.27 tokens per second."


@pytest.fixture
def client(footnote: Footnote) -> Iterator[openai.OpenAI]:
    writing = with_model(footnote, Writes([WRITTEN, "It is good"], ends=True))
    with (
        served(writing) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client,
    ):
        yield client
    writing.close()


def test_the_library_is_the_one_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["footnote"]
    assert client.models.retrieve("footnote").object == "model"


def test_a_completion_is_cited(client: openai.OpenAI) -> None:
    """Unknown parameters change nothing; the citations come in a field of their own."""
    done = client.chat.completions.create(
        model="footnote",
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": SYLBER}],
        temperature=0.3,
        max_tokens=5,
        seed=1,
    )
    content = done.choices[0].message.content or ""
    assert content.startswith(f"{WRITTEN} [1]")
    assert f"- [1] “{TITLE}”" in content
    assert done.choices[0].finish_reason == "stop"
    assert done.usage
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (321, 9)
    assert done.model_extra
    said = done.model_extra["footnote"]
    assert said["sentences"][0] == {"text": WRITTEN, "support": "supported", "citations": [1]}
    assert [citation["title"] for citation in said["citations"]] == [TITLE]
    assert any("4.27" in sentence for sentence in said["citations"][0]["sentences"])


def test_a_streamed_completion_ends_with_its_usage(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="footnote",
            messages=[{"role": "user", "content": [{"type": "text", "text": SYLBER}]}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text.startswith(f"{WRITTEN} [1]")
    assert [c.choices[0].finish_reason for c in chunks[:-1]][-1] == "stop"
    assert chunks[-1].usage
    assert not chunks[-1].choices


def test_a_conversation_keeps_its_papers(client: openai.OpenAI) -> None:
    """The client sends the whole conversation back; "it" is then the paper that was cited."""
    first = client.chat.completions.create(model="footnote", messages=[{"role": "user", "content": SYLBER}])
    second = client.chat.completions.create(
        model="footnote",
        messages=[
            {"role": "user", "content": SYLBER},
            {"role": "assistant", "content": first.choices[0].message.content},
            {"role": "user", "content": "And what does it offer for syllable segmentation?"},
        ],
    )
    assert second.model_extra
    said = second.model_extra["footnote"]
    assert [(c["number"], c["title"]) for c in said["citations"]] == [(1, TITLE)]


def test_an_error_is_the_clients_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": SYLBER}])
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="no question"):
        client.chat.completions.create(model="footnote", messages=[{"role": "user", "content": "?!"}])
    with pytest.raises(openai.BadRequestError, match="no question"):
        client.chat.completions.create(
            model="footnote", messages=[{"role": "user", "content": "?!"}], stream=True
        )


def test_a_password_is_the_api_key(footnote: Footnote) -> None:
    with served(footnote, "correct horse") as address:
        address = f"{address}/v1"
        with (
            openai.OpenAI(base_url=address, api_key="wrong", max_retries=0) as stranger,
            pytest.raises(openai.AuthenticationError),
        ):
            stranger.models.list()
        with openai.OpenAI(base_url=address, api_key="correct horse", max_retries=0) as client:
            assert client.models.list().data
