"""Name saved sessions, and delete them: what is still being written, or is not ours, stays as it is."""

import os
import re
import shlex
import unicodedata
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.recording.finding import DEMO, DEMO_FOLDER, LAST, LIST_THEM, steps_back
from stt_monitor.recording.paths import default_directory
from stt_monitor.recording.retention import delete, is_ours
from stt_monitor.recording.saved_sessions import SavedSession

_SAFE: Final = re.compile(r"\w(?:[\w.+-]*[\w+-])?")
"""What every file system and shell takes as it is, marks on letters aside; `~` is for `last~1`, and `/` for services
side by side."""
MOST_BYTES: Final = 120
"""File systems take 255, of which a number may need some."""


def checked_name(name: str) -> str:
    """Return a name for a session, in the form in which it is looked for.

    Raises:
        InputError: it cannot be one.
    """
    name = unicodedata.normalize("NFC", name)
    if name == DEMO or steps_back(name) is not None:
        raise InputError(f"{name} cannot be a name: `{DEMO}` and `{LAST}` stand for sessions already; give another")
    letters = "".join(each for each in name if not unicodedata.category(each).startswith("M"))
    if not _SAFE.fullmatch(letters) or len(name.encode("utf-8", "replace")) > MOST_BYTES:
        raise InputError(
            f"'{name}' cannot be a name: use letters, digits and . _ + - within it, {MOST_BYTES} bytes at most"
        )
    return name


def check_free(name: str, directory: Path) -> None:
    """Check that no session of a directory has a name.

    Raises:
        InputError: one has it.
    """
    taken = directory / name
    if os.path.lexists(taken):
        called = name if directory == default_directory() else shlex.quote(str(taken))
        deleting = f", or delete it first: stt-monitor recordings rm {called}" if is_ours(taken) else ""
        raise InputError(f"{taken} exists already: give another name{deleting}")


def rename(session: SavedSession, name: str) -> Path:
    """Give a session another name; return its folder.

    Raises:
        InputError: the name is none or another's, the session cannot be renamed, or the disk failed.
    """
    name = checked_name(name)
    folder = session.path.absolute()
    _check_ours(session, "renamed")
    if folder.name == name:
        return folder
    check_free(name, folder.parent)
    try:
        return folder.rename(folder.with_name(name))
    except OSError as error:
        raise InputError(f"{folder}: cannot be renamed ({error.strerror})") from error


def check_deletable(session: SavedSession) -> None:
    """Check that a session may be deleted.

    Raises:
        InputError: it may not.
    """
    _check_ours(session, "deleted")


def delete_session(session: SavedSession) -> bool:
    """Delete a session's own files; return whether its folder is gone, too: it stays where others keep files in it.

    Raises:
        InputError: it may not be deleted, or the disk failed.
    """
    check_deletable(session)
    if not delete(session.path):
        raise InputError(f"{session.path}: cannot be deleted (no permission?)")
    return not session.path.exists()


def _check_ours(session: SavedSession, done: str) -> None:
    folder = session.path.absolute()
    if folder.resolve() == DEMO_FOLDER.resolve():
        raise InputError(f"the bundled session cannot be {done}")
    if "/" in session.name:
        raise InputError(f"{session.name} is one of several side by side: name them together, as {folder.parent.name}")
    if session.growing:
        raise InputError(f"{session.name} is being recorded: it can be {done} once that has ended")
    if not is_ours(folder):
        raise InputError(f"{folder}: a link, or not a folder of stt-monitor's; it is not {done}; {LIST_THEM}")
