"""`--plain` is the mode for screen readers: words and plain punctuation, one line an event, whatever happens."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, get_args

import msgspec
import pytest

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import (
    ConfigRecord,
    QuietRecord,
    SessionRecord,
    StallRecord,
    StatusRecord,
    WarningRecord,
)
from stt_monitor.core.records.summaries import AssertionRecord, Counts, SummaryRecord, TotalRecord
from stt_monitor.core.records.turns import EventRecord, LikelihoodRecord, TurnRecord, UnknownRecord, ViolationRecord
from stt_monitor.core.settings.requested import TurnSettings, decode_hook
from stt_monitor.core.stall import Evidence
from stt_monitor.headless.plain import PlainLines

DEMO = Path(__file__).parents[1] / "golden" / "demo.jsonl"
WORDS = set(string.ascii_letters + string.digits + string.punctuation + " \u2019\u201c\u201d\u2026")
"""What screen readers read; but for the words of a service, which are printed as they came."""
DECORATION = re.compile(r"([^\w\s=.])\1{2,}")
"""Rules and bars made of punctuation; `===` before a heading is documented."""


def demo() -> list[Record]:
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record, dec_hook=decode_hook)
    return [decoder.decode(line) for line in lines]


Of = TypeVar("Of", bound=Record)


def of(records: list[Record], kind: type[Of]) -> Of:
    return next(record for record in records if isinstance(record, kind))


def everything() -> Iterator[Record]:
    """Yield the demo's session with all that can happen besides, and what may be missing in a turn missing."""
    records = demo()
    session, turn, summary = of(records, SessionRecord), of(records, TurnRecord), of(records, SummaryRecord)
    yield msgspec.structs.replace(
        session, channel="channel 1 of 2", agent="channel 2 of 2", degraded=("phone", "noise:10"), anchor="arrival"
    )
    yield from records[1:-1]
    yield ConfigRecord(1.0, TurnSettings(end_threshold=0.4), refused=True)
    yield QuietRecord(1.0, quiet=True, how="paused")
    yield StatusRecord(1.0, "reconnecting", "The service closed the connection (1011).", summary.health)
    yield WarningRecord(1.0, "the sound has nothing above 4 kHz")
    yield StallRecord(9.0, "service", "no event for 8 s while somebody speaks", 1.0, Evidence(8.0, 8.0))
    yield StallRecord(9.0, "", "", 1.0, Evidence(8.0, 8.0))
    yield ViolationRecord(1.0, "G1", "turn.update before turn.start")
    yield UnknownRecord(1.0, "turn.whisper")
    yield LikelihoodRecord(1.0, [(0.5, 0.9)])
    missing = {metric.column: None for metric in TURN_METRICS if metric.unit is Unit.MILLISECONDS}
    yield msgspec.structs.replace(turn, **missing, false_cutoff=True, spurious=True, slow=True, interruption=True)
    yield msgspec.structs.replace(summary, recording_stopped="the disk is full")
    yield AssertionRecord(1.0, "eot.p90<=900ms", passed=False, actual=1444.0, unit="ms", n=4, reason="")
    yield AssertionRecord(1.0, "wer<=10%", passed=False, actual=None, unit="%", n=None, reason="no reference")


def test_there_is_something_of_every_kind():
    """A total is printed as a summary is."""
    assert {type(record) for record in everything()} | {TotalRecord} == set(get_args(Record))


@pytest.mark.parametrize("services", [(), ("cartesia", "flux")])
def test_every_line_is_of_words_and_plain_punctuation(services: tuple[str, ...]):
    lines = PlainLines(several=True, services=services)
    printed = [(record, line) for record in everything() for line in lines(record)]
    assert len(printed) > 80
    for record, line in printed:
        assert set(line) <= WORDS, line
        assert not DECORATION.search(line), line
        assert "\n" not in line, record


def test_each_event_is_one_line():
    lines = PlainLines()
    for record in demo():
        printed = list(lines(record))
        if isinstance(record, EventRecord):
            assert len(printed) == 1


def test_what_happened_beside_the_turns_is_told_when_it_was():
    lines = PlainLines()
    records = [*everything()]
    health = of(records, StatusRecord).health
    session = of(records, SessionRecord)
    happened: list[Record] = [
        session,
        ConfigRecord(1.0, TurnSettings(end_threshold=0.45)),
        StatusRecord(2.0, "connected", "", health),
        StatusRecord(3.0, "reconnecting", "closed (1011)", health),
        StatusRecord(4.0, "connected", "", health),
        ConfigRecord(5.0, TurnSettings(end_threshold=0.45, end_timeout_ms=4000)),
        ConfigRecord(6.0, TurnSettings(end_threshold=0.45), refused=True),
        WarningRecord(7.0, "the sound has nothing above 4 kHz"),
        QuietRecord(8.0, quiet=True, how="muted"),
        QuietRecord(9.0, quiet=False, how="muted"),
    ]
    said = [" ".join(line.split()) for record in happened for line in lines(record)]
    assert [line for line in said if "| " in line and "audio |" not in line] == [
        "1.000 settings | end 0.45",
        "3.000 connection | reconnecting: closed (1011)",
        "4.000 connection | connected",
        "5.000 settings | timeout 4000 ms",
        "6.000 settings | refused by the service, back to timeout 5600 ms",
        "7.000 warning | the sound has nothing above 4 kHz",
        "8.000 muted | silence is sent",
        "9.000 muted | no more",
    ]


def test_what_has_no_value_is_a_word():
    (turn,) = (record for record in [*everything()][-4:] if isinstance(record, TurnRecord))
    said = "\n".join(PlainLines()(turn))
    assert "eot none" in said
    assert "first of the connection" in said or "slow: delayed" in said
    assert "cut off" in said


def test_where_only_our_own_close_ended_turns_nobody_knows_what_is_wasted():
    summary = of(demo(), SummaryRecord)
    closed = msgspec.structs.replace(summary, turns=1, counts=Counts(turns=1, closed=1))
    (said,) = (line for line in PlainLines()(closed) if line.startswith("1 turn"))
    assert "wasted unknown, cut-offs unknown, 0 missed, spurious unknown" in said
    ended = msgspec.structs.replace(summary, turns=2, counts=Counts(turns=2, closed=1, turns_ended=1, turns_checked=1))
    (said,) = (line for line in PlainLines()(ended) if line.startswith("2 turns"))
    assert "0 wasted, ~0 cut off, 0 missed, 0 spurious" in said
