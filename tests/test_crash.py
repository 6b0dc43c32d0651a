"""An import that is killed at any moment and run again ends as one that nobody disturbed."""

from pathlib import Path

from eval import crash


def test_killed_imports_end_like_an_undisturbed_one(tmp_path: Path) -> None:
    kills = crash.measure(tmp_path, papers=160, kills=5, seed=7)
    assert [kill.differs for kill in kills] == [""] * 5
    assert any(kill.repaired for kill in kills)


def test_a_difference_is_seen(tmp_path: Path) -> None:
    """The comparison itself: what lacks a word, a vector or a paper is not equal."""
    crash.measure(tmp_path, papers=12, kills=0, seed=1)
    folder = tmp_path / "undisturbed"
    whole = crash.state(folder)
    footnote = crash._footnote(folder)
    paper = footnote.library.all_papers()[0]
    footnote.words.remove([paper.id])
    assert crash._state(footnote).differs(whole) == "words"
    footnote.passages.remove([paper.id])
    assert crash._state(footnote).differs(whole) == "passages"
    footnote.library.mark_all_pending()
    assert crash._state(footnote).differs(whole) == "pending"
    footnote.close()
