"""A telephone line: the band of ITU-T G.712, 8 kHz, and the mu-law of ITU-T G.711."""

from typing import Final, cast

import numpy as np
import soxr

from stt_monitor.audio.degrade.simple import NOTHING
from stt_monitor.audio.formats import Encoding, Samples, decode

_RATE: Final = 8000
"""Hz."""
_LOW: Final = 255.0
_HIGH: Final = 3490.0
"""Hz at which half the amplitude is left: all of it from 300 to 3400 Hz, within 1 dB, little beyond 200 and 3600."""
_TAPS: Final = 255
_BETA: Final = 5.0
"""Of the Kaiser window: 50 dB of attenuation, edges 100 Hz wide."""
_BLOCK: Final = 4096
"""Samples that are filtered at once. Always at the same places, so that rounding is the same too."""

_BIAS: Final = 0x84
_LARGEST: Final = 32635
"""Largest magnitude of 16 bits that mu-law can tell from smaller ones."""


class Phone:
    """A telephone line, resampled back: the sound changes, the rate that is sent does not."""

    def __init__(self, sample_rate: int) -> None:
        self._down = _Resampler(sample_rate, _RATE)
        self._band = _Band()
        self._up = _Resampler(_RATE, sample_rate)

    def feed(self, samples: Samples) -> Samples:
        """Send the next samples over the line."""
        return self._up.feed(through_mulaw(self._band.feed(self._down.feed(samples))))

    def finish(self) -> Samples:
        """Return what is still on the line."""
        rest = np.concatenate([self._band.feed(self._down.feed(NOTHING, last=True)), self._band.finish()])
        return self._up.feed(through_mulaw(rest), last=True)


def through_mulaw(samples: Samples) -> Samples:
    """Return what comes out of mu-law (G.711) when samples go in."""
    linear = np.rint(np.clip(samples, -1, 1) * 32768).astype(np.int32)
    biased = np.minimum(np.abs(linear), _LARGEST) + _BIAS
    exponent = np.frexp(biased.astype(np.float32))[1] - 8
    mantissa = (biased >> (exponent + 3)) & 15
    codes = ~((linear < 0) << 7 | exponent << 4 | mantissa)
    return decode((codes & 0xFF).astype(np.uint8).tobytes(), Encoding.PCM_MULAW)


class _Resampler:
    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ")
        self._passes = from_rate == to_rate

    def feed(self, samples: Samples, *, last: bool = False) -> Samples:
        if self._passes:
            return samples
        return cast("Samples", np.asarray(self._stream.resample_chunk(samples, last=last), np.float32))


class _Band:
    """The filter of the band, without its delay."""

    def __init__(self) -> None:
        size = _BLOCK + _TAPS - 1
        self._size = size
        self._response = np.fft.rfft(_taps(), size)
        self._before = np.zeros(_TAPS - 1, np.float32)
        self._waiting = NOTHING
        self._early = _TAPS // 2
        """Samples to leave out: the filter's delay."""

    def feed(self, samples: Samples) -> Samples:
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) // _BLOCK * _BLOCK
        self._waiting = waiting[whole:]
        done = [self._filter(waiting[at : at + _BLOCK]) for at in range(0, whole, _BLOCK)]
        out = np.concatenate([NOTHING, *done])
        early = min(self._early, len(out))
        self._early -= early
        return out[early:]

    def finish(self) -> Samples:
        left = len(self._waiting) + _TAPS // 2 - self._early
        zeros = np.zeros(-(-(len(self._waiting) + _TAPS // 2) // _BLOCK) * _BLOCK - len(self._waiting), np.float32)
        return self.feed(zeros)[: max(0, left)]

    def _filter(self, block: Samples) -> Samples:
        heard = np.concatenate([self._before, block])
        self._before = heard[-(_TAPS - 1) :]
        filtered = np.fft.irfft(np.fft.rfft(heard, self._size) * self._response, self._size)
        return filtered[_TAPS - 1 :].astype(np.float32)


def _taps() -> Samples:
    """Return the band's filter: linear phase, a windowed difference of two low passes."""
    at = np.arange(_TAPS) - _TAPS // 2
    low, high = (2 * edge / _RATE * np.sinc(2 * edge / _RATE * at) for edge in (_LOW, _HIGH))
    return cast("Samples", (high - low) * np.kaiser(_TAPS, _BETA))
