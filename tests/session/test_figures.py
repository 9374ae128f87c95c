"""The figures are true: a service that speaks at chosen instants after chosen points of the sound gets those back.

What is expected comes from the service's own clock: when it said what, and when which sound had reached it. It is the
client's too, and virtual: what is shown in tenths of milliseconds is right to the last digit.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.live import LiveSource
from tests.support.service import Dialogue, ScriptedService
from tests.support.timed_service import Heard, bare, from_file, label, says, text, watch

from stt_monitor.audio.sources.source import Source
from stt_monitor.session.outcome import Outcome


def live(_: Path, seconds: float) -> Source:
    source = LiveSource()
    asyncio.get_running_loop().call_later(seconds, source.stop)
    return source


sources = pytest.mark.parametrize("make_source", [from_file, live])


SPEECH = [(0.5, 1.3), (2.9, 4.3), (5.9, 6.7), (8.6, 10.4), (11.9, 12.4), (13.1, 13.6), (17.3, 17.9)]
PAUSE = (12.4, 13.1)
"""Inside a turn: what is before it and after it is one."""
LENGTH_S = 18.3
EVENTS = [
    bare(0.7, "turn.start"),  # 0: all as it should be
    text(0.9, "turn.update", "One"),
    text(1.5, "turn.eager_end", "One"),
    text(1.7, "turn.end", "One"),
    bare(3.1, "turn.start"),  # 4: a guess that is taken back, then one that stands
    text(3.3, "turn.update", "Two"),
    text(3.5, "turn.eager_end", "Two"),
    bare(3.7, "turn.resume"),
    text(4.2, "turn.update", "Two words"),
    text(4.5, "turn.eager_end", "Two words"),
    text(4.7, "turn.end", "Two words."),
    bare(6.1, "turn.start"),  # 11: ended by the timeout of 640 ms
    text(6.2, "turn.update", "Three"),
    text(7.5, "turn.end", "Three"),
    bare(8.8, "turn.start"),  # 14: cut off while the user speaks
    text(9.0, "turn.update", "Four"),
    text(9.5, "turn.end", "Four"),
    bare(9.7, "turn.start"),  # 17: the rest of that
    text(9.9, "turn.update", "goes on"),
    text(10.7, "turn.end", "goes on"),
    bare(12.1, "turn.start"),  # 20: cut off in a short pause, with another text than was guessed
    text(12.2, "turn.update", "Six"),
    text(12.6, "turn.eager_end", "Six"),
    text(12.7, "turn.end", "Six more"),
    bare(15.9, "turn.start"),  # 24: about nothing
    text(16.1, "turn.end", ""),
    bare(17.5, "turn.start"),  # 26: open when the audio ends
    text(17.6, "turn.update", "Eight"),
]


def ms(earlier: float, later: float) -> object:
    """What is shown of a time: whole milliseconds."""
    return pytest.approx(1000 * (later - earlier), abs=0.501)


@pytest.mark.slow
@sources
async def test_every_figure_is_what_the_service_did(tmp_path: Path, make_source: Callable[[Path, float], Source]):
    async def script(dialogue: Dialogue) -> None:
        await says(EVENTS, Heard())(dialogue)
        await dialogue.say("turn.end", transcript="Eight")

    async with ScriptedService(script) as service:
        watched = watch(make_source(tmp_path, LENGTH_S), service.url, label(tmp_path / "labels.txt", SPEECH, PAUSE))
        assert await watched.run() == Outcome()
    said = [at for at, _, _ in EVENTS]
    one, two, three, four, five, six, seven, eight = watched.lines("turn")
    # turn, its speech, then which event: start, first text, eager end that stood, end
    for turn, (onset, end), start, first, guess, over in [
        (one, SPEECH[0], 0, 1, 2, 3),
        (two, SPEECH[1], 4, 5, 9, 10),
        (three, SPEECH[2], 11, 12, None, 13),
        (eight, SPEECH[6], 26, 27, None, None),
    ]:
        assert (turn["speech_start_s"], turn["speech_end_s"]) == (onset, end)
        assert turn["onset_latency_ms"] == ms(onset, said[start])
        assert turn["first_text_ms"] == ms(onset, said[first])
        if over is None:  # our close ended it
            assert turn["eot_latency_ms"] is None
        else:
            assert turn["eot_latency_ms"] == ms(end, said[over])
        if guess is None or over is None:
            assert (turn["eager_latency_ms"], turn["eager_lead_ms"]) == (None, None)
        else:
            assert turn["eager_latency_ms"] == ms(end, said[guess])
            assert turn["eager_lead_ms"] == ms(said[guess], said[over])
    # Cut off: its speech had not ended, and the turn that had the rest did not begin with an onset.
    assert (four["speech_end_s"], four["eot_latency_ms"]) == (None, None)
    assert four["onset_latency_ms"] == ms(SPEECH[3][0], said[14])
    assert (five["speech_start_s"], five["onset_latency_ms"], five["first_text_ms"]) == (None, None, None)
    assert five["eot_latency_ms"] == ms(SPEECH[3][1], said[19])
    assert all(seven[name] is None for name in ("onset_latency_ms", "first_text_ms", "eot_latency_ms"))
    # Cut off in a pause: the user had not stopped speaking.
    assert [six[name] for name in ("speech_start_s", "speech_end_s", "eot_latency_ms", "eager_latency_ms")] == [
        *SPEECH[4], None, None,
    ]  # fmt: skip
    assert [(turn["pause_cut_ms"], turn["wasted_replies"]) for turn in (one, two, four, six, eight)] == [
        (None, 0), (None, 1), (None, 0), (700.0, 1), (None, None),
    ]  # fmt: skip
    # The longest silences while the user spoke.
    assert two["update_gap_max_ms"] == ms(said[7], said[8])
    assert three["update_gap_max_ms"] == ms(said[12], SPEECH[2][1])
    turns = watched.lines("turn")
    assert [turn["eager_ends"] for turn in turns] == [1, 2, 0, 0, 0, 1, 0, 0]
    assert [turn["resumes"] for turn in turns] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert [turn["eager_text_match"] for turn in turns] == ["exact", "normalised", None, None, None, "no", None, None]
    assert [turn["false_cutoff"] for turn in turns] == [False, False, False, True, False, True, False, None]
    assert [turn["spurious"] for turn in turns] == [False] * 6 + [True, False]
    assert [turn["end_reason"] for turn in turns] == [
        "threshold", "threshold", "timeout", "", "threshold", "threshold", "", "closed",
    ]  # fmt: skip
    assert [turn["first_of_connection"] for turn in turns] == [True] + [False] * 7
    counts, pauses = watched.summary.counts, (watched.summary.pause_survived_max_ms, watched.summary.pause_cut_min_ms)
    assert (counts.turns, counts.eager_ends, counts.eager_ends_confirmed, counts.resumes) == (8, 4, 3, 1)
    assert (
        counts.wasted_replies,
        *pauses,
        counts.missed,
        counts.spurious,
        counts.false_cutoffs,
        counts.violations,
    ) == (2, None, 700.0, 1, 1, 2, 0)
    # The summary is that of the turns, but for the first, and for the one that our close ended.
    assert watched.summary.first_turn is not None
    assert watched.summary.first_turn.turn == 1
    for name in ("onset_latency_ms", "first_text_ms", "eager_latency_ms", "eot_latency_ms", "eager_lead_ms"):
        values = [turn[name] for turn in turns[1:-1] if turn[name] is not None]
        summary = watched.lines("summary")[0][name]
        assert summary["n"] == len(values)
        assert summary["max"] == max(values)
        assert min(values) <= summary["p50"] <= max(values)
    assert watched.health.audio_sent_s == pytest.approx(LENGTH_S, abs=0.11)  # the last chunk may be the one too late
    assert watched.health.send_lag_max == pytest.approx(0)
    assert watched.health.round_trip == 0


BROKEN_SPEECH = [(0.3, 0.6), (1.2, 2.4), (3.2, 3.6)]


@sources
async def test_figures_are_right_on_both_sides_of_a_gap(tmp_path: Path, make_source: Callable[[Path, float], Source]):
    before, after = Heard(), Heard()
    first = [
        bare(0.5, "turn.start"),
        text(0.9, "turn.end", "One"),
        bare(1.4, "turn.start"),
        text(1.5, "turn.update", "Two is"),
    ]
    second = [  # counted from the first sound that this connection hears, some 1.6 s into the speech
        bare(0.3, "turn.start"),
        text(0.4, "turn.update", "cut off"),
        text(1.1, "turn.end", "cut off"),
        bare(1.95, "turn.start"),
        text(2.05, "turn.update", "Four"),
        text(2.35, "turn.end", "Four"),
    ]
    lose = says(first, before, lambda dialogue: dialogue.socket.transport.abort())
    async with ScriptedService(lose, says(second, after)) as service:
        source = make_source(tmp_path, 5.0)
        watched = watch(source, service.url, label(tmp_path / "labels.txt", BROKEN_SPEECH))
        assert await watched.run() == Outcome()
    # The last sample ends the recording, so that what the second connection heard tells where it began.
    zero, later = before.start(), after.start(watched.health.audio_sent_s - after.seconds)
    one, two, three, four = watched.lines("turn")
    assert one["onset_latency_ms"] == ms(zero + 0.3, before.said[0])
    assert one["eot_latency_ms"] == ms(zero + 0.6, before.said[1])
    assert (two["transcript"], two["end_reason"], two["eot_latency_ms"]) == ("Two is", "dangling", None)
    assert two["onset_latency_ms"] == ms(zero + 1.2, before.said[2])
    # Its speech began before the gap, which is nothing that this connection could have heard.
    assert (three["transcript"], three["onset_latency_ms"], three["first_text_ms"]) == ("cut off", None, None)
    assert three["eot_latency_ms"] == ms(later + 2.4, after.said[2])
    assert four["onset_latency_ms"] == ms(later + 3.2, after.said[3])
    assert four["first_text_ms"] == ms(later + 3.2, after.said[4])
    assert four["eot_latency_ms"] == ms(later + 3.6, after.said[5])
    assert [turn["first_of_connection"] for turn in watched.lines("turn")] == [True, False, True, False]
    if isinstance(source, LiveSource):
        assert later == pytest.approx(zero)
    else:
        lost, found = (line["t"] for line in watched.lines("status")[2:4])
        assert later - zero == pytest.approx(found - lost, abs=1e-4)
    assert watched.health.reconnects == 1
