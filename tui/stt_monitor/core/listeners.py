"""Who is told what happens in a session."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from stt_monitor.core.finished_turn import FinishedTurn
    from stt_monitor.core.journal import Entry
    from stt_monitor.core.metrics.session_result import SessionResult
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.records.session import RecordingState
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.core.wire_frame import WireFrame


def ignore(_: object) -> None:
    """Do nothing."""


class Observer(Protocol):
    """Observes a session to record it. Called in the session's event loop: must return at once."""

    def on_entry(self, entry: "Entry") -> None:
        """Observe an entry, before the monitor applies it; called for all of them, in order."""

    def on_result(self, result: "SessionResult") -> None:
        """Observe what the session came to; called once, after the last entry."""

    @property
    def state(self) -> "RecordingState | None":
        """State of the recording; None without one."""

    def close(self) -> None:
        """Finish. The only call that may block, for a few seconds: run it on a thread."""

    def on_audio(self, position: int, data: bytes) -> None:
        """Observe audio that was sent: whole samples, the first at `position` (in samples of the session)."""


class Listeners(msgspec.Struct, frozen=True):
    """Listeners of a session, called in its event loop; they must return at once."""

    on_record: Callable[["Record"], None]
    """Called with every record, in order."""
    on_snapshot: Callable[["Snapshot"], None]
    """Called with a snapshot at every event and 20 times a second."""
    on_frame: Callable[["WireFrame"], None] | None = None
    """Called with every websocket frame, in or out."""
    observer: Observer | None = None
    """Observes the journal and the audio."""
    on_final: Callable[["FinishedTurn"], object] | None = None
    """Called with each turn once its metrics are final, in order, before its record."""
