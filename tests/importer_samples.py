"""One small valid file of each format, by the name of its module."""

import gzip
import io
import json
import tarfile
import zipfile

import openpyxl

ABSTRACT = (
    "We train a small model on the speech of many people. It works well on every benchmark that we tried."
)
LONG = " ".join([ABSTRACT] * 4)

PUBMED_XML = f"""<?xml version="1.0"?>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2020</Year></PubDate></JournalIssue><Title>Nature</Title></Journal>
<ArticleTitle>A First Paper</ArticleTitle><Abstract><AbstractText>{ABSTRACT}</AbstractText></Abstract>
<AuthorList><Author><LastName>Li</LastName><ForeName>Fei</ForeName></Author></AuthorList>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>
"""
ACL_XML = f"""<?xml version='1.0' encoding='UTF-8'?>
<collection id="2020.acl"><volume id="main"><meta><booktitle>Proceedings</booktitle><year>2020</year></meta>
<paper id="1"><title>A First Paper</title><author><first>Fei</first><last>Li</last></author>
<abstract>{ABSTRACT}</abstract><url>2020.acl-main.1</url></paper></volume></collection>
"""
CSL = [
    {
        "id": "li2020", "type": "article-journal", "title": "A First Paper", "abstract": ABSTRACT,
        "author": [{"family": "Li", "given": "Fei"}], "issued": {"date-parts": [[2020]]},
        "container-title": "Nature",
    }
]  # fmt: skip
OPENALEX = {
    "id": "https://openalex.org/W1", "display_name": "A First Paper", "publication_year": 2020,
    "abstract_inverted_index": {"people": [2], "speech": [0], "of": [1], "and": [3]},
    "authorships": [{"author": {"display_name": "Fei Li"}}], "doi": "https://doi.org/10.1000/AB",
    "primary_location": {"source": {"display_name": "Nature"}, "landing_page_url": "https://example.org/1"},
}  # fmt: skip
BIBTEX = f"@article{{li20,\n title = {{A First Paper}},\n author = {{Li, Fei}},\n year = 2020,\n abstract = {{{ABSTRACT}}}\n}}\n"
NBIB = f"PMID- 1\nOWN - NLM\nTI  - A First Paper\nAB  - {ABSTRACT}\nFAU - Li, Fei\nDP  - 2020 Jan\nJT  - Nature\n"
RIS = f"TY  - JOUR\nTI  - A First Paper\nAU  - Li, Fei\nPY  - 2020\nAB  - {ABSTRACT}\nER  - \n"
ENDNOTE = f"%0 Journal Article\n%T A First Paper\n%A Li, Fei\n%D 2020\n%X {ABSTRACT}\n"
CSV = f'Authors,Title,Year,Source title,Abstract,DOI\n"Li, Fei; Wu, Bo",A First Paper,2020,Nature,"{ABSTRACT}",10.1000/ab\n'
PAGE = f"Subscribe\n\nA First Paper\n\n{LONG}\n\nMar 18\n\nA Second Paper\n\n{LONG} Yes.\n"
PLAIN = f"A First Paper\n\n{ABSTRACT}\n\nOn a Second Paper\n\n{ABSTRACT}\n"
MARKDOWN = f"# My Reading List\n\n## A First Paper\n\n{ABSTRACT}\n\n## On a Second Paper\n{ABSTRACT}\n"

SAMPLES = {
    "pubmed_xml": PUBMED_XML,
    "acl_xml": ACL_XML,
    "csl_json": json.dumps(CSL, indent=1),
    "json_records": json.dumps({"results": [OPENALEX]}),
    "bibtex": BIBTEX,
    "nbib": NBIB,
    "ris": RIS,
    "endnote": ENDNOTE,
    "tables": CSV,
    "saved_page": PAGE,
    "plain_text": PLAIN,
}


def workbook(rows: list[list[object]]) -> bytes:
    """An Excel file whose second sheet has these rows."""
    book = openpyxl.Workbook()
    book.active.append(["Nothing here"])
    for row in rows:
        sheet = book["Papers"] if "Papers" in book.sheetnames else book.create_sheet("Papers")
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip with these members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    """A tar with these members."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]  # any mode
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


ROWS: list[list[object]] = [["Title", "Abstract", "Year"], ["A First Paper", ABSTRACT, 2020]]
FILES = {name: text.encode() for name, text in SAMPLES.items()} | {
    "excel": workbook(ROWS),
    "zip": zipped({"a/first.bib": BIBTEX.encode(), "second.ris": RIS.encode()}),
    "tar.gz": tarred({"a/first.bib": BIBTEX.encode(), "second.ris": RIS.encode()}),
    "gz": gzip.compress(BIBTEX.encode()),
    "Markdown": MARKDOWN.encode(),
}
"""Each as bytes, with what is no module of its own: containers and Markdown."""
