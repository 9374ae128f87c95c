"""Text that comes after the end of its turn, in time or too late, in order or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.neutral import KINDS, TEXTS, dialect, play, say, turns
from tests.support.neutral import monitor as listening

from stt_monitor.core.dialect import TextAfterEnd
from stt_monitor.core.journal import ConnectionLost, Finished, SpeechDecided
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import EventRecord, TurnRecord
from stt_monitor.ui.drawing.turn_text import finished_parts, joined

WAIT_S = 4.0


def monitor(after: TextAfterEnd, *, overlap: bool = False, reference: str = "none") -> Monitor:
    return listening(dialect(text_after_end=after, text_wait_s=WAIT_S, overlap=overlap), reference=reference)


def texts(monitor: Monitor) -> list[str]:
    return [each.turn.transcript for each in monitor.snapshot(99, running=True).finished]


def test_a_turn_gets_its_text_after_its_end_and_is_final_then():
    heard = monitor(TextAfterEnd.ALWAYS)
    assert not turns(say(heard, 1, "start") + say(heard, 2, "end"))
    (waiting,) = heard.snapshot(2, running=True).finished
    assert (waiting.metrics.pending, waiting.turn.transcript, heard.pending) == (True, "", 1)
    assert joined(finished_parts(waiting)) == "…"
    (told, turn) = say(heard, 2.5, "final", "Yes.")
    assert isinstance(told, EventRecord)
    assert isinstance(turn, TurnRecord)
    assert (told.turn, told.state, turn.turn, turn.transcript, turn.t) == (1, "idle", 1, "Yes.", 2.5)
    assert (heard.transcript, heard.pending) == ("Yes.", 0)
    assert [joined(finished_parts(each)) for each in heard.snapshot(3, running=True).finished] == ["Yes."]


def test_text_may_come_out_of_order_while_the_next_turn_is_open():
    heard = monitor(TextAfterEnd.ALWAYS, overlap=True)
    for at, key in enumerate("ab"):
        say(heard, at, "start", key=key)
        say(heard, at + 0.5, "end", key=key)
    say(heard, 2, "start", key="c")
    assert not turns(say(heard, 2.1, "final", "two", key="b"))
    assert (texts(heard), heard.transcript) == (["", "two"], "two")
    assert [turn.transcript for turn in turns(say(heard, 2.2, "final", "one", key="a"))] == ["one", "two"]
    say(heard, 3, "end", key="c")
    say(heard, 3.1, "final", "three", key="c")
    assert heard.transcript == "one two three"


def test_without_a_key_it_belongs_to_the_last_turn_that_ended():
    heard = monitor(TextAfterEnd.ALWAYS, overlap=True)
    for at in (1, 2):
        say(heard, at, "start")
        say(heard, at + 0.5, "end", f"text {at}")
    say(heard, 3, "final", "text two")
    assert texts(heard) == ["text 1", "text two"]


def test_text_that_comes_in_pieces_counts_until_the_next_turn():
    heard = monitor(TextAfterEnd.ALWAYS)
    say(heard, 1, "start")
    say(heard, 2, "end", "Book")
    for at, text in ((2.1, "Book a"), (2.2, "Book a table")):
        assert not turns(say(heard, at, "final", text, last=False))
    (turn,) = turns(say(heard, 3, "start"))
    assert turn.transcript == "Book a table"
    late = say(heard, 3.1, "final", "Book a table for two")
    assert (len(late), heard.snapshot(4, running=True).counts.late_texts) == (1, 1)
    assert heard.transcript == "Book a table"


def test_a_copy_replaces_the_text_of_its_turn():
    heard = monitor(TextAfterEnd.COPY, overlap=True)
    say(heard, 1, "start", key="1")
    say(heard, 2, "end", "book it", key="1")
    (turn,) = turns(say(heard, 2.2, "formatted", "Book it.", key="1"))
    assert (turn.transcript, heard.transcript) == ("Book it.", "Book it.")
    (finished,) = heard.snapshot(3, running=True).finished
    assert (finished.turn.decided_text, finished.turn.formatted_at, finished.turn.text_at) == ("book it", 2.2, None)


def test_a_copy_with_times_changes_no_text():
    heard = monitor(TextAfterEnd.COPY)
    say(heard, 1, "start")
    say(heard, 2, "end", "Book it.")
    (turn,) = turns(say(heard, 2.2, "timed", "Book  it."))
    assert turn.transcript == "Book it."


@pytest.mark.parametrize("reference", ["none", "vad"])
def test_a_turn_waits_for_its_text_only_so_long(reference: str):
    heard = monitor(TextAfterEnd.ALWAYS, reference=reference)
    play(heard, 0.0, 0.1)
    say(heard, 1, "start")
    say(heard, 2, "end", "Yes")
    assert not turns(play(heard, 1.9 + WAIT_S, 2 + WAIT_S))
    passed = turns(play(heard, 2 + WAIT_S, 2.1 + WAIT_S))
    assert len(passed) == (reference == "none")
    say(heard, 2.2 + WAIT_S, "final", "Yes, please.")
    assert heard.transcript == "Yes"
    last = turns(heard.apply(Finished(9, 0)))
    assert [turn.transcript for turn in (*passed, *last)] == ["Yes"]


def test_speech_that_is_known_late_keeps_no_turn_open_for_text():
    heard = monitor(TextAfterEnd.ALWAYS, reference="vad")
    play(heard, 0.0, 5.9)
    say(heard, 6, "start")
    say(heard, 6.5, "end")
    say(heard, 6.6, "final", "Yes.")
    say(heard, 6.7, "final", "No.")
    heard.apply(SpeechDecided(5.8, 6.8))
    assert (heard.transcript, heard.snapshot(7, running=True).counts.late_texts) == ("Yes.", 1)


def test_a_connection_takes_the_text_that_was_to_come_with_it():
    heard = monitor(TextAfterEnd.ALWAYS)
    say(heard, 1, "start")
    say(heard, 2, "end")
    say(heard, 2.1, "start")
    assert [turn.end_reason for turn in turns(heard.apply(ConnectionLost(3)))] == ["dangling"]
    say(heard, 4, "final", "of another connection")
    assert heard.transcript == ""


def test_a_service_that_sends_no_text_after_an_end_changes_no_turn():
    heard = monitor(TextAfterEnd.NEVER)
    say(heard, 1, "start")
    assert len(turns(say(heard, 2, "end", "Yes."))) == 1
    say(heard, 2.1, "final", "No.")
    assert heard.transcript == "Yes."


def test_repeats_are_counted_and_voice_begins_nothing():
    heard = monitor(TextAfterEnd.NEVER)
    (told,) = say(heard, 1, "voice", on=True) + say(heard, 1, "repeat")[1:]
    assert isinstance(told, EventRecord)
    assert (told.turn, told.state) == (None, "idle")
    assert (heard.snapshot(2, running=True).counts.repeats, heard.turns, heard.in_turn) == (1, 0, False)


steps = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "end", *TEXTS, "lost", "wait"]),
        st.sampled_from([None, "", "a", "a b"]),
        st.sampled_from(["", "1", "2"]),
        st.booleans(),
    ),
    max_size=40,
)


@given(steps, st.sampled_from(TextAfterEnd), st.booleans())
def test_whatever_comes_each_turn_goes_on_record_once_in_order_with_the_text_that_counts(
    sequence: list[tuple[str, str | None, str, bool]],
    after: TextAfterEnd,
    overlap: bool,
):
    heard, records, at = monitor(after, overlap=overlap), list[Record](), 0.0
    for kind, text, key, last in sequence:
        at += WAIT_S + 1 if kind == "wait" else 0.5
        if kind == "lost":
            records += heard.apply(ConnectionLost(at))
        elif kind == "wait":
            records += play(heard, at - 0.1, at)
        else:
            more = {"last": last} if kind in TEXTS else {"on": last}
            records += say(heard, at, kind, text, key=key, **more)
    open_turn = heard.in_turn
    records += heard.apply(Finished(at + 1, 0))
    told = turns(records)
    assert [turn.turn for turn in told] == sorted(turn.turn for turn in told)
    assert len(told) == heard.turns
    assert heard.pending == 0
    (summary,) = (record for record in records if isinstance(record, SummaryRecord))
    said = [turn.transcript for turn in told if turn.end_reason != "dangling" and turn.transcript]
    assert summary.transcript == " ".join(said)
    assert open_turn == heard.in_turn
