"""A conversation leaves as Markdown, LaTeX, a web page or JSON, and nothing in it is more than text there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from dialogue_samples import BIRD, CONVERSATION, COUNTED, EVERYTHING, EVIL, HOSTILE, WHALE, said

from rag import dialogues
from rag.conversations import Conversations, Kept
from rag.dialogues.archive import LARGEST, Imported, import_json
from rag.dialogues.told import sources
from rag.errors import FootnoteError, ImportFailed
from rag.importers import records
from rag.library import Library
from rag.records import Answer, Candidate, Exchange, Filters, Paper, Question, Shape

ROOT = Path(__file__).resolve().parent.parent
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SINGLE = " ".join(EVIL.split())


def exported(form: str, *exchanges: Exchange, name: str = "Whales") -> dict[str, str]:
    kept = Kept("ab12", name, len(exchanges), THEN, THEN)
    return dialogues.files(kept, exchanges, Filters(2018), form, "talk")


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


class TestMarkdown:
    """Footnotes name the paper, its address and the sentences that answers rest on."""

    def test_a_conversation_reads_like_this(self) -> None:
        assert exported("markdown", *CONVERSATION)["talk.md"] == (ROOT / "tests/golden/talk.md").read_text(
            "utf-8"
        )

    def test_every_mark_has_its_footnote(self) -> None:
        text = exported("markdown", *CONVERSATION)["talk.md"]
        assert (
            set(re.findall(r"\[\^(\d+)\](?!:)", text))
            == set(re.findall(r"^\[\^(\d+)\]:", text, re.M))
            == {"1", "2"}
        )

    def test_nothing_in_it_is_markup(self) -> None:
        """Every sign that could begin markup has a backslash before it, or is one that the writer set."""
        text = exported("markdown", HOSTILE, name=EVIL)["talk.md"]
        bare = re.sub(r"\\[\\`*_{}\[\]<>&$|~^@#:.]", "", text)
        bare = re.sub(r"\[\^1\]:?|^#{1,2} |^ *> |^\*|\*$|\*\*|<https://doi.org/\S+>", "", bare, flags=re.M)
        assert not re.search(r"[\\`*{}\[\]#|~<>&$]", bare)

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("- a - b", r"\- a - b"), ("1. a 1. b", r"1\. a 1. b"), ("2019) a", r"2019\) a"), ("# a", r"\# a"),
            ("see https://x.org and www.x.org", r"see https\://x.org and www\.x.org"), ("-5 to 10", "-5 to 10"),
            ("a\u2028# b", r"a \# b"),
        ],
    )  # fmt: skip
    def test_signs_are_escaped_where_they_mean_something(self, text: str, written: str) -> None:
        assert f"\n\n{written}\n" in exported("markdown", said("Why?", text))["talk.md"]


class TestLatex:
    """A document that cites, and the bibliography that it cites from."""

    def test_a_conversation_reads_like_this(self) -> None:
        files = exported("latex", *CONVERSATION)
        assert list(files) == ["talk.tex", "talk.bib"]
        assert files["talk.tex"] == (ROOT / "tests/golden/talk.tex").read_text("utf-8")

    def test_every_citation_is_in_the_bibliography(self) -> None:
        files = exported("latex", *CONVERSATION, said("Again?", "They glide.", BIRD, WHALE))
        cited = {
            key for keys in re.findall(r"\\cite\{([^}]+)\}", files["talk.tex"]) for key in keys.split(",")
        }
        assert (
            cited
            == set(re.findall(r"^@\w+\{(\w+),$", files["talk.bib"], re.M))
            == {"lovelace2019songs", "noether2020gliding"}
        )

    def test_the_bibliography_is_read_back_as_the_same_papers(self, tmp_path: Path) -> None:
        (tmp_path / "talk.bib").write_text(exported("latex", *CONVERSATION)["talk.bib"], encoding="utf-8")
        back = [record for contents in records(tmp_path / "talk.bib") for record in contents.records]
        assert [(p.title, p.authors, p.year, p.venue) for p in back if isinstance(p, Paper)] == [
            (p.title, p.authors, p.year, p.venue) for p in (WHALE, BIRD)
        ]

    def test_no_text_is_a_command(self) -> None:
        files = exported("latex", HOSTILE, name=EVIL)
        ours = {
            "documentclass", "usepackage", "title", "date", "begin", "end", "maketitle", "section", "emph", "cite",
            "bibliographystyle", "bibliography", "textbackslash", "textbraceleft", "textbraceright", "textasciitilde",
            "textasciicircum", "textless", "textgreater", "textbar", "textquotedbl",
        }  # fmt: skip
        for text in files.values():
            assert set(re.findall(r"\\([A-Za-z]+)", text)) <= ours
            assert "^^" not in text
            assert text.count("{") == text.count("}")
            assert not re.search(r"(?<!\\)[%$&]", text)

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            (r"$O(n \log n)$ and $\mathcal{L}_1$", r"$O(n \log n)$ and $\mathcal{L}_1$"),
            ("from $5 and $10", r"from \$5 and \$10"),
            (r"$\input{x}$", r"\$\textbackslash{}input\textbraceleft{}x\textbraceright{}\$"),
            ("$^^5cinput$", r"\$\textasciicircum{}\textasciicircum{}5cinput\$"),
            ("$a}b{c$", r"\$a\textbraceright{}b\textbraceleft{}c\$"),
        ],
    )
    def test_a_formula_stays_one_when_it_is_nothing_else(self, text: str, written: str) -> None:
        assert written in exported("latex", said(text))["talk.tex"]

    def test_a_file_name_that_latex_cannot_take_is_changed_for_the_bibliography(self) -> None:
        kept = Kept("ab12", "Whales", 2, THEN, THEN)
        files = dialogues.files(kept, CONVERSATION, Filters(), "latex", "my talk_1")
        assert list(files) == ["my talk_1.tex", "my-talk-1.bib"]
        assert r"\bibliography{my-talk-1}" in files["my talk_1.tex"]


class TestWebPage:
    """One file that needs nothing else."""

    def test_it_says_what_was_said(self) -> None:
        page = Tags(exported("html", *CONVERSATION)["talk.html"])
        for text in (
            EVERYTHING.asked,
            "They count 12 phrases.",
            WHALE.title,
            COUNTED.text,
            "They glide 4 km.",
        ):
            assert text in page.text
        marks = [a["href"] for tag, a in page.tags if tag == "a" and str(a["href"]).startswith("#")]
        places = {f"#{a['id']}" for _, a in page.tags if "id" in a}
        assert set(marks) == places == {"#source-1", "#source-2"}

    def test_nothing_in_it_is_a_tag_and_nothing_is_loaded(self) -> None:
        text = exported("html", HOSTILE, name=EVIL)["talk.html"]
        page = Tags(text)
        assert {tag for tag, _ in page.tags} <= set(
            "html head meta title style body h1 h2 time section p ul li ol blockquote b br cite sup a".split()
        )
        assert not [
            a
            for _, a in page.tags
            if a.keys() & {"src", "style", "srcset"} or any(k.startswith("on") for k in a)
        ]
        links = [str(a["href"]) for tag, a in page.tags if tag == "a"]
        assert all(link.startswith(("#source-", "https://doi.org/")) for link in links)
        assert text.count("<style>") == text.count("</style>") == 1
        assert SINGLE in " ".join(page.text.split())
        assert "default-src 'none'" in str(page.tags)


class TestParts:
    """What every format writes."""

    def test_a_number_that_was_given_twice_is_told_apart(self) -> None:
        """After many turns, a paper's number may be given to another one."""
        found = sources((said("A?", "x.", WHALE), said("B?", "y.", BIRD), said("C?", "z.", WHALE)))
        assert [(s.number, s.paper.id) for s in found.values()] == [(1, WHALE.id), (2, BIRD.id)]
        text = exported("markdown", said("A?", "x", WHALE), said("B?", "y", BIRD))["talk.md"]
        assert "x[^1]" in text
        assert "y[^2]" in text

    @pytest.mark.parametrize("form", dialogues.ENDINGS)
    def test_what_was_not_answered_says_why(self, form: str) -> None:
        near = (Candidate(BIRD, 1, 0.5, 0),)
        nothing = Answer(
            Question("A?", "A?", Shape.FACT), "done", remark="Not said.", retrieved=near, abstained=True
        )
        text = "".join(exported(form, Exchange("A?", nothing), Exchange("B?", problem="No model.")).values())
        for part in ("Not said", "Gliding Birds", "No model"):
            assert part in text.replace("\\", "")

    def test_a_list_is_a_list(self) -> None:
        assert EVERYTHING.answer is not None
        question = replace(EVERYTHING.answer.question, shape=Shape.LIST)
        listed = replace(EVERYTHING, answer=replace(EVERYTHING.answer, question=question))
        assert "\n\n- They count 12 phrases" in exported("markdown", listed)["talk.md"]
        assert "<ul>\n<li>They count" in exported("html", listed)["talk.html"]
        assert "\\item They count" in exported("latex", listed)["talk.tex"]

    def test_an_unknown_format_is_named(self) -> None:
        with pytest.raises(FootnoteError, match="no format 'pdf'; known are markdown, latex, html, json"):
            exported("pdf")


class TestImport:
    """What was exported as JSON comes back in any library."""

    @pytest.fixture
    def conversations(self, tmp_path: Path) -> Iterator[Conversations]:
        library = Library(tmp_path / "library")
        yield Conversations(library)
        library.close()

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        (tmp_path / "talk.json").write_text(exported("json", *CONVERSATION)["talk.json"], encoding="utf-8")
        return tmp_path / "talk.json"

    def test_it_comes_back_as_a_new_conversation(self, conversations: Conversations, file: Path) -> None:
        imported = import_json(conversations, file)
        assert imported.new
        assert conversations.load(imported.id) == CONVERSATION
        kept = conversations.called(imported.id)
        assert (kept.name, kept.begun, conversations.scope(kept.id)) == ("Whales", THEN, Filters(2018))
        assert kept.changed > THEN
        assert conversations.listed("glide whales")[1] == 1

    def test_the_same_file_again_changes_nothing(self, conversations: Conversations, file: Path) -> None:
        """Also when it was renamed meanwhile: questions and answers tell."""
        first = import_json(conversations, file)
        conversations.rename(first.id, "Birds")
        before = conversations.listed()
        assert import_json(conversations, file) == Imported(first.id, new=False)
        assert conversations.listed() == before

    def test_what_was_exported_here_is_here_already(self, conversations: Conversations, file: Path) -> None:
        """An answer that was broken off too, which is stored otherwise than it is exported."""
        broken_off = replace(EVERYTHING, running=True)
        conversations.save("0123", 1, broken_off)
        kept = conversations.called("0123")
        texts = dialogues.files(kept, conversations.load(kept.id), Filters(), "json", "talk")
        file.write_text(texts["talk.json"], encoding="utf-8")
        assert import_json(conversations, file) == Imported(kept.id, new=False)

    @pytest.mark.parametrize("change", ["another question", "one question more", "one question fewer"])
    def test_a_file_that_has_changed_is_another_conversation(
        self, conversations: Conversations, file: Path, change: str
    ) -> None:
        first = import_json(conversations, file)
        row = json.loads(file.read_text("utf-8"))
        exchanges = row["exchanges"]
        if change == "another question":
            exchanges[-1]["exchange"]["asked"] = "And the fish?"
        row["exchanges"] = exchanges[:-1] if "fewer" in change else exchanges + exchanges[: "more" in change]
        file.write_text(json.dumps(row), encoding="utf-8")
        again = import_json(conversations, file)
        assert (again.new, again.id == first.id, conversations.listed()[1]) == (True, False, 2)

    def test_one_that_was_deleted_comes_back(self, conversations: Conversations, file: Path) -> None:
        conversations.delete(import_json(conversations, file).id)
        assert import_json(conversations, file).new
        assert conversations.listed()[1] == 1

    def test_hostile_text_comes_back_as_it_was(self, conversations: Conversations, file: Path) -> None:
        file.write_text(exported("json", HOSTILE, name=EVIL)["talk.json"], encoding="utf-8")
        assert conversations.load(import_json(conversations, file).id) == (HOSTILE,)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"kind": "recipe"}, "is no conversation of Footnote's."),
            ({"version": 2}, "was written by a newer Footnote. Run: git pull"),
            ({"version": "1"}, "is no conversation of Footnote's."),
            ({"exchanges": []}, "is damaged: it has no list of questions."),
            ({"exchanges": [{"version": 1}]}, "is damaged: it has no list of papers."),
            ({"exchanges": [{"version": 9}]}, "was written by a newer Footnote."),
            ({"exchanges": ["x"] * 10_001}, "is damaged: it has no list of questions."),
            ({"scope": 7}, "is damaged: there is int in place of dict."),
        ],
    )
    def test_a_wrong_file_is_one_line(
        self, conversations: Conversations, file: Path, change: dict[str, Any], said: str
    ) -> None:
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), encoding="utf-8")
        with pytest.raises(ImportFailed) as caught:
            import_json(conversations, file)
        assert f"talk.json {said}" in str(caught.value)
        assert conversations.listed() == ([], 0)

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"[]", b"[" * 100_000, b"PK\x03\x04", b"1e999"])
    def test_what_is_no_json_of_ours_is_one_line(
        self, conversations: Conversations, file: Path, data: bytes
    ) -> None:
        file.write_bytes(data)
        with pytest.raises(ImportFailed, match=r"^talk\.json is "):
            import_json(conversations, file)

    def test_a_file_that_is_too_large_is_not_read(self, conversations: Conversations, file: Path) -> None:
        with file.open("r+b") as held:
            held.truncate(LARGEST + 1)
        with pytest.raises(ImportFailed, match="larger than 50 MB"):
            import_json(conversations, file)

    def test_a_file_that_is_not_there_is_named(self, conversations: Conversations, tmp_path: Path) -> None:
        with pytest.raises(ImportFailed, match="cannot be read: No such file"):
            import_json(conversations, tmp_path / "none.json")

    @pytest.mark.parametrize("begun", [None, 7, "yesterday", "0001-01-01T00:00:00+14:00", "2026-03-01"])
    def test_a_date_that_cannot_be_is_no_obstacle(
        self, conversations: Conversations, file: Path, begun: object
    ) -> None:
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"begun": begun}), encoding="utf-8")
        assert conversations.called(import_json(conversations, file).id).questions == 2


class TestCommands:
    """`footnote conversations`, as a user types it."""

    @pytest.fixture
    def conversation(self, own_home: Path) -> str:
        """Id of a conversation in the library that commands look for."""
        library = Library(own_home / "library")
        every = Conversations(library)
        conversation = every.begin()
        for number, exchange in enumerate(CONVERSATION, 1):
            every.save(conversation, number, exchange)
        library.close()
        return conversation

    def run(self, line: str, folder: Path) -> tuple[int, str]:
        words = [sys.executable, "-m", "ui.cli", "conversations", *shlex.split(line)]
        env_path = {"PYTHONPATH": str(ROOT)}

        done = subprocess.run(
            words, cwd=folder, env=os.environ | env_path, capture_output=True, text=True, timeout=120
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def test_they_are_listed_found_and_shown(self, conversation: str, tmp_path: Path) -> None:
        for line in ("", "--search glide"):
            code, out = self.run(line, tmp_path)
            assert (code, out.split()[0], "2 questions  How many phrases" in out) == (
                0,
                conversation[:8],
                True,
            )
        assert self.run("--search walrus", tmp_path) == (0, "No conversation has these words.\n")
        code, out = self.run(f"show {conversation[:8]}", tmp_path)
        assert code == 0
        for text in (
            "> And the birds?",
            "They glide 4 km. [2]",
            "[1] Ada Lovelace, Grace Hopper, 2019",
            "| We count 12",
        ):
            assert text in out

    def test_one_is_exported_and_imported(self, conversation: str, tmp_path: Path) -> None:
        assert self.run(f"export {conversation[:8]} --format latex --out talk.tex", tmp_path) == (
            0, "Written: talk.tex\nWritten: talk.bib\n",
        )  # fmt: skip
        assert (
            "Run: footnote conversations export"
            in self.run(f"export {conversation[:8]} --format latex --out talk.tex", tmp_path)[1]
        )
        assert self.run(f"export {conversation} --format json --out t.json", tmp_path)[0] == 0
        code, out = self.run("import t.json", tmp_path)
        assert (code, out.split()[0], out.splitlines()[-1]) == (
            0,
            conversation[:8],
            "It is there already; nothing has changed.",
        )
        self.run(f"delete {conversation}", tmp_path)
        code, out = self.run("import t.json", tmp_path)
        assert (code, out.split()[0] != conversation[:8], "already" in out) == (0, True, False)
        conversation = out.split()[0]
        assert self.run("import talk.tex", tmp_path)[0] == 1
        assert self.run(f"export {conversation}", tmp_path) == (
            0,
            "Written: how-many-phrases-do-whales-sing.md\n",
        )

    def test_one_is_renamed_deleted_and_restored(self, conversation: str, tmp_path: Path) -> None:
        assert (
            "2 questions  Whale songs\n" in self.run(f"rename {conversation[:8]} 'Whale songs'", tmp_path)[1]
        )
        assert (
            f"footnote conversations restore {conversation}"
            in self.run(f"delete {conversation[:8]}", tmp_path)[1]
        )
        assert self.run(f"show {conversation}", tmp_path)[0] == 1
        assert self.run("", tmp_path) == (0, "Nothing was asked in the browser yet.\n")
        assert "Whale songs" in self.run(f"restore {conversation}", tmp_path)[1]

    def test_a_library_before_the_command_is_not_passed_over_in_silence(
        self, conversation: str, tmp_path: Path
    ) -> None:
        code, out = self.run(f"--library other show {conversation}", tmp_path)
        assert (code, "Run: footnote conversations show --library other" in out) == (1, True)

    def test_the_commands_of_the_document_run_from_top_to_bottom(
        self, conversation: str, tmp_path: Path
    ) -> None:
        text = (ROOT / "docs" / "conversations.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        assert len(lines) >= 13
        (tmp_path / "talk.json").write_text(exported("json", *CONVERSATION)["talk.json"], encoding="utf-8")
        for line in lines:
            words = [conversation if word == "ID" else word for word in shlex.split(line)]
            command = [sys.executable, "-m", "ui.cli", *words[1:]]
            env = os.environ | {"PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, (line, done.stderr)
        assert {"talk.md", "talk.tex", "talk.bib", "talk.html", "copy.json"} <= {
            p.name for p in tmp_path.iterdir()
        }
