"""The MCP server as an assistant meets it: the SDK's own client starts the command and calls its tools."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

ROOT = Path(__file__).resolve().parent.parent
SYLBER = "How many tokens per second does Sylber's tokenizer average?"
TITLE = "Sylber: Syllabic Embedding Representation of Speech from Raw Audio"
COMMAND = ["-m", "ui.cli", "mcp", "--model", "extractive"]

pytestmark = pytest.mark.usefixtures("library_folder")


def talk(said: Callable[[Client], Awaitable[Any]]) -> Any:
    """What comes of a conversation with the server."""

    async def conversation() -> Any:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
        server = StdioServerParameters(command=sys.executable, args=COMMAND, env=env, cwd=ROOT)
        async with Client(stdio_client(server)) as client:
            return await said(client)

    return asyncio.run(asyncio.wait_for(conversation(), 120))


def test_the_tools_only_read() -> None:
    async def listed(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in talk(listed)}
    assert set(tools) == {"search_papers", "ask_papers", "get_paper"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint


def test_an_answer_comes_as_text_and_with_structure() -> None:
    async def asked(client: Client) -> Any:
        return await client.call_tool("ask_papers", {"question": SYLBER})

    answer = talk(asked)
    assert not answer.is_error
    assert "4.27" in answer.content[0].text
    assert f"- [1] “{TITLE}”" in answer.content[0].text
    assert answer.structured_content["citations"][0]["title"] == TITLE
    assert answer.structured_content["abstained"] is False


def test_a_paper_that_was_found_can_be_read() -> None:
    async def found_and_read(client: Client) -> Any:
        found = await client.call_tool("search_papers", {"words": "syllabic speech tokens", "most": 2})
        first = found.structured_content["papers"][0]["paper"]
        return found, first, await client.call_tool("get_paper", {"paper_id": first["id"]})

    found, first, read = talk(found_and_read)
    assert len(found.structured_content["papers"]) == 2
    assert first["title"] in found.content[0].text
    assert read.structured_content == first
    assert first["abstract"] in read.content[0].text


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_paper", {"paper_id": "doi:10.1/none"}, "no paper of this id"),
        ("ask_papers", {"question": "?!"}, "no question"),
        ("search_papers", {"words": "speech", "most": 1000}, "less than or equal to 50"),
    ],
)
def test_what_goes_wrong_is_told_to_the_assistant(tool: str, arguments: dict[str, Any], said: str) -> None:
    async def called(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    result = talk(called)
    assert result.is_error
    assert said in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_standard_output_carries_the_protocol_alone() -> None:
    """Line by line JSON, and a quiet end when the assistant closes its side."""
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip
    call = {
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "ask_papers", "arguments": {"question": SYLBER}},
    }  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, *COMMAND],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdin
    assert started.stdout
    with started:
        for message in (hello, {"jsonrpc": "2.0", "method": "notifications/initialized"}, call):
            started.stdin.write(json.dumps(message) + "\n")
            started.stdin.flush()
        lines = [started.stdout.readline() for _ in range(2)]
        rest, errors = started.communicate(timeout=60)
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert "4.27" in lines[1]
    assert (rest, errors, started.returncode) == ("", "", 0)
