"""A real Ollama server as a process that tests start, fill with models and kill.

``python tests/ollama_server.py 11434`` runs one by hand, with SmolLM2, until Ctrl-C.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from ollama_obtain import SMOLLM_NAME, NoOllamaError, default_cache, find, obtain, run, smollm

__all__ = [
    "CHATML",
    "CHATML_STOP",
    "SMOLLM_NAME",
    "NoOllamaError",
    "Ollama",
    "OllamaServer",
    "default_cache",
    "find",
    "obtain",
    "running",
    "smollm",
]

log = logging.getLogger(__name__)

CHATML = (
    "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}"
    "<|im_start|>assistant\n"
)
"""The chat template of Qwen and SmolLM2; Ollama guesses it for SmolLM2 only."""
CHATML_STOP = ("<|im_start|>", "<|im_end|>")


class Ollama:
    """An Ollama that answers at ``host``, for instance ``http://127.0.0.1:11434``."""

    def __init__(self, host: str) -> None:
        self.host = host

    def version(self) -> str:
        """What it says of itself; for the pinned server ``0.5.4-ipexllm-20250407``."""
        return str(self._call("GET", "/api/version")["version"])

    def models(self) -> list[str]:
        """Names of the models that it holds."""
        return [model["name"] for model in self._call("GET", "/api/tags")["models"]]

    def load(self, name: str) -> None:
        """Read a model into memory, so that the first test does not pay for it."""
        self._call("POST", "/api/generate", {"model": name, "stream": False})

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        # trust_env: a proxy meant for the world must not be asked for a loopback address.
        with httpx.Client(base_url=self.host, timeout=60, trust_env=False) as http:
            answer: dict[str, Any] = http.request(method, path, json=body).raise_for_status().json()
        return answer


def running() -> Ollama | None:
    """The user's own Ollama at OLLAMA_HOST or the default address, if one answers."""
    host = os.environ.get("OLLAMA_HOST") or "127.0.0.1"
    parts = urlsplit(host if "://" in host else f"http://{host}")
    found = Ollama(f"{parts.scheme}://{parts.hostname}:{parts.port or 11434}")
    try:
        found.version()
    except httpx.HTTPError:
        return None
    return found


class OllamaServer(Ollama):
    """One server process of our own, at a port that it keeps over restarts.

    The server and the runners it starts share a process group with a watcher, a shell
    that waits for the end of a pipe held by this process. Whatever ends this process,
    even SIGKILL, closes the pipe, and the watcher then kills the group: no orphans.

    Args:
        program: what `find` returned.
        models: the models folder; servers may share one, an empty one holds no models.
        work: a folder of this server's own, for its log and keys.
        port: 0 takes a free one.
    """

    def __init__(self, program: Path, models: Path, work: Path, port: int = 0) -> None:
        with socket.create_server(("127.0.0.1", port)) as probe:
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        super().__init__(f"http://{self.address}")
        self.program = program
        self.log = work / "ollama.log"
        self._work = work
        self._env = {
            "PATH": os.defpath,
            "HOME": str(work),
            "OLLAMA_HOST": self.address,
            "OLLAMA_MODELS": str(models),
            "OLLAMA_NUM_GPU": "0",
            "OLLAMA_KEEP_ALIVE": "-1",
            # Another server may be half way through creating a model in the same folder.
            "OLLAMA_NOPRUNE": "1",
        }
        self._watcher: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 30) -> Self:
        """Start the server, or start it again, and wait until it answers."""
        self.kill()
        script = ["/bin/sh", "-c", "read line; kill -KILL 0"]
        self._watcher = subprocess.Popen(script, stdin=subprocess.PIPE, process_group=0)
        try:
            with self.log.open("ab") as output:
                self._server = subprocess.Popen(
                    [self.program, "serve"],
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=self._watcher.pid,
                )
            self._await_answer(self._server, time.monotonic() + timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def _await_answer(self, server: subprocess.Popen[bytes], deadline: float) -> None:
        while server.poll() is None and time.monotonic() < deadline:
            try:
                self.version()
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
        tail = self.log.read_text(errors="replace")[-2000:]
        raise NoOllamaError(f"{self.program} serve did not answer at {self.host}:\n{tail}")

    def create(
        self,
        name: str,
        gguf: Path,
        template: str | None = None,
        stop: Sequence[str] = (),
        parameters: Mapping[str, float] | None = None,
    ) -> None:
        """Add a model, as `ollama create` does; the file is copied into the models folder."""
        lines = [f"FROM {gguf.resolve()}"]
        lines += [f'TEMPLATE """{template}"""'] if template else []
        lines += [f'PARAMETER stop "{word}"' for word in stop]
        lines += [f"PARAMETER {key} {value}" for key, value in (parameters or {}).items()]
        modelfile = self._work / "Modelfile"
        modelfile.write_text("\n".join(lines) + "\n")
        run([str(self.program), "create", name, "-f", str(modelfile)], env=self._env)

    def provide(self, name: str, gguf: Path, template: str | None = None, stop: Sequence[str] = ()) -> None:
        """`create` the model unless the folder holds one of that name (with its tag) already."""
        if name not in self.models():
            self.create(name, gguf, template, stop)

    def stop(self) -> None:
        """End the server as its own service manager would, then whatever it left."""
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(5)
            except subprocess.TimeoutExpired:
                log.warning("Ollama at %s ignored SIGTERM for 5 s", self.host)
        self.kill()

    def kill(self) -> None:
        """End the server and its runners at once with SIGKILL, as a crash would."""
        if self._watcher is None:
            return
        os.killpg(self._watcher.pid, signal.SIGKILL)
        for process in (self._server, self._watcher):
            if process is not None:
                process.wait()
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
        self._server = self._watcher = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()


def main(port: int = 0) -> None:
    """Run a server with SmolLM2-135M in the foreground, for work by hand."""
    cache = default_cache()
    program = find(cache)
    with (
        suppress(KeyboardInterrupt),
        TemporaryDirectory() as work,
        OllamaServer(program, cache / "models", Path(work), port) as server,
    ):
        server.provide(SMOLLM_NAME, smollm(cache))
        print(f"export OLLAMA_HOST={server.host}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
