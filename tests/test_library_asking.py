"""From the library page to a conversation: which papers the link on the page leads to."""

from __future__ import annotations

import html
import re

import pytest

from rag.records import Filters
from ui import address, library_view

HOSTILE = 'doi:10.1/"><script>&paper=x#y'


def scope(shown: str) -> Filters:
    """Where the link leads."""
    found = re.search(r'href="([^"]*)"', shown)
    assert found
    return address.parse(html.unescape(found[1])).scope


def test_the_ticked_papers_are_asked_whatever_the_list_shows() -> None:
    shown = library_view.ask_these((HOSTILE, "b"), Filters(tag="t"), 7, searched=True)
    assert scope(shown) == Filters(papers=(HOSTILE, "b"))
    assert "<script" not in shown
    assert "Ask these 2 papers" in html.unescape(shown)


def test_the_conditions_of_the_list_are_asked_when_nothing_is_ticked() -> None:
    only = Filters(2019, 2021, "noether", "journal", "a file.bib", "to read")
    assert scope(library_view.ask_these((), only, 3, searched=False)) == only


@pytest.mark.parametrize(
    ("only", "total", "searched"),
    [(Filters(), 3, False), (Filters(tag="t"), 0, False), (Filters(tag="t"), 3, True)],
    ids=["no condition", "no paper", "words, too"],
)
def test_what_no_conversation_can_ask_is_not_offered(only: Filters, total: int, searched: bool) -> None:
    assert library_view.ask_these((), only, total, searched=searched) == ""


def test_too_many_to_tick_are_asked_by_a_tag() -> None:
    many = tuple(f"doi:10.1/{n}" for n in range(library_view.MOST_ASKED + 1))
    shown = library_view.ask_these(many, Filters(), 1000, searched=False)
    assert ("href" in shown, "give them a tag" in shown) == (False, True)
