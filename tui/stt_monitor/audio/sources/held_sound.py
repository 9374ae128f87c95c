"""A recording in memory, which many sessions may play at once."""

from typing import Final

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.sources.file_source import Sound


class HeldSound:
    """All samples of a recording. Immutable: those who play it share it."""

    def __init__(self, name: str, audio_format: AudioFormat, channel: str, data: bytes) -> None:
        """Hold whole samples in a format; `channel` is as in `Source`."""
        self.name: Final = name
        self.format: Final = audio_format
        self.channel: Final = channel
        self.data: Final = data

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.data) / self.format.bytes_per_second

    def play(self) -> Sound:
        """Return it from the beginning, for one session."""
        return _Playing(self)


class _Playing:
    """A `Sound` that reads a held one."""

    def __init__(self, held: HeldSound) -> None:
        self.name: Final = held.name
        self.format: Final = held.format
        self.channel: Final = held.channel
        self.duration: Final[float | None] = held.seconds
        self._data = memoryview(held.data)
        self._at = 0

    def read(self, samples: int) -> bytes:
        end = self._at + samples * self.format.encoding.bytes_per_sample
        piece = bytes(self._data[self._at : end])
        self._at += len(piece)
        return piece

    def close(self) -> None:
        self._data = self._data[:0]


_AT_ONCE: Final = 1 << 11
"""Samples: of a damaged recording, it is said to a tenth of a second up to where it can be read."""


def hold(sound: Sound, samples_at_once: int = _AT_ONCE) -> HeldSound:
    """Read a recording to its end, and close it.

    Raises:
        InputError: it is damaged.
    """
    try:
        pieces = iter(lambda: sound.read(samples_at_once), b"")
        return HeldSound(sound.name, sound.format, sound.channel, b"".join(pieces))
    finally:
        sound.close()
