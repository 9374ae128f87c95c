"""Plays what the user wants to hear of the session that is shown, one stretch at a time."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.core.errors import InputError
from stt_monitor.services.registry import service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stt_monitor.core.commands import Play
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.recording.reader import Recording
    from stt_monitor.session.playing.hearing import Hearing

_CLOSE_TIMEOUT_S: Final = 1.0
_NO_TURN: Final = "no turn to play yet"
_NOT_SAVED: Final = "nothing to play: this session is not saved (--no-record)"


class Playing:
    """What is played now. Methods return at once and may be called from any thread."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """Begin silent; call back, on any thread, whenever `heard_at` may have changed."""
        self._on_change = on_change
        self._hearing: Hearing | None = None
        self._lane = 0
        self._playing: tuple[int, str] | None = None  # the session's identity

    def play(self, command: Play, shown: Snapshot, saved: Sequence[Recording], grows: Callable[[], bool]) -> None:
        """Play a stretch, in place of what is played.

        Args:
            command: says which.
            shown: the session, of all services.
            saved: its recordings, one for each service; empty for a live session.
            grows: returns whether the session goes on.
        """
        from stt_monitor.core.clip import clip_to_hear  # not before the first paint
        from stt_monitor.session.playing.hearing import Hearing

        self.stop()
        lanes = shown.lanes or (shown,)
        names = [service_of(lane.session).name for lane in lanes]
        self._lane = names.index(command.service) if command.service in names else 0
        self._playing = shown.identity
        lane = lanes[self._lane]
        clip = clip_to_hear(lane, command.turn, command.at)
        if clip is None:
            threading.Thread(target=command.on_problem, args=(_NO_TURN,), name="hearing", daemon=True).start()
            return
        find = partial(saved.__getitem__, self._lane) if saved else partial(_recording_of, lane)
        self._hearing = Hearing(find, clip, grows=grows, on_heard=self._tell, on_problem=command.on_problem)
        self._on_change()

    @property
    def is_heard(self) -> bool:
        """Whether something is played."""
        return self._hearing is not None and self._hearing.position is not None

    def stop(self) -> None:
        """Fall silent."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.stop()
            self._on_change()

    def close(self) -> None:
        """Fall silent, and wait until nothing is played; a second at most."""
        hearing = self._hearing
        self.stop()
        if hearing is not None:
            hearing.join(_CLOSE_TIMEOUT_S)

    def heard_at(self, shown: Snapshot) -> float | None:
        """Return the session time of what is playing now; None if nothing is."""
        position = None if self._hearing is None else self._hearing.position
        if position is None or shown.identity != self._playing:
            return None
        return (shown.lanes or (shown,))[self._lane].places.spoken_at(position)

    def _tell(self, hearing: Hearing) -> None:
        if hearing is self._hearing:
            self._on_change()


def _recording_of(live: Snapshot) -> Recording:
    """Open the recording of a live session, or of one of services side by side; it may still grow.

    Raises:
        InputError: it is not saved, or cannot be read.
    """
    from stt_monitor.recording.saved_sessions import open_saved  # not before the first paint

    state = live.recording
    if state is None:
        raise InputError(_NOT_SAVED)
    try:
        lanes = open_saved(Path(state.path)).lanes
    except InputError as error:
        if state.stopped:
            raise InputError(f"nothing to play: {state.stopped}") from error
        raise
    service = service_of(live.session).name
    return next((lane for lane in lanes if service_of(lane.manifest.session).name == service), lanes[0])
