"""Find saved sessions by folder, by name or the beginning of one, as `last`, as `last~1` or as `demo`."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.core.text.wording import listed, plural
from stt_monitor.recording.manifest import services_beside
from stt_monitor.recording.paths import user_path
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.replay import has_turn, readable
from stt_monitor.recording.saved_sessions import SavedSession, list_recordings, open_saved

LAST: Final = "last"
"""Names the newest session with a finished turn; `last~1` the one before it."""

DEMO: Final = "demo"
"""Names the bundled session."""

DEMO_FOLDER: Final = Path(__file__).parent / "data" / "demo"
"""The bundled session. It has no audio of its own: it heard the bundled sample."""

LIST_THEM: Final = "list them with: stt-monitor recordings"

_LAST: Final = re.compile(rf"{LAST}(?:~([0-9]{{1,9}})?)?", re.ASCII)


class Last(NamedTuple):
    """The session that `last` stands for."""

    recording: SavedSession
    skipped: int
    """Newer sessions without a finished turn."""


class Found(NamedTuple):
    """The saved sessions that a word stands for, oldest first."""

    sessions: list[SavedSession]
    chosen: str = ""
    """What the word leaves open, such as `last`; empty where it names the session itself."""
    skipped: int = 0
    """With `last`: newer sessions without a finished turn."""


def steps_back(word: str) -> int | None:
    """Return how far before the newest session a word points: `last` 0, `last~` 1, `last~2` 2; None for others."""
    match = _LAST.fullmatch(word)
    return None if match is None else int(match[1] or 1) if word != LAST else 0


def find_last(directory: Path, back: int = 0) -> Last:
    """Return the newest session with a finished turn, or one before it; where none has one, the newest.

    Args:
        directory: holds the sessions.
        back: how many with a finished turn are newer than the one that is wanted.

    Raises:
        InputError: no such session, or the directory or all of the session cannot be read.
    """
    newest_first = list_recordings(directory)[::-1]
    if not newest_first:
        raise InputError(f"no saved sessions in {directory} yet: monitor something first")
    passed = skipped = 0
    for recording in newest_first:
        if not has_turn(recording):
            skipped += 1
        elif passed == back:
            return Last(readable(recording), skipped)
        else:
            passed += 1
    if back:
        are = f"{plural(passed, 'session')} with a finished turn"
        raise InputError(f"{LAST}~{back}: there {'is' if passed == 1 else 'are'} only {are}; {LIST_THEM}")
    return Last(readable(newest_first[0]), 0)


def find_recording(wanted: str, directory: Path) -> SavedSession:
    """Open one session: what `find` finds; of a folder of sessions its `last`.

    Raises:
        InputError: no such session, several of them, or it cannot be opened.
    """
    return find_one(wanted, directory).sessions[0]


def open_listed(folder: Path) -> SavedSession:
    """Open the session in a folder, and no other: whatever else its name may stand for, or begin.

    Raises:
        InputError: it is gone, or cannot be opened.
    """
    return readable(open_saved(folder))


def find_recordings(wanted: str, directory: Path) -> list[SavedSession]:
    """Open the sessions that `find` finds.

    Raises:
        InputError: no such session, or it cannot be opened.
    """
    return find(wanted, directory).sessions


def find_one(wanted: str, directory: Path) -> Found:
    """Find one session, as `find` does; of a folder of sessions its `last`.

    Raises:
        InputError: no such session, several of them, or it cannot be opened.
    """
    found = find(wanted, directory)
    if len(found.sessions) == 1:
        return found
    last = find_last(found.sessions[0].path.parent)
    return Found([last.recording], f"{LAST} of {len(found.sessions)} in {wanted}", last.skipped)


def find(wanted: str, directory: Path) -> Found:
    """Open a session by path, by its name in `directory` or a beginning of it, as `last`, `last~1` or `demo`.

    `NAME/SERVICE` is one of services side by side. A folder of sessions, as of `--record`, is all of them, and
    `FOLDER/NAME` one of them, by whatever it may be called.

    Raises:
        InputError: no such session, several of them, or it cannot be opened.
    """
    back = steps_back(wanted)
    if back is not None:
        last = find_last(directory, back)
        return Found([last.recording], wanted, last.skipped)
    path = user_path(wanted)
    if _exists(path):
        return Found([readable(each) for each in _opened(path)])
    if wanted == DEMO:
        return Found([demo_recording()])
    found = _named(wanted, directory)
    if found is None and _exists(path.parent) and path.parent != Path():
        found = _named(path.name, path.parent)
    if found is None:
        raise InputError(f"no saved session named '{wanted}'{_like(wanted, directory)}; {LIST_THEM}")
    return found


def _opened(path: Path) -> list[SavedSession]:
    try:
        return [open_saved(path)]
    except InputError:
        with suppress(InputError):
            if inside := list_recordings(path):
                return inside
        raise


def _named(wanted: str, directory: Path) -> Found | None:
    """Find a session by its name, or as the only one whose name begins so; None without any.

    Raises:
        InputError: several begin so, there is no last one, or it cannot be opened.
    """
    name, *inside = wanted.split("/")
    if not name or len(inside) > 1:
        return None
    back = steps_back(name)
    if back is not None:
        last = find_last(directory, back)
        path = last.recording.path.joinpath(*inside)
        return Found([readable(open_saved(path))], name, last.skipped)
    if not _exists(directory / name):
        names = _names(directory)
        alike = [each for each in names if each.startswith(name)]
        if len(alike) > 1:
            raise InputError(f"{len(alike)} saved sessions begin with '{name}': write more of it, such as {alike[-1]}")
        if not alike:
            return None
        name = alike[0]
    path = directory.joinpath(name, *inside)
    if inside and not _exists(path) and (services := services_beside(directory / name)):
        known = f"{did_you_mean(inside[0], services)} (it has {listed(services, 'and')})"
        raise InputError(f"{name} has no service {inside[0]}{known}")
    return Found([readable(open_saved(path))])


def _names(directory: Path) -> list[str]:
    with suppress(InputError):  # the directory cannot be read: then there is no such name
        return [each.name for each in list_recordings(directory)]
    return []


def _like(wanted: str, directory: Path) -> str:
    """Return `; did you mean NAME?` for the newest name with the word in it, else for the closest; empty without."""
    names = _names(directory)
    inside = [name for name in names if wanted.casefold() in name.casefold()]
    inside.sort(key=lambda name: name.casefold() == wanted.casefold())
    return f"; did you mean {inside[-1]}?" if inside else did_you_mean(wanted, [*names[::-1], LAST, DEMO])


def demo_recording() -> Recording:
    """Open the bundled session: the sample, transcribed by the local server."""
    return open_recording(DEMO_FOLDER)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the name is too long, or its folder may not be entered
        return False
