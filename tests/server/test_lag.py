"""The server tells whoever wants its likelihood how far it is behind with judging."""

import asyncio
import threading

import pytest
from tests.server.stand_in import QUERY, Call, Caller, LoudnessDetector, Start, s16, silence
from tests.support.patience import PATIENCE_S

from stt_monitor.audio.formats import AudioFormat, Encoding, Samples
from stt_monitor.core.events import TurnEvent
from stt_monitor.server.receive_queue import ReceiveQueue
from stt_monitor.services.cartesia.codec import Likelihood, parse

CHUNK = s16(silence(0.1))
TRACED = f"{QUERY}&trace=1"


class Gated(LoudnessDetector):
    """Judges nothing until it may."""

    gate = threading.Event()

    def feed(self, samples: Samples) -> list[TurnEvent]:
        assert self.gate.wait(PATIENCE_S)
        return super().feed(samples)


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> type[Gated]:
    monkeypatch.setattr(Gated, "gate", threading.Event())
    return Gated


async def next_lag(caller: Caller) -> float | None:
    while (event := await caller.next())["type"] != "x.likelihood":
        pass
    lag: float | None = event["lag"]
    return lag


def lags(caller: Caller) -> list[float | None]:
    return [event["lag"] for event in caller.events if event["type"] == "x.likelihood"]


async def test_a_server_that_keeps_up_has_no_lag(start: Start, ring: Call) -> None:
    async with ring(await start(), TRACED) as caller:
        for _ in range(3):
            await caller.send(CHUNK)
            assert await next_lag(caller) == 0


async def test_the_lag_is_told_while_it_grows(start: Start, ring: Call, gated: type[Gated]) -> None:
    async def speak(caller: Caller) -> None:
        while not gated.gate.is_set():
            await caller.send(CHUNK)
            await asyncio.sleep(0.1)

    async with ring(await start(make_detector=gated), TRACED) as caller:
        speaking = asyncio.create_task(speak(caller))
        while (await next_lag(caller) or 0.0) < 0.5:
            pass
        told = lags(caller)
        assert told == sorted(told, key=lambda lag: lag or 0.0)
        gated.gate.set()
        await speaking
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    points = [point for event in caller.events if event["type"] == "x.likelihood" for point in event["points"]]
    assert [at for at, _ in points] == [round((n + 1) * 0.02, 4) for n in range(len(points))]


async def test_nothing_is_told_to_others(start: Start, ring: Call, gated: type[Gated]) -> None:
    async with ring(await start(make_detector=gated)) as caller:
        for _ in range(5):
            await caller.send(CHUNK)
        await asyncio.sleep(0.6)
        gated.gate.set()
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    assert "x.likelihood" not in caller.types()


async def test_the_lag_of_a_client_that_hurries_is_its_own(start: Start, ring: Call, gated: type[Gated]) -> None:
    async with ring(await start(make_detector=gated), TRACED) as caller:
        for _ in range(100):
            await caller.send(CHUNK)
        await (await caller.socket.ping())
        gated.gate.set()
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    assert set(lags(caller)[1:]) <= {None}


async def test_what_is_received_and_not_judged_is_counted() -> None:
    incoming = ReceiveQueue(AudioFormat(Encoding.PCM_S16LE, 16_000))
    incoming.put_audio(bytes(3200))
    assert incoming.pop_lag() == 0  # it came, and nothing had to wait
    incoming.put_audio(bytes(3200))
    assert incoming.pop_lag() == pytest.approx(0.1)
    await incoming.get(10.0)
    incoming.put_audio(bytes(3200))  # while the others are being judged
    assert incoming.pop_lag() == pytest.approx(0.2)
    await incoming.get(10.0)  # they are judged now
    assert incoming.pop_lag() == 0
    incoming.put_audio(bytes(3200))
    assert incoming.pop_lag() == pytest.approx(0.1)


@pytest.mark.parametrize("lag", ['"a"', "[]", "true"])
def test_a_lag_that_is_none_is_not_read(lag: str) -> None:
    assert parse(f'{{"type":"x.likelihood","points":[],"lag":{lag}}}')[0] == Likelihood()
