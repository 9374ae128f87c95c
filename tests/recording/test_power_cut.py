"""What is left of a recording when the power goes: files as the disk had promised to keep them, or cut anywhere."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import soundfile
from tests.support.kept import recordings_in
from tests.support.long_session import CHUNK_S, long_session

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, Entry, Sent
from stt_monitor.recording.manifest import AUDIO, EVENTS, FINISHED
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import Recorders
from stt_monitor.recording.replay import fold

CHUNK = bytes(range(256)) * 12 + bytes(128)
TURNS = 8
CUTS = 60


class Promised(NamedTuple):
    """What POSIX promises after a power cut: of each folder the names, of each file the bytes that were synced last."""

    names: dict[int, dict[str, int]]
    data: dict[int, bytes]

    def restore(self, folder: Path, to: Path) -> None:
        """Put what is left of `folder` into the directory `to`."""
        to.mkdir(parents=True)
        for name, inode in self.names.get(folder.stat().st_ino, {}).items():
            if (folder / name).is_dir():
                self.restore(folder / name, to / name)
            else:
                (to / name).write_bytes(self.data.get(inode, b""))


class Disk:
    """Watches what is synced, and keeps what it had promised at each time."""

    def __init__(self, top: Path, sync: Callable[[int], None]) -> None:
        self._top, self._sync = top, sync
        self.promises = [Promised({}, {})]

    def fsync(self, descriptor: int) -> None:
        self._sync(descriptor)
        inode = os.fstat(descriptor).st_ino
        path = next(path for path in (self._top, *self._top.rglob("*")) if path.stat().st_ino == inode)
        names, data = self.promises[-1]
        if path.is_dir():
            names = names | {inode: {each.name: each.stat().st_ino for each in path.iterdir()}}
        else:
            data = data | {inode: path.read_bytes()}
        self.promises.append(Promised(names, data))


def keep(directory: Path, entries: list[Entry], rest_s: float = 0.0, services: tuple[str, ...] = ("one",)) -> None:
    """Keep a session of each service, all the same but that the last gets other audio from the middle on."""
    recorders = Recorders(directory, 1 << 30, services)
    lanes = [recorders(service) for service in services]
    for number, entry in enumerate(entries):
        for lane in lanes:
            lane.on_entry(entry)
            if isinstance(entry, Sent):
                other = lane is not lanes[0] and number > len(entries) / 2
                lane.on_audio(round(entry.chunk.position / CHUNK_S) * 1600, CHUNK[::-1] if other else CHUNK)
        if number % 40 == 0:
            time.sleep(rest_s)
    for lane in lanes:
        lane.close()


@pytest.mark.slow
def test_whenever_the_power_goes_services_side_by_side_are_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = tmp_path / "kept"
    kept.mkdir()
    disk = Disk(kept, os.fsync)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    entries = list(long_session(TURNS))
    keep(kept, entries, 0.3, ("one", "two"))
    sent = sum(isinstance(entry, Sent) for entry in entries)
    own = [sum(isinstance(entry, Sent) for entry in entries[: number + 1]) for number in range(len(entries))]
    shared = max(heard for number, heard in enumerate(own) if number <= len(entries) / 2)
    whole = {"one": CHUNK * sent, "two": CHUNK * shared + CHUNK[::-1] * (sent - shared)}
    furthest = dict.fromkeys(whole, 0)
    for number, promised in enumerate(disk.promises):
        left = tmp_path / f"after {number}"
        promised.restore(kept, left)
        for recording in recordings_in(left):
            name = recording.path.name
            found = list(recording.entries())
            assert found == entries[: len(found)]
            assert len(found) >= furthest[name]  # what was there once is not lost again
            furthest[name] = len(found)
            assert recording.audio_path is not None
            frames = soundfile.read(recording.audio_path, dtype="int16")[0].tobytes()
            if recording.manifest.audio.file == AUDIO:
                assert frames == whole[name][: len(frames)]
            else:
                common = min(len(frames), len(CHUNK) * own[len(found) - 1])
                assert frames[:common] == whole["one"][:common]
            fold(recording)
    assert furthest == dict.fromkeys(whole, len(entries))
    assert frames == whole["two"]
    assert recording.manifest.ended == FINISHED


@pytest.mark.slow
def test_whenever_the_power_goes_what_was_promised_is_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = tmp_path / "kept"
    kept.mkdir()
    disk = Disk(kept, os.fsync)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    entries = list(long_session(TURNS))
    keep(kept, entries, 0.3)  # so that it is written bit by bit
    lengths = []
    for number, promised in enumerate(disk.promises):
        left = tmp_path / f"after {number}"
        promised.restore(kept, left)
        for recording in recordings_in(left):
            found = list(recording.entries())
            assert found == entries[: len(found)]
            assert recording.audio_path is not None
            heard = sum(isinstance(entry, Sent) for entry in found)
            lengths.append((len(found), soundfile.info(recording.audio_path).frames // 1600 - heard))
            fold(recording)
    assert lengths == sorted(lengths, key=lambda length: length[0])  # what was there once is not lost again
    assert len({length for length, _ in lengths}) > 3
    assert lengths[0][0] == 1  # it is there from the beginning
    assert lengths[-1] == (len(entries), 0)
    assert recording.manifest.ended == FINISHED


@pytest.mark.slow
def test_every_file_may_be_cut_anywhere(tmp_path: Path):
    entries = list(long_session(TURNS))
    assert isinstance(entries[0], Began)
    keep(tmp_path, entries)
    (recording,) = recordings_in(tmp_path)
    whole = {name: (recording.path / name).read_bytes() for name in (EVENTS, AUDIO)}
    header = len(whole[AUDIO]) - sum(isinstance(entry, Sent) for entry in entries) * len(CHUNK)
    chance = random.Random(1)
    for _ in range(CUTS):
        cuts = {name: chance.randrange(len(data) + 1) for name, data in whole.items()}
        for name, data in whole.items():
            (recording.path / name).write_bytes(data[: cuts[name]])
        again = open_recording(recording.path)
        lines = whole[EVENTS][: cuts[EVENTS]].count(b"\n")
        if lines:
            assert list(again.entries()) == entries[:lines]
            fold(again)
        else:
            with pytest.raises(InputError, match="empty; the program was stopped"):
                fold(again)
        if cuts[AUDIO] >= header:
            frames = soundfile.read(recording.path / AUDIO, dtype="int16")[0]
            assert frames.tobytes() == whole[AUDIO][header : cuts[AUDIO]][: len(frames) * 2]
            assert len(frames) == (cuts[AUDIO] - header) // 2
