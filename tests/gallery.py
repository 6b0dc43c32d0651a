"""The pictures of the page in docs/gallery, taken of the real page: `python tests/gallery.py [--out FOLDER]`.

The shipped papers answer, by quotation or through the smallest model of the catalogue. What differs from
one run to the next, seconds and dates, is set to one value, so that the same page gives the same pictures
but for shades that nobody sees.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from gallery_papers import BIB
from model_hub import SlowHub
from PIL import Image
from playwright.sync_api import Browser, expect
from tab import NARROW, PATIENCE, WIDE, Tab, chromium, tab
from webapp import ROOT, WebApp

from rag import weights
from rag.assemble import Footnote
from rag.settings import Settings

OUT = ROOT / "docs" / "gallery"
LISTING = ROOT / "docs" / "gallery.md"
README_PICTURE = ROOT / "docs" / "screenshot.png"
SMALL = "smollm2-135m"
SYLBER = "How many tokens per second does Sylber's tokenizer average?"
LINEAR = "To what complexity do linear transformers reduce self-attention?"
FREE = "import os; os.environ.pop('FOOTNOTE_MODEL'); os.environ['NO_PROXY'] = '127.0.0.1'\n"
ONE_MODEL = """
from dataclasses import replace
from rag import weights
small = weights.find("smollm2-135m")
weights.CATALOGUE = (replace(small, name="small-model", hub_url={url!r}, packages=()),)
"""
STILL = r"""() => {
  const fixed = [
    [/\b\d+\.\d+ s$/, "0.8 s"],
    [/\b\d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d/, "5 Jan 2026, 10:00"],
    [/(Today|Yesterday), \d\d:\d\d/, "$1, 10:00"],
  ];
  for (const name of document.querySelectorAll(".fn-numbers dt")) {
    if (name.textContent === "seconds in all") name.nextElementSibling.innerHTML = "<b>0.05</b> 0.03–0.08";
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (const [pattern, value] of fixed) {
      if (pattern.test(node.data)) node.data = node.data.replace(pattern, value);
    }
  }
}"""
"""Sets seconds and dates to one value."""


@dataclass(frozen=True)
class Shot:
    """A picture."""

    name: str
    says: str
    """Its line in docs/gallery.md."""
    make: Callable[[Tab], None]
    """Brings a fresh tab to what is to be seen."""
    of: str = "papers"
    """The page it is taken of; see `Pages`."""
    at: str = "chat"
    narrow: bool = False
    dark: bool = False


def nothing(seat: Tab) -> None:
    """The page as it opens."""
    seat.page.wait_for_timeout(300)


def cited(seat: Tab) -> None:
    """An answer, its first citation followed."""
    seat.ask(SYLBER)
    seat.chips.first.click()


def written(seat: Tab) -> None:
    """An answer that a model wrote, and what was taken out of it."""
    seat.ask(SYLBER)
    seat.page.locator(".fn-removed summary").click()


def answered(question: str) -> Callable[[Tab], None]:
    """An answer as it stands when it is there."""
    return lambda seat: seat.ask(question)


def reasons(seat: Tab) -> None:
    """Why a paper was found, with every signal."""
    seat.ask(SYLBER)
    seat.card.get_by_text("Why this paper?").click()
    seat.card.get_by_role("button", name="Every signal").click()
    expect(seat.card.locator(".fn-explained")).to_be_visible()
    seat.card.locator(".fn-why").first.evaluate("(it) => it.scrollIntoView({ block: 'center' })")


def imported(seat: Tab) -> None:
    """A file that was dropped, and what became of its records."""
    file = {"name": "attention.bib", "mimeType": "text/plain", "buffer": BIB.encode()}
    seat.page.locator("#fn-files input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(seat.page.locator(".fn-report")).to_contain_text("3 new", timeout=PATIENCE)
    expect(seat.page.locator(".fn-count").first).to_contain_text("65", timeout=PATIENCE)


def followed(seat: Tab) -> None:
    """A question, one that leans on it, and the fields of the scope."""
    seat.ask("What is Linformer?")
    seat.ask("How much time and space does it use?")
    seat.page.get_by_role("button", name="Change", exact=True).click()
    seat.page.locator("#fn-only").get_by_label("From year").fill("2019")
    expect(seat.page.locator("#fn-scope")).to_contain_text("from 2019")
    seat.page.wait_for_timeout(600)  # the question has come to the top
    seat.page.locator("#fn-log").evaluate("(log) => log.scrollTo(0, 0)")


def formula(seat: Tab) -> None:
    """Formulas in the quotation and in the abstract."""
    seat.ask(LINEAR)
    expect(seat.card.locator(".katex").first).to_be_visible()
    seat.chips.first.click()


def opened(seat: Tab) -> None:
    """The newest papers, one of them open."""
    seat.page.get_by_label("Search the library").fill("attention")
    row = seat.page.locator(".fn-row").filter(has_text="Transformers are RNNs")
    row.get_by_role("button").click()
    expect(seat.page.locator(".fn-open")).to_be_visible()


def remembered(seat: Tab) -> None:
    """The conversations of the pictures before, the newest unfolded."""
    expect(seat.page.locator(".fn-talk").first).to_be_visible(timeout=PATIENCE)
    seat.page.locator(".fn-talk summary").first.click()


def measured(seat: Tab) -> None:
    """A result, opened."""
    seat.page.locator(".fn-runs button").first.click()
    expect(seat.page.locator(".fn-run")).to_be_visible()


def arriving(seat: Tab) -> None:
    """A model on its way."""
    seat.page.get_by_role("button", name=re.compile("Fetch small-model")).click()
    expect(seat.page.locator("#fn-fetch")).to_contain_text("40 of 98 MB", timeout=PATIENCE)


SHOTS = (
    Shot("first-view", "The page as it opens: questions that these papers answer.", nothing),
    Shot("narrow-first-view", "The same on a phone.", nothing, narrow=True),
    Shot("answer", "An answer; its citation leads to the sentence that carries it.", cited),
    Shot("answer-dark", "The same in the dark.", cited, dark=True),
    Shot("narrow-answer", "An answer on a phone.", answered(SYLBER), narrow=True),
    Shot("why-this-paper", "Why a paper was found: every signal of the search.", reasons),
    Shot("abstention", "The abstracts do not say; the nearest papers do not pretend to.",
         answered("What is the capital of Australia?")),
    Shot("comparison", "Two papers side by side, each sentence with its own source.",
         answered("Compare GraphGPT and Sylber.")),
    Shot("list", "A list: one sentence of each paper that fits.",
         answered("Which papers are about speech recognition?")),
    Shot("import-report", "What became of the records of a file.", imported, at="library"),
    Shot("library", "The library: search, filters, and a paper opened beside the list.", opened, at="library"),
    Shot("formula", "Formulas of an abstract are drawn.", formula),
    Shot("conversation", "A follow-up, how it was understood, and which papers are asked.", followed),
    Shot("history", "Conversations are kept, searched, exported and brought back.", remembered, at="history"),
    Shot("evaluation", "What `footnote eval` measured, with its failures.", measured, at="evaluation"),
    Shot("written", "What no abstract carries is taken out of what a very small model wrote.", written, of="written"),
    Shot("settings", "What can answer, and how it answers.", nothing, of="written", at="settings"),
    Shot("first-run", "A first start: quotations answer while the model comes.", arriving, of="fresh"),
)  # fmt: skip
"""Every picture, in the order in which they are taken: an import shows in those after it."""
README_SHOT = "answer"
_INTRODUCTION = """# What it looks like

Taken of the real page by `python tests/gallery.py`, most of them without a language model.
"""


@contextmanager
def pages(work: Path) -> Iterator[Callable[[str], WebApp]]:
    """The pages that pictures are taken of, each started when it is first wanted.

    Args:
        work: an empty folder.
    """
    running: dict[str, WebApp] = {}
    model = weights.fetch(SMALL, cache() / "weights", lambda done, total: None)
    with SlowHub(model) as hub:
        hub.allow(40_000_000)
        starts = {
            "papers": lambda home: WebApp(home, "extractive"),
            "written": lambda home: WebApp(home, "", before=FREE),
            "fresh": lambda home: WebApp(home, "", before=FREE + ONE_MODEL.format(url=hub.url)),
        }

        def page(name: str) -> WebApp:
            if name not in running:
                running[name] = starts[name](home(work, name, model))
            return running[name]

        yield page
        for app in running.values():
            app.stop()
        hub.shutdown()


def cache() -> Path:
    """Where the tests keep what they fetched."""
    named = os.environ.get("FOOTNOTE_TEST_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("footnote-tests")


def home(work: Path, name: str, model: Path) -> Path:
    """The home folder of a page: the shipped papers, and what that page shows besides."""
    shipped = work / "shipped"
    if not shipped.exists():
        footnote = Footnote(Settings(home=work, library=shipped, model="extractive"))
        footnote.import_file(ROOT / "data" / "papers.txt")
        footnote.index_pending()
        footnote.close()
    folder = work / name
    shutil.copytree(shipped, folder / "library")
    if name == "papers":
        measure(folder, work / "measured")
    if name == "written":
        (folder / "models").symlink_to(model.parent)
        (folder / "settings.toml").write_text(f'model = "embedded/{SMALL}"\n', encoding="utf-8")
    return folder


def measure(folder: Path, kept: Path) -> None:
    """Have the home folder hold a result of `footnote eval`."""
    command = ["eval", "answers", "--limit", "30", "--model", "extractive", "--no-failures", "--cache", kept]
    env = os.environ | {"FOOTNOTE_HOME": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, command)],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )


def take(shot: Shot, browser: Browser, app: WebApp, out: Path) -> None:
    """Take one picture."""
    seat = tab(browser, app.address, NARROW if shot.narrow else WIDE, dark=shot.dark, at=shot.at)
    seat.page.emulate_media(reduced_motion="reduce")
    shot.make(seat)
    seat.page.mouse.move(0, 0)
    seat.page.wait_for_timeout(500)  # fonts come, colours fade in
    seat.page.evaluate(STILL)
    save(seat.page.screenshot(animations="disabled"), out / f"{shot.name}.png")
    seat.close()


def save(png: bytes, path: Path) -> None:
    """Write a picture with the 256 colours that are enough for a page."""
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


def listing() -> str:
    """The text of docs/gallery.md."""
    lines = [f"## {shot.says}\n\n![{shot.says}](gallery/{shot.name}.png)\n" for shot in SHOTS]
    return "\n".join([_INTRODUCTION, *lines])


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description="Take the pictures of the page.")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the pictures")
    parser.add_argument("--only", nargs="*", default=[], help="names of pictures; all when none is given")
    options = parser.parse_args()
    options.out = options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, pages(Path(work)) as page:
        for browser in chromium():
            for shot in SHOTS:
                if not options.only or shot.name in options.only:
                    take(shot, browser, page(shot.of), options.out)
    if options.out == OUT and not options.only:
        LISTING.write_text(listing(), encoding="utf-8")
        shutil.copyfile(OUT / f"{README_SHOT}.png", README_PICTURE)


if __name__ == "__main__":
    main()
