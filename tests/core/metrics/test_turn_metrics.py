import unicodedata
from math import inf

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.events import Trigger
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.turn_metrics import TextMatch, TurnMetrics, _match, measure, normalised_words
from stt_monitor.core.sound.reference_speech import ReferenceSpeech
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd


def speech(*spans: tuple[float, float | None], decided: float = inf) -> ReferenceSpeech:
    """Reference speech whose positions are ten seconds behind the session's clock."""
    reference = ReferenceSpeech()
    for onset, end in spans:
        reference.add_onset(onset, onset - 10)
        if end is not None:
            reference.add_end(end, end - 10)
    reference.decided_until = decided
    return reference


def turn(
    start: float,
    end: float | None,
    *,
    reason: EndReason = EndReason.ENDED,
    eager_ends: tuple[TurnEagerEnd, ...] = (),
    transcript: str = "Book a table.",
    first_text_at: float | None = None,
    event_times: tuple[float, ...] | None = None,
) -> Turn:
    return Turn(
        number=2,
        started_at=start,
        transcript=transcript,
        first_text_at=first_text_at,
        eager_ends=eager_ends,
        event_times=event_times or ((start,) if end is None else (start, end)),
        ended_at=end,
        end_reason=reason,
    )


def test_every_figure_of_a_clean_turn():
    figures = measure(
        turn(
            20.64,
            22.52,
            first_text_at=21.31,
            eager_ends=(TurnEagerEnd(22.36, "Book a table."),),
            event_times=(20.64, 21.31, 21.58, 22.36, 22.52),
        ),
        19.0,
        speech((12.0, 14.0), (20.5, 22.0)),
    )
    assert figures.speech_start_position == 10.5
    assert figures.speech_end_position == 12.0
    assert figures.onset_latency == pytest.approx(0.14)
    assert figures.first_text == pytest.approx(0.81)
    assert figures.eager_latency == pytest.approx(0.36)
    assert figures.eot_latency == pytest.approx(0.52)
    assert figures.eager_lead == pytest.approx(0.16)
    assert figures.update_gap_max == pytest.approx(0.67)
    assert (figures.eager_ends, figures.resumes) == (1, 0)
    assert figures.eager_text_match is TextMatch.EXACT
    assert figures.false_cutoff is False
    assert figures.spurious is False
    assert figures.end_reason == "threshold"
    assert not figures.pending


def test_a_hesitation_is_measured_from_the_last_word():
    figures = measure(
        turn(20.64, 24.5, eager_ends=(TurnEagerEnd(22.36, "a", 22.9), TurnEagerEnd(24.3, "a b"))),
        0,
        speech((20.5, 22.0), (22.8, 24.0)),
    )
    assert figures.onset_latency == pytest.approx(0.14)
    assert figures.eager_latency == pytest.approx(0.3)
    assert figures.eot_latency == pytest.approx(0.5)
    assert (figures.eager_ends, figures.resumes) == (2, 1)
    assert figures.eager_wasted == pytest.approx(0.54)


def test_without_reference_speech_only_what_the_events_tell():
    figures = measure(turn(20.64, 22.52, eager_ends=(TurnEagerEnd(22.36, "x"),)), 0, None)
    assert figures == TurnMetrics(eager_lead=0.16, eager_ends=1, eager_text_match=TextMatch.NO, wasted_replies=1)


def test_figures_wait_for_the_speech_that_explains_them():
    late = turn(20.64, 22.52)
    assert measure(late, 0, speech((20.5, None), decided=22.0)) == TurnMetrics(wasted_replies=0, pending=True)
    almost = measure(late, 0, speech((20.5, 22.0), decided=22.6))
    assert almost.eot_latency == pytest.approx(0.52)
    assert almost.false_cutoff is None
    assert almost.pending
    assert not measure(late, 0, speech((20.5, 22.0), decided=23.6)).pending


def test_a_turn_cut_off_in_mid_speech_has_no_latency():
    figures = measure(turn(20.64, 22.52), 0, speech((20.5, 21.0), (21.3, 25.0)))
    assert figures.false_cutoff is True
    assert figures.eot_latency is None
    assert figures.onset_latency == pytest.approx(0.14)


def test_speech_that_comes_back_soon_shows_a_cut_off():
    assert measure(turn(20.64, 22.52), 0, speech((20.5, 22.0), (23.4, 25.0))).false_cutoff is True
    assert measure(turn(20.64, 22.52), 0, speech((20.5, 22.0), (23.6, 25.0))).false_cutoff is False


def test_the_rest_of_a_cut_off_sentence_has_an_end_but_no_onset():
    figures = measure(turn(22.7, 25.5), 22.52, speech((20.5, 25.0)))
    assert figures.onset_latency is None
    assert figures.first_text is None
    assert figures.eot_latency == pytest.approx(0.5)
    assert figures.spurious is False


def test_a_turn_about_nothing_is_spurious():
    figures = measure(turn(20.64, 22.52), 12.0, speech((5.0, 11.0), (40.0, 41.0)))
    assert figures.spurious is True
    assert figures.onset_latency is None
    assert figures.eot_latency is None
    assert figures.end_reason == ""


def test_a_turn_that_the_service_did_not_end_is_not_spurious_though_no_speech_is_known_of():
    lost = turn(20.64, None, reason=EndReason.DANGLING, event_times=(20.64,))
    flushed = turn(20.64, 22.0, reason=EndReason.CLOSED)
    begun_again = turn(20.64, 22.0, reason=EndReason.DANGLING)
    for each in (lost, flushed, begun_again):
        assert measure(each, 0, speech((5.0, 11.0))).spurious is None
        assert measure(each, 0, speech((20.5, 21.0))).spurious is False


def test_a_turn_that_starts_long_after_speech_is_not_about_it():
    assert measure(turn(20.0, 22.0), 0, speech((10.0, 17.9))).spurious is True
    assert measure(turn(20.0, 22.0), 0, speech((10.0, 18.1))).spurious is False


def test_a_guess_before_the_last_word_has_no_latency():
    figures = measure(turn(20.64, 24.5, eager_ends=(TurnEagerEnd(22.36, "a"),)), 0, speech((20.5, 22.0), (22.8, 24.0)))
    assert figures.eager_latency is None
    assert figures.eager_lead == pytest.approx(2.14)


def test_why_a_turn_ended():
    reference = speech((20.5, 22.0))
    assert measure(turn(20.64, 27.6), 0, reference, end_timeout_s=5.6).end_reason == "timeout"
    assert measure(turn(20.64, 27.5), 0, reference, end_timeout_s=5.6).end_reason == "threshold"
    assert measure(turn(20.64, 24.1), 0, reference, end_timeout_s=2.0).end_reason == "timeout"
    told = msgspec.structs.replace(turn(20.64, 27.6), trigger=Trigger.MODEL)
    assert measure(told, 0, reference, end_timeout_s=5.6).end_reason == "threshold"
    assert measure(msgspec.structs.replace(told, trigger=Trigger.VAD), 0, None).end_reason == "vad"
    assert measure(turn(20.64, 22.1, reason=EndReason.CLOSED), 0, reference).end_reason == "closed"
    assert measure(turn(20.64, None, reason=EndReason.DANGLING), 0, reference).end_reason == "dangling"


def test_a_turn_that_was_flushed_or_lost_was_not_cut_off_by_the_service():
    going_on = speech((20.5, 30.0))
    assert measure(turn(20.64, 22.0, reason=EndReason.CLOSED), 0, going_on).false_cutoff is None
    assert measure(turn(20.64, None, reason=EndReason.DANGLING), 0, going_on).false_cutoff is None


def test_a_turn_that_was_flushed_or_lost_need_not_wait_to_see_whether_it_was_cut_off():
    known = speech((20.5, 21.4), decided=22.0)
    for reason in (EndReason.CLOSED, EndReason.DANGLING):
        assert not measure(turn(20.64, 22.0 if reason is EndReason.CLOSED else None, reason=reason), 0, known).pending
    assert measure(turn(20.64, 22.0), 0, known).pending


@pytest.mark.parametrize(
    ("guesses", "wasted"),
    [
        ((), 0),
        ((TurnEagerEnd(22.0, "book a table"),), 0),  # the same once normalised
        ((TurnEagerEnd(22.0, "Book a"),), 1),
        ((TurnEagerEnd(21.0, "Book a table.", 21.4), TurnEagerEnd(22.0, "Book a table.")), 1),  # taken back in vain
        ((TurnEagerEnd(21.0, "Book", 21.4), TurnEagerEnd(22.0, "Book a")), 2),
        ((TurnEagerEnd(21.0, "Book"), TurnEagerEnd(22.0, "Book a table.")), 1),  # another one replaced it
    ],
)
def test_a_reply_is_wasted_that_was_taken_back_or_answers_another_text(guesses: tuple[TurnEagerEnd, ...], wasted: int):
    assert measure(turn(20.0, 22.5, eager_ends=guesses), 0, None).wasted_replies == wasted
    for reason in (EndReason.CLOSED, EndReason.MANUAL, EndReason.DANGLING):
        undecided = turn(20.0, 22.5, eager_ends=guesses, reason=reason)
        assert measure(undecided, 0, None).wasted_replies is None


@pytest.mark.parametrize(
    ("guessed", "final", "match"),
    [
        ("Yes, please.", "Yes, please.", TextMatch.EXACT),
        ("yes please", "Yes, please.", TextMatch.NORMALISED),
        ("Yes", "Yes, please.", TextMatch.NO),
        ("I don\u2019t,", "i dont", TextMatch.NORMALISED),
        ("caf\u00e9 \uff11", "cafe\u0301 1", TextMatch.NORMALISED),
        ("re-book", "rebook", TextMatch.NO),
    ],
)
def test_text_at_the_eager_end_against_the_final_text(guessed: str, final: str, match: TextMatch):
    guess = TurnEagerEnd(22.0, guessed)
    assert measure(turn(20.0, 22.5, transcript=final, eager_ends=(guess,)), 0, None).eager_text_match is match


times = st.floats(0, 30, allow_nan=False)


@given(
    spans=st.lists(st.tuples(times, times), max_size=5),
    events=st.lists(times, min_size=2, max_size=8),
    guess=times,
    previous=times,
    decided=times | st.just(inf),
)
def test_no_figure_is_ever_negative_and_the_sums_agree(
    spans: list[tuple[float, float]], events: list[float], guess: float, previous: float, decided: float
):
    edges = sorted(edge for span in spans for edge in span)
    events.sort()
    guess = min(max(guess, events[0]), events[-1])
    subject = turn(
        events[0],
        events[-1],
        event_times=tuple(events),
        first_text_at=events[1],
        eager_ends=(TurnEagerEnd(guess, "x"),),
    )
    figures = measure(
        subject, min(previous, events[0]), speech(*zip(edges[::2], edges[1::2], strict=True), decided=decided)
    )
    values = {metric.key: getattr(figures, metric.key) for metric in TURN_METRICS}
    assert all(value is None or value >= 0 for value in values.values())
    assert figures.eager_lead == pytest.approx(events[-1] - guess, abs=MS)
    if figures.eager_latency is not None and figures.eot_latency is not None:
        assert figures.eot_latency - figures.eager_latency == pytest.approx(figures.eager_lead)


MS = 0.0010001
"""Moments are told to the millisecond."""


def test_a_turn_keeps_the_speech_that_it_was_measured_against():
    spans = ((12.0, 14.0), (20.5, 22.0), (22.2, 22.4), (23.3, 24.0), (24.1, 25.0))
    figures = measure(turn(20.64, 22.52), 19.0, speech(*spans))
    assert [(span.onset, span.end) for span in figures.speech] == [(20.5, 22.0), (22.2, 22.4), (23.3, 24.0)]
    assert figures.false_cutoff


@given(st.text())
def test_words_are_runs_of_letters_and_numbers_whatever_the_apostrophes(text: str):
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char for char in folded if char not in "'\u2018\u2019\u02bc")
    assert normalised_words(text) == "".join(char if char.isalnum() else " " for char in kept).split()
    assert normalised_words(" ".join(normalised_words(text))) == normalised_words(text)


def test_two_long_texts_are_compared_once():
    _match.cache_clear()
    long = turn(20.0, 22.0, eager_ends=(TurnEagerEnd(21.5, "Book a table"),))
    for decided in (21.0, 22.5, 23.5):
        measure(long, -inf, speech((19.0, 21.0), decided=decided))
    assert _match.cache_info().misses == 1
