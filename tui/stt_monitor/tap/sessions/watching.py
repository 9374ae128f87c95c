"""Monitors the calls of a tap on threads of its own, so that no screen or output can hold it up."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Protocol, Self

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.vad.reference import make_detector
from stt_monitor.core.calls_state import CallsState
from stt_monitor.core.listeners import Observer
from stt_monitor.core.records.lines import Record
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.base import Audio
from stt_monitor.system.bugs import report_bug
from stt_monitor.system.clock import Instant
from stt_monitor.system.open_files import allow_open_files
from stt_monitor.system.waiting import next_of
from stt_monitor.tap.calls import CallRecord
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.sessions.calls import Calls, Sinks
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.sessions.meter import Meter
from stt_monitor.tap.sessions.session import CallSession
from stt_monitor.tap.sessions.speech import Found, SpeechSearch
from stt_monitor.tap.sessions.whole import WholeCalls
from stt_monitor.tap.sessions.words import without_words

MOST_EVENTS: Final = 512
"""Events that wait to be read; above that the tap keeps them, then drops them, and says so."""

MOST_LINES: Final = 50_000
"""Records that wait to be printed."""

STATE_EVERY_S: Final = 0.25
"""How old the list of calls may be."""

SHOW_EVERY_S: Final = 0.05
"""How often the session of the call that is shown may be."""

CLOSE_TIMEOUT_S: Final = 10.0
"""How long the end of the tap waits for a hanging disk."""

_MOST_FILES: Final = 4096
"""That recordings of many calls may have open at once, some of each."""

LAST_COPIES_S: Final = 2.0
"""Seconds for which the end of the tap waits for copies to be read. A user who quits does not wait much longer."""

LAST_SPEECH_S: Final = 3.0
"""How long it waits for the rest of the reference speech, from when it was asked to end."""

Told = Record | CallRecord


class Viewer(Protocol):
    """Who looks at the calls. Called on their thread: must return at once, and not raise."""

    @property
    def shown(self) -> int | None:
        """Number of the call to open; None: none."""

    def show_calls(self, state: CallsState) -> None:
        """Take the list of calls, a few times a second."""

    def show_session(self, call: int, snapshot: Snapshot) -> None:
        """Take the session of the call that it wants, up to its last snapshot."""

    def show_frame(self, call: int, frame: WireFrame) -> None:
        """Take a message of any call."""


class Watching:
    """Reads what a tap tells, makes sessions of it, and hands on what they tell. Threads run inside the `with` block.

    Args:
        process: the tap, running.
        began: when it began, by the monotonic clock and on the wall.
        keeping: how calls are saved.
        meter: counts over all calls; None: nobody does.
        viewer: looks at them; None: nobody does.
    """

    def __init__(
        self,
        process: TapProcess,
        began: Instant,
        keeping: Keeping,
        meter: Meter | None = None,
        viewer: Viewer | None = None,
    ) -> None:
        self._process = process
        self._began_at = began.at
        self._keeping = keeping
        self._viewer = viewer
        sinks = Sinks(self._tell, self._tell, self._save, None if viewer is None else viewer.show_frame)
        self._calls = Calls(began, sinks, self._search, self._observe, meter, kept=keeping.in_memory)
        self._state = self._calls.state
        self._behind_s = 0.0
        self._list_due = self._show_due = 0.0
        self._steps: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._whole = WholeCalls(self._steps.put, keeping.in_memory.turns)
        self._room = threading.BoundedSemaphore(MOST_EVENTS)
        self._told: SimpleQueue[Told | None] = SimpleQueue()
        self._given = self._taken = 0
        self._is_cut = False
        """Whether the rest of the calls is not read: there is no time for it."""
        self._error: BaseException | None = None
        self.lost = 0
        """Records dropped because they were fetched too slowly."""
        self._detecting = ThreadPoolExecutor(max(1, min(4, (os.cpu_count() or 2) // 2)), "call-speech")
        self._saving = ThreadPoolExecutor(1, "call-saving")
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in (("call-events", self._read), ("calls", self._run))
        ]

    def __enter__(self) -> Self:
        """Start the threads."""
        allow_open_files(_MOST_FILES)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the tap; its sessions are saved by then, unless the disk hangs."""
        self._process.stop()
        for thread in self._threads:
            thread.join(CLOSE_TIMEOUT_S)

    @property
    def running(self) -> bool:
        """Whether sessions are not over, or not saved."""
        return self._threads[1].is_alive()

    @property
    def state(self) -> CallsState:
        """The calls as they were a moment ago. May be read on any thread."""
        return self._state

    def records(self) -> Iterator[tuple[Told, bool]]:
        """Yield what there is to tell, as it comes, each with whether more waits; until the tap has ended.

        Raises:
            BugError: it has ended by itself.
        """
        while (told := next_of(self._told)) is not None:
            self._taken += 1
            yield told, not self._told.empty()
        if self._error is not None:
            raise self._error

    # Threads

    def _read(self) -> None:
        try:
            for event in self._process.events():
                self._room.acquire()
                self._steps.put(partial(self._handle, event))
        except BaseException as error:  # noqa: BLE001  raised where the records are read
            self._error = error
        self._steps.put(None)

    def _run(self) -> None:
        try:
            while self._process.stopping_s < LAST_COPIES_S and (step := self._next_step()) is not None:
                _take(step)
                self._show()
            self._finish()
        except BaseException as error:  # noqa: BLE001  the calls go on, unwatched
            report_bug(error, "calls are watched no more")
            self._error = self._error or error
        self._detecting.shutdown(wait=False, cancel_futures=True)
        self._saving.shutdown()
        self._show(last=True)
        self._told.put(None)

    def _next_step(self) -> Callable[[], object] | None:
        """Return what is to be done next: nothing, where the viewer wants the time to pass."""
        if self._viewer is None:
            return self._steps.get()
        try:
            return self._steps.get(timeout=STATE_EVERY_S if self._viewer.shown is None else SHOW_EVERY_S)
        except Empty:
            self._behind_s = 0.0
            return _nothing

    def _show(self, *, last: bool = False) -> None:
        """Show what is due. The list is costly with many calls."""
        viewer, now = self._viewer, time.monotonic()
        if last or (viewer is not None and now >= self._list_due):
            self._list_due = now + STATE_EVERY_S
            self._state = msgspec.structs.replace(
                self._calls.state, at=now - self._began_at, behind_s=round(self._behind_s, 3)
            )
            if viewer is not None:
                viewer.show_calls(self._state)
        if viewer is None:
            return
        self._whole.look_at(shown := viewer.shown)
        if shown is not None and now >= self._show_due:
            self._show_due = now + SHOW_EVERY_S
            snapshot = self._calls.snapshot(shown, now - self._behind_s)
            if snapshot is not None:
                viewer.show_session(shown, self._whole.shown(shown, snapshot))

    def _finish(self) -> None:
        until = time.monotonic() + LAST_SPEECH_S - self._process.stopping_s
        self._is_cut = True
        self._calls.cut_off()
        while self._calls.waiting and (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                step = self._steps.get(timeout=left)
                if step is not None:
                    _take(step)
        self._calls.end()

    def _handle(self, event: CallEvent) -> None:
        self._room.release()
        if self._is_cut:
            return
        self._behind_s = max(0.0, time.monotonic() - event.at)
        self._calls.handle(event)

    # Sinks

    def _tell(self, told: Told) -> None:
        if self._given - self._taken >= MOST_LINES:
            self.lost += 1
            return
        self._given += 1
        self._told.put(without_words(told) if self._keeping.redact and not isinstance(told, CallRecord) else told)

    def _observe(self, call: int) -> Observer | None:
        return self._whole.observe(call, self._keeping.recorder())

    def _save(self, call: int, session: CallSession) -> None:
        if self._viewer is not None and self._viewer.shown == call and (last := session.snapshot()) is not None:
            self._viewer.show_session(call, self._whole.shown(call, last))
        recorder = self._whole.end(call)

        def save() -> None:
            session.close()
            if recorder is not None:
                self._keeping.saved(recorder)

        self._saving.submit(save)

    def _search(self, call: int, audio: Audio, tell: Callable[[Found], object]) -> SpeechSearch | None:
        sound = AudioFormat(Encoding(audio.encoding), audio.sample_rate)
        detector = make_detector(sound)
        if detector is None:
            return None

        def found(what: Found) -> None:
            self._steps.put(partial(self._calls.run, call, partial(tell, what)))

        return SpeechSearch(detector, sound.bytes_per_second, self._detecting, found)


def _nothing() -> None:
    """Let time pass."""


def _take(step: Callable[[], object]) -> None:
    """Run a step; a bug in it loses its records, but never the call."""
    try:
        step()
    except Exception as error:  # noqa: BLE001  calls are forwarded as long as their watching goes on
        report_bug(error)
