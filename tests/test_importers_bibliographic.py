"""Bibliographies of every kind become papers; what is broken is said and costs nothing else."""

from __future__ import annotations

import io
import json
import logging
import random
import unicodedata
from types import ModuleType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.importers import acl_xml, bibtex, csl_json, endnote, nbib, pubmed_xml, ris
from rag.importers.latex import without_latex
from rag.importers.markup import untagged
from rag.importers.parsed import Rejected
from rag.records import Paper
from rag.text import readable

ABSTRACT = "We teach kettles to sing. They sing 5% better, p < 0.05."

BIBTEX = r"""% Encoding: UTF-8
@string{acl = "Meeting of " # "the Kettle Society"}
@preamble{"\newcommand{\x}{y}"}
@inproceedings{kettle-2020,
    title = "{S}inging {K}ettles: \emph{{\"U}ber} \& {\textquotedblleft}Erd{\H{o}}s{\textquotedblright} in $O(n^{2})$",
    author = {M{\"u}ller, J{\"o}rg and {Tea, Inc.} and Nguy{\~{\^e}}n, V{\u a}n and \'{E}mile Zola and others},
    booktitle = acl,
    month = jul,
    year = 2020,
    url = "https://example.org/kettle/",
    doi = "10.1234/kettle{\_}1",
    abstract = "We teach kettles to sing.
@K (K=5) They sing 5{\%} better, p {\textless} 0.05."
}
@comment{jabref-meta: databaseType:bibtex;}
@article{pots-2019, Title = {Silent Pots}, journaltitle = {Journal of Pots}, date = {2019-05-03},
  eprint = {1905.01234v2}, eprinttype = {arxiv}}
"""
RIS = f"""TY  - CONF
TI  - Singing <i>Kettles</i>
AU  - Müller, Jörg
AU  - Tea Society
PY  - 2020/07/01/
T2  - Meeting of the Kettle Society
AB  - We teach kettles
 to sing. They sing 5% better, p &lt; 0.05.
DO  - https://doi.org/10.1234/Kettle_1
ZZ  - unknown
UR  - https://example.org/kettle
ER  -

TY  - JOUR
T1  - Silent Pots
A1  - Zola, Émile
Y1  - 2019
JO  - Journal of Pots
N2  - {ABSTRACT}
UR  - https://arxiv.org/abs/1905.01234v2
ER  -
"""
ENW = f"""%0 Conference Proceedings
%T Singing Kettles
%A Müller, Jörg
%A Tea Society,
%D 2020
%B Meeting of the Kettle Society
%R 10.1234/kettle_1
%X {ABSTRACT}
%U https://example.org/kettle

%0 Journal Article
%T Silent Pots
%A Zola, Émile
%D 2019
%J Journal of Pots
%U https://arxiv.org/abs/1905.01234
%X {ABSTRACT}
"""
NBIB = """PMID- 123
OWN - NLM
DP  - 2020 Jul
TI  - Singing
      Kettles
LID - 10.1234/kettle_1 [doi]
LID - S1 [pii]
AB  - We teach kettles to sing. They sing
      5% better, p < 0.05.
FAU - Müller, Jörg
AU  - Müller J
CN  - Tea Society
JT  - Meeting of the Kettle Society

PMID- 124
DP  - 2019
TI  - Silent Pots
FAU - Zola, Émile
JT  - Journal of Pots
"""
PUBMED = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" "https://example.org/pubmed.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">123</PMID><Article>
<Journal><JournalIssue><PubDate><MedlineDate>2020 Jul-Aug</MedlineDate></PubDate></JournalIssue>
<Title>Meeting of the Kettle Society</Title></Journal>
<ArticleTitle>Singing <i>Kettles</i> in H<sub>2</sub>O.</ArticleTitle>
<ELocationID EIdType="pii">S1</ELocationID><ELocationID EIdType="doi">10.1234/kettle_1</ELocationID>
<Abstract><AbstractText Label="AIM">We teach kettles to sing.</AbstractText>
<AbstractText Label="RESULTS">They sing 5% better, p &lt; 0.05.</AbstractText></Abstract>
<AuthorList><Author><LastName>Müller</LastName><ForeName>Jörg</ForeName></Author>
<Author><CollectiveName>Tea Society</CollectiveName></Author></AuthorList>
</Article></MedlineCitation><PubmedData><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="doi">10.9999/other</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>124</PMID><ArticleTitle>Silent Pots</ArticleTitle>
<Book><BookTitle>Book of Pots</BookTitle><PubDate><Year>2019</Year></PubDate></Book>
<AuthorList><Author><LastName>Zola</LastName><ForeName>Émile</ForeName></Author></AuthorList></BookDocument>
</PubmedBookArticle>
</PubmedArticleSet>
"""
ACL = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="2020.kettle"><volume id="main">
<meta><booktitle>Meeting of the <fixed-case>K</fixed-case>ettle Society</booktitle><year>2020</year></meta>
<frontmatter><url>2020.kettle-main.0</url></frontmatter>
<paper id="1"><title><fixed-case>S</fixed-case>inging Kettles in <tex-math>O(n^2)</tex-math></title>
<author><first>Jörg</first><last>Müller</last></author><author><first/><last>Tea Society</last></author>
<abstract>We teach kettles to sing. They sing 5% better, p &lt; 0.05.</abstract>
<url hash="1">2020.kettle-main.1</url><doi>10.1234/kettle_1</doi></paper>
<paper id="2"><title>Silent Pots</title><year>2019</year><author><first>Émile</first><last>Zola</last></author></paper>
</volume></collection>
"""
CSL = json.dumps(
    [
        {
            "id": "a",
            "type": "paper-conference",
            "title": "Singing <i>Kettles</i>",
            "author": [{"family": "Müller", "given": "Jörg"}, {"literal": "Tea Society"}],
            "issued": {"date-parts": [[2020, 7]]},
            "container-title": "Meeting of the Kettle Society",
            "DOI": "10.1234/Kettle_1",
            "abstract": ABSTRACT,
        },
        {
            "id": "b",
            "type": "article-journal",
            "title": "Silent Pots",
            "author": [{"family": "Zola", "given": "Émile"}],
            "issued": {"raw": "May 2019"},
            "note": "arXiv:1905.01234 [cs.PO]",
        },
    ],
    ensure_ascii=False,
    indent=1,
)
ZOTERO = json.dumps(
    [
        {
            "key": "A",
            "version": 1,
            "data": {
                "itemType": "conferencePaper",
                "title": "Singing Kettles",
                "abstractNote": ABSTRACT,
                "creators": [
                    {"creatorType": "author", "firstName": "Jörg", "lastName": "Müller"},
                    {"creatorType": "author", "name": "Tea Society"},
                    {"creatorType": "editor", "firstName": "E.", "lastName": "Ditor"},
                ],
                "date": "2020-07",
                "proceedingsTitle": "Meeting of the Kettle Society",
                "DOI": "10.1234/kettle_1",
            },
        },
        {"key": "B", "data": {"itemType": "attachment", "title": "Full Text PDF"}},
        {"key": "C", "data": {"itemType": "note", "note": "read this"}},
        {
            "key": "D",
            "data": {
                "itemType": "preprint",
                "title": "Silent Pots",
                "creators": [{"creatorType": "author", "firstName": "Émile", "lastName": "Zola"}],
                "date": "2019",
                "archiveID": "arXiv:1905.01234",
            },
        },
    ],
    indent=1,
)
BETTER = json.dumps(
    {
        "config": {"id": "x"},
        "collections": {},
        "items": [one["data"] for one in json.loads(ZOTERO)],
    }
)
FILES: dict[str, tuple[ModuleType, str]] = {
    "BibTeX": (bibtex, BIBTEX),
    "RIS": (ris, RIS),
    "EndNote": (endnote, ENW),
    "MEDLINE": (nbib, NBIB),
    "PubMed XML": (pubmed_xml, PUBMED),
    "ACL XML": (acl_xml, ACL),
    "CSL-JSON": (csl_json, CSL),
    "Zotero": (csl_json, ZOTERO),
    "Better BibTeX": (csl_json, BETTER),
}
every_format = pytest.mark.parametrize(("reader", "text"), FILES.values(), ids=FILES.keys())
XML = [pytest.param(pubmed_xml, PUBMED, id="PubMed"), pytest.param(acl_xml, ACL, id="ACL")]


def read(reader: ModuleType, content: str | bytes) -> tuple[list[Paper], list[Rejected]]:
    data = content.encode() if isinstance(content, str) else content
    found = list(reader.parse(io.BytesIO(data), "file"))
    return [p for p in found if isinstance(p, Paper)], [r for r in found if isinstance(r, Rejected)]


@every_format
def test_every_format_gives_its_two_papers(reader: ModuleType, text: str) -> None:
    [first, second], rejected = read(reader, text)
    assert not rejected
    assert first.title.startswith("Singing Kettles")
    assert first.authors[:2] == ("Jörg Müller", "Tea Inc." if reader is bibtex else "Tea Society")
    assert (first.year, first.doi) == (2020, "10.1234/kettle_1")
    assert first.venue == "Meeting of the Kettle Society"
    assert "teach kettles to sing." in first.abstract
    assert first.abstract.endswith("They sing 5% better, p < 0.05.")
    assert (second.title, second.authors, second.year) == (
        "Silent Pots",
        ("Émile Zola",) * (reader is not bibtex),
        2019,
    )


@pytest.mark.parametrize("name", ["BibTeX", "RIS", "EndNote", "CSL-JSON", "Zotero", "Better BibTeX"])
def test_an_arxiv_identifier_is_found_where_the_format_keeps_it(name: str) -> None:
    assert read(*FILES[name])[0][1].arxiv_id == "1905.01234"


@every_format
def test_a_format_is_known_by_its_content_and_by_no_other_reader(reader: ModuleType, text: str) -> None:
    readers = dict.fromkeys(r for r, _ in FILES.values())
    assert [r for r in readers if r.recognises(text)] == [reader]
    assert [r for r in readers if r.recognises("\ufeff\n" + text.replace("\n", "\r\n"))] == [reader]


CROSSREF = (
    '{"message": {"items": [{"indexed": {}, "type": "book", "title": ["A"], "author": [{"given": "B"}]}]}}'
)
FOREIGN = {
    "empty": "",
    "prose": "We cite TY  - JOUR and @article here. PMID 123.\n\n%T is a tag, and so is %0.\n" * 5,
    "web page": f"<!doctype html><html><pre>\n{RIS}\n{BIBTEX}\n{NBIB}\n</pre></html>",
    "Markdown": f"# Kettles\n\nCite as:\n\n```bibtex\n{BIBTEX}\n```\n",
    "Python": "@pytest.mark.slow\n@dataclass(frozen=True)\n@article_view(a, b=1)\nclass A: ...\n" * 3,
    "Crossref": CROSSREF,
    "arXiv JSON": '{"id": "1905.01234", "authors": "A. B", "title": "C", "abstract": "D", "doi": null}',
    "OpenAlex": '{"results": [{"id": "W1", "type": "article", "title": "C", "authorships": []}]}',
    "Atom": '<?xml version="1.0"?><feed><entry><title>A</title></entry></feed>',
    "TeX": "\\documentclass{article}\n% comment\n\\cite{a}\n",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_another_format_is_not_claimed(text: str) -> None:
    readers = dict.fromkeys(r for r, _ in FILES.values())
    assert [r.NAME for r in readers if r.recognises(text)] == []


ENCODINGS = {
    "UTF-8 with mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Latin-1": lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "Windows lines": lambda text: text.replace("\n", "\r\n").encode(),
    "old Mac lines": lambda text: text.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
@every_format
def test_a_file_is_read_in_any_encoding(reader: ModuleType, text: str, encode: object) -> None:
    papers, rejected = read(reader, encode(text))  # type: ignore[operator]
    assert [p.id for p in papers] == [p.id for p in read(reader, text)[0]]
    assert not rejected
    assert papers[0].authors[0] == "Jörg Müller"


@every_format
def test_stray_bytes_cost_no_paper(reader: ModuleType, text: str) -> None:
    mixed = text.encode().replace(b"Society", b"Soci\xe9t\xe9\xff")
    assert len(read(reader, mixed)[0]) == 2


def record(
    reader: ModuleType, title: str = "A Title", abstract: str = "", year: str = "", author: str = ""
) -> str:
    """One record of a format, by its fields as they stand in a file."""
    quoted = {k: json.dumps(v)[1:-1] for k, v in {"t": title, "a": abstract, "y": year, "n": author}.items()}
    return {
        bibtex: f"@article{{key,\n title = {{{title}}},\n abstract = {{{abstract}}},\n date = {{{year}}},\n"
        f" author = {{{author}}}\n}}\n",
        ris: f"TY  - JOUR\nTI  - {title}\nAB  - {abstract}\nPY  - {year}\nAU  - {author}\nER  -\n",
        endnote: f"%0 Journal Article\n%T {title}\n%X {abstract}\n%D {year}\n%A {author}\n\n",
        nbib: f"PMID- 5\nTI  - {title}\nAB  - {abstract}\nDP  - {year}\nFAU - {author}\n\n",
        pubmed_xml: f"<PubmedArticle><MedlineCitation><Article><ArticleTitle>{title}</ArticleTitle><Abstract>"
        f"<AbstractText>{abstract}</AbstractText></Abstract><Journal><JournalIssue><PubDate><MedlineDate>{year}"
        f"</MedlineDate></PubDate></JournalIssue></Journal><AuthorList><Author><LastName>{author}</LastName>"
        "</Author></AuthorList></Article></MedlineCitation></PubmedArticle>\n",
        acl_xml: f"<paper><title>{title}</title><abstract>{abstract}</abstract><year>{year}</year>"
        f"<author><last>{author}</last></author></paper>\n",
        csl_json: f'{{"type": "article", "title": "{quoted["t"]}", "abstract": "{quoted["a"]}",\n"issued": '
        f'{{"literal": "{quoted["y"]}"}}, "author": [{{"literal": "{quoted["n"]}"}}]}}\n',
    }[reader]


def file_of(reader: ModuleType, *records: str) -> str:
    """A whole file of some records."""
    if reader is csl_json:
        return "[" + ",\n".join(records) + "]"
    around = {
        pubmed_xml: ("<PubmedArticleSet>", "</PubmedArticleSet>"),
        acl_xml: ("<collection><volume>", "</volume></collection>"),
    }
    before, after = around.get(reader, ("", ""))
    return before + "".join(records) + after


READERS = [pytest.param(r, id=r.NAME) for r in dict.fromkeys(r for r, _ in FILES.values())]
every_reader = pytest.mark.parametrize("reader", READERS)


@every_reader
def test_a_record_without_abstract_is_a_paper(reader: ModuleType) -> None:
    [found], rejected = read(reader, file_of(reader, record(reader)))
    assert (found.title, found.abstract) == ("A Title", "")
    assert not rejected


@every_reader
def test_a_record_without_title_is_rejected_with_its_line_and_the_next_one_is_read(
    reader: ModuleType,
) -> None:
    text = file_of(reader, record(reader, "One"), record(reader, ""), record(reader, "Two"))
    papers, [rejected] = read(reader, text)
    assert [p.title for p in papers] == ["One", "Two"]
    assert rejected.reason == "has no title"
    assert rejected.line == 1 + file_of(reader, record(reader, "One")).rstrip("]").count("\n") + (
        reader is csl_json
    )
    assert rejected.text


@every_reader
def test_a_record_over_a_million_characters_is_rejected_and_the_next_one_is_read(reader: ModuleType) -> None:
    text = file_of(reader, record(reader, "Long", "many words " * 280_000), record(reader, "Short"))
    papers, [rejected] = read(reader, text)
    assert [p.title for p in papers] == ["Short"]
    assert "million characters" in rejected.reason
    assert len(rejected.text) <= 2_000


@every_reader
def test_records_that_are_the_same_are_both_given(reader: ModuleType) -> None:
    papers, rejected = read(reader, file_of(reader, record(reader), record(reader)))
    assert len(papers) == 2
    assert not rejected


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("n.d.", None),
        ("2020/03", 2020),
        ("Spring 2019", 2019),
        ("in press", None),
        ("", None),
        ("c. 1999-2001", 1999),
    ],
)
@every_reader
def test_a_date_of_any_form_gives_its_year(reader: ModuleType, date: str, year: int | None) -> None:
    assert read(reader, file_of(reader, record(reader, year=date)))[0][0].year == year


@pytest.mark.parametrize(
    "title",
    ["עברית and العربية", "e\u0301tude of \u0915\u094d\u0937", "日本語の論文", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🎵"],
    ids=ascii,
)
@every_reader
def test_titles_of_any_script_are_kept(reader: ModuleType, title: str) -> None:
    assert read(reader, file_of(reader, record(reader, title)))[0][0].title == unicodedata.normalize(
        "NFC", title
    )


@pytest.mark.parametrize("reader", [r for r in READERS if r.id not in (pubmed_xml.NAME, acl_xml.NAME)])
def test_scripts_in_titles_are_no_text(reader: ModuleType) -> None:
    title = "Safe <script>alert(1)</script><b onclick='x()'>Title</b>"
    assert read(reader, file_of(reader, record(reader, title)))[0][0].title == "Safe Title"


MANY = [f"Family{n}, Given" for n in range(10_000)]


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        pytest.param(bibtex, f"@misc{{a, title={{A}}, author={{{' and '.join(MANY)}}}}}", id="BibTeX"),
        pytest.param(ris, "TY  - JOUR\nTI  - A\n" + "".join(f"AU  - {n}\n" for n in MANY), id="RIS"),
        pytest.param(endnote, "%0 Book\n%T A\n" + "".join(f"%A {n}\n" for n in MANY), id="EndNote"),
        pytest.param(nbib, "PMID- 1\nTI  - A\n" + "".join(f"FAU - {n}\n" for n in MANY), id="MEDLINE"),
        pytest.param(
            csl_json, json.dumps([{"title": "A", "author": [{"literal": n} for n in MANY]}]), id="CSL"
        ),
        pytest.param(
            acl_xml,
            file_of(
                acl_xml, "<paper><title>A</title>" + "<author><last>B</last></author>" * 10_000 + "</paper>"
            ),
            id="ACL",
        ),
    ],
)
def test_ten_thousand_authors_are_read(reader: ModuleType, text: str) -> None:
    assert len(read(reader, text)[0][0].authors) == 10_000


# BibTeX and LaTeX


def test_latex_of_bibtex_becomes_characters_and_mathematics_stays() -> None:
    found = read(bibtex, BIBTEX)[0][0]
    assert found.title == "Singing Kettles: Über & “Erdős” in $O(n^{2})$"
    assert found.authors == ("Jörg Müller", "Tea Inc.", "Văn Nguyễn", "Émile Zola")
    assert found.abstract == "We teach kettles to sing. @K (K=5) They sing 5% better, p < 0.05."
    assert found.raw_title.startswith("{S}inging {K}ettles")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"na\"{\i}ve \ss \o re \O{} \L\'od\'z", "naïve ßøre Ø Łódź"),
        (r"Fran\c{c}ois {\c c}a {\aa}ngstr{\"o}m \v{s} \~n", "François ça ångström š ñ"),
        (r"50\,000 a\\b \foo{bar} {\em y}", "50 000 a b bar y"),
        (r"$\mathcal{L}_{1}$ and {L}{A}{B}", r"$\mathcal{L}_{1}$ and LAB"),
        (r"\unknown \textsc{x", r"\unknown x"),
    ],
)
def test_latex_is_read(latex: str, text: str) -> None:
    assert readable(without_latex(latex)) == text


BROKEN = {
    "brace not closed": "@article{b, title = {Never closed, year = 2019\n",
    "quote not closed": '@article{b, title = "Never closed, year = 2019}\n',
    "one brace too many": "@article{b, title = {Clo}}sed}, year = {2019\n}\n",
    "no equals sign": "@article{b, title {Closed}}\n",
    "not ended": "@article{b, title = {Closed},\n",
    "nothing": "@article{\n",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_entry_is_rejected_or_read_and_costs_no_other(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        papers, rejected = read(bibtex, record(bibtex, "One") + broken + record(bibtex, "Two"))
    assert [p.title for p in papers if p.title in ("One", "Two")] == ["One", "Two"]
    assert len(papers) - 2 + len(rejected) == 1
    assert [r.line for r in rejected] in ([], [7])
    assert not caplog.records


def test_a_field_given_twice_counts_once_and_abbreviations_of_abbreviations_do_not_explode() -> None:
    bomb = "@string{s0 = {ha}}\n" + "".join(f"@string{{s{n} = s{n - 1} # s{n - 1}}}\n" for n in range(1, 60))
    [found], _ = read(bibtex, bomb + "@article{a, title = {One}, title = {Two}, journal = s59 # s59}")
    assert found.title == "One"
    assert len(found.venue) < 10_000


# Tagged lines


def test_a_reference_without_end_ends_at_the_next() -> None:
    papers, rejected = read(ris, RIS.replace("ER  -\n", ""))
    assert [p.title for p in papers] == ["Singing Kettles", "Silent Pots"]
    assert not rejected


# XML


@pytest.mark.parametrize(("reader", "text"), XML)
def test_truncated_xml_gives_what_stands_before_the_break(reader: ModuleType, text: str) -> None:
    papers, [rejected] = read(reader, text[: text.index("Silent")])
    assert [p.title.split(" in ")[0] for p in papers] == ["Singing Kettles"]
    assert "not well-formed" in rejected.reason
    assert rejected.line > 5


@pytest.mark.parametrize(("reader", "text"), XML)
def test_an_entity_bomb_is_one_rejection(reader: ModuleType, text: str) -> None:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)
    )
    body = text.split("<PubmedArticleSet>", 1)[-1] if reader is pubmed_xml else text.split("?>", 1)[1]
    papers, [rejected] = read(reader, f"<!DOCTYPE r [{entities}]><r>{body.replace('Singing', '&k;')}</r>")
    assert not papers
    assert rejected.reason == "uses entities that are not allowed"


def test_an_external_entity_is_not_fetched() -> None:
    text = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>{record(acl_xml, "&x;")}</r>'
    assert [r.reason for r in read(acl_xml, text)[1]] == ["uses entities that are not allowed"]


@pytest.mark.parametrize("reader", [pubmed_xml, acl_xml], ids=["PubMed", "ACL"])
def test_elements_ten_thousand_deep_are_rejected_and_the_next_one_is_read(reader: ModuleType) -> None:
    deep = record(reader, "<b>" * 10_000 + "x" + "</b>" * 10_000)
    papers, [rejected] = read(
        reader, file_of(reader, deep, "<z>" * 10_000 + "</z>" * 10_000, record(reader, "Two"))
    )
    assert [p.title for p in papers] == ["Two"]
    assert rejected.reason == "is nested too deep"


# JSON


def test_fields_of_any_type_are_no_trouble() -> None:
    odd = [
        None,
        5,
        True,
        [],
        {},
        [[]],
        [{}],
        {"date-parts": [[None]]},
        {"date-parts": 5},
        "x",
        "\ud800",
        10**400,
    ]
    names = [
        "title",
        "abstract",
        "author",
        "creators",
        "issued",
        "container-title",
        "DOI",
        "URL",
        "note",
        "type",
    ]
    for value in odd:
        text = json.dumps([{"title": "A", name: value} for name in names] + [{"title": "Last"}])
        papers, _ = read(csl_json, text)
        assert papers[-1].title == "Last"


def test_broken_json_gives_what_stands_before_the_break() -> None:
    papers, rejected = read(csl_json, CSL[: CSL.index("Silent")])
    assert [p.title for p in papers] == ["Singing Kettles"]
    assert rejected[0].line == CSL[: CSL.index('"b"')].count("\n")


# Anything

FORMATS = [f for name, f in FILES.items() if name not in ("Better BibTeX",)]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(data=st.binary(max_size=400), reader=st.sampled_from([r for r, _ in FORMATS]))
def test_random_bytes_never_raise(data: bytes, reader: ModuleType) -> None:
    read(reader, data)
    reader.recognises(data.decode("latin-1"))


@settings(quick, max_examples=300)
@given(which=st.sampled_from(FORMATS), seed=st.integers(0, 2**32), changes=st.integers(1, 12))
def test_a_file_that_was_tampered_with_never_raises(
    which: tuple[ModuleType, str], seed: int, changes: int
) -> None:
    reader, text = which
    chance, data = random.Random(seed), bytearray(text.encode())
    for _ in range(changes):
        place, length = chance.randrange(len(data)), chance.randrange(1, 40)
        piece = chance.choice(
            [
                b"",
                b"{",
                b"}",
                b'"',
                b"\\",
                b"<",
                b"&x;",
                b"\x00",
                b"\xff",
                b"@a{",
                b"\n",
                bytes(data[place:][:length]),
            ]
        )
        data[place : place + chance.choice([0, 1, length])] = piece * chance.choice([1, 1, 3])
        data = data or bytearray(b" ")
    reader.recognises(data.decode("latin-1"))
    for found in reader.parse(io.BytesIO(bytes(data)), "file"):
        assert isinstance(found, Paper | Rejected)
        if isinstance(found, Paper):
            repr(found).encode()
            assert found.title
        else:
            assert found.reason
            assert found.line >= 0


PIECES = [
    "<",
    ">",
    "&",
    ";",
    "i",
    "lt",
    "gt",
    "amp",
    "#38",
    "script",
    "/",
    "<script>",
    "</script>",
    "<p>",
    " ",
    "!--",
]


@settings(quick, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("<<script>a>b</script>i>")
def test_reading_markup_away_twice_is_reading_it_away_once(text: str) -> None:
    assert untagged(untagged(text)) == untagged(text)


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("p < 0.05 and x > y", "p < 0.05 and x > y"),
        ("for x<i and j>k", "for x<i and j>k"),
        ("<unk> and <mask>", "<unk> and <mask>"),
        ("&lt;i&gt;a&lt;/i&gt; &amp;amp; b", "a & b"),
        ("AT&T R&D; &copy;", "AT&T R&D; ©"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math><scp>N</scp>", "xN"),
        ("<jats:title>Abstract</jats:title><jats:p>We</jats:p>", "We"),
        ("<style>p {}</style><script src='x'>y()</script>z", "z"),
    ],
)
def test_tags_and_entities_are_read_away_and_signs_stay(marked: str, text: str) -> None:
    assert " ".join(untagged(marked).split()) == text


@pytest.mark.parametrize(
    "piece", ["<", "<i>", "<script>", "&", "&amp;", "<i ", "<a b=c ", "<script><x</script>", "&<"]
)
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    untagged(piece * (300_000 // len(piece)))
