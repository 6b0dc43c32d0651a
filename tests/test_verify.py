"""Claims held against the shipped abstracts: what is wrong is never "supported", what is right is.

Every row is a sentence as a small model writes it: right, or with one thing turned.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rag import importers
from rag.embedders import embedder
from rag.reading import Reader, Reading
from rag.records import CheckedSentence, Paper, Support
from rag.settings import DEFAULT_OLLAMA
from rag.text import plain
from rag.verify import check, cleaned, is_refusal

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"

W2V = "W2v-BERT"
SELFIE = "Selfie:"
DRAGON = "Deep Bidirectional Language-Knowledge"
MTO = "Emerging Property of Masked Token"
SYLBER = "Sylber"
REMOTE = "RemoteCLIP"
SEMAIM = "Semantic-Aware Autoregressive"
MERT = "MERT"
KATHBATH = "IndicSUPERB"
IMPOSSIBLE = "Impossible Distillation"
DCLM = "DataComp-LM"
SPIN = "Self-Play Fine-Tuning"
ICLL = "In-Context Language Learning"
PCP = "Don't Stop Pretraining"
ISOTROPY = "Contrastive Search Is What"
INTERNET = "Internet-augmented"
DSE = "Scalable Attentive"
POTTER = "Who's Harry Potter"
MINILM = "MiniLM"
PREDICTIONS = "Predictions For Pre-training"
LIST = "LiST"

RIGHT = {
    "verbatim": (
        SYLBER,
        "What does Sylber bring?",
        "It offers efficient syllabic tokenization with an average of 4.27 tokens per second.",
    ),
    "short-answer": (
        SYLBER,
        "How many tokens per second does Sylber use?",
        "Sylber uses 4.27 tokens per second.",
    ),
    "per-cent-in-words": (
        MINILM,
        "How much accuracy does MiniLM keep?",
        "MiniLM retains more than 99 percent accuracy on SQuAD 2.0 and several GLUE benchmark tasks.",
    ),
    "a-model-used-in-the-work": (
        POTTER,
        "in the harry potter unlearning work, which model was used?",
        "The Llama2-7b model was used in the Harry Potter unlearning work.",
    ),
    "other-order": (
        KATHBATH,
        "What is Kathbath?",
        "Kathbath contains labelled speech data across 12 Indian languages, 1,684 hours from 1,218 contributors.",
    ),
    "thousands-without-comma": (
        KATHBATH,
        "How many hours of speech does Kathbath hold?",
        "Kathbath contains 1684 hours of labelled speech data.",
    ),
    "scale-in-words": (
        MERT,
        "How large is MERT?",
        "The paradigm scales from 95 million to 330 million parameters.",
    ),
    "up-to-kept": (
        REMOTE,
        "How does RemoteCLIP compare with CLIP in zero-shot classification?",
        "RemoteCLIP outperforms the CLIP baseline by up to 6.39% average accuracy on 12 downstream datasets.",
    ),
    "bound-kept": (
        W2V,
        "How much better is w2v-BERT on Voice Search?",
        "w2v-BERT outperforms the internal conformer-based wav2vec 2.0 by more than 30% relatively.",
    ),
    "negation-kept": (
        INTERNET,
        "Does the approach need fine-tuning?",
        "The approach does not involve fine-tuning or learning additional parameters.",
    ),
    "without-kept": (
        POTTER,
        "What does the unlearning technique avoid?",
        "It unlearns a subset of the training data without having to retrain the LLM from scratch.",
    ),
    "number-word": (
        POTTER,
        "How long does unlearning take?",
        "In about one GPU hour of finetuning, the model's ability to generate Harry Potter-related content is erased.",
    ),
    "approximation-kept": (
        MTO,
        "How many epochs does MTO save?",
        "MTO achieves an approximately 50% reduction in pre-training epochs.",
    ),
    "comparison-kept": (
        DCLM,
        "How does DCLM-Baseline compare with MAP-Neo?",
        "Compared to MAP-Neo, DCLM-Baseline is 6.6 percentage points better on MMLU with 40% less compute.",
    ),
    "comparison-of-the-paper-with-its-rival": (
        LIST,
        "How does LiST compare with GPT-3?",
        "LiST outperforms GPT-3 in-context learning by 33% on few-shot NLU tasks.",
    ),
    "two-numbers-of-one-sentence": (
        DCLM,
        "How good is DCLM-Baseline?",
        "DCLM-Baseline reaches 64% 5-shot accuracy on MMLU with 2.6T training tokens.",
    ),
    "two-sentences": (
        LIST,
        "How good is LiST?",
        "LiST improves by 35% over classic fine-tuning and, with only 14M tunable parameters, outperforms "
        "GPT-3 in-context learning by 33% on few-shot NLU tasks.",
    ),
    "two-sentences-about-a-corpus": (
        KATHBATH,
        "What is Kathbath used for?",
        "Kathbath contains 1,684 hours of labelled speech data across 12 Indian languages, and with it "
        "benchmarks across 6 speech tasks were created.",
    ),
    "without-expert-opponents": (
        SPIN,
        "Does SPIN need GPT-4?",
        "SPIN enables human-level performance in LLMs without the need for expert opponents.",
    ),
}

WRONG = {
    "number-unknown": (SYLBER, "How many tokens per second?", "Sylber uses 4.72 tokens per second."),
    "number-rounded": (SYLBER, "How many tokens per second?", "Sylber uses about 4 tokens per second."),
    "number-of-another-statement": (
        SELFIE,
        "What accuracy does ResNet-50 reach with Selfie?",
        "Selfie improves the mean accuracy of ResNet-50 from 35.6% to 100%.",
    ),
    "number-word-wrong": (
        SELFIE,
        "On how many benchmarks is Selfie evaluated?",
        "Selfie is evaluated on four benchmarks.",
    ),
    "scale-wrong": (MERT, "How large is MERT?", "The paradigm scales from 95M to 330B parameters."),
    "per-cent-to-plain": (
        MTO,
        "How many epochs does MTO save?",
        "MTO achieves a reduction of 50 pre-training epochs.",
    ),
    "points-to-per-cent": (
        SELFIE,
        "How much does Selfie improve?",
        "Selfie is an improvement of 11.1% in absolute accuracy.",
    ),
    "per-cent-to-points": (
        DRAGON,
        "How much does DRAGON gain?",
        "DRAGON outperforms existing LM models with 5 points absolute gain on average.",
    ),
    "hours-to-per-cent": (
        KATHBATH,
        "How much data does Kathbath hold?",
        "Kathbath covers 12% of Indian languages.",
    ),
    "name-unknown": (
        W2V,
        "What does w2v-BERT outperform?",
        "w2v-BERT outperforms Whisper by more than 30% relatively.",
    ),
    "name-of-another-corpus": (
        KATHBATH,
        "Where is speech data from?",
        "LibriSpeech contains 1,684 hours of labelled speech data across 12 Indian languages.",
    ),
    "acronym-changed": (MINILM, "Where does it keep accuracy?", "It retains more than 99% accuracy on SQUAB 2.0."),
    "model-version-swapped": (
        IMPOSSIBLE,
        "What does the small model beat?",
        "A model with only 770M parameters outperforms 175B parameter GPT-4 in both quality and controllability.",
    ),
    "system-of-another-paper": (
        MINILM,
        "What does LiST retain?",
        "LiST retains more than 99% accuracy on SQuAD 2.0 using 50% of the parameters of the teacher model.",
    ),
    "organisation-invented": (
        POTTER,
        "Who released Llama2?",
        "Llama2-7b is a generative language model recently open-sourced by Google.",
    ),
    "up-to-dropped": (
        REMOTE,
        "How does RemoteCLIP compare with CLIP?",
        "RemoteCLIP outperforms the CLIP baseline by 6.39% average accuracy on 12 downstream datasets.",
    ),
    "up-to-dropped-in-points": (
        ICLL,
        "How much does hard-wiring the heads help?",
        "Hard-wiring n-gram heads improves the perplexity of 340M-parameter models by 1.14 points on SlimPajama.",
    ),
    "up-to-became-at-least": (
        PCP,
        "How much does PCP improve prompt-based FT?",
        "PCP improves prompt-based FT approaches by at least 20.1% absolute.",
    ),
    "more-than-became-less-than": (
        W2V,
        "How much better is w2v-BERT on Voice Search?",
        "w2v-BERT outperforms the internal conformer-based wav2vec 2.0 by less than 30% relatively.",
    ),
    "up-to-added": (
        SYLBER,
        "How many tokens per second does Sylber use?",
        "Sylber tokenizes with up to 4.27 tokens per second.",
    ),
    "negation-added": (
        SPIN,
        "Does SPIN improve LLMs?",
        "SPIN does not significantly improve the LLM's performance across a variety of benchmarks.",
    ),
    "cannot-added": (
        REMOTE,
        "Does RemoteCLIP beat baselines?",
        "RemoteCLIP cannot outperform baseline foundation models across different model scales.",
    ),
    "never-added": (
        ISOTROPY,
        "How good is contrastive search?",
        "Contrastive search never performs comparably with human-level performances.",
    ),
    "negation-dropped": (
        INTERNET,
        "Does the approach need fine-tuning?",
        "The approach involves fine-tuning and learning additional parameters.",
    ),
    "without-became-with": (
        DSE,
        "What does DSE do?",
        "DSE underperforms several ELMO variants and other sentence embedding methods.",
    ),
    "not-consistent-dropped": (
        PCP,
        "Does continued pre-training help?",
        "Conventional continued pre-training does consistently provide benefits.",
    ),
    "opposite-better": (
        MTO,
        "What does MTO do?",
        "MTO achieves an approximately 50% increase in pre-training epochs required to attain converged performance.",
    ),
    "opposite-isotropic": (
        ISOTROPY,
        "Which models have the problem?",
        "The isotropic problem only exists in the two specific English GPT-2-small/medium models.",
    ),
    "opposite-smaller": (
        DCLM,
        "How does DCLM-Baseline compare with MAP-Neo?",
        "DCLM-Baseline represents a 6.6 percentage point improvement on MMLU while being trained with 40% more compute.",
    ),
    "opposite-outperforms": (
        SPIN,
        "How does SPIN compare with DPO?",
        "SPIN underperforms models trained through direct preference optimization (DPO).",
    ),
    "unit-of-time": (KATHBATH, "How large?", "Kathbath contains 1,684 minutes of labelled speech data."),
    "number-of-another-thing": (
        KATHBATH,
        "How large?",
        "Kathbath contains 1,684 hours from 203 contributors located in 1,218 districts.",
    ),
    "dataset-sizes-exchanged": (
        IMPOSSIBLE,
        "How large is DIMSUM+?",
        "DIMSUM+ is a dataset with 4M sentence summaries and paraphrases.",
    ),
    "from-to-exchanged": (SELFIE, "?", "Selfie improves the mean accuracy of ResNet-50 from 46.7% to 35.6%."),
    "to-became-by": (SELFIE, "?", "Selfie improves the mean accuracy of ResNet-50 by 46.7%."),
    "values-exchanged": (LIST, "?", "LiST improves by 6% over classic fine-tuning and 35% over prompt-based FN."),
    "times-exchanged": (
        POTTER,
        "?",
        "The model took about 1 GPU hour to pretrain and over 184K GPU-hours of finetuning.",
    ),
    "opposite-labelled": (KATHBATH, "?", "Kathbath contains 1,684 hours of unlabelled speech data."),
    "opposite-improves": (SELFIE, "?", "Selfie harms ResNet-50 training stability."),
    "opposite-lowering": (
        SELFIE,
        "?",
        "Selfie increases the standard deviation of test accuracies across different runs.",
    ),
    "opposite-degradation": (DSE, "?", "DSE has an average relative improvement of 4.6% compared to BERT."),
    "opposite-accelerating": (
        DSE,
        "?",
        "DSE slows down computation of query-candidate similarities by several orders of magnitude.",
    ),
    "opposite-reduction": (
        W2V,
        "?",
        "w2v-BERT shows 5% to 10% relative WER increase on test-clean and test-other subsets.",
    ),
    "opposite-detrimental": (
        PCP,
        "?",
        "Conventional continued pre-training is beneficial for sentence-pair tasks.",
    ),
    "winner-and-loser-exchanged": (
        LIST,
        "?",
        "GPT-3 in-context learning outperforms LiST by 33% on few-shot NLU tasks.",
    ),
    "winner-and-loser-exchanged-with-up-to": (
        REMOTE,
        "?",
        "The CLIP baseline outperforms RemoteCLIP by up to 6.39% average accuracy on 12 downstream datasets.",
    ),
    "compared-to-turned": (
        DCLM,
        "?",
        "MAP-Neo is a 6.6 percentage point improvement on MMLU compared to DCLM-Baseline with 40% less compute.",
    ),
    "rival-wins-over-our-model": (W2V, "?", "HuBERT outperforms w2v-BERT on the LibriSpeech benchmarks."),
    "rival-in-brackets-wins": (
        SPIN,
        "?",
        "Models trained through DPO with extra GPT-4 preference data outperform SPIN.",
    ),
    "number-among-words-of-another-sentence": (
        KATHBATH,
        "?",
        "Benchmarks across 6 speech tasks were created from 1,218 contributors in 203 districts.",
    ),
    "tokens-of-another-sentence": (
        DCLM,
        "?",
        "DCLM-Baseline trained a 7B parameter model from scratch on 240T tokens extracted from Common Crawl.",
    ),
    "accuracy-of-another-model": (DCLM, "?", "DCLM-Baseline reaches 66% 5-shot accuracy on MMLU."),
    "outperforms-in-the-passive": (
        REMOTE,
        "?",
        "RemoteCLIP is outperformed by baseline foundation models across different model scales.",
    ),
    "a-term-of-the-question-defined": (
        "Don't Stop",
        "What is prompt tuning?",
        "Prompt tuning involves presenting both task-related texts and prompt templates to LMs through unsupervised "
        "pre-training objectives before fine-tuning.",
    ),
    "a-word-from-elsewhere-beside-a-number": (
        SELFIE,
        "What accuracy gain does Selfie bring for 60 examples per class?",
        "Selfie improves ResNet-50 training accuracy from 35.6% to 46.7%.",
    ),
    "need-that-is-denied": (SPIN, "?", "SPIN needs additional human-annotated data."),
    "second-half-of-a-negation": (
        INTERNET,
        "?",
        "It involves learning additional parameters, thus making it applicable to any LM.",
    ),
    "negation-moved": (INTERNET, "?", "The approach is not applicable to any LM."),
    "feature-of-the-rival": (W2V, "?", "w2v-BERT relies on an iterative re-clustering and re-training process."),
    "one-word-decides": (SYLBER, "?", "Sylber has a slow, quadratic-time syllable segmentation algorithm."),
    "only-dropped": (ISOTROPY, "?", "The anisotropic problem exists in all English GPT-2 models."),
    "condition-exchanged": (
        PREDICTIONS,
        "?",
        "The method improves the performance by 3.6% when the labeled dataset is relatively large.",
    ),
    "refusal-abstract": (
        SYLBER,
        "How many tokens per second?",
        "The abstract does not mention the number of tokens per second.",
    ),
    "refusal-i-cannot": (SYLBER, "How many tokens per second?", "I'm sorry, but I cannot answer that question."),
    "refusal-no-information": (
        SYLBER,
        "Who trained Sylber?",
        "There is no information about who trained Sylber in the provided text.",
    ),
    "bare-title": (SYLBER, "What is Sylber?", "Sylber: Syllabic Embedding Representation of Speech from Raw Audio."),
    "bare-name": (SYLBER, "Which model?", "Sylber."),
    "nothing-said": (SYLBER, "Is it?", "It is what it is."),
    "world-knowledge": (SYLBER, "What is the capital of France?", "The capital of France is Paris."),
    "on-topic-invention": (
        MINILM,
        "What was MiniLM trained on?",
        "MiniLM was trained by volunteers who annotated medical dialogues over several years.",
    ),
}  # fmt: skip

# Rows that `check` gets wrong today. A fix shows up as an unexpected pass: then the line goes.
_REACH = "a negation is held against too few or too many words"
NOT_CAUGHT = {
    "scale-in-words": "“95 million” is not counted as the word “95M”",
}

Check = Callable[[str, str, str], CheckedSentence]


@pytest.fixture(scope="module")
def papers() -> Sequence[Paper]:
    return importers.read(CORPUS).papers


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(embedder("minilm", DEFAULT_OLLAMA).embed)


@pytest.fixture(scope="module")
def readings(papers: Sequence[Paper], reader: Reader) -> Callable[[str], Reading]:
    return lambda beginning: reader.read(next(p for p in papers if p.title.startswith(beginning)))


@pytest.fixture(scope="module")
def verdict(readings: Callable[[str], Reading]) -> Check:
    """Hold a sentence against one of the shipped abstracts."""
    embed = embedder("minilm", DEFAULT_OLLAMA).embed

    def judge(paper: str, question: str, sentence: str) -> CheckedSentence:
        claim = cleaned(sentence)
        return check(claim, embed([claim])[0], [readings(paper)], question)

    return judge


def _rows(table: dict[str, tuple[str, str, str]]) -> list[object]:
    return [
        pytest.param(
            *row,
            id=name,
            marks=[pytest.mark.xfail(strict=True, reason=NOT_CAUGHT[name])] if name in NOT_CAUGHT else [],
        )
        for name, row in table.items()
    ]


@pytest.mark.parametrize(("paper", "question", "sentence"), _rows(RIGHT))
def test_what_the_abstract_says_is_supported_in_other_words_too(
    verdict: Check, paper: str, question: str, sentence: str
) -> None:
    found = verdict(paper, question, sentence)
    assert found.support is Support.SUPPORTED, found.reason
    assert found.evidence
    assert not found.reason


@pytest.mark.parametrize(("paper", "question", "sentence"), _rows(WRONG))
def test_what_the_abstract_does_not_say_is_never_supported(
    verdict: Check, paper: str, question: str, sentence: str
) -> None:
    found = verdict(paper, question, sentence)
    assert found.support is not Support.SUPPORTED
    assert found.reason, "the trace must say why"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("winner-and-loser-exchanged", "gpt is compared the other way round"),
        ("winner-and-loser-exchanged-with-up-to", "clip is compared the other way round"),
        ("compared-to-turned", "map is compared the other way round"),
        ("number-among-words-of-another-sentence", "1218 stands among other words"),
        ("tokens-of-another-sentence", "240000000000000 stands among other words"),
    ],
)
def test_what_was_turned_or_put_together_is_named(verdict: Check, name: str, reason: str) -> None:
    found = verdict(*WRONG[name])
    assert found.support is Support.UNSUPPORTED
    assert reason in found.reason


@pytest.mark.parametrize(
    ("paper", "question", "sentence"), [r for name, r in RIGHT.items() if name not in NOT_CAUGHT]
)
def test_evidence_is_verbatim_in_the_abstract_and_in_its_order(
    verdict: Check, readings: Callable[[str], Reading], paper: str, question: str, sentence: str
) -> None:
    evidence = verdict(paper, question, sentence).evidence
    abstract = readings(paper).paper.abstract
    assert all(part.text in abstract for part in evidence)
    assert all(readings(paper).sentences[part.position] == part.text for part in evidence)
    assert [p.position for p in evidence] == sorted({p.position for p in evidence})
    assert len(evidence) <= 3


@pytest.mark.parametrize("name", ["two-sentences", "two-sentences-about-a-corpus"])
def test_a_claim_from_two_sentences_cites_both(verdict: Check, name: str) -> None:
    assert len(verdict(*RIGHT[name]).evidence) >= 2


def test_the_evidence_of_a_number_holds_the_number(verdict: Check) -> None:
    found = verdict(SYLBER, "How many tokens?", "Sylber uses 4.27 tokens per second.")
    assert any("4.27" in part.text for part in found.evidence)


def test_of_two_abstracts_the_one_that_carries_the_sentence_is_cited(
    readings: Callable[[str], Reading], reader: Reader
) -> None:
    claim = "Sylber uses an average of 4.27 tokens per second."
    vector = embedder("minilm", DEFAULT_OLLAMA).embed([claim])[0]
    for order in ([MINILM, SYLBER], [SYLBER, MINILM]):
        found = check(claim, vector, [readings(p) for p in order], "How many tokens per second?")
        assert {e.paper_id for e in found.evidence} == {readings(SYLBER).paper.id}


def test_a_sentence_that_needs_two_papers_at_once_is_not_supported(
    readings: Callable[[str], Reading],
) -> None:
    claim = "Sylber uses 4.27 tokens per second and Kathbath contains 1,684 hours of labelled speech."
    vector = embedder("minilm", DEFAULT_OLLAMA).embed([claim])[0]
    found = check(claim, vector, [readings(SYLBER), readings(KATHBATH)], "Compare Sylber and Kathbath.")
    assert found.support is not Support.SUPPORTED


def test_nothing_is_supported_when_no_abstract_was_read() -> None:
    claim = "Sylber uses 4.27 tokens per second."
    vector = embedder("minilm", DEFAULT_OLLAMA).embed([claim])[0]
    assert check(claim, vector, [], "How many?").support is Support.UNSUPPORTED


def test_the_words_of_the_question_prove_nothing(verdict: Check) -> None:
    """A false premise that a model echoes is not carried by the words that the user brought."""
    question = "Why does MiniLM use reinforcement learning from chess games?"
    echoed = "MiniLM uses reinforcement learning from chess games."
    assert verdict(MINILM, question, echoed).support is not Support.SUPPORTED


def test_every_sentence_of_every_shipped_abstract_carries_itself(
    papers: Sequence[Paper], reader: Reader
) -> None:
    """Quoting verbatim is right by definition; what fails here would lose right answers."""
    lost = []
    for paper in papers[:20]:
        reading = reader.read(paper)
        for sentence, vector in zip(reading.sentences, reading.vectors, strict=True):
            found = check(sentence, vector, [reading], "")
            if found.support is not Support.SUPPORTED and not is_refusal(sentence):
                lost.append((sentence, found.reason))
    assert not lost


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param("It keeps 99% [1].", "It keeps 99%.", id="number"),
        pytest.param("It keeps 99% [1][2, 3].", "It keeps 99%.", id="several"),
        pytest.param("It keeps 99% [1-3].", "It keeps 99%.", id="range"),
        pytest.param("It keeps 99% [A].", "It keeps 99%.", id="letter"),
        pytest.param("It keeps 99% [Paper 1].", "It keeps 99%.", id="paper"),
        pytest.param("It keeps 99%【1†source】.", "It keeps 99%.", id="lenticular"),
        pytest.param("- **It** keeps `99%`.", "It keeps 99%.", id="Markdown"),
        pytest.param("2. It keeps 99%.", "It keeps 99%.", id="list item"),
        pytest.param("Yes, it keeps 99%.", "It keeps 99%.", id="yes"),
        pytest.param("Based on the abstract, it keeps 99%.", "It keeps 99%.", id="based on"),
        pytest.param("The abstract states that it keeps 99%.", "It keeps 99%.", id="states that"),
        pytest.param("Yes, w2v-BERT keeps 99%.", "w2v-BERT keeps 99%.", id="name that begins small"),
        pytest.param("It  keeps\n99% .", "It keeps 99%.", id="white space"),
        pytest.param("Use x[i] and (a, b).", "Use x[i] and (a, b).", id="brackets that cite nothing"),
    ],
)
def test_cleaning_takes_off_marks_and_preambles_and_leaves_the_sentence(written: str, shown: str) -> None:
    assert cleaned(written) == shown


@pytest.mark.parametrize("written", [row[2] for row in RIGHT.values()])
def test_cleaning_leaves_a_clean_sentence_alone_and_twice_is_once(written: str) -> None:
    assert plain(cleaned(written)) == plain(written)
    assert cleaned(cleaned(f"- Yes, {written} [1]")) == cleaned(f"- Yes, {written} [1]")


@pytest.mark.parametrize(
    "sentence",
    [
        "The abstract does not mention this.",
        "The provided text doesn't specify the number of GPUs.",
        "This is not mentioned in the abstract.",
        "I cannot answer this from the abstract.",
        "I don't know.",
        "There is no information about it.",
        "Unfortunately, the paper does not say.",
        "Sorry, but that is unclear.",
        "The number of GPUs is not specified.",
    ],
)
def test_a_model_that_says_it_cannot_answer_is_heard(sentence: str) -> None:
    assert is_refusal(sentence)


@pytest.mark.parametrize("sentence", [row[2] for row in RIGHT.values()])
def test_an_answer_is_not_taken_for_a_refusal(sentence: str) -> None:
    assert not is_refusal(sentence)
