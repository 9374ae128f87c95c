import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.sound_history import (
    BLOCK,
    BUCKET_S,
    CLIPPED,
    FAINTEST,
    QUIET,
    UNMEASURED,
    SoundRecorder,
    level_of,
    share_of,
)


def sent(recorder: SoundRecorder, at: float, length: float, level_db: float | None, *, quiet: bool = False) -> None:
    recorder.add(SentChunk(at, length, at, at + length, quiet), level_db)


def test_levels_are_even_steps_of_decibels():
    assert [level_of(db) for db in (-120.0, -60.0, -0.1, 0.0, 3.0)] == [FAINTEST, FAINTEST, CLIPPED, CLIPPED, CLIPPED]
    assert level_of(-0.2) < CLIPPED
    assert share_of(level_of(-30.0)) == pytest.approx(0.5, abs=0.005)
    assert share_of(UNMEASURED) == share_of(QUIET) == share_of(FAINTEST) == 0.0
    assert share_of(CLIPPED) == 1.0


def test_a_chunk_is_where_it_was_spoken_and_nowhere_else():
    recorder = SoundRecorder()
    sent(recorder, 1.0, 0.1, -30.0)
    sent(recorder, 5.0, 0.25, -10.0)
    sent(recorder, 6.0, 0.1, -120.0, quiet=True)
    sent(recorder, 7.0, 0.1, None)
    history = recorder.history
    assert [history.loudest(at, at + 0.1) for at in (0.9, 1.0, 1.1, 3.0)] == [0, level_of(-30.0), 0, 0]
    assert [history.loudest(at, at + 0.1) for at in (4.9, 5.0, 5.1, 5.2, 5.3)] == [0, *[level_of(-10.0)] * 3, 0]
    assert history.loudest(6.0, 6.1) == QUIET
    assert history.loudest(7.0, 7.1) == UNMEASURED
    assert history.loudest(0.0, 100.0) == level_of(-10.0)


def test_of_short_chunks_the_loudest_counts_and_sound_more_than_silence_in_its_place():
    recorder = SoundRecorder()
    for number, level in enumerate((-30.0, -12.0, -50.0, -40.0, -60.0)):
        sent(recorder, number * 0.02, 0.02, level)
    sent(recorder, 0.05, 0.02, -120.0, quiet=True)
    assert recorder.history.loudest(0.0, 0.1) == level_of(-12.0)


def test_a_history_that_was_handed_out_does_not_change():
    recorder = SoundRecorder()
    sent(recorder, 0.0, 0.1, -30.0)
    before = recorder.history
    sent(recorder, 0.05, 0.1, -1.0)
    assert before.loudest(0.0, 0.2) == level_of(-30.0)
    assert recorder.history.loudest(0.0, 0.1) == level_of(-1.0)
    assert recorder.history is recorder.history


def test_minutes_that_are_over_are_shared_between_snapshots():
    recorder = SoundRecorder()
    for second in range(200):
        sent(recorder, float(second), 1.0, -30.0)
    before = recorder.history
    sent(recorder, 200.0, 1.0, -20.0)
    after = recorder.history
    assert [before.blocks[number] is after.blocks[number] for number in range(3)] == [True] * 3


@pytest.mark.parametrize("length", [1.0, 1e12])
def test_what_is_very_old_is_forgotten(length: float):
    recorder = SoundRecorder(720)
    hours = BLOCK * 720 * BUCKET_S
    sent(recorder, 0.0, 1.0, -30.0)
    for minute in range(720):
        sent(recorder, 60.0 * minute, 1.0, -30.0)
    assert recorder.history.loudest(0.0, 0.1) == level_of(-30.0)
    sent(recorder, hours, length, -30.0)
    assert recorder.history.loudest(0.0, 0.1) == UNMEASURED
    assert len(recorder.history.blocks) <= 720 + 1


@given(
    st.lists(st.tuples(st.integers(-100, 3000), st.integers(1, 30), st.floats(-120, 0), st.booleans()), max_size=40),
    st.sampled_from([0.02, 0.1, 0.16, 1.0]),
)
def test_every_bucket_is_the_loudest_chunk_that_reaches_into_it_in_whichever_order_they_come(
    chunks: list[tuple[int, int, float, bool]], unit: float
):
    recorder = SoundRecorder()
    for place, length, level_db, quiet in chunks:
        sent(recorder, place * unit, length * unit, level_db, quiet=quiet)
    history = recorder.history
    for place, length, _, _ in chunks:
        for at in (place * unit, (place + length / 2) * unit):
            bucket = int(at // BUCKET_S)
            begin, end = bucket * BUCKET_S, (bucket + 1) * BUCKET_S
            expected = [
                QUIET if quiet else level_of(level_db)
                for place, length, level_db, quiet in chunks
                if place * unit < end - 1e-6 and (place + length) * unit > begin + 1e-6
            ]
            assert history.loudest(begin, end) == max(expected, default=UNMEASURED)
