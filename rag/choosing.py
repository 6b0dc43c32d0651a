"""Which language model answers: found once, shared by every library that is open, changed while they are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rag import models, prompts
from rag.downloads import Downloads
from rag.engines import ChatModel, Message
from rag.engines.turns import InTurn
from rag.errors import ModelError
from rag.settings import Settings


class Chooser:
    """The language model of this process, and those on their way here."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is looked for yet.

        Args:
            settings: `model`, `ollama_host`, `num_ctx`, `threads` and the folder of weights are read.
        """
        self.forgiving = False
        """Whether quotations stand in for a model that was asked for and is not there, instead of an error."""
        self.downloads = Downloads(settings.weights, settings.ollama_host, self._arrived)
        self.changes: dict[str, Any] = {}
        """Settings that were changed since, for every library that shares this."""
        self._settings = settings
        self._choosing = threading.RLock()
        self._choice: models.Choice | None = None
        self._uses: Counter[ChatModel] = Counter()
        self._former: set[ChatModel] = set()
        self._warming: list[threading.Thread] = []
        self._closed = False

    @property
    def wanted(self) -> str:
        """What was asked for, as `Settings.model` takes it."""
        return self._settings.model

    @property
    def current(self) -> ChatModel | None:
        """The model that answered last, or was found; nothing is asked or looked for."""
        choice = self._choice
        return choice.model if choice else None

    def choose(self, name: str | None = None) -> models.Choice:
        """The model that answers now, with what is degraded; asked again when none was found.

        Args:
            name: what `Settings.model` takes, to change to; the model as chosen when not given.

        Raises:
            EngineUnreachable: an Ollama model was asked for and no server answers.
            ModelMissing: the model that was asked for is not there. A change is then not made.
        """
        with self._choosing:
            if name is not None:
                self._change(replace(self._settings, model=name))
            if self._choice is None or self._choice.model is None:
                self._choice = self._found()
            return self._choice

    def configure(self, **changes: Any) -> None:
        """Settings that hold from now on; see `Footnote.configure`. Another model is the matter of `choose`."""
        with self._choosing:
            self.changes = {**self.changes, **changes}

    @contextmanager
    def lent(self) -> Iterator[models.Choice]:
        """The model that answers now; whatever is chosen meanwhile, it stays open until the end of the block.

        Raises:
            ModelError: as `choose`.
        """
        with self._choosing:
            choice = self.choose()
            if choice.model:
                self._uses[choice.model] += 1
        try:
            yield choice
        finally:
            with self._choosing:
                if choice.model:
                    self._uses[choice.model] -= 1
                self._close_former()

    def warm_up(self) -> None:
        """Load the model and let it read what every prompt begins with; best effort."""
        try:
            with self.lent() as choice:
                if choice.model:
                    choice.model.warm_up([Message("system", prompts.SYSTEM)])
        except ModelError:
            return  # the first question meets the same problem and shows it

    def warm_up_soon(self) -> None:
        """As `warm_up`, in a thread of its own."""
        with self._choosing:
            if self._closed:
                return
            self._warming = [thread for thread in self._warming if thread.is_alive()]
            self._warming.append(threading.Thread(target=self.warm_up, name="footnote-warm"))
            self._warming[-1].start()

    def close(self) -> None:
        """End downloads and release the model, when it has put down what it does."""
        with self._choosing:
            self._closed = True
        self.downloads.end()
        for model in filter(None, (*self._former, self.current)):
            model.close()
        for thread in self._warming:
            thread.join()

    def _change(self, settings: Settings) -> None:
        choice, former = _in_turn(models.choose(settings, settings.weights)), self.current
        if former and choice.model and _same(former, choice.model):
            choice = replace(choice, model=former)
        elif former:
            self._former.add(former)
        self._settings, self._choice = settings, choice
        self._close_former()

    def _close_former(self) -> None:
        for model in [model for model in self._former if not self._uses[model]]:
            self._former.discard(model)
            del self._uses[model]
            model.close()

    def _found(self) -> models.Choice:
        try:
            choice = _in_turn(models.choose(self._settings, self._settings.weights))
        except ModelError as error:
            if not self.forgiving:
                raise
            until = ModelError(f"{error.problem} Until it is there, answers are quotations.", error.fix)
            return models.Choice(None, (str(until),))
        if choice.model is None and self.wanted == "auto" and (coming := self.downloads.running):
            name = coming[0].name.partition("/")[2]
            return models.Choice(
                None, (f"{name} is being fetched; until it is here, answers are quotations.",)
            )
        return choice

    def _arrived(self) -> None:
        """A model has come: it takes over where it is the better choice, or the one that was lacking."""
        with self._choosing:
            if self.wanted != "auto" and self.current:
                return
            try:
                self._change(self._settings)
            except ModelError:
                return  # it is another one that was asked for
        self.warm_up_soon()


def _in_turn(choice: models.Choice) -> models.Choice:
    """The same model, for several people at once."""
    return replace(choice, model=InTurn(choice.model)) if choice.model else choice


def _same(one: ChatModel, other: ChatModel) -> bool:
    return (one.name, one.engine, one.digest) == (other.name, other.engine, other.digest)
