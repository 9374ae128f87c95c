"""Sessions on a thread and event loop of their own: a stuck terminal delays the screen alone (architecture.md 2)."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final, NamedTuple

from stt_monitor.core.commands import Command, Start, Stop
from stt_monitor.system.error_log import log_loop_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.settings.requested import TurnSettings
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.core.wire_frame import WireFrame
    from stt_monitor.session.factory import SessionFactory
    from stt_monitor.session.outcome import Outcome
    from stt_monitor.session.runner import SessionRunner

CLOSE_TIMEOUT_S: Final = 4.0
"""Longest wait for the last session when the program ends; the session itself takes two seconds at most."""


class _Begun(NamedTuple):
    """The thread, what runs there, and in which loop."""

    runner: SessionRunner
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread


class SessionThread:
    """Runs sessions on command. Methods return at once and may be called from any thread."""

    def __init__(
        self, factory: SessionFactory, new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        """Prepare; a run has a session for each of the factory's sounds, one after another.

        The thread begins with the first command or subscription: the first paint waits for nothing of it.

        Args:
            factory: makes the sessions.
            new_loop: makes the thread's event loop, which goes by the clock of the sessions.
        """
        self._factory = factory
        self._new_loop = new_loop
        self._lock = threading.Lock()
        self._begun: _Begun | None = None

    @property
    def running(self) -> bool:
        """Whether a run is going on, from `Start` until its last snapshot."""
        return self._begun is not None and self._begun.runner.running

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
        on_snapshot: Callable[[Snapshot], None] | None = None,
        *,
        on_record: Callable[[Record], None] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_frame: Callable[[WireFrame], None] | None = None,
    ) -> None:
        """Pass snapshots, records, outcomes and websocket frames to callbacks, on the sessions' thread.

        Callbacks must not block. Frames are passed on from the next session on. Every session has an outcome; the last
        one of a run has the worst exit code of all.
        """
        runner = self._begin().runner
        runner.on_snapshot = on_snapshot or runner.on_snapshot
        runner.on_record = on_record or runner.on_record
        runner.on_outcome = on_outcome or runner.on_outcome
        runner.on_frame = on_frame or runner.on_frame

    def send(self, command: Command) -> None:
        """Carry out a command on the sessions' thread; a snapshot says what cannot be done."""
        runner, loop, _ = self._begin()
        if isinstance(command, Start):
            runner.running = True  # at once: the caller may ask
        loop.call_soon_threadsafe(runner.send, command)

    def close(self) -> None:
        """End the session and the thread; waits for both, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        if self._begun is None or not self._begun.thread.is_alive():
            return
        self.send(Stop())
        runner, loop, thread = self._begun
        loop.call_soon_threadsafe(runner.when_over, loop.stop)
        thread.join(CLOSE_TIMEOUT_S)

    def _begin(self) -> _Begun:
        """Return the thread and what runs there; begin it at first."""
        with self._lock:
            if self._begun is None:
                from stt_monitor.session.runner import SessionRunner  # not before the first paint

                runner, loop = SessionRunner(self._factory), self._new_loop()
                thread = threading.Thread(target=_serve, args=(runner, loop), name="sessions", daemon=True)
                thread.start()
                self._begun = _Begun(runner, loop, thread)
            return self._begun


def _serve(runner: SessionRunner, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(log_loop_error)
    loop.run_forever()
    loop.run_until_complete(runner.stop_searching())
    loop.close()
