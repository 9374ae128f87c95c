"""A tap for a screen: the list of its calls, and the session of the one that is opened."""

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.core.commands import Command, FindRecordings, OpenRecording, ReturnToLive, ShowFrame, Stop
from stt_monitor.core.listeners import ignore
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.recording.paths import default_directory
from stt_monitor.session.switching import SwitchingController
from stt_monitor.system.clock import Instant
from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.sessions.meter import Meter
from stt_monitor.tap.sessions.watching import Watching
from stt_monitor.tap.watched_call import WatchedCall

REDACTED = "--redact shows figures alone: a call cannot be opened"
NOT_KEPT = "there is nothing to open: the session of this call was not saved"
NOTHING = "there is nothing to open: this call is not measured"


class CallsController:
    """Watches the calls of a tap inside its `with` block. Methods return at once and may be called from any thread.

    Args:
        process: the tap, running.
        began: when it began, by the monotonic clock and on the wall.
        keeping: how calls are saved.
        head: what is always true of it.
        meter: counts over all calls; None: nobody does.
    """

    def __init__(
        self,
        process: TapProcess,
        began: Instant,
        keeping: Keeping,
        head: TapHead,
        meter: Meter | None = None,
    ) -> None:
        self.head = head
        """What is always true of the tap."""
        self.error: BaseException | None = None
        """What ended the tap, if it was not asked to end."""
        self._process = process
        self._call = WatchedCall()
        self._sessions = SwitchingController(self._call, keeping.directory or default_directory())
        self._watching = Watching(process, began, keeping, meter, self)
        self._on_state: Callable[[CallsState], None] = ignore
        self._on_end: Callable[[], object] = lambda: None
        self._reading = threading.Thread(target=self._read, name="call-records", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._watching.__enter__()
        self._reading.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop the tap; its sessions are saved by then, unless the disk hangs. Idempotent."""
        with closing(self._sessions):
            self._watching.__exit__()

    def watch(self, on_state: Callable[[CallsState], None], on_end: Callable[[], object]) -> None:
        """Call back with the list of calls, a few times a second, and at the end of the tap, on other threads.

        Callbacks must not block.
        """
        self._on_state, self._on_end = on_state, on_end
        if not self._reading.is_alive():
            on_end()

    def open(self, call: CallState) -> str:
        """Open the session of a call: live while it goes on, saved once it is over; else return why it cannot be."""
        if self.head.redact:
            return REDACTED
        if call.is_heard:
            self._call.choose(call.call, call.service)
            self._sessions.send(ReturnToLive())
            return ""
        if call.folder and Path(call.folder).exists():
            self._sessions.send(OpenRecording(call.folder, at_end=True))
            return ""
        return NOT_KEPT if call.turns or call.folder else call.problem or NOTHING

    def stop(self) -> None:
        """End all calls, and what is shown of one; returns at once."""
        self._process.stop()
        self._sessions.send(Stop())

    @property
    def state(self) -> CallsState:
        """The calls as they were a moment ago."""
        return self._watching.state

    # As a viewer

    @property
    def shown(self) -> int | None:
        """Number of the call that is on the screen."""
        return self._call.shown

    def show_calls(self, state: CallsState) -> None:
        """Pass on the list."""
        self._on_state(state)

    def show_session(self, call: int, snapshot: Snapshot) -> None:
        """Pass on a snapshot."""
        self._call.show_session(call, snapshot)

    def show_frame(self, call: int, frame: WireFrame) -> None:
        """Pass on a message."""
        self._call.show_frame(call, frame)

    # As a controller

    @property
    def running(self) -> bool:
        """Whether sessions of calls are not over, or not saved."""
        return self._watching.running

    @property
    def service(self) -> str:
        """Name of the service of the session that is shown."""
        return self._sessions.service

    @property
    def services(self) -> tuple[str, ...]:
        """The same."""
        return self._sessions.services

    @property
    def model(self) -> str:
        """Its model."""
        return self._sessions.model

    @property
    def settings(self) -> TurnSettings:
        """Settings that are not the agent's: none."""
        return self._sessions.settings

    @property
    def has_live(self) -> bool:
        """Whether a call was chosen to which one can return."""
        return self._call.has_live

    def subscribe(self, on_snapshot: Callable[[Snapshot], None], *, on_frame: ShowFrame | None = None) -> None:
        """Call back with snapshots and messages of the session that is shown."""
        self._sessions.subscribe(on_snapshot, on_frame=on_frame)

    def send(self, command: Command) -> None:
        """Carry out a command for the session that is shown; `Stop` is not for calls."""
        if self._sessions.has_saved or self.has_live or isinstance(command, (FindRecordings, OpenRecording)):
            self._sessions.send(command)

    def _read(self) -> None:
        """Take what is told, to learn of the end."""
        try:
            for _ in self._watching.records():
                pass
        except BaseException as error:  # noqa: BLE001  raised again where the tap is run
            self.error = error
        self._on_end()
