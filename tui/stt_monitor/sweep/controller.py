"""A sweep for a screen: what its cells say so far, and the sessions of those that are opened."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from stt_monitor.core.commands import Command, FindRecordings, OpenRecording, ShowFrame, Stop
from stt_monitor.core.listeners import ignore
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sweep.result import SweepResult, SweepState
from stt_monitor.services import registry
from stt_monitor.session.switching import SwitchingController
from stt_monitor.sweep.folder import SweepFolder
from stt_monitor.sweep.results import result_of
from stt_monitor.sweep.runner import Listener, SweepEnd, SweepRunner
from stt_monitor.sweep.thread import SweepThread

_COMPOSE_EVERY_S: Final = 1.0
"""Seconds between two results while cells run: making one takes time that sessions need."""


class SweepController:
    """Runs a sweep, and replays the sessions of its cells. Methods return at once and may be called from any thread."""

    def __init__(self, folder: SweepFolder, make: Callable[[Listener], SweepRunner], budget: float | None) -> None:
        """Prepare.

        Args:
            folder: of the sweep.
            make: makes the runner, in the sweep's event loop.
            budget: share of turns that may be cut off, 0 to 1; None: nothing is recommended.
        """
        self.end: SweepEnd | None = None
        """How it ended; None while it runs."""
        self._folder = folder
        self._budget = budget
        self._on_state: Callable[[SweepState], None] = ignore
        self._state: SweepState | None = None
        self._result: SweepResult | None = None
        self._settled = False
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._composing = threading.Thread(target=self._compose, name="sweep result", daemon=True)
        listener = Listener(self._show, lambda _: self._changed.set(), ignore)
        self._sweep = SweepThread(partial(make, listener), self._ended)
        self._replays = SwitchingController(None, folder.path)

    def watch(self, on_state: Callable[[SweepState], None]) -> None:
        """Begin, and call back with states of the sweep, a few times a second. The callback must not block."""
        self._on_state = on_state
        self._changed.set()  # cells of an earlier run
        self._composing.start()
        self._sweep.start()

    def stop(self) -> None:
        """End all sessions in order; the sweep can go on another time."""
        self._sweep.send(Stop())
        self._replays.send(Stop())

    def close(self) -> None:
        """Stop, and wait for the threads. Idempotent."""
        self._sweep.close()
        self._replays.close()
        self._closed.set()
        self._changed.set()
        if self._composing.is_alive():
            self._composing.join()

    @property
    def schema(self) -> Schema:
        """The settings of the sweep's service."""
        return registry.service(self.service).schema_of(self.model)

    @property
    def service(self) -> str:
        """Name of the sweep's service."""
        return self._folder.plan.service

    @property
    def services(self) -> tuple[str, ...]:
        """The same, as of a session."""
        return (self.service,)

    @property
    def model(self) -> str:
        """Model that its sessions ask for."""
        return self._folder.plan.settings.model

    @property
    def settings(self) -> TurnSettings:
        """Settings that all its sessions have."""
        return self._folder.plan.settings.turn

    @property
    def running(self) -> bool:
        """Whether the sweep runs, or a session is replayed."""
        return self._sweep.running or self._replays.running

    @property
    def has_live(self) -> bool:
        """There are no live sessions to return to: they belong to the sweep."""
        return False

    def subscribe(self, on_snapshot: Callable[[Snapshot], None], *, on_frame: ShowFrame | None = None) -> None:
        """Call back with snapshots and frames of the session that is replayed."""
        self._replays.subscribe(on_snapshot, on_frame=on_frame)

    def send(self, command: Command) -> None:
        """Carry out a command for the session that is replayed; without one there are but sessions to open."""
        if self._replays.has_saved or isinstance(command, (FindRecordings, OpenRecording)):
            self._replays.send(command)

    def _show(self, state: SweepState) -> None:
        self._state = state
        self._on_state(msgspec.structs.replace(state, result=self._result, settled=self._settled))

    def _ended(self, end: SweepEnd) -> None:
        self.end = end
        if self._state is not None and end.sentence:
            self._show(msgspec.structs.replace(self._state, note=end.sentence))
        self._changed.set()

    def _compose(self) -> None:
        """Make the result again when a cell is over; with its intervals once no cell runs."""
        while not self._closed.is_set():
            self._changed.wait()
            self._changed.clear()
            over = self.end is not None
            if self._folder.runs:
                self._result = result_of(self._folder, self._budget, resampled=over)
            self._settled = over
            if self._state is not None:
                self._show(self._state)
            if over:
                return
            self._closed.wait(_COMPOSE_EVERY_S)
