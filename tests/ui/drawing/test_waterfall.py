import msgspec
import pytest
from tests.core.what_if.made_up import session

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.turns.turn import EndReason
from stt_monitor.core.why.account import account_of
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.drawing.waterfall import waterfall

SCHEMA = SERVICE.schema


def turn(*sound: tuple[float, float]) -> FinishedTurn:
    return session([*sound, (0.5, 4.0)], TurnSettings(), pace=1.2).finished[0]


def drawn(finished: FinishedTurn, width: int) -> list[str]:
    return [line.plain for line in waterfall(finished, account_of(finished, SCHEMA), width)]


@pytest.mark.parametrize("width", [28, 34, 52, 68, 92, 180])
def test_labels_and_lengths_are_readable_at_any_width(width: int):
    speech, service, eager, end, axis = drawn(turn((1.5, 5.0)), width)
    assert max(map(len, (speech, service, eager, end, axis))) <= width
    assert speech.startswith("speech ")
    assert "━" in speech
    assert service.startswith("service ")
    assert [glyph for glyph in service if glyph in "▸◐↺■"] == ["▸", "◐", "■"]
    assert " ms " in eager
    assert " ms " in end
    assert "╵0 s" in axis or "╵0.0 s" in axis


def test_parts_end_where_the_events_stand():
    speech, service, eager, end, _ = drawn(turn((1.5, 5.0)), 92)
    assert len(speech) - 1 == eager.index("━")
    assert abs(service.index("◐") - eager.rindex("━")) <= 1
    assert abs(eager.rindex("━") + 1 - end.index("━")) <= 1
    assert abs(service.index("■") - end.rindex("━")) <= 1


def test_of_a_long_turn_only_the_last_seconds_are_drawn_so_that_its_parts_have_room():
    speech, _, eager, _, axis = drawn(turn((60.0, 5.0)), 80)
    assert "…" in speech
    assert eager.count("━") >= 4
    assert "╵0 s" not in axis


def test_a_turn_that_nobody_ended_has_what_is_known_of_it():
    finished = turn((1.5, 5.0))
    lost = msgspec.structs.replace(
        finished,
        turn=msgspec.structs.replace(finished.turn, end_reason=EndReason.DANGLING, ended_at=None),
        metrics=msgspec.structs.replace(finished.metrics, eot_latency=None, end_reason="dangling"),
    )
    rows = drawn(lost, 80)
    assert len(rows) == 3
    assert "✕" in rows[1]


def test_where_there_is_no_room_nothing_is_drawn():
    assert drawn(turn((1.5, 5.0)), 15) == []
