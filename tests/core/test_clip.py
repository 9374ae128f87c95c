import pytest
from tests.ui.scripted import Script

from stt_monitor.core.clip import Clip, clip_to_hear


def test_of_a_turn_one_hears_what_came_just_before_its_speech_and_just_after_its_end():
    snapshot = Script().connect().turn(1, "Hello there").turn(6, "And more").to(12).decided().snapshot()
    assert clip_to_hear(snapshot, 1) == Clip(1 - 0.3, 3.9)
    assert clip_to_hear(snapshot) == clip_to_hear(snapshot, 2) == Clip(6 - 0.3, 8.9)


def test_where_its_speech_is_not_known_yet_one_hears_the_second_before_its_start():
    clip = clip_to_hear(Script().connect().turn(1, "Hello there").snapshot(4))
    assert clip is not None
    assert (clip.start, clip.end) == pytest.approx((1.2 - 1.0, 3.9))


def test_a_turn_at_the_beginning_begins_with_the_audio():
    clip = clip_to_hear(Script().connect().turn(0.1, "Hello there").to(5).decided().snapshot())
    assert clip is not None
    assert (clip.start, clip.end) == pytest.approx((0.0, 3.0))


def test_what_is_open_or_begins_somewhere_has_no_end():
    script = Script().connect()
    script.event(2.0, "turn.start")
    assert clip_to_hear(script.snapshot(3), 1) == Clip(1.0)
    assert clip_to_hear(script.snapshot(3), at=1.5) == Clip(1.5)


def test_there_may_be_no_such_turn():
    assert clip_to_hear(Script().connect().snapshot(3)) is None
    assert clip_to_hear(Script().connect().snapshot(3), 4) is None
