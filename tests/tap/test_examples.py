"""What the vendor's examples ask for beside a websocket, by its SDK, with and without a tap."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from io import BytesIO

import msgspec
import pytest
from tests.server.test_tapped_sdks import HELLO
from tests.tap.conftest import Way
from tests.tap.test_fidelity import chunk, head, server

from stt_monitor.tap.events import CallAnswered, CallBegan, CallEvent

KEY = "sk_car_0123456789abcdef"
TOKEN = "token_fedcba9876543210"


async def body(lines: list[bytes], reader: asyncio.StreamReader) -> bytes:
    """Read the body of a request, however it is sent."""
    sizes = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
    if sizes:
        return await reader.readexactly(sizes[0])
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)


def answer(value: object) -> bytes:
    text = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text


async def test_speech_is_there_as_it_is_made(way: Way) -> None:
    """Each piece is made once the one before has been heard: a body that is held back would never come."""
    heard, pieces = asyncio.Event(), [bytes([number]) * 3200 for number in range(5)]

    async def make(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await body(await head(reader), reader))
        assert asked["transcript"] == HELLO["transcript"]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            heard.clear()
            writer.write(chunk(piece))
            await heard.wait()
        writer.write(b"0\r\n\r\n")

    from cartesia import AsyncCartesia

    got = b""
    async with (
        server(make) as there,
        AsyncCartesia(api_key=KEY, base_url=f"http://127.0.0.1:{await way(there)}") as client,
        client.tts.with_streaming_response.generate(**HELLO) as response,
    ):
        async for piece in response.iter_bytes():
            got += piece
            if len(got) % 3200 == 0:
                heard.set()
    assert got == b"".join(pieces)


async def token_sync(url: str) -> str | None:
    def ask() -> str | None:
        from cartesia import Cartesia

        with Cartesia(api_key=KEY, base_url=url) as client:
            return client.access_token.create(expires_in=60, grants={"stt": True}).token

    return await asyncio.to_thread(ask)


async def token_async(url: str) -> str | None:
    from cartesia import AsyncCartesia

    async with AsyncCartesia(api_key=KEY, base_url=url) as client:
        return (await client.access_token.create(expires_in=60, grants={"stt": True})).token


@pytest.mark.parametrize("ask", [token_sync, token_async])
async def test_an_access_token_passes_and_is_told_nowhere(
    way: Way, told: list[CallEvent], ask: Callable[[str], Awaitable[str | None]]
) -> None:
    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = await head(reader)
        assert any(KEY.encode() in line for line in lines)
        assert json.loads(await body(lines, reader)) == {"expires_in": 60, "grants": {"stt": True}}
        writer.write(answer({"token": TOKEN}))

    async with server(give) as there:
        port = await way(there)
        assert await ask(f"http://127.0.0.1:{port}") == TOKEN
    assert [type(event) for event in told[:2]] in ([CallBegan, CallAnswered], [])
    public = repr([msgspec.structs.asdict(event) | {"secrets": ()} for event in told])
    assert not any(secret in public for secret in (KEY, TOKEN))


async def test_a_recording_is_sent_as_a_file(way: Way) -> None:
    from cartesia import AsyncCartesia

    sound = bytes(range(256)) * 8000  # 2 MB: more than is read at once
    got: list[bytes] = []

    async def transcribe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await body(await head(reader), reader))
        writer.write(answer({"text": "Hello.", "type": "transcript", "request_id": "r", "is_final": True}))

    async with (
        server(transcribe) as there,
        AsyncCartesia(api_key=KEY, base_url=f"http://127.0.0.1:{await way(there)}") as client,
    ):
        said = await client.stt.transcribe(file=("call.wav", BytesIO(sound)), model="ink-whisper")
    assert said.text == "Hello."
    assert sound in got[0]
