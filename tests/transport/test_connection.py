import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from tests.support.proxy import Fault, FaultyLine
from tests.support.service import Dialogue, ScriptedService

from stt_monitor.core.settings.requested import Settings
from stt_monitor.transport import connection
from stt_monitor.transport.address import read_address
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.failures import ConnectionFailedError


@pytest.fixture(autouse=True)
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PING_INTERVAL_S", 0.05)
    monkeypatch.setattr(connection, "PING_TIMEOUT_S", 0.3)


async def listen(dialogue: Dialogue) -> None:
    await dialogue.hear_close()


@asynccontextmanager
async def line_to_a_listener() -> AsyncIterator[tuple[ServiceConnection, FaultyLine, ScriptedService]]:
    async with ScriptedService(listen) as service, FaultyLine(service.port) as line:
        address = read_address(line.url)
        opened = await ServiceConnection.open(address, address.request(Settings(), "pcm_s16le", 16_000))
        yield opened, line, service
        await opened.hang_up()


async def drained(opened: ServiceConnection) -> int:
    return len([frame async for frame in opened.frames()])


async def confirmed(opened: ServiceConnection) -> None:
    while opened.unconfirmed:  # noqa: ASYNC110  a ping has no event to wait for
        await asyncio.sleep(0.01)


def test_a_dead_line_is_found_within_20_seconds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    assert connection.PING_INTERVAL_S + connection.PING_TIMEOUT_S < 20


@pytest.mark.parametrize("fault", [FaultyLine.half_open, FaultyLine.stall])
async def test_a_line_that_is_dead_without_a_word_is_found(fault: Fault):
    async with line_to_a_listener() as (opened, line, _):
        fault(line)
        assert await drained(opened) == 0  # it ends by itself
        failure = opened.why_closed(None)
        assert failure.passing
        assert "fell silent" in failure.sentence
        assert opened.lost
        assert not await opened.send_audio(b"\0\0")


async def test_a_line_that_takes_nothing_more_is_found_though_nothing_can_be_sent():
    async with line_to_a_listener() as (opened, line, _):
        line.stall()

        async def flood() -> None:
            while await opened.send_audio(bytes(65_536)):
                pass

        flooding = asyncio.create_task(flood())
        assert await drained(opened) == 0
        await flooding
        assert "fell silent" in opened.why_closed(None).sentence


async def test_what_a_ping_has_confirmed_was_heard():
    async with line_to_a_listener() as (opened, line, service):
        assert await opened.send_audio(bytes(3200))
        await confirmed(opened)
        assert len(service.audio) == 3200
        assert opened.round_trip is not None
        line.half_open()
        assert await opened.send_audio(bytes(1600))
        await drained(opened)
        assert opened.unconfirmed == 1600


async def test_the_round_trip_is_measured_when_asked():
    async with line_to_a_listener() as (opened, line, _):
        assert await opened.ping() > 0
        line.half_open()
        with pytest.raises(ConnectionFailedError, match="fell silent"):
            await opened.ping()


async def test_the_round_trip_of_a_closed_line_cannot_be_measured():
    async with line_to_a_listener() as (opened, line, _):
        line.reset()
        await drained(opened)
        with pytest.raises(ConnectionFailedError, match="lost"):
            await opened.ping()


async def until(told: Callable[[], bool]) -> None:
    while not told():  # noqa: ASYNC110  it grows by the clock alone
        await asyncio.sleep(0.01)


async def test_the_age_of_an_unanswered_ping_is_the_round_trip(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "PING_TIMEOUT_S", 60.0)
    async with line_to_a_listener() as (opened, line, _):
        await until(lambda: opened.round_trip is not None)
        assert await opened.send_audio(bytes(1600))
        await confirmed(opened)
        line.stall()
        stalled_at = time.monotonic()
        assert await opened.send_audio(bytes(3200))
        await until(lambda: (opened.round_trip or 0) > 0.5)
        assert time.monotonic() - stalled_at > 0.5 - connection.PING_INTERVAL_S
        assert opened.unconfirmed == 3200
        line.unstall()
        await confirmed(opened)
        # The first of the pings that were on their way had waited for longest; the last one tells of the line now.
        await until(lambda: (opened.round_trip or 0) < 0.5)


async def test_sound_that_the_line_does_not_take_is_not_said_to_be_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "PING_TIMEOUT_S", 60.0)
    async with line_to_a_listener() as (opened, line, _):
        line.stall()
        handed = 0

        async def speak() -> None:
            nonlocal handed
            while await opened.send_audio(bytes(3200)):
                handed += 3200

        speaking = asyncio.create_task(speak())
        before = -1
        while before != handed:  # until not one more goes in
            before = handed
            await asyncio.sleep(0.3)
        assert opened.unconfirmed == handed
        held = opened._socket.transport.get_write_buffer_size()
        assert held <= 2 * 3200  # the chunk in hand and pings: what was said to be sent is with the system
        speaking.cancel()
