"""What is shown, of a live session or a saved one: the last snapshot, and what is added to it here."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.listeners import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stt_monitor.core.earlier import EarlierSessions
    from stt_monitor.core.snapshot import RowKey, Snapshot


class Shown:
    """Passes on the last snapshot with earlier sessions, playback and a notice. From any thread."""

    def __init__(self, heard_at: Callable[[Snapshot], float | None]) -> None:
        """Begin with nothing; `heard_at` returns what is heard of a session, as `Snapshot.heard`."""
        self.last: Snapshot | None = None
        """Without heard and complaint; None before the first."""
        self.lock: Final = RLock()
        """Held while a snapshot or a frame is passed on: an older one must not overtake the last one."""
        self._heard_at = heard_at
        self._complaint = ""
        self._on_snapshot: Callable[[Snapshot], None] = ignore

    def subscribe(self, on_snapshot: Callable[[Snapshot], None]) -> None:
        """Call back with snapshots, which must not block."""
        self._on_snapshot = on_snapshot

    @property
    def kept_in(self) -> Path | None:
        """Where the live session that is shown is being saved, or was to be; None before that is known."""
        return None if self.last is None else _kept_in(self.last)

    def take(self, snapshot: Snapshot, opened: Path | None) -> bool:
        """Keep a snapshot to be shown.

        Args:
            snapshot: the newest.
            opened: folder of the saved session that it is of; None: of a live one.

        Returns:
            Whether it is of another session than the one before.
        """
        with self.lock:
            before = self.last
            self.last = last = self._earlier.add_to(snapshot, "" if opened is None else _known_as(opened))
            if opened is None and (folder := _kept_in(snapshot)) is not None:
                self._earlier.saved_in(_known_as(folder))
        return before is not None and before.identity != last.identity

    def mark(self, row: RowKey) -> None:
        """Compare others with this row from now on."""
        with self.lock:
            self.last = self._earlier.mark(row) or self.last
        self.show()

    def compare_with(self, sessions: Iterable[tuple[Path, Snapshot]]) -> None:
        """Compare saved sessions, given the folder and last snapshot of each, with the first of them."""
        with self.lock:
            for number, (folder, whole) in enumerate(sessions):
                self._earlier.add_to(whole, _known_as(folder))
                if not number:
                    self._earlier.mark_current()

    def complain(self, sentence: str) -> None:
        """Show an error until something is opened: a running session's snapshots do not have it."""
        self._complaint = sentence
        self.show()

    def complain_no_more(self) -> None:
        """Leave the error out of the snapshots to come."""
        self._complaint = ""

    def show(self) -> None:
        """Pass on the last snapshot, with the current notice and playback."""
        with self.lock:
            if self.last is not None:
                self._on_snapshot(self._completed(self.last))

    @cached_property
    def _earlier(self) -> EarlierSessions:
        """Those of this run of the program."""
        from stt_monitor.core.earlier import EarlierSessions  # not before the first paint

        return EarlierSessions()

    def _completed(self, last: Snapshot) -> Snapshot:
        heard = self._heard_at(last)
        if heard is not None:
            lanes = tuple(msgspec.structs.replace(lane, heard=heard) for lane in last.lanes)
            last = msgspec.structs.replace(last, lanes=lanes, heard=heard)
        error = last.error or self._complaint
        return last if error == last.error else msgspec.structs.replace(last, error=error)


def _kept_in(live: Snapshot) -> Path | None:
    kept = (lane.recording for lane in live.lanes or (live,))
    return next((Path(each.path) for each in kept if each is not None), None)


def _known_as(folder: Path) -> str:
    """Return the one spelling of a folder."""
    return os.path.realpath(folder)
