"""Who may use a server that others can reach: the password's hash, sessions, and wrong tries.

The password itself is kept nowhere. A session is a moment of expiry with a signature; its key lies
beside the hash and is made anew with every password, so that changing it ends all sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import os
import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import FootnoteError, SettingsError
from ui.guard import loopback

FILE = "access.json"
"""Name of the file with the hash, in the home folder."""
SIGNED_OUT = "signed-out.json"
"""Name of the file with the sessions that were ended before their time; it lets nobody in."""
SHORTEST = 8
"""Characters that a password has at least."""
SESSION_SECONDS = 12 * 3600
"""How long a browser stays signed in."""
SET = "footnote access set"
_COST = {"n": 2**15, "r": 8, "p": 1}
"""scrypt's cost: about 0.1 s and 32 MB for one try."""
_MEMORY = 1 << 26
_FREE_TRIES = 3
"""Wrong tries before each further one has to wait."""
_LONGEST_WAIT = 300.0
_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Access:
    """A password as it is kept."""

    salt: bytes
    """Of this password alone."""
    digest: bytes
    """scrypt of password and salt."""
    key: bytes
    """Signs sessions."""

    @classmethod
    def of(cls, password: str) -> Access:
        """What is kept of a password.

        Raises:
            SettingsError: it is too short.
        """
        if len(password) < SHORTEST:
            raise SettingsError(f"The password is shorter than {SHORTEST} characters.", SET)
        salt = secrets.token_bytes(16)
        return cls(salt, _digest(password, salt), secrets.token_bytes(32))

    def admits(self, password: str) -> bool:
        """Whether this is the password; takes the same time either way."""
        return hmac.compare_digest(_digest(password, self.salt), self.digest)

    def session(self, now: float) -> str:
        """What a signed-in browser keeps."""
        named = f"{int(now) + SESSION_SECONDS}.{secrets.token_hex(8)}"
        return f"{named}.{self._signature(named)}"

    def knows(self, session: str, now: float) -> bool:
        """Whether a session was given out under this password and has not expired."""
        named, _, signature = session.rpartition(".")
        if not hmac.compare_digest(self._signature(named).encode(), signature.encode()):
            return False
        return now < int(named.partition(".")[0])

    def _signature(self, named: str) -> str:
        return hmac.digest(self.key, named.encode(), "sha256").hex()


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, maxmem=_MEMORY, **_COST)


def load(home: Path) -> Access | None:
    """The password that was set; None when none was.

    Raises:
        SettingsError: its file cannot be read.
    """
    path = home / FILE
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        return Access(*(bytes.fromhex(kept[part]) for part in ("salt", "digest", "key")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read, so nobody can be let in.", SET) from error


def save(access: Access, home: Path) -> None:
    """Keep a password, in place of the one before; nobody but the user can read the file.

    Raises:
        FootnoteError: the home folder cannot be written.
    """
    kept = {"salt": access.salt.hex(), "digest": access.digest.hex(), "key": access.key.hex()}
    _write(home / FILE, kept)
    (home / SIGNED_OUT).unlink(missing_ok=True)  # no session of another key is known anyway


def _write(path: Path, kept: Mapping[str, object]) -> None:
    """Keep something, in place of what was kept before; nobody but the user can read it."""
    home = path.parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=home, prefix=f".{path.name}-")  # made with mode 600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(kept, file)
        Path(name).replace(path)
    except OSError as error:
        raise FootnoteError(f"{home} cannot be written: {error.strerror}.", f"ls -ld {home}") from error


def remove(home: Path) -> bool:
    """Forget the password; returns whether there was one."""
    path = home / FILE
    found = path.exists()
    path.unlink(missing_ok=True)
    (home / SIGNED_OUT).unlink(missing_ok=True)
    return found


def needed(home: Path, host: str, *, login: bool) -> Access | None:
    """The password that a server at this address asks for; None when it asks for none.

    Args:
        login: whether to ask for it on loopback too, where else only this machine's users get in.

    Raises:
        SettingsError: one is needed and none was set.
    """
    if loopback(host) and not login:
        return None
    if (access := load(home)) is None:
        said = "by a password" if loopback(host) else f"at {host}, which others can reach"
        raise SettingsError(f"The page cannot be guarded {said}: no password was set.", SET)
    return access


class SignedOut:
    """Sessions that were ended before their time, until they would have expired: they are known no more.

    Args:
        home: where they are kept beyond the end of the server; None to keep them no longer.

    Raises:
        SettingsError: their file cannot be read.
    """

    def __init__(self, home: Path | None) -> None:
        self._path = home / SIGNED_OUT if home else None
        self._lock = threading.Lock()
        self._ended = _ended(self._path) if self._path else {}

    def __contains__(self, session: str) -> bool:
        return session.rpartition(".")[0] in self._ended

    def add(self, session: str, now: float) -> None:
        """End a session that is known.

        Raises:
            FootnoteError: the home folder cannot be written; the session has ended until the server ends.
        """
        named = session.rpartition(".")[0]
        with self._lock:
            going = {name: until for name, until in self._ended.items() if now < until}
            self._ended = {**going, named: int(named.partition(".")[0])}
            if self._path:
                _write(self._path, self._ended)


def _ended(path: Path) -> dict[str, int]:
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        return {str(name): int(until) for name, until in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read, so nobody can be let in.", SET) from error


class Tries:
    """Counts wrong tries by address, and how long the next one has to wait: 1 s, 2 s, 4 s, … 5 min."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def begin(self, address: str) -> float:
        """Count a try as wrong until it succeeds; returns the seconds to wait when it comes too soon."""
        now, source = self._clock(), _source(address)
        with self._lock:
            wrong, free_at = self._wrong.get(source, (0, 0.0))
            if now < free_at:
                return free_at - now
            wait = min(2.0 ** (wrong + 1 - _FREE_TRIES), _LONGEST_WAIT) if wrong + 1 >= _FREE_TRIES else 0.0
            self._wrong[source] = (min(wrong + 1, 64), now + wait)
            self._wrong.move_to_end(source)
            if len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)
        return 0.0

    def succeeded(self, address: str) -> None:
        """Forget the wrong tries of an address."""
        with self._lock:
            self._wrong.pop(_source(address), None)


def _source(address: str) -> str:
    """What tries are counted by: an address, or of IPv6 the network that one subscriber has.

    >>> _source("10.0.0.1"), _source("2001:db8:1:2:3:4:5:6")
    ('10.0.0.1', '2001:db8:1:2::')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_address(int(parsed) >> 64 << 64))
