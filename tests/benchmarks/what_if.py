"""What it costs to judge an hour of a saved session again. Run from the root of the repository:

python -m tests.benchmarks.what_if
"""

import tempfile
import time
from pathlib import Path

from tests.support.kept import keep_journal
from tests.support.long_session import CHUNK_S, TURN_CHUNKS
from tests.support.traced import traced

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.outcome import rejudge
from stt_monitor.core.what_if.session import what_if
from stt_monitor.core.what_if.wording import in_words
from stt_monitor.recording.replay import fold
from stt_monitor.services.registry import schema_of

HOUR_TURNS = round(3600 / (TURN_CHUNKS * CHUNK_S))
SETTINGS = TurnSettings(end_threshold=0.45)


def main() -> None:
    """Judge an hour again: from the disk, from memory, and as a cell of a sweep."""
    with tempfile.TemporaryDirectory() as place:
        recording = keep_journal(Path(place) / "hour", traced(HOUR_TURNS))
        began = time.process_time()
        snapshot = fold(recording, whole_likelihood=True).snapshot
        read = time.process_time()
        evidence = Evidence.of(snapshot, schema_of(snapshot.session))
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


if __name__ == "__main__":
    main()
