"""The doctor looks at everything, says what is wrong and which command mends it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.doctor import Check, examine
from rag.importers.parsed import Parsed, paper
from rag.settings import Settings

NOWHERE = "http://127.0.0.1:1"
EVERYTHING = [
    "python",
    "disk",
    "settings",
    "library",
    "embedder",
    "passages",
    "words",
    "ollama",
    "weights",
    "model",
]


@pytest.fixture
def settings(library_folder: Path, own_home: Path) -> Settings:
    return Settings(home=own_home, library=library_folder, model="extractive", ollama_host=NOWHERE)


def examined(settings: Settings) -> dict[str, Check]:
    checks = list(examine(settings))
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        assert check.detail
        assert "\n" not in check.detail
    return {check.name: check for check in checks}


def test_a_sound_library_passes_every_check(settings: Settings) -> None:
    checks = examined(settings)
    assert list(checks) == EVERYTHING
    assert [check for check in checks.values() if not check.ok] == []
    assert "62" in checks["library"].detail
    assert "62" in checks["words"].detail


def test_an_empty_library_is_told_how_to_fill_it(own_home: Path) -> None:
    checks = examined(
        Settings(home=own_home, library=own_home / "new", model="extractive", ollama_host=NOWHERE)
    )
    assert not checks["library"].ok
    assert checks["library"].fix.startswith("footnote import ")


def test_pending_papers_are_told_how_to_be_indexed(settings: Settings) -> None:
    footnote = Footnote(settings)
    footnote.library.add(Parsed((paper("A Zebra Paper", "Zebras run.", "a.txt"),)), "a.txt")
    footnote.close()
    checks = examined(settings)
    assert (checks["library"].ok, checks["library"].fix) == (False, "footnote import --continue")


def damage_words(folder: Path) -> None:
    (folder / "words" / "meta.json").write_text("garbage")


def lose_words(folder: Path) -> None:
    shutil.rmtree(folder / "words")


def damage_chroma(folder: Path) -> None:
    (folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def lose_chroma(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


@pytest.mark.parametrize(
    ("harm", "failing"),
    [
        pytest.param(damage_words, "words", id="damaged words"),
        pytest.param(lose_words, "words", id="lost words"),
        pytest.param(damage_chroma, "passages", id="damaged passages"),
        pytest.param(lose_chroma, "passages", id="lost passages"),
    ],
)
def test_a_broken_index_fails_its_check_and_the_others_go_on(
    settings: Settings, harm: Callable[[Path], None], failing: str
) -> None:
    harm(settings.library)
    checks = examined(settings)
    assert not checks[failing].ok
    assert checks[failing].fix == "footnote reindex"
    assert list(checks) == EVERYTHING


def test_an_index_of_another_embedder_is_told_how_to_be_made_anew(settings: Settings) -> None:
    footnote = Footnote(settings)
    footnote.library.write_manifest({"digest": "another"})
    footnote.close()
    check = examined(settings)["passages"]
    assert (check.ok, check.fix) == (False, "footnote reindex")


def test_a_damaged_library_fails_its_check(settings: Settings) -> None:
    (settings.library / "library.db").write_bytes(b"garbage" * 1000)
    check = examined(settings)["library"]
    assert not check.ok
    assert check.fix


def test_a_damaged_library_does_not_end_the_list(settings: Settings) -> None:
    (settings.library / "library.db").write_bytes(b"garbage" * 1000)
    assert {"ollama", "weights", "settings"} <= examined(settings).keys()


def test_an_absent_ollama_matters_only_to_who_asked_for_it(settings: Settings) -> None:
    assert examined(settings)["ollama"].ok
    asked = examined(replace(settings, model="ollama/qwen2.5:1.5b"))
    assert not asked["ollama"].ok
    assert asked["ollama"].fix
    assert not asked["model"].ok


@pytest.mark.parametrize("address", ["http://box:abc", "http://", "nonsense", "http://[::1"])
def test_an_impossible_address_is_no_crash(settings: Settings, address: str) -> None:
    checks = examined(replace(settings, ollama_host=address, model="ollama/x"))
    assert not checks["ollama"].ok
    assert list(checks) == EVERYTHING


def test_an_unknown_embedder_fails_its_check_with_the_known_ones(settings: Settings) -> None:
    check = examined(replace(settings, embedder="nonesuch"))["embedder"]
    assert not check.ok
    assert "minilm" in check.detail
    assert check.fix


def test_an_unknown_model_fails_its_check(settings: Settings) -> None:
    check = examined(replace(settings, model="embedded/nonesuch"))["model"]
    assert not check.ok
    assert "nonesuch" in check.detail
