"""Which papers a question holds side by side, however it speaks of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.comparing import sides
from rag.scene import Scene

Stage = Callable[..., Scene]


def _short(scene: Scene) -> list[str]:
    return [reading.paper.title.partition(":")[0] for reading in sides(scene)]


@pytest.mark.parametrize(
    ("asked", "papers"),
    [
        (
            "Compare SPIN and SELF-GUIDE",
            {"Self-Play Fine-Tuning Converts Weak Language Models to Strong Language Models", "SELF-GUIDE"},
        ),
        # by the beginning of a title, and by name
        (
            "Which new dataset or benchmark comes with Making the Most of Text Semantics, and which one with RemoteCLIP?",
            {"Making the Most of Text Semantics to Improve Biomedical Vision–Language Processing", "RemoteCLIP"},
        ),
        (
            "Well-Read Students and Impossible Distillation - what does each of these give to the community?",
            {"Well-Read Students Learn Better", "Impossible Distillation"},
        ),
        # described
        (
            "What does the paper on mining in-context examples for translation evaluate on, and what does the paper"
            " about learning formal languages in context?",
            {
                "Effective Self-Mining of In-Context Examples for Unsupervised Machine Translation with LLMs",
                "In-Context Language Learning",
            },
        ),
        (
            "compare the theoretical results of the work on entropy collapse in attention layers with those of the work"
            " on data augmentation via RKHS regression",
            {
                "Stabilizing Transformer Training by Preventing Attention Entropy Collapse",
                "Understanding Augmentation-based Self-Supervised Representation Learning via RKHS Approximation and Regression",
            },
        ),
    ],
)  # fmt: skip
def test_two_papers_are_found_however_they_are_called(scene: Stage, asked: str, papers: set[str]) -> None:
    assert set(_short(scene(asked))) == papers


@pytest.mark.parametrize(
    "asked",
    [
        "How many stages has GraphGPT's instruction tuning, and what component ties text to graph structure?",
        "Which per-task scores did Vega v2 get on WSC and BoolQ?",
        "What gains does w2v-BERT report over HuBERT and over wav2vec 2.0?",
        "How do Sylber in resynthesis and Sylber in tokenisation fare?",
        "Was SemAIM evaluated on COCO and CIFAR?",
        "What learning rate does Sylber use for LibriSpeech and COCO?",
        "What is the accuracy of SemAIM on COCO, and how does it do on TREC?",
        "Does MERT work on French and Spanish songs?",
        "What does the paper on Sylber say, and how does it measure it?",
    ],
)
def test_one_paper_is_no_comparison(scene: Stage, asked: str) -> None:
    assert len(sides(scene(asked))) < 2
