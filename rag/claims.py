"""What a sentence claims that can be checked strictly: numbers, names, negations, directions.

Pure functions on strings, used on a written sentence and on the abstract that it is held against.
"""

from __future__ import annotations

import re

from rag.text import STOP_WORDS, plain, stem, tokens

_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
_SCALES |= {"t": 1e12, "trillion": 1e12}
_SPELLED = "zero one two three four five six seven eight nine ten eleven twelve".split()
_SPELLED += "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred".split()
_VALUES = {word: n for n, word in enumerate(_SPELLED)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
REFERENCE = re.compile(r"\([^()]*\b(?:19|20)\d\d[a-z]?\b[^()]*\)")
_NUMBER = re.compile(
    r"(?<![^\W_])(?<!\.)(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b)|[\s-]?(?P<scale>thousand|million|billion|trillion)\b"
    r"|(?P<letter>[kmbt]|bn)(?![\w]))?"
)
_SPELLED_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS[:-1])})(?:-|\s(?!\w+-))(?P<ones>{'|'.join(_SPELLED[1:10])})"
    rf"|(?P<word>{'|'.join([*_SPELLED[2:], *_TENS])}))\b"
    r"(?:[\s-](?P<scale>thousand|million|billion|trillion)\b)?"
)
_MULTIPLES = {
    "dual": "2",
    "double": "2",
    "twofold": "2",
    "pair": "2",
    "both": "2",
    "twice": "2",
    "triple": "3",
    "half": "50%",
}


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text in one form, per cent kept apart from plain values.

    Digits inside names count too ("GPT-3" holds 3), as do number words from two to twelve.

    >>> sorted(numbers("1.5 billion parameters, 1,684 hours, 5% in three steps, ninety-two children"))
    ['1500000000', '1684', '3', '5%', '92']
    """
    text = plain(REFERENCE.sub(" ", text))
    found = {_canonical(match) for match in _NUMBER.finditer(text)}
    found |= {_spelled(match) for match in _SPELLED_NUMBER.finditer(text)}
    found |= set(re.findall(r"(?<=[a-z])-?(\d+(?:\.\d+)?)", text))
    return frozenset(found)


def numbers_at(text: str) -> list[tuple[str, int, int]]:
    """The numbers written in digits, in the form of `numbers`, with begin and end in the text; in order.

    Those inside names ("ResNet-50", "224x224") are left out.
    """
    found = (match for match in _NUMBER.finditer(text) if not _IN_NAME.search(text, 0, match.start()))
    return [(_canonical(m), m.start(), m.end()) for m in found if not text[m.end() : m.end() + 1].isalpha()]


_IN_NAME = re.compile(r"[^\W\d]-\Z")


def _spelled(match: re.Match[str]) -> str:
    value = _VALUES[match["word"]] if match["word"] else _VALUES[match["tens"]] + _VALUES[match["ones"]]
    return f"{value * _SCALES.get(match['scale'] or '', 1.0):.0f}"


def implied_numbers(text: str) -> frozenset[str]:
    """Numbers that words such as "dual" and "half" stand for; evidence may give these for a number.

    >>> sorted(implied_numbers("a dual-stage paradigm"))
    ['2']
    """
    return frozenset(_MULTIPLES[t] for t in tokens(text) if t in _MULTIPLES)


def number_words(text: str) -> frozenset[str]:
    """Words from two to twelve for the small numbers that a text holds or implies.

    >>> sorted(number_words("a dual-stage paradigm with 3 tasks"))
    ['three', 'two']
    """
    held = numbers(text) | implied_numbers(text)
    return frozenset(word for value, word in enumerate(_SPELLED) if value > 1 and str(value) in held)


def _canonical(match: re.Match[str]) -> str:
    value = float(match["digits"].replace(",", "").rstrip("."))
    value *= _SCALES.get(match["scale"] or match["letter"] or "", 1.0)
    shown = f"{value:.6f}".rstrip("0").rstrip(".")
    return f"{shown}%" if match["percent"] else shown


_QUOTES_AND_STOPS = "\"'“”‘’.,;:!?()[]{}*_`"


def names(text: str) -> frozenset[str]:
    """Acronyms, systems and proper names, in `plain` form.

    A name has two capitals, a capital inside, letters beside digits, or is a capitalised word that
    does not begin the sentence. A plural "s" and a possessive are dropped.

    >>> sorted(names("The LLMs GPT-4 and wav2vec beat Google's MiniLM on Tuesday."))
    ['google', 'gpt', 'llm', 'minilm', 'tuesday', 'wav2vec']
    """
    found = set()
    for position, word in enumerate(text.split()):
        for part in re.split(r"[-–/+]", _bare(word)):
            part = re.sub(r"['’]s$", "", _bare(part))
            if is_name(part, begins=position == 0):
                found.add(plain(part.removesuffix("s") if part[:-1].isupper() else part))
    return frozenset(found)


_OPENS = frozenset(
    "according given during among across under besides despite apart regarding compared based before after since".split()
)
"""Words with a capital at the beginning of a question that are no names."""


def names_asked(question: str) -> frozenset[str]:
    """The names of a question; its first word may be one too.

    >>> sorted(names_asked("Sylber or MERT?")), sorted(names_asked("According to MERT, what is music?"))
    (['mert', 'sylber'], ['mert'])
    """
    return names(f"so {question}") - _OPENS


def _bare(word: str) -> str:
    """A word without the punctuation around it, of any script."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", word)


def is_name(part: str, begins: bool) -> bool:
    """Whether a word without hyphens is a name; a plain capitalised word only when it begins nothing."""
    letters = [c for c in part if c.isalpha()]
    if len(letters) < 2:
        return False
    capitals = sum(c.isupper() for c in letters)
    if capitals >= 2 or any(c.isupper() for c in part[1:]) or any(c.isdigit() for c in part):
        return True
    return capitals == 1 and not begins and plain(part) not in STOP_WORDS


def mentions(text: str, name: str) -> bool:
    """Whether a name in `plain` form occurs in a text as a word, in any case, singular or plural."""
    return re.search(rf"(?<![^\W_]){re.escape(name)}(?:s|'s)?(?![^\W_])", plain(text)) is not None


_NEGATIONS = frozenset(
    "not no never cannot without neither nor none unable nothing hardly lack lacks fails".split()
)


def negated(text: str) -> frozenset[str]:
    """Stems of up to three content words that follow each negation; empty without a negation.

    >>> sorted(negated("It does not require labelled data."))
    ['data', 'label', 'requir']
    """
    return frozenset(word for reach in negations(text) for word in reach)


def negations(text: str) -> list[frozenset[str]]:
    """What each negation of a text reaches: stems of up to three content words that follow it, or an "or" after it.

    >>> [sorted(reach) for reach in negations("It does not need tuning or learning parameters.")]
    [['learn', 'need', 'tune'], ['learn', 'paramet']]
    """
    found = []
    for words in map(tokens, _BREAK.split(re.sub(r"n['’]t\b", " not", text))):
        denied = [
            n for n, word in enumerate(words) if word in _NEGATIONS and words[n + 1 : n + 2] != ["only"]
        ]
        also = [n for n, word in enumerate(words) if denied and word == "or" and n > denied[0]]
        for place in (*denied, *also):
            following = [w for w in words[place + 1 :] if w not in STOP_WORDS]
            found.append(frozenset(stem(w) for w in following[:3]))
    return found


_BREAK = re.compile(r"[,;:]\s|\.\s")


_ABOVE = (
    r"no(?:t)? less than|not under|not fewer than|more than|over|above|greater than|higher than|at least"
    r"|exceed(?:s|ing)?|beyond"
)
_BELOW = r"less than|under|below|fewer than|lower than"
_UP_TO = r"up to|at most|no(?:t)? more than|not over|not above|as much as|as many as|maximum of"
_BOUND = re.compile(
    rf"(?:\b(?:(?P<upto>{_UP_TO})|(?P<above>{_ABOVE})|(?P<below>{_BELOW}))\s+(?:a |an |the |about |~|\$)?"
    r"|(?P<gt>[>≥])\s*|(?P<lt>[<≤])\s*)(?=[\d.]|" + "|".join(_SPELLED[2:]) + ")"
)
_SIGNS = {"gt": "above", "lt": "below"}


def bounds(text: str) -> dict[str, str]:
    """The bound that stands before a number: `above`, `below` or `upto`, by number.

    >>> bounds("more than 99% with up to 3 tasks, 5 models")
    {'99%': 'above', '3': 'upto'}
    """
    text = plain(text)
    found = {}
    for match in _BOUND.finditer(text):
        number = _NUMBER.match(text, match.end()) or _SPELLED_NUMBER.match(text, match.end())
        if number:
            value = _canonical(number) if number.re is _NUMBER else _spelled(number)
            kind = next(kind for kind, words in match.groupdict().items() if words)
            found[value] = _SIGNS.get(kind, kind)
    return found


_COUNTED = re.compile(r"[^,;:.()%\d]{0,60}")


def miscounted(claim: str, evidence: str) -> str:
    """A plain number that counts other things in the claim than in the evidence; empty when none does.

    What it counts are the first three content words behind it.

    >>> miscounted("203 contributors in 1,218 districts", "1,218 contributors located in 203 districts")
    '203'
    """
    there = _counted(evidence)
    for number, things in _counted(claim).items():
        if things and there.get(number) and not things & there[number]:
            return number
    return ""


def _counted(text: str) -> dict[str, set[str]]:
    text = plain(text)
    found: dict[str, set[str]] = {}
    for match in _NUMBER.finditer(text):
        if not match["percent"]:
            behind = _COUNTED.match(text, match.end())
            words = [t for t in tokens(behind[0] if behind else "") if t not in STOP_WORDS]
            found.setdefault(_canonical(match), set()).update(stem(w) for w in words[:3])
    return found


_RANGE = re.compile(
    r"\bfrom\s+(?:about |around |~)?([\d.,]+)\s?%?\s+(?:up |down )?to\s+(?:about |around |~)?([\d.,]+)"
)


def reversed_range(claim: str, evidence: str) -> bool:
    """Whether a "from X to Y" of the claim stands the other way round in the evidence, or nowhere.

    >>> reversed_range("from 46.7% to 35.6%", "improves from 35.6% to 46.7%")
    True
    """
    there = [tuple(n.rstrip(".,") for n in m.groups()) for m in _RANGE.finditer(plain(evidence))]
    ends = [tuple(n.rstrip(".,") for n in m.groups()) for m in _RANGE.finditer(plain(claim))]
    return bool(there) and any(end not in there for end in ends)


_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|large|big|long|fast|often|high|low|small|far)\b|\bwhat (?:percent|percentage|share|fraction|number"
    r"|year|size|accuracy|score|gain|drop|improvement|speedup|wer|bleu)\b|\bwhich year\b|\bby what (?:factor|margin)\b"
    r"|\bwhat is the (?:number|size|percentage|average)\b|\bhow (?:\w+ ){0,2}(?:points|percent)\b"
)


def wants_number(question: str) -> bool:
    """Whether only a number (a count, a share, a year, a size) can answer the question."""
    return _ASKS_NUMBER.search(" ".join(tokens(question))) is not None


_BASELINE = re.compile(
    r"\b(?:compar(?:ed|ing|able|es?)(?: \w+)? (?:to|with|against)|relative to|(?:more|less) (?:\w+ )?than|than|over|against"
    r"|versus|vs\.?|unlike|outperform\w*|surpass\w*|exceed\w*|beat(?:s|ing)?|underperform\w*|(?:im|ap)prov\w+ (?:over|upon)"
    r"|behind)\b(?P<rest>[^,;:.]*)",
    re.IGNORECASE,
)


def baselines(text: str) -> frozenset[str]:
    """Names that something is compared with in a text: those behind "than", "outperforms", "compared to".

    >>> sorted(baselines("Sylber beats HuBERT, and is faster than wav2vec."))
    ['hubert', 'wav2vec']
    """
    return frozenset(name for m in _BASELINE.finditer(text) for name in names(f"so {m['rest']}"))


def turned_comparison(claim: str, evidence: str, own: frozenset[str]) -> str:
    """A name that a claim compares the other way round than the evidence; empty when it turns none.

    Args:
        claim: the sentence.
        evidence: what it is held against.
        own: names of the paper's own work, which the evidence often calls "we" or "our model".

    >>> turned_comparison("HuBERT gains 5% compared to w2v-BERT.", "Compared to HuBERT, our model gains 5%.", frozenset({"w2v"}))
    'hubert'
    """
    beaten, there = baselines(claim), baselines(evidence)
    if not beaten or not there:
        return ""
    ahead = names(f"so {claim}") - beaten
    elsewhere = names(f"so {_BASELINE.sub(' ', evidence)}")
    if turned := sorted((ahead & there) - elsewhere - own):
        return turned[0]
    return next(iter(sorted((beaten & own) - there)), "")
