"""Importing a module of the core reads no file of the user, writes none, and opens no connection."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "rag").rglob("*.py")
)
WATCH = """
import importlib, json, os, sys
ours, seen = sys.argv[1], []
def watch(event, args):
    if event == "open" and isinstance(args[0], str):
        writes = bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(args[2], int) else False
        private = os.path.abspath(args[0]).startswith((ours, os.environ["HOME"]))
        if writes or (private and not args[0].endswith((".py", ".pyc", ".json"))):
            seen.append(f"open {args[0]}")
    elif event in {"socket.connect", "socket.getaddrinfo", "sqlite3.connect", "os.mkdir", "os.remove",
                   "os.rename", "subprocess.Popen", "os.system"}:
        seen.append(f"{event} {args[0]!r}")
    elif event == "import" and args[0].split(".")[0] in {"chromadb", "xllamacpp", "gradio", "onnxruntime"}:
        seen.append(f"import {args[0]}")
sys.addaudithook(watch)
found = {}
for module in json.loads(sys.argv[2]):
    seen.clear()
    importlib.import_module(module)
    if seen:
        found[module] = list(seen)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each module did while it was imported, LlamaIndex's interfaces left out."""
    home = tmp_path_factory.mktemp("quiet")
    modules = [m for m in MODULES if not m.startswith(("rag.llama_", "rag.minilm.build", "rag.minilm.graph"))]
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, str(ROOT), json.dumps(modules)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "FOOTNOTE_HOME": str(home / "footnote")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not (home / "footnote").exists()
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("module", MODULES)
def test_importing_a_module_does_nothing(noticed: dict[str, list[str]], module: str) -> None:
    assert noticed.get(module, []) == []
