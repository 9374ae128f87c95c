"""What the screen can ask of whoever runs the sessions."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from stt_monitor.core.session_options import Available, RecordingInfo, ServiceChoice, SourceChoice
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame


class Controller(Protocol):
    """Runs sessions on a thread of its own. All methods return at once and may be called from the screen's thread.

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

    def start(self) -> None:
        """Start a session; without effect while one is running."""

    def stop(self) -> None:
        """End the session in order (`close` is sent, the last events awaited); without effect when none is running."""

    def retry_now(self) -> None:
        """Make the next attempt to connect at once; without effect when none is waited for."""

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause a file or mute what is live (silence goes on being sent), or go on; the running session's only."""

    def configure(self, turn: TurnSettings) -> None:
        """Have these turn settings from now on, in a running session and in those that follow.

        What is None is left to the service. Settings that `TurnSettings.problem` objects to are refused.
        """

    def choose_source(self, choice: SourceChoice) -> None:
        """Hear something else: a running session is ended in order, and another begins by itself."""

    def choose_service(self, choice: ServiceChoice) -> None:
        """Use another service: a running session is ended in order, and another begins by itself."""

    def offers(self, on_offers: Callable[[Available], None]) -> None:
        """Look for what can be chosen, which takes a moment; `on_offers` is called on the sessions' thread."""

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next session will ask for."""

    @property
    def running(self) -> bool:
        """Whether a session is running, from `start` until its last snapshot."""


@runtime_checkable
class Player(Controller, Protocol):
    """Shows a recorded session again: `set_quiet` pauses it, `Snapshot.playback` says how it is being played."""

    def set_speed(self, by: int) -> None:
        """Play some steps faster, or slower when it is negative."""

    def step(self, by: int) -> None:
        """Pause, and go to the next event of the service (1), or to the one before (-1)."""

    def seek(self, by: float) -> None:
        """Go so many seconds forwards; backwards when it is negative."""

    def seek_turn(self, by: int) -> None:
        """Go to the beginning of the next turn (1), or of the present one or the one before (-1)."""


@runtime_checkable
class Library(Controller, Protocol):
    """Can put recorded sessions in the place of live ones."""

    @property
    def has_live(self) -> bool:
        """Whether there are live sessions to go back to."""

    def kept(self, on_kept: Callable[[tuple[RecordingInfo, ...]], None]) -> None:
        """Look for sessions that were kept, the newest first; `on_kept` is called on another thread."""

    def open_kept(self, name: str) -> None:
        """Play a session that was kept, by its name or path; a running one is ended in order."""

    def close_kept(self) -> None:
        """Go back to live sessions, and start one."""
