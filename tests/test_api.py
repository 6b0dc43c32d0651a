"""The HTTP API: answers, papers and problems as other programs get them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from serving import Writes, served, with_model
from starlette.requests import Request

from rag.assemble import Footnote
from rag.importers import Parsed
from rag.records import Answer, Paper
from ui.api.answering import Answering, Busy
from ui.api.conversing import message, turns
from ui.api.problems import without_paths
from ui.terminal import answer_object

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
TITLE = "Sylber: Syllabic Embedding Representation of Speech from Raw Audio"
WRITTEN = "Sylber averages 4.27 tokens per second."


@pytest.fixture
def client(footnote: Footnote) -> Iterator[httpx.Client]:
    with served(footnote) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def events(response: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """Name and content of the events of a stream."""
    found, name = [], ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: {"):
            found.append((name, json.loads(line.removeprefix("data: "))))
    return found


def test_asking_gives_what_the_command_line_prints(client: httpx.Client, footnote: Footnote) -> None:
    """`POST /api/ask` and `footnote ask --json` give the same object."""
    got = client.post("/api/ask", json={"question": SYLBER}).json()
    expected = json.loads(json.dumps(answer_object(footnote.ask(SYLBER))))
    del got["timings"], expected["timings"]
    assert got == expected
    assert "4.27" in got["answer"]


def test_a_stream_of_snapshots_ends_with_the_answer(client: httpx.Client) -> None:
    with client.stream(
        "POST", "/api/ask", json={"question": SYLBER}, headers={"accept": "text/event-stream"}
    ) as response:
        names, objects = zip(*events(response), strict=True)
    assert names[-1] == "done"
    assert set(names[:-1]) == {"snapshot"}
    assert "4.27" in objects[-1]["answer"]


def test_filters_narrow_an_answer(client: httpx.Client) -> None:
    asked = {"question": "Which papers are about speech?", "filters": {"author": "Nobody At All"}}
    assert client.post("/api/ask", json=asked).json()["papers"] == []


def test_an_answer_sent_back_as_history_is_leaned_on(client: httpx.Client) -> None:
    """The object that came goes back as it is, and its paper keeps its number."""
    first = client.post("/api/ask", json={"question": SYLBER}).json()
    asked = {"question": "What is it trained on?", "history": [first]}
    second = client.post("/api/ask", json=asked).json()
    assert [(p["number"], p["title"]) for p in second["papers"]] in ([(1, TITLE)], [])
    assert second["retrieved"][0]["title"] == TITLE


def test_search_ranks_papers_as_for_a_question(client: httpx.Client, footnote: Footnote) -> None:
    got = client.get("/api/search", params={"q": SYLBER, "top_k": 3}).json()
    assert [hit["paper"]["id"] for hit in got["papers"]] == [c.paper.id for c in footnote.search(SYLBER, 3)]
    assert got["papers"][0]["paper"]["abstract"]


def test_papers_are_listed_in_stretches(client: httpx.Client, footnote: Footnote) -> None:
    first = client.get("/api/papers", params={"limit": 5}).json()
    second = client.get("/api/papers", params={"limit": 5, "offset": 5}).json()
    assert first["total"] == footnote.library.count()
    ids = [paper["id"] for paper in (*first["papers"], *second["papers"])]
    assert len(set(ids)) == 10
    assert client.get("/api/papers", params={"words": "sylber"}).json()["total"] == 1


def test_a_paper_is_read_by_its_id(client: httpx.Client) -> None:
    listed = client.get("/api/papers", params={"words": "sylber"}).json()["papers"][0]
    paper = client.get(f"/api/papers/{listed['id']}").json()
    assert paper["title"] == TITLE
    missing = client.get("/api/papers/doi:10.1/a/b")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "no_paper")


def test_health_says_what_answers(client: httpx.Client, footnote: Footnote) -> None:
    health = client.get("/health").json()
    assert health == {
        "ok": True,
        "papers": footnote.library.count(),
        "model": "extractive",
        "engine": "quotations from the abstracts",
        "notices": health["notices"],
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("/api/ask", {"question": 1}, 422, "question"),
        ("/api/ask", {"question": SYLBER, "filters": {"year": 1}}, 422, "filters.year"),
        ("/api/ask", {"question": "?!"}, 400, None),
        ("/v1/chat/completions", {"model": "footnote", "messages": "hello"}, 422, "messages"),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "x"}]}, 400, "messages"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}], "stream": "yes"}, 422, "stream"),
        ("/api/nothing", {}, 404, None),
    ],
)  # fmt: skip
def test_a_wrong_request_is_named_in_openais_shape(
    client: httpx.Client, path: str, body: dict[str, Any], status: int, param: str | None
) -> None:
    response = client.post(path, json=body)
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["param"]) == (status, "invalid_request_error", param)
    assert set(error) == {"message", "type", "param", "code", "fix"}


def test_what_is_no_json_is_refused(client: httpx.Client) -> None:
    response = client.post("/api/ask", content=b"{", headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "json_invalid")


def test_a_long_request_is_refused(client: httpx.Client) -> None:
    response = client.post("/api/ask", content=b" " * 1_000_001, headers={"content-type": "application/json"})
    assert response.status_code == 413


def test_a_long_question_is_cut_and_said(client: httpx.Client) -> None:
    answer = client.post("/api/ask", json={"question": SYLBER + " x" * 3000}).json()
    assert any("is long" in notice for notice in answer["notices"])


def test_a_damaged_library_is_one_line_without_folders(client: httpx.Client, footnote: Footnote) -> None:
    """The error names the file and the command, and neither the home folder nor a traceback."""
    with sqlite3.connect(footnote.settings.library / "library.db") as db:
        db.execute("DROP TABLE papers")
    db.close()
    response = client.get("/api/papers")
    assert (response.status_code, response.json()["error"]["type"]) == (503, "server_error")
    assert str(footnote.settings.home) not in response.text
    assert "Traceback" not in response.text


def test_paths_of_this_machine_are_left_out(footnote: Footnote) -> None:
    folder = footnote.settings.library
    said = f"The library {folder} cannot be written (see /var/log/a b/x.log or ~/notes/y)."
    assert without_paths(said, footnote.settings) == "The library cannot be written (see a b/x.log or y)."
    kept = "Ollama at http://127.0.0.1:11434/api has no doi:10.1/x/y."
    assert without_paths(kept, footnote.settings) == kept


def test_the_description_has_models_and_names_every_door(client: httpx.Client) -> None:
    spec = client.get("/openapi.json").json()
    assert set(spec["paths"]) == {
        "/api/ask", "/api/search", "/api/papers", "/api/papers/{paper_id}", "/health",
        "/v1/models", "/v1/models/{name}", "/v1/chat/completions",
    }  # fmt: skip
    answer = spec["paths"]["/api/ask"]["post"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"] == {"$ref": "#/components/schemas/AnswerObject"}
    assert "text/event-stream" in answer
    assert all(one.get("description") for path in spec["paths"].values() for one in path.values())


@pytest.mark.parametrize("streams", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("path", ["/api/ask", "/v1/chat/completions"])
def test_a_client_that_goes_away_stops_the_model(footnote: Footnote, path: str, streams: bool) -> None:
    slow = Writes([WRITTEN, "It is"])
    writing = with_model(footnote, slow)
    body = {"question": SYLBER} if path == "/api/ask" else {"messages": [{"role": "user", "content": SYLBER}]}
    accept = {"accept": "text/event-stream"} if streams else {}
    with served(writing) as address, httpx.Client(base_url=address, timeout=60) as client:
        if streams:
            with client.stream("POST", path, json=body | _streaming(path), headers=accept) as response:
                for line in response.iter_lines():
                    if WRITTEN in line:
                        break
        else:
            leaving = threading.Thread(target=_gives_up, args=(address + path, body))
            leaving.start()
            leaving.join()
        assert slow.began.wait(20)
        assert slow.stopped.wait(20)
    writing.close()


def _streaming(path: str) -> dict[str, Any]:
    return {"stream": True} if path.startswith("/v1") else {}


def _gives_up(url: str, body: dict[str, Any]) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, timeout=3)


def test_what_was_streamed_stays(footnote: Footnote) -> None:
    """No text that was sent is taken back: the parts make up the message of the finished answer."""
    writing = with_model(
        footnote, Writes([WRITTEN, "It is a syllabic embedding of speech.", "Bananas are blue."], ends=True)
    )
    asked = {"messages": [{"role": "user", "content": SYLBER}], "stream": True}
    with served(writing) as address, httpx.Client(base_url=address, timeout=60) as client:
        with client.stream("POST", "/v1/chat/completions", json=asked) as response:
            chunks = [chunk for _, chunk in events(response)]
        whole = client.post("/v1/chat/completions", json=asked | {"stream": False}).json()
    writing.close()
    parts = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert parts[1].startswith(WRITTEN)
    assert "".join(parts) == whole["choices"][0]["message"]["content"]
    assert "Bananas" not in "".join(parts)
    assert whole["usage"]["completion_tokens"] > 5
    assert chunks[-1]["footnote"] == whole["footnote"]


def test_references_read_back_keep_their_numbers(footnote: Footnote) -> None:
    """A conversation that a program sends back has the papers that its answers cited."""
    said = message(footnote.ask(SYLBER)).replace("[1]", "[3]")
    (turn,) = turns([("user", SYLBER), ("assistant", said)], footnote.library)
    assert [(c.number, c.paper.title) for c in turn.papers] == [(3, TITLE)]
    assert "[3]" not in turn.answer
    answer = footnote.ask("What is it about?", [turn])
    assert all(c.number != 1 for c in answer.papers)


def test_too_many_answers_at_once_are_refused() -> None:
    going_on = threading.Event()

    def waits(stop: threading.Event) -> Iterator[Answer]:
        going_on.set()
        stop.wait(20)
        yield from ()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def both() -> None:
        answering = Answering(at_once=1)
        request = Request({"type": "http"}, receive)
        first = asyncio.create_task(anext(answering.snapshots(request, waits)))
        await asyncio.to_thread(going_on.wait)
        with pytest.raises(Busy):
            await anext(answering.snapshots(request, waits))
        first.cancel()
        await asyncio.wait([first])

    asyncio.run(both())


def test_a_paper_cannot_make_a_client_load_anything(footnote: Footnote) -> None:
    """What a title or an abstract holds of Markdown or HTML is text in a message."""
    hostile = "Zebras <img src=x> ![p](http://evil.example/p.png)"
    paper = Paper("title:z", hostile, f"We count 77 zebras in the herd. {hostile}.")
    footnote.library.add(Parsed((paper,), ()), "z.txt")
    footnote.index_pending()
    said = message(footnote.ask("How many zebras are in the herd?"))
    assert "77 zebras" in said
    assert "](http" not in said
    assert "\\<img" in said
    (turn,) = turns([("user", "q"), ("assistant", said)], footnote.library)
    assert [c.paper.title for c in turn.papers] == [hostile]
