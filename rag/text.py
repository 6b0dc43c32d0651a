"""Text as people read it and as words are counted: normalising, sentences, content words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from rag.spelling import american

_STEMMER = snowballstemmer.stemmer("english")

# Words that carry grammar and no content; kept small on purpose: "not", "more", "without" mean something.
STOP_WORDS = frozenset(
    "a about above after again all also although am an and any are as at be because been before being "
    "below between both but by can could did do does doing done during each either etc few for from "
    "further had has have having he her here hers him his how however i if in into is it its itself just let "
    "may me might must my of off often on once one only onto or other our out over own per rather s same "
    "shall she should so some such t than that the their them then there therefore these they this those "
    "through thus to too under until up upon us very via was we were what when where whether which while who "
    "whom whose why will with within would you your".split()
)

_LATEX_COMMAND = re.compile(
    r"\\(?:textbf|textit|texttt|textsc|textrm|textsf|text|emph|mathrm|mathbf|mbox|underline|url|href\{[^{}]*\})"
    r"\s*\{([^{}]*)\}"
)
_LATEX_SWITCH = re.compile(r"\{\\(?:em|bf|it|tt|sc|rm|sf)\s+([^{}]*)\}")
_LATEX_ESCAPE = re.compile(r"\\([%&#_${}])")
_LATEX_TIE = re.compile(r"(?<=[\w.,;:)\]}%$])~|(?<=\s)~(?=[^\d\s])")
_LATEX_REFERENCE = re.compile(r"~?\\(?:cite[tp]?|ref|label|footnote)\{[^{}]*\}")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ADDRESS = re.compile(r"\S*(?:://|www\.|\w\.\w+/)\S*")


def readable(raw: str) -> str:
    r"""The text without LaTeX leftovers, control characters and invisible ones, white space single.

    Mathematics between dollar signs stays as it is.

    >>> readable(r"wav2vec~2.0 shows~5\% to~10\% -- a \emph{relative} gain, ``for free''")
    'wav2vec 2.0 shows 5% to 10% – a relative gain, “for free”'
    """
    text = raw if raw.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFC", raw))
    text = _CONTROL.sub(" ", text)
    if not any(mark in text for mark in _MARKS):
        return " ".join(text.split())
    prose = "".join(
        part if place % 2 else _without_latex(part) for place, part in enumerate(_MATHEMATICS.split(text))
    )
    return " ".join(word if _ADDRESS.fullmatch(word) else _dashes(word) for word in _words(prose))


_MARKS = ("\\", "$", "~", "``", "''", "--")
"""Without one of these there is nothing of LaTeX in a text, which most have not."""
_MATHEMATICS = re.compile(r"((?<!\\)\$[^$]{1,200}(?<!\\)\$)")


def _words(text: str) -> list[str]:
    """Words at blanks, a formula staying one word with what it touches."""
    return re.findall(r"(?:(?<!\\)\$[^$]{1,200}(?<!\\)\$|\S)+", text)


def _without_latex(text: str) -> str:
    text = _LATEX_REFERENCE.sub("", text)
    text = _LATEX_SWITCH.sub(r"\1", _LATEX_COMMAND.sub(r"\1", _LATEX_COMMAND.sub(r"\1", text)))
    text = _LATEX_TIE.sub(" ", text).replace("``", "“").replace("''", "”")
    return _LATEX_ESCAPE.sub(r"\1", text)


def _dashes(word: str) -> str:
    if "$" in word:
        return word
    return word.replace("---", "—").replace("--", "–")


def plain(text: str) -> str:
    """The text as it is searched and compared: compatibility forms folded, lower case, plain dashes.

    >>> plain("Vision–Language ﬁne‑tuning")
    'vision-language fine-tuning'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[\u2010-\u2015\u2212]", "-", folded).replace("’", "'")


_ABBREVIATIONS = frozenset(
    "e.g i.e et al vs cf resp approx fig figs eq eqs sec secs no nos vol pp ref refs ch dr prof mr mrs ms st "
    "inc ltd co viz w.r.t a.k.a ca appx dept univ incl def thm "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_BOUNDARY = re.compile(r"""(?P<end>[.!?…]+["'”’)\]]*)(?P<gap>\s+)(?=(?P<next>\S+))""")


def sentences(text: str) -> list[str]:
    """Split scientific prose into sentences.

    A full stop ends a sentence when what follows can begin one (a capital, a digit, a bracket, a
    quotation mark, or a name such as "wav2vec") and what precedes is neither an abbreviation nor an
    initial. In a text without capitals any word can begin one. Enumerations inside a sentence stay in it.

    >>> sentences("Su et al. (2022) propose SimCTG, e.g. for GPT-2. It gains 4.5%. w2v-BERT does too.")
    ['Su et al. (2022) propose SimCTG, e.g. for GPT-2.', 'It gains 4.5%.', 'w2v-BERT does too.']
    """
    pieces: list[str] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        anything_begins = text[: match.end()].islower()
        if _ends_sentence(text, match, anything_begins):
            pieces.append(text[start : match.end("end")].strip())
            start = match.end("gap")
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def _ends_sentence(text: str, match: re.Match[str], anything_begins: bool) -> bool:
    following = match["next"]
    if not (anything_begins or _can_begin(following)):
        return False
    if match["end"][0] != ".":
        return True
    before = text[max(0, match.start() - 24) : match.start()].split()
    word = before[-1].lstrip("([\"'“").casefold() if before else ""
    if word in _ABBREVIATIONS:
        return False
    initial = len(word) == 1 and word.isalpha() and before[-1].isupper()
    beside = len(before) > 1 and (before[-2][:1].isupper() or re.fullmatch(r"[A-Z]\.", following))
    return not (initial and following[:1].isupper() and beside)


_ENUMERATOR = re.compile(r"\((?:[ivx]+|[a-h])\)")


def _can_begin(word: str) -> bool:
    if _ENUMERATOR.match(word):
        return True
    bare = word.lstrip("\"'“‘([{*_-–•$")
    if not bare:
        return False
    return (
        bare[0].isupper()
        or bare[0].isdigit()
        or any(c.isupper() or c.isdigit() for c in bare)
        or bare[0] == "\\"
    )


_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, without the punctuation around them.

    >>> written_words("What is “Sylber”, w2v-BERT?")
    ['What', 'is', 'Sylber', 'w2v-BERT']
    """
    return [word.strip("\"'“”‘’.,;:!?()[]") for word in text.split()]


def tokens(text: str) -> list[str]:
    """Words of the text in `plain` form, hyphens separating, in order, grammar words included.

    >>> tokens("Pre-training GPT-3's 5.5% gain")
    ['pre', 'training', 'gpt', '3', '5.5', 'gain']
    """
    return [t.removesuffix("'s") for t in _WORD.findall(plain(text))]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Snowball (Porter2) stem of a word in lower case, in its American spelling.

    >>> stem("summarising") == stem("summarization"), stem("tumours") == stem("tumor")
    (True, True)
    """
    return str(_STEMMER.stemWord(american(word)))


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry content, in order, repeats kept.

    >>> content_stems("How does it scale?")
    ['scale']
    """
    return [stem(t) for t in tokens(text) if t not in STOP_WORDS]
