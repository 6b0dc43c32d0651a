"""Which language model answers: what there is on this machine and what can be fetched, to choose from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag import models, weights
from rag.assemble import Footnote
from rag.errors import EngineUnreachable, FootnoteError
from rag.settings import Settings
from ui.download_view import megabytes
from ui.language import deferred, said
from ui.markup import exact, line, plain

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*(:[\w.-]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can answer."""

    name: str
    """As `Settings.model` takes it."""
    title: str
    """What people call it."""
    facts: tuple[str, ...] = ()
    """What there is to know about it, one short line."""
    here: bool = True
    """Whether it can be used at once; else it can be fetched."""
    able: bool = True
    """Whether it can chat at all."""


AUTOMATIC = Offer(
    "auto",
    deferred("Automatic"),
    (deferred("Ollama where one answers, else the best embedded model that is here"),),
)
QUOTATIONS = Offer(
    "extractive",
    deferred("Quotations only"),
    (deferred("no language model: sentences of the abstracts, at once"),),
)


def embedded(settings: Settings) -> list[Offer]:
    """The models that run inside Footnote."""
    return [_embedded(w, settings) for w in weights.CATALOGUE]


def _embedded(w: weights.Weights, settings: Settings) -> Offer:
    here, begun = weights.has(w.name, settings.weights), weights.begun(w.name, settings.weights)
    state = said("installed") if here else said("not installed")
    if begun and not here:
        state = said("{size} fetched so far", size=megabytes(begun))
    return Offer(f"embedded/{w.name}", w.name, (w.description, megabytes(w.size), state), here)


def served(settings: Settings) -> list[Offer]:
    """The models of the Ollama.

    Raises:
        EngineUnreachable: none answers.
    """
    found = models.ollama_models(settings.ollama_host)
    return [Offer(f"ollama/{m.name}", m.name, _facts(m), able=m.chats) for m in found]


def _facts(m: models.InstalledModel) -> tuple[str, ...]:
    facts = [megabytes(m.size), said("installed")]
    facts += [said("{number} billion weights", number=f"{m.parameters:.3g}")] if m.parameters else []
    facts += [m.quantisation] if m.quantisation else []
    if not m.chats:
        return (*facts, said("cannot chat"))
    if m.thinks or any(word in m.name.lower() for word in models.REASONERS):
        facts.append(said("thinks aloud first: slow"))
    if 0 < m.parameters < models.TINY:
        facts.append(said("so small that it mostly invents"))
    return tuple(facts)


def is_name(text: str) -> bool:
    """Whether a model of Ollama's library can be called so.

    >>> is_name("qwen2.5:1.5b"), is_name("hf.co/someone/Model-GGUF:Q4_K_M"), is_name("../../x; rm")
    (True, True, False)
    """
    return _NAME.fullmatch(text) is not None and ".." not in text


def shown(footnote: Footnote, locked: str = "") -> str:
    """The whole choice as HTML.

    Args:
        locked: the environment variable that sets the model, so that nothing can be chosen; empty when none does.
    """
    settings, chooser = footnote.settings, footnote.chooser
    busy = {download.name for download in chooser.downloads.running}
    chosen = _full(chooser.wanted)
    groups: list[tuple[str, list[Offer], str]] = [("", [AUTOMATIC, QUOTATIONS], "")]
    groups.append((said("Inside Footnote"), embedded(settings), ""))
    try:
        offers, remark = served(settings), ""
        remark = "" if offers else line("fn-quiet", said("It holds no models yet."))
    except EngineUnreachable as error:
        offers, remark = [], line("fn-quiet", plain(str(error)))
    groups.append((said("Ollama at {address}", address=settings.ollama_host), offers, remark))
    lists = "".join(_group(title, offers, chosen, busy, locked) + told for title, offers, told in groups)
    return _now(footnote) + (_locked(locked) if locked else "") + lists


def _locked(variable: str) -> str:
    told = said("The variable {variable} sets the model; unset it to choose here.", variable=plain(variable))
    return line("fn-quiet", told)


def _full(wanted: str) -> str:
    """What was asked for, with its engine in front.

    >>> _full("smollm2-135m"), _full("llama3.2"), _full("auto")
    ('embedded/smollm2-135m', 'ollama/llama3.2:latest', 'auto')
    """
    if wanted in {AUTOMATIC.name, QUOTATIONS.name} or wanted.startswith("embedded/"):
        return wanted
    if wanted in {w.name for w in weights.CATALOGUE}:
        return f"embedded/{wanted}"
    return f"ollama/{models.full_name(wanted.removeprefix('ollama/'))}"


def _now(footnote: Footnote) -> str:
    """What answers now."""
    try:
        choice = footnote.choose_model()
    except FootnoteError as error:
        return line("fn-problem", plain(str(error)))
    model = choice.model
    who = said("<b>quotations</b>, no language model")
    if model:
        who = said("<b>{model}</b> on {engine}", model=plain(model.name), engine=plain(model.engine))
    return line("fn-now", said("Answering now: {who}", who=who))


def _group(title: str, offers: list[Offer], chosen: str, busy: set[str], locked: str) -> str:
    head = f"<h3>{plain(title)}</h3>" if title else ""
    rows = "".join(_row(offer, chosen, busy, locked) for offer in offers)
    return head + (f'<ul class="fn-models">{rows}</ul>' if rows else "")


def _row(offer: Offer, chosen: str, busy: set[str], locked: str) -> str:
    mark = ' aria-current="true"' if offer.name == chosen else ""
    facts = line("fn-quiet", " · ".join(plain(said(fact)) for fact in offer.facts))
    does = "".join(_doing(offer, chosen, busy, locked))
    return f"<li{mark}><div><b>{plain(said(offer.title))}</b>{facts}</div>{does}</li>"


def _doing(offer: Offer, chosen: str, busy: set[str], locked: str) -> Iterator[str]:
    if offer.name in busy:
        yield f'<span class="fn-quiet">{said("on its way…")}</span>'
    elif not offer.here:
        yield _button("fetch", offer, said("Fetch"), disabled=bool(busy))
    if offer.name == chosen:
        yield f'<span class="fn-chosen">{said("Chosen")}</span>'
    elif offer.here and offer.able:
        yield _button("use", offer, said("Use"), disabled=bool(locked))


def _button(what: str, offer: Offer, shown: str, *, disabled: bool) -> str:
    off = " disabled" if disabled else ""
    name = f'aria-label="{shown}: {plain(said(offer.title))}"'
    attributes = f'type="button" class="fn-do" data-do="{what}" data-id="{exact(offer.name)}" {name}{off}'
    return f"<button {attributes}>{shown}</button>"
