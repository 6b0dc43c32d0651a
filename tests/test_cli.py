"""The command line as a user meets it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ollama_server import OllamaServer

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = [
    [], ["ask"], ["chat"], ["import"], ["papers"], ["tag"], ["delete"], ["undo"], ["models"], ["models", "fetch"],
    ["doctor"], ["reindex"], ["conversations"], ["conversations", "export"], ["feedback"], ["access"], ["access", "set"], ["mcp"],
    ["eval"], ["eval", "answers"], ["eval", "retrieval"],
]  # fmt: skip


def footnote(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **env},
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "footnote")
def test_help_is_there_and_imports_nothing_heavy(command: list[str]) -> None:
    program = (
        "import sys; sys.argv = ['footnote', *sys.argv[1:]]\n"
        "from ui.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'chromadb', 'gradio', 'llama_index', 'onnxruntime', 'ollama', 'xllamacpp', 'httpx', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert "Usage: footnote" in done.stdout
    assert done.stderr.strip() == "[]"


def test_ask_prints_a_quoted_and_cited_answer(library_folder: Path) -> None:
    done = footnote(
        "ask", "How many tokens per second does Sylber's tokenizer average?", "--model", "extractive"
    )
    assert done.returncode == 0
    assert "4.27" in done.stdout
    assert "[1] Sylber: Syllabic Embedding Representation of Speech from Raw Audio" in done.stdout


def test_ask_json_prints_one_object_with_every_key(library_folder: Path) -> None:
    done = footnote("ask", "What does Sylber propose?", "--model", "extractive", "--json", "--top-k", "4")
    answer = json.loads(done.stdout)
    assert set(answer) >= {
        "question", "standalone_question", "answer", "abstained", "sentences", "papers", "retrieved", "model",
        "engine", "timings", "prompt_tokens",
    }  # fmt: skip
    assert len(answer["retrieved"]) == 4
    assert set(answer["sentences"][0]) == {"text", "support", "citations"}
    assert set(answer["papers"][0]) == {"number", "id", "title", "year", "evidence"}
    assert set(answer["timings"]) == {
        "understood_s", "retrieval_s", "read_s", "first_words_s", "written_s", "checking_s", "total_s",
    }  # fmt: skip
    assert answer["papers"][0]["title"].startswith("Sylber")


def test_ask_abstains_from_what_no_abstract_says(library_folder: Path) -> None:
    done = footnote("ask", "What is the capital of Australia?", "--model", "extractive")
    assert done.returncode == 0
    assert done.stdout.startswith("The abstracts do not say.")
    assert "Nearest papers:" in done.stdout


def test_ask_imports_the_shipped_papers_into_an_empty_library() -> None:
    done = footnote("ask", "What does Selfie learn to select?", "--model", "extractive")
    assert "62 new" in done.stderr
    assert "[1] Selfie" in done.stdout


def test_ask_through_ollama_streams_a_cited_answer_and_names_the_engine(
    library_folder: Path, ollama: OllamaServer
) -> None:
    done = footnote(
        "ask", "What is Sylber?", "--json", "--model", "ollama/smollm2:135m", OLLAMA_HOST=ollama.host
    )
    answer = json.loads(done.stdout)
    assert answer["engine"].startswith("Ollama")
    assert answer["model"] == "smollm2:135m"
    assert all(sentence["citations"] for sentence in answer["sentences"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["import", "/nowhere.txt"], "does not exist", id="missing file"),
        pytest.param(["import", "pyproject.toml"], "holds no papers", id="no such page"),
        pytest.param(["import"], "Run: footnote import FILE", id="no file"),
        pytest.param(["ask", "   "], "There is no question", id="empty question"),
        pytest.param(["ask", "What?", "--model", "ollama/nope"], "No Ollama answers", id="no ollama"),
        pytest.param(
            ["ask", "What?", "--model", "embedded/nope"], "no embedded model", id="unknown embedded model"
        ),
        pytest.param(
            ["ask", "What?", "--model", "embedded/smollm2-135m"],
            "footnote models fetch",
            id="model not fetched",
        ),
        pytest.param(["models", "fetch", "nope"], "no embedded model", id="unknown weights"),
        pytest.param(["models", "verify", "smollm2-135m"], "is not there", id="weights missing"),
    ],
)
def test_a_problem_is_one_line_on_stderr_and_a_failing_exit_code(
    words: list[str], says: str, library_folder: Path
) -> None:
    done = footnote(*words, OLLAMA_HOST="127.0.0.1:9")
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_setting_that_is_no_number_is_said(library_folder: Path) -> None:
    done = footnote("papers", FOOTNOTE_TOP_K="many")
    assert done.returncode == 1
    assert "top_k is 'many', which is not a whole number." in done.stderr


def test_import_says_what_it_did_and_a_second_time_changes_nothing() -> None:
    assert "62 new" in footnote("import", "data/papers.txt").stderr
    assert "62 unchanged" in footnote("import", "data/papers.txt").stderr


def test_a_library_is_curated_by_commands(library_folder: Path) -> None:
    assert footnote("tag", "Sylber", "to read").returncode == 0
    listed = footnote("papers", "--tag", "to read", "--ids").stdout
    paper_id = listed.split()[0]
    assert "Sylber" in listed
    assert listed.rstrip().endswith("#to read")
    assert footnote("delete", paper_id, "--yes").returncode == 0
    assert "deleted earlier: 1" in footnote("import", "data/papers.txt").stderr
    assert footnote("papers", "Sylber", "--sort", "year").stdout == ""
    assert "Undone: deletion" in footnote("undo").stderr
    assert footnote("papers", "--tag", "to read").stdout.startswith("Sylber")


def test_rejected_records_are_written_corrected_and_imported(tmp_path: Path) -> None:
    (tmp_path / "refs.jsonl").write_text(
        '{"title": "Good Paper", "abstract": "It is good."}\n{"abstract": "x"}\n'
    )
    done = footnote("import", str(tmp_path / "refs.jsonl"), "--rejected-to", str(tmp_path / "bad.jsonl"))
    assert "1 new, 1 rejected" in done.stderr
    bad = (tmp_path / "bad.jsonl").read_text()
    assert bad == '{"abstract": "x"}\n'
    (tmp_path / "bad.jsonl").write_text('{"title": "Mended Paper", "abstract": "x"}\n')
    assert "1 new" in footnote("import", str(tmp_path / "bad.jsonl")).stderr


def test_papers_lists_all_or_those_that_match(library_folder: Path) -> None:
    assert len(footnote("papers").stdout.splitlines()) == 62
    assert (
        footnote("papers", "unlearning copyrighted books")
        .stdout.splitlines()[0]
        .startswith("Who's Harry Potter?")
    )


def test_doctor_is_green_when_quotations_are_wanted_and_names_the_mending_command_otherwise(
    library_folder: Path,
) -> None:
    assert footnote("doctor", "--model", "extractive", OLLAMA_HOST="127.0.0.1:9").returncode == 0
    done = footnote("doctor", OLLAMA_HOST="127.0.0.1:9")
    assert done.returncode == 1
    assert "FAIL model" in done.stdout
    assert "Run: footnote models fetch" in done.stdout


def test_doctor_sees_a_word_index_that_was_deleted_and_reindex_mends_it(library_folder: Path) -> None:
    for file in (library_folder / "words").iterdir():
        file.unlink()
    done = footnote("doctor", "--model", "extractive")
    assert "FAIL words" in done.stdout
    assert footnote("reindex").returncode == 0
    assert footnote("doctor", "--model", "extractive").returncode == 0


def test_ctrl_c_stops_the_model_and_keeps_what_was_verified(
    library_folder: Path, ollama: OllamaServer
) -> None:
    words = ["ask", "What does Sylber propose?", "--model", "ollama/smollm2:135m", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "OLLAMA_HOST": ollama.host,
            "FOOTNOTE_ANSWER_TOKENS": "2000",
            "FOOTNOTE_NUM_CTX": "8192",
        },
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    assert process.returncode in {0, 130}
    if process.returncode == 0:
        assert "answer" in json.loads(out)
