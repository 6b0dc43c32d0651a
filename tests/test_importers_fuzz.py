"""Whatever stands in a file, the door gives records or one line; it neither stumbles nor hangs."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importer_samples import FILES

from rag import importers
from rag.errors import ImportFailed
from rag.importers.parsed import Rejected
from rag.records import Paper

FEW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
PIECES = [
    b"", b"\x00", b"\xff\xfe", b'"', b"{", b"}", b"[", b"]", b"<", b">", b"&", b"\\", b"\\ud800", b"@", b"\n", b"\r",
    b"\n\n", b"\t", b"$", b"%0", b"%T", b"ER  - ", b"]]>", b"<!--", b"-->", b"null", b"1e999", b"9" * 5000,
    "\u202e\u0301\u2028".encode(), b"\xe9", b"[" * 3000, b"{" * 3000, b"<a>" * 3000, b"<!ENTITY a 'a'>",
]  # fmt: skip


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        for contents in importers.records(path):
            for record in contents.records:
                check_record(record)
    except ImportFailed as error:
        assert "\n" not in str(error)  # noqa: PT017  # either outcome is right


def check_record(record: Paper | Rejected) -> None:
    repr(record).encode()
    if isinstance(record, Rejected):
        assert record.line >= 1
        assert record.reason
        assert importers.GAVE_UP not in record.reason
        assert len(record.text) <= 2_000
        record.text.encode()
    else:
        assert record.title or record.raw_title
        "".join((record.raw_title, record.raw_abstract, record.venue, *record.authors)).encode()


@FEW
@given(content=st.binary(max_size=500))
def test_random_bytes(tmp_path: Path, content: bytes) -> None:
    check(tmp_path / "file", content)


@pytest.mark.parametrize("name", FILES)
@FEW
@given(data=st.data())
def test_a_sample_with_pieces_cut_out_and_put_in(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = FILES[name]
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(content)))
        end = min(len(content), begin + data.draw(st.sampled_from([0, 0, 1, 2, 40])))
        content = content[:begin] + data.draw(st.sampled_from(PIECES)) + content[end:]
    check(tmp_path / "file", content)


@pytest.mark.parametrize("name", FILES)
def test_a_sample_cut_off_anywhere(tmp_path: Path, name: str) -> None:
    content = FILES[name]
    for end in range(0, len(content), max(1, len(content) // 40)):
        check(tmp_path / "file", content[:end])


@pytest.mark.parametrize("name", FILES)
def test_a_sample_many_times_over(tmp_path: Path, name: str) -> None:
    check(tmp_path / "file", FILES[name] * 20)
