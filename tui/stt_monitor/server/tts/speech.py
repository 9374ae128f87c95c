"""`POST /tts/bytes` (protocol.md 15): what is asked for, and audio in the form asked for. No I/O, no synthesis."""

import struct
from typing import Final

import msgspec
import numpy as np

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.server.protocol.errors import RefusalError

MAX_TRANSCRIPT_CHARACTERS: Final = 2000
"""About two minutes of speech."""

RATES: Final = (8000, 16_000, 22_050, 24_000, 44_100, 48_000)
"""Hz."""

WAVE_FORMATS: Final = {
    Encoding.PCM_S16LE: 1,
    Encoding.PCM_F32LE: 3,
    Encoding.PCM_ALAW: 6,
    Encoding.PCM_MULAW: 7,
}
"""The encodings that can be asked for, and their numbers in a WAV header."""

_CONTENT_TYPES: Final = {"raw": "audio/raw", "wav": "audio/wav"}


class _OutputFormat(msgspec.Struct, frozen=True):
    container: str
    encoding: str
    sample_rate: int


class _Body(msgspec.Struct, frozen=True):
    """The fields that matter; voice, model and language are whatever they are, there is one voice."""

    transcript: str
    output_format: _OutputFormat


class SpeechRequest(msgspec.Struct, frozen=True):
    """What is to be said, and how the audio is to be written."""

    transcript: str
    container: str
    encoding: Encoding
    sample_rate: int

    @property
    def content_type(self) -> str:
        """The media type of the answer."""
        return _CONTENT_TYPES[self.container]


def read_speech_request(body: bytes) -> SpeechRequest:
    """Read the body of a request. Raises RefusalError."""
    try:
        asked = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "it is not JSON"
        raise RefusalError("Invalid request", f"The body cannot be read: {reason}.") from None
    form = asked.output_format
    encodings = {encoding.value: encoding for encoding in WAVE_FORMATS}
    if not asked.transcript.strip() or len(asked.transcript) > MAX_TRANSCRIPT_CHARACTERS:
        limit = f"from 1 to {MAX_TRANSCRIPT_CHARACTERS} characters"
        raise RefusalError("Invalid transcript", f"The transcript must have {limit}.")
    if form.container not in _CONTENT_TYPES or form.encoding not in encodings or form.sample_rate not in RATES:
        raise RefusalError(
            "Unsupported output format",
            f"Containers are {', '.join(_CONTENT_TYPES)}; encodings {', '.join(encodings)};"
            f" sample rates {', '.join(map(str, RATES))}.",
            error_code="unsupported_audio_format",
        )
    return SpeechRequest(asked.transcript, form.container, encodings[form.encoding], form.sample_rate)


def write_audio(samples: Samples, rate: int, request: SpeechRequest) -> bytes:
    """Return `samples`, at `rate` Hz, in the form that was asked for."""
    if rate != request.sample_rate:
        import soxr

        samples = soxr.resample(samples, rate, request.sample_rate)
    data = _encode(np.clip(samples, -1, 1), request.encoding)
    return _wave_header(len(data), request) + data if request.container == "wav" else data


def _encode(samples: Samples, encoding: Encoding) -> bytes:
    if encoding is Encoding.PCM_S16LE:
        return (samples * 32767).astype("<i2").tobytes()
    if encoding is Encoding.PCM_F32LE:
        return samples.astype("<f4").tobytes()
    # G.711: the code whose value is nearest.
    values = decode(bytes(range(256)), encoding)
    order = np.argsort(values)
    between = (values[order][1:] + values[order][:-1]) / 2
    return order[np.searchsorted(between, samples)].astype(np.uint8).tobytes()


def _wave_header(size: int, request: SpeechRequest) -> bytes:
    width, rate = request.encoding.bytes_per_sample, request.sample_rate
    form = struct.pack("<HHIIHH", WAVE_FORMATS[request.encoding], 1, rate, rate * width, width, width * 8)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", size)
