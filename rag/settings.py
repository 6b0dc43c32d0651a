"""One frozen settings object, built once at the entry point.

Precedence: flag, then environment, then settings file, then default. Nobody else reads the
environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path

import platformdirs

from rag.errors import SettingsError

_LARGEST = {
    "port": 65536, "top_k": 201, "evidence_tokens": 100_001, "num_ctx": 10_000_001, "answer_tokens": 10_001,
    "answer_seconds": 86_401, "threads": 1025,
}  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "strictness": ("normal", "strict", "verbatim"),
    "language": ("en", "de", "fr", "es"),
    "theme": ("auto", "light", "dark"),
}
"""What a setting may be, where that is a few words."""
DEFAULT_OLLAMA = "http://127.0.0.1:11434"
DEFAULT_EMBEDDER = "minilm"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a user can set. Paths are absolute."""

    home: Path
    """Folder that holds the libraries and the model weights."""
    library: Path
    """Folder of the library that questions go to; set by its name or its path."""
    ollama_host: str = DEFAULT_OLLAMA
    """Address of the Ollama server, with scheme and port."""
    model: str = "auto"
    """`auto`; `ollama/NAME`; `embedded/NAME`; `extractive`; or a bare name looked up in both."""
    embedder: str = DEFAULT_EMBEDDER
    """`minilm` (shipped with Footnote) or `ollama/NAME`, for new libraries and `footnote reindex`."""
    top_k: int = 10
    """How many papers retrieval returns."""
    num_ctx: int = 4096
    """Context window of the language model, in tokens; prompt and answer share it."""
    answer_tokens: int = 220
    """Longest answer that a model may write, in tokens."""
    answer_seconds: float = 120.0
    """Longest time that a model may write, in seconds."""
    evidence_tokens: int | None = None
    """Most tokens of an abstract that the model reads; as many as its window holds when not given."""
    strictness: str = "normal"
    """How closely a written sentence must follow its abstract: `normal`, `strict` or `verbatim`."""
    show_removed: bool = False
    """Whether the page shows, struck through, the sentences that were removed from an answer."""
    language: str = "en"
    """Language of the page."""
    theme: str = "auto"
    """Colours of the page: `auto` (as the system has them), `light` or `dark`."""
    threads: int | None = None
    """Processor threads of the embedded engine; as many as there are physical cores when not given."""
    host: str = "127.0.0.1"
    """Address that the browser side listens on."""
    port: int = 7860
    """First port that the browser side tries."""

    @property
    def weights(self) -> Path:
        """Folder of downloaded model weights."""
        return self.home / "models"


DEFAULTS: Mapping[str, object] = {f.name: f.default for f in fields(Settings) if f.default is not MISSING}
"""What holds when nothing is said, for all but the folders."""


def load(flags: Mapping[str, object] | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Build the settings of this run.

    Args:
        flags: values given on the command line; None values are ignored.
        env: the environment; `os.environ` when not given.

    Raises:
        SettingsError: the settings file cannot be read, names an unknown setting, or a value has
            the wrong type.
    """
    env = os.environ if env is None else env
    home = Path(env.get("FOOTNOTE_HOME") or platformdirs.user_data_path("footnote")).absolute()
    values: dict[str, object] = {}
    values.update(_from_file(settings_file(env)))
    values.update(_from_environment(env))
    values.update({k: v for k, v in (flags or {}).items() if v is not None})
    settings = Settings(home=home, library=home / "library")
    if (library := values.pop("library", None)) is not None:
        settings = replace(settings, library=library_folder(library, home))
    return replace(settings, **{k: _convert(k, v) for k, v in values.items()})  # type: ignore[arg-type]  # _convert gives each field its type


def library_folder(named: object, home: Path) -> Path:
    """Folder of the library of a name, or of a path: what has a separator in it, or begins with "." or "~".

    >>> library_folder("thesis", Path("/data")).as_posix()
    '/data/libraries/thesis'

    Raises:
        SettingsError: it is neither.
    """
    if isinstance(named, str) and LIBRARY_NAME.fullmatch(named):
        return home / "library" if named == DEFAULT_LIBRARY else home / LIBRARIES / named
    if not isinstance(named, str | Path) or not str(named):
        raise SettingsError(f"library is {named!r}, which is neither a name nor a folder.", _mend("library"))
    return Path(named).expanduser().absolute()


DEFAULT_LIBRARY = "default"
"""Name of the library that is used when nothing is said."""
LIBRARIES = "libraries"
"""Folder of the libraries that have a name."""
LIBRARY_NAME = re.compile(r"\w[\w .+-]*")
"""What a library may be called; anything else is a path."""


def settings_file(env: Mapping[str, str] | None = None) -> Path:
    """Where the settings file is read from, whether or not it exists."""
    env = os.environ if env is None else env
    home = env.get("FOOTNOTE_HOME")
    folder = Path(home) if home else platformdirs.user_config_path("footnote")
    return folder / "settings.toml"


def _from_file(path: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error}.", f"$EDITOR {path}"
        ) from error
    known = {f.name for f in fields(Settings)} - {"home"}
    if unknown := sorted(set(values) - known):
        raise SettingsError(
            f"The settings file {path} names {unknown[0]!r}; known are {', '.join(sorted(known))}.",
            f"$EDITOR {path}",
        )
    return values


def _from_environment(env: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    if env.get("OLLAMA_HOST"):
        values["ollama_host"] = env["OLLAMA_HOST"]
    for f in fields(Settings):
        if f.name != "home" and env.get(f"FOOTNOTE_{f.name.upper()}"):
            values[f.name] = env[f"FOOTNOTE_{f.name.upper()}"]
    return values


def set_by(name: str, env: Mapping[str, str] | None = None) -> str:
    """The environment variable that sets this setting, whatever the file says; empty when none does."""
    env = os.environ if env is None else env
    own = [f"FOOTNOTE_{name.upper()}", *(["OLLAMA_HOST"] if name == "ollama_host" else [])]
    return next((variable for variable in own if env.get(variable)), "")


_SAVING = threading.Lock()


def save(changes: Mapping[str, object], env: Mapping[str, str] | None = None) -> None:
    """Write settings into the settings file; its other lines and its comments stay as they are.

    Args:
        changes: settings by their names; None takes one out, so that its default holds.

    Raises:
        SettingsError: a value cannot be used, or the file cannot be changed.
    """
    values = checked(changes)
    path = settings_file(env).resolve()  # a link, as people have who keep such files elsewhere, stays one
    with _SAVING:
        wanted = _from_file(path) | values
        wanted = {k: v for k, v in wanted.items() if changes.get(k, v) is not None}
        try:
            text = path.read_bytes().decode() if path.exists() else ""
            for name in changes:
                text = _with_line(text, name, wanted.get(name))
            if not _reads_as(text, wanted):
                raise SettingsError(f"{path} has a form that only you can change.", f"$EDITOR {path}")
            _replace(path, text)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            problem = f"The settings file {path} cannot be written: {reason}."
            raise SettingsError(problem, f"chmod u+w {path.parent}") from error


def _reads_as(text: str, values: Mapping[str, object]) -> bool:
    try:
        return tomllib.loads(text) == values
    except tomllib.TOMLDecodeError:
        return False


def checked(changes: Mapping[str, object]) -> dict[str, object]:
    """The values that these settings get, of the right type; None is the default.

    Raises:
        SettingsError: a value cannot be used.
    """
    return {k: DEFAULTS[k] if v is None else _convert(k, v) for k, v in changes.items()}


_VALUE = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^#"'\s]+)"""
_REST = r"[ \t]*(?P<comment>\#[^\r\n]*)?(?P<end>\r?\n|\Z)"


def _with_line(text: str, name: str, value: object) -> str:
    """The text of a settings file with another value of a setting, or, for None, without it."""
    key = rf"""^[ \t]*(?P<quote>["']?){name}(?P=quote)[ \t]*=[ \t]*"""
    found = re.search(key + _VALUE + _REST, text, re.MULTILINE)
    if found:
        new = "" if value is None else f"{name} = {_toml(value)}"
        comment = f"  {found['comment']}" if new and found["comment"] else ""
        return text[: found.start()] + (f"{new}{comment}{found['end']}" if new else "") + text[found.end() :]
    if value is None:
        return text
    return text + ("" if not text or text.endswith("\n") else "\n") + f"{name} = {_toml(value)}\n"


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # of texts, numbers and truth values, TOML too


def _replace(path: Path, text: str) -> None:
    """Let a file hold the text, or, if that fails, what it held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, new)
        Path(new).replace(path)
    finally:
        Path(new).unlink(missing_ok=True)


_WHOLE = frozenset({"top_k", "num_ctx", "answer_tokens", "evidence_tokens", "port", "threads"})
_NUMERIC = _WHOLE | {"answer_seconds"}


def _convert(name: str, value: object) -> object:
    if name in _NUMERIC:
        return _number(name, value)
    if name == "show_removed":
        return _truth(name, value)
    if not isinstance(value, str | Path):
        raise SettingsError(f"{name} is {value!r}, which is no text.", _mend(name))
    if value not in (allowed := CHOICES.get(name, (value,))):
        raise SettingsError(f"{name} is {value!r}; known are {', '.join(map(str, allowed))}.", _mend(name))
    return ollama_address(str(value)) if name == "ollama_host" else str(value)


def _number(name: str, value: object) -> int | float:
    kind = "a whole number" if name in _WHOLE else "a number"
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(str(value))
        if name in _WHOLE and number != int(number):
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise SettingsError(f"{name} is {value!r}, which is not {kind}.", _mend(name)) from error
    if not 0 < number < _LARGEST.get(name, float("inf")):
        raise SettingsError(f"{name} is {value!r}, which is out of range{_range(name)}.", _mend(name))
    return int(number) if name in _WHOLE else number


def _range(name: str) -> str:
    return f": it is more than 0 and less than {_LARGEST[name]}" if name in _LARGEST else ""


def _truth(name: str, value: object) -> bool:
    if str(value).lower() not in {"true", "false"}:
        raise SettingsError(f"{name} is {value!r}, which is neither true nor false.", _mend(name))
    return str(value).lower() == "true"


def _mend(name: str) -> str:
    return f"unset FOOTNOTE_{name.upper()}, or correct it in {settings_file()}"


def ollama_address(value: str) -> str:
    """The address in the forms that `OLLAMA_HOST` takes, as a URL.

    `0.0.0.0` and `::` are what a server listens on; a client reaches it at loopback.

    >>> ollama_address("0.0.0.0"), ollama_address("box:8080"), ollama_address("https://box/ollama/")
    ('http://127.0.0.1:11434', 'http://box:8080', 'https://box/ollama')
    """
    value = value.strip().rstrip("/")
    if not value:
        return DEFAULT_OLLAMA
    scheme, separator, rest = value.rpartition("://")
    host, port, path = _ADDRESS.fullmatch(rest).groups("")  # type: ignore[union-attr]  # it matches anything
    host = _LOOPBACK.get(host, host)
    return f"{scheme or 'http'}://{host}{port or ('' if separator else ':11434')}{path}"


_ADDRESS = re.compile(r"(\[[^\]]*\]|[^:/]*)(:[^/]*)?(.*)", re.DOTALL)
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
