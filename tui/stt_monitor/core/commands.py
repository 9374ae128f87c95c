"""Commands of the screen, and the interface of controllers that carry them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from stt_monitor.core.listed_session import RecordingInfo
    from stt_monitor.core.session_options import Available, ServiceChoice, SourceChoice
    from stt_monitor.core.settings.requested import TurnSettings
    from stt_monitor.core.snapshot import RowKey, Snapshot
    from stt_monitor.core.wire_frame import WireFrame


class Command(msgspec.Struct, frozen=True):
    """A command for a session; without effect where there is none."""


# Any session


class Start(Command, frozen=True):
    """Start a session, or play the saved one; no effect while one is running."""


class Stop(Command, frozen=True):
    """Stop the session in order: send `close`, await the last events. A saved one stops where it is."""


class Mute(Command, frozen=True):
    """Pause a file or mute live audio (sends silence meanwhile), or continue; only for the running session."""

    on: bool


class MarkBaseline(Command, frozen=True):
    """Compare the sessions of this run of the program with this row."""

    row: RowKey


class Play(Command, frozen=True):
    """Play a turn of the session that is shown on the default output, or all from a time on, in place of another."""

    on_problem: Callable[[str], None]
    """Called on another thread with a sentence, if it cannot be played."""
    turn: int | None = None
    """Number of the turn; without one and without a time, the newest finished turn."""
    at: float | None = None
    """Seconds of session."""
    service: str = ""
    """Name of the one of several services whose turn it is; empty: the first."""


class StopPlaying(Command, frozen=True):
    """Stop playing."""


# Live sessions


class RetryNow(Command, frozen=True):
    """Retry to connect at once; no effect when no retry is pending."""

    service: str = ""
    """Name of one of several services; empty: all of them."""


class Tune(Command, frozen=True):
    """Use these turn settings, in the running session and in those that follow.

    Settings left out are the service's defaults. Refused where `Schema.problem` finds one.
    """

    settings: TurnSettings
    service: str = ""
    """Name of one of several services; empty: the first."""


class ChooseInput(Command, frozen=True):
    """Switch to another input: stops a running session in order and starts the next."""

    choice: SourceChoice


class ChooseService(Command, frozen=True):
    """Switch to another service: stops a running session in order and starts the next."""

    choice: ServiceChoice
    service: str = ""
    """Name of one of several services; empty: the first."""


class FindOptions(Command, frozen=True):
    """Find the available inputs and services; calls `on_found` on the sessions' thread after a moment."""

    on_found: Callable[[Available], None]


# Saved sessions


class Speed(Command, frozen=True):
    """Play faster by this many steps; slower when negative."""

    by: int


class Step(Command, frozen=True):
    """Pause, and step to the service's next event (1) or to the previous one (-1)."""

    by: int


class Seek(Command, frozen=True):
    """Seek forward by seconds; backward when negative."""

    by: float


class SeekTo(Command, frozen=True):
    """Seek to a time, seconds of session."""

    at: float


class SeekTurn(Command, frozen=True):
    """Seek to the start of the next turn (1), or of the current or previous one (-1)."""

    by: int


class FindRecordings(Command, frozen=True):
    """Find saved sessions, newest first; calls `on_found` on another thread."""

    on_found: Callable[[tuple[RecordingInfo, ...]], None]


class CompareRecordings(Command, frozen=True):
    """Compare saved sessions, by their folders: the first is the baseline, and the last is played to its end."""

    folders: tuple[str, ...]


class OpenRecording(Command, frozen=True):
    """Play a saved session, by its folder; stops a running one in order."""

    name: str
    at_end: bool = False
    """Show all of it at once; playing begins at its beginning then."""
    as_typed: bool = False
    """`name` is what the user typed: a path, a name, or the beginning of one."""


class WriteReport(Command, frozen=True):
    """Write a report on the session that is shown, beside it; of a running one on what is there so far."""

    on_written: Callable[[str, bool], None]
    """Called on another thread with its path, and whether a browser opened it."""
    on_problem: Callable[[str], None]
    """Called on another thread with a sentence, if it cannot be written."""
    open_it: bool = True
    """Whether to open it, where there is a desktop."""


class WriteExport(Command, frozen=True):
    """Write the turns of the session that is shown for other programs, into the working directory."""

    form: str
    """Name of the format."""
    service: str
    """Name of the one of several services; empty: the first."""
    on_written: Callable[[str, bool], None]
    """As in `WriteReport`."""
    on_problem: Callable[[str], None]


class ReturnToLive(Command, frozen=True):
    """Return to live sessions, and start one."""


NOT_SAVED = "this is a live session: step, seek and speed work in a replay only"
"""Error of a live session for commands of saved ones."""

NOT_LIVE = "this is a replay: its settings, input and service cannot be changed"
"""Error of a saved session for commands of live ones."""


ShowFrame = Callable[["WireFrame | None"], None]
"""Takes the frames of what is shown; None: from here on something else is."""


class Controller(Protocol):
    """Runs sessions on a thread of its own. Methods return at once and may be called from any thread.

    Errors are in `Snapshot.error`.
    """

    def subscribe(self, on_snapshot: Callable[[Snapshot], None], *, on_frame: ShowFrame | None = None) -> None:
        """Call back with snapshots and frames on the sessions' thread. Callbacks must not block.

        Args:
            on_snapshot: called at every event and 20 times a second.
            on_frame: called with every websocket frame, in or out, and with None before those of another session.
        """

    def send(self, command: Command) -> None:
        """Carry out a command."""

    @property
    def service(self) -> str:
        """Name of the service of the next session."""

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services of the next session, in their order: several are side by side."""

    @property
    def model(self) -> str:
        """Model that the next session asks for."""

    @property
    def settings(self) -> TurnSettings:
        """The turn settings of the next session."""

    @property
    def running(self) -> bool:
        """Whether a session is running, from `Start` until its last snapshot."""

    @property
    def has_live(self) -> bool:
        """Whether there are live sessions to return to."""
