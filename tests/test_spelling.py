"""British and American spellings of one word."""

from __future__ import annotations

import pytest

from rag.spelling import american, spellings
from rag.text import stem

BOTH = (
    ("optimisation", "optimization"),
    ("summarising", "summarizing"),
    ("tumours", "tumors"),
    ("behavioural", "behavioral"),
    ("modelling", "modeling"),
    ("labelled", "labeled"),
    ("mislabelled", "mislabeled"),
    ("anaemia", "anemia"),
    ("leukaemic", "leukemic"),
    ("hypoglycaemia", "hypoglycemia"),
    ("oestrogen", "estrogen"),
    ("foetal", "fetal"),
    ("anaesthesia", "anesthesia"),
    ("diarrhoea", "diarrhea"),
    ("paediatric", "pediatric"),
    ("sulphate", "sulfate"),
    ("artefacts", "artifacts"),
    ("centres", "centers"),
    ("fibre", "fiber"),
    ("ageing", "aging"),
    ("programmes", "programs"),
    ("aluminium", "aluminum"),
    ("analysed", "analyzed"),
    ("odour", "odor"),
    ("aetiology", "etiology"),
)


@pytest.mark.parametrize(("british", "ours"), BOTH)
def test_each_spelling_leads_to_the_other_and_both_have_one_stem(british: str, ours: str) -> None:
    assert ours in spellings(british)
    assert british in spellings(ours)
    assert american(british) == american(ours) == ours
    assert stem(british) == stem(ours)


@pytest.mark.parametrize(
    "word",
    [
        "speech",
        "exercise",
        "precise",
        "programmer",
        "four",
        "hour",
        "entire",
        "analysis",
        "promise",
        "all",
        "gpt",
    ],
)
def test_a_word_that_is_spelled_alike_is_left(word: str) -> None:
    assert american(word) == word
    assert spellings(word) == (word,)
