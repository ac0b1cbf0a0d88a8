"""An installed Firefox that Playwright can drive; as a program: ``dsp_pipeline_tests.firefox BINARY ARGUMENTS``.

Playwright's own Firefox is a patched build that has to be downloaded; an installed one it drives over WebDriver
BiDi (its channel ``moz-firefox``). It expects later versions than those that systems have. So this stands between
the two: it starts Firefox, says its own address instead of Firefox's, and hands on every message, but that it
answers a command that Firefox 153 does not know, and names downloads, which it leaves without an id.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright

_ANNOUNCED = "WebDriver BiDi listening on "
_LATER = frozenset({"emulation.setMediaFeaturesOverride"})
_DOWNLOADS = '"method":"browsingContext.download'


def launch(playwright: Playwright, binary: Path, folder: Path) -> Browser:
    """A headless Firefox with an empty profile; ``folder`` holds the script that starts it."""
    starter = folder / "firefox"
    starter.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m {__spec__.name} "{binary}" "$@"\n', encoding="utf-8"
    )
    starter.chmod(0o755)
    return playwright.firefox.launch(channel="moz-firefox", executable_path=starter)


async def _handed_on(client: ServerConnection, firefox: ClientConnection) -> None:
    async for message in client:
        command = json.loads(message)
        if command["method"] in _LATER:
            await client.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
        else:
            await firefox.send(message)


async def _handed_back(client: ServerConnection, firefox: ClientConnection) -> None:
    async for data in firefox:
        message = data if isinstance(data, str) else data.decode()
        await client.send(_named(message) if _DOWNLOADS in message[:200] else message)


def _named(message: str) -> str:
    """An event of a download, known by its address."""
    event = json.loads(message)
    event["params"].setdefault("download", event["params"]["url"])
    return json.dumps(event)


async def _between(client: ServerConnection, address: str) -> None:
    """Carries messages both ways until one side ends."""
    request = client.request
    path = request.path if request is not None else ""
    async with connect(address + path, max_size=None, compression=None) as firefox:
        ways = [asyncio.create_task(way(client, firefox)) for way in (_handed_on, _handed_back)]
        _, open_ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in open_:
            way.cancel()


async def _run(arguments: Sequence[str]) -> int:
    process = await asyncio.create_subprocess_exec(*arguments, stderr=asyncio.subprocess.PIPE)
    if process.stderr is None:
        raise RuntimeError("Firefox's messages cannot be read")
    async for line in process.stderr:
        said = line.decode(errors="replace")
        if _ANNOUNCED in said:
            address = said.partition(_ANNOUNCED)[2].strip()
            server = await serve(
                lambda client, to=address: _between(client, to),  # type: ignore[misc]
                "127.0.0.1",
                0,
                max_size=None,
                compression=None,
            )
            said = f"{_ANNOUNCED}ws://127.0.0.1:{server.sockets[0].getsockname()[1]}\n"
        sys.stderr.write(said)
        sys.stderr.flush()
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(sys.argv[1:])))
