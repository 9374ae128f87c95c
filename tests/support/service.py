"""A scripted service: a real websocket server that says what a test tells it to, and remembers what it heard."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

REQUEST_ID = "0b0f7c1e-5a54-4f0e-9a3e-6d2f1c9b8a77"


@dataclass
class Dialogue:
    """One connection, from the service's side."""

    socket: ServerConnection
    path: str
    headers: Headers
    audio: bytearray = field(default_factory=bytearray)
    frames: list[int] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    close_code: int | None = None

    async def say(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, "request_id": REQUEST_ID, **fields}))

    async def hear(self, seconds: float, bytes_per_second: int = 32_000) -> None:
        """Read until `seconds` of audio have been heard in all, or the client said something else."""
        while len(self.audio) < seconds * bytes_per_second and not self.texts:
            await self._take()

    async def hear_text(self) -> dict[str, Any]:
        """Read until the client says something in words."""
        heard = len(self.texts)
        while len(self.texts) == heard:
            await self._take()
        return self.texts[-1]

    async def hear_close(self) -> None:
        """Read until the client says that no more audio will come."""
        while {"type": "close"} not in self.texts:
            await self._take()

    async def _take(self) -> None:
        message = await self.socket.recv()
        if isinstance(message, bytes):
            self.audio += message
            self.frames.append(len(message))
        else:
            self.texts.append(json.loads(message))


Script = Callable[[Dialogue], Awaitable[None]]
Greet = Callable[[ServerConnection, Request], Response | None]
"""May refuse a request with a response of its own."""


class ScriptedService:
    """Plays a script on every connection, then closes it; `dialogues` has what was heard.

    Given several scripts, the first connection gets the first, and so on; the last goes on for all the rest.
    """

    def __init__(self, *scripts: Script, greet: Greet | None = None) -> None:
        self.dialogues: list[Dialogue] = []
        self._scripts = scripts
        self._greet = greet
        self._server: Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def audio(self) -> bytes:
        """All that was heard, over all connections."""
        return b"".join(dialogue.audio for dialogue in self.dialogues)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._play, "127.0.0.1", 0, process_request=self._greet)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _play(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        dialogue = Dialogue(socket, socket.request.path, socket.request.headers)
        script = self._scripts[min(len(self.dialogues), len(self._scripts) - 1)]
        self.dialogues.append(dialogue)
        try:
            await script(dialogue)
            await socket.close()
        except ConnectionClosed:
            pass
        finally:
            await socket.wait_closed()
            dialogue.close_code = socket.close_code


async def polite(dialogue: Dialogue) -> None:
    """A service that hears everything, one turn, and says goodbye."""
    await dialogue.say("connected")
    await dialogue.hear(0.2)
    await dialogue.say("turn.start", turn_id="1")
    await dialogue.say("turn.update", transcript="Hello", turn_id="1")
    await dialogue.hear_close()
    await dialogue.say("turn.eager_end", transcript="Hello there.", turn_id="1")
    await dialogue.say("turn.end", transcript="Hello there.", turn_id="1")
