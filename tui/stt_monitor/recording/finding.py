"""Find saved sessions by folder, by name or the beginning of one, as `last` or as `demo`."""

from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import user_path
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.replay import has_turn, readable
from stt_monitor.recording.saved_sessions import SavedSession, list_recordings, open_saved

LAST: Final = "last"
"""Names the newest session with a finished turn."""

DEMO: Final = "demo"
"""Names the bundled session."""

DEMO_FOLDER: Final = Path(__file__).parent / "data" / "demo"
"""The bundled session. It has no audio of its own: it heard the bundled sample."""


class Last(NamedTuple):
    """The session that `last` stands for."""

    recording: SavedSession
    skipped: int
    """Newer sessions without a finished turn."""


def find_last(directory: Path) -> Last:
    """Return the newest session with a finished turn; where none has one, the newest.

    Raises:
        InputError: no sessions, or the directory or all of the session cannot be read.
    """
    newest_first = list_recordings(directory)[::-1]
    if not newest_first:
        raise InputError(f"no saved sessions in {directory} yet: monitor something first")
    for skipped, recording in enumerate(newest_first):
        if has_turn(recording):
            return Last(readable(recording), skipped)
    return Last(readable(newest_first[0]), 0)


def find_recording(wanted: str, directory: Path) -> SavedSession:
    """Open one session by path, by name in `directory` or a beginning of one, as `last` or as `demo`.

    `NAME/SERVICE` is one of services side by side.

    Raises:
        InputError: no such session, several of them, or it cannot be opened.
    """
    found = find_recordings(wanted, directory)
    if len(found) > 1:
        raise InputError(f"{wanted}: this folder holds {len(found)} sessions: name one, such as {found[-1].path}")
    return found[0]


def find_recordings(wanted: str, directory: Path) -> list[SavedSession]:
    """Open a session as `find_recording` does, or all in a `--record` folder, oldest first.

    Raises:
        InputError: no such session, or it cannot be opened.
    """
    if wanted == LAST:
        return [find_last(directory).recording]
    return [readable(each) for each in _opened(wanted, directory)]


def _opened(wanted: str, directory: Path) -> list[SavedSession]:
    path = user_path(wanted)
    if not _exists(path):
        if wanted == DEMO:
            return [demo_recording()]
        path = _named(wanted, directory) or path
    try:
        return [open_saved(path)]
    except InputError:
        with suppress(InputError):
            if inside := list_recordings(path):
                return inside
        raise


def _named(wanted: str, directory: Path) -> Path | None:
    """Return the folder of a name, or of the only one that begins so; None without any.

    Raises:
        InputError: several begin so, or there is no last one.
    """
    name, *inside = wanted.split("/")
    if not name or len(inside) > 1:
        return None
    if name == LAST:
        return find_last(directory).recording.path.joinpath(*inside)
    if _exists(directory / name):
        return directory.joinpath(name, *inside)
    alike = []
    with suppress(InputError):  # the directory cannot be read: then there is no such name
        alike = [each.name for each in list_recordings(directory) if each.name.startswith(name)]
    if len(alike) > 1:
        raise InputError(f"{len(alike)} saved sessions begin with '{name}': write more of it, such as {alike[-1]}")
    return directory.joinpath(*alike, *inside) if alike else None


def demo_recording() -> Recording:
    """Open the bundled session: the sample, transcribed by the local server."""
    return open_recording(DEMO_FOLDER)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the name is too long, or its folder may not be entered
        return False
