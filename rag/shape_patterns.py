"""Questions that want a list: which papers, which people, everything on a topic.

Three families of patterns over the words of a question. Some ask for papers in so many words; some
ask so even where the papers that are wanted compare something; and some ask without saying "paper"
("who uses …", "work on …", "anything on …"). The last ones read as facts where a second question follows.
"""

from __future__ import annotations

import re

__all__ = ["wants_list", "wants_list_even_of_comparisons"]


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# --- papers, in so many words ---

_KINDS = r"(?:papers|works|studies|articles|abstracts|documents|publications|surveys|theses|reviews|preprints|entries|titles)"

_PAPERS = _any_of(
    # "which papers", "how many of the recent studies", "are there any surveys"
    r"\b(?:which|what|how many|any|list|name|find|show|all|give me|enumerate|recommend|are there|every|collect|gather)\b"
    rf"[^.?!]{{0,40}}?\b{_KINDS}\b",
    # "every paper", "any survey"
    r"\b(?:every|each|all(?: the)?|any|list(?: the)?)\b[^.?!]{0,40}?"
    rf"(?:(?<!\bthe )\b(?:paper|survey|article|overview|study|thesis)|\b{_KINDS})\b",
    # "what work here", "papers" at the start, "which ones", "which of them"
    r"^what work (?:in|of|here|on)\b|^\W*(?:papers|works|studies|articles|surveys|abstracts)\b",
    r"\bwhich of (?:them|these|those|the papers)\b|^\W*which ones\b",
    # "which models in the library"
    r"\b(?:which|what) (?:of (?:the|these) )?(?:models|methods|approaches|systems|datasets|benchmarks)\b.{0,60}"
    r"\b(?:in (?:the|this) (?:library|collection|corpus)|are there)\b",
    # "papers on", "studies that"
    r"\b(?:papers|works|studies|articles|abstracts|publications|surveys) (?:on|about|that|which|who|whose|using|with|for|where"
    r"|in which|dealing|proposing|from|covering|concerning|mentioning|by)\b",
    # "everything you have on", "what do we have about", "what is there on"
    r"\b(?:everything|anything|all) (?:you have |we have |there is |in here |here )?(?:on|about|concerning|dealing with)\b",
    r"\bwhat (?:do|have) (?:we|you|i) (?:have |got )*(?:on|about)\b",
    r"\bwhat(?:'s| is| do we have| have we)(?: there)? on [^?.!]+[?.!\s]*$",
    # "list every", "list the literature", "name them all"
    r"\b(?:list|enumerate|name|collect|gather) (?:me )?(?:all|every|each|everything|everyone)\b",
    r"^\W*(?:list|show me|give me) (?:the |all )*(?:work|research|literature)\b|\b(?:name|list) (?:them )?all\b",
    # "which trials were"
    r"^\W*(?:which|what) (?:experiments|trials|investigations|evaluations|analyses) (?:were|was|are|have been|use)\b",
)

_PAPERS_EVEN_OF_COMPARISONS = _any_of(
    r"^\W*(?:which|what|list|find|show|any|name|are there|give me)(?: me| all| the)*"
    r" (?:(?!(?:did|do|does|was|were|is|are|has|have|had|can|could|should|will|would)\b)\w+ )?"
    r"(?:papers|studies|works|articles|abstracts|publications|experiments|trials)\b(?!.*[:,] .* or )"
)

_COUNTED = (
    r"(?:includ|screen|identif|review|exclud|analy[sz]|select|retriev|annotat|collect|examin|pool|consider|cover|read|crawl"
    r"|summari[sz]|contain|hold|compris|survey|find|discard|reject)(?:e|y|i?ed)?\b"
)
_HELD_HERE = r"(?!.*\b(?:library|collection|here|you|we)\b)"
_ANOTHERS = _any_of(
    # "how many studies were included in the meta-analysis", "which articles were excluded"
    rf"\bhow many (?:[\w-]+ ){{0,3}}{_KINDS} (?:were|was|are|have been|had been) (?:\w+ly )?"
    rf"(?:{_COUNTED}|eligible\b){_HELD_HERE}",
    rf"\b(?:which|what) {_KINDS} (?:were|was|are) (?:\w+ly )?(?:includ|exclud|screen|annotat|select|pool|discard|reject)ed\b"
    rf"{_HELD_HERE}",
    rf"\bhow many (?:[\w-]+ ){{0,3}}{_KINDS} (?:met|fulfilled|satisfied|qualified)\b",
    # "how many papers does the corpus contain", and not "how many papers do you have"
    rf"\bhow many (?:[\w-]+ ){{0,3}}{_KINDS} (?:do|does|did) (?:the|this|that|these|it|they)\b{_HELD_HERE}[^?]*\b{_COUNTED}",
    # "which articles did the readers trust", "which surveys were the data from", and not "which papers are the newest"
    rf"\b(?:which|what) {_KINDS} (?:do|does|did|is|are|was|were) (?:the|these|its|their)"
    r" (?!library|collection|most|best|first|last|ones?\b|only|main|newest|latest|earliest|oldest|longest|authors? of)",
)
"""Papers that a paper counts or chooses from: these are facts of that paper."""

# --- a list, without the word "paper" ---

_START = (
    r"^\W*(?:(?:hi|hello|hey|please|ok|okay|so|well|also|and|now|just)\b\W+)*"
    r"(?:(?:i (?:was |am |'m )?wonder(?:ing)?|i (?:want|need|'d like|would like) to know|(?:(?:can|could) you )?tell me"
    r"|do you know(?: of)?)\W+)?"
)
"""The start of a question, after what is polite."""

_REGULAR = (
    r"(?:us|appl|employ|exploit|adopt|adapt|train|fine-?tun|tun|stud|examin|investigat|explor|analy[sz]|look|address|tackl"
    r"|handl|treat|consider|discuss|work|tr|attempt|test|evaluat|assess|measur|quantif|estimat|predict|detect|model|simulat"
    r"|compar|contrast|relat|link|connect|associat|attribut|explain|describ|report|present|publish|releas|demonstrat|observ"
    r"|document|argu|claim|question|propos|introduc|develop|creat|construct|design|implement|collect|compil|annotat|extend"
    r"|combin|merg|integrat|extract|generat|translat|mapp?|identif|validat|replicat|survey|review|target|track|monitor"
    r"|record|focus|rel|participat|transplant|implant|inject|cultur|sequenc|imag|screen|block|inhibit|mention|cit|cover"
    r"|provid|offer)"
)
"""What researchers do, without endings."""
_DO = rf"(?:{_REGULAR}(?:e|y)?|build|make|find|show|deal|write)\b"
_DOES = rf"(?:{_REGULAR}(?:e?s|ies)|builds|makes|finds|shows|deals|writes|takes(?= an?\b)|draws(?= on\b))\b"
_DOING = rf"(?:{_REGULAR}y?ing|building|making|finding|showing|dealing|doing|writing)\b"
_DONE = rf"(?:{_REGULAR}i?ed|built|made|found|shown|dealt|done|written)\b"
_SERVE = (
    rf"(?:{_DO}|{_DOES}|are {_DOING}|(?:do|avoid|reduce|solve|improve|support|help|need|require|run|outperform)(?:e?s)?\b"
    r"|can\b|(?:have|has)\b(?! been))"
)
"""What things may do that are looked for."""
_STUDIED = r"(?:used|applied|studied|examined|investigated|explored|analy[sz]ed|looked (?:at|into)|worked (?:on|with)|tried)\b"
"""What many may have done, unlike "who proposed …", which names one."""
_ONE = r"(?! (?:the|this|that|these|those|it|its|them|their|your)\b)"
"""Not followed by one certain thing."""
_POINTED = r"(?! (?:it|them|this|that|these|those)\b)"
"""Not followed by what was spoken of before."""
_FINDING = r"(?! (?:how|whether|if|that|what|which|why|when|where)\b)"
"""Not followed by what was to be found out: that is a fact."""
_OFTEN = r"(?: (?:ever|already|yet|also|else|here|actually|really|so far|previously|before))*"

_WORK = (
    r"(?:papers|studies|works?|research|literature|articles|publications|surveys|reviews|theses|trials|preprints"
    r"|efforts|attempts)"
)
"""What is looked for, in a word."""
_WHATEVER = (
    r"(?:everything|anything|something|whatever (?:there is|exists|(?:you|we) have)"
    r"|all(?= (?:that|which|who|with|using|on|about)\b)|(?:things|stuff|material|references|sources)(?= (?:on|about|for)\b))"
)
_THINGS = r"(?:approaches|methods|systems|models|datasets|corpora|tools|resources|techniques|benchmarks)"
"""What papers are about."""
_WORD = r"(?:(?!(?:the|this|that|these|those|its?|their|what|which|whose|how|do|does|did|can|is|are)\b)\w+ )"
"""A word that points to nothing certain."""
_SOME = (
    r"(?:(?:all|any|some|more|most|much|other|further|similar|recent|new|existing|previous|prior"
    r"|earlier|relevant|related)(?: the)? )"
)
"""How much of it, or of which time."""
_ABOUT = r"(?:in|on|into|of|about|to|for|with|by|from|against|around|at|regarding|concerning|that|which|who|whose|where|\w+ing)"

_PEOPLE = (
    # "who uses TED talks", "who has built a …", "who is working on …", "who studied …", "who else"
    rf"who(?: all)?{_OFTEN} {_DOES}{_POINTED}(?!.* first\b)",
    rf"who{_OFTEN} (?:has|have){_OFTEN} {_DONE}{_ONE}",
    rf"who{_OFTEN} (?:is|are|has been|have been){_OFTEN} {_DOING}",
    rf"who{_OFTEN} {_STUDIED}{_ONE}(?!.* first\b)|who else\b(?! (?:is|was) (?:an? |the )?author)",
    # "which groups work on …", "researchers who …"
    rf"(?:which|what) (?:\w+ )?(?:groups|teams|labs|authors|researchers){_OFTEN}"
    rf" (?:{_DO}|have{_OFTEN} {_DONE}|are{_OFTEN} {_DOING}){_POINTED}",
    rf"(?:any |all )?(?:groups|teams|labs|authors|researchers|everyone|everybody)"
    rf" (?:(?:who|that) (?:{_DO}|{_DOES}|have {_DONE})|{_DOING})",
    # "has anyone measured …", "did anybody use …", "anyone working on …"
    rf"(?:has|have|did|does|do|is|are) (?:any(?:one|body)|some(?:one|body)|any (?:group|team|researcher|author)s?){_OFTEN}"
    rf" (?:been )?(?:{_DO}|{_DONE}|{_DOING}){_FINDING}{_POINTED}",
    rf"any(?:one|body)(?: who(?: has)?)?{_OFTEN} (?:{_DO}|{_DOES}|{_DONE}|{_DOING}){_FINDING}",
)

_TOPICS = (
    # "research on …", "the literature about …", "attempts to …", "anything that uses …", "something to …"
    rf"{_SOME}*{_WORD}?{_WORK} {_ABOUT}\b|the (?:research|literature) (?:on|about|into)\b",
    rf"(?<!tell me ){_WHATEVER} {_ABOUT}\b|evidence (?:on|about|for|against|of)\b",
    rf"{_SOME}*{_WORD}?(?:experiments|investigations|projects) (?:on|into|about|of|with|using|that)\b",
    # "tools for …", "systems that do …", "the ones that …"
    rf"{_SOME}*{_WORD}?{_THINGS} (?:for\b|(?:that|which) {_SERVE})|{_SOME}*{_WORD}?approaches to\b",
    r"(?:list |show me |only )?(?:the ones|those) (?:that|which|who)\b|whose (?:work|research|papers|studies)\b",
    # "is there any research on …", "do you have something for …", "are there attempts to …"
    rf"(?:is|are|was|were|has|have) there(?: been)? {_SOME}*{_WORD}?{_WORK} {_ABOUT}\b",
    rf"(?:is|are|was|were|has|have) there(?: been)? {_WHATEVER} {_ABOUT}\b",
    rf"(?:do|have) (?:you|we)(?: have| got| know(?: of)?)? (?:{_WHATEVER}|{_SOME}*{_WORK}) {_ABOUT}\b",
    # "what work is there on …", "what research exists", "what attempts have been made"
    rf"(?:what|which) {_SOME}*(?:kinds? of )?{_WORD}?{_WORK}(?: (?:here|there))?"
    r" (?:is|are|was|were|exists?|has|have|do (?:we|you|i)|does (?:the|this|your) (?:library|collection))\b",
    # "what is there about …", "what else is out there on …", "what has been written on …", "what exists on …"
    r"what(?:'s| is| was)?(?: else)?(?: is)?(?: (?:out )?there| available| published| written) (?:on|about|for)\b",
    r"what else (?:is there|(?:do|have) (?:you|we|i))(?: have| got| know)?(?: here)? (?:on|about|that|for)\b",
    r"what(?: else)?(?: has|'s| have people| have researchers)(?: been)? (?:done|written|published|tried|attempted|said) \w+",
    rf"(?:what|which) {_THINGS} exist\b",
    r"(?:what|where) (?:can|could|should|do) i (?:read|look|find (?:something|anything|more|out))(?: \w+)? (?:on|about|for)\b",
    r"(?:an? )?(?:reading list|bibliography) (?:on|about|of|for)\b",
    # "other toolkits besides Moses"
    r"(?:are there |is there |any )*other [\w -]{3,60}? (?:besides|apart from|aside from|in addition to|other than)\b",
)

_ASK = (
    r"(?:\b(?:(?:look|search|hunt)(?:ing)? for|i(?:'d| would)? (?:need|want|like)|interested in|point me (?:to|at|towards?))"
    r"|(?:^\W*|[.:;,!?–—-] ?|\b(?:please|you|me|to) )"
    r"(?:recommend|suggest|gather|collect|enumerate|find|show|list|name|give|get|send|see|(?:bring|pull|dig) up))(?: me| us)?"
)
"""A request: "I am looking for", "point me to", "could you find me"."""
_HERE = (
    r"(?: (?:else|here|(?:in|from) (?:the|this|your|our) \w+|(?:that )?(?:you|we) (?:have|know)|there is))"
)

_REQUESTS = (
    # "I'm looking for work showing …", "recommend some literature on …", "show me everything here that …"
    rf"{_ASK} (?:(?:the (?!work (?:that|which|of)\b))?{_SOME}*{_WORD}?{_WORK}|{_WHATEVER}){_HERE}* {_ABOUT}\b",
    # "show me all systems that do …"
    rf"{_ASK} (?:all|any|every)(?: the| of the)?(?: [\w-]+){{1,3}}? (?:that|which|who) {_SERVE}",
)

_WITHOUT_THE_WORD = _any_of(
    *(rf"{_START}(?:{pattern})" for pattern in (*_PEOPLE, *_TOPICS)),
    *_REQUESTS,
)

_MORE_IS_ASKED = re.compile(
    r"(?:[?!.;:,]| [–—-]) ?(?:and |but |or |so )?(?:what|which|who|whose|how|why|when|where|did|does|do|is|are|was|were|can)\b"
    r"|\b(?:and|but) (?:what|which|how|why|when|where|whose|if so)\b"
    r"|\b(?:more|less|better|worse|best|most|fewer|(?:larg|bigg|small|long|short|high|low|fast|slow|earli)er)\b"
    r"[^?]*[:,] [^,?]+ or "
)
"""A second question, or two things to choose from: "who …, and what …?", "who … more, A or B?"."""

_ASKED_OF_IT = re.compile(
    r"^\W*(?:do|does|did|is|are|was|were|has|have)\b[^?]*(?:[,;]|\band) (?:and |so )?(?:how|why|when|where|what|by how much)\b"
    r"[^?]*\b(?:it|its)\b"
)
"""Whether there is one work, and something about it: "does any paper propose a watermark, and how robust is it?"."""

# --- key words ---

_EXCLUSION = re.compile(r"\b(?:but|not|except|other than|excluding|without|apart from|besides)\b.*")
_KEY_WORDS = re.compile(
    r"[^?!.:;]{3,80} (?:papers|studies|works?|research|literature|articles|publications|surveys|reviews|theses|trials|preprints"
    r"|descriptions|reports|tutorials)\W*"
)
"""Nouns that end in what is wanted: "breast cancer papers", "system descriptions, other than …"."""
_NOT_KEY_WORDS = frozenset(
    "the these those this that they it i you your my me us we our both who what which how why when where whose future is are"
    " was were do does did has have had can could would should will explain describe summarise summarize compare tell"
    " good great nice thanks".split()
)
"""Words of whole sentences, and of those that point to certain papers."""


def wants_list(text: str) -> bool:
    """Whether a question, in small letters, wants a list of papers.

    >>> wants_list("which papers use wordnet?"), wants_list("who wrote sylber?")
    (True, False)
    """
    asks = _PAPERS.search(text) is not None and not _ASKED_OF_IT.search(text) and not _ANOTHERS.search(text)
    return asks or _is_key_words(text)


def wants_list_even_of_comparisons(text: str) -> bool:
    """Whether it wants one even where the papers that are wanted compare something.

    >>> wants_list_even_of_comparisons("who compares transformers with recurrent networks?")
    True
    """
    if _PAPERS_EVEN_OF_COMPARISONS.search(text):
        return not _ANOTHERS.search(text)
    return _WITHOUT_THE_WORD.search(text) is not None and not _MORE_IS_ASKED.search(text)


def _is_key_words(text: str) -> bool:
    wanted = _EXCLUSION.sub("", text)
    return _KEY_WORDS.fullmatch(wanted) is not None and _NOT_KEY_WORDS.isdisjoint(re.findall(r"\w+", wanted))
