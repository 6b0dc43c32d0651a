"""Everything that can go wrong on purpose.

FootnoteError
├── SettingsError          a setting has a value that cannot be used
├── ImportFailed           a file could not be read as a collection of papers
├── LibraryError           the library folder cannot be used
│   └── PassportMismatch   the library was indexed in another way than this one reads
├── EmbedderError          the embedder cannot be loaded or answers nonsense
├── QuestionError          the question itself cannot be answered (empty, no text)
└── ModelError             the language model
    ├── EngineUnreachable  no server answers at the address
    ├── ModelMissing       the engine runs, the model is not there
    ├── ModelBrokeOff      an answer began and did not end
    └── DownloadFailed     the weights could not be fetched or are not the right ones

Only the edges (command line, browser) catch these, and show `str(error)`: one line that names the
problem and, after "Run:", the command that mends it.
"""

from __future__ import annotations


class FootnoteError(Exception):
    """A problem that the user can read in one line and do something about.

    Args:
        problem: one sentence that names the thing and the value.
        fix: the command that mends it, as the user would type it.
    """

    def __init__(self, problem: str, fix: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix

    def __str__(self) -> str:
        words = f"{self.problem} Run: {self.fix}" if self.fix else self.problem
        return " ".join(words.split())


class SettingsError(FootnoteError):
    """A setting (flag, environment variable or settings file) has an unusable value."""


class ImportFailed(FootnoteError):
    """A file is not in a format that holds papers, or holds none."""


class LibraryError(FootnoteError):
    """The library folder is missing, damaged, read-only, full, or newer than this program."""


class PassportMismatch(LibraryError):
    """The library's passages were made by another embedder, splitter or schema."""


class EmbedderError(FootnoteError):
    """The embedding model could not be loaded, or does not reproduce its reference vectors."""


class QuestionError(FootnoteError):
    """There is no question in what the user sent."""


class ModelError(FootnoteError):
    """The language model cannot answer."""


class EngineUnreachable(ModelError):
    """No language model server answers at the configured address."""


class ModelMissing(ModelError):
    """The engine is there and does not have the model that was asked for."""


class ModelBrokeOff(ModelError):
    """The model stopped in the middle of an answer; what it wrote until then is kept."""


class DownloadFailed(ModelError):
    """Model weights could not be fetched, or their SHA-256 is not the expected one."""
