"""The default language model, on both engines, answers a question with the right number and citation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from ollama_server import CHATML, CHATML_STOP, OllamaServer

from rag import weights
from rag.assemble import Footnote
from rag.models import SUGGESTED
from rag.settings import Settings

QUESTION = "How many tokens per second does Sylber's tokenizer average?"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gguf(cache: Path) -> Path:
    """The default model's weights, fetched once and kept between runs."""
    return weights.fetch(SUGGESTED, cache / "default", lambda done, total: None)


@pytest.fixture(params=["embedded", "ollama"])
def answering(
    request: pytest.FixtureRequest, gguf: Path, library_folder: Path, own_home: Path, tmp_path: Path
) -> Iterator[Footnote]:
    """Footnote over the shipped papers with the default model on one of the engines."""
    (own_home / "models").symlink_to(gguf.parent)
    settings = Settings(home=own_home, library=library_folder, threads=1, model=f"embedded/{SUGGESTED}")
    with ExitStack() as stack:
        if request.param == "ollama":
            program = request.getfixturevalue("ollama_program")
            server = stack.enter_context(OllamaServer(program, gguf.parent / "ollama", tmp_path))
            server.provide("qwen2.5-coder:1.5b", gguf, CHATML, CHATML_STOP)
            settings = replace(settings, model="ollama/qwen2.5-coder:1.5b", ollama_host=server.host)
        footnote = Footnote(settings)
        yield footnote
        footnote.close()


def test_the_default_model_answers_with_the_right_number_and_the_sentence_that_carries_it(
    answering: Footnote,
) -> None:
    snapshots = list(answering.answer(QUESTION))
    answer = snapshots[-1]
    assert "4.27" in answer.text
    assert [cited.paper.title.partition(":")[0] for cited in answer.papers] == ["Sylber"]
    assert any("4.27" in part.text for part in answer.papers[0].evidence)
    assert all(sentence.citations == (1,) for sentence in answer.sentences)
    assert any(snapshot.draft for snapshot in snapshots), "the answer did not stream"
