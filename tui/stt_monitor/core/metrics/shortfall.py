"""Whether a session came about and was whole: about one that did not, nothing can be told. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot

_LEFT_OVER_S: Final = 0.25
"""A recording of which no more than this was not played was played to its end: lengths are rounded, or guessed."""


def shortfall(last: Snapshot, *, interrupted: bool = False) -> str:
    """Say in words why nothing can be told about a session; empty where it was whole.

    Args:
        last: its last snapshot.
        interrupted: a signal ended the run. What is live has no other end; all else was cut short.
    """
    audio = last.audio
    if last.connection is not Connection.CLOSED:
        return "the session was not over"
    if last.detail:
        return last.detail
    if not audio.position:
        return "nothing was heard"
    if audio.kind is SourceKind.FILE and audio.duration is not None and audio.duration - audio.played > _LEFT_OVER_S:
        return f"the session was cut short: {audio.played:.1f} of {audio.duration:.1f} s were played"
    if interrupted and audio.kind is not SourceKind.MICROPHONE:
        return "the session was cut short"
    return ""


def shortfalls(lasts: Mapping[int, Snapshot], recordings: Sequence[str], *, interrupted: bool = False) -> str:
    """Say of the first of several sessions that was not whole why not.

    Args:
        lasts: their last snapshots, by the number of the recording, counted from 1.
        recordings: the names of all recordings that were to be heard.
        interrupted: as for one.
    """
    for number, name in enumerate(recordings, 1):
        last = lasts.get(number)
        missing = "it was not heard" if last is None else shortfall(last, interrupted=interrupted)
        if missing:
            return missing if len(recordings) == 1 else f"{name}: {missing}"
    return ""
