"""A long session with the likelihood that explains it, as the local server tells it."""

import json
from collections.abc import Iterator

from tests.support.long_session import CHUNK_S, SPOKEN_CHUNKS, TURN_CHUNKS, long_session

from stt_monitor.core.journal import Entry, Sent, received

POINTS = 3
"""Of the likelihood in a chunk."""


def traced(turns: int) -> Iterator[Entry]:
    """Give the entries of so many turns, and the likelihood after each chunk."""
    index = 0
    for entry in long_session(turns):
        yield entry
        if isinstance(entry, Sent):
            place = index % TURN_CHUNKS
            points = [
                (round(entry.chunk.position + (step + 1) * CHUNK_S / POINTS, 4), _value(place + step / POINTS))
                for step in range(POINTS)
            ]
            yield received(entry.at + 0.005, json.dumps({"type": "x.likelihood", "points": points, "lag": 0.01}))
            index += 1


def _value(place: float) -> float:
    """Return the likelihood at a place in a turn, in chunks: certain voice, then a fall to the end at 0.3."""
    if place < 1 or place >= SPOKEN_CHUNKS + 6:
        return 0.0
    return round(1 - max(0.0, place - SPOKEN_CHUNKS - 1) * 0.7 / 5, 4)
