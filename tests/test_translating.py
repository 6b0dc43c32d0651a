"""A question in another language is put into English, or it is said that the abstracts are in English."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer import answer
from rag.engines import ChatModel, Chunk, Message
from rag.errors import EngineUnreachable
from rag.languages import foreign
from rag.scene import Parts
from rag.translating import in_english

ROOT = Path(__file__).resolve().parent.parent
SYLBER = "¿Cuántos tokens por segundo produce el tokenizador de Sylber?"
ENGLISH = "How many tokens per second does Sylber's tokenizer produce?"


class Writes(ChatModel):
    """Says one thing to every prompt, and remembers what it was asked."""

    name, engine, digest, context = "writes", "a test", "", 4096

    def __init__(self, *said: str, fails: bool = False) -> None:
        self.said, self.fails, self.prompts = list(said), fails, [""]

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        assert max_tokens
        assert not stop.is_set()
        self.prompts.append(messages[-1].content)
        if self.fails:
            raise EngineUnreachable("Nothing answers.", "ollama serve")
        yield Chunk(self.said.pop(0) if self.said else "")

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    def warm_up(self, messages: Sequence[Message]) -> None:
        pass

    def close(self) -> None:
        pass


LANGUAGES = {
    "German": "Welche Arbeiten handeln von der Synthese von Sprache?",
    "French": "Quels sont les principaux défis de l'apprentissage en contexte ?",
    "Spanish": SYLBER,
    "Italian": "Quali sono gli articoli che parlano di sintesi vocale?",
    "Portuguese": "Quantos parâmetros tem o modelo e como foi treinado?",
    "Dutch": "Hoeveel parameters heeft het model en waarom?",
    "Russian": "Сколько параметров у модели MT-NLG?",
    "Chinese": "Sylber每秒平均有多少个token？",
    "Japanese": "どの論文が音声合成について述べていますか？",
    "Korean": "이 모델의 매개변수는 몇 개입니까?",
    "Arabic": "كم عدد المعلمات في النموذج؟",
}


@pytest.mark.parametrize(("language", "question"), LANGUAGES.items(), ids=LANGUAGES.keys())
def test_a_language_is_told(language: str, question: str) -> None:
    assert foreign(question) == language


def test_the_english_questions_of_the_evaluation_are_english() -> None:
    lines = (ROOT / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert not [q for line in lines if foreign(q := json.loads(line)["question"])]


def test_a_foreign_question_is_answered_from_the_english_abstracts(parts: Parts) -> None:
    model = Writes(ENGLISH, "The tokenizer averages 4.27 tokens per second.")
    *_, last = answer(SYLBER, replace(parts, model=model))
    assert "4.27" in last.text
    assert last.question.standalone == ENGLISH
    assert f"Read in English as: “{ENGLISH}”" in last.notices
    assert SYLBER in model.prompts[1]
    assert ENGLISH in model.prompts[2]


def test_without_a_model_it_is_said_that_the_abstracts_are_in_english(parts: Parts) -> None:
    *_, last = answer("Welche Farbe hat das Pferd von Napoleon und warum?", replace(parts, model=None))
    assert last.abstained
    assert any("seems to be in German" in notice for notice in last.notices)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="nothing"),
        pytest.param(SYLBER, id="the same again"),
        pytest.param("Wie viele Token pro Sekunde werden von dem Modell erzeugt?", id="another language"),
        pytest.param("The English question only [7].", id="what it was told"),
    ],
)
def test_what_is_no_translation_is_not_taken_for_one(said: str) -> None:
    found = in_english(SYLBER, Writes(said), threading.Event())
    assert found.text == SYLBER
    assert "Ask in English" in found.said


def test_numbers_must_stay() -> None:
    asked = "Warum sind es 4.27 und nicht 5 Token?"
    assert in_english(asked, Writes("Why are it 4.72 and not 5 tokens?"), threading.Event()).text == asked
    kept = "Why is it 4.27 and not 5 tokens?"
    assert in_english(asked, Writes(kept), threading.Event()).text == kept


def test_a_model_that_is_gone_leaves_the_question_as_it_is() -> None:
    assert in_english(SYLBER, Writes(fails=True), threading.Event()).text == SYLBER


def test_an_english_question_asks_no_model() -> None:
    model = Writes()
    assert in_english(ENGLISH, model, threading.Event()).said == ""
    assert len(model.prompts) == 1
