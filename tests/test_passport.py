"""A library's passport: what made its indexes is written down, and nothing else may read them."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from rag.assemble import Footnote
from rag.embedders import embedder
from rag.errors import LibraryError, PassportMismatch
from rag.passport import Passport, check, current
from rag.settings import DEFAULT_OLLAMA, Settings

NOW = Passport("minilm", "sha256:" + "a" * 64, "384", "sentences/1", "words/1", "1")
FIELDS = [f.name for f in fields(Passport)]


def test_the_passport_that_was_written_is_accepted() -> None:
    check(NOW.manifest(), NOW, "library")


@pytest.mark.parametrize("field", FIELDS)
def test_any_difference_is_refused_with_both_values_and_the_command(field: str) -> None:
    with pytest.raises(PassportMismatch) as refused:
        check(replace(NOW, **{field: "other"}).manifest(), NOW, "/some/library")
    line = str(refused.value)
    assert field in line
    assert "other" in line
    assert "/some/library" in line
    assert "\n" not in line
    assert refused.value.fix == "footnote reindex"


@pytest.mark.parametrize("field", FIELDS)
def test_a_passport_that_lacks_a_field_is_refused(field: str) -> None:
    stored = {name: value for name, value in NOW.manifest().items() if name != field}
    with pytest.raises(PassportMismatch, match=field):
        check(stored, NOW, "library")


def test_entries_of_a_later_version_do_no_harm() -> None:
    check({**NOW.manifest(), "colour": "blue"}, NOW, "library")


def test_a_long_hash_is_shortened_in_the_message() -> None:
    with pytest.raises(PassportMismatch) as refused:
        check(replace(NOW, digest="sha256:" + "b" * 64).manifest(), NOW, "library")
    assert len(str(refused.value)) < 200


def test_a_mismatch_is_an_error_of_the_library() -> None:
    assert issubclass(PassportMismatch, LibraryError)


def test_the_passport_names_the_weights_and_the_dimension_of_the_embedder() -> None:
    minilm = embedder("minilm", DEFAULT_OLLAMA)
    passport = current(minilm)
    assert (passport.embedder, passport.digest, passport.dimension) == ("minilm", minilm.digest, "384")
    assert all(passport.manifest().values())
    assert current(minilm) == passport


def test_an_indexed_library_holds_the_passport_of_what_indexed_it(footnote: Footnote) -> None:
    assert footnote.library.manifest() == current(footnote.embedder).manifest()


@pytest.mark.parametrize("field", FIELDS)
def test_a_library_of_another_make_is_neither_asked_nor_added_to(
    library_folder: Path, own_home: Path, field: str
) -> None:
    footnote = Footnote(Settings(home=own_home, library=library_folder, model="extractive"))
    try:
        footnote.library.write_manifest({field: "another"})
        footnote.library.mark_all_pending()
        with pytest.raises(PassportMismatch, match=field):
            list(footnote.answer("What is Sylber?"))
        with pytest.raises(PassportMismatch, match=field):
            footnote.search("Sylber")
        with pytest.raises(PassportMismatch, match=field):
            footnote.index_pending()
        assert footnote.library.manifest()[field] == "another"
    finally:
        footnote.close()
