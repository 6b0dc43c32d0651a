"""all-MiniLM-L6-v2 with int8 weights, as Footnote ships it, and the scripts that make it.

`python -m rag.minilm.build` makes the files beside this one again from pinned inputs.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
"""Folder of the shipped files."""
MODEL = "model.onnx"
"""The graph with its weights: token ids in, one unit vector out."""
TOKENIZER = "tokenizer.json"
"""The tokenizer, without truncation and padding."""
REFERENCE = "reference.json"
"""Texts with the vectors that the unquantised model gives them."""
MANIFEST = "manifest.json"
"""What the other files are, what they were made from, and their SHA-256."""
