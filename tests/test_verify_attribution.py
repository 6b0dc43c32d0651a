"""Who did it, when, and how many: claims whose words are all in the abstract but one that decides.

`test_verify.py` turns what an abstract says; here something is added to it that no abstract says.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rag import importers
from rag.embedders import embedder
from rag.reading import Reader
from rag.records import CheckedSentence, Support
from rag.settings import DEFAULT_OLLAMA
from rag.text import sentences
from rag.verify import check, cleaned, is_refusal

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"


# paper, question, sentence, why it is not caught today (empty: it is)
ADDED = {
    "company begins the sentence": (
        "Sylber",
        "Tell me about Sylber",
        "Google proposes Sylber, which produces speech representations with clean and robust syllabic structure.",
        "",
    ),
    "university begins the sentence": (
        "Deep Bidirectional",
        "Who made DRAGON?",
        "Stanford researchers propose DRAGON, a self-supervised approach to pretraining a deeply joint "
        "language-knowledge foundation model.",
        "",
    ),
    "another company begins the sentence": (
        "Who's Harry Potter",
        "Who open-sourced Llama2?",
        "Google recently open-sourced the Llama2-7b model, a generative language model.",
        "",
    ),
    "company in the middle": (
        "Sylber",
        "Tell me about Sylber",
        "The new model Sylber, proposed by Google, produces speech representations with syllabic structure.",
        "",
    ),
    "person in the middle": (
        "MiniLM",
        "What is distilled?",
        "The self-attention module of the last Transformer layer is distilled by Hinton.",
        "",
    ),
    "year of a reference": ("Selfie:", "When was Selfie introduced?", "Selfie was introduced in 2019.", ""),
    "year of another reference": ("MiniLM", "When was it published?", "MiniLM was published in 2017.", ""),
    "year of no reference": ("Sylber", "When was Sylber proposed?", "Sylber was proposed in 2024.", ""),
    "version taken for a count": (
        "Self-Play",
        "How many iterations does SPIN take?",
        "SPIN takes 4 iterations of self-play.",
        "",
    ),
    "version taken for points": (
        "Self-Play",
        "How much better is SPIN?",
        "SPIN outperforms models trained through DPO by 4 points.",
        "",
    ),
    "twenty for three": (
        "Selfie:",
        "On what is Selfie evaluated?",
        "Selfie is evaluated on twenty benchmarks with varying amounts of labeled data.",
        "",
    ),
    "four for three": (
        "Selfie:",
        "On what is Selfie evaluated?",
        "Selfie is evaluated on four benchmarks with varying amounts of labeled data.",
        "",
    ),
    "number of a list item": ("Sylber", "How many tokens per second?", "1.", ""),
    "numbers alone": ("Sylber", "How many tokens per second?", "2, 3", ""),
    "cannot beside a without": (
        "GraphGPT",
        "What is GraphGPT?",
        "GraphGPT cannot achieve high generalization across diverse downstream datasets and tasks.",
        "",
    ),
    "more for less": (
        "Structural Self-Supervised",
        "How much time does RTS need?",
        "RTS and C-RTS require more pre-training time while maintaining performance comparable to MLM.",
        "",
    ),
    "trainable for frozen": (
        "LiST",
        "What does LiST train?",
        "LiST keeps the PLM encoder trainable.",
        "",
    ),
    "value of another model": (
        "DataComp-LM",
        "How good is DCLM-Baseline?",
        "DCLM-Baseline reaches 66% 5-shot accuracy on MMLU.",
        "",
    ),
    "unit of the next item": (
        "Sylber",
        "How many tokens per second?",
        "Sylber averages 4.27 syllables per second.",
        "",
    ),
    "comparison turned round, by description": (
        "In-Context Language Learning",
        "Why are recurrent networks better than Transformers at ICLL?",
        "Recurrent networks outperform Transformers on ICLL tasks.",
        "",
    ),
    "what earlier work does": (
        "SELF-GUIDE",
        "what does SELF-GUIDE train on?",
        "SELF-GUIDE trains on task-specific data generated from state-of-the-art LLMs.",
        "",
    ),
}  # fmt: skip

# What a stricter check must not lose.
STILL_RIGHT = {
    "sentence-initial generic subject": (
        "Self-Play",
        "How good is SPIN?",
        "Experiments show that SPIN significantly improves the LLM's performance across a variety of benchmarks.",
    ),
    "sentence-initial adverb": (
        "MiniLM",
        "What does MiniLM retain?",
        "Specifically, it retains more than 99% accuracy on SQuAD 2.0 and several GLUE benchmark tasks.",
    ),
    "sentence-initial name of the paper": (
        "Deep Bidirectional",
        "What does DRAGON fuse?",
        "DRAGON bidirectionally fuses information from text segments and relevant KG subgraphs.",
    ),
    "comparison as it is": (
        "In-Context Language Learning",
        "Which do better at ICLL?",
        "Transformers outperform sequence models with recurrent representations on ICLL tasks.",
    ),
    "beside what earlier work does": (
        "Diffusion Models for",
        "What is proposed?",
        "The paper proposes using large-scale text-to-image diffusion models to sample support images for a given textual "
        "category, circumventing the ambiguity problem of contrastive training using image-text pairs.",
    ),
    "reference kept": (
        "MiniLM",
        "Which models are compressed?",
        "A simple and effective approach compresses large Transformer (Vaswani et al., 2017) based pre-trained models.",
    ),
    "version kept": (
        "Self-Play",
        "What does SPIN beat?",
        "SPIN even outperforms models trained through DPO supplemented with extra GPT-4 preference data.",
    ),
    "denial kept beside another one": (
        "Who's Harry Potter",
        "What does the technique avoid?",
        "The technique unlearns a subset of the training data from an LLM without having to retrain it from scratch.",
    ),
    "hyphen for blank after a number": (
        "DataComp-LM",
        "How large is the model?",
        "DCLM-Baseline enables training a 7B-parameter language model from scratch to 64% 5-shot accuracy on MMLU.",
    ),
}  # fmt: skip

Verdict = Callable[[Sequence[str] | str, str, str], CheckedSentence]


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    """Hold a sentence against the shipped abstracts whose titles begin like that."""
    embed = embedder("minilm", DEFAULT_OLLAMA).embed
    papers, reader = importers.read(CORPUS).papers, Reader(embed)

    def judge(beginnings: Sequence[str] | str, question: str, sentence: str) -> CheckedSentence:
        claim = cleaned(sentence)
        wanted = [beginnings] if isinstance(beginnings, str) else beginnings
        readings = [reader.read(next(p for p in papers if p.title.startswith(w))) for w in wanted]
        return check(claim, embed([claim])[0], readings, question)

    return judge


@pytest.mark.parametrize(
    ("paper", "question", "sentence"),
    [
        pytest.param(
            *row,
            id=name,
            marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason=why)] if why else [],
        )
        for name, (*row, why) in ADDED.items()
    ],
)
def test_what_is_added_to_an_abstract_is_never_supported(
    verdict: Verdict, paper: str, question: str, sentence: str
) -> None:
    assert verdict(paper, question, sentence).support is not Support.SUPPORTED


@pytest.mark.parametrize(
    ("paper", "question", "sentence"),
    [pytest.param(*row, id=name) for name, row in STILL_RIGHT.items()],
)
def test_what_looks_alike_and_is_said_is_supported(
    verdict: Verdict, paper: str, question: str, sentence: str
) -> None:
    found = verdict(paper, question, sentence)
    assert found.support is Support.SUPPORTED, found.reason


def test_no_sentence_of_a_shipped_abstract_reads_as_a_refusal() -> None:
    papers = importers.read(CORPUS).papers
    assert [s for paper in papers for s in sentences(paper.abstract) if is_refusal(s)] == []


@pytest.mark.parametrize("joint", [", and ", ", but ", "; ", ", but it ", "; it "])
def test_what_one_paper_says_is_not_said_of_another_in_the_same_sentence(
    verdict: Verdict, joint: str
) -> None:
    sentence = f"Sylber averages 4.27 tokens per second{joint}retains more than 99% accuracy on SQuAD 2.0."
    found = verdict(["Sylber", "MiniLM"], "Compare Sylber and MiniLM.", sentence)
    assert found.support is not Support.SUPPORTED


def test_a_sentence_about_two_papers_that_names_both_may_rest_on_both(verdict: Verdict) -> None:
    sentence = (
        "Sylber averages 4.27 tokens per second, while MiniLM retains more than 99% accuracy on SQuAD 2.0."
    )
    found = verdict(["Sylber", "MiniLM"], "Compare Sylber and MiniLM.", sentence)
    assert found.support is not Support.SUPPORTED or len({e.paper_id for e in found.evidence}) == 2


def test_numbers_of_two_papers_are_not_exchanged_in_one_sentence(verdict: Verdict) -> None:
    sentence = (
        "MiniLM averages 4.27 tokens per second, while Sylber retains more than 99% accuracy on SQuAD 2.0."
    )
    assert verdict(["Sylber", "MiniLM"], "Compare both.", sentence).support is not Support.SUPPORTED


def test_a_refusal_in_the_words_of_the_abstract_is_set_aside_as_a_refusal(verdict: Verdict) -> None:
    """The trace says so, and the answer then abstains instead of quoting."""
    sentence = "There is no information available from the downstream graph data."
    found = verdict("GraphGPT", "Which graph data was used?", sentence)
    assert found.support is Support.UNSUPPORTED
    assert "refusal" in found.reason
