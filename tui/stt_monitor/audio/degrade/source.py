"""Plays a recording degraded, in blocks, beside the same recording as it was."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Final

from stt_monitor.audio.degrade.chain import SEED, Measured, measure, random_of
from stt_monitor.audio.degrade.jitter import Jitter
from stt_monitor.audio.formats import Samples, decode, encode
from stt_monitor.audio.sources.file_source import DEFAULT_CHUNK_MS, Degraded, FileSource, Sound
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.arms import Arm
from stt_monitor.system.clock import Clock

_BLOCK_S: Final = 1.0
"""Audio that is measured at once, seconds."""


class DegradedSound:
    """A `Sound` that degrades another while it is read; as long, in the same format."""

    def __init__(self, clean: Sound, measured: Measured) -> None:
        """Prepare to read a recording from its beginning; `measured` tells what is done to it."""
        self.name: Final = clean.name
        self.format: Final = clean.format
        self.channel: Final = clean.channel
        self.duration: Final = clean.duration
        self._clean = clean
        self._chain = measured.start()
        self._ready = bytearray()
        self._ended = False
        self._failure: InputError | None = None

    def read(self, samples: int) -> bytes:
        """Return the next samples; fewer at the end, then none.

        Raises:
            InputError: the recording is damaged further on; all before that was returned.
        """
        size = samples * self.format.encoding.bytes_per_sample
        while len(self._ready) < size and not self._ended:
            self._ready += encode(self._next(samples), self.format.encoding)
        if not self._ready and self._failure is not None:
            raise self._failure
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def close(self) -> None:
        """Close the recording. Idempotent."""
        self._clean.close()

    def _next(self, samples: int) -> Samples:
        try:
            data = self._clean.read(samples)
        except InputError as error:
            data, self._failure = b"", error
        if data:
            return self._chain.feed(decode(data, self.format.encoding))
        self._ended = True
        return self._chain.finish()


def degraded_source(
    open_sound: Callable[[], Sound],
    arms: Sequence[Arm],
    *,
    chunk_ms: int = DEFAULT_CHUNK_MS,
    clock: Clock = time.monotonic,
    seed: int = SEED,
    agent: Sound | None = None,
) -> FileSource:
    """Return a source that plays a recording degraded. Reads it before, to measure it, as `measure` says.

    Args:
        open_sound: opens the recording, anew each time.
        arms: what is done to it, in order.
        chunk_ms: audio per chunk, milliseconds.
        clock: tells the time.
        seed: of all that is random.
        agent: the agent's channel, which is not degraded; None: its side is not heard.

    Raises:
        InputError: the recording cannot be opened, or is silent where its level must be known.
    """
    clean = open_sound()
    try:
        measured = measure(arms, clean.format.sample_rate, lambda: _blocks(open_sound), seed)
        sound = DegradedSound(open_sound(), measured)
    except InputError:
        clean.close()
        raise
    degraded = Degraded(tuple(arm.name for arm in arms), clean, lateness(arms, seed))
    return FileSource(sound, chunk_ms=chunk_ms, clock=clock, degraded=degraded, agent=agent)


def lateness(arms: Sequence[Arm], seed: int = SEED) -> Jitter | None:
    """Return what draws how late the chunks of one session are; None where no arm makes them late."""
    lines = [(number, arm) for number, arm in enumerate(arms) if arm.kind == "jitter"]
    limits, randoms = [arm.amount / 1000 for _, arm in lines], [random_of(seed, number) for number, _ in lines]
    return Jitter(limits, randoms) if lines else None


def _blocks(open_sound: Callable[[], Sound]) -> Iterator[Samples]:
    """Yield a recording up to its end, or to where it is damaged; a notice says so."""
    with closing(open_sound()) as sound, suppress(InputError):
        while data := sound.read(round(_BLOCK_S * sound.format.sample_rate)):
            yield decode(data, sound.format.encoding)
