"""What is seen of a real websocket besides messages and sound."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import msgspec
import pytest
from tests.support.service import Dialogue, ScriptedService
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from stt_monitor.core.journal import FramePassed
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.transport.address import read_address
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.failures import ConnectionFailedError

Seen = FramePassed | str
"""A frame, or a message that was read."""


class Line:
    """A connection that somebody reads, and what was seen of it in order."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.connection: ServiceConnection

    @property
    def frames(self) -> list[FramePassed]:
        return [each for each in self.seen if isinstance(each, FramePassed)]

    @property
    def short(self) -> list[tuple[str, str | int | None]]:
        """Which way each went and what it was, in order, without the pings that keep alive."""
        own = {FrameKind.PING, FrameKind.PONG}
        return [
            ("read", each) if isinstance(each, str) else ("out" if each.sent else "in", each.code or each.frame.value)
            for each in self.seen
            if isinstance(each, str) or each.frame not in own or each.size != PING_BYTES
        ]

    async def read(self) -> None:
        async for frame in self.connection.frames():
            self.seen.append(str(frame.payload))


PING_BYTES = 4
"""Payload of a ping that websockets makes."""


@asynccontextmanager
async def opened(
    script: Callable[[Dialogue], Awaitable[None]], url: Callable[[str], str] = str, key: str | None = None
) -> AsyncIterator[Line]:
    line = Line()
    async with ScriptedService(script) as service:
        address = read_address(url(service.url), key)
        target = address.request(Settings(keyterms=("grüß dich",)), "pcm_s16le", 16_000)
        line.connection = await ServiceConnection.open(address, target, line.seen.append)
        yield line
        await line.connection.hang_up()


async def test_the_first_thing_is_the_handshake_without_a_secret():
    async def script(dialogue: Dialogue) -> None:
        assert "token-hush" in dialogue.path
        await dialogue.say("connected")

    def with_secrets(url: str) -> str:
        return f"{url}/sub?access_token=token-hush&x=1&api%20key=hush%2Fhush"

    async with opened(script, with_secrets, "sk_car_hush") as line:
        await line.read()
    first = line.frames[0]
    assert (first.frame, first.sent, first.code) == (FrameKind.HANDSHAKE, False, 101)
    assert first.text == (
        "/sub/stt/turns/websocket?access_token=***&x=***&api%20key=***"
        "&model=ink-2&encoding=pcm_s16le&sample_rate=16000&keyterm=gr%C3%BC%C3%9F%20dich"
    )
    assert first.took is not None
    assert 0 < first.took < 10
    assert "hush" not in repr(line.seen)


async def test_a_refusal_is_seen_with_its_status():
    def refuse(socket: ServerConnection, request: Request) -> Response:
        assert "Authorization" in request.headers
        return socket.respond(HTTPStatus.UNAUTHORIZED, "no sk_car_hush")

    async def nothing(_: Dialogue) -> None:
        raise AssertionError

    seen: list[FramePassed] = []
    async with ScriptedService(nothing, greet=refuse) as service:
        address = read_address(service.url, "sk_car_hush")
        url = address.request(Settings(), "pcm_s16le", 16_000)
        with pytest.raises(ConnectionFailedError):
            await ServiceConnection.open(address, url, seen.append)
    assert [(each.frame, each.code, each.size) for each in seen] == [(FrameKind.HANDSHAKE, 401, len("no sk_car_hush"))]
    assert "hush" not in repr(seen)


async def test_audio_in_text_frames_is_audio():
    async def script(dialogue: Dialogue) -> None:
        await dialogue.hear_close()

    def encode(chunk: bytes) -> str:
        return f'{{"sound":"{chunk.hex()}"}}'

    service = msgspec.structs.replace(SERVICE, encode=encode)
    seen: list[FramePassed] = []
    async with ScriptedService(script) as scripted:
        address = read_address(scripted.url, service=service)
        connection = await ServiceConnection.open(
            address, address.request(Settings(), "pcm_s16le", 16_000), seen.append
        )
        assert await connection.send_audio(b"\x01\x02")
        await connection.send_close()
        await connection.hang_up()
    (dialogue,) = scripted.dialogues
    assert dialogue.texts == [{"sound": "0102"}, {"type": "close"}]
    assert [each.text for each in seen if each.frame is FrameKind.TEXT] == ['{"type":"close"}']


async def test_pings_and_pongs_of_both_sides_are_seen_with_their_size():
    async def script(dialogue: Dialogue) -> None:
        await (await dialogue.socket.ping(b"how are you"))
        await (await dialogue.socket.ping(b""))
        await dialogue.hear_close()

    async with opened(script) as line:
        reading = asyncio.create_task(line.read())
        round_trip = await line.connection.ping()
        while len([each for each in line.frames if each.frame is FrameKind.PONG]) < 4:  # noqa: ASYNC110  theirs too
            await asyncio.sleep(0.01)
        await line.connection.send_close()
        await reading
    seen = [(each.frame.value, each.sent, each.size) for each in line.frames if each.frame is not FrameKind.HANDSHAKE]
    for ping in (("ping", True, PING_BYTES), ("ping", False, 11), ("ping", False, 0)):
        pong = ("pong", not ping[1], ping[2])
        assert seen.index(pong) > seen.index(ping)
    own = next(each for each in line.frames if each.frame is FrameKind.PONG and not each.sent)
    asked = next(each for each in line.frames if each.frame is FrameKind.PING and each.sent)
    assert own.took == own.at - asked.at
    assert 0 < own.took < 10 * round_trip + 1
    assert [each.took for each in line.frames if each.frame is FrameKind.PONG and each.sent] == [None, None]


async def test_closes_and_messages_are_seen_in_the_order_in_which_they_went():
    async def script(dialogue: Dialogue) -> None:
        await dialogue.socket.send("one")
        await dialogue.socket.ping(b"in the middle")
        await dialogue.socket.send("two")
        await dialogue.socket.close(1008, "Invalid turn thresholds")

    async with opened(script) as line:
        await asyncio.sleep(0.1)  # it has all arrived before anybody reads
        await line.read()
    assert line.short == [
        ("in", 101), ("read", "one"), ("in", "ping"), ("out", "pong"), ("read", "two"), ("in", 1008), ("out", 1008),
    ]  # fmt: skip
    theirs, ours = line.frames[-2:]
    assert (theirs.text, theirs.size, ours.text) == ("Invalid turn thresholds", 25, "Invalid turn thresholds")
    times = [each.at for each in line.frames]
    assert times == sorted(times)


async def test_what_nobody_has_read_holds_nothing_back():
    async def script(dialogue: Dialogue) -> None:
        await dialogue.socket.send("unread")
        await dialogue.socket.wait_closed()

    async with opened(script) as line:
        await asyncio.sleep(0.1)
    assert line.short == [("in", 101), ("out", 1000), ("in", 1000)]


async def test_after_the_farewell_nothing_is_seen():
    async def script(dialogue: Dialogue) -> None:
        with pytest.raises(asyncio.CancelledError):
            await dialogue.socket.recv()

    async with opened(script) as line:
        transport = line.connection._socket.transport
        transport.pause_reading()  # the service's answer does not come in time
        await line.connection.hang_up(0.05)
        count = len(line.seen)
        assert line.short[-1] == ("out", 1000)
        await line.connection.hang_up()
    assert len(line.seen) == count


async def test_texts_that_are_sent_are_seen_when_they_are():
    async def script(dialogue: Dialogue) -> None:
        await dialogue.hear_close()

    async with opened(script) as line:
        await line.connection.send_config(TurnSettings(end_threshold=0.4))
        await line.connection.send_audio(bytes(3200))
        await line.connection.send_close()
        await line.read()
        assert not await line.connection.send_close()
    texts = [(each.text, each.size, each.sent) for each in line.frames if each.frame is FrameKind.TEXT]
    assert texts == [
        ('{"type":"config","turn":{"end_threshold":0.4}}', 46, True),
        ('{"type":"close"}', 16, True),
    ]


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        (b"", None, ""),
        (b"\x03", None, ""),
        (b"\x03\xe8", 1000, ""),
        (b"\x0f\xa0mine", 4000, "mine"),
        (b"\x03\xe7may not be", 999, "may not be"),
        (b"\x03\xf3\xff\xfe", 1011, "\ufffd\ufffd"),
        (b"\x03\xf0key sk_car_hush is bad", 1008, "key *** is bad"),
        (b"\x03\xf1" + "\x1b[2J\u202e[/b]".encode(), 1009, "\x1b[2J\u202e[/b]"),
    ],
)
async def test_a_close_is_seen_as_it_is_whatever_it_is(payload: bytes, code: int | None, reason: str):
    async def script(dialogue: Dialogue) -> None:
        dialogue.socket.protocol.send_frame(Frame(Opcode.CLOSE, payload))
        dialogue.socket.send_data()
        await dialogue.socket.wait_closed()

    async with opened(script, key="sk_car_hush") as line:
        await line.read()
    close = next(each for each in line.frames if each.frame is FrameKind.CLOSE and not each.sent)
    assert (close.code, close.text, close.size) == (code, reason, len(payload))
    assert any(each.frame is FrameKind.CLOSE and each.sent for each in line.frames)


async def test_our_own_complaint_about_garbage_is_seen():
    async def script(dialogue: Dialogue) -> None:
        dialogue.socket.transport.write(b"\x81\x02\xff\xff")  # text that is no UTF-8
        await dialogue.socket.wait_closed()

    async with opened(script) as line:
        await line.read()
    complaint = line.frames[-1]
    assert (complaint.frame, complaint.sent, complaint.code) == (FrameKind.CLOSE, True, 1007)


@pytest.mark.slow
async def test_a_long_message_in_fragments_is_one_message():
    async def script(dialogue: Dialogue) -> None:
        await dialogue.socket.send(["a", "b", "c"])
        await dialogue.socket.close(1001, "bye")

    async with opened(script) as line:
        await line.read()
    assert line.short == [("in", 101), ("read", "abc"), ("in", 1001), ("out", 1001)]
