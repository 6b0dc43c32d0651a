"""Each format is told by its content, and each shape of JSON, table and plain text becomes the right papers."""

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from importer_samples import ABSTRACT, CSV, FILES, LONG, MARKDOWN, OPENALEX, PLAIN, SAMPLES, workbook

from rag import importers
from rag.errors import ImportFailed
from rag.importers import decoding, tables
from rag.importers.names import people
from rag.importers.parsed import Rejected
from rag.records import Paper

NAMES = [module.__name__.rpartition(".")[2] for module in importers.FORMATS]  # type: ignore[attr-defined]


def read(folder: Path, content: str | bytes, name: str = "papers") -> importers.Parsed:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return importers.read(path)


def one(folder: Path, content: object) -> Paper:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    parsed = read(folder, text)
    assert not parsed.rejected
    [found] = parsed.papers
    return found


def test_there_is_a_sample_of_every_format() -> None:
    assert set(NAMES) == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_recognises_its_own_sample_and_no_other(name: str) -> None:
    takers = [
        other
        for other, module in zip(NAMES, importers.FORMATS, strict=True)
        if module.recognises(SAMPLES[name])
    ]
    assert takers == [name]


@pytest.mark.parametrize("name", FILES)
def test_each_sample_is_read_through_the_door(tmp_path: Path, name: str) -> None:
    parsed = read(tmp_path, FILES[name])
    assert parsed.papers[0].title == "A First Paper"
    assert not parsed.rejected


ARXIV = {
    "id": "hep-th/9901001", "title": "A First Paper", "abstract": ABSTRACT, "journal-ref": "Nature 1 (1999)",
    "authors_parsed": [["Li", "Fei", ""], ["King", "Bo", "Jr."]], "update_date": "2015-05-13",
    "versions": [{"version": "v1", "created": "Fri, 1 Jan 1999 09:00:00 GMT"}], "doi": None,
}  # fmt: skip
SCHOLAR = {
    "paperId": "ab12", "externalIds": {"ArXiv": "1805.08303", "DOI": None}, "title": "A First Paper",
    "authors": [{"authorId": "1", "name": "Fei Li"}], "year": 2018, "venue": "ACL", "abstract": ABSTRACT,
}  # fmt: skip
CROSSREF = {
    "DOI": "10.1000/AB", "title": ["A <i>First</i> Paper"], "abstract": f"<jats:p>{ABSTRACT}</jats:p>",
    "author": [{"given": "Fei", "family": "Li"}], "issued": {"date-parts": [[2019, 6]]}, "type": "journal-article",
    "container-title": ["Nature"], "member": "1",
}  # fmt: skip
S2ORC = {
    "paper_id": "7", "title": "A First Paper", "abstract": [{"text": ABSTRACT}], "year": 2017, "doi": "10.1000/ab",
    "authors": [{"first": "Fei", "middle": ["X."], "last": "Li", "suffix": ""}], "journal": "Nature",
}  # fmt: skip
BEIR = {"_id": "1", "title": "A First Paper", "text": ABSTRACT, "metadata": {"url": "https://example.org/1"}}
SHAPES = {
    "arXiv": (ARXIV, "arxiv:hep-th/9901001", ("Fei Li", "Bo King Jr."), 1999, "Nature 1 (1999)"),
    "Semantic Scholar": (SCHOLAR, "arxiv:1805.08303", ("Fei Li",), 2018, "ACL"),
    "Crossref": (CROSSREF, "doi:10.1000/ab", ("Fei Li",), 2019, "Nature"),
    "S2ORC": (S2ORC, "doi:10.1000/ab", ("Fei X. Li",), 2017, "Nature"),
    "BEIR": (BEIR, None, (), None, ""),
}


@pytest.mark.parametrize(
    ("record", "identity", "authors", "year", "venue"), SHAPES.values(), ids=SHAPES.keys()
)
def test_a_record_of_each_source_becomes_its_paper(
    tmp_path: Path,
    record: object,
    identity: str | None,
    authors: tuple[str, ...],
    year: int | None,
    venue: str,
) -> None:
    found = one(tmp_path, record)
    assert (found.title, found.abstract) == ("A First Paper", ABSTRACT)
    assert (found.authors, found.year, found.venue) == (authors, year, venue)
    assert identity in (None, found.id)


def test_the_words_of_an_inverted_index_stand_in_order_again(tmp_path: Path) -> None:
    found = one(tmp_path, {"results": [OPENALEX], "meta": {"count": 1}})
    assert found.abstract == "speech of people and"
    assert (found.id, found.venue, found.url) == ("doi:10.1000/ab", "Nature", "https://example.org/1")


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda r: json.dumps(r), id="array"),
        pytest.param(lambda r: json.dumps(r, indent=2), id="array over lines"),
        pytest.param(lambda r: "\n".join(map(json.dumps, r)), id="lines"),
        pytest.param(lambda r: "\n\n".join(json.dumps(one, indent=1) for one in r), id="in sequence"),
        pytest.param(lambda r: json.dumps({"total": 3, "data": r, "next": {}}), id="data"),
        pytest.param(lambda r: json.dumps({"papers": r}, indent=1), id="papers over lines"),
        pytest.param(
            lambda r: json.dumps({"status": "ok", "message": {"items": r}}, indent=1), id="Crossref"
        ),
    ],
)
def test_records_are_found_in_any_wrapping(tmp_path: Path, wrap: object) -> None:
    records = [{"title": f"Paper {number}", "abstract": ABSTRACT} for number in range(3)]
    parsed = read(tmp_path, wrap(records))  # type: ignore[operator]
    assert [p.title for p in parsed.papers] == ["Paper 0", "Paper 1", "Paper 2"]
    assert not parsed.rejected


def test_a_line_that_was_half_written_is_rejected_once_with_its_number(tmp_path: Path) -> None:
    line = json.dumps(SCHOLAR)
    parsed = read(tmp_path, f"{line}\n{line[:60]}")
    assert len(parsed.papers) == 1
    assert [(r.line, r.text) for r in parsed.rejected] == [(2, line[:60])]


def test_a_broken_record_of_an_array_costs_only_itself(tmp_path: Path) -> None:
    good = json.dumps(SCHOLAR)
    for bad in ('{"title" "x"}', '{"title": "no end}', "nonsense", '{"title": "x", "abstract": [1, }'):
        parsed = read(tmp_path, f"[\n{good},\n{bad},\n{good}\n]")
        assert len(parsed.papers) == 2, bad
        assert [r.line for r in parsed.rejected] == [3], bad


@pytest.mark.parametrize(
    "wrap", ["{}\n{}\n", "[{}, {}]", '{{"results": [{}, {}]}}'], ids=["lines", "array", "object"]
)
def test_a_record_of_forty_megabytes_is_rejected_in_little_memory(wrap: str) -> None:
    big = json.dumps({"title": "Big", "abstract": "word " * 8_000_000})
    data = wrap.format(big, json.dumps(SCHOLAR)).encode()
    del big
    module = importers.FORMATS[NAMES.index("json_records")]
    tracemalloc.start()
    found = list(module.parse(io.BytesIO(data), "x"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(record) for record in found] == [Rejected, Paper]
    assert peak < 25_000_000


def test_a_hundred_thousand_records_are_never_in_memory_at_once() -> None:
    record = json.dumps({"title": "A", "abstract": "word " * 200}).encode()
    data = b"[" + b",".join([record] * 20_000) + b"]"
    module = importers.FORMATS[NAMES.index("json_records")]
    found = module.parse(io.BytesIO(data), "x")
    tracemalloc.start()
    for _ in range(500):
        next(found)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_scripts_and_tags_in_a_title_stay_text(tmp_path: Path) -> None:
    title = "<script>alert(1)</script> and <unk> in Models"
    assert one(tmp_path, SCHOLAR | {"title": title}).title == title


def test_writing_from_right_to_left_and_combining_marks_are_kept(tmp_path: Path) -> None:
    assert one(tmp_path, SCHOLAR | {"title": "مقدمة في cafe\u0301"}).title == "مقدمة في café"


def test_half_a_character_is_replaced_so_that_it_can_be_stored(tmp_path: Path) -> None:
    found = one(tmp_path, SCHOLAR | {"title": "A \ud800 Paper", "authors": [{"name": "F\udfff Li"}]})
    repr(found).encode()


def test_a_paper_may_lack_an_abstract_and_not_a_title(tmp_path: Path) -> None:
    parsed = read(tmp_path, json.dumps([SCHOLAR | {"abstract": None}, SCHOLAR | {"title": ""}]))
    assert [p.abstract for p in parsed.papers] == [""]
    assert [r.reason for r in parsed.rejected] == ["has no title"]


def test_ten_thousand_authors_are_all_kept(tmp_path: Path) -> None:
    names = [{"name": f"Author N{number}"} for number in range(10_000)]
    assert len(one(tmp_path, SCHOLAR | {"authors": names}).authors) == 10_000
    row = CSV.replace("Li, Fei; Wu, Bo", "; ".join(name["name"] for name in names))
    assert len(one(tmp_path, row).authors) == 10_000


@pytest.mark.parametrize("date", ["n.d.", "", None, "in press", {"date-parts": [[None]]}, []])
def test_no_date_is_no_year(tmp_path: Path, date: object) -> None:
    assert one(tmp_path, {"title": "A", "abstract": ABSTRACT, "authors": [], "year": date}).year is None


HEADINGS = {
    "Scopus": '"Authors","Author full names","Title","Year","Source title","DOI","Link","Abstract"\n'
    '"Li F.","Li, Fei (57189212345)","A First Paper","2020","Nature","10.1000/ab","https://example.org","{}"\n',
    "Web of Science": "PT\tAU\tTI\tSO\tAB\tPY\tDI\nJ\tLi, Fei\tA First Paper\tNature\t{}\t2020\t10.1000/ab\n",
    "PubMed": "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,DOI,Abstract\n"
    '1,A First Paper,Li F.,x,Li F,Nature,2020,10.1000/ab,"{}"\n',
    "IEEE": '"Document Title",Authors,"Publication Title","Publication Year","Abstract","DOI"\n'
    '"A First Paper","F. Li","Nature","2020","{}","10.1000/ab"\n',
    "Zotero": '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Abstract Note"\n'
    '"K","journalArticle","2020","Li, Fei","A First Paper","Nature","10.1000/ab","{}"\n',
    "semicolons": "sep=;\nTitle;Abstract;Journal;Year;DOI;Authors\nA First Paper;{};Nature;2020;10.1000/ab;Fei Li\n",
}


@pytest.mark.parametrize("table", HEADINGS.values(), ids=HEADINGS.keys())
def test_the_columns_of_each_exporter_are_known(tmp_path: Path, table: str) -> None:
    found = one(tmp_path, table.format(ABSTRACT))
    assert (found.title, found.abstract, found.year, found.venue) == (
        "A First Paper",
        ABSTRACT,
        2020,
        "Nature",
    )
    assert found.id == "doi:10.1000/ab"
    assert found.authors[0].endswith(("Li", "Li F."))


def test_a_quoted_abstract_may_go_over_lines_and_hold_commas(tmp_path: Path) -> None:
    found = one(tmp_path, f'Title,Abstract\nOne,"First, line.\n\nSecond ""line"". {ABSTRACT}"\n')
    assert found.abstract == f'First, line. Second "line". {ABSTRACT}'


def test_a_broken_row_costs_only_itself(tmp_path: Path) -> None:
    rows = 'Title,Abstract,Year\nOne,a,2001\nTwo,"never closed,2002\nThree,c,2003\nFour,d,2004,x\n,e,2005\nSix,"f",2006\n'
    parsed = read(tmp_path, rows)
    assert [p.title for p in parsed.papers] == ["One", "Three", "Six"]
    assert [r.line for r in parsed.rejected] == [3, 5, 6]


def test_a_table_line_of_forty_megabytes_is_rejected_in_little_memory() -> None:
    data = b"Title,Abstract\nOne,a\nTwo," + b"b" * 40_000_000 + b"\nThree,c\n"
    tracemalloc.start()
    found = list(tables.parse(io.BytesIO(data), "x"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(record) for record in found] == [Paper, Rejected, Paper]
    assert peak < 25_000_000


def test_a_formula_in_a_workbook_is_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Title", "Abstract", "Year"],
        ['=HYPERLINK("http://x")', ABSTRACT, 2020.0],
        [None],
        [None, "b"],
    ]
    parsed = read(tmp_path, workbook(rows))
    assert [(p.title, p.year) for p in parsed.papers] == [('=HYPERLINK("http://x")', 2020)]
    assert [r.line for r in parsed.rejected] == [4]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Li, Fei; Wu, Bo", ["Li, Fei", "Wu, Bo"]),
        ("Fei Li, Bo Wu and Al Yu", ["Fei Li", "Bo Wu", "Al Yu"]),
        ("Li, F., Wu, B.", ["Li, F.", "Wu, B."]),
        ("Li F., Wu B.", ["Li F.", "Wu B."]),
        ("Li, Fei", ["Li, Fei"]),
        ("Fei Li et al.", ["Fei Li"]),
        ("['Fei Li', 'Bo Wu']", ["Fei Li", "Bo Wu"]),
        ("", []),
    ],
)
def test_names_in_one_line_are_taken_apart(line: str, names: list[str]) -> None:
    assert people(line) == names


@pytest.mark.parametrize("text", [PLAIN, MARKDOWN], ids=["in turns", "Markdown"])
def test_short_abstracts_below_titles_are_papers(tmp_path: Path, text: str) -> None:
    papers = read(tmp_path, text).papers
    assert [(p.title, p.abstract) for p in papers] == [
        ("A First Paper", ABSTRACT),
        ("On a Second Paper", ABSTRACT),
    ]


README = f"# Tool of Ours\n\n{ABSTRACT}\n\n## Installation\n\n{ABSTRACT}\n\n## How to use it\n\n{ABSTRACT}\n"
LETTER = f"Dear old friend Bob\n\n{ABSTRACT}\n\n{ABSTRACT}\n\nBest wishes from here\n"
LOG = (
    "2024-01-01 10:00:00 INFO started the server\n\n" * 5
    + "2024-01-01 10:00:01 ERROR it went away again.\n" * 9
)
NOVEL = "\n\n".join(["It was late when they came to the inn, and nobody said a word."] * 8)
CODE = 'def first():\n    """Say it. Say it again."""\n\n\ndef second():\n    return "x"\n'
PACKAGE = json.dumps({"name": "x", "title": "My Site", "description": "It is a site.", "year": 2020})
NO_PAPERS = {
    "README": README, "letter": LETTER, "log": LOG, "novel": NOVEL, "code": CODE, "package": PACKAGE,
    "table of something": "Name,Title,Phone\nBob,Dr.,123\n", "code in Markdown": MARKDOWN + "\n```\nx\n```\n",
    "list in Markdown": MARKDOWN + "\n- one\n- two\n", "headings alone": "# One Two Three\n\n## Four Five Six\n",
}  # fmt: skip


@pytest.mark.parametrize("text", NO_PAPERS.values(), ids=NO_PAPERS.keys())
def test_what_only_looks_like_titles_and_abstracts_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImportFailed, match="holds no papers"):
        read(tmp_path, text)


ENGLISH = f"{ABSTRACT} “naïve” – Café"
RUSSIAN = "Мы обучаем небольшую модель на речи многих людей. Она хорошо работает на всех задачах."
JAPANESE = "私たちは多くの人々の音声で小さなモデルを訓練します。すべてのベンチマークでうまく機能します。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"), (ENGLISH, "utf-8-sig"), (ENGLISH, "utf-16"), (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"), (ENGLISH, "utf-32"), (ENGLISH, "utf-32-le"), (ENGLISH, "utf-32-be"),
        (ENGLISH, "cp1252"), (RUSSIAN, "cp1251"), (RUSSIAN, "utf-16"), (JAPANESE, "shift-jis"), (JAPANESE, "utf-8"),
    ],
)  # fmt: skip
def test_text_is_decoded_from_any_encoding(text: str, encoding: str) -> None:
    data = (text + "\r\n").encode(encoding) * 3
    assert decoding.as_text(io.BytesIO(data)).read().replace("\ufeff", "") == (text + "\n") * 3
    assert not decoding.is_binary(data)


def test_a_stray_line_of_windows_in_a_file_of_utf_8_is_read_as_such() -> None:
    data = "naïve Größe\n".encode() * 3 + "Café “x”\n".encode("cp1252") + "naïve\n".encode()
    assert decoding.as_text(io.BytesIO(data)).read() == "naïve Größe\n" * 3 + "Café “x”\nnaïve\n"


def test_the_file_stays_open_when_its_text_is_closed() -> None:
    file = io.BytesIO(LONG.encode())
    decoding.as_text(file).close()
    assert not file.closed


def test_a_long_line_is_held_only_in_part() -> None:
    found = list(decoding.lines(io.StringIO("a\n" + "b" * 3_000_000 + "\nc"), 1_000_000))
    assert [(line.number, len(line.text), line.whole) for line in found] == [
        (1, 1, True),
        (2, 2_000, False),
        (3, 1, True),
    ]
