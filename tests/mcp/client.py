"""Uses the server through the protocol's own Python package: client.py <URL> <token> <program>."""

import asyncio
import os
import sys
import tempfile

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

CAUSE = "zoom_local_recording_disabled"


async def use(client: Client) -> None:
    """Uses everything that needs no Recall.ai. The package holds structured results against their schemas."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"diagnose_bot", "explain_cause", "recent_failures", "recurrence"}, tools
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools.values())

    explained = await client.call_tool("explain_cause", {"code": CAUSE})
    assert not explained.is_error and explained.structured_content["id"] == CAUSE, explained
    wrong = await client.call_tool("diagnose_bot", {"bot": "the one from yesterday"})
    assert wrong.is_error and "Give one bot ID" in wrong.content[0].text, wrong

    page = await client.read_resource(f"why-no-recording://catalogue/{CAUSE}")
    assert page.contents[0].text.startswith(f"## `{CAUSE}`"), page
    prompt = await client.get_prompt("write_to_the_host", {"cause": CAUSE, "language": "fr"})
    assert prompt.messages[0].content.text.startswith("Write to the host"), prompt


async def main(url: str, token: str, program: str) -> None:
    for mode in ("legacy", "auto"):
        http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"})
        async with http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            await use(client)
            listed = await client.call_tool("recent_failures", {})
            assert listed.structured_content["failures"] == [], listed
            first = await client.call_tool("recurrence", {"bot": "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"})
            assert first.structured_content["state"] == "no_failure", first
            print(f"MCP package for Python over HTTP, {client.protocol_version}: ok")
        with tempfile.TemporaryDirectory() as folder:
            settings = {"PATH": os.environ["PATH"], "LOG_LEVEL": "error"}
            command = StdioServerParameters(command=program, args=["mcp"], env=settings, cwd=folder)
            async with Client(command, mode=mode) as client:
                await use(client)
                print(f"MCP package for Python over standard input and output, {client.protocol_version}: ok")
            assert os.listdir(folder) == []
    try:
        async with Client(url) as client:
            await client.list_tools()
    except (MCPError, ExceptionGroup):
        print("MCP package for Python without a token: refused")
    else:
        raise AssertionError("a request without a token was answered")


if __name__ == "__main__":
    url, token, program = sys.argv[1:]
    asyncio.run(main(url, token, os.path.abspath(program)))
