"""A service with a dialect of its own: messages that say nothing, or several things at once."""

import json

import msgspec

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import Connected, Event, ServiceError, TurnEnd, TurnStart, TurnUpdate, Violation
from stt_monitor.core.journal import ConnectionLost, Finished, received
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import EventRecord, ViolationRecord
from stt_monitor.core.settings.requested import Schema, Settings

SESSION = SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "m", "pcm_s16le", 16_000, 100, Settings(), "none")


class Words:
    """Sends the words of a turn one by one, and no start; each message has a number, from 0 on each connection."""

    def __init__(self) -> None:
        self._text = ""
        self._next = 0

    def read(self, message: str | bytes) -> Message:
        wire = msgspec.json.decode(message)
        events: list[Event] = []
        if wire["n"] != self._next:
            events.append(Violation("numbered", f"message {self._next} is missing"))
        self._next = wire["n"] + 1
        if word := wire.get("word"):
            if not self._text:
                events.append(TurnStart())
            self._text = f"{self._text} {word}".strip()
            events.append(TurnUpdate(self._text))
        if wire.get("last"):
            events.append(TurnEnd())
            self._text = ""
        if wire.get("oops"):
            events += [Connected(), ServiceError("it failed")]
        return Message(tuple(events), wire)


def monitor() -> Monitor:
    return Monitor(SESSION, Dialect(Schema(()), Words))


def feed(monitor: Monitor, *messages: dict[str, object], at: float = 1.0) -> list[Record]:
    return [record for each in messages for record in monitor.apply(received(at, json.dumps(each)))]


def test_a_message_may_begin_and_end_a_turn():
    heard = monitor()
    said = {"n": 0, "word": "No.", "last": True}
    records = feed(heard, said, {"n": 1, "word": "Yes,"}, {"n": 2}, {"n": 3, "word": "please.", "last": True})
    told = [record for record in records if isinstance(record, EventRecord)]
    assert [(record.turn, record.state) for record in told] == [
        (1, "idle"),
        (2, "speaking"),
        (None, "speaking"),
        (2, "idle"),
    ]
    assert told[0].event == said
    assert heard.transcript == "No. Yes, please."
    (summary,) = (record for record in heard.apply(Finished(9.0, 2)) if isinstance(record, SummaryRecord))
    assert (summary.turns, summary.transcript, summary.counts.violations) == (2, "No. Yes, please.", 0)


def test_a_decoder_tells_what_its_wire_alone_shows():
    assert [
        (record.rule, record.detail)
        for record in feed(monitor(), {"n": 0}, {"n": 2}, {"n": 3})
        if isinstance(record, ViolationRecord)
    ] == [("numbered", "message 1 is missing")]


def test_each_connection_has_a_decoder_of_its_own():
    heard = monitor()
    feed(heard, {"n": 0, "word": "Half"})
    heard.apply(ConnectionLost(2.0))
    records = feed(heard, {"n": 0, "word": "Whole.", "last": True}, at=3.0)
    assert not any(isinstance(record, ViolationRecord) for record in records)
    assert heard.transcript == "Whole."


def test_an_error_is_shown_whatever_comes_with_it():
    heard = monitor()
    feed(heard, {"n": 0, "oops": True})
    assert heard.snapshot(2.0, running=True).error == "it failed"
