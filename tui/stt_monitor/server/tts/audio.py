"""Writes synthesised speech in the form that was asked for. No I/O, no synthesis."""

import struct
from typing import Final

import numpy as np

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.services.server_side import SpeechRequest

WAVE_FORMATS: Final = {
    Encoding.PCM_S16LE: 1,
    Encoding.PCM_F32LE: 3,
    Encoding.PCM_ALAW: 6,
    Encoding.PCM_MULAW: 7,
}
"""The encodings that can be written, and their numbers in a WAV header."""


def write_audio(samples: Samples, rate: int, request: SpeechRequest) -> bytes:
    """Return `samples`, at `rate` Hz, in the form that was asked for."""
    encoding, wanted_rate = Encoding(request.audio.encoding), request.audio.sample_rate
    if rate != wanted_rate:
        import soxr

        samples = soxr.resample(samples, rate, wanted_rate)
    data = _encode(np.clip(samples, -1, 1), encoding)
    return _wave_header(len(data), encoding, wanted_rate) + data if request.wav else data


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


def _wave_header(size: int, encoding: Encoding, rate: int) -> bytes:
    width = encoding.bytes_per_sample
    form = struct.pack("<HHIIHH", WAVE_FORMATS[encoding], 1, rate, rate * width, width, width * 8)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", size)
