"""The pictures in the documents are those that the command takes, and small enough to be kept."""

from __future__ import annotations

import re

import gallery


def test_the_gallery_names_exactly_the_pictures_that_exist() -> None:
    named = re.findall(r"\(gallery/([\w-]+\.png)\)", gallery.LISTING.read_text(encoding="utf-8"))
    assert len(named) == len(set(named))
    assert sorted(named) == sorted(path.name for path in gallery.OUT.iterdir())


def test_the_command_takes_exactly_those_pictures() -> None:
    assert gallery.LISTING.read_text(encoding="utf-8") == gallery.listing()


def test_pictures_are_small() -> None:
    sizes = [path.stat().st_size for path in gallery.OUT.iterdir()]
    assert max(sizes) < 250_000
    assert sum(sizes) < 4_000_000


def test_the_picture_of_the_readme_is_one_of_them() -> None:
    shown = gallery.OUT / f"{gallery.README_SHOT}.png"
    assert gallery.README_PICTURE.read_bytes() == shown.read_bytes()
