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
WELL_EXPLAINED: Final = 0.95
"""Share above which no better way is looked for: the first words of a caller tell little of it."""
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
_MOST_WAYS: Final = 3
"""Ways that an echo may come by at once: over the line and back, and over the loudspeaker and back."""
_WORTH: Final = 0.85
"""Greatest share of a sound's power that one more way leaves unexplained."""
_RESIDUE: Final = 0.1
"""Share of an echo's power that a filter cannot tell, for rooms ring and loudspeakers distort..."""
_RINGS: Final = 8
"""... for so many blocks."""
_SILENT: Final = 1e-7
"""Power below which nothing is looked for: -70 dB."""


class _Way(NamedTuple):
    """How the caller's audio comes back: filtered, and delayed by some samples."""

    delay: int
    taps: Samples


_Ways = tuple[_Way, ...]


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
        self._ways: _Ways = ()

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
            self._learn(caller, agent, own)
            if self._ways:
                _silence(passed, _echo(caller, len(agent), self._ways)[: own.stop])
        self._caller, self._agent = self._caller[samples:], self._agent[samples:]
        return passed

    def _learn(self, caller: Samples, agent: Samples, own: slice) -> None:
        """Look for ways that explain the agent's sound better than those that are believed; own: what is decided."""
        known = self._explained(caller, agent, self._ways)
        if known >= WELL_EXPLAINED:
            return
        for part in (slice(0, len(agent)), own) if known < EXPLAINED else (slice(0, len(agent)),):
            ways = _find(caller, agent, part)
            if ways and (known < EXPLAINED or self._explained(caller, agent, ways) > known):
                self._ways = ways
                return

    def _explained(self, caller: Samples, agent: Samples, ways: _Ways) -> float:
        """Return the share of the agent's power that ways explain."""
        return 1 - _power(agent - _echo(caller, len(agent), ways)) / _power(agent) if ways else 0.0


def _find(caller: Samples, agent: Samples, part: slice) -> _Ways:
    """Return the ways by which the caller's sound explains a part of the agent's; none where it does not."""
    heard = np.zeros(len(agent), np.float32)
    heard[part] = agent[part]
    total = float(np.square(heard, dtype=np.float64).sum())
    search = _Search(caller, len(agent), part)
    ways: _Ways = ()
    rest, left = heard, total
    while len(ways) < _MOST_WAYS:
        delay = search.delay(rest)
        if delay is None:
            break
        more = search.refined((*ways, search.way(rest, delay)), heard)
        unexplained = search.rest(heard, more)
        power = float(np.square(unexplained, dtype=np.float64).sum())
        if power > _WORTH * left:
            break
        ways, rest, left = more, unexplained, power
    return ways if left <= (1 - EXPLAINED) * total else ()


class _Search:
    """Looks for ways in a part of the agent's sound.

    Args:
        caller: the caller's sound, up to the end of the agent's.
        length: of the agent's.
        part: of the agent's that is looked at.
    """

    def __init__(self, caller: Samples, length: int, part: slice) -> None:
        self._caller = caller
        self._length = length
        self._part = part
        self._size = 1 << (len(caller) + length - 1).bit_length()
        self._spectrum = np.fft.rfft(caller, self._size)
        self._offset = len(caller) - length
        sums = np.concatenate([[0.0], np.cumsum(np.square(caller, dtype=np.float64))])
        at = self._offset - np.arange(_DELAYS)
        self._powers = np.maximum(sums[at + (part.stop or length)] - sums[at + (part.start or 0)], 1e-9)

    def delay(self, heard: Samples) -> int | None:
        """Return the delay of an echo path from the caller's audio into another audio; None without one."""
        products = self._products(heard, np.arange(_DELAYS))
        total = max(float(np.square(heard, dtype=np.float64).sum()), 1e-9)
        likeness = np.abs(products) / np.sqrt(self._powers * total)
        best = int(np.argmax(likeness))
        quieter = float(products[best]) ** 2 < ATTENUATED * float(self._powers[best]) ** 2
        return max(0, best - _LEAD) if likeness[best] >= _LIKE and quieter else None

    def way(self, heard: Samples, delay: int) -> _Way:
        """Return the way from a delay on that explains most of a sound."""
        begin, end = self._part.start or 0, self._part.stop or self._length
        lagged = self._caller[max(0, self._offset - delay - _TAPS + begin) : self._offset - delay + end]
        own = np.fft.irfft(np.square(np.abs(np.fft.rfft(lagged, self._size))), self._size)[:_TAPS]
        own[0] += 1e-3 * own[0] + 1e-9  # where the caller's sound lacks frequencies, nothing is known of the way
        return _Way(delay, _solve(own, self._products(heard, np.arange(delay, delay + _TAPS))))

    def refined(self, ways: _Ways, heard: Samples) -> _Ways:
        """Return ways of which each explains what the others do not: found one by one, the first had too much."""
        for at in range(len(ways) if len(ways) > 1 else 0):
            others = (*ways[:at], *ways[at + 1 :])
            ways = (*ways[:at], self.way(self.rest(heard, others), ways[at].delay), *ways[at + 1 :])
        return ways

    def rest(self, heard: Samples, ways: _Ways) -> Samples:
        """Return what ways do not explain of a sound."""
        rest = heard.copy()
        rest[self._part] -= _echo(self._caller, self._length, ways)[self._part]
        return rest

    def _products(self, heard: Samples, delays: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
        """Multiply a sound with the caller's, at each delay."""
        matched = np.fft.irfft(np.fft.rfft(heard, self._size) * np.conj(self._spectrum), self._size)
        # matched[-k]: the agent against the caller k samples into its buffer; a delay of d is k = offset - d.
        found: npt.NDArray[np.float64] = matched[(delays - self._offset) % self._size]
        return found


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


def _echo(caller: Samples, length: int, ways: _Ways) -> Samples:
    """Return the echo, of the last samples."""
    echo = np.zeros(length, np.float32)
    for way in ways:
        begin = len(caller) - length - way.delay - _TAPS + 1
        echo += np.convolve(caller[begin : len(caller) - way.delay], way.taps, "valid").astype(np.float32)
    return echo


def _silence(agent: Samples, echo: Samples) -> None:
    """Silence the blocks of which an echo leaves little; `echo` begins earlier than `agent`, and ends with it."""
    before = len(echo) - len(agent)
    powers = [_power(echo[at : at + _BLOCK]) for at in range(0, len(echo), _BLOCK)]
    for begin in range(0, len(agent), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        last = (before + begin) // _BLOCK
        rest = _power(agent[block] - echo[before + begin : before + begin + _BLOCK])
        if rest <= max((1 - ECHO) * _power(agent[block]), _RESIDUE * max(powers[max(0, last - _RINGS) : last + 1])):
            agent[block] = 0


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))
