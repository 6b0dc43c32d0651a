"""A question wants a list however it is asked, and a fact stays a fact."""

import time

import pytest

from rag.records import Shape
from rag.shapes import shape_of
from rag.understand import LONGEST

LISTS = """
who uses Twitter as training or test data?
who works on speech tokenisation?
who uses the Moses toolkit?
did anyone use the Moses toolkit?
Who is working on machine unlearning
Who has tried to merge model weights?
who has built a new treebank for a Slavic language?
who studied vaccine hesitancy?
tell me who studies vaccine hesitancy
who else looks at attention collapse?
who compares transformers with recurrent networks?
Which teams have built a parser for Tamil?
which groups work on sign language
researchers who build corpora of endangered languages
anyone using contrastive learning for audio?
has anybody looked into sleep and dementia
did anyone use satellite images to estimate poverty?
Is anyone working on Basque?
research into gut bacteria and mood
the literature on statins in old age
attempts to make tokenisation unnecessary
approaches to low-resource translation
tools for annotating text
systems that do speaker diarisation
cohort studies of twins
something to help children with reading
anything that uses mice?
Is there something on machine unlearning?
has there been any work on whale songs
are there attempts to build a universal tokeniser?
do you have anything on scaling laws
What work is there on prompt injection?
what research exists on whispered speech
what has been written about aphasia
What's been tried against attention collapse
What is there about bilingual children?
what else is there on embeddings
I'm looking for work showing that exercise helps memory
I need papers discussing hallucination
Point me to research on audio codecs
Could you recommend some literature on embeddings?
Please gather the literature on federated learning
dig up whatever there is on RNA editing
I am writing a chapter on tokens: please show me everything in the library that deals with syllables
Show me all systems that do diarisation, i.e. tell speakers apart.
list every model that can handle more than 50 languages
breast cancer papers
breast cancer papers but not the ones done in mice
Evaluation campaign system descriptions, other than those on speech
other toolkits besides Moses
work that compares RNNs and transformers
the ones that evaluate on GLUE
"""

NO_LISTS = """
who proposed Sylber?
Who wrote the MERT paper?
who is the first author of Sylber?
who won the world cup
Who built MT-NLG 530B?
Who first used eye tracking for post-editing?
who gets malaria most often?
who does better on GLUE?
who uses it?
Who treats reading a sentence as looking at a picture, and what kinds of noise do they add to it?
who uses more data, SPIN or DPO?
which authors proposed Sylber?
which groups of patients benefit from statins?
Did anybody measure how often a model makes a right answer wrong?
Has anyone shown that statins harm muscles?
did they release anything?
Did they find something in the mice?
Does any work chop recordings into syllables, and does it help?
Is there a trick that halves the passes over the data?
are there side effects of metformin in children?
Is there evidence that statins harm muscles?
I'm looking for the learning rate of SPIN
I need to know how federated learning protects privacy
Find the learning rate of SPIN
give me all of the hyperparameters of MERT
Does any of the papers propose a watermark for text, and how robust is it?
How many mice were in each dose group in the study of sitagliptin?
tell me something about Sylber
summarise these papers
explain the Sylber work
Sylber limitations and future work
Sylber token rate
work on syllables: what token rate do they reach?
The work that splits speech into syllables reports which token rate?
what else is Sylber evaluated on?
what other languages besides Tamil were used in Kathbath?
what was done to prevent collapse?
what sources are used for MERT training?
sources of hallucination
how do systems that do diarisation work?
how does it work
anything else?
good work
"""


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("question", _lines(LISTS))
def test_a_question_for_whatever_matches_wants_a_list(question: str) -> None:
    assert shape_of(question) == (Shape.LIST, ())


@pytest.mark.parametrize("question", _lines(NO_LISTS))
def test_a_question_for_one_thing_wants_no_list(question: str) -> None:
    assert shape_of(question)[0] is not Shape.LIST


def test_two_things_to_choose_from_are_still_compared() -> None:
    assert shape_of("who uses a larger corpus, SPIN or DPO?") == (Shape.COMPARISON, ("SPIN", "DPO"))


@pytest.mark.parametrize(
    "words",
    [
        "some recent ",
        "who else ",
        "what ",
        "find me all ",
        "anyone ",
        ", not ",
        "a papers ",
        "the paper on ",
        "of ",
        "-",
        "A-",
        "' ",
    ],
)
def test_the_longest_question_is_read_at_once(words: str) -> None:
    started = time.perf_counter()
    shape_of((words * LONGEST)[:LONGEST])
    shape_of(f"the paper on a b{words * LONGEST}"[:LONGEST] + "x")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("question", "works"),
    [
        (
            "What does the paper on whale songs measure, and what does the one about bee dances?",
            ("whale songs measure", "bee dances"),
        ),
        (
            "One study examined the eyes of children and another the gait of adults. What imaging did each use?",
            ("examined the eyes of children", "the gait of adults"),
        ),
        (
            "There are two theses here, one about inducing syntax and one about counting whales. How do they differ?",
            ("inducing syntax", "counting whales"),
        ),
        (
            "The Swiss study on having a steady partner and the one on income and survival: what did they find?",
            ("Swiss having a steady partner", "income and survival"),
        ),
        (
            "how does the Guarani-Spanish paper make text, and how do the authors working on Formosan languages?",
            ("Guarani-Spanish make text", "Formosan languages"),
        ),
        (
            "Compare the results of the work on entropy collapse with those of the work on kernel regression",
            ("entropy collapse", "kernel regression"),
        ),
    ],
)
def test_two_works_that_are_described_are_compared(question: str, works: tuple[str, ...]) -> None:
    assert shape_of(question) == (Shape.COMPARISON, works)


@pytest.mark.parametrize(
    "question",
    [
        "What does the paper on whale songs measure?",
        "If a small model helps to train a bigger one, which jobs does it do for the larger model?",
        "There is a paper in which GPT writes a summary and then rebuilds the original; which signal does the paper use?",
        "Does the paper say how the one that it builds on works?",
        "How many layers has the model of the paper on whale songs?",
        "What batch size does the paper on music understanding use for the model that learns acoustic features?",
        "How does the method of contrastive learning improve the model for speech recognition?",
        "What does the study on sleep report about the team that collected the data?",
    ],
)
def test_one_work_that_is_described_is_no_comparison(question: str) -> None:
    assert shape_of(question)[0] is Shape.FACT


@pytest.mark.parametrize(
    "question",
    [
        "How many papers does the S2ORC corpus contain?",
        "How many abstracts were screened in the systematic review?",
        "How many studies were included in the meta-analysis?",
        "How many randomised controlled studies were finally eligible?",
        "How many papers did the survey on hallucination cover?",
        "Which studies were excluded from the meta-analysis?",
        "Which papers were annotated in the citation corpus?",
        "Which articles did the readers trust most?",
    ],
)
def test_papers_that_a_paper_counts_are_a_fact_of_it(question: str) -> None:
    assert shape_of(question)[0] is Shape.FACT


@pytest.mark.parametrize(
    "question",
    [
        "How many papers do you have about speech?",
        "How many studies use mice?",
        "Which papers were written about speech?",
        "Which studies compare mice with rats?",
        "How many papers does the library have on speech?",
        "How many papers are included in the library?",
        "How many papers does our collection hold?",
        "How many studies meet the guidelines?",
        "Which papers are the most relevant to speech?",
        "Which papers are the ones about whales?",
        "Which papers did the authors of MERT write?",
    ],
)
def test_papers_of_the_library_are_a_list(question: str) -> None:
    assert shape_of(question)[0] is Shape.LIST
