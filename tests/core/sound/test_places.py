import pytest

from stt_monitor.core.sound.places import PlaceRecorder, Places


def test_audio_and_time_go_together_but_where_audio_was_held():
    recorder = PlaceRecorder()
    for number in range(10):
        recorder.add(1.0 + number * 0.1, number * 0.1)
    for number in range(10, 20):
        recorder.add(6.0 + (number - 10) * 0.1, number * 0.1)
    places = recorder.places
    assert places == Places((1.0, 6.0), (0.0, 1.0))
    assert [places.position_at(at) for at in (0.0, 1.5, 4.0, 6.5)] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert [places.spoken_at(position) for position in (0.5, 1.0, 1.5)] == pytest.approx([1.5, 6.0, 6.5])


def test_a_microphone_that_is_not_quite_even_makes_one_run_and_one_that_drifts_few():
    recorder = PlaceRecorder()
    for number in range(1000):
        recorder.add(number * 0.1001 + 0.01 * (number % 2), number * 0.1)
    assert len(recorder.places.times) <= 5
    assert recorder.places.spoken_at(50.0) == pytest.approx(50.05, abs=0.03)


def test_what_was_handed_out_does_not_change_and_without_audio_there_is_no_place():
    recorder = PlaceRecorder()
    before = recorder.places
    recorder.add(1.0, 0.0)
    assert before == Places()
    assert (before.position_at(3.0), before.spoken_at(3.0)) == (0.0, 3.0)
    assert recorder.places is recorder.places
