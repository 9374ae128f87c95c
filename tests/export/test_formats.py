"""Each format is read back with a reader that others wrote, or else by the format's own rules."""

import csv
import io
import json
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from praatio import textgrid
from praatio.utilities.constants import Point
from tests.core.metrics.test_claims import Event, session
from tests.ui.scripted import Script

from stt_monitor.audio.references.labels import read_labels
from stt_monitor.core.events import Language
from stt_monitor.core.journal import ConnectionChanged, ConnectionLost
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.cues import cues
from stt_monitor.export.formats import FORMATS

WORDS = (
    'Book a <b>table</b> & {\\an8} say "hi", --> please;',
    "=HYPERLINK(1)",
    "two\nlines\r\n\r\n1\n00:00:01,000 --> 00:00:02,000\nof it\t\x1b[31m\u202e",
    "می‌خواهم 👩‍👩‍👧 <00:01.000>",
)  # fmt: skip


def talk(*texts: str, source: str = "my call.wav") -> Snapshot:
    """Turns of 2 s, 5 s apart, the second with a resume; then one that the connection's loss leaves dangling."""
    script = Script(source=source, duration=60.0).connect()
    for number, text in enumerate(texts):
        script.turn(1.0 + 5 * number, text, resumed=number == 1)
    script.decided()
    return script.snapshot(script.at + 1)


def exported(name: str, snapshot: Snapshot) -> str:
    return "".join(FORMATS[name].write(snapshot))


def without_joiners(text: str) -> str:
    return text.replace("\u2060", "")


def test_srt_is_read_by_pysubs2():
    subtitles = pysubs2.SSAFile.from_string(exported("srt", talk(*WORDS)), "srt", keep_html_tags=True)
    assert [(event.start, event.end) for event in subtitles] == [
        (1000, 3000),
        (6000, 8000),
        (11000, 13000),
        (16000, 18000),
    ]
    assert [without_joiners(event.text) for event in subtitles] == [clean(text) for text in WORDS]


def test_vtt_is_read_by_webvtt(tmp_path: Path):
    path = tmp_path / "out.vtt"
    path.write_text(exported("vtt", talk(*WORDS)), "utf-8")
    captions = webvtt.read(str(path)).captions
    assert [(caption.start, caption.end) for caption in captions[:2]] == [
        ("00:00:01.000", "00:00:03.000"), ("00:00:06.000", "00:00:08.000"),
    ]  # fmt: skip
    escapes = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
    read = [re.sub("&(lt|gt|amp);", lambda match: escapes[match[0]], caption.raw_text) for caption in captions]
    assert read == [clean(text) for text in WORDS]


def test_audacity_labels_are_read_as_reference_speech_and_as_a_table(tmp_path: Path):
    path = tmp_path / "labels.txt"
    path.write_text(exported("audacity", talk(*WORDS)), "utf-8")
    spans = [(span.onset, span.end) for span in read_labels(path, "my call.wav")[0]]
    assert spans == [(1.0, 3.0), (6.0, 8.0), (11.0, 13.0), (16.0, 18.0)]
    assert np.loadtxt(path, delimiter="\t", usecols=(0, 1), comments=None).tolist() == [list(span) for span in spans]
    assert [line.split("\t")[2] for line in path.read_text("utf-8").splitlines()] == [clean(text) for text in WORDS]


def test_a_textgrid_is_read_by_praatio(tmp_path: Path):
    path = tmp_path / "out.TextGrid"
    path.write_text(exported("textgrid", talk(*WORDS)), "utf-8")
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert grid.tierNames == ("speech", "turns", "state", "events")
    assert grid.maxTimestamp == 60.0
    turns = grid.getTier("turns").entries
    assert [entry[2].replace('""', '"') for entry in turns] == [clean(text) for text in WORDS]
    assert [entry[:2] for entry in turns[:2]] == [(1.2, 3.4), (6.2, 8.4)]
    assert [entry[:2] for entry in grid.getTier("speech").entries[:2]] == [(1.0, 3.0), (6.0, 8.0)]
    assert [tuple(entry) for entry in grid.getTier("state").entries[2:6]] == [
        (6.2, 7.0, "speaking"), (7.0, 7.3, "eager_end"), (7.3, 8.2, "speaking"), (8.2, 8.4, "eager_end"),
    ]  # fmt: skip
    assert grid.getTier("events").entries[:3] == (
        Point(1.2, "turn.start"), Point(3.2, "turn.eager_end"), Point(3.4, "turn.end"),
    )  # fmt: skip


def test_the_speech_of_a_textgrid_has_the_pauses_of_labelled_turns_and_is_read_as_labels_again(tmp_path: Path):
    events: list[Event] = [
        (1.2, "turn.start"), (2.4, "turn.end", "a"), (2.8, "turn.start"), (5.4, "turn.end", "b"),
        (6.2, "turn.start"), (7.3, "turn.end", "c"),
    ]  # fmt: skip
    spans = [(1.0, 2.0), (2.75, 4.0), (4.5, 5.0), (6.0, 7.0)]
    path = tmp_path / "out.TextGrid"
    path.write_text(exported("textgrid", session(spans, events, continuing=(2.75, 4.5))), "utf-8")
    read = [(span.onset, span.end, span.continues) for span in read_labels(path, "a.wav")[0]]
    assert read == [(1.0, 2.0, False), (2.75, 4.0, True), (4.5, 5.0, True), (6.0, 7.0, False)]
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert [entry[2] for entry in grid.getTier("speech").entries] == ["speech", "pause"] * 2 + ["speech"] * 2


def test_rttm_has_ten_fields_a_line():
    lines = [line.split(" ") for line in exported("rttm", talk("one", "two")).splitlines()]
    assert lines == [
        ["SPEAKER", "my_call.wav", "1", start, "2.200", "<NA>", "<NA>", "user", "<NA>", "<NA>"]
        for start in ("1.200", "6.200")
    ]


def test_the_agents_speech_is_in_the_formats_with_speakers_and_the_callers_is_read_as_labels(tmp_path: Path):
    heard = talk("one", "two")
    heard = msgspec.structs.replace(
        heard,
        session=msgspec.structs.replace(heard.session, agent="channel 2 of 2"),
        agent_speech=(Span(3.5, 3.5, 5.25, 5.25), Span(59.0, 59.0)),
        audio=msgspec.structs.replace(heard.audio, position=60.0),
    )
    path = tmp_path / "out.TextGrid"
    path.write_text(exported("textgrid", heard), "utf-8")
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert grid.tierNames == ("speech", "turns", "state", "agent", "events")
    assert [tuple(entry) for entry in grid.getTier("agent").entries] == [(3.5, 5.25, "speech"), (59.0, 60.0, "speech")]
    assert [(span.onset, span.end) for span in read_labels(path, "a.wav")[0]] == [(1.0, 3.0), (6.0, 8.0)]
    lines = [line.split(" ") for line in exported("rttm", heard).splitlines()]
    assert [(line[3], line[4], line[7]) for line in lines] == [
        ("1.200", "2.200", "user"), ("6.200", "2.200", "user"),
        ("3.500", "1.750", "agent"), ("59.000", "1.000", "agent"),
    ]  # fmt: skip
    told = json.loads(exported("json", heard))["agent_speech"]
    assert told == [{"start_s": 3.5, "end_s": 5.25}, {"start_s": 59.0, "end_s": 60.0}]
    assert "agent_speech" not in json.loads(exported("json", talk("one")))


def test_a_turn_that_lasted_no_time_is_there_all_the_same(tmp_path: Path):
    script = Script(reference="none", duration=None).connect()
    for at, text in ((1.0, "one"), (1.0, "two"), (3.0, "three")):
        script.event(at, "turn.start").event(at, "turn.end", text)
    snapshot = script.snapshot()
    snapshot = msgspec.structs.replace(
        snapshot,
        finished=[msgspec.structs.replace(each, end_position=each.start_position) for each in snapshot.finished],
    )
    spoken = [line.split()[3:5] for line in exported("rttm", snapshot).splitlines()]
    assert spoken == [["1.000", "0.001"], ["1.001", "0.001"], ["3.000", "0.001"]]
    (tmp_path / "a.TextGrid").write_text(exported("textgrid", snapshot), "utf-8")
    grid = textgrid.openTextgrid(str(tmp_path / "a.TextGrid"), includeEmptyIntervals=False)
    assert [interval.label for interval in grid.getTier("turns").entries] == ["one", "two", "three"]


def test_csv_is_read_by_the_standard_library_and_commands_no_spreadsheet():
    rows = list(csv.DictReader(io.StringIO(exported("csv", talk(*WORDS)), newline="")))
    assert [(row["turn"], row["turn_start_s"], row["speech_end_s"], row["eot_latency_ms"]) for row in rows[:2]] == [
        ("1", "1.2", "3.0", "400.0"), ("2", "6.2", "8.0", "400.0"),
    ]  # fmt: skip
    assert rows[0]["transcript"] == WORDS[0]
    assert rows[1]["transcript"] == "'=HYPERLINK(1)"
    assert rows[1]["eager_wasted_ms"] == "300.0"
    assert (rows[0]["eager_wasted_ms"], rows[0]["false_cutoff"]) == ("", "false")
    assert rows[0]["languages"] == ""
    rows = list(csv.DictReader(io.StringIO(exported("csv", talk("one", " two", "\t-3")), newline="")))
    assert [row["transcript"] for row in rows[:3]] == ["one", "two", "'-3"]


def test_csv_names_the_languages_of_a_turn_and_what_made_it_slow():
    script = Script(duration=9.0).connect().turn(1.0, "Bonjour")
    finished = script.decided().snapshot(script.at + 1).finished[0]
    told = (Language("fr", 0.9), Language("=en"))
    turn = msgspec.structs.replace(finished.turn, languages=told)
    slow = msgspec.structs.replace(finished.metrics, slow=True, slow_because=(Cause.SENDING, Cause.NETWORK))
    turns = [msgspec.structs.replace(finished, turn=turn), msgspec.structs.replace(finished, metrics=slow)]
    snapshot = msgspec.structs.replace(script.snapshot(), finished=turns)
    rows = list(csv.DictReader(io.StringIO(exported("csv", snapshot), newline="")))
    assert [(row["languages"], row["slow_because"]) for row in rows] == [("fr, =en", ""), ("", "sending, network")]


def test_json_has_the_text_verbatim_and_where_the_guesses_were():
    document = json.loads(exported("json", talk(*WORDS)))
    assert document["session"]["source"] == "my call.wav"
    assert [turn["transcript"] for turn in document["turns"]] == list(WORDS)
    assert document["turns"][1]["eager_ends_at"] == [
        {"at_s": 7.0, "resumed_at_s": 7.3, "transcript": ""},
        {"at_s": 8.2, "resumed_at_s": None, "transcript": "=HYPERLINK(1)"},
    ]


def test_text_is_a_turn_a_line():
    assert exported("txt", talk("one", " two", "", "three\n\nfour")) == "one\ntwo\nthree four\n"


def test_a_turn_that_was_cut_off_by_the_line_has_a_lane_and_no_end():
    script = Script(reference="none", duration=None).connect()
    script.event(2.0, "turn.start").event(2.5, "turn.update", "half a")
    script.to(4.0).monitor.apply(ConnectionLost(4.0))
    script.monitor.apply(ConnectionChanged(4.0, Connection.CLOSED))
    snapshot = script.snapshot()
    assert exported("srt", snapshot) == "1\n00:00:02,000 --> 00:00:02,500\nhalf a\n\n"
    assert "turn.end" not in exported("textgrid", snapshot)


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_without_turns_is_no_fault(name: str):
    assert "None" not in exported(name, talk())


spoken = st.floats(0, 100, allow_nan=False)


@pytest.mark.slow
@given(st.lists(st.text(), max_size=4), st.text(max_size=20))
def test_no_text_of_others_gets_out_of_its_place(texts: list[str], source: str):
    snapshot = talk(*texts, source=source)
    kept = [clean(text) for text in texts if clean(text)]
    for name in FORMATS:
        out = exported(name, snapshot)
        assert not {char for char in out if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t"}, name
        out.encode()
    assert exported("txt", snapshot).split("\n")[:-1] == kept
    assert len(exported("audacity", snapshot).split("\n")) == len(kept) + 1
    assert len(exported("srt", snapshot).split("\n\n")) == len(kept) + 1
    assert len(exported("vtt", snapshot).split("\n\n")) == len(kept) + 2
    assert all(len(line.split(" ")) == 10 for line in exported("rttm", snapshot).splitlines())
    assert len(list(csv.reader(io.StringIO(exported("csv", snapshot), newline="")))) == len(texts) + 1
    assert len(json.loads(exported("json", snapshot))["turns"]) == len(texts)
    strings = re.compile('"(?:[^"]|"")*"')  # as Praat reads them: a quote is doubled
    harmless = exported("textgrid", talk(*("words" for _ in texts)))
    assert strings.sub("", exported("textgrid", snapshot)) == strings.sub("", harmless)


@given(st.lists(st.tuples(spoken, spoken, spoken, spoken), max_size=8))
def test_cues_are_in_order_and_apart_whatever_the_anchors_say(anchors: list[tuple[float, float, float, float]]):
    (turn,) = talk("words").finished
    turns = [
        msgspec.structs.replace(
            turn,
            metrics=msgspec.structs.replace(turn.metrics, speech_start_position=start, speech_end_position=end),
            start_position=first,
            end_position=last,
        )
        for start, end, first, last in anchors
    ]
    found = list(cues(turns))
    assert len(found) == len(turns)
    assert all(cue.start < cue.end for cue in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_no_cell_of_a_table_begins_or_ends_with_a_blank():
    script = Script(duration=None).connect().turn(1.0, "  Hello there. \n").to(6.0).decided()
    rows = list(csv.reader(io.StringIO("".join(FORMATS["csv"].write(script.snapshot())), newline="")))
    assert "Hello there." in rows[1]
    assert [cell for row in rows for cell in row if cell != cell.strip()] == []
