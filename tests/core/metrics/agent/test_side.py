"""What the agent of a call does about the caller's turns: times are seconds of session."""

from math import inf

import pytest

from stt_monitor.core.metrics.agent.side import ANSWER_S, HORIZON_S, REACTION_S, with_agent
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.turns.turn import EndReason, Turn

Spans = tuple[tuple[float, float | None], ...]


def said(spans: Spans, known: float = inf) -> ReferenceSpeech:
    speech = ReferenceSpeech.known(Span(onset, onset, end, end) for onset, end in spans)
    speech.decided_until = known
    return speech


def figures(
    caller: Spans,
    agent: Spans,
    *,
    turn: tuple[float, float] = (10.3, 12.6),
    since: float = 0.0,
    known: float = inf,
    labelled: bool = False,
) -> TurnMetrics:
    """Measure a turn of which the service said when it started and ended."""
    ended = Turn(number=2, started_at=turn[0], transcript="yes", ended_at=turn[1], end_reason=EndReason.ENDED)
    speech = said(caller, known)
    if labelled:
        spans = [
            Span(on, on, end, end, continues=n > 0, pauses=n + 1 < len(caller)) for n, (on, end) in enumerate(caller)
        ]
        speech = ReferenceSpeech.known(spans, labelled_turns=True)
    return with_agent(measure(ended, since, speech), ended, since, speech, said(agent, known))


def test_a_reply_after_the_caller():
    found = figures(((10, 12),), ((13.25, 15),))
    assert found.response_gap == pytest.approx(1.25)
    assert (found.interruption, found.barge_in_stop, found.talk_over_s, found.pending) == (False, None, 0.0, False)


def test_a_reply_within_the_grace_before_the_end_is_one_at_once():
    found = figures(((10, 12),), ((11.85, 15),))
    assert (found.response_gap, found.interruption) == (0.0, False)
    assert found.talk_over_s == pytest.approx(0.15)


def test_an_interruption():
    found = figures(((10, 12),), ((11.5, 15),))
    assert found.interruption
    assert found.talk_over_s == pytest.approx(0.5)
    assert found.response_gap is None, "it speaks already when the caller ends"


def test_an_agent_that_stops_again_and_then_answers():
    found = figures(((10, 12),), ((11, 11.7), (12.9, 15)))
    assert found.interruption
    assert found.response_gap == pytest.approx(0.9)


def test_both_start_at_the_same_time():
    assert figures(((10, 12),), ((10.1, 10.9),)).interruption is False


@pytest.mark.parametrize(("end", "interrupts"), [(11.4, False), (11.6, True)])
def test_a_short_sound_while_the_caller_speaks_on_is_a_backchannel(end: float, interrupts: bool):
    found = figures(((10, 13),), ((11, end), (13.8, 15)), turn=(10.3, 13.4))
    assert found.interruption is interrupts
    assert found.talk_over_s == pytest.approx(end - 11)
    assert found.response_gap == pytest.approx(0.8)


def test_a_short_sound_at_the_end_of_the_caller_is_no_backchannel():
    assert figures(((10, 12),), ((11.7, 12.1),)).interruption


def test_a_barge_in():
    found = figures(((10, 12),), ((5, 10.8),))
    assert found.barge_in_stop == pytest.approx(0.8)
    assert found.interruption is False
    assert found.talk_over_s == pytest.approx(0.8)


def test_a_pause_of_the_agent_is_no_silence():
    assert figures(((10, 12),), ((5, 9.9), (10.2, 10.6))).barge_in_stop == pytest.approx(0.6)
    assert figures(((10, 12),), ((5, 10.6), (10.9, 11.3))).barge_in_stop == pytest.approx(1.3)


def test_an_agent_that_speaks_on_over_all_of_the_callers_speech():
    found = figures(((10, 12),), ((5, 17),))
    assert found.barge_in_stop == pytest.approx(7)
    assert (found.interruption, found.response_gap, found.talk_over_s) == (False, None, 2)


def test_a_backchannel_of_the_caller_is_no_barge_in():
    assert figures(((10, 10.4),), ((5, 17),), turn=(10.2, 11)).barge_in_stop is None


def test_an_agent_that_ends_as_the_caller_begins_was_not_barged_in_on():
    assert figures(((10, 12),), ((5, 10.15),)).barge_in_stop is None


def test_an_agent_that_starts_in_a_pause_is_barged_in_on_by_the_rest():
    found = figures(((10, 11), (11.8, 13)), ((11.5, 12.5),), turn=(10.3, 13.5))
    assert found.barge_in_stop == pytest.approx(0.7)
    assert found.interruption is False


def test_a_pause_of_a_labelled_turn_is_no_place_to_start():
    found = figures(((10, 11), (11.8, 13)), ((11.4, 12.5),), turn=(10.3, 13.5), labelled=True)
    assert (found.interruption, found.barge_in_stop) == (True, None)


def test_an_answer_after_the_caller_spoke_again_is_of_the_later_turn():
    assert figures(((10, 12), (14, 15)), ((15.5, 17),)).response_gap is None
    later = figures(((10, 12), (14, 15)), ((15.5, 17),), turn=(14.2, 15.3), since=12.6)
    assert later.response_gap == pytest.approx(0.5)


def test_an_agent_that_is_silent_too_long_answers_nothing():
    assert figures(((10, 12),), ((12 + ANSWER_S + 0.1, 30),)).response_gap is None


def test_an_interruption_after_a_cut_off_is_of_the_turn_that_was_cut_off():
    caller, agent = ((10.0, 16.0),), ((12.5, 15.0),)
    cut = figures(caller, agent, turn=(10.3, 12))
    rest = figures(caller, agent, turn=(12.3, 16.4), since=12)
    assert (cut.interruption, rest.interruption) == (True, False)
    assert sum(each.talk_over_s or 0 for each in (cut, rest)) == pytest.approx(2.5), "each moment counts once"
    late = ((12 + REACTION_S + 0.5, 15.7),)
    cut, rest = figures(caller, late, turn=(10.3, 12)), figures(caller, late, turn=(12.3, 16.4), since=12)
    assert (cut.interruption, rest.interruption) == (False, True)


def test_without_speech_of_the_caller_nothing_can_be_said():
    found = figures((), ((11, 12),))
    assert (found.response_gap, found.interruption, found.barge_in_stop, found.talk_over_s) == (None,) * 4


@pytest.mark.parametrize(
    ("agent", "known", "pending"),
    [
        ((), 13.5, True),  # it may still answer
        ((), 12 + ANSWER_S, False),
        (((13, None),), 13.7, False),
        (((5, None),), 13.7, True),  # the caller barged in, and it speaks on
        (((5, None),), 12.6 + HORIZON_S, False),
        (((5, 13.5),), 13.7, True),  # it may pause
        (((11, None),), 11.2, True),
    ],
)
def test_when_all_is_known(agent: Spans, known: float, pending: bool):
    found = figures(((10, 12),), agent, known=known)
    assert found.pending is pending
    if known == 12.6 + HORIZON_S:
        assert found.barge_in_stop is None, "how long it went on is not known"
