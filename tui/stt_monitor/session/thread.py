"""Sessions on a thread and event loop of their own: a stuck terminal delays the screen alone (architecture.md 2)."""

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stt_monitor.core.commands import Command, Start, Stop
from stt_monitor.core.settings import TurnSettings
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.runner import SessionRunner

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.core.wire_frame import WireFrame
    from stt_monitor.session.factory import SessionFactory

CLOSE_TIMEOUT_S: Final = 4.0
"""Longest wait for the last session when the program ends; the session itself takes two seconds at most."""


class SessionThread:
    """Runs sessions on command. Methods return at once and may be called from any thread."""

    def __init__(
        self, factory: "SessionFactory", new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        """Start the thread; a run has a session for each of the factory's sounds, one after another.

        Args:
            factory: makes the sessions.
            new_loop: makes the thread's event loop, which goes by the clock of the sessions.
        """
        self._factory = factory
        self._runner = SessionRunner(factory)
        self._loop = new_loop()
        self._thread = threading.Thread(target=self._serve, name="sessions", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether a run is going on, from `Start` until its last snapshot."""
        return self._runner.running

    @property
    def has_live(self) -> bool:
        """These are live sessions."""
        return True

    @property
    def service(self) -> str:
        """Name of the service that the next session will be about."""
        return self._factory.names[0]

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services that the next session will be about; several: side by side."""
        return self._factory.names

    @property
    def model(self) -> str:
        """Model that the next session will ask for."""
        return self._factory.setup().model

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next session will ask for."""
        return self._factory.setup().settings.turn

    def subscribe(
        self,
        on_snapshot: "Callable[[Snapshot], None] | None" = None,
        *,
        on_record: "Callable[[Record], None] | None" = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_frame: "Callable[[WireFrame], None] | None" = None,
    ) -> None:
        """Pass snapshots, records, outcomes and websocket frames to callbacks, on the sessions' thread.

        Callbacks must not block. Frames are passed on from the next session on. Every session has an outcome; the last
        one of a run has the worst exit code of all.
        """
        runner = self._runner
        runner.on_snapshot = on_snapshot or runner.on_snapshot
        runner.on_record = on_record or runner.on_record
        runner.on_outcome = on_outcome or runner.on_outcome
        runner.on_frame = on_frame or runner.on_frame

    def send(self, command: Command) -> None:
        """Carry out a command on the sessions' thread; a snapshot says what cannot be done."""
        if isinstance(command, Start):
            self._runner.running = True  # at once: the caller may ask
        self._loop.call_soon_threadsafe(self._runner.send, command)

    def close(self) -> None:
        """End the session and the thread; waits for both, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        if not self._thread.is_alive():
            return
        self.send(Stop())
        self._loop.call_soon_threadsafe(self._runner.when_over, self._loop.stop)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.stop_searching())
        self._loop.close()
