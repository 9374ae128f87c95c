"""A session that keeps little of what is past tells the same as one that keeps all, and does not get larger."""

import gc
import tracemalloc
from math import inf

import pytest
from hypothesis import given
from tests.core.monitoring.test_legal_sessions import NO_SHRINKING, Outcome, outcomes
from tests.support.examples import tried
from tests.support.long_session import long_session

from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.kept import Kept
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound import audio_clock
from stt_monitor.core.sound.audio_clock import AudioClock, SentChunk
from stt_monitor.services.cartesia import DIALECT

LITTLE = Kept(turns=2, spans=2, likelihood=2, level_minutes=1, runs=2)
FIGURES = ("summaries", "groups", "counts", "pauses", "marks", "first_turn", "speech_checked", "speech_delayed")


def played(entries: list[Entry], kept: Kept) -> tuple[list[str], Snapshot]:
    began, *rest = entries
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT, kept=kept)
    records: list[Record] = []
    for entry in rest:
        records += monitor.apply(entry)
    return [to_json(record) for record in records], monitor.snapshot(entries[-1].at, running=False)


@given(outcomes)
@tried(60, phases=NO_SHRINKING)
def test_the_figures_are_the_same_however_little_is_kept(outcome: Outcome):
    entries = outcome.world.entries
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audio_clock, "KEPT_S", 0.0)  # nothing but what is needed
        patch.setattr(audio_clock, "_BATCH", 1)
        little, last = played(entries, LITTLE)
    assert little == [to_json(record) for record in outcome.records]
    assert [getattr(last, name) for name in FIGURES] == [getattr(outcome.snapshot, name) for name in FIGURES]
    assert last.finished == outcome.snapshot.finished[-2:]


@pytest.mark.slow
def test_a_session_grows_by_the_values_of_its_figures_and_the_text_alone():
    began, *rest = long_session(131)
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT, kept=LITTLE)
    held: dict[int, int] = {}
    tracemalloc.start()
    try:
        for entry in rest:
            monitor.apply(entry)
            if monitor.turns in (50, 130) and monitor.turns not in held:
                gc.collect()
                held[monitor.turns] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert (held[130] - held[50]) / 80 < 800  # bytes a turn; one that is kept takes thousands


@pytest.mark.parametrize(
    ("frame_s", "needed_from", "least_s", "most"),
    [
        (0.1, inf, 60.0, 700),
        (0.1, 500.0, 400.0, 4_100),  # a turn began there
        (0.1, 0.0, 600.0, 6_100),
        (0.02, inf, 60.0, 3_100),
        (5.0, inf, 60.0, 112),
        (0.0005, 0.0, 29.0, 60_100),
    ],
)
def test_the_clock_keeps_seconds_of_sound(frame_s: float, needed_from: float, least_s: float, most: int):
    clock = AudioClock()
    for number in range(min(70_000, round(900 / frame_s))):
        at = number * frame_s
        clock.add(SentChunk(at, frame_s, at, at + frame_s))
        clock.forget(needed_from)
    assert clock.position - clock._positions[0] >= least_s
    assert len(clock._positions) <= most


def test_a_turn_that_goes_on_for_long_knows_where_it_began_though_sound_was_lost_in_it():
    clock = AudioClock()
    for number in range(3000):
        at = number / 10 + (100.0 if number >= 1000 else 0.0)  # nothing is captured for 100 s
        clock.add(SentChunk(number / 10, 0.1, at, at + 0.1))
        clock.forget(60.0)
    assert clock.position_at(60.0) == pytest.approx(60.0)
    assert clock.position_at(150.0) == pytest.approx(100.0)
    assert clock.position_at(300.0) == pytest.approx(200.0)
