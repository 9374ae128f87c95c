"""What a session says of true turns: words from 1 to 2 s, a pause to 2.6, words to 4, and another turn from 7 to 8."""

import json

import msgspec
from tests.support.neutral import dialect, monitor, play, say
from tests.support.swept import near

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Finished,
    HealthReported,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
)
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import Connection
from stt_monitor.core.sweep.outcome import CellOutcome, PauseOutcome, TurnOutcome, outcome_of

PAUSED = ((1.0, 2.0, False), (2.6, 4.0, True))
NEXT = (7.0, 8.0, False)
Event = tuple[float, str] | tuple[float, str, str]


def listening(*, reference: str = "labels") -> Monitor:
    heard = monitor(dialect(), reference=reference)
    heard.apply(ConnectionChanged(0.0, Connection.CONNECTED))
    play(heard, 0, 12)
    return heard


def finish(heard: Monitor, *spans: tuple[float, float, bool]) -> CellOutcome:
    for onset, end, continues in spans:
        heard.apply(SpeechOnset(12.0, onset, continues))
        heard.apply(SpeechEnd(12.0, end))
    heard.apply(SpeechFinished(12.0))
    heard.apply(Finished(14.0))
    return outcome_of(heard.snapshot(14.0, running=False))


def outcome(
    *events: Event, reference: str = "labels", spans: tuple[tuple[float, float, bool], ...] = (*PAUSED, NEXT)
) -> CellOutcome:
    heard = listening(reference=reference)
    for t, kind, *text in events:
        say(heard, t, kind, *text)
    return finish(heard, *spans)


def turns(*events: Event) -> tuple[TurnOutcome, ...]:
    return outcome(*events).turns


SECOND: tuple[Event, ...] = ((7.2, "start"), (8.4, "end", "yes"))


def test_a_turn_that_is_decided_after_its_end():
    first, second = turns(
        (1.2, "start"), (2.2, "eager", "a"), (2.7, "resume"), (4.25, "eager", "a b"), (4.5, "end", "a b"), *SECOND
    )
    assert first == TurnOutcome(
        position=1.0,
        end_position=4.0,
        decided_after=0.5,
        first=True,
        eager_ends=2,
        confirmed=1,
        resumed=1,
        wasted_replies=1,
        lead=0.25,
        pauses=(PauseOutcome(2.0, near(0.6)),),
        text="a b",
    )
    assert (second.decided_after, second.cut, second.first) == (near(0.4), False, False)


def test_an_end_that_falls_on_a_pause_is_a_cut_off():
    first, _ = turns((1.2, "start"), (2.4, "end", "a"), (2.8, "start"), (4.3, "end", "b"), *SECOND)
    assert first.cut
    assert first.decided_after == near(0.3)
    assert first.pauses == (PauseOutcome(2.0, near(0.6), near(0.4)),)
    assert first.text == "a b"


def test_an_end_that_arrives_once_speech_is_back_counts_for_the_pause_before_it():
    first, _ = turns((1.2, "start"), (3.1, "end", "a"), (3.3, "start"), (4.3, "end", "b"), *SECOND)
    assert first.cut
    assert first.pauses[0].cut_after == near(1.1)


def test_an_end_long_after_speech_is_back_is_on_no_pause():
    first, _ = turns((1.2, "start"), (3.7, "end", "a"), (3.8, "start"), (4.3, "end", "b"), *SECOND)
    assert first.cut
    assert first.pauses[0].cut_after is None


def test_an_end_in_the_middle_of_the_first_words_is_on_no_pause():
    first, _ = turns((1.2, "start"), (1.8, "end", "a"), (1.9, "start"), (4.3, "end", "b"), *SECOND)
    assert first.cut
    assert first.pauses[0].cut_after is None


def test_an_end_that_comes_only_once_the_next_turn_has_begun_is_none_of_either():
    first, second = turns((1.2, "start"), (7.3, "end", "a"), (7.4, "start"), (8.4, "end", "b"))
    assert (first.decided_after, first.cut, first.missed, first.standing) == (None, False, False, "")
    assert (second.decided_after, second.cut) == (near(0.4), False)


def test_two_turns_in_one_leave_the_first_without_an_end():
    first, second = turns((1.2, "start"), (8.4, "end", "a b"))
    assert (first.decided_after, first.missed, first.standing, first.first) == (None, False, "", True)
    assert (second.decided_after, second.first) == (near(0.4), False)


def test_a_turn_of_which_the_service_hears_nothing_is_missed():
    first, second = turns((7.2, "start"), (8.4, "end", "yes"))
    assert (first.missed, first.decided_after, first.standing) == (True, None, "")
    assert not second.missed


def test_a_turn_that_our_own_close_ended_was_decided_by_nobody():
    heard = listening()
    for t, kind, text in ((1.2, "start", None), (4.5, "end", "a"), (7.2, "start", None)):
        say(heard, t, kind, text)
    heard.apply(CloseSent(8.2))
    say(heard, 8.3, "end", "b")
    first, second = finish(heard, *PAUSED, NEXT).turns
    assert (first.standing, first.end_counts) == ("", True)
    assert (second.standing, second.decided_after, second.counts, second.end_counts) == ("closed", None, True, False)


def test_a_turn_that_lost_its_connection_says_nothing():
    heard = listening()
    say(heard, 1.2, "start")
    heard.apply(ConnectionLost(3.0))
    heard.apply(ConnectionChanged(3.1, Connection.CONNECTED))
    say(heard, 3.4, "start")
    say(heard, 4.4, "end", "a")
    first, *_ = finish(heard, *PAUSED).turns
    assert (first.standing, first.counts, first.end_counts) == ("dangling", False, False)


def test_a_turn_that_this_machine_held_up_says_nothing():
    heard = listening()
    say(heard, 1.2, "start")
    heard.apply(HealthReported(3.0, round_trip=2.0))
    say(heard, 4.4, "end", "a")
    measured = finish(heard, *PAUSED)
    assert (measured.turns[0].standing, measured.turns[0].counts) == ("slow", False)
    assert measured.slow_share == 1.0


def test_without_labels_silence_up_to_a_second_is_a_pause():
    spans = ((1.0, 2.0, False), (2.9, 4.0, False), (5.1, 6.0, False))
    first, second = outcome(
        (1.2, "start"), (2.4, "end", "a"), (2.9, "start"), (4.4, "end", "b"), reference="vad", spans=spans
    ).turns
    assert (first.end_position, first.cut, len(first.pauses)) == (near(4.0), True, 1)
    assert second.position == near(5.1)
    assert not outcome(reference="vad").exact


def test_without_reference_speech_there_is_nothing_to_tell():
    assert outcome((1.2, "start"), (2.4, "end", "a"), reference="none") == CellOutcome("none")


def test_a_recording_without_speech_has_no_turns():
    assert outcome(spans=()) == CellOutcome("labels")


def test_an_outcome_can_be_saved():
    measured = outcome((1.2, "start"), (2.4, "end", "a"), (2.8, "start"), (4.3, "end", "b"), *SECOND)
    saved = msgspec.json.encode(measured)
    assert json.loads(saved)["turns"][0]["cut"] is True
    assert msgspec.json.decode(saved, type=CellOutcome) == measured
