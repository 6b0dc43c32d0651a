"""Settings come from flags, environment and file, in this order, and bad ones are named."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import DEFAULT_OLLAMA, Settings, load, ollama_address, settings_file


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
        "top_k": 1, "num_ctx": 2, "answer_tokens": 3, "answer_seconds": 4.5, "threads": 6, "evidence_tokens": 8, "strictness": "strict", "host": "h", "port": 7,
    }  # fmt: skip
    assert {*values, "home"} == {f.name for f in fields(Settings)}
    write(env, "\n".join(f"{name} = {value!r}" for name, value in values.items()))
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
