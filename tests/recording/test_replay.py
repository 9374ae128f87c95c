"""Recordings told again, however long they are."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.kept import keep_journal
from tests.support.long_session import long_session
from tests.support.reachable import reachable

from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.turns.turn import Turn
from stt_monitor.recording.replay import fold, replay_records

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record

BLOCK = 4096


@pytest.mark.slow
def test_who_tells_a_session_holds_on_to_no_turn_that_is_over(tmp_path: Path):
    told = replay_records(keep_journal(tmp_path / "long", long_session(100)))
    held = {record.turn: reachable(told, Turn) for record in told if isinstance(record, TurnRecord)}
    assert set(held) == set(range(1, 101))
    assert max(held.values()) <= 3  # the first, the last, one that is open


def test_what_is_told_is_what_a_monitor_knows_that_keeps_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stt_monitor.recording.reader._BLOCK", BLOCK)  # so that entries lie across them
    recording = keep_journal(tmp_path / "one", long_session(30))
    kept: list[Record] = []
    monitor, snapshot = fold(recording, kept.append)
    assert list(replay_records(recording)) == kept
    assert isinstance(kept[-1], SummaryRecord)
    assert kept[-1].transcript == monitor.transcript == "".join(each.turn.transcript for each in snapshot.finished)
    assert len(snapshot.finished) == kept[-1].turns == 30
