"""Compresses speech for a page: small, and what every browser plays."""

from io import BytesIO
from typing import Final

import msgspec

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler

_QUALITY: Final = 0.8
"""From 0, the best, to 1: about 3 kB a second, at which one hears what was said and how."""


class Compressed(msgspec.Struct, frozen=True):
    """An audio file in memory."""

    kind: str
    """Its media type."""
    data: bytes


def compress(samples: Samples, rate: int) -> Compressed:
    """Compress mono speech: as MP3, or as FLAC where libsndfile cannot write that (before 1.1)."""
    import soundfile  # loads a library that few commands need

    file = BytesIO()
    speech = SpeechResampler(rate).feed(samples, last=True)
    if "MP3" in soundfile.available_formats():
        soundfile.write(file, speech, SPEECH_RATE, format="MP3", compression_level=_QUALITY)
        return Compressed("audio/mpeg", file.getvalue())
    soundfile.write(file, speech, SPEECH_RATE, format="FLAC")
    return Compressed("audio/flac", file.getvalue())
