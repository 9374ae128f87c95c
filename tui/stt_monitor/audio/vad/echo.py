"""Tells echoes of the caller on the agent's channel from what the agent says (metrics.md 12)."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE

LONGEST_DELAY_S: Final = 0.5
"""An echo comes at most this long after the caller."""
ATTENUATED: Final = 0.5
"""Greatest power of an echo, as a share of the caller's: 3 dB less. Louder, it is the agent, whom the caller echoes."""
EXPLAINED: Final = 0.6
"""Share of a stretch's power that a copy of the caller's sound must explain before its way is believed."""
ECHO: Final = 0.6
"""Share of a block's power that is explained by a way that is believed: the block is an echo."""

_BLOCK: Final = 512
"""Samples that are an echo or not: 32 ms."""
_HOP: Final = 16 * _BLOCK
"""Samples that are looked at together."""
_AROUND: Final = 8 * _BLOCK
"""Samples before and behind them that are looked at too."""
_DELAYS: Final = round(LONGEST_DELAY_S * SPEECH_RATE)
_TAPS: Final = 1024
"""Length of an echo's way, 64 ms: a line filters and smears what it returns, and a room with a loudspeaker more."""
_LEAD: Final = 32
"""Taps before the delay with the greatest likeness."""
_LIKE: Final = 0.15
"""Least likeness (normalised cross-correlation) at which a way is worth looking for."""
_PAST: Final = _DELAYS + _TAPS + _AROUND
"""Samples of the caller that are needed from before a hop."""
_SILENT: Final = 1e-7
"""Power below which nothing is looked for: -70 dB."""


class _Way(NamedTuple):
    """How the caller's sound comes back: filtered, so many samples later."""

    delay: int
    taps: Samples


class EchoGate:
    """Silences echoes in the agent's channel; passes on all else, some 0.25 s later.

    An echo is a copy of the caller's sound, at most `LONGEST_DELAY_S` later, quieter, and filtered. Where it is looked
    for, the two channels are correlated, and the filter that explains most of the agent's by the caller's is computed;
    if it explains enough, it is believed from then on, also where the agent speaks at the same time. Samples are those
    of speech models, 16 kHz.
    """

    def __init__(self) -> None:
        """Start without sound."""
        self._caller: Samples = np.zeros(_PAST, np.float32)
        self._agent: Samples = np.zeros(_AROUND, np.float32)
        self._way: _Way | None = None

    def feed(self, caller: Samples, agent: Samples, *, last: bool = False) -> Samples:
        """Return the agent's samples that are certain now, echoes silenced.

        Args:
            caller: the next samples of the caller.
            agent: as many of the agent, of the same time.
            last: no samples follow; all of them are returned.
        """
        self._caller = np.concatenate([self._caller, caller])
        self._agent = np.concatenate([self._agent, agent])
        passed = [np.zeros(0, np.float32)]
        while len(self._agent) >= _AROUND + _HOP + _AROUND:
            passed.append(self._next(_HOP))
        if last and len(self._agent) > _AROUND:
            left = len(self._agent) - _AROUND
            missing = np.zeros(_HOP + _AROUND, np.float32)
            self._caller, self._agent = (np.concatenate([each, missing]) for each in (self._caller, self._agent))
            while left > 0:
                passed.append(self._next(_HOP)[:left])
                left -= _HOP
        return np.concatenate(passed)

    def _next(self, samples: int) -> Samples:
        """Return the next samples, and move on behind them."""
        window = slice(0, samples + 2 * _AROUND)
        caller, agent = self._caller[: _PAST + samples + _AROUND], self._agent[window]
        passed = agent[_AROUND : _AROUND + samples].copy()
        if _power(passed) > _SILENT:
            own = slice(_AROUND, _AROUND + samples)
            if not self._explains(caller, agent):
                found = (_find(caller, agent, part) for part in (slice(0, len(agent)), own))
                self._way = next((way for way in found if way is not None), self._way)
            if self._way is not None:
                _silence(passed, agent[own] - _echo(caller, len(agent), self._way)[own])
        self._caller, self._agent = self._caller[samples:], self._agent[samples:]
        return passed

    def _explains(self, caller: Samples, agent: Samples) -> bool:
        """Return whether the way that is believed explains the agent's sound."""
        if self._way is None:
            return False
        return _power(agent - _echo(caller, len(agent), self._way)) <= (1 - EXPLAINED) * _power(agent)


def _find(caller: Samples, agent: Samples, part: slice) -> _Way | None:
    """Return the way by which the caller's sound explains a part of the agent's; None where it does not."""
    heard = np.zeros(len(agent), np.float32)
    heard[part] = agent[part]
    size = 1 << (len(caller) + len(agent) - 1).bit_length()
    spectrum = np.fft.rfft(caller, size)
    offset = len(caller) - len(agent)
    matched = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(spectrum), size)
    # matched[-k]: the agent against the caller k samples into its buffer; a delay of d is k = offset - d.
    products = matched[(np.arange(_DELAYS) - offset) % size]
    sums = np.concatenate([[0.0], np.cumsum(np.square(caller, dtype=np.float64))])
    begin, end = part.start or 0, part.stop or len(agent)
    at = offset - np.arange(_DELAYS)
    powers = np.maximum(sums[at + end] - sums[at + begin], 1e-9)
    total = max(float(np.square(heard, dtype=np.float64).sum()), 1e-9)
    likeness = np.abs(products) / np.sqrt(powers * total)
    best = int(np.argmax(likeness))
    quieter = float(products[best]) ** 2 < ATTENUATED * float(powers[best]) ** 2
    if likeness[best] < _LIKE or not quieter:
        return None
    delay = max(0, best - _LEAD)
    lagged = caller[max(0, offset - delay - _TAPS + begin) : offset - delay + end]
    own = np.fft.irfft(np.square(np.abs(np.fft.rfft(lagged, size))), size)[:_TAPS]
    own[0] += 1e-3 * own[0] + 1e-9  # where the caller's sound lacks frequencies, nothing is known of the way
    way = _Way(delay, _solve(own, matched[(np.arange(delay, delay + _TAPS) - offset) % size]))
    echo = _echo(caller, len(agent), way)[part]
    rest = float(np.square(agent[part] - echo, dtype=np.float64).sum())
    return way if rest <= (1 - EXPLAINED) * total else None


def _solve(row: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> Samples:
    """Solve a symmetric Toeplitz system, given its first row, by Levinson's recursion.

    A general solver takes far longer: it starts threads for so few rows.
    """
    forward, found = np.zeros(len(row)), np.zeros(len(row))
    forward[0], found[0] = 1 / row[0], wanted[0] / row[0]
    for n in range(1, len(row)):
        before = row[n:0:-1]
        error = before @ forward[:n]
        rest = wanted[n] - before @ found[:n]
        backward = np.concatenate([[0.0], forward[n - 1 :: -1]])
        forward[: n + 1] = (forward[: n + 1] - error * backward) / (1 - error**2)
        found[: n + 1] += rest * forward[n::-1]
    return found.astype(np.float32)


def _echo(caller: Samples, length: int, way: _Way) -> Samples:
    """Return the echo, of the last samples."""
    begin = len(caller) - length - way.delay - _TAPS + 1
    found = np.convolve(caller[begin : len(caller) - way.delay], way.taps, "valid")
    return found.astype(np.float32)


def _silence(agent: Samples, rest: Samples) -> None:
    """Silence the blocks of which an echo leaves little."""
    for begin in range(0, len(agent), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        if _power(rest[block]) <= (1 - ECHO) * _power(agent[block]):
            agent[block] = 0


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))
