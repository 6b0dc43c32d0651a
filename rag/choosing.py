"""Which language model answers: found once, shared by every library that is open, changed while they are."""

from __future__ import annotations

import threading
from dataclasses import replace

from rag import models
from rag.settings import Settings


class Chooser:
    """The language model of this process.

    Args:
        settings: `model`, `ollama_host`, `num_ctx`, `threads` and the folder of weights are read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._choosing = threading.Lock()
        self._choice: models.Choice | None = None

    def choose(self, name: str | None = None) -> models.Choice:
        """The model that answers now, with what is degraded; asked again when none was found.

        Args:
            name: what `Settings.model` takes, to change to; the model as chosen when not given.

        Raises:
            EngineUnreachable: an Ollama model was asked for and no server answers.
            ModelMissing: the model that was asked for is not there.
        """
        with self._choosing:
            if name is not None or self._choice is None or self._choice.model is None:
                settings = replace(self._settings, model=name) if name else self._settings
                self._choice = models.choose(settings, settings.weights)
            return self._choice

    def close(self) -> None:
        """Release the model."""
        if self._choice and self._choice.model:
            self._choice.model.close()
