"""What goes over the websocket of a session (protocol.md 1-6, 9, 10)."""

import asyncio
import threading
import time
import uuid
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.stand_in import (
    QUERY,
    TWO_TURNS,
    TWO_TURNS_TRANSCRIPT,
    Call,
    Caller,
    LoudnessDetector,
    Start,
    call,
    s16,
    silence,
    tone,
)
from tests.support.examples import tried
from tests.support.patience import PATIENCE_S
from websockets.exceptions import ConnectionClosed

from stt_monitor.audio.formats import Encoding, Samples
from stt_monitor.core.events import TurnEvent
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.server_side import Thresholds

EVENTS = [
    ("turn.start", "1", None),
    ("turn.update", "1", "word1"),
    ("turn.update", "1", "word1 word2"),
    ("turn.eager_end", "1", "word1 word2"),
    ("turn.resume", "1", None),
    ("turn.update", "1", "word1 word2 word3"),
    ("turn.eager_end", "1", "word1 word2 word3"),
    ("turn.end", "1", "word1 word2 word3"),
    ("turn.start", "2", None),
    ("turn.update", "2", " word1"),
    ("turn.end", "2", " word1"),
]


def turn_events(caller: Caller) -> list[tuple[str, str, str | None]]:
    return [
        (event["type"], event["turn_id"], event.get("transcript"))
        for event in caller.events
        if event["type"].startswith("turn.")
    ]


async def finish(caller: Caller) -> None:
    await caller.send({"type": "close"})
    assert await caller.until_closed() == 1000


async def test_a_session_from_connected_to_close(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        for at in range(0, len(TWO_TURNS), 3200):
            await caller.send(TWO_TURNS[at : at + 3200])
        await finish(caller)
    assert turn_events(caller) == EVENTS
    assert caller.types().index("connected") == 0
    assert caller.types().count("connected") == 1
    assert caller.transcript() == TWO_TURNS_TRANSCRIPT
    request_ids = {event["request_id"] for event in caller.events}
    assert len(request_ids) == 1
    uuid.UUID(request_ids.pop())


async def test_connected_comes_before_any_work(start: Start, ring: Call) -> None:
    gate = threading.Event()

    def slow(thresholds: Thresholds, _keyterms: tuple[str, ...]) -> LoudnessDetector:
        assert gate.wait(PATIENCE_S)
        return LoudnessDetector(thresholds)

    async with ring(await start(make_detector=slow)) as caller:
        assert (await caller.next())["type"] == "connected"
        gate.set()


async def test_events_come_while_the_audio_still_flows(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        await caller.next()
        await caller.send(s16(tone(0.6)))
        assert [(await caller.next())["type"] for _ in range(2)] == ["turn.start", "turn.update"]
        await caller.send(s16(silence(0.5)))
        assert [(await caller.next())["type"] for _ in range(2)] == ["turn.eager_end", "turn.end"]


async def test_done_ends_like_close_and_what_follows_is_ignored(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        await caller.send(TWO_TURNS)
        await caller.send('{"type": "done"}')
        await caller.send(s16(tone(1)))
        await caller.send('{"type":"nonsense"}')
        assert await caller.until_closed() == 1000
    assert turn_events(caller) == EVENTS
    assert "error" not in caller.types()


@pytest.mark.parametrize("audio", [b"", b"\0", s16(silence(0.5))])
async def test_close_after_no_speech(start: Start, ring: Call, audio: bytes) -> None:
    async with ring(await start()) as caller:
        await caller.send(audio)
        await finish(caller)
    assert caller.types() == ["connected"]


@pytest.mark.slow
async def test_the_client_may_read_only_at_the_end(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        for _ in range(40):
            await caller.send(TWO_TURNS)
        await finish(caller)
    # The last turn of each copy goes on in the next one's first, after 0.4 s of silence: it ends by itself.
    assert caller.types().count("turn.end") == 80


@tried(25)
@given(sizes=st.lists(st.integers(0, 9000), min_size=1, max_size=60))
def test_frames_may_be_cut_anywhere(sizes: list[int]) -> None:
    async def session() -> Caller:
        async with LocalServer(LoudnessDetector) as server, call(server) as caller:
            at = 0
            for size in sizes:
                await caller.send(TWO_TURNS[at : at + size])
                at += size
            await caller.send(TWO_TURNS[at:])
            await finish(caller)
            return caller

    assert turn_events(asyncio.run(session())) == EVENTS


def written(samples: Samples, encoding: Encoding) -> bytes:
    match encoding:
        case Encoding.PCM_S16LE:
            return s16(samples)
        case Encoding.PCM_S32LE:
            return (samples.astype(np.float64) * 2147483647).astype("<i4").tobytes()
        case Encoding.PCM_F16LE:
            return samples.astype("<f2").tobytes()
        case Encoding.PCM_F32LE:
            return samples.astype("<f4").tobytes()
        case Encoding.PCM_MULAW | Encoding.PCM_ALAW:
            # G.711 codes of a loud sound and of silence are enough for ears that hear loudness.
            loud, quiet = (0x80, 0xFF) if encoding is Encoding.PCM_MULAW else (0xAA, 0xD5)
            codes: bytes = np.where(np.abs(samples) > 0.05, loud, quiet).astype(np.uint8).tobytes()
            return codes


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_every_encoding_at_every_rate(start: Start, ring: Call, encoding: Encoding, rate: int) -> None:
    audio = np.concatenate([silence(0.3, rate), tone(0.8, rate), silence(1, rate)])
    async with ring(await start(), f"model=ink-2&encoding={encoding.value}&sample_rate={rate}") as caller:
        data = written(audio, encoding)
        for at in range(0, len(data), 999):  # splits samples
            await caller.send(data[at : at + 999])
        await finish(caller)
    assert turn_events(caller) == [
        ("turn.start", "1", None),
        ("turn.update", "1", "word1"),
        ("turn.eager_end", "1", "word1"),
        ("turn.end", "1", "word1"),
    ]


@pytest.mark.parametrize("rate", [1, 384_000])
async def test_rates_that_nobody_uses_do_no_harm(start: Start, ring: Call, rate: int) -> None:
    async with ring(await start(), f"model=ink-2&encoding=pcm_s16le&sample_rate={rate}") as caller:
        await caller.send(b"\0\1" * 200)
        await finish(caller)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Missing model"),
        ("model=ink-whisper&encoding=pcm_s16le&sample_rate=16000", "Invalid model"),
        ("model=ink-2&encoding=opus&sample_rate=16000", "Invalid encoding"),
        ("model=ink-2&encoding=pcm_s16le&sample_rate=0", "Invalid sample rate"),
        (f"{QUERY}&turn_eager_end_threshold=0.35&turn_end_threshold=0.4", "Invalid turn thresholds"),
        (f"{QUERY}&turn_end_threshold=x", "Invalid turn thresholds"),
        (f"{QUERY}&language_hint=en", "Invalid language hint"),
        (f"{QUERY}{'&keyterm=a' * 101}", "Too many keyterms"),
    ],
)
async def test_bad_parameters(start: Start, ring: Call, query: str, title: str) -> None:
    async with ring(await start(), query) as caller:
        await caller.send(TWO_TURNS)  # a client that does not wait
        assert await caller.until_closed() == 1008
    assert caller.socket.close_reason == title
    assert caller.types() == ["error"]  # in place of `connected`
    error = caller.events[0]
    assert error["status_code"] == 400
    assert error["title"] == title
    assert error["message"]
    uuid.UUID(error["request_id"])


async def test_key_terms_are_those_of_their_connection(start: Start, ring: Call) -> None:
    made: list[tuple[str, ...]] = []

    def make(thresholds: Thresholds, keyterms: tuple[str, ...]) -> LoudnessDetector:
        made.append(tuple(keyterms))
        return LoudnessDetector(thresholds)

    server = await start(make_detector=make)
    for query in (f"{QUERY}&keyterm=Fail%20again&keyterm=Ink+2", QUERY, f"{QUERY}&keyterm=Cartesia"):
        async with ring(server, query) as caller:
            await finish(caller)
    assert made == [("Fail again", "Ink 2"), (), ("Cartesia",)]


async def test_config_is_silent_and_takes_effect_at_its_place_in_the_audio(start: Start, ring: Call) -> None:
    # These ears end a turn by silence after 0.4 s; a shorter time-out must come from the settings.
    seen: list[tuple[float, float]] = []

    class Ears(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            seen.append((samples.size / 16_000, self.thresholds.end_timeout_ms))
            return super().feed(samples)

    async with ring(await start(make_detector=Ears), f"{QUERY}&turn_end_timeout_ms=8000") as caller:
        await caller.send(s16(tone(0.25)))
        await caller.send({"type": "config", "turn": {"end_timeout_ms": 700, "start_threshold": 0.85}})
        await caller.send(s16(tone(0.25)))
        await caller.send({"type": "config", "turn": {"end_timeout_ms": 900}})
        await caller.send(s16(tone(0.125)))
        await finish(caller)
    by_timeout = {timeout: sum(s for s, t in seen if t == timeout) for timeout in (8000, 700, 900)}
    assert by_timeout == {8000: 0.25, 700: 0.25, 900: 0.125}
    assert "error" not in caller.types()


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ({"type": "config", "turn": {"end_threshold": 0.7}}, "Invalid turn thresholds"),
        ({"type": "config", "turn": "x"}, "Invalid turn thresholds"),
        ({"type": "finalize"}, "Unknown message type"),
        ({"type": "keepalive"}, "Unknown message type"),
        ("close", "Invalid message"),
        ("", "Invalid message"),
    ],
)
async def test_a_bad_message_is_answered_and_changes_nothing(
    start: Start, ring: Call, message: str | dict[str, object], title: str
) -> None:
    async with ring(await start()) as caller:
        await caller.next()
        await caller.send(message)
        error = await caller.next()
        assert (error["type"], error["status_code"], error["title"]) == ("error", 400, title)
        await caller.send(TWO_TURNS)
        await finish(caller)
    assert turn_events(caller) == EVENTS


async def test_a_bad_config_keeps_the_good_ones_before_it(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        await caller.send({"type": "config", "turn": {"start_threshold": 0.9, "eager_end_threshold": 0.8}})
        await caller.send({"type": "config", "turn": {"start_threshold": 0.7}})  # good alone, not with 0.8
        await caller.next()
        assert "0.7, 0.8, 0.3" in (await caller.next())["message"]
        await finish(caller)


async def test_idle_without_a_message(start: Start, ring: Call) -> None:
    async with ring(await start(ServerSettings(idle_timeout=0.5))) as caller:
        with suppress(ConnectionClosed):  # a busy machine may be too late with it
            await caller.socket.ping()
        assert await caller.until_closed() == 1001
    assert caller.socket.close_reason == "Idle timeout"
    assert caller.types() == ["connected"]


@pytest.mark.slow
async def test_any_message_begins_the_idle_time_anew(start: Start, ring: Call) -> None:
    server = await start(ServerSettings(idle_timeout=3))

    async def quiet_after(message: bytes | str | dict[str, object]) -> float:
        """Return how long the session went on after a message that came late."""
        async with ring(server) as caller:
            await caller.next()
            await asyncio.sleep(1)
            sent_at = time.monotonic()
            await caller.send(message)
            assert await caller.until_closed() == 1001
            return time.monotonic() - sent_at

    messages: tuple[bytes | str | dict[str, object], ...] = (
        b"",
        b"\0\0",
        {"type": "config"},
        {"type": "keepalive"},
        "nonsense",
    )
    # A busy machine makes it longer, never shorter.
    assert min(await asyncio.gather(*map(quiet_after, messages))) >= 3


@pytest.mark.slow
async def test_no_idle_close_while_what_was_sent_is_still_being_finished(start: Start, ring: Call) -> None:
    gate = threading.Event()

    class Slow(LoudnessDetector):
        def finish(self) -> list[TurnEvent]:
            assert gate.wait(PATIENCE_S)
            return super().finish()

    async with ring(await start(ServerSettings(idle_timeout=2), Slow)) as caller:
        await caller.send(s16(tone(0.6)))
        await caller.send({"type": "close"})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(caller.socket.wait_closed(), 3)
        gate.set()
        assert await caller.until_closed() == 1000
    assert caller.transcript() == "word1"


async def test_pings_are_answered_while_recognition_is_stuck(start: Start, ring: Call) -> None:
    gate = threading.Event()

    class Stuck(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            assert gate.wait(PATIENCE_S)
            return super().feed(samples)

    async with ring(await start(make_detector=Stuck)) as caller:
        for _ in range(200):
            await caller.send(s16(tone(0.1)))
        await (await caller.socket.ping())
        gate.set()
        await finish(caller)
    assert caller.types().count("turn.update") == 40


async def test_a_failure_inside_is_told_without_its_details(start: Start, ring: Call) -> None:
    class Broken(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            raise RuntimeError(f"/secret/path {samples.size}")

    server = await start(make_detector=Broken)
    async with ring(server) as caller:
        await caller.send(TWO_TURNS)
        assert await caller.until_closed() == 1011
    error = caller.events[-1]
    assert (error["type"], error["status_code"]) == ("error", 500)
    assert "secret" not in str(caller.events)
    assert "secret" not in str(caller.socket.close_reason)


@pytest.mark.parametrize(
    ("settings", "query"), [(ServerSettings(trace=True), QUERY), (ServerSettings(), f"{QUERY}&trace=1")]
)
async def test_the_likelihood_is_told_on_request(
    start: Start, ring: Call, settings: ServerSettings, query: str
) -> None:
    async with ring(await start(settings), query) as caller:
        await caller.send(TWO_TURNS)
        await finish(caller)
    points = [point for event in caller.events if event["type"] == "x.likelihood" for point in event["points"]]
    assert [at for at, _ in points] == [round((n + 1) * 0.02, 4) for n in range(len(points))]
    assert max(value for _, value in points) == 1
    assert turn_events(caller) == EVENTS


async def test_the_likelihood_is_not_told_otherwise(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        await caller.send(TWO_TURNS)
        await finish(caller)
    assert "x.likelihood" not in caller.types()
