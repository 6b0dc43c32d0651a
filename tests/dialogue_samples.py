"""Exchanges for tests: one with every field set, and one that is hostile wherever text stands."""

from __future__ import annotations

from rag.records import (
    Answer,
    Candidate,
    CheckedSentence,
    CitedPaper,
    Conversation,
    Evidence,
    EvidenceSentence,
    Exchange,
    Filters,
    Paper,
    Question,
    Shape,
    Support,
    Timings,
)

WHALE = Paper(
    "doi:10.1234/whale", "Songs of Humpback Whales", "We record humpbacks. We count 12 phrases.",
    ("Ada Lovelace", "Grace Hopper"), 2019, "Journal of Whales", "10.1234/whale", "1901.00001",
    "https://example.org/whale", "whales.bib", "Songs of {Humpback} Whales", "We record humpbacks. We count 12 phrases.",
)  # fmt: skip
BIRD = Paper("title:bird", "Gliding Birds", "They glide 4 km.", ("Emmy Noether",), 2020)
RECORDED = EvidenceSentence(WHALE.id, 0, "We record humpbacks.", 0.25)
COUNTED = EvidenceSentence(WHALE.id, 1, "We count 12 phrases.", 0.75)
EVERYTHING = Exchange(
    "How many phrases do whales sing?",
    Answer(
        Question(
            "How many phrases do whales sing?", "phrases of whales", Shape.COMPARISON, ("whales", "birds"),
            Filters(2018, 2021, "Lovelace", "Journal", "whales.bib", "zoo", (WHALE.id,)), True, "Gliding Birds",
            "singing", "How many phrases?",
        ),
        stage="done",
        ahead=2,
        remark="Two papers match.",
        sentences=(
            CheckedSentence("They count 12 phrases.", Support.SUPPORTED, (COUNTED,), "", False, (1,)),
            CheckedSentence("“We record humpbacks.”", Support.PARTLY, (RECORDED,), "no verb", True, (1,)),
        ),
        removed=(CheckedSentence("They dance.", Support.UNSUPPORTED, reason="not said"),),
        papers=(CitedPaper(1, WHALE, (RECORDED, COUNTED)),),
        retrieved=(Candidate(WHALE, 1.25, 0.5, 7.5, 1, 2, True), Candidate(BIRD, 0.5, -0.25, 0.0)),
        suggestion="What do birds do?",
        failed=True,
        notices=("The model went away.",),
        model="tiny",
        engine="test",
        timings=Timings(0.125, 0.25, 0.5, 1.0, 2.0, 0.5, 2.5),
        prompt_tokens=321,
        evidence=(Evidence(WHALE, (COUNTED,)),),
        prompt="Say it.",
        raw="They count 12 phrases. They dance.",
        done=True,
    ),
    problem="The model broke off.",
    seconds=2.5,
)  # fmt: skip
"""Nothing in it is as it would be by default, but for `abstained`, `stopped`, `draft` and `running`."""

EVIL = (
    '<img src=x onerror="window.owned=1"> & \\input{/etc/passwd} $\\write18{rm}$ %\n'
    "[x](javascript:alert(1)) `</style><script>window.owned=2</script>` ^^5cinput _a_ *b* ~c | # {"
)
_EVIL_PAPER = Paper(
    'title:<"evil">',
    EVIL,
    f"{EVIL}.",
    (f"{EVIL} Jr.",),
    2024,
    EVIL,
    url='javascript:alert("1")',
    doi='10.1/"}<x>\\a$b%c',
)
_EVIL_SENTENCE = EvidenceSentence(_EVIL_PAPER.id, 0, EVIL)
HOSTILE = Exchange(
    EVIL,
    Answer(
        Question(EVIL, EVIL, Shape.FACT, filters=Filters(author=EVIL)),
        remark=EVIL,
        sentences=(CheckedSentence(EVIL, Support.SUPPORTED, (_EVIL_SENTENCE,), citations=(1,)),),
        papers=(CitedPaper(1, _EVIL_PAPER, (_EVIL_SENTENCE,)),),
        notices=(EVIL,),
        done=True,
    ),
    problem=EVIL,
)


def said(asked: str, answered: str = "", *papers: Paper) -> Exchange:
    """A finished exchange of one sentence that cites these papers."""
    cited = tuple(
        CitedPaper(n, p, (EvidenceSentence(p.id, 0, p.abstract.partition(". ")[0]),))
        for n, p in enumerate(papers, 1)
    )
    evidence = tuple(part for one in cited for part in one.evidence)
    numbers = tuple(one.number for one in cited)
    sentence = CheckedSentence(answered, Support.SUPPORTED, evidence, citations=numbers)
    question = Question(asked, asked, Shape.FACT)
    return Exchange(
        asked, Answer(question, sentences=(sentence,) if answered else (), papers=cited, done=True)
    )


CONVERSATION: Conversation = (EVERYTHING, said("And the birds?", "They glide 4 km.", BIRD))
