"""Take the picture of the program in a browser: `stt-monitor web`, opened in a headless Chromium.

    python screenshots/browser.py [AUDIO]

Chromium is driven by its own protocol over a websocket: the page is clicked, watched until the session has gone on for
a while, and photographed.
"""

import asyncio
import base64
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from screenshots.make import CHROMIUM_OPTIONS, HERE, browser
from websockets.asyncio.client import ClientConnection, connect

SIZE: Final = (1290, 760)
"""Pixels of the window."""
SESSION_S: Final = 11.0
"""How far the session has gone when the picture is taken: a turn stands, and the next one grows."""
PATIENCE_S: Final = 30.0


class Tab:
    """A page in the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked = 0

    async def ask(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - the browser's JSON
        """Have the browser do something; returns what it answers."""
        self._asked += 1
        await self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        async with asyncio.timeout(PATIENCE_S):
            async for message in self._socket:
                answer = json.loads(message)
                if answer.get("id") == self._asked:
                    return answer["result"]
        raise ConnectionError("the browser has left")

    async def click(self, x: int, y: int) -> None:
        """Click somewhere."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


async def photograph(debugger: str, url: str) -> bytes:
    """Open a page, let it go on for `SESSION_S`, and return its picture."""
    request = urllib.request.Request(f"{debugger}/json/new?{url}", method="PUT")
    with urllib.request.urlopen(request) as answer:  # noqa: ASYNC210 - nothing else is going on
        where = json.load(answer)["webSocketDebuggerUrl"]
    async with connect(where, max_size=None) as socket:
        tab = Tab(socket)
        await asyncio.sleep(2.0)
        await tab.click(SIZE[0] // 2, SIZE[1] // 2)  # the page takes keys, and shows which, once it was clicked
        await asyncio.sleep(SESSION_S)
        picture = await tab.ask("Page.captureScreenshot", format="png")
    return base64.b64decode(picture["data"])


def first_match(stream: Any, pattern: str) -> str:  # noqa: ANN401 - a process's output
    """Read lines until one says what is looked for."""
    for line in stream:
        if found := re.search(pattern, line):
            return found[0]
    raise ConnectionError(f"no {pattern} came")


def main() -> None:
    """Take the picture."""
    chromium = browser()
    command = ["stt-monitor", "web", "--port", "0", "--local", "--no-record", *sys.argv[1:2]]
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program,
        subprocess.Popen(
            [
                chromium, *CHROMIUM_OPTIONS, f"--user-data-dir={profile}", f"--window-size={SIZE[0]},{SIZE[1]}",
                "--remote-debugging-port=0", "about:blank",
            ],
            stderr=subprocess.PIPE, text=True,
        ) as window,
    ):  # fmt: skip
        try:
            url = first_match(program.stdout, r"http://\S+")
            debugger = first_match(window.stderr, r"ws://[^/]+").replace("ws:", "http:")
            picture = asyncio.run(photograph(debugger, url))
        finally:
            window.terminate()
            program.terminate()
    (HERE / "web.png").write_bytes(picture)


if __name__ == "__main__":
    main()
