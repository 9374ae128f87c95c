"""However the lines fail, all sound is accounted for: made up at random, in virtual time."""

import asyncio
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.live import LiveSource
from tests.support.virtual_time import VirtualLoop, run

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.sources.fan_out import Branch, FanOut
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.source import Source
from stt_monitor.core.journal import Began, Entry, Sent
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Health, SessionRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.session.audio_sender import AudioSender

if TYPE_CHECKING:
    from stt_monitor.transport.connection import ServiceConnection

RATE = 8000
BYTES_PER_SECOND = 2 * RATE
LENGTH_S = 4.0
"""Short enough for every sample to be another number."""
ENDLESS_S = 1000.0
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing session is told as it is: making it smaller takes minutes."""


@dataclass(frozen=True)
class Life:
    """How a line is: good for a while, then bad, then found to be so; and how long until there is another."""

    good_s: float
    bad_s: float
    gap_s: float
    silent: bool
    """Bad: it takes everything and passes on nothing. Otherwise it takes nothing more."""
    ping_s: float
    """So often it confirms what it has passed on."""


class Line:
    """What an `AudioSender` knows of a connection."""

    def __init__(self, life: Life, now: Callable[[], float]) -> None:
        self.heard = bytearray()
        self.silent = False
        self.closed_normally = False
        self._life = life
        self._now = now
        self._since = now()
        self._bad = False
        self._handed = 0
        self._confirmed = 0
        self._confirmed_at = self._since

    async def send_audio(self, data: bytes) -> bool:
        await asyncio.sleep(0.001)
        if self._bad and not self._life.silent:
            return False
        self._confirm()
        self._handed += len(data)
        if not self._bad:
            self.heard += data
        return True

    def pop_round_trip(self) -> None:
        """It does not measure."""

    unacknowledged = None

    @property
    def unconfirmed(self) -> int:
        return self._handed - self._confirmed

    def go_bad(self) -> None:
        self._bad = True

    def be_found(self, lost_on_the_way: float) -> None:
        """It is over; of what was handed over last and never confirmed, some share has not arrived."""
        self.silent = self._life.silent
        if not self.silent:
            lost = int(self.unconfirmed * lost_on_the_way) // 2 * 2
            del self.heard[len(self.heard) - lost :]

    def _confirm(self) -> None:
        if not self._bad and self._now() - self._confirmed_at >= self._life.ping_s:
            self._confirmed, self._confirmed_at = self._handed, self._now()


class Books:
    """What is written down on the way."""

    def __init__(self) -> None:
        session = SessionRecord("", "a.wav", "", "ink-2", "pcm_s16le", RATE, 100, Settings(), "none")
        self.monitor = Monitor.begin(Began(session, LENGTH_S), DIALECT)
        self.sent: list[Sent] = []
        self.audio: list[tuple[int, bytes]] = []

    def take(self, entry: Entry) -> None:
        self.monitor.apply(entry)
        if isinstance(entry, Sent):
            self.sent.append(entry)

    @property
    def health(self) -> Health:
        return self.monitor.snapshot(0.0, running=True).health

    def check(self, rate: int, *, goes_back: bool) -> None:
        """What was sent is one stream, whose clock runs back at most where something is sent again."""
        position = 0
        for at, data in self.audio:
            assert at == position
            position += len(data) // 2
        chunks = [entry.chunk for entry in self.sent]
        assert sum(chunk.length for chunk in chunks) * rate == pytest.approx(position)
        for before, after in pairwise(chunks):
            assert after.position == pytest.approx(before.position + before.length)
            assert goes_back or after.spoken_at >= before.spoken_at + before.length - 1e-6
            assert after.sent_at >= after.spoken_at + after.length - 1e-6


times = st.integers(1, 3000).map(lambda ms: ms / 1000)
lives = st.lists(st.builds(Life, times, times, times, st.booleans(), times), max_size=4)


async def play(
    loop: VirtualLoop, source: Source, lives: list[Life], share: float, captured: Callable[[], float]
) -> tuple[Books, list[Line]]:
    """Send over one line after another, the last of which is good; check the accounts all the time."""
    books, lines = Books(), []
    link = AudioSender(
        source, books.take, lambda at, data: books.audio.append((at, data)), 0.0, loop.time, catch_up_speed=1.5
    )

    async def drain() -> None:
        while await link.sent_data.get() is not None:
            pass

    def check() -> None:
        link.report()
        health = books.health
        whole = health.audio_sent_s - health.resent_s + health.waiting_s + health.dropped_s
        assert whole == pytest.approx(captured(), abs=0.002)

    async def pass_time(seconds: float) -> None:
        until = loop.time() + seconds
        while loop.time() < until and not sending.done():
            await asyncio.wait({sending}, timeout=min(0.05, until - loop.time()))
            check()

    draining = asyncio.create_task(drain())
    sending = asyncio.create_task(link.run())
    last = Life(ENDLESS_S, 0.0, 0.0, silent=False, ping_s=1.0)
    for life in [*lives, last]:
        lines.append(Line(life, loop.time))
        link.connect(cast("ServiceConnection", lines[-1]))
        await pass_time(life.good_s if life is not last else 3 * LENGTH_S)
        if life is last:
            break
        lines[-1].go_bad()
        await pass_time(life.bad_s)
        lines[-1].be_found(share)
        check()
        if link.disconnect() and sending.done():
            sending = asyncio.create_task(link.run())
        check()
        await pass_time(life.gap_s)
        if sending.done():
            break
    source.stop()
    await sending
    lines[-1].closed_normally = True
    check()
    link.finish()
    await draining
    books.check(source.format.sample_rate, goes_back=isinstance(source, Branch))
    return books, lines


@pytest.mark.slow
@given(lives, st.floats(0, 1), st.integers(10, 250))
@tried(60, phases=NO_SHRINKING)
def test_a_file_is_sent_whole_or_what_may_be_missing_is_counted(lives: list[Life], share: float, chunk_ms: int):
    samples = np.arange(round(LENGTH_S * RATE), dtype="<i2")

    async def test(loop: VirtualLoop) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a.wav")
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
                file.writeframes(samples.tobytes())
            source = FileSource(open_audio_file(path), chunk_ms=chunk_ms, clock=loop.time)
            furthest = 0.0

            def captured() -> float:
                nonlocal furthest
                furthest = max(furthest, source.file_position / RATE)
                return furthest

            books, lines = await play(loop, source, lives, share, captured)
        health = books.health
        heard = [np.frombuffer(bytes(line.heard), "<i2") for line in lines]
        for piece in heard:  # each line hears one stretch of the file
            assert (np.diff(piece) == 1).all()
        arrived = np.unique(np.concatenate(heard))
        ended_on_a_broken_line = len(lines) <= len(lives) and not lives[len(lines) - 1].silent
        assert len(samples) - len(arrived) <= health.unconfirmed_s * RATE + 1
        if all(life.silent for life in lives):
            assert len(arrived) == len(samples)
            assert health.unconfirmed_s == 0
        assert (health.waiting_s, health.dropped_s) == (0, 0)
        assert health.audio_sent_s - health.resent_s == pytest.approx(LENGTH_S) or ended_on_a_broken_line
        if not any(life.silent for life in lives):
            assert health.resent_s == 0

    run(test)


@pytest.mark.slow
@given(lives, st.floats(0, 1))
@tried(30, phases=NO_SHRINKING)
def test_live_sound_is_sent_dropped_or_waits(lives: list[Life], share: float):
    async def test(loop: VirtualLoop) -> None:
        source = LiveSource(loop.time, queue_s=0.7)
        books, _ = await play(loop, source, lives, share, lambda: source.captured / source.format.sample_rate)
        health = books.health
        assert health.resent_s == 0
        assert health.audio_sent_s + health.dropped_s + health.waiting_s == pytest.approx(source.captured / 16_000)

    run(test)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [SourceKind.FILE, SourceKind.MICROPHONE])
@given(lives, st.floats(0, 1))
@tried(30, phases=NO_SHRINKING)
def test_of_two_branches_one_has_broken_lines_and_the_other_is_always_in_time(
    kind: SourceKind, lives: list[Life], share: float
):
    samples = np.arange(round(LENGTH_S * RATE), dtype="<i2")
    live = kind is SourceKind.MICROPHONE

    async def test(loop: VirtualLoop) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a.wav")
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
                file.writeframes(samples.tobytes())
            source = LiveSource(loop.time) if live else FileSource(open_audio_file(path), clock=loop.time)
            fan_out = FanOut(source, 2, loop.time)
            broken, sound = fan_out.branches
            late: list[float] = []
            given = 0

            async def read() -> None:
                nonlocal given
                async for chunk in sound.chunks():
                    given += chunk.samples
                    late.append(loop.time() - chunk.spoken_at - chunk.samples / source.format.sample_rate)

            reading = asyncio.create_task(read())

            def captured() -> float:
                return source.format.seconds(
                    source.captured if isinstance(source, LiveSource) else source.file_position
                )

            books, lines = await play(loop, broken, lives, share, captured)
            await reading
        assert late
        assert max(late) == pytest.approx(0, abs=1e-6)
        health = books.health
        assert (health.waiting_s, health.resent_s if live else health.dropped_s) == (0, 0)
        whole = health.audio_sent_s - health.resent_s + health.dropped_s
        ended_on_a_broken_line = len(lines) <= len(lives) and not lives[len(lines) - 1].silent
        assert whole == pytest.approx(source.format.seconds(given)) or ended_on_a_broken_line
        if not live and all(life.silent for life in lives):
            assert len(np.unique(np.concatenate([np.frombuffer(bytes(line.heard), "<i2") for line in lines]))) == len(
                samples
            )

    run(test)
