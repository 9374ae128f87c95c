"""A recording, played to the service as if it were being spoken now."""

import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from stt_monitor.audio.files import Recording
from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.pacing import Pace, chunk_samples
from stt_monitor.audio.source import Backlog, Chunk
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.text.sanitize import legible
from stt_monitor.system.clock import Clock

DEFAULT_CHUNK_MS: Final = 100
"""Milliseconds of audio in one binary frame, as the vendor advises (protocol.md 3)."""


class FileSource:
    """A `Source` that plays a recording in real time, once but for what is taken back, and closes it.

    Two positions are counted: that of the audio given out, and that within the file. They part when the file is
    paused, for silence goes on being given out (protocol.md 3: the service's clock is the audio).
    """

    def __init__(
        self, recording: Recording, *, chunk_ms: int = DEFAULT_CHUNK_MS, clock: Clock = time.monotonic
    ) -> None:
        self._recording = recording
        self._chunk = chunk_samples(recording.format.sample_rate, chunk_ms)
        self._pace = Pace(recording.format.sample_rate, clock)
        self._file_position = 0
        self.kind: Final = SourceKind.FILE
        self._quiet = False
        self._ahead = b""
        self._ended = False
        self._again: deque[bytes] = deque()

    @property
    def name(self) -> str:
        """The file's name. Not cleaned: it comes from outside."""
        return legible(self._recording.name)

    @property
    def format(self) -> AudioFormat:
        """How the chunks are written."""
        return self._recording.format

    @property
    def channel(self) -> str:
        """What of the file's channels is heard."""
        return self._recording.channel

    @property
    def duration(self) -> float | None:
        """Length of the file in seconds."""
        return self._recording.duration

    @property
    def backlog(self) -> Backlog:
        """What was taken back; the rest of the file is there when it is asked for."""
        samples = sum(map(len, self._again)) // self.format.encoding.bytes_per_sample
        return Backlog(waiting=self.format.seconds(samples))

    @property
    def quiet(self) -> bool:
        """Whether the file is paused: silence is given out in its place."""
        return self._quiet

    @property
    def file_position(self) -> int:
        """How many samples of the file have been given out and not been taken back."""
        return self._file_position

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Give out the file in real time. Ends after its last chunk, or soon after `stop`.

        Raises:
            InputError: the file turns out to be damaged in the middle.
        """
        encoding = self.format.encoding
        position = 0
        self._pace.start()
        try:
            while samples := self._due():
                if not await self._pace.reached(position + samples):
                    break
                if samples != self._due():
                    continue  # it was paused meanwhile, or went on, or some was taken back
                spoken_at = self._pace.spoken_at(position)
                if self._quiet:
                    yield Chunk(encoding.silence(samples), position, samples, spoken_at, quiet=True)
                else:
                    recorded_at = self._file_position
                    self._file_position += samples
                    yield Chunk(self._take(), position, samples, spoken_at, recorded_at=recorded_at)
                position += samples
        finally:
            self._ended = True
            self._recording.close()

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause the file: silence is given out in real time; or go on where it was. Idempotent."""
        self._quiet = quiet

    def hold(self) -> None:
        """Give out nothing, and let the schedule wait, until `release`: nothing is there to take it. Idempotent."""
        self._pace.hold()

    def release(self) -> float:
        """Go on after `hold`, in real time, without a burst; returns the seconds of delay. Idempotent."""
        return self._pace.release()

    def take_back(self, pieces: Sequence[bytes]) -> bool:
        """Go back to before the last pieces that were given out; see `Source`."""
        self._again.extendleft(reversed(pieces))
        self._file_position -= sum(map(len, pieces)) // self.format.encoding.bytes_per_sample
        return True

    def stop(self) -> None:
        """Ask `chunks` to end. Idempotent, from the loop's thread."""
        self._pace.stop()

    def _due(self) -> int:
        """Return how many samples are given out next; none at the end of the file, though it be paused."""
        samples = len(self._next()) // self.format.encoding.bytes_per_sample
        return self._chunk if self._quiet and samples else samples

    def _next(self) -> bytes:
        """Return what comes next, and leave it there; nothing at the end."""
        if self._again:
            return self._again[0]
        if not self._ahead and not self._ended:
            self._ahead = self._recording.read(self._chunk)
        return self._ahead

    def _take(self) -> bytes:
        """Take what comes next."""
        if self._again:
            return self._again.popleft()
        taken, self._ahead = self._ahead, b""
        return taken
