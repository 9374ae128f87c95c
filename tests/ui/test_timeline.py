import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import SpeechEnd, SpeechOnset
from stt_monitor.ui.sound_history import BUCKET_S, KEPT_S, SoundHistory
from stt_monitor.ui.timeline_drawing import LABEL_CELLS, Window, draw_timeline, visible_turns

HEIGHT = 6
LANES = ("axis", "sound", "voice", "turn", "events", "eot")


def lanes(script: Script, window: Window, history: SoundHistory | None = None) -> dict[str, str]:
    snapshot = script.snapshot()
    drawn = draw_timeline(snapshot, history or SoundHistory(), window, HEIGHT)
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


def test_the_voice_is_corrected_by_the_anchors_of_the_figures():
    script = Script().connect()
    history = SoundHistory()
    script.to(1.0).monitor.take(SpeechOnset(1.0, 1.0))
    for tick in range(int(1.5 / BUCKET_S), int(3.5 / BUCKET_S)):  # the detector speaks up half a second late
        history.note(script.snapshot(tick * BUCKET_S))
    script.event(3.5, "turn.start").monitor.take(SpeechEnd(3.0, 3.0))
    script.event(3.6, "turn.end", "x").to(6).decided()
    history.note(script.snapshot())
    assert history.voice(1.1, 1.2)
    assert history.voice(2.8, 2.9)
    assert not history.voice(3.3, 3.4)


def test_sound_is_remembered_for_an_hour_and_forgotten_by_a_new_session():
    script, history = Script(duration=None), SoundHistory()
    script.connect().to(0.5, level_db=0.0)
    history.note(script.snapshot())
    assert history.loudest(0.5, 0.6) > 0
    script.at = KEPT_S + 10.0
    history.note(script.monitor.snapshot(script.at, running=True))
    assert history.loudest(0.5, 0.6) == 0
    history.note(Script(started_at="later").connect().snapshot(0.1))
    assert history.loudest(100.0, 200.0) == 0


@pytest.mark.parametrize("columns", [1, 5, 40, 300])
@pytest.mark.parametrize("end", [0.1, 7.3, 3000.0])
def test_any_window_can_be_drawn(columns: int, end: float):
    script = Script().connect().turn(1, "one two three four", resumed=True).to(8).decided().event(8.1, "turn.start")
    lanes(script, Window(end, 0.1, columns))


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
