"""An Ollama that is killed in the middle of an answer: what was verified stays, and the next question works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ollama_server import SMOLLM_NAME, OllamaServer

from rag.assemble import Footnote
from rag.settings import Settings


@pytest.fixture
def served(fresh_ollama: OllamaServer, library_folder: Path, own_home: Path) -> Iterator[Footnote]:
    """Footnote over the shipped papers, answering through a server that the test may kill."""
    footnote = Footnote(
        Settings(
            home=own_home,
            library=library_folder,
            model=f"ollama/{SMOLLM_NAME}",
            ollama_host=fresh_ollama.host,
        )
    )
    yield footnote
    footnote.close()


def test_killing_ollama_leaves_what_was_verified_and_the_next_question_works(
    served: Footnote, fresh_ollama: OllamaServer
) -> None:
    snapshots = served.answer("What does Sylber propose?")
    begun = next(s for s in snapshots if s.draft or s.sentences or s.removed)
    fresh_ollama.kill()
    *_, broken = snapshots
    assert broken.done
    assert broken.failed
    assert broken.sentences[: len(begun.sentences)] == begun.sentences
    assert all(sentence.citations for sentence in broken.sentences)
    assert [notice for notice in broken.notices if SMOLLM_NAME in notice or "Ollama" in notice]

    *_, without = served.answer("How many tokens per second does Sylber's tokenizer average?")
    assert "4.27" in without.text, "with the server gone, quotations answer"
    assert [notice for notice in without.notices if "ollama serve" in notice]

    fresh_ollama.start()
    *_, again = served.answer("What does Sylber propose?")
    assert again.done
    assert not again.failed
