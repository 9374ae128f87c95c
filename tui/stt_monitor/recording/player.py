"""Plays a recording to a screen, which need not know: a `Controller` with a clock that can be turned."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from stt_monitor.core.choices import Offers, ServiceChoice, SourceChoice, SourceKind
from stt_monitor.core.errors import InputError
from stt_monitor.core.events import Likelihood
from stt_monitor.core.frames import frame_of
from stt_monitor.core.journal import Entry, Received
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.core.wire import WireFrame
from stt_monitor.recording.replay import begin, completed
from stt_monitor.recording.store import Recording

TICK_S: Final = 0.05
"""Between two snapshots, of which there are more when there are events."""

BATCH: Final = 500
"""Entries that are taken in one go, at most: some milliseconds."""

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, math.inf)

_NEARBY_S: Final = 0.5
"""Who goes back within this time of a turn's beginning means the turn before."""

_CANNOT: Final = "this is a recording: what was heard, asked for and answered cannot be changed any more"


class Player:
    """Tells a recorded session at any speed, forwards and backwards: backwards is from the beginning, but fast.

    Methods return at once and may be called from any thread. The records are the same at any speed; the recording is
    read bit by bit, never held in memory as a whole.
    """

    def __init__(self, recording: Recording, *, speed: float = 1.0, paused: bool = False) -> None:
        """Start the thread; nothing is played before `start`.

        Args:
            recording: as it was opened.
            speed: seconds of session in a second; infinite for as fast as can be.
            paused: wait at the beginning, to be stepped through.
        """
        self._recording = recording
        self._speed = speed
        self._paused = paused
        self._on_snapshot: Callable[[Snapshot], None] = _ignore
        self._on_frame: Callable[[WireFrame], None] | None = None
        self._running = False
        self._position = 0.0  # seconds of session
        self._since = 0.0  # when it was there, `time.monotonic`
        self._error = ""
        self._rewind()
        self._commands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="player", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is being played, or paused, and not at its end."""
        return self._running

    @property
    def settings(self) -> TurnSettings:
        """Nothing is asked of any service."""
        return TurnSettings()

    def subscribe(
        self, on_snapshot: Callable[[Snapshot], None], *, on_frame: Callable[[WireFrame], None] | None = None
    ) -> None:
        """Have snapshots, and frames as far as the journal tells them, handed to callbacks, on the player's thread."""
        self._on_snapshot, self._on_frame = on_snapshot, on_frame

    def start(self) -> None:
        """Play; from the beginning, when the end was reached. Without effect while it plays."""
        if not self._running:
            self._running = True
            self._commands.put(self._start)

    def stop(self) -> None:
        """Stop where it is."""
        self._commands.put(self._stop)

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause, or go on."""
        self._commands.put(partial(self._pause, paused=quiet))

    def set_speed(self, by: int) -> None:
        """Play so many steps of `SPEEDS` faster; slower when it is negative."""
        self._commands.put(partial(self._change_speed, by))

    def step(self, by: int) -> None:
        """Pause, and go to the next event of the service (1), or to the one before (-1)."""
        self._commands.put(partial(self._step, by))

    def seek(self, by: float) -> None:
        """Go so many seconds forwards; backwards when it is negative."""
        self._commands.put(partial(self._seek, by))

    def seek_turn(self, by: int) -> None:
        """Go to the beginning of the next turn (1), or of the present one or the one before (-1)."""
        self._commands.put(partial(self._seek_turn, by))

    def retry_now(self) -> None:
        """Nothing waits for a connection here."""

    def configure(self, turn: TurnSettings) -> None:  # noqa: ARG002  the controller's signature
        """Say that it cannot be done."""
        self._commands.put(self._refuse)

    def choose_source(self, choice: SourceChoice) -> None:  # noqa: ARG002
        """Say that it cannot be done."""
        self._commands.put(self._refuse)

    def choose_service(self, choice: ServiceChoice) -> None:  # noqa: ARG002
        """Say that it cannot be done."""
        self._commands.put(self._refuse)

    def offers(self, on_offers: Callable[[Offers], None]) -> None:
        """Nothing can be chosen."""
        self._commands.put(partial(on_offers, Offers((), _CANNOT, (), vendor_key_set=False)))

    def close(self) -> None:
        """End the thread."""
        self._commands.put(None)
        self._thread.join(1.0)

    # On the player's thread

    def _serve(self) -> None:
        while True:
            try:
                command = self._commands.get(timeout=self._pause_until_next())
            except Empty:
                command = self._advance
            if command is None:
                return
            try:
                command()
            except InputError as error:  # the recording is damaged further on
                self._running, self._error = False, str(error)
                self._show()

    def _pause_until_next(self) -> float | None:
        """Return how long nothing has to be done unless a command comes, in seconds; None for good."""
        if not self._running or self._paused or self._next is None:
            return None
        if self._speed == math.inf:
            return 0.0
        return min(TICK_S, max(0.0, (self._next.at - self._present()) / self._speed))

    def _present(self) -> float:
        """Return the session time that it is now."""
        return self._position + (time.monotonic() - self._since) * self._speed

    def _anchor(self, position: float) -> None:
        self._position, self._since = position, time.monotonic()

    def _rewind(self) -> None:
        self._entries: Iterator[Entry] = completed(self._recording.entries())
        self._monitor: Monitor = begin(next(self._entries))
        self._next: Entry | None = next(self._entries, None)
        self._events = 0
        self._anchor(0.0)

    def _take(self) -> Entry:
        """Take the next entry; there is one."""
        entry = self._next
        assert entry is not None
        self._monitor.take(entry)
        if _is_event(entry, self._monitor):
            self._events += 1
        self._next = next(self._entries, None)
        return entry

    def _show_frame(self, entry: Entry) -> None:
        if self._on_frame is None:
            return
        sent_as = self._recording.sent_as  # loads numpy: after the first paint
        frame = frame_of(entry, sent_as.bytes_per_second)
        if frame is not None:
            self._on_frame(frame)

    def _advance(self) -> None:
        """Take what is due, and show it."""
        present = self._present() if self._speed < math.inf else math.inf
        last = self._position
        for _ in range(BATCH):
            if self._next is None or self._next.at > present:
                break
            entry = self._take()
            last = max(last, entry.at)
            self._show_frame(entry)
        if self._next is None:
            self._running = False
            present = last
        elif self._next.at <= present:  # there is more due than fits into one go
            present = last
        self._anchor(max(present, self._position))
        self._show()

    def _go_to(self, position: float) -> None:
        if position < self._position:
            self._rewind()
        while self._next is not None and self._next.at <= position:
            self._take()
        self._arrive(max(0.0, position))

    def _go_to_event(self, number: int) -> None:
        if number < self._events:
            self._rewind()
        last = self._position
        while self._next is not None and self._events < number:
            entry = self._take()
            last = max(last, entry.at)
            self._show_frame(entry)
        self._arrive(last)

    def _arrive(self, position: float) -> None:
        self._running = self._next is not None
        self._anchor(position)
        self._show()

    def _start(self) -> None:
        if self._next is None:
            self._rewind()
        self._error = ""
        self._anchor(self._position)
        self._show()

    def _stop(self) -> None:
        if self._running:
            self._running = False
            self._show()

    def _pause(self, *, paused: bool) -> None:
        self._anchor(self._position if self._paused or self._speed == math.inf else self._present())
        self._paused = paused
        self._show()

    def _change_speed(self, by: int) -> None:
        if not self._paused and self._speed < math.inf:
            self._anchor(self._present())
        nearest = min(range(len(SPEEDS)), key=lambda index: _far(SPEEDS[index], self._speed))
        self._speed = SPEEDS[min(max(nearest + by, 0), len(SPEEDS) - 1)]
        self._anchor(self._position)
        self._show()

    def _step(self, by: int) -> None:
        self._paused = True
        self._go_to_event(max(0, self._events + by))

    def _seek(self, by: float) -> None:
        self._go_to(max(0.0, self._position + by))

    def _seek_turn(self, by: int) -> None:
        if by > 0:
            before = self._turns_begun()
            last = self._position
            while self._next is not None and self._turns_begun() == before:
                last = max(last, self._take().at)
            self._arrive(last)
        else:
            starts = [finished.turn.started_at for finished in self._snapshot().finished]
            open_turn = self._snapshot().open_turn
            starts += [open_turn.started_at] if open_turn is not None else []
            earlier = [start for start in starts if start < self._position - _NEARBY_S]
            self._go_to(earlier[-1] if earlier else 0.0)

    def _turns_begun(self) -> int:
        return self._monitor.turns + self._monitor.in_turn

    def _refuse(self) -> None:
        self._error = _CANNOT
        self._show()

    def _snapshot(self) -> Snapshot:
        return self._monitor.snapshot(self._position, running=self._running)

    def _show(self) -> None:
        shown = self._snapshot()
        self._on_snapshot(
            msgspec.structs.replace(
                shown,
                audio=msgspec.structs.replace(shown.audio, kind=SourceKind.REPLAY, quiet=self._paused),
                recording=None,
                error=self._error or shown.error,
                playback=Playback(self._speed, self._paused, self._recording.manifest.seconds),
            )
        )


def _is_event(entry: Entry, monitor: Monitor) -> bool:
    """Whether the entry that was taken last is something that the service said of its own accord about turns."""
    return isinstance(entry, Received) and not isinstance(monitor.event, Likelihood)


def _far(speed: float, other: float) -> float:
    return 0.0 if speed == other else abs(math.log(speed / other)) if speed < math.inf else math.inf


def _ignore(_: object) -> None:
    """Nobody listens."""
