"""What the model says of an abstract before it writes: does it state the answer at all?

Asked so, a small model is a better judge of a near miss than all that can be counted: on the calibration
questions its yes tells answerable ones with an area under the curve of .90, the weights of `rag/calibration.py`
with .83, both together with .91. It costs the seconds in which the abstract is read, which the writing then
saves, so it is asked in doubt only.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextlib import closing
from itertools import islice, takewhile

from rag import prompts
from rag.attempt import before, shown
from rag.engines import BRIEF, Message
from rag.errors import ModelError
from rag.reading import Reading
from rag.scene import Scene
from rag.text import tokens
from rag.writing import visible

ASKED_ABOUT = 2
"""Most abstracts that the model is asked about for one question."""
_WEIGHT = 1.5
"""What the log odds of the model's yes count beside those of the calibration; their sum decides by its sign.
Chosen with the default model: of the calibration questions that no other gate declines, 57% of the
unanswerable ones are then declined and none of the answerable ones, against 45% and none by the calibration
alone; on two other libraries as many are declined as before, and none of the answerable ones."""
_CHUNKS = 2 * BRIEF
"""Chunks after which a model that does not obey its limit is left."""
_MOST = 3.0
"""Log odds of yes against no from which on more says no more."""
_WORD = {"yes": 1.2, "no": -0.3}
"""What a bare word counts, from an engine that does not tell how sure the model is."""


def doubtful(scene: Scene) -> bool:
    """Whether the abstract found first may answer and may not, and there is a model to ask."""
    odds = scene.answerable(scene.readings[0])
    return scene.parts.model is not None and odds < scene.parts.calibration.surely


def stating(scene: Scene, stop: threading.Event) -> list[Reading]:
    """The first abstract that states the answer, by the model and the calibration together; or none.

    Where the question calls a paper by name, no other is asked about.

    Args:
        stop: set by another thread to end it.
    """
    called = any(candidate.named for candidate in scene.ranking)
    likely = [r for r in scene.readings if scene.answerable(r) >= scene.least]
    for reading in likely[: 1 if called else ASKED_ABOUT]:
        odds, said = scene.answerable(reading), _said(scene, reading, stop)
        if odds >= scene.parts.calibration.least if said is None else odds + _WEIGHT * said >= 0:
            return [reading]
    return []


def _said(scene: Scene, reading: Reading, stop: threading.Event) -> float | None:
    """Log odds of the model's yes against its no; None when it says neither or cannot be reached."""
    assert scene.parts.model is not None
    prompt = prompts.stated(shown(scene, [reading])[0], scene.asked, before(scene))
    messages = [Message("system", prompts.SYSTEM), Message("user", prompt)]
    try:
        with closing(scene.parts.model.stream(messages, max_tokens=BRIEF, stop=stop)) as stream:
            chunks = list(islice(takewhile(lambda _: not stop.is_set(), stream), _CHUNKS))
    except ModelError:
        return None  # the writing meets the same problem and says it
    weighed = _odds(next((chunk.beginnings for chunk in chunks if chunk.beginnings), ()))
    word = tokens(visible("".join(chunk.text for chunk in chunks)))[:1]
    return weighed if weighed is not None else _WORD.get("".join(word))


def _odds(beginnings: Sequence[tuple[str, float]]) -> float | None:
    """Log odds of yes against no among the likeliest first tokens; None when neither is among them.

    >>> round(_odds([("Yes", -0.5), ("No", -1.5), (" yes", -4.0)]), 2)
    1.03
    """
    chances = {"yes": 0.0, "no": 0.0}
    for token, chance in beginnings:
        if (word := token.strip(" \t\n\"'“*").casefold()) in chances:
            chances[word] += math.exp(chance)
    if not any(chances.values()):
        return None
    yes, no = (math.log(max(chance, 1e-9)) for chance in chances.values())
    return max(-_MOST, min(_MOST, yes - no))
