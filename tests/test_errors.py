"""Errors are one line each, and the tree drawn at the top of their module is the tree that there is."""

import re

import pytest

from rag import errors
from rag.errors import FootnoteError


def family(kind: type[FootnoteError]) -> list[type[FootnoteError]]:
    return [kind, *(grandchild for child in kind.__subclasses__() for grandchild in family(child))]


OURS = [kind for kind in family(FootnoteError) if kind.__module__ == "rag.errors"]


def drawn() -> dict[str, str]:
    """Each error in the drawing, with the one that it hangs from."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"([│├└─ ]*)([A-Z]\w+)(?:\s{2,}|$)", line):
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            parents[match[2]] = path[depth - 1] if depth else ""
    return parents


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    there = {kind.__name__: kind.__bases__[0].__name__ for kind in OURS}
    there["FootnoteError"] = ""
    assert drawn() == there


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_an_error_reads_as_one_line_with_its_command(kind: type[FootnoteError]) -> None:
    error = kind("The file\n  x.txt is\tbroken.", "footnote doctor")
    assert str(error) == "The file x.txt is broken. Run: footnote doctor"
    assert error.fix == "footnote doctor"
    assert str(kind("It is broken.")) == "It is broken."
    assert isinstance(error, FootnoteError)


def test_a_command_with_a_line_end_in_a_path_stays_one_line() -> None:
    assert "\n" not in str(FootnoteError("It is broken.", "ls /tmp/a\nb"))


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_says_when_it_happens(kind: type[FootnoteError]) -> None:
    assert kind.__doc__
    assert kind.__doc__ != FootnoteError.__doc__ or kind is FootnoteError
