"""The sound of a call, as its agent sends it: frames of any size, at the pace of the agent."""

from typing import Final, NamedTuple

from stt_monitor.audio.formats import AudioFormat, Encoding, decode
from stt_monitor.audio.level import peak_db
from stt_monitor.core.journal import Sent
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.base import Audio

MOST_PACE: Final = 1.1
"""Sound that comes at up to this many times the speed of speech is live: clocks differ, and lines catch up."""


_CATCHES_UP_S: Final = 1.0
"""Within this time after the tap was held up, the sound that waited meanwhile comes."""


class Piece(NamedTuple):
    """Sound of a frame, in whole samples."""

    entry: Sent
    position: int
    """Index of its first sample."""
    data: bytes


class CallSound:
    """Makes entries of frames.

    The last sample of a frame counts as spoken when it came (`arrival`): an agent sends what it has just captured.

    Args:
        audio: format of the sound.
    """

    def __init__(self, audio: Audio) -> None:
        self.format = AudioFormat(Encoding(audio.encoding), audio.sample_rate)
        self._position = 0  # of the next sample
        self._half = b""  # the beginning of a sample that goes on in the next frame
        self._ahead = 0.0  # seconds of sound beyond what can have been spoken
        self._came: float | None = None  # when the last frame did
        self._held_up = 0.0  # seconds of sound that waited here, while the tap was held up, and has not come yet
        self._held_until = 0.0  # session time at which it went on

    @property
    def ahead(self) -> float:
        """How much of the sound nobody can have spoken yet, when the last frame came, seconds."""
        return self._ahead

    @property
    def seconds(self) -> float:
        """Sound so far."""
        return self.format.seconds(self._position)

    def held_up(self, late: float, at: float) -> None:
        """Record that audio waited in the tap for some seconds, until a session time, and then came at once."""
        self._held_up, self._held_until = late, at

    def add(self, data: bytes, at: float) -> Piece | None:
        """Take the audio of a frame that came at a session time; None where it completes no sample."""
        width = self.format.encoding.bytes_per_sample
        data = self._half + data
        whole = len(data) - len(data) % width
        data, self._half = data[:whole], data[whole:]
        if not data:
            return None
        position, samples = self._position, len(data) // width
        self._position += samples
        length = self.format.seconds(samples)
        if self._came is not None:
            self._ahead = max(0.0, self._ahead + length - (at - self._came) * MOST_PACE)
        elif length > at:  # it cannot have begun before the call
            self._ahead = length - at
        self._came = at
        if at - self._held_until > _CATCHES_UP_S:
            self._held_up = 0.0
        excused = min(self._held_up, self._ahead)
        self._ahead, self._held_up = self._ahead - excused, self._held_up - excused
        chunk = SentChunk(self.format.seconds(position), length, at - length, at, ahead=round(self._ahead, 6))
        return Piece(Sent(chunk, peak_db(decode(data, self.format.encoding))), position, data)
