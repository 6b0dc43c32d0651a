"""Whether the files of an index are whole, looked at before the engines open them.

A damaged graph of vectors does not make Chroma fail: it ends the process. A damaged word index is
noticed by tantivy at some searches only. Reading their files costs a tenth of a second at 100 MB.

Formats: hnswlib's persistent index (header, level 0, links of higher levels) as Chroma writes it, and
tantivy's footer (JSON with the CRC-32 of what precedes, its length, a magic number).
"""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
_FOOTER = struct.Struct("<II")
_MAGIC = 1337
_PARTS = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
_ATTEMPTS = 4
_PAUSE = 0.25
_CHUNK = 1 << 20


def vectors(folder: Path) -> str:
    """What is wrong with the files of a Chroma folder; empty when they are whole."""
    return _settled(folder, _vectors_once)


def words(folder: Path) -> str:
    """What is wrong with the files of a tantivy folder; empty when they are whole."""
    return _settled(folder, _words_once)


def _settled(folder: Path, look: Callable[[Path], str]) -> str:
    """The finding, asked for again while another process may be writing."""
    for attempt in range(_ATTEMPTS):
        try:
            problem = look(folder)
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            problem = f"{type(error).__name__}: {error}"
        if not problem:
            return ""
        if attempt + 1 < _ATTEMPTS:
            time.sleep(_PAUSE)
    return problem


def _vectors_once(folder: Path) -> str:
    graphs = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if graphs and not (folder / "chroma.sqlite3").is_file():
        return "chroma.sqlite3 is missing"
    return next(filter(None, map(_graph, graphs)), "")


def _graph(folder: Path) -> str:
    there = {name for name in _PARTS if (folder / name).is_file()}
    if not there:
        return ""
    if lacking := set(_PARTS[:-1]) - there:
        return f"{min(lacking)} is missing"
    header = (folder / "header.bin").read_bytes()
    if len(header) != _HEADER.size:
        return f"header.bin has {len(header)} bytes instead of {_HEADER.size}"
    version, _, most, held, size, label, data, level, entry, _, links, *_ = _HEADER.unpack(header)
    # level 0 of an element: number of links, the links, the vector, the label
    if version != 1 or not held <= most or not 4 <= data < label < size or 4 + 4 * links != data:
        return "header.bin is garbage"
    if held and not (entry < held and 0 <= level < 64):
        return "header.bin is garbage"
    if held and _PARTS[-1] not in there:  # a small collection is kept in chroma.sqlite3 alone
        return f"{_PARTS[-1]} is missing"
    return _level0(folder, held, size, links) or _higher(folder, held)


def _level0(folder: Path, held: int, size: int, links: int) -> str:
    path = folder / "data_level0.bin"
    if path.stat().st_size < held * size:
        return f"{path.name} is cut short"
    if not held:
        return ""
    rows = np.memmap(path, np.uint8, "r", shape=(held, size))
    head = np.ascontiguousarray(rows[:, : 4 + 4 * links]).view(np.uint32)
    counts, neighbours = head[:, 0] & 0xFFFF, head[:, 1:]
    used = np.arange(links) < counts[:, None]
    if counts.max() > links or (neighbours[used] >= held).any():
        return f"{path.name} is garbage"
    return ""


def _higher(folder: Path, held: int) -> str:
    data = (folder / "link_lists.bin").read_bytes()
    place = 0
    for _ in range(held):
        if place + 4 > len(data):
            return "link_lists.bin is cut short"
        place += 4 + int.from_bytes(data[place : place + 4], "little")
    return "" if place <= len(data) else "link_lists.bin is garbage"


def _words_once(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    segments = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    meta = folder / "meta.json"
    if not meta.is_file():
        return "meta.json is missing" if segments else ""
    wanted = {s["segment_id"].replace("-", "") for s in json.loads(meta.read_bytes())["segments"]}
    found = {p.name.partition(".")[0] for p in segments}
    if lacking := wanted - found:
        return f"segment {min(lacking)} is missing"
    mine = [p for p in segments if p.name.partition(".")[0] in wanted]
    return _complete(mine) or next((f"{p.name} is damaged" for p in sorted(mine) if not _whole(p)), "")


def _complete(files: list[Path]) -> str:
    """Each segment has the same kinds of files, apart from lists of deletions."""
    kinds = {p.suffix for p in files} - {".del"}
    there = {p.name for p in files}
    names = {p.name.partition(".")[0] + kind for p in files for kind in kinds}
    lacking = sorted(names - there)
    return f"{lacking[0]} is missing" if lacking else ""


def _whole(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _FOOTER.size))
        length, magic = _FOOTER.unpack(file.read())
        body = size - _FOOTER.size - length
        if magic != _MAGIC or body < 0:
            return False
        file.seek(body)
        crc = json.loads(file.read(length))["crc"]
        file.seek(0)
        found = 0
        while body:
            chunk = file.read(min(body, _CHUNK))
            found, body = zlib.crc32(chunk, found), body - len(chunk)
    return bool(found == crc)
