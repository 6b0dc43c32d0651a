"""Settings come from flags, environment and file, in this order, and bad ones are named."""

import json
import stat
import threading
import tomllib
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import (
    DEFAULT_OLLAMA,
    DEFAULTS,
    Settings,
    checked,
    load,
    ollama_address,
    save,
    set_by,
    settings_file,
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"FOOTNOTE_HOME": str(tmp_path)}


def write(env: dict[str, str], text: str | bytes) -> None:
    settings_file(env).write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_anything_set_the_defaults_hold(env: dict[str, str], tmp_path: Path) -> None:
    assert load({}, env) == Settings(home=tmp_path, library=tmp_path / "library")
    assert load({}, env).weights == tmp_path / "models"


def test_without_a_home_the_platform_says_where_things_live() -> None:
    settings = load({}, {})
    assert settings.home.is_absolute()
    assert settings.library == settings.home / "library"


PRECEDENCE = {
    "file over default": ({}, {}, 3),
    "environment over file": ({}, {"FOOTNOTE_TOP_K": "4"}, 4),
    "flag over environment": ({"top_k": 5}, {"FOOTNOTE_TOP_K": "4"}, 5),
    "a flag that was not given": ({"top_k": None}, {"FOOTNOTE_TOP_K": "4"}, 4),
    "an empty variable": ({}, {"FOOTNOTE_TOP_K": ""}, 3),
}


@pytest.mark.parametrize(("flags", "variables", "top_k"), PRECEDENCE.values(), ids=PRECEDENCE.keys())
def test_flag_goes_over_environment_over_file_over_default(
    env: dict[str, str], flags: dict[str, object], variables: dict[str, str], top_k: int
) -> None:
    write(env, "top_k = 3")
    assert load(flags, {**env, **variables}).top_k == top_k


def test_a_settings_file_may_set_everything_but_the_home(env: dict[str, str], tmp_path: Path) -> None:
    values = {
        "library": str(tmp_path / "other"), "ollama_host": "http://box:1", "model": "extractive", "embedder": "ollama/x",
        "top_k": 1, "num_ctx": 2, "answer_tokens": 3, "answer_seconds": 4.5, "threads": 6, "evidence_tokens": 8,
        "strictness": "strict", "show_removed": True, "language": "en", "theme": "dark", "host": "h", "port": 7,
    }  # fmt: skip
    assert {*values, "home"} == {f.name for f in fields(Settings)}
    write(env, "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items()))
    settings = load({}, env)
    assert settings == Settings(home=tmp_path, **{**values, "library": tmp_path / "other"})  # type: ignore[arg-type]


def test_the_process_environment_is_read_when_none_is_given(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PORT", "8123")
    assert (load().port, load().home) == (8123, own_home)


def test_the_address_of_ollama_is_read_from_its_own_variable(env: dict[str, str]) -> None:
    assert load({}, {**env, "OLLAMA_HOST": "box"}).ollama_host == "http://box:11434"
    both = {**env, "OLLAMA_HOST": "box", "FOOTNOTE_OLLAMA_HOST": "tower:1"}
    assert load({}, both).ollama_host == "http://tower:1"


def test_a_library_path_becomes_absolute(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"library": "./here"}, env).library == tmp_path / "here"
    assert load({"library": Path("here")}, env).library == tmp_path / "here"
    assert load({"library": "~/there"}, env).library == Path.home() / "there"


LIBRARY_NAMES = {"thesis": "libraries/thesis", "Two words 2": "libraries/Two words 2", "default": "library"}


@pytest.mark.parametrize(("name", "place"), LIBRARY_NAMES.items(), ids=LIBRARY_NAMES.keys())
def test_a_library_may_be_named_everywhere(
    env: dict[str, str], tmp_path: Path, name: str, place: str
) -> None:
    assert load({"library": name}, env).library == tmp_path / place
    assert load({}, {**env, "FOOTNOTE_LIBRARY": name}).library == tmp_path / place
    write(env, f"library = {name!r}")
    assert load({}, env).library == tmp_path / place
    assert load({"library": "other"}, env).library == tmp_path / "libraries" / "other"


@pytest.mark.parametrize("named", [3, "", ["a"]])
def test_a_library_that_is_neither_name_nor_folder_is_refused(env: dict[str, str], named: object) -> None:
    with pytest.raises(SettingsError, match="neither a name nor a folder"):
        load({"library": named}, env)


BAD_VALUES = {
    "word": ("top_k", "many"),
    "zero": ("top_k", "0"),
    "negative": ("answer_tokens", "-1"),
    "fraction of a port": ("port", "2.5"),
    "port that does not exist": ("port", "70000"),
    "no number at all": ("answer_seconds", "nan"),
    "infinite": ("answer_seconds", "inf"),
    "threads": ("threads", "all"),
    "context": ("num_ctx", "4k"),
    "neither true nor false": ("show_removed", "perhaps"),
    "no such colours": ("theme", "pink"),
}


@pytest.mark.parametrize(("name", "value"), BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_bad_value_is_named_in_one_line(env: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({}, {**env, f"FOOTNOTE_{name.upper()}": value})
    assert name in str(caught.value)
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["top_k = 2.9", "top_k = true", "model = 3"])
def test_a_value_of_another_kind_in_the_file_is_refused(env: dict[str, str], line: str) -> None:
    write(env, line)
    with pytest.raises(SettingsError):
        load({}, env)


BAD_FILES = {
    "not TOML": "top_k ==",
    "not text": b"\xff\xfe\x00",
    "unknown setting": "topk = 3",
    "the home": "home = '/elsewhere'",
    "a table": "[footnote]\ntop_k = 3",
}


@pytest.mark.parametrize("text", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_settings_file_is_named_with_the_way_to_mend_it(env: dict[str, str], text: str | bytes) -> None:
    write(env, text)
    with pytest.raises(SettingsError) as caught:
        load({}, env)
    assert str(settings_file(env)) in str(caught.value)
    assert "$EDITOR" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_setting_is_answered_with_the_known_ones(env: dict[str, str]) -> None:
    write(env, "topk = 3")
    with pytest.raises(SettingsError, match=r"'topk'.*\btop_k\b"):
        load({}, env)


def test_a_settings_file_that_is_a_folder_is_refused(env: dict[str, str]) -> None:
    settings_file(env).mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load({}, env)


def test_settings_do_not_change() -> None:
    settings = Settings(home=Path("/h"), library=Path("/l"))
    with pytest.raises(FrozenInstanceError):
        settings.top_k = 3  # type: ignore[misc]


ADDRESSES = {
    "nothing": ("", DEFAULT_OLLAMA),
    "blank": ("  ", DEFAULT_OLLAMA),
    "name": ("box", "http://box:11434"),
    "name and port": ("box:8080", "http://box:8080"),
    "port": (":8080", "http://127.0.0.1:8080"),
    "everywhere": ("0.0.0.0", "http://127.0.0.1:11434"),
    "everywhere with port": ("0.0.0.0:99", "http://127.0.0.1:99"),
    "URL": ("https://box/ollama/", "https://box/ollama"),
    "IPv6 with port": ("[::1]:8080", "http://[::1]:8080"),
}


@pytest.mark.parametrize(("value", "url"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_of_ollama_is_read_in_every_form(value: str, url: str) -> None:
    assert ollama_address(value) == url


UNREAD = {
    "everywhere as URL": ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
    "everywhere in IPv6": ("[::]:11434", "http://[::1]:11434"),
    "IPv6 without port": ("[::1]", "http://[::1]:11434"),
}


@pytest.mark.parametrize(("value", "url"), UNREAD.values(), ids=UNREAD.keys())
def test_an_address_that_a_server_listens_on_is_reached_at_loopback(value: str, url: str) -> None:
    assert ollama_address(value) == url


# Writing

KEPT = """# My settings
model = 'extractive'   # until the new laptop
"top_k"=8# few

answer_seconds = 30.0
"""


def test_a_setting_is_written_and_every_other_line_stays(env: dict[str, str]) -> None:
    write(env, KEPT)
    save({"model": "ollama/qwen2.5:1.5b", "top_k": "5", "show_removed": True}, env)
    assert settings_file(env).read_text(encoding="utf-8") == (
        "# My settings\n"
        'model = "ollama/qwen2.5:1.5b"  # until the new laptop\n'
        "top_k = 5  # few\n"
        "\n"
        "answer_seconds = 30.0\n"
        "show_removed = true\n"
    )
    settings = load({}, env)
    assert (settings.model, settings.top_k, settings.show_removed) == ("ollama/qwen2.5:1.5b", 5, True)


def test_a_setting_is_taken_out_so_that_its_default_holds(env: dict[str, str]) -> None:
    write(env, KEPT)
    save({"top_k": None, "theme": None}, env)
    assert settings_file(env).read_text(encoding="utf-8") == KEPT.replace('"top_k"=8# few\n', "")
    assert load({}, env).top_k == DEFAULTS["top_k"]


def test_a_file_that_was_not_there_is_made_with_its_folder(tmp_path: Path) -> None:
    env = {"FOOTNOTE_HOME": str(tmp_path / "new" / "home")}
    save({"strictness": "strict"}, env)
    assert load({}, env).strictness == "strict"


WRITTEN = ["plain", 'with "quotes" and \\ and # in it', "ünï/cöde:1b", "a = b", "", "[x]"]


@pytest.mark.parametrize("text", WRITTEN)
def test_whatever_a_text_holds_it_is_read_back(env: dict[str, str], text: str) -> None:
    for _ in range(2):
        save({"model": text, "theme": "dark"}, env)
        assert (load({}, env).model, load({}, env).theme) == (text, "dark")


def test_line_ends_of_another_system_stay(env: dict[str, str]) -> None:
    write(env, b"top_k = 8\r\n# a remark\r\n")
    save({"top_k": 9}, env)
    assert settings_file(env).read_bytes() == b"top_k = 9\r\n# a remark\r\n"


def test_a_bad_value_is_not_written(env: dict[str, str]) -> None:
    write(env, KEPT)
    with pytest.raises(SettingsError, match="strictness is 'loose'"):
        save({"strictness": "loose"}, env)
    assert settings_file(env).read_text(encoding="utf-8") == KEPT


UNCHANGEABLE = {
    "several lines": 'model = """\nauto"""\n',
    "a broken file": "top_k ==\n",
    "unknown": "topk = 3\n",
}


@pytest.mark.parametrize("text", UNCHANGEABLE.values(), ids=UNCHANGEABLE.keys())
def test_a_file_that_only_its_owner_can_change_is_left_alone(env: dict[str, str], text: str) -> None:
    write(env, text)
    with pytest.raises(SettingsError) as caught:
        save({"model": "extractive"}, env)
    assert "$EDITOR" in str(caught.value)
    assert settings_file(env).read_text(encoding="utf-8") == text


def test_a_place_that_cannot_be_written_is_one_line() -> None:
    with pytest.raises(SettingsError, match="cannot be written: ") as caught:
        save({"top_k": 3}, {"FOOTNOTE_HOME": "/proc"})
    assert "chmod" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rights_and_a_link_stay_as_they_are(env: dict[str, str], tmp_path: Path) -> None:
    mine = tmp_path / "dotfiles" / "settings.toml"
    mine.parent.mkdir()
    mine.write_text("top_k = 8\n")
    mine.chmod(0o640)
    settings_file(env).symlink_to(mine)
    save({"top_k": 9}, env)
    assert settings_file(env).is_symlink()
    assert (mine.read_text(), stat.S_IMODE(mine.stat().st_mode)) == ("top_k = 9\n", 0o640)
    assert list(mine.parent.iterdir()) == [mine]


def test_two_at_once_lose_nothing(env: dict[str, str]) -> None:
    names = ["top_k", "num_ctx", "answer_tokens", "answer_seconds", "evidence_tokens", "threads"]
    threads = [threading.Thread(target=save, args=({name: 7}, env)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tomllib.loads(settings_file(env).read_text()) == dict.fromkeys(names, 7)


def test_what_the_environment_sets_is_known(env: dict[str, str]) -> None:
    assert set_by("top_k", {**env, "FOOTNOTE_TOP_K": "3"}) == "FOOTNOTE_TOP_K"
    assert set_by("ollama_host", {**env, "OLLAMA_HOST": "box"}) == "OLLAMA_HOST"
    assert set_by("top_k", {**env, "FOOTNOTE_TOP_K": ""}) == ""


def test_values_are_checked_without_being_written() -> None:
    assert checked({"top_k": "4", "theme": None, "show_removed": "False"}) == {
        "top_k": 4, "theme": "auto", "show_removed": False,
    }  # fmt: skip
