"""The services of a session, several side by side or one: their names, and which one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stt_monitor.services.registry import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stt_monitor.core.snapshot import Snapshot


def name_of(lane: Snapshot) -> str:
    """Return the name of a snapshot's service."""
    return service_of(lane.session).name


def names_of(lanes: Sequence[Snapshot]) -> list[str]:
    """Return the names of several services, in their order."""
    return [name_of(lane) for lane in lanes]


def lane_of(whole: Snapshot, service: str) -> Snapshot:
    """Return the snapshot of one service, of the first one if there is no such service; of one alone itself."""
    if not whole.lanes:
        return whole
    lane = next((lane for lane in whole.lanes if name_of(lane) == service), whole.lanes[0])
    return msgspec.structs.replace(lane, playback=whole.playback)


def next_after(whole: Snapshot, service: str) -> str:
    """Return the name of the service after this one; after the last the first."""
    names = names_of(whole.lanes)
    return names[(names.index(service) + 1) % len(names)] if service in names else names[0]
