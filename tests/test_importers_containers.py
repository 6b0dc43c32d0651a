"""Packed files, archives and folders: what is in them is read, and nothing gets out of hand."""

import contextlib
import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from importer_samples import BIBTEX, ROWS, SAMPLES, tarred, workbook, zipped

from rag import importers
from rag.errors import ImportFailed
from rag.importers import streams
from rag.importers.parsed import Rejected
from rag.records import Paper

BIB = BIBTEX.encode()
CSV = SAMPLES["tables"].encode()


def read(folder: Path, content: bytes, name: str = "dump") -> dict[str, tuple[str, list[Paper | Rejected]]]:
    path = folder / name
    path.write_bytes(content)
    return everything(path)


def everything(path: Path) -> dict[str, tuple[str, list[Paper | Rejected]]]:
    found: dict[str, tuple[str, list[Paper | Rejected]]] = {}
    for contents in importers.records(path):
        assert contents.name not in found
        found[contents.name] = (contents.format, list(contents.records))
    return found


def reasons(found: list[Paper | Rejected]) -> list[str]:
    return [record.reason for record in found if isinstance(record, Rejected)]


PACKED: dict[str, tuple[bytes, list[str]]] = {
    "gz": (gzip.compress(BIB), ["dump"]),
    "zst": (zstandard.compress(BIB), ["dump"]),
    "two zst in one": (
        zstandard.compress(BIB) + zstandard.compress(BIB.replace(b"First", b"Next")),
        ["dump"],
    ),
    "zip": (zipped({"a.bib": BIB, "b/c.csv": CSV}), ["dump/a.bib", "dump/b/c.csv"]),
    "tar": (tarred({"a.bib": BIB, "b/c.csv": CSV}, "w"), ["dump/a.bib", "dump/b/c.csv"]),
    "tar.gz": (tarred({"a.bib": BIB}), ["dump/a.bib"]),
    "gz in zip": (zipped({"a.gz": gzip.compress(BIB)}), ["dump/a.gz"]),
    "zip in tar": (tarred({"in.zip": zipped({"a.bib": BIB})}), ["dump/in.zip/a.bib"]),
    "tar.gz in zip": (zipped({"in.tgz": tarred({"a.bib": BIB})}), ["dump/in.tgz/a.bib"]),
    "workbook in zip": (zipped({"a.xlsx": workbook(ROWS)}), ["dump/a.xlsx"]),
    "workbook in tar.gz": (tarred({"a.xlsx": workbook(ROWS)}), ["dump/a.xlsx"]),
}


@pytest.mark.parametrize(("content", "names"), PACKED.values(), ids=PACKED.keys())
def test_papers_are_found_in_what_is_packed(tmp_path: Path, content: bytes, names: list[str]) -> None:
    found = read(tmp_path, content)
    assert list(found) == names
    assert all(isinstance(record, Paper) for _, records in found.values() for record in records)


def test_a_paper_knows_the_member_that_it_came_from(tmp_path: Path) -> None:
    [(_, [paper])] = read(tmp_path, zipped({"a.bib": BIB})).values()
    assert isinstance(paper, Paper)
    assert paper.source == "dump/a.bib"


def test_the_third_archive_inside_archives_is_not_opened(tmp_path: Path) -> None:
    deep = zipped({"a.bib": BIB, "x.zip": zipped({"y.zip": zipped({"z.bib": BIB})})})
    found = read(tmp_path, deep)
    assert reasons(found["dump/x.zip/y.zip"][1]) == ["is packed too many times over"]


def test_members_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    content = tarred({"a.bib": BIB, "./a.bib": BIB})
    assert list(read(tmp_path, content)) == ["dump/a.bib", "dump/a.bib (2)"]


def test_a_folder_is_read_recursively_in_order_and_what_is_no_paper_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "sub" / ".git").mkdir(parents=True)
    for name in ("b.bib", "a.bib", "sub/c.bib", ".hidden.bib", "sub/.git/d.bib"):
        (folder / name).write_bytes(BIB)
    (folder / "notes.txt").write_text("Call Bob about the car.")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (folder / "empty").touch()
    found = everything(folder)
    assert [name for name, (form, _) in found.items() if form] == [
        "mine/a.bib",
        "mine/b.bib",
        "mine/sub/c.bib",
    ]
    said = {name: reasons(records) for name, (form, records) in found.items() if not form}
    assert said == {
        "mine/empty": ["is empty"], "mine/notes.txt": ["holds no papers"], "mine/photo.png": ["is not text"],
    }  # fmt: skip


def test_links_of_a_folder_cannot_lead_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_bytes(BIB)
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "gone.bib").symlink_to(tmp_path / "nothing")
    (tmp_path / "self.bib").symlink_to(tmp_path / "self.bib")
    found = everything(tmp_path)
    assert [name for name, (form, _) in found.items() if form] == [f"{tmp_path.name}/a.bib"]
    assert len(found) == 3


def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ImportFailed, match="is a device or a pipe"):
            everything(path)


def test_a_name_cannot_lead_out_of_the_archive_and_nothing_is_written(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    found = read(inside, zipped({"../../evil.bib": BIB, "/etc/evil\x1b[2J.bib": BIB}))
    assert list(found) == ["dump/evil.bib", "dump/etc/evil_[2J.bib"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [inside / "dump"]


def test_links_in_an_archive_are_said_and_not_followed(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"link{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.bib")
        info.size = len(BIB)
        archive.addfile(info, io.BytesIO(BIB))
    found = read(tmp_path, held.getvalue())
    assert [reasons(records) for _, records in found.values()] == [
        ["is a link or a device, not a file"]
    ] * 4 + [[]]


def test_a_link_in_a_zip_is_said(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.bib", BIB)
    assert reasons(read(tmp_path, held.getvalue())["dump/link"][1]) == ["is a link, not a file"]


def test_an_encrypted_member_is_said(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.bib": BIB, "b.bib": BIB}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    found = read(tmp_path, bytes(content))
    assert reasons(found["dump/a.bib"][1]) == ["is encrypted"]
    assert found["dump/b.bib"][0] == "BibTeX"


MANY = "".join(
    BIBTEX.replace("li20", f"li{n}").replace("First", f"Number {n}") for n in range(5_000)
).encode()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, zstandard.compress, lambda data: tarred({"a.bib": data})],
    ids=["gz", "zst", "tar.gz"],
)
def test_the_papers_before_a_break_are_kept_and_the_break_is_said(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    noise = os.urandom(200_000).hex().encode()  # so that half of the packed file is not all of the papers
    packed = pack(MANY[: len(MANY) // 2] + b"% " + noise + b"\n" + MANY[len(MANY) // 2 :])
    found = read(tmp_path, packed[: len(packed) * 3 // 4])
    records = [record for _, records in found.values() for record in records]
    assert sum(isinstance(record, Paper) for record in records) > 1_000
    assert any("damaged or breaks off" in reason for reason in reasons(records))


@pytest.mark.parametrize("cut", [3, 9, 15, 40])
def test_a_file_broken_at_its_very_beginning_is_refused_in_one_line(tmp_path: Path, cut: int) -> None:
    for content in (
        gzip.compress(BIB),
        zipped({"a.bib": BIB}),
        zstandard.compress(BIB),
        tarred({"a.bib": BIB}),
    ):
        with pytest.raises(ImportFailed) as caught:
            read(tmp_path, content[:cut])
        assert "\n" not in str(caught.value)


def test_a_bomb_is_read_no_further_than_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "UNSUSPICIOUS", 1 << 20)
    bomb = CSV + (b" " * 999 + b"\n") * 50_000
    for content in (gzip.compress(bomb), zipped({"a.csv": bomb}), gzip.compress(gzip.compress(bomb))):
        [(_, records)] = read(tmp_path, content).values()
        assert isinstance(records[0], Paper)
        assert any("times its size" in reason for reason in reasons(records))


def test_a_bomb_of_many_members_ends_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LARGEST", 1 << 20)
    found = read(tmp_path, zipped({f"{n}.bib": MANY for n in range(5)}))
    said = [reason for _, records in found.values() for reason in reasons(records)]
    assert any("unpacks to more than" in reason for reason in said)


def test_an_archive_without_papers_is_refused_and_says_how_much_was_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="holds no papers in its 2 files"):
        read(tmp_path, zipped({"a.txt": b"Hello.", "b.txt": b"Bye."}))


def test_a_damaged_workbook_gives_papers_or_is_refused(tmp_path: Path) -> None:
    content = workbook(ROWS)
    for place in range(100, len(content), 997):
        broken = bytearray(content)
        broken[place : place + 20] = bytes(20)
        with contextlib.suppress(ImportFailed):
            read(tmp_path, bytes(broken))


def test_a_record_that_is_no_paper_is_named_when_the_file_has_no_other(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"is JSON and holds no papers \(line 1: has no title\)"):
        read(tmp_path, b'{"title": "", "abstract": "x", "authors": []}')
