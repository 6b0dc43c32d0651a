"""British and American spellings of one word, so that a question in the one meets an abstract in the other."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["american", "spellings"]

_ISE = re.compile(r"(?<=[a-z]{4})is(?=(?:e[ds]?|ing|ers?|ations?)$)")
_NO_ISE = re.compile(
    r"(?:prom|exerc|prec|ra|no|prem|compr|rev|adv|superv|surpr|disgu|enterpr|expert|franch|improv|telev|compromi|dev|conc)is"
)
_IZE = re.compile(r"(?<=[a-z]{4})iz(?=(?:e[ds]?|ing|ers?|ations?)$)")
_OUR = re.compile(r"^(behavi|tum|col|fav|neighb|lab|flav|hon|hum|vap|rum|harb|od|rig|vig|arm)our")
_OR = re.compile(r"^(behavi|tum|col|fav|neighb|lab|flav|hon|hum|vap|rum|harb|od|rig|vig|arm)or")
_DOUBLED = (
    r"(?:label|model|signal|travel|cancel|tunnel|channel|level|counsel|fuel|panel|equal|marshal|total|rival)"
)
_LL = re.compile(rf"^((?:[a-z]{{2,5}})?{_DOUBLED})l(?=(?:ed|ing|ings|er|ers)$)")
_L = re.compile(rf"^((?:[a-z]{{2,5}})?{_DOUBLED})(?=(?:ed|ing|ings|er|ers)$)")
_PARTS = tuple(
    pair.split("/")
    for pair in "haem/hem anaem/anem aemi/emi paed/ped oestr/estr oedem/edem foet/fet faec/fec anaesth/anesth rrhoea/rrhea"
    " oesoph/esoph gynaec/gynec"
    " aetiolog/etiolog dyspnoea/dyspnea leucocyt/leukocyt coeliac/celiac caec/cec sulph/sulf artefact/artifact".split()
)
"""Parts of words, British and American; a word that does not exist finds nothing and does no harm."""
_WHOLE = dict(
    pair.split("/")
    for pair in "programme/program programmes/programs centre/center centres/centers centred/centered fibre/fiber fibres/fibers"
    " metre/meter metres/meters offence/offense analyse/analyze analysed/analyzed analysing/analyzing catalyse/catalyze"
    " catalysed/catalyzed hydrolysed/hydrolyzed paralysed/paralyzed"
    " litre/liter litres/liters theatre/theater theatres/theaters tyre/tire tyres/tires grey/gray mould/mold moulds/molds"
    " licence/license licences/licenses defence/defense judgement/judgment judgements/judgments ageing/aging"
    " catalogue/catalog catalogues/catalogs aeroplane/airplane aeroplanes/airplanes aluminium/aluminum".split()
)
_BACK = {ours: british for british, ours in _WHOLE.items()}


def american(word: str) -> str:
    """A word in small letters in its American spelling.

    >>> american("summarising"), american("tumours"), american("leukaemia"), american("labelled")
    ('summarizing', 'tumors', 'leukemia', 'labeled')
    """
    if "our" in word:
        word = _OUR.sub(r"\1or", word)
    if "is" in word and not _NO_ISE.search(word):
        word = _ISE.sub("iz", word)
    if "ll" in word:
        word = _LL.sub(r"\1", word)
    for british, ours in _PARTS:
        if british in word:
            word = word.replace(british, ours)
    return _WHOLE.get(word, word)


@lru_cache(maxsize=65536)
def spellings(word: str) -> tuple[str, ...]:
    """A word in small letters as it is and as it may be spelled across the ocean, without repeats.

    >>> spellings("optimisation"), spellings("hematology"), spellings("speech")
    (('optimisation', 'optimization'), ('hematology', 'haematology'), ('speech',))
    """
    british = _L.sub(r"\1l", _OR.sub(r"\1our", _IZE.sub("is", _BACK.get(word, word))))
    for there, here in _PARTS:
        if here in british and there not in british:
            british = british.replace(here, there)
    return tuple(dict.fromkeys((word, american(word), british)))
