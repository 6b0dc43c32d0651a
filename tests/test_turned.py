"""Words in their places: who comes out ahead, what is only meant, what others do, where a number stands."""

import pytest

from rag.contrasts import turned_round
from rag.modality import only_meant
from rag.placing import misplaced
from rag.rivals import of_earlier_work


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "Models based on random forests and conditional random fields outperform one based on convolutional networks.",
            "We show how our model based on convolutional networks outperforms models based on random forests.",
        ),
        (
            "The model pre-trained on Icelandic text outperformed the multilingual mT5 model.",
            "The multilingual mT5 model consistently outperforms a similar model pre-trained on Icelandic text.",
        ),
        (
            "The protein content was significantly higher in early stages than in advanced stages.",
            "In advanced stages the protein content was higher than that of early stages.",
        ),
        (
            "Low amounts of NGF are due to decreased synthesis rather than failed transport.",
            "It is clear that low amounts of NGF are due to failed transport rather than decreased synthesis.",
        ),
    ],
)
def test_the_one_ahead_stays_ahead(claim: str, evidence: str) -> None:
    assert turned_round(claim, evidence)
    assert turned_round(evidence, evidence) == ""


@pytest.mark.parametrize(
    "claim",
    [
        "Transformers do better than recurrent networks.",
        "Transformers outperform models with recurrent parts.",
        "Recurrent models are outperformed on this task.",
    ],
)
def test_a_comparison_as_it_is_in_other_words_is_not_turned(claim: str) -> None:
    assert (
        turned_round(
            claim, "We show that Transformers outperform sequence models with recurrent parts on GLUE."
        )
        == ""
    )


@pytest.mark.parametrize(
    ("claim", "evidence", "word"),
    [
        (
            "Early treatment enhanced the impact of ACT.",
            "Early treatment may enhance the impact of ACT.",
            "may",
        ),
        ("The corpus improves coreference.", "A resource devised for improving coreference.", "devised for"),
        (
            "QT dispersion predicts cardiac death.",
            "We asked whether QT dispersion predicts cardiac death.",
            "whether",
        ),
        ("Early treatment may enhance the impact.", "Early treatment may enhance the impact.", ""),
        ("QT dispersion predicts cardiac death.", "QT dispersion predicts cardiac death.", ""),
        (
            "The study tests whether dispersion predicts death.",
            "We ask whether dispersion predicts death.",
            "",
        ),
    ],
)
def test_what_is_only_meant_is_not_done(claim: str, evidence: str, word: str) -> None:
    assert only_meant(claim, [evidence]) == word


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "The survey was conducted among 400 students.",
            "The survey was conducted in May 2021 among 400 students.",
        ),
        (
            "The tokenizer runs on raw speech at 5 Hz.",
            "The tokenizer runs on raw speech at 5 Hz, which may help many.",
        ),
        (
            "The model is trained on 10 hours of speech with a contrastive loss.",
            "In order to reduce cost, we train the model on 10 hours of speech with a contrastive loss.",
        ),
        (
            "The corpus holds 500 hours of read speech.",
            "This paper aims to fill this gap and introduces a corpus that holds 500 hours of read speech.",
        ),
    ],
)
def test_what_stands_beside_something_meant_is_done(claim: str, evidence: str) -> None:
    assert only_meant(claim, [evidence]) == ""


def test_what_is_meant_and_then_found_is_found() -> None:
    evidence = ["We asked whether QT dispersion predicts death.", "QT dispersion predicted cardiac death."]
    assert only_meant("QT dispersion predicts cardiac death.", evidence) == ""


OTHERS = "Since most similar efforts concentrate on newswire, there is a lack of texts."


@pytest.mark.parametrize(
    ("claim", "question", "theirs"),
    [
        ("WikiCoref concentrates on newswire efforts.", "What is in it?", True),
        ("The corpus concentrates on newswire efforts.", "What is in it?", True),
        ("Most similar efforts concentrate on newswire.", "What is in it?", False),
        ("They concentrate on newswire.", "What do previous approaches do?", False),
        ("Newswire is what most efforts concentrate on.", "Which texts are there?", False),
    ],
)
def test_what_others_do_is_not_told_of_the_paper(claim: str, question: str, theirs: bool) -> None:
    assert of_earlier_work(claim, question, [OTHERS], frozenset({"wikicoref"})) is theirs


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It requires no labelled data.", "Unlike existing approaches, it requires no labelled data."),
        (
            "The framework reduces latency by 40%.",
            "Evaluated on several large language models, the framework reduces latency by 40%.",
        ),
        (
            "The approach gains 5 points on CoNLL.",
            "The approach outperforms existing methods by 5 points on CoNLL.",
        ),
        (
            "The method halves inference cost.",
            "Experiments on several models show that the method halves inference cost.",
        ),
    ],
)
def test_what_the_paper_does_beside_others_is_its_own(claim: str, evidence: str) -> None:
    assert not of_earlier_work(claim, "", [evidence], frozenset())


def test_each_of_two_comparisons_is_as_it_is() -> None:
    evidence = (
        "Adapters do better than tuning on small data, but tuning does better than adapters on large data."
    )
    assert turned_round(evidence, evidence) == ""
    assert turned_round("Tuning does better than adapters on large data.", evidence) == ""


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "It has 51.3% AP for detection on COCO.",
            "It has 51.3% AP and 45.4% AP for detection and segmentation on COCO.",
        ),
        (
            "It has 5.2% WER on test-clean.",
            "It has 5.2% and 8.1% WER on test-clean and test-other, respectively.",
        ),
        ("It reaches 92.1 F1 on CoNLL.", "It reaches 92.1 and 88.4 F1 on CoNLL and OntoNotes."),
    ],
)
def test_the_first_of_two_numbers_is_there(claim: str, evidence: str) -> None:
    assert misplaced(claim, evidence) == ""


def test_a_number_stays_among_its_words() -> None:
    evidence = "The difference is 1.2% in accuracy for published data and 5% for noisy field data."
    assert misplaced("The difference is 5% in accuracy for published data.", evidence)
    assert misplaced("The difference is 1.2% in accuracy for published data.", evidence) == ""
