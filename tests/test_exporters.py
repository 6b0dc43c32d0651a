"""What is exported and imported again says the same, in every format and whatever the texts hold."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rag import importers
from rag.errors import FootnoteError
from rag.exporters import FORMATS, format_of, write
from rag.exporters.keys import base, citation_keys
from rag.exporters.names import inverted
from rag.importers import bibtex, csl_json, json_records, ris, tables
from rag.importers.markup import untagged
from rag.importers.parsed import paper, person
from rag.records import Paper
from rag.text import readable

READERS = {
    "bibtex": bibtex.parse, "ris": ris.parse, "csl-json": csl_json.parse, "csv": tables.parse,
    "jsonl": json_records.parse,
}  # fmt: skip
SAME = ("title", "abstract", "authors", "year", "venue", "doi", "arxiv_id", "url")


def exported(papers: list[Paper], form: str) -> str:
    file = io.StringIO(newline="")
    write(papers, form, file)
    return file.getvalue()


def back(papers: list[Paper], form: str) -> list[dict[str, object]]:
    data = exported(papers, form).encode()
    return [said(found) for found in READERS[form](io.BytesIO(data), "back")]


def said(found: object) -> dict[str, object]:
    """What must be the same; a rejected record is shown whole."""
    return {name: getattr(found, name) for name in SAME} if isinstance(found, Paper) else {"rejected": found}


def clean(text: str) -> str:
    return readable(untagged(text))


def full(**changes: object) -> Paper:
    made = paper(
        "The Zebra Paper",
        "Zebras run. They like grass.",
        "some.bib",
        authors=["Gómez, Ana", "King, Martin Luther, Jr."],
        year=2021,
        venue="ACL",
        doi="10.1000/zebra_1",
        arxiv_id="2101.00001",
        url="https://zebra.org/a_b?c=d%20e",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


HARD = {
    "plain": full(),
    "nothing but a title": paper("Only A Title", "", "x"),
    "LaTeX specials": full(title="R&D: 50% of #1 costs $5, a_b ^ c ~ d", abstract="Let {x} be 5% & more_or less."),
    "a backslash": full(title=r"The \alpha of C:\temp"),
    "a formula": full(title="Learning in $O(n \\log n)$ time", abstract="We show $x_{i} > 0$ and $\\alpha$."),
    "lone braces": full(title="A { brace", abstract="Another } one, and }{."),
    "quotation marks": full(title="“Curly” and \"straight\", 'single'", abstract="She said \"no\"."),
    "other scripts": full(title="深層学習 для всех", authors=("李 明", "Ørsted Æbelø", "Đặng Văn")),
    "accents": full(authors=("José Ñandú", "Zoë Müller-Lüdenscheidt", "Łukasz Kaiser")),
    "particles": full(authors=("Ludwig van Beethoven", "Charles de la Vallée", "Martin Luther King Jr.")),
    "an organisation": full(authors=("OpenAI", "Barnes and Noble", "The ATLAS Collaboration")),
    "commas and semicolons": full(title="One, two; three", abstract="a;b,c d"),
    "a formula of a spreadsheet": full(title="=SUM(A1:A9)", abstract="@risk +1 -1"),
    "dashes": full(title="A – B — C - D", abstract="pages 1–2"),
    "looks like a tag": full(title="TY - JOUR", abstract="ER - and AB - inside."),
    "looks like an entry": full(title="@article{x, title = {y}}", abstract="@comment{z}"),
    "less and more": full(title="Why x<y & y>z", abstract="x < y > z"),
    "no year": full(year=None, arxiv_id=""),
    "a venue with ampersand": full(venue="Science & Technology 50%"),
    "signs in the address": full(url="https://x.org/~a/b_c%20d?e=f&g=#h"),
    "an old arXiv id": full(arxiv_id="cs.cl/0701001", doi=""),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("hard", HARD.values(), ids=HARD.keys())
def test_a_hard_paper_comes_back_as_it_was(hard: Paper, form: str) -> None:
    assert back([hard], form) == [said(hard)]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
    | st.sampled_from("{}$%&#_~^\\\"'`,;:=@<>-–()[]| \t"),
    min_size=1,
    max_size=60,
).map(readable)
WORDS = st.lists(
    st.sampled_from("Zebra runs {fast} $x_i$ 5% & on \\ grass ~ ^ _ # “so” O'Neil é".split()), max_size=8
)
TITLES = st.one_of(TEXT, WORDS.map(" ".join)).filter(lambda t: readable(t) == t and any(map(str.isalpha, t)))
NAMES = st.lists(st.from_regex(r"[A-ZÉØ][a-zéø'’-]{0,8}[a-z]", fullmatch=True), min_size=1, max_size=4).map(
    " ".join
)
PAPERS = st.builds(
    paper,
    TITLES,
    st.just("") | TITLES,
    st.just("a.bib"),
    authors=st.lists(NAMES.filter(lambda n: person(n) == n and " and " not in n.lower()), max_size=4),
    year=st.none() | st.integers(1000, 2199),
    venue=st.just("") | TITLES,
    doi=st.just("") | st.from_regex(r"10\.[1-9]\d{3}/[a-z0-9_.()-]{1,12}[a-z0-9]", fullmatch=True),
    arxiv_id=st.just("") | st.from_regex(r"[12]\d0[1-9]\.\d{5}", fullmatch=True),
    url=st.just("") | st.from_regex(r"https://[a-z]{1,8}\.org/[a-z0-9_%?=&~#-]{0,12}", fullmatch=True),
)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(papers=st.lists(PAPERS, min_size=1, max_size=3))
def test_any_papers_come_back_as_they_were(form: str, papers: list[Paper]) -> None:
    for p in papers:
        # Cleaning what was cleaned changes a few texts; the others are those that a library holds. A year
        # that is lacking beside an arXiv identifier is read from it.
        assume(all(clean(t) == t for t in (p.title, p.abstract, p.venue)))
        assume(p.year or not p.arxiv_id)
    assert back(papers, form) == [said(p) for p in papers]


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_exported_is_recognised_by_its_content(form: str, tmp_path: Path) -> None:
    papers = [full(), paper("Only A Title", "", "x"), HARD["LaTeX specials"]]
    file = tmp_path / "unnamed"
    file.write_text(exported(papers, form), encoding="utf-8", newline="")
    assert [said(p) for p in importers.read(file).papers] == [said(p) for p in papers]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_exported_is_still_a_file_of_the_format(form: str) -> None:
    text = exported([], form)
    assert text in {"", "[\n]\n"} or form == "csv"


def test_a_bibtex_entry_reads_as_people_write_it() -> None:
    assert exported([full()], "bibtex") == (
        "@article{gomez2021zebra,\n"
        "  title = {The Zebra Paper},\n"
        "  author = {Gómez, Ana and King, Jr., Martin Luther},\n"
        "  year = {2021},\n"
        "  journal = {ACL},\n"
        "  doi = {10.1000/zebra_1},\n"
        "  eprint = {2101.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  url = {https://zebra.org/a_b?c=d%20e},\n"
        "  abstract = {Zebras run. They like grass.},\n"
        "  source = {some.bib},\n"
        "}\n\n"
    )


@given(text=st.text("a{}$\\_", max_size=30))
def test_braces_of_a_bibtex_file_are_balanced_whatever_a_title_holds(text: str) -> None:
    out = exported([full(title=text, abstract=text, url=f"https://x/{text}")], "bibtex")
    depth = 0
    for sign in out:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0


def test_ris_and_csv_keep_one_record_together() -> None:
    odd = full(abstract="one\nER  - \ntwo", title='a "quoted", title')
    assert len(re.findall(r"^ER  - ", exported([odd], "ris"), re.MULTILINE)) == 1
    rows = list(csv.DictReader(io.StringIO(exported([odd], "csv"), newline="")))
    assert [(row["title"], row["abstract"]) for row in rows] == [(odd.title, odd.abstract)]


def test_csl_json_has_names_in_parts() -> None:
    [item] = json.loads(
        exported([full(authors=("Ana Gómez", "OpenAI", "Martin Luther King Jr."))], "csl-json")
    )
    assert item["author"] == [
        {"family": "Gómez", "given": "Ana"},
        {"literal": "OpenAI"},
        {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
    ]
    assert item["issued"] == {"date-parts": [[2021]]}


class TestKeys:
    @pytest.mark.parametrize(
        ("changes", "key"),
        [
            pytest.param({}, "gomez2021zebra", id="family, year, word"),
            pytest.param({"authors": ()}, "anon2021zebra", id="no author"),
            pytest.param({"year": None}, "gomezzebra", id="no year"),
            pytest.param({"title": "Of the"}, "gomez2021of", id="only small words"),
            pytest.param({"authors": ("Martin Luther King Jr.",)}, "king2021zebra", id="suffix"),
            pytest.param({"authors": ("Ægir Ørsted-Straße",)}, "orstedstrasse2021zebra", id="Latin letters"),
            pytest.param({"authors": ("李 明",), "title": "深層学習"}, "anon2021", id="no Latin letter"),
        ],
    )
    def test_a_key_is_family_year_and_word_in_ascii(self, changes: dict[str, object], key: str) -> None:
        assert base(full(**changes)) == key

    def test_papers_that_would_share_a_key_get_letters_whatever_their_order(self) -> None:
        papers = [full(id=f"x{n}") for n in range(3)]
        keys = {"x0": "gomez2021zebraa", "x1": "gomez2021zebrab", "x2": "gomez2021zebrac"}
        assert citation_keys(papers) == citation_keys(papers[::-1]) == keys

    def test_a_letter_never_makes_the_key_of_another_paper(self) -> None:
        papers = [full(id="1"), full(id="2"), full(id="3", title="Zebraa")]
        assert len(set(citation_keys(papers).values())) == 3

    def test_many_clashes_still_give_different_keys(self) -> None:
        keys = citation_keys([full(id=f"{n:03}") for n in range(800)])
        assert len(set(keys.values())) == 800
        assert keys["026"] == "gomez2021zebraaa"


@pytest.mark.parametrize("name", ["Ana Gómez", "OpenAI", "Martin Luther King Jr.", "Ludwig van Beethoven"])
def test_an_inverted_name_reads_back(name: str) -> None:
    assert person(inverted(name)) == name


@pytest.mark.parametrize(("file", "form"), [("a.bib", "bibtex"), ("a.RIS", "ris"), ("b.c.json", "csl-json")])
def test_a_files_ending_names_its_format(file: str, form: str) -> None:
    assert format_of(Path(file)) == form


def test_an_ending_or_a_format_that_means_nothing_is_said_with_the_known_ones() -> None:
    with pytest.raises(FootnoteError, match=r"\.bib"):
        format_of(Path("refs.docx"))
    with pytest.raises(FootnoteError, match="bibtex"):
        write([], "word", io.StringIO())
