"""Details that people ask of every paper and that few abstracts give: the batch size, the hardware, the dose.

A question for one of them is answered only where the abstract speaks of that very thing, in one of the
ways in which abstracts do. Retrieval cannot tell: the abstract is the right one all the same.
"""

from __future__ import annotations

import re

from rag.text import stem

_TIME = r"(?:hours?|days?|weeks?|months?|years?|minutes?|(?:milli|micro)?seconds?|overnight|\d ?(?:ms|µs|s|min|h)\b)"
_ANIMALS = r"(?:mice|mouse|rats?|animals|monkeys|macaques|rabbits|pigs|dogs|sheep|zebrafish|embryos)"
_PEOPLE = (
    r"(?:people|persons?|individuals|humans?|subjects|participants|volunteers|\w*patients|contributors|students|undergraduates"
    r"|learners|pupils|children|kids|toddlers|adolescents|adults|infants|newborns|babies|men|women|mothers|fathers|parents"
    r"|caregivers|males?|females?|boys|girls|users|respondents|interviewees|informants|speakers|talkers|listeners|observers"
    r"|players|actors|athletes|drivers|farmers|workers|employees|managers|practitioners|scientists|researchers|nurses"
    r"|physicians|doctors|teachers|experts|clinicians|developers|programmers|engineers|professionals|members|residents"
    r"|households|families|donors|recipients|controls|cases|twins|veterans|smokers|citizens|annotators|raters|judges"
    r"|crowd ?workers|cohort|population|sample)"
)
_TAKEN_IN = r"(?:enrol|recruit|survey|interview|includ|randomi|assign|test|stud|examin|follow|observ)\w*"
_ANY_PEOPLE = (
    r"\d[\d,.]* ?(?:million|billion|thousand)|\d ?%|per ?cent|\b(?:half|third|quarter|majority|most|all|none) of\b|\btotal of\b"
    rf"|\b{_TAKEN_IN}[^.;]{{0,40}}?\d|\d[^.;]{{0,40}}?\b{_TAKEN_IN}|\bdeaths?\b|\bdied\b|\([^()]*\d\)"
)
"""How an abstract gives a number of people without a word for them."""
_FEW = r"one|two|three|four|five|six|seven|eight|nine"
_SPELLED = (
    rf"\b(?:{_FEW}|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b"
)


def _count_of(what: str) -> str:
    """How an abstract counts something: "28 PSD patients", "patients (n = 28)"."""
    return rf"(?:\d|{_SPELLED})[^.;]{{0,60}}?\b{what}\b|\bn ?= ?\d|\b{what}\b[^.;]{{0,30}}?\(\d"


def _asked_for(metric: str) -> str:
    """How a question asks for a score, and not for what the metric is."""
    kind = r"(?:(?:exact|absolute|final|overall|average|mean) )*"
    got = r"(?: (?:does|do|did|is|was|were)\b.{0,80}?\b(?:reach|get|got|achiev|obtain|report|attain|yield|score)| (?:has|have)\b)"
    return rf"(?:what|which) {kind}(?:{metric})(?: scores?| values?)?(?={got})|what (?:is|was) the {kind}(?:{metric})"


def _score_in(metric: str) -> str:
    """How an abstract gives a score: a number not far behind the metric, or before it in the same sentence."""
    number = rf"(?:(?<![\w(-])\d+(?:\.\d+)?(?!\))|{_SPELLED})"
    return rf"{metric}.{{0,250}}?{number}|{number}[^.!?]{{0,60}}?{metric}"


_METRICS = (
    r"rouge(?:-?\w+)?", r"s?bleu|bleu\w*", r"comet", r"chrf\+*", r"perplexit(?:y|ies)", r"mmlu",
    r"\bf-?1\b|f-(?:score|measure)s?",
    r"wer\b|word error rates?", r"character error rates?|\bcer\b", r"\baucs?\b|\baurocs?\b|area under the curve",
    r"hazard ratios?|\bhr\b", r"odds ratios?|\bor\b ?[=:]?", r"relative risks?|risk ratios?|\brr\b",
)  # fmt: skip
_SIZE = r"parameters?|\d\s?[bmk]\b|[bm]illion|thousand"
_DETAILS = {
    # How a question asks for a detail, and how an abstract that gives it speaks; empty for the same words.
    r"learning[- ]rate": "",
    r"(?:mini-?)?batch[- ]?sizes?": r"batch",
    r"temperatures?": r"temperature|°|degrees|kelvin|celsius|\d ?k\b",
    r"optimi[sz]ers?\b": r"optimi[sz]er|\b(?:adam\w*|sgd|adagrad|adafactor|rmsprop|lion|muon)\b",
    r"weight decay|dropout rate|warm-?up steps": "",
    r"hyper-?parameters?": "",
    r"random seeds?": r"seed",
    r"(?:how many|number of|what|which) (?:training )?(?:epochs|steps|iterations)|epochs": r"epochs?|steps?|iterations?",
    r"(?:how many|number of) (?:\w+ )?layers|layers (?:does|do|has|have)": r"layers?",
    r"(?:how many|number of) (?:attention )?heads": r"heads?",
    r"(?:hidden|embedding|vector|latent) (?:size|dimension\w*)|dimensionality|how many dimensions": r"dimension|\d-?d\b",
    r"vocabulary size|size of (?:the |its )?vocabulary": r"vocabulary",
    r"(?:how many|what kind of|which) (?:\w+ )?(?:gpus?|tpus?|cpus?|machines?|accelerators?|graphics cards?)|hardware"
    r"|\b[gt]pus?\b": r"[gtc]pus?|accelerator|hardware|processors?",
    r"how (?:long|many (?:hours|days|weeks|months)) (?:d(?:id|oes|o)|was|were|is|are|of|the)\b.{0,60}?"
    r"(?:train|take|took|run)\w*(?: take| run| last)?"
    r"|(?:training|wall[- ]?clock|running) times?|gpu[- ]hours?": _TIME,
    r"(?:inference|decoding|generation) (?:speed|time)|latency|(?<!high.)throughput|(?:tokens|requests|frames) per second"
    r"|how many (?:tokens|requests|frames) a second": r"speed|fast|latency|throughput|per second|/s\b|real[- ]time|time",
    r"how much (?:\w+ ){0,8}cost|what (?:does|did|would) (?:\w+ ){1,4}costs?\b(?! function)"
    r"|(?:what|(?<!at )the) costs?\b(?! function)|(?<!at the )costs? (?:of|in)\b"
    r"|dollars|price|how expensive|how much money": r"costs?\b"
    r"|dollars?|\$|€|£|usd|euros?|price|expens|cheap|budget|compute|gpu",
    r"(?:releas|publish|open-?sourc)\w* (?:the |its |their |any |some )?(?:source )?(?:code|weights|checkpoints?|models?)\b"
    r"|shar\w* (?:the |its |their |any |some )?(?:source )?(?:code|weights|checkpoints?)\b"
    r"|(?:code|weights|checkpoints?) (?:\w+ ){0,2}(?:available|public|released|open)": r"code|github|http|releas|sourc|available"
    r"|public",
    r"carbon|emissions?|energy (?:use|consumption)|electricity|kwh": r"carbon|emission|energy|electric|power|watt|joule|co2",
    r"how much (?:memory|ram|vram)|memory (?:use|usage|footprint|consumption)|gigabytes": r"memory|\d ?[gmt]i?b\b|bytes?",
    r"how many parameters|number of parameters|parameter count|how (?:big|large) is the model": _SIZE,
    r"false[- ](?:positive|negative)s?": r"false[- ](?:positive|negative|alarm)",
    r"confidence intervals?|standard deviations?|error bars": r"confidence|\bci\b|±|deviation|\bsd\b",
    r"p[- ]?values?": r"\bp ?[<=>]|p[- ]value|significan",
    r"inter-?annotator|annotator agreement|kappa": r"agreement|kappa|κ",
    r"how many (?:human )?(?:annotators|raters|judges|crowd ?workers)": r"annotators?|raters?|judges?|workers?",
    r"(?:exact |full )?(?:wording|prompt text|text of the prompt)|prompt wording": r"wording|template|the prompt",
    r"sampl(?:ing|e) (?:rate|frequency|probability)|sampling rates?": r"sampling|hz\b|probability",
    r"false discovery|sensitivity|specificity": r"sensitiv|specific|\bsn\b|\bsp\b|false discovery",
    r"dos(?:e|es|age|ages|ing)\b": r"dos(?:e|es|age|ing)|\bmg\b|\bµg\b|/kg",
    r"which brand|what brand|brand of|manufacturer|vendor": r"brand|manufactur|vendor|inc\b|ltd\b",
    r"(?:mean|median|average) age|how old": r"\bages?\b|aged|years? old|years of age|\d ?(?:years?|ka|ma|myr)\b"
    r"|dat(?:ed|es|ing)\b",
    r"licen[cs]es?\b(?! plates?)": r"licen[cs]|apache|\bmit\b|creative commons|\bcc[- ]by|public domain",
    r"github|(?:link|url) (?:to|of|for) the (?:code|repository)|repository url": r"github|gitlab|https?:|repositor|code",
    r"e-?mail address(?:es)?|phone numbers?": "",
    r"side[- ]effects?|adverse (?:events?|effects?|reactions?)": r"side[- ]effects?|adverse|toxic|tolerat|safety|complication",
    r"five[- ]year survival|survival (?:rate|time)|life expectancy": r"surviv|mortality|death",
    r"(?:who|which|what) (?:\w+ ){0,3}(?:fund(?:ed|s)|pa(?:id|ys) for|sponsor(?:ed|s)|financed?)\b|funding|funded by|sponsors?"
    r"|grants?\b": r"fund|sponsor|grant|financ|supported by",
    r"(?:what|which) (?:proportion|percentage|share|fraction)\b": r"%|\b(?:per ?cent|half|halves|third|quarter|fifth|tenth"
    r"|majority|minority|most of|fraction|proportion|ratio)s?\b|\d+ (?:(?:out )?of|/) |\d+/\d+|\d-fold"
    rf"|\b(?:{_FEW}) (?:in|out of|of)\b",
    r"how many (?:\w+ ){0,2}(?:mice|rats|animals|monkeys)\b": _count_of(_ANIMALS),
    r"how many (?:[\w-]+ ){0,2}(?:volunteers|participants|subjects|patients|people|persons|individuals|students|children"
    r"|adults|respondents|speakers|interviewees|donors)\b": f"{_count_of(_PEOPLE)}|{_ANY_PEOPLE}",
    r"(?:what|which) (?:\w+ ){0,2}(?:cytometer|microscope|scanner)": r"cytomet|microscop|scanner|tesla",
    r"absolute (?:\w+ ){0,2}(?:wer|word error rates?|error rates?)": r"absolute|(?:error rate|wer) of|\d% (?:wer|error)",
    **{_asked_for(metric): _score_in(rf"(?:{metric})") for metric in _METRICS},
    r"conflicts? of interest|competing interests": r"interests?",
    r"ethic(?:s|al) (?:approval|committee|board)|informed consent": r"ethic|consent",
    r"follow-?up (?:time|period|duration)|how long (?:were|was) .{0,40}followed": rf"follow|{_TIME}|years?",
}
_PATTERNS = [
    (re.compile(rf"\b(?:{asked})", re.IGNORECASE), re.compile(rf"(?:{held or asked})", re.IGNORECASE))
    for asked, held in _DETAILS.items()
]


_COUNTED = re.compile(
    r"\bhow many (?:of (?:the|its|these|those|their) )?"
    r"(?:(?!(?:is|are|was|were|do|does|did|has|have|in|of|on|people|men|women|children|mice)\b)[\w-]+ ){0,2}?"
    r"(?P<what>(?!times|points|kinds|types|sorts|ways|patients|participants)[a-z]\w{2,}(?<!us)(?<!ss)(?<!is)s)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"\d|{_SPELLED}|\b(?:thousands?|hundreds|dozens?|single|pair|both|half|double|dual|triple|several|multiple|first|second|third"
    r"|fourth|fifth|million|billion|no|zero|all|most|none|twice|handful|every|each|only|o\()\b",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\b(?:compris\w+|contain\w*|consist\w* of|total\w*(?: of)?|hold\w*|includ\w+|size of|covers?)\s+(?:\w+ ){0,3}?\d"
)
"""A number of all that there is, wherever it stands."""
_BEFORE, _AFTER = 70, 40
"""How many characters before and after a word a number may stand that counts it."""


def _uncounted(question: str, abstract: str) -> str:
    """The things that a question wants counted, where an abstract names them and gives no number near or in all; or nothing."""
    if (asked := _COUNTED.search(question)) is None or _TOTAL.search(abstract):
        return ""
    named = [
        m for m in re.finditer(r"\w+", abstract) if stem(m[0].casefold()) == stem(asked["what"].casefold())
    ]
    around = [abstract[max(0, m.start() - _BEFORE) : m.end() + _AFTER] for m in named]
    return asked["what"] if named and not any(map(_NUMBER.search, around)) else ""


def lacking(question: str, abstract: str) -> str:
    """What a question asks for and an abstract does not have, in the question's words; or nothing.

    A detail of which it never speaks, or the number of something that it names and gives no number near.

    >>> lacking("What batch size was used?", "We train on speech.")
    'batch size'
    >>> lacking("What batch size was used?", "We train with batches of 32.")
    ''
    >>> lacking("How many judges took part?", "It was read by judges.")
    'judges'
    """
    return unspoken(question, abstract) or _uncounted(question, abstract)


def unspoken(question: str, abstract: str) -> str:
    """The detail that a question asks for and of which an abstract never speaks, in the question's words; or none."""
    for asked, held in _PATTERNS:
        if (found := asked.search(question)) and not held.search(abstract):
            return found[0]
    return ""
