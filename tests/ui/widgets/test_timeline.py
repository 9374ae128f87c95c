import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import Sent, SpeechDecided, SpeechEnd, SpeechOnset
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.turn_lanes import LABEL_CELLS, draw_timeline, visible_turns

HEIGHT = 6
LANES = ("axis", "sound", "voice", "turn", "events", "eot")


def lanes(script: Script, window: Window) -> dict[str, str]:
    drawn = draw_timeline(script.snapshot(), window, HEIGHT)
    assert all(line.cell_length == LABEL_CELLS + window.columns for line in drawn)
    return dict(zip(LANES, (line.plain[LABEL_CELLS:] for line in drawn), strict=True))


def test_turns_and_events_stand_where_they_happened():
    script = Script().connect().event(1, "turn.start").event(3, "turn.eager_end", "a").event(4, "turn.resume")
    script.event(6, "turn.eager_end", "ab").event(7, "turn.end", "ab").to(9)
    drawn = lanes(script, Window(10.0, 1.0, 10))
    assert drawn["turn"] == "·██▒▒█▒▒··"
    assert drawn["events"] == " ▸ ◐↺ ◐■  "


def test_the_open_turn_reaches_until_now_and_no_further():
    script = Script().connect().event(2, "turn.start").to(5)
    assert lanes(script, Window(10.0, 1.0, 10))["turn"] == "··████    "


def test_nothing_is_drawn_before_the_session_began():
    script = Script().connect().to(2)
    assert lanes(script, Window(3.0, 1.0, 10))["turn"] == "       ···"


def test_the_wait_for_the_end_of_a_turn_is_drawn_and_said():
    script = Script().connect().turn(1.05, "one two three four", length=2.0, eot=1.0).to(8).decided()
    assert lanes(script, Window(10.0, 0.5, 20))["eot"] == "      ━━━1000       "
    narrow = lanes(script, Window(4.5, 0.5, 9))["eot"]
    assert narrow == "  1000━━━"


def test_voice_stands_where_it_was_however_late_it_was_heard_of():
    script = Script().connect().to(3.5)
    assert lanes(script, Window(5.0, 0.5, 10))["voice"].strip() == ""
    script.monitor.apply(SpeechOnset(3.5, 1.0))
    script.monitor.apply(SpeechDecided(3.5, 2.4))
    assert lanes(script, Window(5.0, 0.5, 10))["voice"] == "  ━━━     "
    script.to(4.0).monitor.apply(SpeechEnd(4.0, 3.2))
    assert lanes(script, Window(5.0, 0.5, 10))["voice"] == "  ━━━━━   "


def test_sound_is_drawn_chunk_by_chunk_and_blank_where_there_was_none():
    script = Script().to(1.0, level_db=-30.0)
    script.monitor.apply(Sent(SentChunk(1.0, 1.0, 3.0, 4.0), 0.0))
    script.monitor.apply(Sent(SentChunk(2.0, 1.0, 5.0, 6.0, quiet=True), -120.0))
    script.monitor.apply(Sent(SentChunk(3.0, 1.0, 6.0, 7.0), -120.0))
    script.at = 9.0
    assert lanes(script, Window(8.0, 1.0, 8))["sound"] == "▄  █ ‖▁ "


def test_no_voice_is_drawn_where_a_file_waited_for_its_line():
    script = Script().to(2.0)
    script.monitor.apply(SpeechOnset(2.0, 1.0))
    script.monitor.apply(Sent(SentChunk(2.0, 1.0, 5.0, 6.0), -20.0))
    script.monitor.apply(SpeechEnd(6.0, 2.5))
    script.at = 6.0
    assert lanes(script, Window(8.0, 0.5, 16))["voice"] == "  ━━      ━━    "


@pytest.mark.parametrize("columns", [1, 5, 40, 300])
@pytest.mark.parametrize("end", [0.1, 7.3, 3000.0])
def test_any_window_can_be_drawn(columns: int, end: float):
    script = Script().connect().turn(1, "one two three four", resumed=True).to(8).decided().event(8.1, "turn.start")
    lanes(script, Window(end, 0.1, columns))


@pytest.mark.slow
def test_of_very_many_turns_those_are_drawn_that_begin_in_a_cell_of_their_own():
    script = Script().connect()
    for number in range(2000):
        script.event(1 + number / 1000, "turn.start").event(1 + number / 1000, "turn.end", "yes")
    window = Window(3.0, 0.1, 30)
    drawn = [turn.number for turn, _ in visible_turns(script.snapshot(), window)]
    assert len(drawn) <= window.columns
    assert drawn == sorted(drawn)
    assert drawn[-1] == 2000
    assert visible_turns(script.snapshot(), Window(0.5, 0.1, 5)) == []


def test_a_turn_on_the_edge_of_a_cell_is_drawn_once():
    script = Script(duration=None).connect()
    for at in (1.2, 5.2, 9.0):
        script.event(at, "turn.start").event(at + 0.1, "turn.end", "yes")
    for quarter in range(40, 80):
        for columns in (72, 110, 152):
            step = 30 / columns
            turns = visible_turns(script.snapshot(), Window((quarter * 0.25 // step + 1) * step, step, columns))
            assert len(turns) == len({turn.number for turn, _ in turns})
