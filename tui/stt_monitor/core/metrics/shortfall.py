"""Whether a session is complete: nothing can be asserted about an incomplete one. Pure."""

from collections.abc import Iterable
from typing import Final

from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot

_LEFT_OVER_S: Final = 0.25
"""How much of a file may be left unplayed at its end: lengths are rounded or estimated."""


def shortfall(last: Snapshot, *, interrupted: bool = False) -> str:
    """Return why a session is incomplete, in words; empty where it is complete.

    Args:
        last: its last snapshot.
        interrupted: a signal ended the run: the normal end of a live source; anything else was cut short.
    """
    audio = last.audio
    if last.connection is not Connection.CLOSED:
        return "the session was not over"
    if last.detail:
        return last.detail
    if not audio.position:
        return "no audio was sent"
    if audio.kind is SourceKind.FILE and audio.duration is not None and audio.duration - audio.played > _LEFT_OVER_S:
        return f"the session was cut short: {audio.played:.1f} of {audio.duration:.1f} s were played"
    if interrupted and audio.kind not in (SourceKind.MICROPHONE, SourceKind.CALL):
        return "the session was cut short"
    return ""


def shortfalls(lasts: Iterable[tuple[str, Snapshot | None]], *, interrupted: bool = False) -> str:
    """Return why the first incomplete session of several is incomplete, with its name; empty if all are complete.

    Args:
        lasts: the name of each recording and its last snapshot; None: it was not played.
        interrupted: as in `shortfall`.
    """
    sessions = list(lasts)
    for name, last in sessions:
        missing = "it was not played" if last is None else shortfall(last, interrupted=interrupted)
        if missing:
            return missing if len(sessions) == 1 else f"{name}: {missing}"
    return ""
