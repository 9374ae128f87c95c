"""Packets lost in bursts, as Gilbert's model of a line has them, with silence in their place."""

from typing import Final

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.degrade.simple import NOTHING
from stt_monitor.audio.formats import Samples

PACKET_S: Final = 0.02
BURST: Final = 3.0
"""Mean length of a burst, packets."""
WINDOW: Final = 1000
"""Packets (20 s) of which exactly the share asked for is lost, so that it is right in a short recording too."""


class Loss:
    """Replaces lost packets by silence; nothing conceals them."""

    def __init__(self, percent: float, sample_rate: int, random: np.random.Generator) -> None:
        self._share = percent / 100
        self._rate = sample_rate
        self._random = random
        self._owed = 0.0
        self._kept: npt.NDArray[np.bool_] = np.zeros(0, np.bool_)
        """For each sample of the present window whether it is heard; from the present place."""

    def feed(self, samples: Samples) -> Samples:
        """Lose some of the next samples."""
        while len(self._kept) < len(samples):
            self._kept = np.concatenate([self._kept, self._window()])
        kept, self._kept = self._kept[: len(samples)], self._kept[len(samples) :]
        return np.where(kept, samples, np.float32(0))

    def finish(self) -> Samples:
        """Return nothing: nothing is kept."""
        return NOTHING

    def _window(self) -> npt.NDArray[np.bool_]:
        self._owed += self._share * WINDOW
        lost = round(self._owed)
        self._owed -= lost
        edges = np.rint(np.arange(WINDOW + 1) * (self._rate * PACKET_S)).astype(np.int64)
        is_kept = lost_packets(lost, WINDOW, self._random) == 0
        return np.repeat(is_kept, np.diff(edges))


def lost_packets(lost: int, packets: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw which packets of a row are lost (1): so many of them, in bursts and gaps of random lengths.

    Given their sum, the lengths are those of Gilbert's model, in which a line is good or bad and changes by chance.
    """
    if lost == 0:
        return np.zeros(packets, np.int64)
    bursts = max(1, round(lost / BURST))
    gaps = _cut(packets - lost + 2, bursts + 1, random)
    gaps[[0, -1]] -= 1  # a row may begin or end in a burst
    lengths = np.zeros(2 * bursts + 1, np.int64)
    lengths[::2], lengths[1::2] = gaps, _cut(lost, bursts, random)
    return np.repeat(np.arange(len(lengths)) % 2, lengths)


def _cut(length: int, parts: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Cut a length at random places into parts of at least 1."""
    places = np.sort(random.choice(length - 1, parts - 1, replace=False)) + 1
    return np.diff(np.concatenate([[0], places, [length]])).astype(np.int64)
