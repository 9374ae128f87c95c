"""Recordings told again, however long they are."""

from pathlib import Path

import msgspec
import pytest
from tests.support.long_session import long_session
from tests.support.reachable import reachable

from stt_monitor.core.journal import Began
from stt_monitor.core.records import Record, SummaryRecord, TurnRecord
from stt_monitor.core.turns import Turn
from stt_monitor.recording.manifest import EVENTS, Manifest, StoredAudio, write_manifest
from stt_monitor.recording.replay import fold, tell
from stt_monitor.recording.store import Recording, open_recording

BLOCK = 4096


def recording_of(folder: Path, turns: int) -> Recording:
    entries = list(long_session(turns))
    folder.mkdir()
    (folder / EVENTS).write_bytes(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
    assert isinstance(entries[0], Began)
    write_manifest(folder, Manifest(entries[0].session, StoredAudio("pcm_s16le", 16_000)))
    return open_recording(folder)


def test_who_tells_a_session_holds_on_to_no_turn_that_is_over(tmp_path: Path):
    told = tell(recording_of(tmp_path / "long", 100))
    held = {record.turn: reachable(told, Turn) for record in told if isinstance(record, TurnRecord)}
    assert set(held) == set(range(1, 101))
    assert max(held.values()) <= 3  # the first, the last, one that is open


def test_what_is_told_is_what_a_monitor_knows_that_keeps_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stt_monitor.recording.store._BLOCK", BLOCK)  # so that entries lie across them
    recording = recording_of(tmp_path / "one", 30)
    kept: list[Record] = []
    monitor, snapshot = fold(recording, kept.append)
    assert list(tell(recording)) == kept
    assert isinstance(kept[-1], SummaryRecord)
    assert kept[-1].transcript == monitor.transcript == "".join(each.turn.transcript for each in snapshot.finished)
    assert len(snapshot.finished) == kept[-1].turns == 30
