"""How a session is shown whose service cannot have all metrics, and tells more than others."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.report.page import Page
from tests.services.flux.examples import turn_info

from stt_monitor.core.journal import ConnectionChanged, Finished, Sent, SpeechEnd, SpeechOnset, received
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.support import AGENT_METRICS
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.export.formats import FORMATS
from stt_monitor.headless.plain import PlainLines
from stt_monitor.report.formats import FORMATS as REPORTS
from stt_monitor.report.model import By, LoadedSession, Report, compose
from stt_monitor.services.registry import dialect_of, schema_of
from stt_monitor.ui.drawing.metric_rows import columns, heading, headline, row
from stt_monitor.ui.drawing.state_diagram import draw_diagram
from stt_monitor.ui.drawing.turn_state_lines import diagram_state, titles
from stt_monitor.ui.formatting import onset_words
from stt_monitor.ui.screens.details import details_lines

SESSION = SessionRecord(
    "2026-01-01T00:00:00Z", "a.wav", "ws://127.0.0.1:1/v2/listen", "flux-general-en", "pcm_s16le", 16_000, 100,
    Settings(), "labels", service="flux",
)  # fmt: skip
WORDS = [
    {"word": "book", "confidence": 0.98, "start": 1.1, "end": 1.5},
    {"word": "it\x1b[31m", "confidence": 0.5, "start": 1.6, "end": 1.9},
]


def talk(*, eager: bool = False) -> tuple[Monitor, list[Record]]:
    """Three turns: told, without a start, with text before any start; speech is 1 s long, and 4 s apart."""
    turn = TurnSettings(eager_eot_threshold=0.5 if eager else None)
    session = msgspec.structs.replace(SESSION, settings=Settings(turn=turn))
    monitor = Monitor(session, dialect_of(session))
    records: list[Record] = [session, *monitor.apply(ConnectionChanged(0.0, Connection.CONNECTED))]
    for tenth in range(150):
        records += monitor.apply(Sent(SentChunk(tenth / 10, 0.1, tenth / 10, tenth / 10 + 0.1), -20.0))
    for onset in (1.0, 5.0, 9.0):
        records += monitor.apply(SpeechOnset(onset + 0.1, onset))
        records += monitor.apply(SpeechEnd(onset + 1.1, onset + 1))
    for number, (at, wire) in enumerate(_messages(eager=eager)):
        records += monitor.apply(received(at, json.dumps({**wire, "sequence_id": number})))
    records += monitor.apply(Finished(15.0, 0))
    return monitor, records


def _messages(*, eager: bool) -> Iterator[tuple[float, dict[str, Any]]]:
    yield 0.1, {"type": "Connected"}
    yield 1.4, turn_info("StartOfTurn", 0, "Book", turn_index=0, words=WORDS[:1], audio_window_end=1.3)
    if eager:
        yield 2.2, turn_info("EagerEndOfTurn", 0, "Book it.", turn_index=0, words=WORDS, audio_window_end=2.1)
    yield 2.4, turn_info(
        "EndOfTurn", 0, "Book it.", turn_index=0, words=WORDS, audio_window_end=2.3, trigger="model",
        end_of_turn_confidence=0.81,
    )  # fmt: skip
    yield 6.3, turn_info("EndOfTurn", 0, "No.", turn_index=1, words=[], audio_window_end=6.2, trigger="timeout")
    yield 9.5, turn_info("Update", 0, "Yes", turn_index=2, words=[], audio_window_end=9.4)
    yield 10.5, turn_info("EndOfTurn", 0, "Yes.", turn_index=2, words=[], audio_window_end=10.4)


def snapshot(*, eager: bool = False) -> Snapshot:
    return talk(eager=eager)[0].snapshot(15.0, running=False)


def report(*snapshots: Snapshot) -> Report:
    return compose(
        [LoadedSession(f"n{at}", each, aggregate_session(each), "p", "") for at, each in enumerate(snapshots)],
        By.SESSION,
    )


def plain(*, eager: bool = False) -> str:
    lines = PlainLines()
    return "\n".join(line for record in talk(eager=eager)[1] for line in lines(record))


def test_lines_say_what_cannot_be_what_is_derived_and_what_the_service_told():
    told, missing, derived = (line for line in plain().splitlines() if "  turn " in line)
    assert "onset 400, text 400, eager n/a, eot 400, lead n/a" in told
    assert "on ± +100, end ± -100 ms; threshold (told), first of the connection" in told
    assert "onset none" in missing
    assert "timeout (told)" in missing
    assert "onset ~500" in derived
    assert derived.endswith("; threshold (guessed)")
    assert "3 turns, eager ends n/a, resumes n/a, wasted n/a, ~0 cut off, 0 missed" in plain()
    assert "eager_latency           0     n/a     n/a     n/a" in plain()
    assert "1 eager, 0 resumed" in plain(eager=True)
    assert "n/a" not in plain(eager=True)


def test_json_lines_say_it():
    lines = [json.loads(to_json(record)) for record in talk()[1]]
    turns = [line for line in lines if line["kind"] == "turn"]
    assert [(turn["start"], turn["end_reason_source"]) for turn in turns] == [
        ("told", "told"), ("missing", "told"), ("derived", "guessed"),
    ]  # fmt: skip
    assert turns[0]["not_applicable"] == [
        "eager_latency_ms",
        "eager_lead_ms",
        "formatted_latency_ms",
        "response_gap_ms",
        "barge_in_stop_ms",
        "talk_over_s",
        "eager_ends",
        "resumes",
        "wasted_replies",
    ]
    (summary,) = (line for line in lines if line["kind"] == "summary")
    assert {"eager_lead_ms", "eager_precision", "resumes"} <= set(summary["not_applicable"])
    assert summary["derived"] == ["onset_latency_ms"]


def test_rows_on_the_screen_say_it():
    shown = snapshot()
    width = 90
    names = heading(width, marks=shown.marks).plain
    assert names.split()[1:-1] == [
        part for metric in columns(width, marks=shown.marks) for part in metric.label.split()
    ]
    told, missing, derived = (row(each, {}, width, marks=shown.marks).plain.split() for each in shown.finished)
    assert headline(shown, width, METRICS["eager_lead"]).plain.split() == [
        "lead", "n/a", "last", "n/a", "p50", "n/a", "p90", "n/a", "max",
    ]  # fmt: skip
    assert told == ["1*", "400", "400", "n/a", "400", "n/a", "600", "+100", "-100", "threshold"]
    assert missing[1] == "–"
    assert derived[1:3] == ["~500", "500"]
    assert (missing[-1], derived[-1]) == ("timeout", "~threshold")
    assert onset_words(shown.session) == "Deepgram Flux waits for a word before it starts a turn."


def test_the_panel_says_it():
    shown = snapshot()
    assert [title.plain for title in titles(shown)] == [
        "Turn state · 3 turns · eager ends n/a",
        "3 turns · eager n/a",
        "3 turns",
    ]
    drawn = "\n".join(line.plain for line in draw_diagram(diagram_state(shown), 100))
    assert "eager end n/a" in drawn
    assert "resume n/a" in drawn
    assert "1 eager end · 0 resumes · 100 % confirmed" in titles(snapshot(eager=True))[0].plain


def test_details_say_what_the_service_told():
    shown = snapshot(eager=True)
    told, missing, derived = (
        "\n".join(line.plain for line in details_lines(each, schema_of(shown.session), 200)) for each in shown.finished
    )
    assert "the service started the turn, it says at 1.300 s of audio, confidence of the end 0.55" in told
    assert "threshold (told): its model decided, it says at 2.300 s of audio, confidence of the end 0.81" in told
    assert "confirmed, it says at 2.100 s of audio, confidence of the end 0.55: “Book it.”" in told
    assert "1.10–1.50          0.98  book\n  1.60–1.90          0.50  it" in told
    assert "\x1b" not in told
    assert "timeout (told): it waited for its timeout" in missing
    assert "turn.start" not in missing.split("What happened")[1]
    assert "derived from the first text: the service sent no start" in derived
    assert "threshold (guessed): the likelihood fell" in derived
    text = "\n".join(line.plain for line in details_lines(snapshot().finished[0], schema_of(shown.session), 200))
    assert re.search(r"  eager ends +n/a", text)
    assert re.search(r"  guess text +n/a", text)


def test_reports_say_it():
    marked = re.sub(" +", " ", "".join(REPORTS["md"](report(snapshot()))))
    assert "| `eager_latency` | n/a | n/a | n/a | n/a | 0 | n/a |" in marked
    assert "| `onset_latency` | ~500 |" in marked
    assert "| `eager_ends` | n/a |" in marked
    assert "formatted_latency" not in marked
    assert "| turn starts | Deepgram Flux waits for a word before it starts a turn |" in marked
    page = Page("".join(REPORTS["html"](report(snapshot()))))
    assert "n/a" in page.texts
    compared = "".join(REPORTS["md"](report(snapshot(), snapshot(eager=True)))).splitlines()
    place = next(place for place, line in enumerate(compared) if line.startswith("| `eager_latency`"))
    assert "**n/a**" in compared[place]
    assert "n/a" not in compared[place + 1]
    document = json.loads("".join(REPORTS["json"](report(snapshot()))))
    (session,) = document["sessions"]
    assert session["counts"]["eager_ends"] is None
    assert "eager_ends" in session["not_applicable"]
    assert session["derived"] == ["onset_latency_ms"]


def test_tables_say_it():
    (told, *_) = csv.DictReader(io.StringIO("".join(FORMATS["csv"].write(snapshot()))))
    assert [told[name] for name in ("eager_latency_ms", "eager_ends", "formatted_latency_ms")] == ["n/a"] * 3
    assert (told["start"], told["end_reason_source"], told["eager_text_match"]) == ("told", "told", "")
    (told, *_) = csv.DictReader(io.StringIO("".join(REPORTS["csv"](report(snapshot())))))
    assert told["eager_lead_ms"] == "n/a"
    assert "not_applicable" not in told
    (turn, *_) = json.loads("".join(FORMATS["json"].write(snapshot())))["turns"]
    assert turn["eager_lead_ms"] is None
    assert "eager_lead_ms" in turn["not_applicable"]


def test_the_same_of_a_session_with_eager_ends_is_measured():
    shown = snapshot(eager=True)
    assert shown.marks.absent - {metric.key for metric in AGENT_METRICS} == {"formatted_latency"}
    assert shown.finished[0].metrics.eager_latency == pytest.approx(0.2)


def test_settings_in_force_that_were_not_asked_for_are_shown():
    session = msgspec.structs.replace(SESSION, settings=Settings(turn=TurnSettings(eot_threshold=0.9)))
    monitor = Monitor(session, dialect_of(session))
    applied = {
        "type": "ConfigureSuccess",
        "sequence_id": 0,
        "thresholds": {"eot_threshold": 0.7, "eot_timeout_ms": 5000},
    }
    monitor.apply(received(1.0, json.dumps(applied)))
    said = monitor.snapshot(1.0, running=True).error
    assert said == "the service has other settings in force than it was asked for: eot_threshold is 0.7, not 0.9"
