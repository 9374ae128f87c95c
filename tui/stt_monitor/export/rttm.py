"""Turns as Rich Transcription Time Marked: who speaks when, for tools that score it (NIST RT-09, appendix A)."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.tiers import turn_tier

SPEAKER: Final = "user"
"""The speaker of all turns: there is no diarization. Of services side by side each has its own name there."""


def rttm(snapshot: Snapshot) -> Iterator[str]:
    """Yield a line for each turn of the service, from its `turn.start` to its `turn.end`."""
    return _lines(snapshot, SPEAKER)


def rttm_side_by_side(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    """Yield the same of several services, one after another."""
    return chain.from_iterable(_lines(snapshot, service) for service, snapshot in lanes.items())


def _lines(snapshot: Snapshot, speaker: str) -> Iterator[str]:
    # Blanks separate fields, so a name has none.
    name = re.sub(r"\s+", "_", clean(snapshot.session.source)) or "<NA>"
    for turn in turn_tier(snapshot.finished):
        place = f"{turn.start / 1000:.3f} {(turn.end - turn.start) / 1000:.3f}"
        yield f"SPEAKER {name} 1 {place} <NA> <NA> {speaker} <NA> <NA>\n"
