import msgspec
import pytest

from stt_monitor.core.journal import (
    Addressed,
    AgentDecided,
    AgentEnd,
    AgentOnset,
    Began,
    CloseSent,
    Configured,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Failed,
    Finished,
    FramePassed,
    HealthReported,
    Quieted,
    ReceivedBytes,
    RecordingChanged,
    Returned,
    Sent,
    SpeechAbandoned,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, RecordingState, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings, decode_hook
from stt_monitor.core.snapshot import Retry, Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.services.cartesia import DIALECT

SESSION = SessionRecord(
    "2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16000, 100,
    Settings(turn=TurnSettings(end_threshold=0.3)), "vad",
)  # fmt: skip
BEGAN = Began(msgspec.structs.replace(SESSION, agent="channel 2 of 2"), 12.3)


def journal() -> list[Entry]:
    """All that can happen, at times that no decimal notation keeps unless it is written in full."""
    third = 1 / 3
    chunks = [Sent(SentChunk(i / 7, 1 / 7, third + i / 7, third + (i + 1) / 7 + 0.001), -20 - third) for i in range(20)]
    return [
        BEGAN,
        ConnectionChanged(0.001, Connection.CONNECTING, "not yet", Retry(2, 3, 0.1 + 0.2)),
        Addressed(0.1 + 0.2, "ws://host/stt/turns/websocket"),
        ConnectionChanged(third, Connection.CONNECTED),
        received(third + 1e-9, '{"type":"connected","request_id":"r"}'),
        *chunks,
        HealthReported(1.0, 0.1 + 0.2, third, third, third, 3),
        SpeechOnset(1.1, 0.1),
        received(1.1 + third, '{"type":"turn.start"}'),
        received(1.2 + third, '{"type":"turn.update","transcript":"Sch\\u00f6n"}'),
        received(1.3 + third, '{"type":"turn.eager_end","transcript":"Schön"}'),
        SpeechEnd(2.0, 1 + 1 / 7),
        received(2.0 + third, '{"type":"turn.end","transcript":"Schön"}'),
        ReceivedBytes(2.1 + third, b"\xff\x00"),
        received(2.2, '{"type":"error","message":"no"}'),
        Configured(2.3, TurnSettings(end_threshold=third)),
        Quieted(2.4, quiet=True),
        FramePassed(2.41, FrameKind.HANDSHAKE, text="/stt?model=ink-2", code=101, took=third),
        FramePassed(2.42, FrameKind.PING, sent=True, size=4),
        FramePassed(2.43, FrameKind.CLOSE, size=25, text="Invalid \u202eturn\x1b[2J thresholds", code=1008),
        received(2.5, f'{{"type":"x.likelihood","points":[[{third},0.5]]}}'),
        SpeechDecided(2.9, 2.9),
        AgentOnset(2.91, 1 + third),
        AgentEnd(2.92, 2 + third),
        AgentDecided(2.93, 2.5),
        received(2.95, '{"type":"turn.start"}'),
        Returned(2.96, 18 / 7, 2 / 7),
        CloseSent(3.0),
        ConnectionLost(3.0 + third),
        SpeechFinished(3.1 + third),
        SpeechAbandoned(3.15 + third),
        Failed(3.2, "it failed"),
        ConnectionChanged(3.3, Connection.CLOSED, "it failed"),
        RecordingChanged(3.4, RecordingState("kept/here", "the disk is full", 2)),
        Finished(3.4 + third),
    ]


def play(entries: list[Entry]) -> tuple[list[Record], list[Snapshot]]:
    began, *rest = entries
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT)
    records: list[Record] = []
    snapshots = []
    for entry in rest:
        records += monitor.apply(entry)
        snapshots.append(monitor.snapshot(entry.at, running=not monitor.over))
    return records, snapshots


def test_a_journal_that_was_written_as_json_tells_the_same_to_the_last_digit():
    entries = journal()
    read = msgspec.json.decode(msgspec.json.encode(entries), type=list[Entry], dec_hook=decode_hook)
    assert read == entries
    assert play(read) == play(entries)


def test_every_kind_of_entry_is_in_that_journal():
    assert {type(entry) for entry in journal()} == set(Entry.__args__)


def test_what_the_journal_says_is_what_the_session_was():
    records, snapshots = play(journal())
    assert [type(record).__name__ for record in records] == [
        "StatusRecord", "SessionRecord", "StatusRecord", "EventRecord", "HealthRecord",
        *["EventRecord"] * 4, "ViolationRecord", "EventRecord", "ConfigRecord", "QuietRecord", "LikelihoodRecord",
        "StatusRecord", "EventRecord", "TurnRecord", "TurnRecord", "StatusRecord", "RecordingRecord", "SummaryRecord",
    ]  # fmt: skip
    last = snapshots[-1]
    assert (last.error, last.session.url, last.audio.duration) == ("it failed", "ws://host/stt/turns/websocket", 12.3)
    assert [finished.turn.transcript for finished in last.finished] == ["Schön", ""]
    assert last.finished[0].metrics.response_gap == pytest.approx(1 + 1 / 3 - 1 - 1 / 7)
    assert last.health.overruns == 3
    assert not last.running


def test_the_sessions_own_record_goes_out_once():
    monitor = Monitor.begin(BEGAN, DIALECT)
    assert len(monitor.apply(Addressed(0.1, "ws://a/"))) == 1
    assert monitor.apply(Addressed(0.2, "ws://b/")) == []
    assert monitor.session.url == "ws://b/"


def test_a_session_begins_once():
    with pytest.raises(ValueError, match="once"):
        Monitor.begin(BEGAN, DIALECT).apply(BEGAN)
