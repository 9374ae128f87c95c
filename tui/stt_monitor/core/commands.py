"""Commands that a screen sends to whoever runs the sessions, and the interface that takes them."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from stt_monitor.core.session_options import Available, RecordingInfo, ServiceChoice, SourceChoice
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame


class Command(msgspec.Struct, frozen=True):
    """Something to be done to a session; without effect where there is nothing to do it to."""


# Any session


class Start(Command, frozen=True):
    """Start a session, or play the saved one; without effect while one is running."""


class Stop(Command, frozen=True):
    """End the session in order: `close` is sent, the last events awaited. A saved one stops where it is."""


class Mute(Command, frozen=True):
    """Pause a file, mute live audio (silence is sent meanwhile), or go on; the running session's only."""

    on: bool


# Live sessions


class RetryNow(Command, frozen=True):
    """Make the next attempt to connect at once; without effect when none is waited for."""


class Tune(Command, frozen=True):
    """Use these turn settings, in a running session and in those that follow.

    What is None is left to the service. Settings that `TurnSettings.problem` objects to are refused.
    """

    settings: TurnSettings


class ChooseInput(Command, frozen=True):
    """Switch to another input: a running session is ended in order, and another begins by itself."""

    choice: SourceChoice


class ChooseService(Command, frozen=True):
    """Switch to another service: a running session is ended in order, and another begins by itself."""

    choice: ServiceChoice


class FindOptions(Command, frozen=True):
    """Look for what can be chosen, which takes a moment; `on_found` is called on the sessions' thread."""

    on_found: Callable[[Available], None]


# Saved sessions


class Speed(Command, frozen=True):
    """Play so many steps faster; slower when negative."""

    by: int


class Step(Command, frozen=True):
    """Pause, and go to the service's next event (1), or to the previous one (-1)."""

    by: int


class Seek(Command, frozen=True):
    """Go so many seconds forwards; backwards when negative."""

    by: float


class SeekTurn(Command, frozen=True):
    """Go to the beginning of the next turn (1), or of the present or previous one (-1)."""

    by: int


class FindRecordings(Command, frozen=True):
    """Look for saved sessions, the newest first; `on_found` is called on another thread."""

    on_found: Callable[[tuple[RecordingInfo, ...]], None]


class OpenRecording(Command, frozen=True):
    """Play a saved session, by its name or path; a running one is ended in order."""

    name: str


class ReturnToLive(Command, frozen=True):
    """Go back to live sessions, and start one."""


NOT_SAVED = "this is a live session: only a saved one can be stepped through, or played faster or slower"
"""What a live session answers to commands for saved ones."""

NOT_LIVE = "this is a recording: what was heard, asked for and answered cannot be changed any more"
"""What a saved session answers to commands for live ones."""


class Controller(Protocol):
    """Runs sessions on a thread of its own. Methods return at once and may be called from any thread.

    What cannot be done is said in `Snapshot.error`.
    """

    def subscribe(
        self, on_snapshot: Callable[[Snapshot], None], *, on_frame: Callable[[WireFrame], None] | None = None
    ) -> None:
        """Have snapshots and frames handed to callbacks, on the sessions' thread. They must not block.

        Args:
            on_snapshot: gets a snapshot at every event and 20 times a second.
            on_frame: gets every frame of the websocket, in or out.
        """

    def send(self, command: Command) -> None:
        """Carry out a command."""

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next session will ask for."""

    @property
    def running(self) -> bool:
        """Whether a session is running, from `Start` until its last snapshot."""

    @property
    def has_live(self) -> bool:
        """Whether there are live sessions to go back to from a saved one."""
