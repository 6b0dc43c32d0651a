"""The shipped embedder gives the vectors it should, refuses what it cannot read, and says why."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from ollama_server import SMOLLM_NAME, Ollama

from rag import minilm
from rag.embedders import Embedder, MiniLM, OllamaEmbedder, embedder
from rag.errors import EmbedderError

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM(threads=2)


@pytest.fixture(scope="module")
def references() -> list[dict[str, object]]:
    read: list[dict[str, object]] = json.loads((minilm.FOLDER / minilm.REFERENCE).read_text())["references"]
    return read


@pytest.fixture(scope="module")
def texts(references: list[dict[str, object]]) -> list[str]:
    return [str(reference["text"]) for reference in references]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped files that a test may damage."""
    for name in (minilm.MODEL, minilm.TOKENIZER, minilm.REFERENCE, minilm.MANIFEST):
        shutil.copy(minilm.FOLDER / name, tmp_path / name)
    return tmp_path


def test_vectors_agree_with_the_unquantised_model(
    model: MiniLM, texts: list[str], references: list[dict[str, object]]
) -> None:
    expected = np.array([reference["vector"] for reference in references])
    cosines = (model.embed(texts) * expected).sum(axis=1)
    assert cosines.min() > 0.98
    assert np.median(cosines) > 0.99


def test_check_returns_the_least_cosine(model: MiniLM) -> None:
    assert 0.98 < model.check() < 1


def test_vectors_have_length_one_and_the_stated_type(model: MiniLM, texts: list[str]) -> None:
    vectors = model.embed(texts)
    assert vectors.shape == (len(texts), model.dimension) == (len(texts), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(model: MiniLM) -> None:
    assert model.embed([]).shape == (0, 384)


def test_a_text_has_the_same_vector_alone_and_among_others(model: MiniLM, texts: list[str]) -> None:
    together = model.embed(texts * 2)
    for row, text in enumerate(texts):
        assert np.array_equal(model.embed([text])[0], together[row])
        assert np.array_equal(together[row], together[row + len(texts)])


def test_progress_counts_up_to_the_number_of_texts(model: MiniLM) -> None:
    seen: list[int] = []
    model.embed(["word"] * 130, seen.append)
    assert seen == [64, 128, 130]


def test_a_text_that_fills_the_window_is_embedded(model: MiniLM) -> None:
    text = "word " * (model.window - 2)
    assert model.count_tokens(text) == model.window == 512
    assert model.embed([text]).shape == (1, 384)


def test_a_longer_text_is_refused_not_cut(model: MiniLM) -> None:
    text = "word " * (model.window - 1)
    assert model.count_tokens(text) == 513
    with pytest.raises(EmbedderError, match="513 tokens is longer than the 512"):
        model.embed(["short", text])


def test_half_a_surrogate_pair_is_refused(model: MiniLM) -> None:
    with pytest.raises(EmbedderError, match="UTF-8"):
        model.embed(["broken \ud800 text"])


@pytest.mark.parametrize("name", [minilm.MODEL, minilm.TOKENIZER, minilm.REFERENCE])
@pytest.mark.parametrize("damage", ["changed byte", "cut short", "missing"])
def test_a_damaged_file_is_named_with_the_command_that_mends_it(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content[: len(content) // 2] if damage == "cut short" else content)
    if damage == "missing":
        path.unlink()
    with pytest.raises(EmbedderError, match=rf"{name} cannot be used.*Run: python -m rag\.minilm\.build"):
        MiniLM(copy).check()


def test_a_manifest_that_is_no_json_is_an_embedder_error(copy: Path) -> None:
    (copy / minilm.MANIFEST).write_text("{")
    with pytest.raises(EmbedderError, match=r"manifest\.json cannot be used"):
        _ = MiniLM(copy).digest


def test_vectors_unlike_the_reference_fail_the_check(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a processor that multiplies wrongly: the files are right and the vectors are not."""
    wrong = MiniLM(copy)
    right = wrong.embed
    monkeypatch.setattr(wrong, "embed", lambda texts: np.roll(right(texts), 1, axis=1))
    with pytest.raises(EmbedderError, match="does not reproduce"):
        wrong.check()


def test_exact_arithmetic_gives_the_same_vectors(
    model: MiniLM, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a processor gets whose fast arithmetic overflows; provoked by a bound that no machine meets."""
    fast = model.embed(texts)
    monkeypatch.setattr("rag.minilm.embedder.MIN_COSINE", 1.0)
    assert ((MiniLM().embed(texts) * fast).sum(axis=1) > 0.995).all()


def test_the_setting_names_the_embedder() -> None:
    assert isinstance(embedder("minilm", NOBODY), MiniLM)
    assert embedder("ollama/nomic-embed-text", NOBODY).name == "ollama/nomic-embed-text"


@pytest.mark.parametrize("name", ["", "bert", "ollama", "ollama/", "minilm/2"])
def test_an_unknown_embedder_is_refused_and_the_known_ones_named(name: str) -> None:
    with pytest.raises(EmbedderError, match="known are minilm and ollama/NAME"):
        embedder(name, NOBODY)


def test_importing_the_embedders_imports_no_framework() -> None:
    code = "import sys, rag.embedders as e; e.MiniLM(); e.embedder('ollama/x', 'http://127.0.0.1:9')\n"
    code += "print(*sorted({m.split('.')[0] for m in sys.modules} & {'llama_index', 'ollama', 'onnx', 'onnxruntime'}))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []


def test_the_llama_index_embedding_gives_the_same_vectors(model: MiniLM, texts: list[str]) -> None:
    from rag.llama_embedding import MiniLMEmbedding

    adapter = MiniLMEmbedding(model)
    expected = model.embed(texts)
    assert np.array_equal(np.array(adapter.get_text_embedding_batch(texts), np.float32), expected)
    assert np.array_equal(np.array(adapter.get_query_embedding(texts[0]), np.float32), expected[0])
    with pytest.raises(EmbedderError):
        adapter.get_text_embedding("word " * 600)


def test_a_real_ollama_embeds_and_names_its_model(ollama: Ollama) -> None:
    real = OllamaEmbedder(SMOLLM_NAME, ollama.host)
    vectors = real.embed(["The cat sat on the mat.", "A cat is on a mat.", "Lattice gauge theory"])
    assert vectors.shape == (3, real.dimension) == (3, 576)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert real.window == 2048
    assert len(real.digest) == 64


@pytest.mark.parametrize("text", ["word " * 3000, ""], ids=["too long", "no token"])
def test_a_real_ollama_refuses_what_it_cannot_embed_whole(ollama: Ollama, text: str) -> None:
    with pytest.raises(EmbedderError, match=rf"refused '{SMOLLM_NAME}' with status \d+"):
        OllamaEmbedder(SMOLLM_NAME, ollama.host).embed(["a short text", text])


@pytest.mark.parametrize("part", ["dimension", "window", "digest"])
def test_a_model_that_ollama_lacks_comes_with_the_command_that_gets_it(ollama: Ollama, part: str) -> None:
    with pytest.raises(EmbedderError, match=r"no model 'nope'\. Run: ollama pull nope"):
        getattr(OllamaEmbedder("nope", ollama.host), part)


class _Ollama(BaseHTTPRequestHandler):
    """Answers as Ollama does, where a real one cannot be made to."""

    def do_GET(self) -> None:
        self._answer(200, {"models": [{"model": "tiny:latest", "digest": "abc123"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/show":
            self._answer(200, {"model_info": {"bert.context_length": 256}})
        else:
            vectors = [[3.0, 4.0, 0.0] if asked["model"] == "tiny" else [0.0] * 3 for _ in asked["input"]]
            self._answer(200, {"embeddings": vectors})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: the test's output stays quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Ollama) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


def test_ollama_vectors_are_made_unit_vectors_in_batches(server: str) -> None:
    ollama: Embedder = OllamaEmbedder("tiny", server)
    seen: list[int] = []
    vectors = ollama.embed(["text"] * 40, seen.append)
    assert seen == [32, 40]
    assert vectors.shape == (40, 3)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors[0], [0.6, 0.8, 0])
    assert (ollama.dimension, ollama.window, ollama.digest) == (3, 256, "abc123")
    assert ollama.embed([]).shape == (0, 3)


def test_a_vector_without_direction_is_refused(server: str) -> None:
    with pytest.raises(EmbedderError, match="no direction"):
        OllamaEmbedder("broken", server).embed(["text"])


def test_half_a_surrogate_pair_is_not_sent_to_ollama(server: str) -> None:
    with pytest.raises(EmbedderError, match="UTF-8"):
        OllamaEmbedder("tiny", server).embed(["broken \ud800 text"])


@pytest.mark.parametrize("host", [NOBODY, "http://no-such-host.invalid:11434", "http://[oops", "ftp://x"])
def test_an_ollama_that_does_not_answer_is_an_embedder_error(host: str) -> None:
    with pytest.raises(EmbedderError, match="Ollama does not answer") as caught:
        OllamaEmbedder("tiny", host).embed(["text"])
    assert str(caught.value).endswith("Run: ollama serve")
    assert "\n" not in str(caught.value)
