"""Which speech a turn is about: everything that is measured from speech agrees about it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.metrics.test_turn_metrics import speech, turn

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionLost,
    Finished,
    HealthReported,
    Sent,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    received,
)
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S, REST_S, ClaimBounds, first_span
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.turns.turn import EndReason, TurnEagerEnd
from stt_monitor.services.cartesia import DIALECT

Event = tuple[float, str] | tuple[float, str, str]
Spans = list[tuple[float, float]]


def session(
    spans: Spans,
    events: list[Event],
    *,
    lost_at: float | None = None,
    closes: bool = True,
    slow: Spans | None = None,
    continuing: tuple[float, ...] = (),
) -> Snapshot:
    """A session whose sound is spoken at its position, what the service said when, and when all was held up.

    Labels know turns where speech that begins at some times is `continuing` one; else they are as from before that.
    """
    record = SessionRecord(
        "", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "labels", labelled_turns=bool(continuing)
    )
    monitor = Monitor(record, DIALECT)
    monitor.apply(Sent(SentChunk(0.0, 60.0, 0.0, 60.0), -20.0))
    monitor.apply(received(0.0, '{"type":"connected"}'))
    for at, kind, *text in events:
        wire = {"type": kind} | ({"transcript": text[0]} if text else {})
        monitor.apply(received(at, json.dumps(wire)))
    for since, until in slow or []:
        monitor.apply(HealthReported(until, round_trip=until - since))
    for index, (onset, end) in enumerate(spans):
        following = [other for other, _ in spans[index + 1 :]][:1]
        monitor.apply(SpeechOnset(end, onset, continues=onset in continuing))
        monitor.apply(SpeechEnd(end, end, pauses=bool({*following} & {*continuing})))
    if closes:
        monitor.apply(CloseSent(60.0))
    monitor.apply(ConnectionLost(60.0 if lost_at is None else lost_at))
    monitor.apply(SpeechFinished(60.0))
    monitor.apply(Finished(60.0))
    return monitor.snapshot(60.0, running=False)


def only(snapshot: Snapshot) -> TurnMetrics:
    (finished,) = snapshot.finished
    return finished.metrics


def test_a_service_that_is_silent_through_the_whole_utterance_has_it_for_a_gap():
    late: list[Event] = [(34.1, "turn.start"), (34.2, "turn.update", "a"), (34.3, "turn.end", "a")]
    figures = only(session([(28.57, 33.71)], late))
    assert figures.update_gap_max == pytest.approx(5.14)
    assert figures.onset_latency == pytest.approx(5.53)
    assert only(session([(1.2, 2.57)], [(2.9, "turn.start"), (3.1, "turn.end", "a")])).update_gap_max == pytest.approx(
        1.37
    )


@pytest.mark.parametrize(
    ("events", "gap"),
    [
        ((1.5, 2.0, 2.5, 3.5), 0.5),  # until turn.start, and between updates
        ((1.9, 2.0, 2.5, 3.5), 0.9),  # turn.start is late
        ((1.1, 1.3, 3.4, 3.5), 1.7),  # an update after the end of speech ends no gap in it
        ((1.1, 1.3, 1.4, 3.5), 1.6),  # nothing from the last update to the end of speech
    ],
)
def test_the_gap_counts_from_onset_to_end(events: tuple[float, ...], gap: float):
    figures = measure(turn(events[0], events[-1], event_times=events), 0, speech((1.0, 3.0)))
    assert figures.update_gap_max == pytest.approx(gap)


def test_a_gap_of_speech_that_goes_on_counts_until_the_turn_is_over():
    cut = measure(turn(1.2, 4.0, event_times=(1.2, 1.5, 4.0)), 0, speech((1.0, 9.0)))
    assert cut.update_gap_max == pytest.approx(2.5)
    assert cut.eot_latency is None
    lost = turn(1.2, None, reason=EndReason.DANGLING, event_times=(1.2, 1.5, 2.1))
    assert measure(lost, 0, speech((1.0, None))).update_gap_max == pytest.approx(0.6)


def test_a_late_start_does_not_look_prompt_because_the_speaker_paused():
    events: list[Event] = [
        (3.51, "turn.start"), (3.9, "turn.update", "a"), (5.1, "turn.eager_end", "a"), (5.3, "turn.end", "a"),
    ]  # fmt: skip
    snapshot = session([(1.2, 2.57), (3.17, 4.86)], events)
    figures = only(snapshot)
    assert figures.onset_latency == pytest.approx(2.31)
    assert figures.first_text == pytest.approx(2.7)
    assert figures.update_gap_max == pytest.approx(2.31)
    assert figures.eot_latency == pytest.approx(0.44)
    assert (snapshot.counts.missed, snapshot.counts.spurious) == (0, 0)


def test_what_is_too_long_ago_is_missed_and_not_measured_from():
    snapshot = session([(1.2, 2.57), (5.0, 6.0)], [(5.2, "turn.start"), (6.3, "turn.end", "a")])
    assert snapshot.counts.missed == 1
    assert only(snapshot).onset_latency == pytest.approx(0.2)
    assert only(snapshot).update_gap_max == pytest.approx(0.8)


def test_two_turns_close_together_have_each_its_own_speech():
    events: list[Event] = [
        (1.2, "turn.start"), (2.4, "turn.end", "a"), (2.9, "turn.start"), (4.4, "turn.end", "b"),
    ]  # fmt: skip
    first, second = (one.metrics for one in session([(1.0, 2.0), (2.6, 4.0)], events).finished)
    assert first.onset_latency == pytest.approx(0.2)
    assert first.eot_latency == pytest.approx(0.4)
    assert second.onset_latency == pytest.approx(0.3)
    assert second.eot_latency == pytest.approx(0.4)
    assert second.update_gap_max == pytest.approx(1.1)


def test_the_rest_of_a_sentence_that_was_cut_off_hides_no_late_start():
    """The turn before ended at 2.0, in speech that went on until 3.0; then somebody spoke again."""
    figures = measure(turn(3.9, 5.4, event_times=(3.9, 5.4)), 2.0, speech((1.0, 3.0), (3.5, 5.0)))
    assert (figures.onset_latency, figures.first_text) == (None, None)
    assert figures.update_gap_max == pytest.approx(1.9)
    # What an end is wrong by anyhow is no speech of the turn that follows.
    figures = measure(turn(3.9, 5.4), 2.0, speech((1.0, 2.0 + REST_S), (3.5, 5.0)))
    assert figures.onset_latency == pytest.approx(0.4)
    assert figures.update_gap_max == pytest.approx(1.1)


def test_a_turn_without_speech_cannot_be_cut_off():
    snapshot = session([(2.0, 3.0)], [(1.2, "turn.start"), (1.4, "turn.end", "")])
    figures = only(snapshot)
    assert (figures.spurious, figures.false_cutoff) == (True, False)
    assert (snapshot.counts.spurious, snapshot.counts.false_cutoffs, snapshot.counts.missed) == (1, 0, 1)
    assert figures.update_gap_max is None


def test_a_point_in_the_reference_is_measured_without_nonsense():
    figures = only(session([(1.0, 1.0)], [(1.2, "turn.start"), (1.6, "turn.end", "a")]))
    assert figures.onset_latency == pytest.approx(0.2)
    assert figures.eot_latency == pytest.approx(0.6)
    assert figures.update_gap_max == 0


def test_speech_is_not_missed_by_a_service_that_was_cut_off_from_us_before_it_could_answer():
    spans = [(1.0, 2.0), (6.0, 7.0)]
    assert session(spans, []).counts.missed == 2
    for lost_at in (6.5, 7.0, 8.9):
        assert session(spans, [], lost_at=lost_at, closes=False).counts.missed == 1
    assert session(spans, [], lost_at=9.1, closes=False).counts.missed == 2


@pytest.mark.parametrize("slow", [(0.5, 1.2), (1.5, 1.9), (3.0, 3.9), (1.0, 30.0)])
def test_speech_is_not_missed_by_a_service_that_we_were_too_slow_to_hear(slow: tuple[float, float]):
    events: list[Event] = [(20.0, "turn.start"), (20.5, "turn.end", "a")]
    answered: Spans = [(31.0, 32.0), (34.5, 35.0)]
    events += [(31.2, "turn.start"), (32.2, "turn.end", "b"), (34.7, "turn.start"), (35.2, "turn.end", "c")]
    snapshot = session([(1.0, 2.0), *answered], events, slow=[slow])
    assert snapshot.counts.missed == 0
    assert (snapshot.speech_checked, snapshot.speech_delayed) == (2, 1)
    assert session([(1.0, 2.0), *answered], events).counts.missed == 1


def test_a_service_that_was_too_slow_without_our_help_has_missed_what_was_said():
    assert session([(1.0, 2.0)], [], slow=[(4.1, 9.0)]).counts.missed == 1
    assert session([(1.0, 2.0)], [], slow=[(0.1, 0.9)]).counts.missed == 1


def test_a_turn_that_was_held_up_is_neither_spurious_nor_a_cut_off():
    late: list[Event] = [(20.0, "turn.start"), (20.5, "turn.end", "a")]
    assert only(session([], late)).spurious
    held_up = only(session([], late, slow=[(4.0, 20.1)]))
    assert (held_up.slow, held_up.spurious, held_up.false_cutoff) == (True, None, None)
    cut: list[Event] = [(1.2, "turn.start"), (1.5, "turn.end", "a")]
    assert only(session([(1.0, 2.0)], cut)).false_cutoff
    figures = only(session([(1.0, 2.0)], cut, slow=[(1.0, 1.4)]))
    assert (figures.slow, figures.false_cutoff, figures.spurious) == (True, None, False)


times = st.floats(0, 40, allow_nan=False)


@given(edges=st.lists(times, max_size=12), moments=st.lists(times, min_size=2, max_size=10), text=st.booleans())
def test_missed_spurious_and_every_latency_agree(edges: list[float], moments: list[float], *, text: bool):
    edges, moments = sorted(set(edges)), sorted(set(moments))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    pairs = list(zip(moments[::2], moments[1::2], strict=False))
    events: list[Event] = []
    for start, end in pairs:
        events += [(start, "turn.start"), (end, "turn.end", "a" if text else "")]
    snapshot = session(spans, events)
    claimed: set[tuple[float, float | None]] = set()
    before = 0.0
    for finished, (start, end) in zip(snapshot.finished, pairs, strict=True):
        figures, bounds = finished.metrics, ClaimBounds(before, start, end)
        about = [span for onset, over in spans if bounds.covers(span := Span(onset, onset, over, over))]
        claimed |= {(span.onset, span.end) for span in about}
        assert figures.spurious == (not about)
        first = first_span(about, bounds)
        if figures.spurious or first is None:
            assert figures.update_gap_max is figures.onset_latency is figures.eot_latency is None
            assert not figures.false_cutoff
        else:
            assert figures.update_gap_max is not None
            if figures.onset_latency is not None:
                assert start - figures.onset_latency == pytest.approx(first.onset, abs=0.0010001)  # told to the ms
                assert not any(before <= span.onset < first.onset for span in about)
                heard = min(start, about[-1].end or end) - first.onset
                assert figures.update_gap_max >= heard - 1e-9
        before = end
    assert snapshot.counts.missed == len(spans) - len(claimed)


def test_the_reach_of_a_turn():
    bounds = ClaimBounds(2.0, 5.0, 7.0)
    for covered, span in [
        (True, Span(4.0, 4.0, 4.5, 4.5)),
        (True, Span(1.0, 1.0, 5.0 - CLAIM_WINDOW_S, 3.0)),
        (False, Span(1.0, 1.0, 4.9 - CLAIM_WINDOW_S, 2.9)),
        (False, Span(1.0, 1.0, 2.0, 2.0)),
        (True, Span(7.0, 7.0)),
        (False, Span(7.1, 7.1)),
    ]:
        assert bounds.covers(span) is covered


def test_an_eager_end_before_the_turns_last_word_has_no_latency_and_one_after_it_has():
    reference = speech((1.0, 2.0), (2.5, 3.0))
    early = turn(1.2, 3.5, eager_ends=(TurnEagerEnd(2.2, "a", 2.6), TurnEagerEnd(3.2, "b")))
    assert measure(early, 0, reference).eager_latency == pytest.approx(0.2)
    assert measure(turn(1.2, 3.5, eager_ends=(TurnEagerEnd(2.2, "a"),)), 0, reference).eager_latency is None
