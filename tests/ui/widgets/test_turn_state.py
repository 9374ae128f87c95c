import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.journal import CloseSent
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.turns.state import State
from stt_monitor.ui.drawing.state_diagram import HEIGHT, MIN_WIDTH, DiagramState, draw_diagram, draw_one_line
from stt_monitor.ui.drawing.turn_state_lines import FLASH_S, diagram_state, flashing, sentences, titles
from stt_monitor.ui.widgets.turn_state import TurnStatePanel, told

HEARD = "Hello there"


def idle() -> Script:
    return Script().connect()


def speaking() -> Script:
    return idle().event(1.0, "turn.start").event(1.5, "turn.update", HEARD)


def guessed() -> Script:
    return speaking().event(2.0, "turn.eager_end", HEARD)


def resumed() -> Script:
    return guessed().event(2.5, "turn.resume")


def ended() -> Script:
    return guessed().event(2.5, "turn.end", HEARD)


def ended_without_guess() -> Script:
    return speaking().event(2.5, "turn.end", HEARD)


def drawing(script: Script, at: float, width: int = 80) -> str:
    return "\n".join(line.plain for line in draw_diagram(diagram_state(script.snapshot(at)), width))


@pytest.mark.parametrize(
    ("script", "at", "state", "lasted"),
    [
        (idle(), 0.7, "○ IDLE", "0.7 s"),
        (speaking(), 4.25, "● SPEAKING", "3.2 s"),
        (guessed(), 2.3, "◐ EAGER END", "0.3 s"),
        (resumed(), 62.5, "● SPEAKING", "1:00"),
        (ended(), 3.0, "○ IDLE", "0.5 s"),
    ],
)
def test_the_present_state_is_lit_with_its_time(script: Script, at: float, state: str, lasted: str):
    said = drawing(script, at)
    assert state in said
    assert lasted in said
    assert sum(word in said for word in ("IDLE", "SPEAKING", "EAGER END")) == 1


@pytest.mark.parametrize(
    ("script", "at", "arrow"),
    [
        (idle(), 0.5, ""),
        (speaking(), 1.6, "start"),
        (guessed(), 2.1, "eager_end"),
        (resumed(), 2.6, "resume"),
        (ended(), 2.6, "late_end"),
        (ended_without_guess(), 2.6, "end"),
        (ended(), 2.5 + FLASH_S, ""),
    ],
)
def test_transitions_flash_for_a_second(script: Script, at: float, arrow: str):
    assert diagram_state(script.snapshot(at)).lit == arrow


def test_nothing_flashes_and_no_state_is_lit_when_the_session_is_over():
    script = ended()
    script.running = False
    snapshot = script.snapshot(2.6)
    assert flashing(snapshot) == ""
    assert diagram_state(snapshot).state is None


def test_a_flash_is_said_in_words():
    said = sentences(resumed().snapshot(2.6))[0].plain
    assert "↺ resumed: false alarm" in said
    assert "■ turn 1 ended" in sentences(ended().snapshot(2.6))[0].plain


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("lit", ["", "start", "eager_end", "resume", "end", "late_end"])
def test_every_drawing_has_the_same_shape(state: State | None, lit: str):
    for width in range(MIN_WIDTH, 140):
        lines = draw_diagram(DiagramState(state, "12.3 s", lit, (10_000, 10_000, 10_000, 10_000)), width)
        assert len(lines) == HEIGHT
        assert len({line.cell_length for line in lines[:4]}) == 1
        assert all(line.cell_length <= width for line in lines)


def test_every_transition_is_named_and_counted_where_there_is_room():
    script = ended().event(4.0, "turn.start").event(5.0, "turn.eager_end", "x").event(6.0, "turn.resume")
    said = drawing(script, 7.0)
    for what in ("start 2", "eager end 2", "resume 1", "end 1"):
        assert what in said


def test_every_transition_is_counted_where_arrows_are_short():
    drawn = draw_diagram(DiagramState(State.IDLE, "1.0 s", counts=(12, 34, 56, 7)), MIN_WIDTH)
    said = [line.plain for line in drawn]
    assert "start" in said[0]
    assert "eager end" in said[0]
    assert "─ 12 ─▸" in said[1]
    assert "─ 34 ─▸" in said[1]
    assert "◂─ 7 ──" in said[2]
    assert "◂─ 56 ─" in said[2]


def test_one_line_says_all_states_or_at_least_the_present_one():
    view = diagram_state(guessed().snapshot(2.3))
    whole = draw_one_line(view, 60).plain
    assert "idle" in whole
    assert "speaking" in whole
    assert "◐ EAGER END  0.3 s" in whole
    narrow = draw_one_line(view, 22).plain
    assert "◐ EAGER END  0.3 s" in narrow
    assert "idle" not in narrow


def test_the_title_counts():
    title = titles(ended().snapshot(3.0))[0].plain
    assert "1 turn · 1 eager end · 0 resumes · 100 % confirmed" in title


def test_the_share_is_open_while_no_guess_is_decided():
    assert "– confirmed" in titles(guessed().snapshot(2.1))[0].plain


def test_violations_stand_in_every_title_and_in_a_sentence():
    script = ended().event(3.0, "turn.resume")
    snapshot = script.snapshot(3.1)
    assert all(title.plain.startswith("✗ 1 violation · ") for title in titles(snapshot))
    assert "✗ 1 violation, last G4: turn.resume came without turn.eager_end" in sentences(snapshot)[1].plain


def test_an_unknown_message_is_no_violation_and_its_type_is_text():
    snapshot = ended().event(3.0, "[/nope]\x1b[2J").snapshot(3.1)
    said = sentences(snapshot)[1].plain
    assert "✓ no violations of the protocol · 1 message of unknown type, last [/nope][2J" in said
    assert not any("violation" in title.plain for title in titles(snapshot))


def test_before_the_first_snapshot_no_state_is_lit():
    state, _, lines = told(None)
    assert state.state is None
    assert lines == []


def test_a_turn_that_our_close_ended_is_told_of_as_that():
    script = guessed()
    script.monitor.apply(CloseSent(2.4))
    snapshot = script.event(2.5, "turn.end", HEARD).snapshot(2.6)
    assert diagram_state(snapshot).lit == "late_end"
    assert "turn 1 ended, closed by us" in sentences(snapshot)[0].plain
    assert "– confirmed" in titles(snapshot)[0].plain


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        ({"eager_ends", "resumes"}, ["Turn state · 1 turn · eager ends n/a", "1 turn · eager n/a", "1 turn"]),
        ({"resumes"}, ["Turn state · 1 turn · 1 eager end", "1 turn · 1 eager end", "1 turn"]),
    ],
)
def test_what_a_service_cannot_have_is_not_counted(absent: set[str], said: list[str]):
    snapshot = msgspec.structs.replace(ended().snapshot(3.0), marks=Marks(absent=frozenset(absent)))
    assert [title.plain for title in titles(snapshot)] == said
    assert [count == "n/a" for count in diagram_state(snapshot).counts] == [False, "eager_ends" in absent, True, False]


def test_what_has_no_room_in_a_line_ends_in_an_ellipsis():
    panel = TurnStatePanel()
    panel.show(idle().event(1.0, "turn.hesitated_for_longer_than_usual").snapshot(2.0))
    *_, said = panel.compose_lines(60, HEIGHT + 2)
    assert (said.cell_length, said.plain[-1]) == (60, "…")
