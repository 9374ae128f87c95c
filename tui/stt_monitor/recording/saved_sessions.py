"""Saved sessions, each a session alone or services side by side: open them, list them."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from stt_monitor.core.errors import InputError
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, GROUP, MANIFEST, GroupManifest, read_group_manifest
from stt_monitor.recording.reader import Recording, Unreadable, open_in_group, open_recording, size_of
from stt_monitor.services import registry


class RecordingGroup(NamedTuple):
    """An opened recording of services side by side."""

    path: Path
    """Its folder."""
    manifest: GroupManifest
    lanes: tuple[Recording, ...]
    """The recordings of its services, in order."""
    unreadable: tuple[Unreadable, ...]
    """Those that cannot be opened."""

    @property
    def name(self) -> str:
        """Folder name. Not sanitized."""
        return self.path.name

    @property
    def source(self) -> str:
        """Name of the file or microphone, and what degraded it. Not sanitized."""
        return self.lanes[0].source if self.lanes else self.manifest.source

    @property
    def started_at(self) -> str:
        """Wall-clock time of second 0 of all of them, RFC 3339."""
        return self.manifest.started_at

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services side by side, in order, whether they can be read or not."""
        return self.manifest.services

    @property
    def seconds(self) -> float | None:
        """Length of the longest session; None if the program was killed, or still runs."""
        lengths = [lane.seconds for lane in self.lanes]
        return None if None in lengths else max(length for length in lengths if length is not None)

    @property
    def growing(self) -> bool:
        """Whether a program is still writing it."""
        return is_locked(self.path / AUDIO)

    @property
    def size(self) -> int:
        """Bytes in its files, as far as they can be read."""
        return size_of(self.path, (AUDIO, GROUP)) + sum(lane.size for lane in self.lanes)

    def checked(self, check: Callable[[Recording], object]) -> "RecordingGroup":
        """Return it with the recordings for which `check` raises InputError among the unreadable ones.

        Raises:
            InputError: none is left.
        """
        lanes = []
        unreadable = list(self.unreadable)
        for lane in self.lanes:
            try:
                check(lane)
            except InputError as error:
                unreadable.append(_unreadable(lane.path, error))
            else:
                lanes.append(lane)
        return _group(self.path, self.manifest, lanes, unreadable)


SavedSession = Recording | RecordingGroup
"""What is listed, found, deleted as one: a session alone, or those of services side by side."""


def open_saved(path: Path) -> SavedSession:
    """Open a session alone, or services side by side, by its folder or its manifest.

    Raises:
        InputError: not a recording, damaged, or made by a newer program.
    """
    folder = path.parent if path.name == GROUP else path
    if os.path.lexists(folder / GROUP):
        return open_group(folder)
    if path == folder and not os.path.lexists(folder / MANIFEST) and (inside := next(_services_in(folder), None)):
        raise InputError(f"{folder}: no {GROUP} in it; its sessions are read one by one, such as {folder / inside}")
    return open_recording(path)


def _services_in(folder: Path) -> Iterator[str]:
    """Yield the services whose recordings are in a folder, each in one of its name, as side by side."""
    for name in registry.NAMES:
        with suppress(InputError):
            if registry.name_of(open_in_group(folder / name, folder / name, "").manifest.session) == name:
                yield name


def open_group(folder: Path) -> RecordingGroup:
    """Open services side by side; those of which there is nothing to read are told apart.

    Raises:
        InputError: not such a recording, damaged, made by a newer program, or without any session.
    """
    manifest = read_group_manifest(folder)
    lanes, unreadable = [], []
    for service in manifest.services:
        try:
            lanes.append(open_in_group(folder / service, folder / service, folder.name))
        except InputError as error:
            unreadable.append(_unreadable(folder / service, error))
    return _group(folder, manifest, lanes, unreadable)


def _group(
    folder: Path, manifest: GroupManifest, lanes: Iterable[Recording], unreadable: Iterable[Unreadable]
) -> RecordingGroup:
    group = RecordingGroup(folder, manifest, tuple(lanes), tuple(unreadable))
    if not group.lanes:
        first = group.unreadable[0]
        raise InputError(f"{folder}: no session in it can be read ({first.name}: {first.why})")
    return group


def list_recordings(directory: Path) -> list[SavedSession]:
    """Return the readable sessions in `directory`, as `scan_recordings` does."""
    return scan_recordings(directory)[0]


def scan_recordings(directory: Path) -> tuple[list[SavedSession], list[Unreadable]]:
    """Open the sessions in `directory`, oldest first; empty where the directory does not exist.

    Returns:
        The readable ones, and the unreadable ones by name.

    Raises:
        InputError: the directory cannot be read.
    """
    found, unreadable = [], []
    try:
        folders = list(directory.iterdir())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise InputError(f"{directory}: this folder cannot be read ({error.strerror}); name another") from error
    for folder in folders:
        try:
            found.append(open_saved(folder))
        except InputError as error:
            marks = (folder / name for name in (MANIFEST, EVENTS, GROUP))
            if any(map(os.path.lexists, marks)) or any(_services_in(folder)):
                unreadable.append(_unreadable(folder, error))
    found.sort(key=lambda session: (session.started_at, session.name))
    return found, sorted(unreadable)


def _unreadable(folder: Path, error: InputError) -> Unreadable:
    reason = str(error) if str(folder) in str(error) else f"{folder}: {error}"
    why = reason.removeprefix(str(folder)).lstrip(os.sep).removeprefix(MANIFEST).removeprefix(GROUP)
    return Unreadable(folder.name, reason, why.removeprefix(": "))
