"""Conversations as HTML: pure functions from records to text."""

from __future__ import annotations

from collections.abc import Sequence

from rag.filters import said
from rag.records import Answer, Candidate, CheckedSentence, CitedPaper, Conversation, Exchange, Shape
from rag.understand import short_name
from ui.markup import line, plain
from ui.sources import evidence_anchor, source_anchor

NEAREST = 3
"""Papers named when the abstracts do not say."""
HINT = 300
"""Characters of a supporting sentence that a citation shows when pointed at."""
_STAGES = {
    "understanding": "Understanding the question",
    "searching": "Searching the papers",
    "reading": "Reading what was found",
    "writing": "Writing",
}


def log(conversation: Conversation, opening: str = "") -> str:
    """The whole conversation.

    Args:
        conversation: the exchanges so far, oldest first.
        opening: HTML that an empty conversation shows instead.
    """
    messages = "".join(message(exchange, number) for number, exchange in enumerate(conversation, 1))
    busy = "true" if any(exchange.running for exchange in conversation) else "false"
    attributes = f'role="log" aria-label="Conversation" aria-live="polite" aria-busy="{busy}"'
    return f'<div class="fn-messages" {attributes}>{messages or opening}</div>'


def message(exchange: Exchange, number: int) -> str:
    """A question and its answer as it stands.

    Args:
        exchange: the question with its newest snapshot.
        number: which one of the conversation it is; part of every anchor in it.
    """
    answer = exchange.answer
    parts = _answer(answer, number) if answer else []
    if exchange.running:
        parts.append(_progress(exchange))
    if exchange.problem:
        parts.append(line("fn-problem", plain(exchange.problem)))
    asked = f'<h2 class="fn-asked">{plain(exchange.asked)}</h2>'
    return f'<section class="fn-exchange">{asked}<div class="fn-answer">{"".join(parts)}</div></section>'


def _answer(answer: Answer, number: int) -> list[str]:
    parts = [_standalone(answer), _filters(answer), _remark(answer), _text(answer, number)]
    if answer.abstained:
        parts += [_nearest(answer.retrieved), _suggested(answer.suggestion)]
    if answer.stopped and answer.done:
        parts.append(line("fn-stopped", "Stopped."))
    parts += [line("fn-notice", plain(notice)) for notice in answer.notices]
    if answer.done:
        parts.append(_removed(answer.removed))
    return parts


def _standalone(answer: Answer) -> str:
    understood = answer.question
    if understood.standalone.split() == (understood.bare or understood.asked).split():
        return ""
    return line("fn-standalone", f"Understood as: {plain(understood.standalone)}")


def _filters(answer: Answer) -> str:
    """The conditions that papers had to meet, from the question's words or set beside it."""
    filters = said(answer.question.filters)
    return line("fn-standalone", f"Only papers {plain(filters)}") if filters else ""


def _remark(answer: Answer) -> str:
    return line("fn-remark", plain(answer.remark)) if answer.remark else ""


def _text(answer: Answer, number: int) -> str:
    """What was written, with citations; then what the abstracts say themselves."""
    if answer.question.shape is Shape.LIST:
        items = "".join(f"<li>{_sentence(s, answer, number)}</li>" for s in answer.sentences)
        return f'<ul class="fn-text">{items}</ul>' if items else ""
    if len({c.paper.id for c in answer.papers}) > 1:
        return _side_by_side(answer, number)
    return _paragraphs(answer.sentences, answer, number)


def _side_by_side(answer: Answer, number: int) -> str:
    """A comparison: what rests on several papers, then a column for each of them."""
    shared = [s for s in answer.sentences if len(s.citations) != 1]
    columns = ""
    for cited in answer.papers:
        own = [s for s in answer.sentences if s.citations == (cited.number,)]
        if own:
            head = f'<h3 class="fn-side">{plain(short_name(cited.paper))}</h3>'
            columns += f"<div>{head}{_paragraphs(own, answer, number, draft=False)}</div>"
    above = _paragraphs(shared, answer, number)
    return f'{above}<div class="fn-sides">{columns}</div>'


def _paragraphs(sentences: Sequence[CheckedSentence], answer: Answer, number: int, draft: bool = True) -> str:
    """Written sentences as one paragraph, what is not checked yet behind them; quotations apart, below."""
    written = [_sentence(s, answer, number) for s in sentences if not s.quoted]
    quotes = "".join(f"<p>{_sentence(s, answer, number)}</p>" for s in sentences if s.quoted)
    if draft and answer.draft.strip():
        written.append(f'<span class="fn-draft" title="not checked yet">{plain(answer.draft)}</span>')
    text = line("fn-text", " ".join(written)) if written else ""
    label = "In the abstract’s own words"
    return text + (
        f'<blockquote class="fn-quotes" aria-label="{label}">{quotes}</blockquote>' if quotes else ""
    )


def _sentence(sentence: CheckedSentence, answer: Answer, number: int) -> str:
    papers = {c.number: c for c in answer.papers}
    cited = [papers[n] for n in sentence.citations if n in papers]
    marks = "".join(_citation(c, sentence, number) for c in cited)
    return f'<span class="fn-sentence">{_said(sentence.text, cited)}{marks}</span>'


def _said(text: str, cited: Sequence[CitedPaper]) -> str:
    """The sentence; where it begins with the title of its one paper, as in a list, that stands out."""
    title = cited[0].paper.title if len(cited) == 1 else ""
    if title and text.startswith(f"{title}: "):
        return f"<b>{plain(title)}</b>&#58; {plain(text[len(title) + 2 :])}"
    return plain(text)


def _citation(cited: CitedPaper, sentence: CheckedSentence, number: int) -> str:
    """The mark `[1]`: a link to the very sentence of the abstract, which it shows when pointed at."""
    resting = [e for e in sentence.evidence if e.paper_id == cited.paper.id]
    target = evidence_anchor(number, cited, resting[0]) if resting else source_anchor(number, cited)
    hint = plain(resting[0].text[:HINT] if resting else cited.paper.title)
    name = f"Source {cited.number}: {plain(cited.paper.title)}"
    attributes = f'class="fn-cite" href="#{target}" title="{hint}" aria-label="{name}"'
    return f"&nbsp;<a {attributes}>&#91;{cited.number}&#93;</a>"


def _progress(exchange: Exchange) -> str:
    answer = exchange.answer
    stage = answer.stage if answer else "understanding"
    doing = _STAGES.get(stage, "Working")
    if answer and stage == "writing" and not answer.raw:
        doing = "Reading the evidence"
    return line("fn-progress", f"{doing}… <span>{int(exchange.seconds)} s</span>")


def _nearest(retrieved: Sequence[Candidate]) -> str:
    """Papers near an unanswered question, abstracts folded away. They support nothing."""
    if not retrieved:
        return ""
    folded = "".join(
        f"<details><summary>{plain(paper.title)}</summary>{line('fn-abstract', plain(paper.abstract))}</details>"
        for paper in (candidate.paper for candidate in retrieved[:NEAREST])
    )
    return f'<div class="fn-nearest"><p>Nearest papers</p>{folded}</div>'


def _suggested(question: str) -> str:
    """A question that the library answers, as a button that asks it."""
    button = f'<button type="button" class="fn-ask">{plain(question)}</button>'
    return f'<p class="fn-suggested">You could ask: {button}</p>' if question else ""


def _removed(removed: Sequence[CheckedSentence]) -> str:
    if not removed:
        return ""
    many = "1 sentence was" if len(removed) == 1 else f"{len(removed)} sentences were"
    struck = "".join(f"<li><del>{plain(s.text)}</del>{_because(s)}</li>" for s in removed)
    summary = f"<summary>{many} removed, for the abstracts do not carry what the model wrote</summary>"
    return f'<details class="fn-removed">{summary}<ul>{struck}</ul></details>'


def _because(sentence: CheckedSentence) -> str:
    return f" <span>({plain(sentence.reason)})</span>" if sentence.reason else ""


def status(model: str, engine: str, papers: int, notices: Sequence[str] = ()) -> str:
    """The line in the head: what answers, over how many papers, and what is degraded."""
    who = f"<b>{plain(model)}</b> on {plain(engine)}" if model else "<b>Quotations</b>, no language model"
    over = "1 paper" if papers == 1 else f"{papers:,} papers"
    return line("fn-status", f"{who} · {over}") + warnings(notices)


def warnings(notices: Sequence[str]) -> str:
    """What is degraded, one line each."""
    return "".join(line("fn-notice", plain(notice)) for notice in notices)


def greeting(questions: Sequence[str]) -> str:
    """What an empty conversation shows: questions to begin with, as buttons that ask them."""
    buttons = "".join(f'<button type="button" class="fn-ask">{plain(text)}</button>' for text in questions)
    return f'<div class="fn-opening"><h2>What would you like to know?</h2><div>{buttons}</div></div>'


def empty_library() -> str:
    """What an empty library shows."""
    link = '<a class="fn-link" href="#library">Library</a>'
    how = f"Drop files with papers on the page {link}, or fill it by a command and reload this page."
    commands = "<pre>make chat</pre><pre>footnote import FILE</pre>"
    return f'<div class="fn-opening"><h2>The library is empty</h2><p>{how}</p>{commands}</div>'


def problem(text: str) -> str:
    """What an unusable library shows."""
    return f'<div class="fn-opening"><h2>Something is in the way</h2>{line("fn-problem", plain(text))}</div>'
