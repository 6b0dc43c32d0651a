"""The language model: which one answers, and the only place that builds one.

In order: an Ollama that answers, else llama.cpp in this process, else none, and then answers are
quotations from the abstracts. What was chosen, and what that costs, is said in `Choice.notices`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag import weights
from rag.engines import ChatModel, Chunk, Message
from rag.engines.embedded import EmbeddedChat
from rag.engines.ollama import InstalledModel, OllamaChat, full_name, pull
from rag.engines.ollama import models as ollama_models
from rag.engines.ollama import version as ollama_version
from rag.errors import EngineUnreachable, ModelMissing
from rag.settings import Settings

__all__ = [
    "ChatModel",
    "Choice",
    "Chunk",
    "EmbeddedChat",
    "InstalledModel",
    "Message",
    "OllamaChat",
    "best",
    "choose",
    "full_name",
    "ollama_models",
    "ollama_version",
    "pull",
]

FAMILIES = ("qwen", "llama", "gemma", "phi", "mistral", "granite", "smollm")
"""Families of Ollama models in the order of preference; others follow."""
REASONERS = ("deepseek-r1", "qwq", "gpt-oss", "reason", "magistral")
"""Models that think aloud at length whatever they are told: too slow for a processor."""
TINY = 0.3
"""Billions of weights under which a model mostly invents."""
AUTOMATIC = tuple(w.name for w in weights.CATALOGUE if w.name != "smollm2-135m")
"""Embedded models that `auto` may take, best first."""
SUGGESTED = weights.CATALOGUE[0].name
"""The embedded model to fetch when there is none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will answer."""

    model: ChatModel | None
    """None: answers are quoted from the abstracts."""
    notices: tuple[str, ...] = ()
    """What the user should know about it, one line each."""


def choose(settings: Settings, folder: Path) -> Choice:
    """Find the language model that the settings ask for. Nothing is downloaded or loaded.

    Args:
        settings: `model`, `ollama_host` and `num_ctx` are read.
        folder: where the weights of embedded models are kept.

    Raises:
        EngineUnreachable: an Ollama model was asked for and no server answers.
        ModelMissing: the model that was asked for is not there.
    """
    kind, _, name = settings.model.partition("/")
    if settings.model == "extractive":
        return Choice(None)
    if settings.model == "auto":
        return _automatic(settings, folder)
    if kind == "ollama" and name:
        return Choice(_named_ollama(settings, name))
    if kind == "embedded" and name:
        return Choice(EmbeddedChat(name, folder, context=settings.num_ctx, threads=settings.threads or 0))
    return Choice(_bare(settings, folder))


def best(models: list[InstalledModel]) -> InstalledModel | None:
    """The model of an Ollama that suits a laptop's processor, or None when none can chat.

    Preferred are, in this order: 1 to 4.5 billion weights (the more the better), up to 9 billion,
    0.3 to 1 billion, more than 9 billion, less than 0.3; within a class the families of `FAMILIES`
    in their order. Models that reason at length come after all others.
    """
    return min((m for m in models if m.chats), key=_rank, default=None)


def _rank(model: InstalledModel) -> tuple[bool, int, int, float, str]:
    billions = model.parameters
    sizes = ((1.0, 4.5), (4.5, 9.0), (TINY, 1.0), (9.0, float("inf")))
    size = next((i for i, (low, high) in enumerate(sizes) if low <= billions < high), len(sizes))
    names = (model.name.lower(), model.family.lower())  # many models have the architecture of Llama
    families = (i for name in names for i, family in enumerate(FAMILIES) if family in name)
    reasons = any(r in model.name.lower() for r in REASONERS)
    more = -billions if size == 0 else billions
    return reasons, size, next(families, len(FAMILIES)), more, model.name


def _automatic(settings: Settings, folder: Path) -> Choice:
    host = settings.ollama_host
    notices: list[str] = []
    found: InstalledModel | None = None
    try:
        found = best(ollama_models(host))
        if found is None:
            notices.append(f"The Ollama at {host} has no model that can chat. Run: ollama pull qwen2.5:1.5b")
    except EngineUnreachable:
        pass  # the usual case without an Ollama; the embedded engine is next
    if found is not None and found.parameters >= TINY:
        return Choice(_ollama(settings, found))
    have = {w.name for w in weights.installed(folder)}
    for name in AUTOMATIC:
        if name in have:
            return Choice(
                EmbeddedChat(name, folder, context=settings.num_ctx, threads=settings.threads or 0),
                tuple(notices),
            )
    if found is not None:
        warning = f"{found.name} is so small that it mostly invents; unsupported sentences are removed."
        return Choice(_ollama(settings, found), (f"{warning} Run: footnote models fetch {SUGGESTED}",))
    lack = "No language model is installed, so answers are quotations from the abstracts."
    return Choice(None, (*notices, f"{lack} Run: footnote models fetch {SUGGESTED}"))


def _bare(settings: Settings, folder: Path) -> ChatModel:
    name = settings.model
    if name in {w.name for w in weights.CATALOGUE}:
        return EmbeddedChat(name, folder, context=settings.num_ctx, threads=settings.threads or 0)
    try:
        return _named_ollama(settings, name)
    except EngineUnreachable as error:
        embedded = ", ".join(w.name for w in weights.CATALOGUE)
        problem = f"{name!r} is not an embedded model ({embedded}), and {_lower(error.problem)}"
        raise ModelMissing(problem, error.fix) from error


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _named_ollama(settings: Settings, name: str) -> ChatModel:
    for model in ollama_models(settings.ollama_host):
        if model.name == full_name(name):
            return _ollama(settings, model)
    raise ModelMissing(f"Ollama at {settings.ollama_host} has no model {name}.", f"ollama pull {name}")


def _ollama(settings: Settings, model: InstalledModel) -> ChatModel:
    host = settings.ollama_host
    return OllamaChat(
        host,
        model.name,
        context=settings.num_ctx,
        digest=model.digest,
        version=ollama_version(host),
        thinks=model.thinks,
    )
