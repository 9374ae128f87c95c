"""What it costs to judge an hour of a saved session again. Run from the root of the repository:

python -m tests.benchmarks.what_if
"""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.kept import keep_journal
from tests.support.long_session import CHUNK_S, SPOKEN_CHUNKS, TURN_CHUNKS, long_session

from stt_monitor.core.journal import Entry, Sent, received
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.outcome import rejudge
from stt_monitor.core.what_if.session import what_if
from stt_monitor.core.what_if.wording import in_words
from stt_monitor.recording.replay import fold
from stt_monitor.services.registry import schema_of

HOUR_TURNS = round(3600 / (TURN_CHUNKS * CHUNK_S))
POINTS = 3
"""Of the likelihood in a chunk."""
SETTINGS = TurnSettings(end_threshold=0.45)


def main() -> None:
    """Judge an hour again: from the disk, from memory, and as a cell of a sweep."""
    with tempfile.TemporaryDirectory() as place:
        recording = keep_journal(Path(place) / "hour", traced(HOUR_TURNS))
        began = time.process_time()
        snapshot = fold(recording, whole_likelihood=True).snapshot
        read = time.process_time()
        evidence = Evidence(snapshot, schema_of(snapshot.session))
        prepared = time.process_time()
        found = what_if(evidence, SETTINGS)
        judged = time.process_time()
        told = list(rejudge(snapshot, evidence, [SETTINGS]))
        rejudged = time.process_time()
    print(f"an hour, {len(found.turns)} turns, {len(snapshot.likelihood)} points: {in_words(found)}")
    print(
        f"processor: reading {read - began:.2f} s, preparing {prepared - read:.2f} s,"
        f" judging {judged - prepared:.2f} s:"
        f" {judged - began:.2f} s in all; each further setting of a sweep {rejudged - judged:.2f} s"
        f" ({len(told[0].outcome.turns)} true turns)"
    )


def traced(turns: int) -> Iterator[Entry]:
    """Give the entries of a long session with the likelihood that explains it."""
    index = 0
    for entry in long_session(turns):
        yield entry
        if isinstance(entry, Sent):
            place = index % TURN_CHUNKS
            points = [
                (round(entry.chunk.position + (step + 1) * CHUNK_S / POINTS, 4), value(place + step / POINTS))
                for step in range(POINTS)
            ]
            yield received(entry.at + 0.005, json.dumps({"type": "x.likelihood", "points": points, "lag": 0.01}))
            index += 1


def value(place: float) -> float:
    """Return the likelihood at a place in a turn, in chunks: certain voice, then a fall to the end at 0.3."""
    if place < 1 or place >= SPOKEN_CHUNKS + 6:
        return 0.0
    return round(1 - max(0.0, place - SPOKEN_CHUNKS - 1) * 0.7 / 5, 4)


if __name__ == "__main__":
    main()
