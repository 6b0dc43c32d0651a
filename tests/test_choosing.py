"""The model of a process is changed while answers are under way, and stands in for none that is missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from model_hub import SlowHub

from rag import models, weights
from rag.assemble import Footnote
from rag.choosing import Chooser
from rag.engines import ChatModel, Message
from rag.errors import EngineUnreachable, ModelError, ModelMissing
from rag.settings import Settings, checked

SMALL = "smollm2-135m"
NOWHERE = "http://127.0.0.1:1"
PARIS = [Message("system", "Be brief."), Message("user", "What is the capital of France?")]
STORY = [Message("user", "Tell a very long story about the sea.")]


@pytest.fixture
def small(cache: Path) -> Path:
    """The weights of a very small model, kept between runs."""
    return weights.fetch(SMALL, cache / "weights", lambda done, total: None)


@pytest.fixture
def settings(own_home: Path) -> Settings:
    """Of a machine without any model."""
    return Settings(home=own_home, library=own_home / "library", ollama_host=NOWHERE, num_ctx=1024, threads=1)


@pytest.fixture
def chooser(settings: Settings, small: Path) -> Iterator[Chooser]:
    """The small model is installed and answers."""
    (settings.home / "models").symlink_to(small.parent)
    found = Chooser(replace(settings, model=f"embedded/{SMALL}"))
    yield found
    found.close()


def answer(model: ChatModel | None) -> str:
    assert model
    return "".join(c.text for c in model.stream(PARIS, max_tokens=20, stop=threading.Event()))


def test_a_model_that_answers_is_closed_when_the_answer_has_ended(chooser: Chooser) -> None:
    with chooser.lent() as first, chooser.lent() as second:
        assert first.model is second.model
        assert first.model
        stream = first.model.stream(STORY, max_tokens=40, stop=threading.Event())
        next(stream)
        assert chooser.choose("extractive").model is None
        assert [chunk.text for chunk in stream], "the answer under way goes on"
        assert "Paris" in answer(first.model)
    with pytest.raises(ModelError, match="was closed"):
        answer(first.model)


def test_choosing_what_answers_already_keeps_it(chooser: Chooser) -> None:
    model = chooser.choose().model
    assert chooser.choose(SMALL).model is model
    assert "Paris" in answer(model)


def test_a_choice_that_cannot_be_made_changes_nothing(chooser: Chooser) -> None:
    model = chooser.choose().model
    for name in ("embedded/nope", "ollama/nope", "embedded/qwen2.5-coder-0.5b"):
        with pytest.raises(ModelError):
            chooser.choose(name)
    assert chooser.choose().model is model
    assert chooser.wanted == f"embedded/{SMALL}"


@pytest.mark.parametrize(
    ("name", "error", "fix"),
    [
        (f"embedded/{SMALL}", ModelMissing, f"footnote models fetch {SMALL}"),
        ("ollama/nope", EngineUnreachable, "ollama serve"),
    ],
)
def test_a_missing_model_is_an_error_or_where_that_is_wanted_a_line(
    settings: Settings, name: str, error: type[ModelError], fix: str
) -> None:
    chooser = Chooser(replace(settings, model=name))
    with pytest.raises(error):
        chooser.choose()
    chooser.forgiving = True
    choice = chooser.choose()
    assert choice.model is None
    assert choice.notices[0].endswith(f"Until it is there, answers are quotations. Run: {fix}")
    chooser.close()


def test_a_missing_model_answers_as_soon_as_it_is_there(settings: Settings, small: Path) -> None:
    chooser = Chooser(replace(settings, model=f"embedded/{SMALL}"))
    chooser.forgiving = True
    assert chooser.choose().model is None
    (settings.home / "models").symlink_to(small.parent)
    assert "Paris" in answer(chooser.choose().model)
    chooser.close()


def test_a_model_that_was_lacking_takes_over_when_it_has_come(
    settings: Settings, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SlowHub(small) as hub:
        own = replace(weights.find(SMALL), name="qwen2.5-coder-0.5b", hub_url=hub.url, packages=())
        monkeypatch.setattr(weights, "CATALOGUE", (own,))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        chooser = Chooser(settings)
        assert "No language model is installed" in chooser.choose().notices[0]
        chooser.downloads.start(f"embedded/{own.name}")
        assert chooser.choose().notices == (
            f"{own.name} is being fetched; until it is here, answers are quotations.",
        )
        hub.allow()
        deadline = time.monotonic() + 60
        while chooser.current is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert chooser.choose() == models.Choice(chooser.current)
        assert chooser.current
        assert chooser.current.name == own.name
        chooser.close()
        hub.shutdown()


def test_settings_change_for_every_library_that_shares_the_model(
    settings: Settings, shipped_library: Path
) -> None:
    chooser = Chooser(replace(settings, model="extractive"))
    first = Footnote(replace(settings, model="extractive", library=shipped_library), chooser)
    second = Footnote(replace(settings, model="extractive", library=settings.home / "other"), chooser)
    before = first.parts()
    second.configure(**checked({"top_k": "3", "strictness": "strict"}))
    assert (first.settings.top_k, first.settings.library) == (3, shipped_library)
    assert (first.parts().top_k, before.top_k) == (3, 10), "an answer under way keeps its own"
    assert first.parts().strictness != before.strictness
    for one in (first, second, chooser):
        one.close()
