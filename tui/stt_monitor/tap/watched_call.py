"""The session of a call that is watched, as something that a screen can show: its agent alone runs it."""

import threading
from collections.abc import Callable

from stt_monitor.core.commands import Command, Start, Stop
from stt_monitor.core.listeners import ignore
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services import registry


class WatchedCall:
    """Passes on what the session of the chosen call shows. Methods return at once, on any thread."""

    def __init__(self) -> None:
        self.call: int | None = None
        """Number of the chosen call; None before one is."""
        self.shown: int | None = None
        """The same, while it is on the screen."""
        self.running = False
        """Whether it is on the screen, and still runs."""
        self._showing = threading.Lock()
        """Held while something is passed on: nothing of one call comes once another one is chosen."""
        self._service = registry.NAMES[0]
        self._on_snapshot: Callable[[Snapshot], None] = ignore
        self._on_frame: Callable[[WireFrame], None] = ignore

    def choose(self, call: int, service: str) -> None:
        """Choose a call; `Start` shows it."""
        with self._showing:
            self.call, self.shown, self._service = call, None, service

    def show_session(self, call: int, snapshot: Snapshot) -> None:
        """Pass on a snapshot, if it is of the call that is on the screen."""
        with self._showing:
            if call == self.shown:
                self.running = snapshot.running
                self._on_snapshot(snapshot)

    def show_frame(self, call: int, frame: WireFrame) -> None:
        """Pass on a message, if it is of the call that is on the screen."""
        with self._showing:
            if call == self.shown:
                self._on_frame(frame)

    # As a controller

    def subscribe(
        self, on_snapshot: Callable[[Snapshot], None], *, on_frame: Callable[[WireFrame], None] | None = None
    ) -> None:
        """Call back with snapshots and messages of the chosen call, on the thread of the calls."""
        self._on_snapshot, self._on_frame = on_snapshot, on_frame or ignore

    def send(self, command: Command) -> None:
        """Show the chosen call, or no longer. There is nothing else to command: the call is its agent's."""
        if isinstance(command, Start):
            self.shown = self.call
        elif isinstance(command, Stop):
            self.shown, self.running = None, False

    @property
    def service(self) -> str:
        """Name of its service."""
        return self._service

    @property
    def services(self) -> tuple[str, ...]:
        """The same."""
        return (self._service,)

    @property
    def model(self) -> str:
        """The service's own: what the agent asked for stands in its session."""
        return registry.service(self._service).model

    @property
    def settings(self) -> TurnSettings:
        """None: the agent sets them."""
        return TurnSettings()

    @property
    def has_live(self) -> bool:
        """Whether there is a call to return to."""
        return self.call is not None
