"""Detects a wrongly declared sample rate: twice or half the real one gives speech at an unnatural speed.

Two things must agree, for people differ, and microphones do: how high the voice sounds (the mean frequency of its
voiced sounds, which follows the length of the throat), and how well the speech detector knows it again at twice and at
half the speed. That speech lacks high frequencies, because it came over a telephone, is no reason for a doubt.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import AudioFormat, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE, SpeechResampler
from stt_monitor.audio.vad.silero import FRAME, Silero
from stt_monitor.audio.weights import MissingPartError
from stt_monitor.core.metrics.percentiles import percentile

_LISTEN_S: Final = 10.0
"""Seconds of sound, without pauses, to judge by."""
_LOUD: Final = 0.001
"""A block is no pause if its power is at least this share of the loudest one's."""
_BLOCK: Final = 1600
"""Samples of a block, 0.1 s."""

_WINDOW: Final = 800
"""Samples of a spectrum, 50 ms: two periods of the lowest voice."""
_STEP: Final = 160
_SPECTRUM: Final = 2048
_PERIODS: Final = (SPEECH_RATE // 600, SPEECH_RATE // 40)
"""Periods of a voice, samples."""
_VOICED: Final = 0.75
"""Least periodicity (autocorrelation) of a voiced sound."""
_FEWEST: Final = 60
"""Voiced spectra, 10 ms each, without which there is nothing to judge by."""
_RANGE_HZ: Final = (60.0, 3000.0)

_HIGHEST_HZ: Final = 580.0
"""Mean frequency of voiced sounds above which hardly anybody speaks: men and women have 330 to 390, children to 500."""
_HIGHEST_OF_TELEPHONE_HZ: Final = 860.0
"""The same where the lowest frequencies are missing, as on a telephone: 500 to 610 there, children up to 740."""
_LOWEST_HZ: Final = 245.0
_FUNDAMENTAL: Final = (10**-0.55, 10**-2.0)
"""Shares of the power around the fundamental, of high voices and of others, below which low frequencies are missing."""
_HIGH_VOICE_HZ: Final = 220.0

_LEAST_SPEECH: Final = 0.25
"""Mean speech probability at the other speed, without which that is no speech either."""
_AS_GOOD: Final = 0.9
"""Speech probability at half the speed, relative to that as declared, from which it is as good."""
_TOO_FAST: Final = 0.65
"""Speech probability at twice the speed, relative to half the speed, below which speech is fast already."""
_TOO_SLOW: Final = 0.6
"""Speech probability as declared, relative to twice the speed, below which speech is slow."""

_BAND: Final = slice(round(_RANGE_HZ[0] * _SPECTRUM / SPEECH_RATE), round(_RANGE_HZ[1] * _SPECTRUM / SPEECH_RATE) + 1)
"""That range in a spectrum."""
_HERTZ: Final = np.fft.rfftfreq(_SPECTRUM, 1 / SPEECH_RATE)[_BAND]
"""Its frequencies."""
_AT_ONCE: Final = 50
"""Spectra that are made at once: many would take much memory."""

_Floats = npt.NDArray[np.floating[Any]]


class Voice(NamedTuple):
    """The voice in some audio."""

    centre: float
    """Mean frequency of its voiced sounds, Hz."""
    on_telephone: bool
    """Whether the lowest frequencies are missing."""


class RateCheck:
    """Listens to the beginning of some audio, and says once if its rate cannot be right."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._resampler = SpeechResampler(audio_format.sample_rate)
        self._blocks: list[Samples] = []
        self._rest = np.zeros(0, np.float32)
        self._loudest = 0.0
        self.over = False
        """Whether it has heard enough."""

    def feed(self, data: bytes) -> str:
        """Listen to the next samples; returns a sentence if the rate is in doubt, else nothing."""
        if self.over:
            return ""
        heard = np.concatenate([self._rest, self._resampler.feed(decode(data, self._format.encoding))])
        whole = len(heard) // _BLOCK * _BLOCK
        self._rest = heard[whole:]
        for block in heard[:whole].reshape(-1, _BLOCK):
            power = float(np.mean(np.square(block)))
            self._loudest = max(self._loudest, power)
            if power > 0 and power >= _LOUD * self._loudest:
                self._blocks.append(block)
        return self.finish() if len(self._blocks) * _BLOCK >= _LISTEN_S * SPEECH_RATE else ""

    def finish(self) -> str:
        """Judge by what was heard; returns what `feed` does."""
        if self.over or not self._blocks:
            return ""
        self.over = True
        samples, self._blocks = np.concatenate(self._blocks), []
        factor = _true_speed(samples)
        if factor == 1:
            return ""
        rate, other = self._format.sample_rate, round(self._format.sample_rate * factor)
        how = "twice as fast" if factor < 1 else "half as fast"
        return (
            f"the speech sounds {how} as people speak: is the sample rate really {rate} Hz, not {other}? "
            "If not, no figure is right: give the true one with --rate, or mend the file's header"
        )


def _true_speed(samples: Samples) -> float:
    """Return the factor by which audio at 16 kHz must be played faster to be speech: 0.5, 2, or 1 where it may be."""
    voice = find_voice(samples)
    if voice is None:
        return 1
    highest = _HIGHEST_OF_TELEPHONE_HZ if voice.on_telephone else _HIGHEST_HZ
    if _LOWEST_HZ < voice.centre < highest:
        return 1
    try:
        half, same, double = (_speech(samples, factor) for factor in (0.5, 1, 2))
    except (MissingPartError, ImportError):
        return 1
    if voice.centre >= highest:
        return 0.5 if half >= max(_LEAST_SPEECH, _AS_GOOD * same, double / _TOO_FAST) else 1
    return 2 if double >= _LEAST_SPEECH and same <= _TOO_SLOW * double else 1


def find_voice(samples: Samples) -> Voice | None:
    """Return the voice in audio at 16 kHz; None where there is too little of it."""
    if len(samples) < _WINDOW:
        return None
    pieces = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_STEP]
    parts = [_spectra(pieces[at : at + _AT_ONCE]) for at in range(0, len(pieces), _AT_ONCE)]
    powers, total, likeness, periods = (np.concatenate(each) for each in zip(*parts, strict=True))
    voiced = (likeness > _VOICED) & (total > 0.02 * percentile(sorted(total), 0.95))  # numpy's would load masked arrays
    if voiced.sum() < _FEWEST:
        return None
    noise = np.sort(powers, axis=0)[len(powers) // 10]
    spectrum = np.maximum(powers.mean(axis=0, where=voiced[:, None]) - 1.5 * noise, 0)
    if not spectrum.any():
        return None
    fundamental = SPEECH_RATE / percentile(sorted(periods[voiced].tolist()), 0.5)
    around = spectrum[(0.7 * fundamental < _HERTZ) & (1.3 * fundamental > _HERTZ)].sum() / spectrum.sum()
    least = _FUNDAMENTAL[0] if fundamental > _HIGH_VOICE_HZ else _FUNDAMENTAL[1]
    return Voice(float((spectrum * _HERTZ).sum() / spectrum.sum()), bool(around < least))


def _spectra(pieces: Samples) -> tuple[_Floats, _Floats, _Floats, _Floats]:
    """Return of each piece its spectrum in the band, its power, how periodic it is (0..1), its period in samples."""
    window = np.hanning(_WINDOW)
    powers = np.abs(np.fft.rfft(pieces * window, _SPECTRUM)) ** 2
    shortest, longest = _PERIODS
    likeness = np.fft.irfft(powers)[:, : longest + 1]
    of_window = np.fft.irfft(np.abs(np.fft.rfft(window, _SPECTRUM)) ** 2)[: longest + 1]
    likeness = likeness / np.maximum(likeness[:, :1], 1e-12) / (of_window / of_window[0])
    most = likeness[:, shortest:longest].max(axis=1)
    periods = np.array([_period(each) for each in likeness])
    powers = powers.astype(np.float32)
    return powers[:, _BAND].copy(), powers.sum(axis=1), most, periods


def _period(likeness: _Floats) -> int:
    """Return the shortest period, in samples, at which a sound is nearly as like itself as at any other."""
    shortest, longest = _PERIODS
    part = likeness[shortest:longest]
    peaks = (part >= likeness[shortest - 1 : longest - 1]) & (part >= likeness[shortest + 1 : longest + 1])
    near = np.flatnonzero(peaks & (part > 0.85 * part.max()))
    return shortest + int(near[0] if len(near) else part.argmax())


def _speech(samples: Samples, factor: float) -> float:
    """Return the mean speech probability of audio played at a speed factor."""
    if factor != 1:
        resampler = SpeechResampler(round(SPEECH_RATE * factor))
        samples = np.concatenate([resampler.feed(samples), resampler.feed(np.zeros(0, np.float32), last=True)])
    whole = len(samples) // FRAME * FRAME
    return float(np.mean(Silero().probabilities(samples[:whole]) or [0.0]))
