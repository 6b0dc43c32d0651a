"""What the page shows, from records to HTML; whatever comes from outside stays text."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.records import (
    Answer,
    Candidate,
    CheckedSentence,
    CitedPaper,
    Conversation,
    EvidenceSentence,
    Exchange,
    Paper,
    Question,
    Shape,
    Support,
    Timings,
)
from ui import render, sources
from ui.conversation import GRACE, TURNS, Running, turns
from ui.markup import plain
from ui.suggestions import suggestions

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</mark></article></details><h1>gone</h1>",
    "![x](https://evil.example/pixel.png)",
    "[click](javascript:alert(1)) <javascript:alert(1)> https://evil.example",
    "${alert(1)} {{constructor}} $$\\href{javascript:alert(1)}{x}$$ `code` **bold** ~~gone~~ # head",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62;",
    "<!-- open comment <![CDATA[ <?php",
]
TAGS = set(
    "a article b blockquote button dd del details div dl dt form h2 h3 input li mark p pre section span summary ul".split()
)


class Page(HTMLParser):
    """Tags, attributes and text of a piece of HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag != "input":  # which has no end
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def of(self, kind: str) -> list[dict[str, str]]:
        """Attributes of the elements of a class."""
        return [attributes for _, attributes in self.tags if kind in attributes.get("class", "").split()]


def paper(number: int = 1, **changes: object) -> Paper:
    text = "We build a bird. It weighs 4.2 g. It sings."
    return replace(Paper(f"title:{number}", f"Bird {number}: A Study", text), **changes)  # type: ignore[arg-type]


def cited(number: int = 1, position: int = 1, **changes: object) -> CitedPaper:
    it = paper(number, **changes)
    return CitedPaper(number, it, (EvidenceSentence(it.id, position, "It weighs 4.2 g."),))


def answered(*papers: CitedPaper, **changes: object) -> Answer:
    shown = tuple(
        CheckedSentence("It weighs 4.2 g.", Support.SUPPORTED, c.evidence, citations=(c.number,))
        for c in papers
    )
    answer = Answer(
        Question("How heavy?", "How heavy?", Shape.FACT), sentences=shown, papers=papers, done=True
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def page(answer: Answer, number: int = 1) -> Page:
    return Page(render.message(Exchange("How heavy?", answer), number))


def everything(text: str) -> Answer:
    """An answer in which every field that comes from outside is this text."""
    it = paper(
        1,
        title=text,
        abstract=f"{text} It ends.",
        authors=(text,),
        venue=text,
        url=f"https://h.example/{text}",
    )
    evidence = tuple(EvidenceSentence(it.id, n, text) for n in (-1, 0, 1))
    sentence = CheckedSentence(text, Support.SUPPORTED, evidence, reason=text, citations=(1,))
    return Answer(
        Question(text, f"{text} too", Shape.FACT),
        remark=text,
        sentences=(sentence, replace(sentence, text=f"{text}: quoted")),
        draft=text,
        removed=(sentence,),
        papers=(CitedPaper(1, it, evidence),),
        retrieved=(Candidate(it, 1.0, 1.0, 1.0),),
        abstained=True,
        stopped=True,
        notices=(text,),
        done=True,
    )


def check_harmless(markup: str) -> Page:
    """Only our own tags and attributes are there, all closed, and between them nothing is markup."""
    parsed = Page(markup)
    assert not parsed.open
    for tag, attributes in parsed.tags:
        assert tag in TAGS
        assert not [
            name for name in attributes if name.startswith("on") or name in {"style", "src", "srcdoc"}
        ]
        href = attributes.get("href", "#")
        assert href.startswith(("#source-", "#chat?paper=", "https://")) or href == "#"
    between = re.sub(r"<[^>]*>|&#\d+;|&nbsp;", "", markup)
    assert not re.search(r"[\[\]`*_$\\<>{}~|#&\"']", between), between
    assert "\n" not in markup
    return parsed


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Wherever it comes from, it is read by people and by nothing else."""
    exchange = Exchange(text, everything(text), problem=text)
    for running in (False, True):
        conversation = (replace(exchange, running=running), replace(exchange, running=running))
        log = check_harmless(render.log(conversation))
        side = check_harmless(sources.panel(conversation))
        assert " ".join(text.split()) in " ".join(log.text.split())
        assert " ".join(text.split()) in " ".join(side.text.split())
    check_harmless(render.status(text, text, 3, [text]))
    check_harmless(render.greeting([text]))
    check_harmless(render.problem(text))


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    """No text at all becomes markup, and what can be read is kept."""
    parsed = Page(f'<p title="{plain(text)}">{plain(text)}</p>')
    assert [tag for tag, _ in parsed.tags] == ["p"]
    assert parsed.text == parsed.tags[0][1].get("title", "")
    assert [c for c in parsed.text if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({"url": "https://arxiv.org/abs/1"}, "https://arxiv.org/abs/1"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": " JaVaScRiPt:alert(1)"}, ""),
        ({"url": "data:text/html,x", "doi": "10.1/x"}, "https://doi.org/10.1/x"),
        ({"url": "//evil.example/x"}, ""),
        ({"url": "http://[broken"}, ""),
        ({"arxiv_id": "2410.07168"}, "https://arxiv.org/abs/2410.07168"),
        ({}, ""),
    ],
)
def test_only_web_addresses_are_links(known: dict[str, str], address: str) -> None:
    """A paper's own address first, then what its DOI or arXiv id leads to, never a script."""
    assert sources.link(paper(1, **known)) == address


def test_a_citation_leads_to_its_sentence() -> None:
    """The mark is a link to an anchor that the panel has, and carries the sentence and the title."""
    answer = answered(cited(1), cited(2))
    marks = page(answer, 3).of("fn-cite")
    side = Page(sources.panel((Exchange("a"), Exchange("b"), Exchange("c", answer))))
    anchors = {attributes["id"]: tag for tag, attributes in side.tags if "id" in attributes}
    assert [mark["href"] for mark in marks] == ["#source-3-1-2", "#source-3-2-2"]
    assert all(anchors[mark["href"].removeprefix("#")] == "mark" for mark in marks)
    assert marks[0]["data-support"] == "It weighs 4.2 g."
    assert marks[1]["aria-label"].startswith("Source 2: Bird 2: A Study, ")
    one = render.message(Exchange("How heavy?", answered(cited(1)), running=True), 1)
    assert Page(one).text.startswith("How heavy?It weighs 4.2 g.\xa0[1]")


def test_a_citation_says_how_its_sentence_is_supported() -> None:
    """Written and checked, quoted, or partly supported: a mark for the eyes, words for screen readers."""
    one = cited(1)
    partly = replace(answered(one).sentences[0], support=Support.PARTLY)
    it = page(answered(one, sentences=(*answered(one).sentences, quoted(one), partly)))
    marks = it.of("fn-cite")
    assert [mark["data-kind"] for mark in marks] == ["checked", "partly", "quoted"]
    assert "checked against the abstract" in marks[0]["aria-label"]
    assert "partly supported" in marks[1]["aria-label"]
    assert "word for word" in marks[2]["aria-label"]
    assert "partly supported" in it.text


def quoted(it: CitedPaper, text: str = "It sings.") -> CheckedSentence:
    part = EvidenceSentence(it.paper.id, 2, text)
    return CheckedSentence(f"“{text}”", Support.SUPPORTED, (part,), quoted=True, citations=(it.number,))


def parts_of(markup: str) -> list[str]:
    """The text of each paragraph, heading and quotation, in the order of the page."""
    found = re.findall(r"<(p|h3)(?: [^>]*)?>(.*?)</\1>", markup)
    return [f"{tag}: {Page(text).text}" for tag, text in found]


def test_what_was_written_stands_before_and_apart_from_the_quotations() -> None:
    """One paragraph of what was written, then the abstract's own words in a block of their own."""
    one = cited(1)
    answer = answered(one)
    answer = replace(answer, sentences=(*answer.sentences, quoted(one), quoted(one, "We build a bird.")))
    markup = render.message(Exchange("q", answer), 1)
    assert parts_of(markup) == [
        "p: It weighs 4.2 g.\xa0[1]",
        "p: “It sings.”\xa0[1]",
        "p: “We build a bird.”\xa0[1]",
    ]
    block = markup[markup.index("<blockquote") : markup.index("</blockquote>")]
    assert 'aria-label="In the abstract’s own words"' in block
    assert "4&#46;2" not in block
    assert block.count("<p>") == 2
    check_harmless(markup)


def test_quotations_are_there_before_anything_is_written() -> None:
    """While the model reads, the abstract speaks; a draft then stands above it."""
    one = cited(1)
    begun = replace(answered(one), sentences=(quoted(one),), stage="reading", done=False)
    markup = render.message(Exchange("q", begun, running=True), 1)
    assert parts_of(markup)[0] == "p: “It sings.”\xa0[1]"
    writing = replace(begun, stage="writing", draft="It wei", raw="It wei")
    markup = render.message(Exchange("q", writing, running=True), 1)
    assert parts_of(markup)[:2] == ["p: It wei", "p: “It sings.”\xa0[1]"]
    assert markup.index('class="fn-draft"') < markup.index("<blockquote")


def test_a_comparison_stands_in_columns() -> None:
    """What rests on both papers above, then a column for each: its name, what was written, its own words."""
    one, two = cited(1), cited(2)
    both = CheckedSentence(
        "Both weigh 4.2 g.", Support.SUPPORTED, (*one.evidence, *two.evidence), citations=(1, 2)
    )
    own = answered(one, two).sentences
    answer = answered(one, two, sentences=(both, *own, quoted(one), quoted(two)))
    markup = render.message(Exchange("q", answer), 1)
    assert parts_of(markup) == [
        "p: Both weigh 4.2 g.\xa0[1]\xa0[2]",
        "h3: Bird 1",
        "p: It weighs 4.2 g.\xa0[1]",
        "p: “It sings.”\xa0[1]",
        "h3: Bird 2",
        "p: It weighs 4.2 g.\xa0[2]",
        "p: “It sings.”\xa0[2]",
    ]
    it = check_harmless(markup)
    assert len(it.of("fn-sides")) == 1
    assert len(it.of("fn-side")) == len(it.of("fn-quotes")) == 2
    assert markup.index("Both weigh") < markup.index("fn-sides")


def test_what_is_being_written_about_two_papers_stands_above_the_columns_once() -> None:
    one, two = cited(1), cited(2)
    growing = answered(one, two, draft="Both we", done=False, stage="writing", raw="Both we")
    markup = render.message(Exchange("q", growing, running=True), 1)
    assert markup.count("Both we") == 1
    assert markup.index("Both we") < markup.index("fn-sides")


def test_one_paper_and_a_list_of_papers_have_no_columns() -> None:
    one, two = cited(1), cited(2)
    assert not page(answered(one)).of("fn-sides")
    listed = answered(one, two, question=Question("q", "q", Shape.LIST))
    assert not page(listed).of("fn-sides")


def test_anchors_are_unique_in_a_conversation() -> None:
    """The same paper cited by two answers has two cards, each with anchors of its own."""
    conversation = (Exchange("a", answered(cited(1))), Exchange("b", answered(cited(1), cited(2))))
    side = Page(sources.panel(conversation))
    anchors = [attributes["id"] for _, attributes in side.tags if "id" in attributes]
    assert len(anchors) == len(set(anchors)) == 6
    assert [a["id"] for a in side.of("fn-card")] == ["source-2-1", "source-2-2", "source-1-1"]
    assert len(side.of("fn-earlier")) == 1


def test_a_card_shows_the_paper_and_its_support() -> None:
    """Number, title, who, when, where, the whole abstract with the supporting sentence marked, a link."""
    who = {"authors": ("Ada Li", "Bo Xu"), "year": 2024, "venue": "BirdConf", "doi": "10.1/bird"}
    markup = sources.panel((Exchange("a", answered(cited(1, **who))),))
    assert Page(markup).text.startswith(
        "Source 1Bird 1: A StudyAda Li, Bo Xu · 2024 · BirdConf"
        "We build a bird. It weighs 4.2 g. It sings.Open at doi.org"
    )
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", markup) == [plain("It weighs 4.2 g.")]


def test_a_title_can_be_the_support() -> None:
    """An answer that rests on the title marks the title."""
    markup = sources.panel((Exchange("a", answered(cited(1, position=-1))),))
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", markup) == [plain("Bird 1: A Study")]


def test_only_cited_papers_are_sources() -> None:
    """What was found and is not cited gets no card."""
    found = (Candidate(paper(7), 1.0, 1.0, 1.0),)
    side = Page(sources.panel((Exchange("a", answered(retrieved=found, abstained=True, remark="No.")),)))
    assert not side.of("fn-card")
    assert side.text.startswith("The papers that an answer cites appear here.Also found (1)")


def test_abstention_names_the_nearest_papers() -> None:
    """Three titles with their abstracts folded away, and not a word of sources."""
    found = tuple(Candidate(paper(n), 1.0, 1.0, 1.0) for n in range(1, 6))
    it = page(answered(abstained=True, remark="The abstracts do not say.", retrieved=found))
    assert "The abstracts do not say." in it.text
    assert [tag for tag, _ in it.tags].count("details") == 3
    assert "Nearest papers" in it.text
    assert "ource" not in it.text


def test_a_draft_looks_unchecked() -> None:
    """What the model is writing stands apart from what is verified."""
    growing = answered(cited(1), draft="It also fl", done=False, stage="writing", raw="It")
    markup = render.message(Exchange("How heavy?", growing, seconds=3.7, running=True), 1)
    assert '<span class="fn-draft" title="not checked yet">It also fl</span>' in markup
    assert Page(markup).text.endswith("Writing… 3 s")


@pytest.mark.parametrize(
    ("stage", "raw", "words"),
    [
        ("understanding", "", "Understanding the question"),
        ("searching", "", "Searching the papers"),
        ("reading", "", "Reading what was found"),
        ("writing", "", "Reading the evidence"),
        ("writing", "It", "Writing"),
    ],
)
def test_the_stage_is_named(stage: str, raw: str, words: str) -> None:
    """Who waits sees what for and how long."""
    growing = answered(stage=stage, raw=raw, done=False)
    assert (
        Page(render.message(Exchange("q", growing, seconds=61.2, running=True), 1)).text == f"q{words}… 61 s"
    )


def test_what_is_done_stands_before_what_goes_on() -> None:
    """Each step with its own seconds, then the present one with the clock."""
    growing = answered(stage="writing", done=False, timings=Timings(0.01, 0.43, 1.5))
    text = Page(render.message(Exchange("q", growing, seconds=9, running=True), 1)).text
    assert text == "qunderstood 0.01 · found 0.42 · read 1.1 · Reading the evidence… 9 s"


@pytest.mark.parametrize(("ahead", "words"), [(1, "1 answer before"), (3, "3 answers before")])
def test_waiting_for_the_model_says_for_how_many(ahead: int, words: str) -> None:
    waiting = answered(stage="writing", ahead=ahead, done=False)
    text = Page(render.message(Exchange("q", waiting, seconds=2, running=True), 1)).text
    assert text == f"qWaiting for the model: {words} this one… 2 s"


def test_a_finished_answer_folds_where_its_time_went() -> None:
    """One quiet line: the whole, and unfolded the parts and the model; checking is not writing."""
    timings = Timings(0.01, 0.03, 0.25, 0.3, 3.25, checking_s=0.5, total_s=3.3)
    answer = answered(cited(1), timings=timings, model="qwen")
    markup = render.message(Exchange("q", answer), 1)
    fold = markup[markup.index('<details class="fn-timed"') :]
    assert Page(fold[: fold.index("</details>")] + "</details>").text == (
        "3.3 sunderstood 0.01 · found 0.02 · read 0.22 · written 2.5 · checked 0.50, qwen"
    )


def test_each_answer_has_its_buttons_and_a_running_one_none() -> None:
    """Retry, edit, branch, copy, and a verdict where it can be kept; what failed offers to ask again."""
    exchange = Exchange("q", answered(cited(1)))
    assert [b["data-do"] for b in page(answered(cited(1))).of("fn-act")] == [
        "again", "edit", "branch", "copy", "good", "bad",
    ]  # fmt: skip
    assert not Page(render.message(replace(exchange, running=True), 1)).of("fn-act")
    unkept = Page(render.message(exchange, 1, render.View(kept=False)))
    assert not [b for b in unkept.of("fn-act") if b["data-do"] in {"good", "bad"}]
    assert "Ask again" in Page(render.message(replace(exchange, problem="Broken off."), 1)).text


@pytest.mark.parametrize("reason", ["", *HOSTILE])
def test_a_verdict_is_shown(reason: str) -> None:
    """The chosen one is pressed; a bad one asks why until it is said, and the reason stays text."""
    view = render.View(verdicts={1: (False, reason)})
    it = check_harmless(render.message(Exchange("q", answered(cited(1))), 1, view))
    pressed = {b["data-do"]: b["aria-pressed"] for b in it.of("fn-act") if "aria-pressed" in b}
    assert pressed == {"good": "false", "bad": "true"}
    assert bool(it.of("fn-reason")) is not bool(reason)
    assert " ".join(reason.split()) in " ".join(it.text.split())


def test_removed_sentences_can_stand_in_the_text_struck_through() -> None:
    removed = (CheckedSentence("It flies to the moon.", Support.UNSUPPORTED, reason="no number"),)
    answer = answered(cited(1), removed=removed)
    markup = render.message(Exchange("q", answer), 1, render.View(show_removed=True))
    assert "<del>It flies to the moon&#46;</del>" in markup
    assert 'class="fn-removed"' not in markup
    assert markup.index("It weighs") < markup.index("<del>")


@pytest.mark.parametrize("address", ["chat", "chat=0123abcd", "chat?tag=%3Cb%3E&paper=a%22b", *HOSTILE])
def test_the_address_of_a_conversation_is_read_back_as_it_is(address: str) -> None:
    """It is written into an attribute, whatever the browser said."""
    it = Page(render.newest((), render.View(asked_for=address)))
    assert it.of("fn-messages")[0]["data-for"] == address


def test_removed_sentences_are_folded_and_struck() -> None:
    """They can be looked at, with the reason, and cannot be taken for the answer."""
    removed = (CheckedSentence("It flies to the moon.", Support.UNSUPPORTED, reason="no number"),)
    markup = render.message(Exchange("q", answered(cited(1), removed=removed)), 1)
    assert markup.index("<details") < markup.index("<del>It flies to the moon&#46;</del>")
    assert "1 sentence was removed" in Page(markup).text
    assert "(no number)" in Page(markup).text


def test_what_happened_is_said() -> None:
    """A degradation, a problem and a question understood differently each have their line; so has a stop."""
    question = Question("And how long?", "How long is the bird?", Shape.FACT, follows_up=True)
    answer = answered(stopped=True, notices=("Ollama went away. Run: ollama serve",), question=question)
    text = Page(render.message(Exchange("And how long?", answer, problem="No. Run: footnote doctor"), 1)).text
    assert text == (
        "And how long?Understood as: How long is the bird? Edit"
        "Ollama went away. Run: ollama serveNo. Run: footnote doctorAsk againEditBranchCopy"
    )
    stopped = Page(render.message(Exchange("q", answered(stopped=True)), 1)).text
    assert stopped == "qStopped.Ask againEditBranchCopy"


def test_a_list_is_a_list() -> None:
    """Each paper is an item, its title standing out."""
    listed = replace(answered(cited(1), cited(2)), question=Question("q", "q", Shape.LIST))
    shown = tuple(
        replace(s, text=f"{p.paper.title}: “It sings.”")
        for s, p in zip(listed.sentences, listed.papers, strict=True)
    )
    markup = render.message(Exchange("q", replace(listed, sentences=shown)), 1)
    assert re.findall(r"<b>(.*?)</b>", markup) == ["Bird 1&#58; A Study", "Bird 2&#58; A Study"]
    assert [tag for tag, _ in Page(markup).tags].count("li") == 2


def test_status_says_what_answers() -> None:
    """Model, engine and papers; without a model what that means."""
    assert Page(render.status("qwen", "Ollama", 1234)).text == "qwen on Ollama · 1,234 papers"
    degraded = Page(render.status("", "", 1, ["No model. Run: footnote models fetch x"]))
    assert degraded.text == "Quotations, no language model · 1 paperNo model. Run: footnote models fetch x"


def test_an_empty_library_says_what_to_run() -> None:
    """A first visitor learns how to get papers."""
    text = Page(render.empty_library()).text
    assert "footnote import FILE" in text
    assert "make chat" not in text, "which is what shows the page"
    assert "footnote import FILE --library 'my thesis'" in Page(render.empty_library("my thesis")).text


def test_only_finished_answers_are_history() -> None:
    """The last few answered questions, in their standalone form, without citation marks."""
    good = Exchange("How heavy?", answered(cited(1), remark="One."))
    conversation: Conversation = (good, Exchange("?", problem="No."), Exchange("x", answered(done=False)))
    history = turns(conversation * 20)
    assert len(history) == TURNS
    assert (history[0].question, history[0].answer) == ("How heavy?", "One. It weighs 4.2 g.")
    assert [c.number for c in history[0].papers] == [1]


def ended(running: Running) -> Exchange:
    """The exchange when its answer has ended."""
    deadline = time.monotonic() + 30
    while running.now.running and time.monotonic() < deadline:
        running.wait(0.05)
    return running.now


def test_an_answer_that_fails() -> None:
    """An expected problem is its own line, an unforeseen one a line without a traceback."""

    def refuse(asked: str, history: object, stop: threading.Event) -> Iterator[Answer]:
        yield answered(done=False)
        raise QuestionError("There is no word in it.", "footnote ask")

    def break_down(asked: str, history: object, stop: threading.Event) -> Iterator[Answer]:
        raise ZeroDivisionError
        yield

    refused, broken = ended(Running("?", refuse, ())), ended(Running("?", break_down, ()))
    assert refused.problem == "There is no word in it. Run: footnote ask"
    assert refused.answer == answered(done=False)
    assert broken.problem.startswith("Something unforeseen went wrong (ZeroDivisionError)")


def test_stopping_an_answer_that_does_not_listen() -> None:
    """The page is free again after a moment, even when the work cannot be interrupted; it is kept as stopped."""
    release, kept = threading.Event(), list[Exchange]()

    def stubborn(asked: str, history: object, stop: threading.Event) -> Iterator[Answer]:
        yield answered(cited(1), draft="It al", done=False)
        release.wait(30)
        yield answered(cited(1), done=True, remark="Too late.")

    running = Running("?", stubborn, (), kept.append)
    running.wait(0.1)
    running.stop()
    began = time.monotonic()
    last = ended(running)
    assert time.monotonic() - began < GRACE + 2
    release.set()
    running.wait(1)
    assert last.answer is not None
    assert (last.answer.stopped, last.answer.done, last.answer.draft) == (True, True, "")
    assert kept[-1].answer == running.now.answer == last.answer
    assert not kept[-1].running


def test_an_answer_goes_on_without_anybody_looking() -> None:
    """It runs to its end, and whoever comes then sees it."""

    def patient(asked: str, history: object, stop: threading.Event) -> Iterator[Answer]:
        yield answered(done=False)
        stop.wait(0.2)
        yield answered(cited(1), stopped=stop.is_set())

    last = ended(Running("?", patient, ()))
    assert last.answer is not None
    assert (last.answer.done, last.answer.stopped) == (True, False)


def test_suggestions_come_from_the_titles(footnote: object) -> None:
    """Named papers are asked about by name, and one question wants a list; always the same ones."""
    library = footnote.library  # type: ignore[attr-defined]
    questions = suggestions(library)
    assert questions == suggestions(library)
    assert questions == (
        "What is DataComp-LM?",
        "What is IndicSUPERB?",
        "What is SINC?",
        "Which papers are about representation learning?",
    )
