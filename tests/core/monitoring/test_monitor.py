import json
from typing import Any

import msgspec
import pytest

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Finished,
    HealthReported,
    Returned,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import Connection, HealthRecord, SessionRecord, StatusRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Retry, Transition
from stt_monitor.core.sound.audio_clock import AudioClock, SentChunk
from stt_monitor.core.sound.health import HealthTracker
from stt_monitor.core.turns.state import State
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.services.cartesia.codec import Connected as Hello
from stt_monitor.services.cartesia.codec import (
    EagerEnd,
    KnownEvent,
    ServiceError,
    TurnEnd,
    TurnResume,
    TurnStart,
    TurnUpdate,
    encode,
)

CHUNK_S = 0.1


def session(reference: str = "vad") -> SessionRecord:
    return SessionRecord(
        "2026-01-01T00:00:00Z", "a.wav", "ws://host/stt/turns/websocket", "ink-2", "pcm_s16le", 16000, 100,
        Settings(), reference,
    )  # fmt: skip


class Story:
    """Feeds a monitor: audio that began at 1.0 s of session, events, speech edges; keeps the records."""

    def __init__(self, reference: str = "vad") -> None:
        self.monitor = Monitor(session(reference), DIALECT, duration=60.0)
        self.records: list[Record] = []
        for index in range(300):
            position = index * CHUNK_S
            self.monitor.apply(
                Sent(SentChunk(position, CHUNK_S, 1.0 + position, 1.0 + position + CHUNK_S + 0.003), -20.0)
            )

    def event(self, at: float, event: KnownEvent) -> None:
        self.raw(at, encode(event))

    def raw(self, at: float, frame: str | bytes) -> None:
        self.records += self.monitor.apply(received(at, frame))

    def turn(self, start: float, end: float, text: str = "text") -> None:
        self.event(start, TurnStart())
        self.event(end - 0.2, EagerEnd(text))
        self.event(end, TurnEnd(text))

    def speech(self, onset: float, end: float) -> None:
        self.monitor.apply(SpeechOnset(onset, onset))
        self.monitor.apply(SpeechEnd(end, end))

    def decided(self, position: float, at: float) -> None:
        self.records += self.monitor.apply(SpeechDecided(at, position))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(to_json(record)) for record in self.records]


def data(record: Record) -> dict[str, Any]:
    """The record as `--json` has it."""
    fields: dict[str, Any] = msgspec.to_builtins(record)
    return fields


def test_the_clock_maps_positions_through_the_chunks():
    clock = AudioClock()
    assert clock.spoken_at(0.0) is None
    clock.add(SentChunk(0.0, 0.1, 5.0, 5.11))
    clock.add(SentChunk(0.1, 0.1, 7.0, 7.35))  # a microphone that lost two seconds
    assert clock.spoken_at(0.05) == pytest.approx(5.05)
    assert clock.spoken_at(0.15) == pytest.approx(7.05)
    assert clock.spoken_at(0.35) == pytest.approx(7.25)
    assert clock.send_lag == pytest.approx(0.25)
    assert clock.position == pytest.approx(0.2)
    clock.add(SentChunk(0.2, 0.1, 7.1, 7.21))
    assert clock.send_lag == pytest.approx(0.01)
    assert clock.send_lag_max == pytest.approx(0.25)


def test_the_clock_tells_what_was_being_spoken_when():
    clock = AudioClock()
    assert clock.position_at(3.0) == 0.0
    clock.add(SentChunk(0.0, 0.1, 5.0, 5.11))
    clock.add(SentChunk(0.1, 0.1, 7.0, 7.35))  # a microphone that lost two seconds
    for at, position in ((3.0, 0.0), (5.05, 0.05), (6.0, 0.1), (7.05, 0.15), (9.0, 2.1)):
        assert clock.position_at(at) == pytest.approx(position)


def test_a_turn_knows_where_in_the_audio_it_was():
    story = Story()
    story.event(0.5, Hello())
    story.turn(1.64, 3.52)
    story.event(5.0, TurnStart())
    story.records += story.monitor.apply(ConnectionLost(6.0))
    ended, dangling = story.monitor.snapshot(7.0, running=True).finished
    assert (ended.start_position, ended.end_position) == pytest.approx((0.64, 2.52))
    assert (dangling.start_position, dangling.end_position) == pytest.approx((4.0, 4.0))


def test_events_go_on_record_verbatim_with_turn_and_state():
    story = Story()
    story.event(0.5, Hello("r"))
    story.raw(1.64, '{"type":"turn.start","request_id":"r","turn_id":"1","languages":[]}')
    assert story.lines() == [
        {"kind": "event", "t": 0.5, "turn": None, "state": "idle", "event": {"type": "connected", "request_id": "r"}},
        {
            "kind": "event", "t": 1.64, "turn": 1, "state": "speaking",
            "event": {"type": "turn.start", "request_id": "r", "turn_id": "1", "languages": []},
        },
    ]  # fmt: skip


def test_a_turn_goes_on_record_once_its_speech_is_decided():
    story = Story()
    story.event(0.5, Hello())
    story.speech(0.5, 2.0)  # positions; spoken at 1.5 and 3.0
    story.turn(1.64, 3.52, "Book a table.")
    assert not any(isinstance(record, TurnRecord) for record in story.records)
    assert story.monitor.snapshot(3.6, running=True).finished[0].metrics.pending
    story.decided(3.6, 4.7)
    (record,) = (record for record in story.records if isinstance(record, TurnRecord))
    assert record.t == 4.7
    assert (record.speech_start_s, record.speech_end_s) == (0.5, 2.0)
    assert data(record)["onset_latency_ms"] == pytest.approx(140)
    assert data(record)["eot_latency_ms"] == pytest.approx(520)
    assert data(record)["eager_lead_ms"] == pytest.approx(200)
    assert record.end_reason == "threshold"
    assert record.first_of_connection
    story.decided(4.0, 5.0)
    assert sum(isinstance(record, TurnRecord) for record in story.records) == 1


def test_summaries_leave_out_the_first_turn_of_the_connection():
    story = Story()
    story.event(0.5, Hello())
    for number in range(4):
        begin = 5.0 * number
        story.speech(begin, begin + 2)
        story.turn(begin + 1.2 + number / 10, begin + 3.5)
    *_, summary = story.monitor.apply(Finished(30.0))
    written = json.loads(to_json(summary))
    assert written["turns"] == 4
    assert written["transcript"] == "text" * 4
    assert written["onset_latency_ms"]["n"] == 3
    assert written["onset_latency_ms"]["p50"] == pytest.approx(400)
    assert written["first_turn"]["onset_latency_ms"] == pytest.approx(200)
    assert written["counts"]["turns"] == 4
    assert written["counts"]["eager_ends_confirmed"] == 4


def test_the_transcript_is_the_plain_concatenation_of_the_turn_ends():
    story = Story("none")
    story.event(0.5, Hello())
    story.turn(1, 2, "Yes please.")
    story.turn(3, 4, "")
    story.turn(5, 6, "  And a coffee. ")
    story.event(7, TurnStart())
    story.event(8, TurnUpdate("Never fin"))
    story.records += story.monitor.apply(ConnectionLost(9))
    assert story.monitor.transcript == "Yes please.  And a coffee. "
    lost = story.records[-1]
    assert isinstance(lost, TurnRecord)
    assert (lost.transcript, lost.end_reason, data(lost)["eot_latency_ms"]) == ("Never fin", "dangling", None)


def test_counts_follow_the_events_at_once():
    story = Story()
    story.event(0.5, Hello())
    story.event(1, TurnStart())
    story.event(2, EagerEnd("a"))
    assert story.monitor.snapshot(2, running=True).counts.eager_ends == 1
    story.event(3, TurnResume())
    story.event(3.1, TurnResume())  # a slip: nothing to take back
    story.event(4, EagerEnd("a"))
    story.event(5, TurnEnd("a"))
    counts = story.monitor.snapshot(5, running=True).counts
    assert (counts.turns, counts.eager_ends, counts.eager_ends_confirmed, counts.resumes) == (1, 2, 1, 1)
    assert counts.violations == 1


def test_speech_without_a_turn_is_missed_and_a_turn_without_speech_spurious():
    story = Story()
    story.event(0.5, Hello())
    story.speech(0.5, 2.0)
    story.turn(1.7, 3.5)
    story.speech(6.0, 7.0)  # nobody starts a turn
    story.turn(20.0, 21.0)  # nobody spoke
    story.decided(25.0, 26.0)
    counts = story.monitor.snapshot(26.0, running=True).counts
    assert (counts.missed, counts.spurious) == (1, 1)
    story.decided(26.0, 27.0)
    assert story.monitor.snapshot(27.0, running=True).counts.missed == 1


def test_the_state_panel_has_what_it_shows():
    story = Story()
    story.event(0.5, Hello())
    story.event(1.5, TurnStart())
    story.event(2.0, TurnUpdate("a"))
    speaking = story.monitor.snapshot(2.5, running=True)
    assert (speaking.state, speaking.state_since) == (State.SPEAKING, 1.5)
    assert speaking.transition == Transition("start", 1.5, 1)
    assert speaking.open_turn is not None
    assert speaking.open_turn.transcript == "a"
    story.event(3.0, EagerEnd("a"))
    story.event(3.4, TurnResume())
    resumed = story.monitor.snapshot(3.5, running=True)
    assert (resumed.state, resumed.state_since) == (State.SPEAKING, 3.4)
    assert resumed.transition == Transition("resume", 3.4, 1)


def test_unknown_events_and_bad_json_are_counted_and_put_on_record():
    story = Story()
    story.event(0.5, Hello())
    story.raw(1, '{"type":"turn.dance"}')
    story.raw(2, "{")
    kinds = [(line["kind"], line.get("rule")) for line in story.lines()]
    assert kinds == [("event", None), ("event", None), ("unknown", None), ("violation", "bad_json")]
    assert [line["type"] for line in story.lines() if line["kind"] == "unknown"] == ["turn.dance"]
    counts = story.monitor.snapshot(3, running=True).counts
    assert (counts.violations, counts.unknown_events) == (1, 1)


def test_an_error_is_shown_in_the_services_words():
    story = Story()
    story.event(1, ServiceError(400, "Invalid model", "No such model."))
    assert story.monitor.snapshot(1, running=True).error == "Invalid model: No such model."
    story.event(2, ServiceError(500))
    snapshot = story.monitor.snapshot(2, running=True)
    assert snapshot.error
    assert snapshot.counts.errors == 2


def test_an_error_after_our_close_of_a_silent_session_is_not_the_users_problem():
    # The service answers so when it got practically no audio (protocol.md 9).
    story = Story()
    story.event(0.5, Hello())
    story.monitor.apply(CloseSent(0.0))
    story.event(1, ServiceError(500, "Internal", "no audio"))
    assert story.monitor.snapshot(1, running=True).error == ""


def test_json_holds_no_character_that_a_terminal_obeys():
    story = Story()
    story.event(1, TurnUpdate("\x1b[2J\x9b2J\u202e"))
    line = to_json(story.records[0])
    assert line.isascii()
    assert json.loads(line)["event"]["transcript"] == "\x1b[2J\x9b2J\u202e"


def test_a_snapshot_does_not_change_afterwards():
    story = Story("none")
    story.event(0.5, Hello())
    story.turn(1, 2)
    before = story.monitor.snapshot(2, running=True)
    story.turn(3, 4)
    assert len(before.finished) == before.counts.turns == 1
    assert len(story.monitor.snapshot(4, running=True).finished) == 2


def test_status_changes_go_on_record():
    (record,) = Story().monitor.apply(ConnectionChanged(3.25, Connection.CLOSED, "the connection was lost"))
    line = json.loads(to_json(record))
    assert line.pop("health")["audio_sent_s"] == 30.0
    assert line == {
        "kind": "status", "t": 3.25, "connection": "closed", "detail": "the connection was lost", "server": "",
    }  # fmt: skip


def test_a_turn_is_not_about_speech_that_an_earlier_connection_heard():
    story = Story()
    story.event(0.5, Hello())
    story.speech(0.5, 2.0)  # spoken at 1.5 and 3.0
    story.event(1.7, TurnStart())
    story.records += story.monitor.apply(ConnectionLost(2.0))
    story.records += story.monitor.apply(ConnectionChanged(2.4, Connection.CONNECTED))
    story.monitor.apply(
        Sent(SentChunk(30.0, CHUNK_S, 2.5, 2.7), -20.0)
    )  # the first chunk that the new connection hears
    story.event(2.8, TurnStart())
    story.event(3.3, TurnEnd("rest"))
    story.records += story.monitor.apply(SpeechFinished(60.0))
    lost, rest = (record for record in story.records if isinstance(record, TurnRecord))
    assert lost.end_reason == "dangling"
    assert data(lost)["onset_latency_ms"] == pytest.approx(200)
    assert data(rest)["onset_latency_ms"] is None
    assert data(rest)["eot_latency_ms"] == pytest.approx(300)
    assert rest.first_of_connection


def test_reconnects_are_the_connections_but_for_the_first():
    monitor = Story().monitor
    for expected in (0, 1, 2):
        (record,) = monitor.apply(ConnectionChanged(1.0, Connection.CONNECTED))
        assert isinstance(record, StatusRecord)
        assert record.health.reconnects == expected


def test_the_next_attempt_is_shown_until_it_is_made():
    monitor = Story().monitor
    retry = Retry(2, 6, 4.5)
    monitor.apply(ConnectionChanged(3.0, Connection.RECONNECTING, "the connection was lost", retry))
    assert monitor.snapshot(3.1, running=True).retry == retry
    monitor.apply(ConnectionChanged(4.5, Connection.CONNECTED))
    assert monitor.snapshot(4.6, running=True).retry is None


def test_health_keeps_the_loudest_and_counts_what_is_clipped():
    vitals, clock = HealthTracker(), AudioClock()
    assert vitals.health(clock).peak_db is None
    for peak in (-20.0, -0.05, 0.0, -3.0):
        vitals.add_peak(peak)
    vitals.update(round_trip=0.02, waiting_s=0.3004, dropped_s=0.1, unconfirmed_s=0.2, overruns=3)
    vitals.update(round_trip=None, waiting_s=0.1)
    health = vitals.health(clock)
    assert (health.peak_db, health.clipped) == (0.0, 2)
    assert (health.round_trip, health.waiting_s, health.overruns) == (0.02, 0.1, 0)


def test_health_goes_on_record_every_two_seconds_while_audio_flows():
    monitor = Monitor(session(), DIALECT)
    records: list[Record] = []
    for index in range(70):
        chunk = SentChunk(index * CHUNK_S, CHUNK_S, index * CHUNK_S, (index + 1) * CHUNK_S + 0.003)
        records += monitor.apply(Sent(chunk, -20.0 - index))
    assert all(isinstance(record, HealthRecord) for record in records)
    lines = [json.loads(to_json(record)) for record in records]
    assert [line["t"] for line in lines] == pytest.approx([2.003, 4.003, 6.003])
    health = lines[0]["health"]
    assert (lines[0]["kind"], lines[0]["connection"]) == ("health", "connecting")
    assert set(health) >= {
        "level_db", "peak_db", "clipped", "waiting_s", "dropped_s", "overruns", "send_lag", "round_trip",
    }  # fmt: skip
    assert health["level_db"] < health["peak_db"] == -20.0
    assert health["send_lag"] == pytest.approx(0.003)


def test_health_goes_on_record_while_a_microphone_waits_for_its_line():
    monitor = Monitor(session(), DIALECT)
    vitals = [HealthReported(2.0 + index / 2, waiting_s=index / 2, dropped_s=0.0) for index in range(10)]
    records = [record for entry in vitals for record in monitor.apply(entry)]
    assert [json.loads(to_json(record))["health"]["waiting_s"] for record in records] == [0.0, 2.0, 4.0]


def test_what_was_sent_again_lies_where_it_lay_in_the_file_and_a_pause_takes_no_place_there():
    clock = AudioClock(of_file=True)
    assert clock.in_file(0.0) is None
    clock.add(SentChunk(0.0, 1.0, 0.0, 1.0), 0.0)
    clock.add(SentChunk(1.0, 1.0, 1.0, 2.0), 1.0)
    clock.add(SentChunk(2.0, 1.0, 2.0, 3.0, quiet=True), 2.0)
    clock.add(SentChunk(3.0, 1.0, 7.0, 8.0), 0.5)  # a second and a half was taken back
    places = [(0.2, 0.2), (1.5, 1.5), (2.7, 2.0), (3.0, 0.5), (3.5, 1.0), (4.2, 1.5)]
    assert [clock.in_file(position) for position, _ in places] == pytest.approx([place for _, place in places])
    assert clock.in_file(2.0, end=True) == pytest.approx(2.0)
    assert clock.in_file(3.0, end=True) == pytest.approx(2.0)
    assert AudioClock().in_file(1.0) is None


def test_a_file_that_was_sent_again_in_part_has_positions_of_its_own_and_no_counter_runs_back():
    story = Story()
    story.event(0.5, Hello())
    story.monitor.apply(Returned(31.0, 10.0, 20.0))
    story.monitor.apply(ConnectionLost(31.0))
    before = story.monitor.snapshot(31.0, running=True).health
    for number in range(50):
        position = 30.0 + number * CHUNK_S
        story.monitor.apply(Sent(SentChunk(position, CHUNK_S, position + 2, position + 2.2), -20.0))
    story.event(32.1, Hello())
    story.speech(32.0, 33.0)
    story.turn(34.2, 35.5)
    story.records += story.monitor.apply(SpeechFinished(60.0))
    (turn,) = (record for record in story.records if isinstance(record, TurnRecord))
    assert (turn.speech_start_s, turn.speech_end_s) == (32.0, 33.0)
    assert (turn.speech_start_file_s, turn.speech_end_file_s) == (12.0, 13.0)
    after = story.monitor.snapshot(60.0, running=True).health
    assert (before.audio_sent_s, before.resent_s) == (30.0, 20.0)
    assert (after.audio_sent_s, after.resent_s) == (35.0, 20.0)
