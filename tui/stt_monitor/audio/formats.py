"""The six audio encodings of the protocol (protocol.md 3), and what their samples are."""

from enum import Enum
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono samples, shape (n,), nominal range -1..1."""


class Encoding(Enum):
    """Sample encoding. Values are the names on the wire."""

    PCM_S16LE = "pcm_s16le"
    PCM_S32LE = "pcm_s32le"
    PCM_F16LE = "pcm_f16le"
    PCM_F32LE = "pcm_f32le"
    PCM_MULAW = "pcm_mulaw"
    PCM_ALAW = "pcm_alaw"

    @property
    def bytes_per_sample(self) -> int:
        """Size of one sample in bytes."""
        return _BYTES[self]

    def silence(self, samples: int) -> bytes:
        """Return `samples` samples of silence (G.711 has idle codes of its own: protocol.md 3)."""
        return _IDLE.get(self, b"\0") * (samples * self.bytes_per_sample)


_BYTES = {
    Encoding.PCM_S16LE: 2, Encoding.PCM_S32LE: 4, Encoding.PCM_F16LE: 2, Encoding.PCM_F32LE: 4,
    Encoding.PCM_MULAW: 1, Encoding.PCM_ALAW: 1,
}  # fmt: skip
_IDLE = {Encoding.PCM_MULAW: b"\xff", Encoding.PCM_ALAW: b"\xd5"}


class AudioFormat(msgspec.Struct, frozen=True):
    """An encoding at a sample rate (Hz), mono, as in the query of the request."""

    encoding: Encoding
    sample_rate: int

    @property
    def bytes_per_second(self) -> int:
        """Bytes per second of audio."""
        return self.sample_rate * self.encoding.bytes_per_sample

    def seconds(self, samples: int) -> float:
        """Return the duration of `samples` samples in seconds."""
        return samples / self.sample_rate


def decode(data: bytes, encoding: Encoding) -> Samples:
    """Decode samples.

    Args:
        data: a whole number of samples, mono.
        encoding: their encoding.

    Returns:
        The samples as float32. Floats are clipped to -1..1, non-finite ones become 0: the data is untrusted.

    Raises:
        ValueError: the number of bytes is no multiple of the sample size.
    """
    match encoding:
        case Encoding.PCM_S16LE:
            return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
        case Encoding.PCM_S32LE:
            return (np.frombuffer(data, "<i4") / 2147483648).astype(np.float32)
        case Encoding.PCM_F16LE | Encoding.PCM_F32LE:
            floats = np.frombuffer(data, "<f2" if encoding is Encoding.PCM_F16LE else "<f4").astype(np.float32)
            return np.clip(np.nan_to_num(floats, nan=0.0, posinf=0.0, neginf=0.0), -1, 1)
        case Encoding.PCM_MULAW:
            return _mulaw_table()[np.frombuffer(data, np.uint8)]
        case Encoding.PCM_ALAW:
            return _alaw_table()[np.frombuffer(data, np.uint8)]


def encode(samples: Samples, encoding: Encoding) -> bytes:
    """Encode samples: the inverse of `decode`, limited to full scale.

    Args:
        samples: mono.
        encoding: linear, as recordings are read in.

    Raises:
        ValueError: the encoding is another.
    """
    match encoding:
        case Encoding.PCM_S16LE:
            limited = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype("<i2")
        case Encoding.PCM_S32LE:
            limited = np.clip(np.rint(samples.astype(np.float64) * 2**31), -(2**31), 2**31 - 1).astype("<i4")
        case Encoding.PCM_F32LE:
            limited = np.clip(samples, -1, 1).astype("<f4")
        case _:
            raise ValueError(f"recordings are not read as {encoding.value}")
    data: bytes = limited.tobytes()
    return data


@lru_cache
def _mulaw_table() -> Samples:
    """ITU-T G.711 mu-law: sign, three bits of exponent, four of mantissa, all inverted, bias 33 at 14 bits."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return (np.where(code & 0x80, -magnitude, magnitude) / 32768).astype(np.float32)


@lru_cache
def _alaw_table() -> Samples:
    """ITU-T G.711 A-law: even bits inverted, sign bit set means positive, no exponent in the lowest segment."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return (np.where(code & 0x80, magnitude, -magnitude) / 32768).astype(np.float32)
