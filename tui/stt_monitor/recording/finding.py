"""Saved sessions by what the user calls them: a folder, a name, `last`, `demo`."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import expanded
from stt_monitor.recording.reader import Recording, list_recordings, open_recording
from stt_monitor.recording.replay import has_turn

LAST: Final = "last"
"""Names the newest session with a finished turn."""

DEMO: Final = "demo"
"""Names the one that comes with the program."""


class Last(NamedTuple):
    """What `last` means."""

    recording: Recording
    passed_over: int
    """Newer sessions, in which no turn was finished."""


def find_last(directory: Path) -> Last:
    """Return the newest session with a finished turn, or where none has one, the newest of all.

    Raises:
        InputError: there is none, or the directory cannot be read.
    """
    newest_first = list_recordings(directory)[::-1]
    if not newest_first:
        raise InputError(f"there is no recording in {directory} yet: monitor something first")
    for passed_over, recording in enumerate(newest_first):
        if has_turn(recording):
            return Last(recording, passed_over)
    return Last(newest_first[0], 0)


def find_recording(wanted: str, directory: Path) -> Recording:
    """Open one session by its path, its name in `directory`, as `last`, or as `demo`.

    Raises:
        InputError: there is none, there are several, or it cannot be opened.
    """
    found = find_recordings(wanted, directory)
    if len(found) > 1:
        raise InputError(f"{wanted}: there are {len(found)} sessions in this folder: name one, say {found[-1].path}")
    return found[0]


def find_recordings(wanted: str, directory: Path) -> list[Recording]:
    """Open a session as `find_recording` does, or all that are in a folder that `--record` made, the oldest first.

    Raises:
        InputError: there is none, or it cannot be opened.
    """
    if wanted == LAST:
        return [find_last(directory).recording]
    path = expanded(wanted)
    if not _is_there(path):
        if wanted == DEMO:
            return [demo_recording()]
        if os.sep not in wanted and _is_there(directory / wanted):
            path = directory / wanted
    try:
        return [open_recording(path)]
    except InputError:
        with suppress(InputError):
            if inside := list_recordings(path):
                return inside
        raise


def demo_recording() -> Recording:
    """Open the session that comes with the program: the bundled sample, heard by the local server."""
    return open_recording(Path(__file__).parent / "data" / "demo")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the name is too long, or in a folder that may not be entered
        return False
