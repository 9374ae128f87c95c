"""The manifests of recordings: what they are, without reading all of them."""

import errno
import os
import platform
import sys
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from stt_monitor import __version__
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import decode_hook

T = TypeVar("T")

FORMAT: Final = 2
"""Format version of a recording: raised when older programs cannot read it any more.

1: has no entries for frames other than messages and audio; `close_sent` stands for the `close` frame.
2: has an entry for every frame (`frame`).
"""

MANIFEST: Final = "manifest.json"
EVENTS: Final = "events.jsonl"
AUDIO: Final = "audio.wav"

FINISHED: Final = "finished"
"""Value of `ended` of a complete recording."""

GROUP: Final = "group.json"
"""The manifest of services side by side: its folder has their common audio, and a recording of each in a folder."""

GROUP_FORMAT: Final = 1
"""Format version of `GROUP`, as `FORMAT` is."""

COMMON_AUDIO: Final = f"../{AUDIO}"
"""The common audio of services side by side, seen from one's recording."""


class _Form(msgspec.Struct):
    """What can be read of a manifest of any version."""

    form: int = 0


class StoredAudio(msgspec.Struct, frozen=True, omit_defaults=True):
    """Format of the audio."""

    encoding: str
    """As sent, except for 16-bit floats, which WAV does not know: stored as `pcm_f32le`, without loss."""
    sample_rate: int
    file: Literal["audio.wav", "../audio.wav"] = AUDIO
    """Where it is, seen from the manifest: `COMMON_AUDIO` while exactly that was sent."""


class GroupManifest(msgspec.Struct, frozen=True, tag_field="kind", tag="side_by_side"):
    """Description of services side by side: one saved session, with a recording of each in a folder of its name."""

    services: Annotated[tuple[Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]+$")], ...], msgspec.Meta(min_length=1)]
    """Their names, in order."""
    source: str
    """Name of the file or microphone."""
    started_at: str
    """Wall-clock time of second 0 of all of them, RFC 3339, UTC."""
    audio: StoredAudio
    form: int = GROUP_FORMAT
    program: str = f"stt-monitor {__version__}"
    platform: str = ""
    """Machine that recorded it: system, architecture, Python."""

    def __post_init__(self) -> None:
        """Refuse a service that occurs twice."""
        if len(set(self.services)) < len(self.services):
            raise ValueError("a service occurs twice")


class Manifest(msgspec.Struct, frozen=True):
    """Description of a recording. The last four fields are set when it ends; a killed program leaves them empty."""

    session: SessionRecord
    """Session record; `started_at` is the wall-clock time of second 0 in the journal."""
    audio: StoredAudio
    form: int = FORMAT
    program: str = f"stt-monitor {__version__}"
    platform: str = ""
    """Machine that recorded it: system, architecture, Python."""
    ended: str = ""
    """`FINISHED`, or why recording stopped before the session. Empty: still recording, or the program was killed."""
    seconds: float | None = None
    """Length of the session."""
    turns: int | None = None
    """Finished turns."""
    result: SessionResult | None = None
    """What lists of sessions show of it; also None in recordings from before there was one."""


def this_platform() -> str:
    """Return system, architecture and Python version."""
    return f"{platform.system()} {platform.release()} {platform.machine()}, Python {platform.python_version()}"


def read_group_manifest(folder: Path) -> GroupManifest:
    """Read the manifest of services side by side.

    Raises:
        InputError: it cannot be read, is damaged, or made by a newer program.
    """
    path = folder / GROUP
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return decoded(raw, GroupManifest, GROUP_FORMAT, folder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: damaged ({error})") from error


def services_beside(folder: Path) -> tuple[str, ...]:
    """Return the services side by side that a folder holds; empty where it holds none."""
    try:
        return read_group_manifest(folder).services if os.path.lexists(folder / GROUP) else ()
    except InputError:
        return ()


def decoded(raw: bytes, kind: type[T], known: int, path: Path) -> T:
    """Decode what this program writes beside recordings, if it knows the format version.

    Args:
        raw: JSON with a field `form`.
        kind: what it is.
        known: the newest version that this program reads.
        path: what to call it in messages.

    Raises:
        InputError: a newer program made it.
        msgspec.DecodeError: it is damaged, or something else.
        UnicodeDecodeError: as above.
    """
    form = msgspec.json.decode(raw, type=_Form).form
    if form > known:
        raise InputError(f"{path}: made by a newer stt-monitor (format {form}, this one reads up to {known}): upgrade")
    return msgspec.json.decode(raw, type=kind, dec_hook=decode_hook)


def is_readable(folder: Path) -> bool:
    """Return whether a folder has the manifest of a recording, or of services side by side and one of theirs."""
    if (folder / GROUP).exists():
        return any(folder.glob(f"*/{MANIFEST}"))
    return (folder / MANIFEST).exists()


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk: syncing a file does not promise that its name is there (fsync(2)).

    Raises:
        OSError: the disk failed.
    """
    if sys.platform == "win32":  # folders cannot be opened on Windows, and need no sync
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # the file system cannot sync folders
            raise
    finally:
        os.close(descriptor)


def write_manifest(folder: Path, manifest: Manifest | GroupManifest) -> None:
    """Write or replace a manifest atomically and durably.

    Raises:
        OSError: it cannot be written.
    """
    name = GROUP if isinstance(manifest, GroupManifest) else MANIFEST
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    temporary = folder / f"{name}.new"
    try:
        with temporary.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / name)
        sync_folder(folder)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
