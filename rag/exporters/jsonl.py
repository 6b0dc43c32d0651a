"""One JSON object a line: the fields of a paper as the library has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO

from rag.records import Paper


def write(papers: Sequence[Paper], file: TextIO) -> None:
    """Write one object a paper; empty fields are left out, and so are the texts before cleaning."""
    for paper in papers:
        fields = {k: v for k, v in asdict(paper).items() if v and not k.startswith("raw_")}
        file.write(json.dumps(fields, ensure_ascii=False) + "\n")
