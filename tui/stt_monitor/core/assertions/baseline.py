"""A baseline: what pairs need of sessions, small enough to commit to a repository. It has no text of anybody. Pure."""

from typing import Final

import msgspec

from stt_monitor import __version__
from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.heard import Heard

FORM: Final = 1
"""Version of the file: raised when older programs cannot read it any more."""


class BaselineSession(msgspec.Struct, frozen=True):
    """A session of a baseline. Places are seconds of the file."""

    service: str
    """Name of its service."""
    local: bool
    """Whether it was the local server that spoke for it."""
    model: str
    settings: TurnSettings
    heard: Heard
    """Its audio, reference speech and turns."""
    cutoffs: tuple[float, ...]
    """Where turns ended that were cut off."""
    turns: int
    slow: int
    """Turns that machine or line slowed."""
    server_lag_max: float | None = None
    """The greatest lag of the local server, seconds."""

    @property
    def mostly_slow(self) -> bool:
        """Whether most turns are slow."""
        return 2 * self.slow > self.turns


class Baseline(msgspec.Struct, frozen=True):
    """The sessions that others are compared with; fields may be added, never renamed."""

    sessions: tuple[BaselineSession, ...]
    form: int = FORM
    made_by: str = f"stt-monitor {__version__}"


def baseline_session(snapshot: Snapshot, service: str) -> BaselineSession:
    """Return what a baseline has of a session.

    Args:
        snapshot: the last one of it.
        service: name of its service.
    """
    session = snapshot.session
    return BaselineSession(
        service=service,
        local=bool(session.server),
        model=session.model,
        settings=session.settings.turn,
        heard=heard_of(snapshot),
        cutoffs=tuple(
            round(each.end_in_file or each.end_position, 3)
            for each in snapshot.finished
            if each.metrics.false_cutoff and not each.metrics.slow
        ),
        turns=snapshot.counts.turns,
        slow=snapshot.counts.slow,
        server_lag_max=snapshot.health.server_lag_max,
    )
