"""The text of an answer as HTML: sentences with their citations, quotations apart, comparisons side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rag.records import Answer, CheckedSentence, CitedPaper, Shape, Support
from rag.understand import short_name
from ui.language import deferred, in_english, said
from ui.markup import line, plain
from ui.sources import evidence_anchor, source_anchor

HINT = 600
"""Characters of a supporting sentence that a citation shows when pointed at."""
_MARKS = {
    "checked": deferred("written by the model and checked against the abstract"),
    "quoted": deferred("quoted word for word from the abstract"),
    "partly": deferred("partly supported by the abstract"),
}
"""What the mark at a citation means, by its kind; the style sheet gives each kind a sign of its own."""


def text(answer: Answer, number: int, *, show_removed: bool = False) -> str:
    """What was written, with citations; then what the abstracts say themselves.

    Args:
        number: which exchange of the conversation it is; part of every anchor.
        show_removed: whether sentences that were taken out stand struck through at the end.
    """
    struck = _struck(answer.removed) if show_removed else ""
    if answer.question.shape is Shape.LIST:
        items = "".join(f"<li>{_sentence(s, answer, number)}</li>" for s in answer.sentences)
        return (f'<ul class="fn-text">{items}</ul>' if items else "") + struck
    if len({c.paper.id for c in answer.papers}) > 1:
        return _side_by_side(answer, number, struck)
    return _paragraphs(answer.sentences, answer, number, struck)


def _side_by_side(answer: Answer, number: int, struck: str) -> str:
    """A comparison: what rests on several papers, then a column for each of them."""
    shared = [s for s in answer.sentences if len(s.citations) != 1]
    columns = ""
    for cited in answer.papers:
        own = [s for s in answer.sentences if s.citations == (cited.number,)]
        if own:
            head = f'<h3 class="fn-side">{plain(short_name(cited.paper))}</h3>'
            columns += f"<div>{head}{_paragraphs(own, answer, number, draft=False)}</div>"
    above = _paragraphs(shared, answer, number)
    return f'{above}<div class="fn-sides">{columns}</div>{struck}'


def _paragraphs(
    sentences: Sequence[CheckedSentence], answer: Answer, number: int, struck: str = "", draft: bool = True
) -> str:
    """Written sentences as one paragraph, what is not checked yet behind them; quotations apart, below."""
    written = [_sentence(s, answer, number) for s in sentences if not s.quoted]
    quotes = "".join(f"<p>{_sentence(s, answer, number)}</p>" for s in sentences if s.quoted)
    if draft and answer.draft.strip():
        unchecked = in_english(plain(answer.draft))
        written.append(f'<span class="fn-draft" title="{said("not checked yet")}">{unchecked}</span>')
    paragraph = line("fn-text", " ".join(written)) if written else ""
    label = f'aria-label="{said("In the abstract’s own words")}"'
    quoted = f'<blockquote class="fn-quotes" {label}>{quotes}</blockquote>' if quotes else ""
    return paragraph + struck + quoted


def _struck(removed: Sequence[CheckedSentence]) -> str:
    """What the model wrote and no abstract carries, where it would have stood."""
    sentences = " ".join(f"<del>{in_english(plain(s.text))}</del>{because(s)}" for s in removed)
    return (
        line("fn-struck", f'<span class="sr-only">{said("Removed:")} </span>{sentences}') if removed else ""
    )


def because(sentence: CheckedSentence) -> str:
    """Why a sentence was taken out."""
    return f" <span>({plain(sentence.reason)})</span>" if sentence.reason else ""


def _sentence(sentence: CheckedSentence, answer: Answer, number: int) -> str:
    papers = {c.number: c for c in answer.papers}
    cited = [papers[n] for n in sentence.citations if n in papers]
    marks = "".join(_citation(c, sentence, number) for c in cited)
    partly = ""
    if sentence.support is Support.PARTLY:
        partly = f' <span class="fn-partly">{said("partly supported")}</span>'
    return f'<span class="fn-sentence">{in_english(_worded(sentence.text, cited))}{marks}{partly}</span>'


def _worded(words: str, cited: Sequence[CitedPaper]) -> str:
    """The sentence; where it begins with the title of its one paper, as in a list, that stands out."""
    title = cited[0].paper.title if len(cited) == 1 else ""
    if title and words.startswith(f"{title}: "):
        return f"<b>{plain(title)}</b>&#58; {plain(words[len(title) + 2 :])}"
    return plain(words)


def _citation(cited: CitedPaper, sentence: CheckedSentence, number: int) -> str:
    """The mark `[1]`: a link to the very sentence of the abstract, which it shows when pointed at."""
    resting = [e for e in sentence.evidence if e.paper_id == cited.paper.id]
    target = evidence_anchor(number, cited, resting[0]) if resting else source_anchor(number, cited)
    support = plain(resting[0].text[:HINT] if resting else cited.paper.title)
    kind = _kind(sentence)
    name = f"{said('Source')} {cited.number}: {plain(cited.paper.title)}, {said(_MARKS[kind])}"
    shown = f'data-kind="{kind}" data-support="{support}" data-title="{plain(cited.paper.title)}"'
    return (
        f'&nbsp;<a class="fn-cite" href="#{target}" {shown} aria-label="{name}">&#91;{cited.number}&#93;</a>'
    )


def _kind(sentence: CheckedSentence) -> str:
    if sentence.support is Support.PARTLY:
        return "partly"
    return "quoted" if sentence.quoted else "checked"
