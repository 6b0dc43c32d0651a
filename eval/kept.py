"""Where results stay, so that the evaluation page of the app finds them: beside the libraries, one file a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag import settings

FOLDER = "evaluations"
"""Folder of the home folder; `ui.evaluation_results` reads it."""


def place(result: Mapping[str, Any]) -> Path:
    """Where the app finds a result: a file of its own in the home folder."""
    return settings.load().home / FOLDER / f"{_stamp(result['provenance']['time'])}-{result['kind']}.json"


def _stamp(time: str) -> str:
    """A moment as part of a file name, which sorts.

    >>> _stamp("2026-11-23T03:31:50+00:00")
    '20261123-033150'
    """
    return re.sub(r"\D", "", time[:10]) + "-" + re.sub(r"\D", "", time[11:19])
