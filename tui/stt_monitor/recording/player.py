"""Plays a recording to a screen, which need not know: a `Controller` with a clock that can be turned."""

import math
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from stt_monitor.core.commands import (
    NOT_LIVE,
    Command,
    FindOptions,
    Mute,
    RetryNow,
    Seek,
    SeekTurn,
    Speed,
    Start,
    Step,
    Stop,
)
from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Entry
from stt_monitor.core.listeners import ignore
from stt_monitor.core.session_options import Available, SourceKind
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.core.wire_log import frame_of
from stt_monitor.recording.cursor import Cursor
from stt_monitor.recording.reader import Recording

TICK_S: Final = 0.05
"""Between two snapshots, of which there are more when there are events."""

BATCH: Final = 500
"""Entries that are taken in one go, at most: some milliseconds."""

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, math.inf)


class Player:
    """Tells a recorded session at any speed, forwards and backwards: backwards is from the beginning, but fast.

    Methods return at once and may be called from any thread. What is shown is the same at any speed.
    """

    def __init__(self, recording: Recording, *, speed: float = 1.0, paused: bool = False) -> None:
        """Start the thread; nothing is played before `Start`.

        Args:
            recording: as it was opened.
            speed: seconds of session in a second; infinite for as fast as can be.
            paused: wait at the beginning, to be stepped through.
        """
        self._recording = recording
        self._speed = speed
        self._paused = paused
        self._on_snapshot: Callable[[Snapshot], None] = ignore
        self._on_frame: Callable[[WireFrame], None] | None = None
        self._running = False
        self._position = 0.0  # seconds of session
        self._since = 0.0  # when it was there, `time.monotonic`
        self._error = ""
        self._tape = Cursor(recording, self._show_frame)
        self._shown = self._picture()
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
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
        """Have snapshots and frames handed to callbacks, on the player's thread; each frame once, wherever one goes."""
        self._on_snapshot, self._on_frame = on_snapshot, on_frame

    def send(self, command: Command) -> None:
        """Carry out a command on the player's thread; says so when it is none for a saved session."""
        if isinstance(command, Start):
            if self._running:
                return
            self._running = True  # at once: the caller may ask
        self._commands.put(command)

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
                do = self._advance
            else:
                if command is None:
                    return
                do = partial(self._obey, command)
            try:
                do()
            except InputError as error:  # the recording is damaged further on
                self._fail(str(error))
            except Exception as error:  # noqa: BLE001  the screen must not wait for a thread that is no more
                from stt_monitor.system.bugs import told  # only now that something went wrong

                with suppress(Exception):  # whoever is shown it may be whose bug it is
                    self._fail(told(error, "the replay has stopped"))

    def _obey(self, command: Command) -> None:
        match command:
            case Start():
                self._start()
            case Stop():
                self._stop()
            case Mute(on):
                self._pause(paused=on)
            case Speed(by):
                self._change_speed(by)
            case Step(by):
                self._step(by)
            case Seek(by):
                self._seek(by)
            case SeekTurn(by):
                self._seek_turn(by)
            case FindOptions(on_found):
                on_found(Available((), NOT_LIVE, (), vendor_key_set=False, key_variable=""))
            case RetryNow():
                pass  # nothing waits for a connection here
            case _:
                self._error = NOT_LIVE
                self._show()

    def _pause_until_next(self) -> float | None:
        """Return how long nothing has to be done unless a command comes, in seconds; None for good."""
        next_at = self._tape.next_at
        if not self._running or self._paused or next_at is None:
            return None
        if self._speed == math.inf:
            return 0.0
        return min(TICK_S, max(0.0, (next_at - self._present()) / self._speed))

    def _present(self) -> float:
        """Return the session time that it is now."""
        return self._position + (time.monotonic() - self._since) * self._speed

    def _anchor(self, position: float) -> None:
        self._position, self._since = position, time.monotonic()

    def _rewind(self) -> None:
        self._tape.rewind()
        self._anchor(0.0)

    @cached_property
    def _bytes_per_second(self) -> int:
        return self._recording.sent_as.bytes_per_second  # loads numpy: after the first paint

    def _show_frame(self, entry: Entry) -> None:
        if self._on_frame is None:
            return
        frame = frame_of(entry, self._bytes_per_second)
        if frame is not None:
            self._on_frame(frame)

    def _advance(self) -> None:
        """Take what is due, and show it."""
        present = self._present() if self._speed < math.inf else math.inf
        self._tape.play(present, BATCH)
        next_at = self._tape.next_at
        self._running = next_at is not None
        if next_at is None or next_at <= present:  # all is played, or more is due than fits into one go
            present = self._tape.at
        self._anchor(max(present, self._position))
        self._show()

    def _go_to(self, position: float) -> None:
        if position < self._position:
            self._rewind()
        self._tape.wind(position)
        self._arrive(position if self._tape.next_at is not None else min(position, self._tape.at))

    def _arrive(self, position: float) -> None:
        self._running = self._tape.next_at is not None
        self._anchor(position)
        self._show()

    def _start(self) -> None:
        if self._tape.next_at is None:
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
        # From a speed of the user's own, the first step leads to the one next to it.
        index = bisect_right(SPEEDS, self._speed) - 1 if by > 0 else bisect_left(SPEEDS, self._speed)
        chosen = SPEEDS[min(max(index + by, 0), len(SPEEDS) - 1)]
        self._speed = max(chosen, self._speed) if by > 0 else min(chosen, self._speed)
        self._anchor(self._position)
        self._show()

    def _step(self, by: int) -> None:
        self._paused = True
        number = max(0, self._tape.events + by)
        if number < self._tape.events:
            self._rewind()
        self._tape.play_to_event(number)
        self._arrive(max(self._position, self._tape.at))

    def _seek(self, by: float) -> None:
        self._go_to(max(0.0, self._position + by))

    def _seek_turn(self, by: int) -> None:
        if by > 0:
            self._tape.wind_to_next_turn()
            self._arrive(max(self._position, self._tape.at))
        else:
            self._go_to(self._tape.turn_before(self._position))

    def _fail(self, sentence: str) -> None:
        """Stop and say why: over what was shown last, where what there is now cannot be shown."""
        self._running, self._error = False, sentence
        try:
            self._show()
        except Exception:  # noqa: BLE001  it is what is being told of
            self._on_snapshot(msgspec.structs.replace(self._shown, running=False, error=sentence))

    def _show(self) -> None:
        self._shown = self._picture()
        self._on_snapshot(self._shown)

    def _picture(self) -> Snapshot:
        shown = self._tape.monitor.snapshot(self._position, running=self._running)
        return msgspec.structs.replace(
            shown,
            audio=msgspec.structs.replace(shown.audio, kind=SourceKind.REPLAY, quiet=self._paused),
            recording=None,
            error=self._error or shown.error,
            playback=Playback(self._speed, self._paused, self._recording.manifest.seconds),
        )
