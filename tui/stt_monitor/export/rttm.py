"""Turns as Rich Transcription Time Marked: who speaks when, for tools that score it (NIST RT-09, appendix A)."""

import re
from collections.abc import Iterator
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.tiers import turn_tier

SPEAKER: Final = "user"
"""The speaker of all turns: there is no diarization."""


def rttm(snapshot: Snapshot) -> Iterator[str]:
    """Yield a line for each turn of the service, from its `turn.start` to its `turn.end`."""
    # Blanks separate fields, so a name has none.
    name = re.sub(r"\s+", "_", clean(snapshot.session.source)) or "<NA>"
    for turn in turn_tier(snapshot.finished):
        place = f"{turn.start / 1000:.3f} {(turn.end - turn.start) / 1000:.3f}"
        yield f"SPEAKER {name} 1 {place} <NA> <NA> {SPEAKER} <NA> <NA>\n"
