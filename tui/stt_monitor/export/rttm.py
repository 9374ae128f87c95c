"""Turns as Rich Transcription Time Marked: who speaks when, for tools that score it (NIST RT-09, appendix A)."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.tiers import Interval, agent_tier, turn_tier

SPEAKER: Final = "user"
"""The speaker of all turns: there is no diarization. Of services side by side each has its own name there."""
AGENT: Final = "agent"
"""The speaker of the other channel, where it is heard."""


def rttm(snapshot: Snapshot) -> Iterator[str]:
    """Yield a line for each turn of the service, from its `turn.start` to its `turn.end`; then the agent's speech."""
    return chain(_lines(snapshot, SPEAKER, turn_tier(snapshot.finished)), _agent(snapshot))


def rttm_side_by_side(lanes: Mapping[str, Snapshot]) -> Iterator[str]:
    """Yield the same of several services, one after another."""
    of_services = (_lines(snapshot, service, turn_tier(snapshot.finished)) for service, snapshot in lanes.items())
    # All hear the same agent.
    return chain(chain.from_iterable(of_services), *map(_agent, list(lanes.values())[:1]))


def _agent(snapshot: Snapshot) -> Iterator[str]:
    return _lines(snapshot, AGENT, agent_tier(snapshot))


def _lines(snapshot: Snapshot, speaker: str, tier: Iterator[Interval]) -> Iterator[str]:
    # Blanks separate fields, so a name has none.
    name = re.sub(r"\s+", "_", clean(snapshot.session.source)) or "<NA>"
    for each in tier:
        place = f"{each.start / 1000:.3f} {(each.end - each.start) / 1000:.3f}"
        yield f"SPEAKER {name} 1 {place} <NA> <NA> {speaker} <NA> <NA>\n"
