"""Details that few abstracts give: asked for in many ways, missed only where the abstract is silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag import judge
from rag.details import lacking
from rag.scene import Scene

Stage = Callable[..., Scene]


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("Which learning rate did they use?", "learning rate"),
        ("on what GPUs was it trained", "GPUs"),
        ("How long did training take?", "How long did training take"),
        ("What is the carbon footprint of this?", "carbon"),
        ("How much does a course of it cost?", "How much does a course of it cost"),
        ("Did the authors release their code?", "release their code"),
        ("Which dose did the patients get?", "dose"),
        ("What was the mean age of the women?", "mean age"),
        ("What ROUGE-L score does it get on arXiv?", "What ROUGE-L score"),
        ("What is the absolute word error rate on test-other?", "absolute word error rate"),
        ("What was the hazard ratio of the primary outcome?", "What was the hazard ratio"),
        ("What proportion of the frames is masked?", "What proportion"),
        ("Which body funded the game?", "Which body funded"),
        ("How many mice were in each group?", "How many mice"),
    ],
)
def test_a_detail_that_the_abstract_never_speaks_of_is_lacking(question: str, detail: str) -> None:
    assert (
        lacking(question, "We propose a method and it does well: 1) on large and 2) on small benchmarks.")
        == detail
    )


@pytest.mark.parametrize(
    ("question", "abstract"),
    [
        ("How long did training take?", "It is trained in two days."),
        ("How long does a kernel take?", "A kernel takes 77 ms."),
        ("How many GPUs were used?", "We train on a single A100 GPU."),
        ("How many parameters has it?", "A model with 530 billion parameters."),
        ("how many parameters", "The 7B model is open."),
        ("At what temperature was it heated?", "Samples were heated to 900 °C."),
        ("How much does it cost?", "It takes 1 GPU hour."),
        ("Is the code available?", "See https://example.org."),
        ("Which dose did the patients get?", "They received 200 mg daily."),
        ("What ROUGE does it reach?", "We get state-of-the-art ROUGE. It is 43.2 on arXiv."),
        ("What BLEU does it reach?", "It gains 2.1 BLEU over the baseline."),
        ("What was the hazard ratio?", "Fewer died (hazard ratio, 0.95; P=0.51)."),
        ("Which shared task is it?", "We took part in BabyLM."),
        ("What share of viruses does it neutralise?", "It neutralises 98% of viruses."),
        ("What fraction of them relapsed?", "Relapse was seen in 3 of 28 women."),
        ("Who funded the trial?", "Funded by the National Institutes of Health."),
        ("How many mice were used?", "Twelve transgenic mice were treated."),
        ("How many people recorded it?", "1,684 hours of speech from 1,218 contributors."),
        ("What share of them relapsed?", "Nearly one in five patients relapsed."),
        ("What BLEU score is reached?", "We see an improvement of two BLEU points."),
        ("What is the AUC?", "We found AUCs ranging from 0.80 to 0.90."),
        ("What is COMET?", "We present COMET, a neural framework for training metrics."),
        ("Which ROUGE variants are analysed?", "We analyse variants of ROUGE."),
        ("What is perplexity used for?", "Perplexity is used for filtering."),
        ("Which method does best?", "We propose a method."),
        ("What does the cost function reward?", "We propose a method."),
    ],
)
def test_a_detail_is_there_in_the_ways_in_which_abstracts_speak_of_it(question: str, abstract: str) -> None:
    assert lacking(question, abstract) == ""


@pytest.mark.parametrize(
    ("question", "abstract", "lacks"),
    [
        ("How many radiologists annotated it?", "The reports were annotated by radiologists of our hospital.", "radiologists"),
        ("How many radiologists annotated it?", "The reports were annotated by three radiologists.", ""),
        ("How many layers does the student have?", "It mimics the last layer of the teacher.", "layers"),
        ("How many layers does the student have?", "A student of 6 Transformer layers.", ""),
        ("How many stages has it?", "It uses dual-stage tuning.", ""),
        ("How many languages are covered?", "A multilingual model.", ""),
        ("How many times faster is it?", "It is faster, at all times.", ""),
        ("How many galaxies are there?", "Galaxies were taken by their colour and magnitude, as seen by experts in each of the"
         " fields of the survey that were cloudless; the catalogue comprises 46,420.", ""),
        ("How many people use drugs?", "We asked 300 people about drugs.", ""),
        ("How many models hallucinate?", "All models hallucinate.", ""),
        ("How many patients were included?", "A total of 1,204 were enrolled.", ""),
        ("How many participants were there?", "We surveyed 1,200 scientists.", ""),
        ("How many people have diabetes?", "Diabetes affects 422 million worldwide.", ""),
        ("How many adults are obese?", "A third of US adults are obese.", ""),
        ("How many volunteers took part?", "Volunteers nodded and shook their heads.", "How many volunteers"),
    ],
)  # fmt: skip
def test_what_is_named_and_never_counted_has_no_number(question: str, abstract: str, lacks: str) -> None:
    """What the abstract calls otherwise may be counted under that name."""
    assert lacking(question, abstract) == lacks


def test_a_named_paper_without_the_detail_is_no_answer(scene: Stage) -> None:
    asked = scene("What batch size was used to train Sylber?")
    assert judge.cannot_answer(asked) == "The nearest abstracts say nothing of “batch size”."
