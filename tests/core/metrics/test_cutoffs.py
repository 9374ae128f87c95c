"""Cut-offs and pauses, exact with labelled turns: what labels say of a turn's end, and when it is known."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.journal import Entry, Sent, SpeechDecided, SpeechEnd, SpeechOnset, received
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S
from stt_monitor.core.metrics.cutoffs import FALSE_CUTOFF_WINDOW_S, REACTION_S
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.reference_speech import ReferenceSpeech
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd
from stt_monitor.services.cartesia import DIALECT

Labelled = list[list[float]]
"""Of each turn the edges of its speech: onset, end, onset, end ..."""


def labels(turns: Labelled, decided: float = inf, *, known: bool = True) -> ReferenceSpeech:
    """What a session knows at `decided` of these turns; not `known`: a detector, which knows no turns."""
    speech = ReferenceSpeech(labelled_turns=known)
    for edges in turns:
        for index, at in enumerate(edges):
            if at > decided:
                continue
            if index % 2 == 0:
                speech.add_onset(at, at, continues=known and index > 0)
            else:
                speech.add_end(at, at, pauses=known and index < len(edges) - 1)
    speech.decided_until = decided
    return speech


def ended(start: float, end: float, reason: EndReason = EndReason.ENDED, eager: float | None = None) -> Turn:
    guesses = () if eager is None else (TurnEagerEnd(eager, "so"),)
    return Turn(2, start, "so", ended_at=end, end_reason=reason, event_times=(start, end), eager_ends=guesses)


def measured(
    turn: Turn, turns: Labelled, decided: float = inf, since: float = 0.0, *, known: bool = True
) -> TurnMetrics:
    return measure(turn, since, labels(turns, decided, known=known), 5.0)


def test_an_end_in_a_long_pause_of_a_labelled_turn_is_a_cut_off_however_late_it_goes_on():
    figures = measured(ended(1.2, 3.4, eager=3.2), [[1.0, 3.0, 4.5, 6.0]])
    assert figures.false_cutoff is True
    assert figures.pause_cut == pytest.approx(1.5)
    assert (figures.eot_latency, figures.eager_latency, figures.final_text_latency) == (None, None, None)
    assert figures.onset_latency == pytest.approx(0.2)
    assert figures.eager_lead == pytest.approx(0.2)
    assert [span.onset for span in figures.speech] == [1.0, 4.5]
    assert figures.end_reason == "threshold"
    proxy = measured(ended(1.2, 3.4), [[1.0, 3.0, 4.5, 6.0]], known=False)
    assert proxy.false_cutoff is False
    assert proxy.eot_latency == pytest.approx(0.4)


def test_the_next_labelled_turn_shows_no_cut_off_however_soon_it_comes():
    figures = measured(ended(1.2, 3.4), [[1.0, 3.0], [3.6, 5.0]])
    assert figures.false_cutoff is False
    assert figures.eot_latency == pytest.approx(0.4)
    assert len(figures.speech) == 1
    assert measured(ended(1.2, 3.4), [[1.0, 3.0], [3.6, 5.0]], known=False).false_cutoff is True


def test_an_end_that_comes_into_the_next_turn_is_late_and_cuts_nothing_off():
    turns: Labelled = [[1.0, 3.0], [3.6, 6.0]]
    late = measured(ended(1.2, 3.9), turns)
    assert late.false_cutoff is False
    assert late.eot_latency == pytest.approx(0.9)
    assert late.speech_end_position == 3.0
    assert measured(ended(1.2, 3.9), turns, known=False).false_cutoff is True
    rest = measured(ended(4.2, 6.4), turns, since=3.9)
    assert (rest.false_cutoff, rest.spurious) == (False, False)
    assert rest.eot_latency == pytest.approx(0.4)
    much_later = measured(ended(1.2, 3.6 + REACTION_S + 0.1), turns)
    assert (much_later.false_cutoff, much_later.eot_latency) == (True, None), "it had both turns, and cut the second"
    only_this = measured(ended(3.7, 4.2), turns, since=3.5)
    assert only_this.false_cutoff is True, "it began in the speech that it cuts"


@pytest.mark.parametrize(
    ("end", "cut", "pause", "survived"),
    [
        (1.9, True, None, None),  # in the first speech
        (2.1, True, 0.5, None),  # in the first pause
        (2.6, True, 0.5, None),  # in the speech after it, before anybody can have heard of it
        (3.9, True, None, 0.5),  # in mid-speech: no pause is to blame
        (4.4, True, 0.8, 0.5),  # in the second pause
        (6.2, False, None, 0.8),
    ],
)
def test_which_pause_ended_a_turn_and_which_it_survived(
    end: float, cut: bool, pause: float | None, survived: float | None
):
    figures = measured(ended(1.1, end), [[1.0, 2.0, 2.5, 4.0, 4.8, 6.0]])
    assert figures.false_cutoff is cut
    assert figures.pause_cut == (pause if pause is None else pytest.approx(pause))
    assert figures.pause_survived == (survived if survived is None else pytest.approx(survived))


def test_without_labels_pauses_are_gaps_of_speech():
    spans: Labelled = [[1.0, 2.0, 2.5, 4.0, 4.8, 6.0]]
    figures = measured(ended(1.1, 4.4), spans, known=False)
    assert figures.pause_survived == pytest.approx(0.5)
    assert figures.pause_cut == pytest.approx(0.8)
    assert measured(ended(1.1, 6.2), spans, known=False).pause_survived == pytest.approx(0.8)


def test_the_gap_between_two_turns_is_no_pause_though_the_service_had_them_as_one():
    figures = measured(ended(1.2, 6.5), [[1.0, 3.0], [4.5, 6.0]])
    assert (figures.pause_survived, figures.false_cutoff) == (None, False)
    assert figures.eot_latency == pytest.approx(0.5)


def test_a_pause_in_which_the_turn_began_was_not_survived():
    assert measured(ended(2.2, 4.4), [[1.0, 2.0, 3.0, 4.0]]).pause_survived is None
    assert measured(ended(1.9, 4.4), [[1.0, 2.0, 3.0, 4.0]]).pause_survived == pytest.approx(1.0)


def test_labels_tell_at_once_that_a_turn_is_over_and_else_when_it_goes_on():
    turns: Labelled = [[1.0, 3.0, 7.0, 8.0]]
    over = measured(ended(7.1, 8.4), turns, decided=8.4, since=3.5)
    assert (over.pending, over.false_cutoff) == (False, False)
    assert over.eot_latency == pytest.approx(0.4)
    waiting = measured(ended(1.2, 3.4), turns, decided=5.0)
    assert (waiting.pending, waiting.false_cutoff, waiting.eot_latency) == (True, None, None)
    known = measured(ended(1.2, 3.4), turns, decided=7.1)
    assert (known.pending, known.false_cutoff) == (False, True)
    speech = labels(turns, decided=5.0)
    speech.finish()
    assert measure(ended(1.2, 3.4), 0, speech).false_cutoff is False, "the recording broke off: nobody knows"
    assert not measured(ended(1.2, 3.0 + FALSE_CUTOFF_WINDOW_S), [[1.0, 3.0]], decided=4.0).pending


def test_a_turn_that_the_service_did_not_end_was_not_cut_off():
    for reason in (EndReason.CLOSED, EndReason.MANUAL, EndReason.DANGLING):
        figures = measured(ended(1.2, 3.4, reason), [[1.0, 3.0, 4.0, 6.0]])
        assert (figures.false_cutoff, figures.pause_cut, figures.pending) == (None, None, False)


def test_the_record_of_a_turn_that_ended_in_a_pause_waits_until_the_turn_goes_on():
    record = SessionRecord(
        "", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "labels", labelled_turns=True
    )  # fmt: skip
    monitor = Monitor(record, DIALECT)
    monitor.apply(Sent(SentChunk(0.0, 20.0, 0.0, 0.0), -20.0))
    told: list[tuple[int, bool | None]] = []

    def to(at: float, entry: Entry | None = None) -> None:
        for each in (*([] if entry is None else [entry]), SpeechDecided(at, at)):
            found = (record for record in monitor.apply(each) if isinstance(record, TurnRecord))
            told.extend((record.turn, record.false_cutoff) for record in found)

    to(1.2, SpeechOnset(1.2, 1.0))
    to(1.2, received(1.2, '{"type":"turn.start"}'))
    to(3.1, SpeechEnd(3.1, 3.0, pauses=True))
    to(3.4, received(3.4, '{"type":"turn.end","transcript":"so"}'))
    to(6.9)
    assert told == []
    to(7.0, SpeechOnset(7.0, 7.0, continues=True))
    assert told == [(1, True)]
    to(7.2, received(7.2, '{"type":"turn.start"}'))
    to(8.0, SpeechEnd(8.0, 8.0))
    to(8.4, received(8.4, '{"type":"turn.end","transcript":"so"}'))
    assert told == [(1, True), (2, False)], "labels tell at once that this one is over"
    snapshot = monitor.snapshot(9.0, running=True)
    assert snapshot.marks.exact
    assert snapshot.finished[0].marks.cut_sign == ""


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Labelled, Turn]:
    """Labelled turns, tenths of a second apart, and a turn that the service starts and ends anywhere."""
    steps = draw(st.lists(st.lists(st.integers(1, 25), min_size=2, max_size=6), min_size=1, max_size=4))
    turns, at = [], 0
    for own in steps:
        edges: list[float] = []
        for step in own[: len(own) // 2 * 2]:
            at += step
            edges.append(at / 10)
        turns.append(edges)
    start, length = draw(st.integers(0, at + 10)), draw(st.integers(1, 60))
    return turns, ended(start / 10 + 0.05, (start + length) / 10 + 0.05)


@given(conversations())
def test_a_cut_off_is_an_end_inside_a_labelled_turn_but_for_a_late_one(conversation: tuple[Labelled, Turn]):
    turns, turn = conversation
    figures = measured(turn, turns)
    claimed = [
        edges
        for edges in turns
        for onset, end in zip(edges[::2], edges[1::2], strict=True)
        if onset <= turn.over_at and turn.started_at <= end + CLAIM_WINDOW_S
    ]
    inside = next((edges for edges in turns if edges[0] <= turn.over_at < edges[-1]), None)
    if not claimed or inside is None or inside not in claimed:
        assert figures.false_cutoff is False
        return
    begins_here = turn.started_at < inside[0] and turn.over_at < inside[1] and claimed[0] is not inside
    late = begins_here and turn.over_at - inside[0] <= REACTION_S
    assert figures.false_cutoff is not late
    if not late:
        assert figures.eot_latency is None
    elif figures.eot_latency is not None:
        before = turns[turns.index(inside) - 1]
        assert figures.eot_latency == pytest.approx(turn.over_at - before[-1])
    if figures.pause_cut is not None:
        pauses = [b - a for a, b in zip(inside[1:-1:2], inside[2:-1:2], strict=True)]
        assert any(figures.pause_cut == pytest.approx(pause) for pause in pauses)
