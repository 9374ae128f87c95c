import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ui.screen import monitor, show, text_of
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.settings import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.drawing.probability_lane import draw_likelihood
from stt_monitor.ui.widgets.timeline import Timeline

CURVE = ".chart"


def points(values: dict[float, float]) -> list[LikelihoodPoint]:
    return [LikelihoodPoint(at, value, at) for at, value in values.items()]


def drawn(values: dict[float, float], settings: TurnSettings | None = None) -> list[list[tuple[str, str]]]:
    return draw_likelihood(
        points(values), SERVICE.schema, settings or TurnSettings(), start=10, step=1, columns=8, rows=3
    )


def test_thresholds_lie_across_it_in_the_looks_of_the_states_that_they_lead_to():
    styles = [{style for _, style in lane} for lane in drawn({})]
    assert styles == [{".speaking"}, {".eager"}, {".idle"}]
    higher = drawn({}, TurnSettings(end_threshold=0.5))
    assert {style for _, style in higher[1]} == {".eager", ".idle"}
    assert {char for char, _ in drawn({}, TurnSettings(start_threshold=0.9))[0]} != {char for char, _ in drawn({})[0]}


def test_a_confidence_of_the_end_is_drawn_upside_down_and_what_is_off_is_not_drawn():
    start, eager, end, timeout = SERVICE.schema.settings
    upside_down = msgspec.structs.replace(end, default=1 - 0.3, high=1, confidence_of_end=True)
    schema = Schema((start, msgspec.structs.replace(eager, default=None), upside_down, timeout))
    lanes = draw_likelihood([], schema, TurnSettings(), start=10, step=1, columns=8, rows=3)
    usual = drawn({})
    assert [lanes[0], lanes[2]] == [usual[0], usual[2]]
    assert {style for _, style in lanes[1]} == {""}
    assert {style for _, style in usual[1]} != {""}


def test_before_the_session_there_are_no_thresholds():
    lanes = draw_likelihood([], SERVICE.schema, TurnSettings(), start=-5, step=1, columns=8, rows=3)
    assert all([style != "" for _, style in lane] == [False] * 5 + [True] * 3 for lane in lanes)


def test_the_curve_stands_where_and_as_high_as_the_likelihood_was():
    lanes = drawn({10.2: 1.0, 12.6: 1.0, 12.7: 0.0})
    assert lanes[0][0] == ("⠁", CURVE)
    assert lanes[0][1][1] != CURVE  # two seconds without a point: nobody knows
    # From high to low it hangs together, in the right half of the third cell.
    assert [lane[2] for lane in lanes] == [("⢸", CURVE)] * 3
    assert [lane[3][1] == CURVE for lane in lanes] == [False] * 3


@given(
    st.lists(st.floats(0, 1), min_size=40, max_size=200),
    st.sampled_from([10, 30, 60, 120, 300]),
    st.integers(10, 190),
    st.integers(1, 4),
)
def test_the_curve_hangs_together_at_any_zoom(values: list[float], span: int, columns: int, rows: int):
    curve = points({number * 0.032: value for number, value in enumerate(values)})
    lanes = draw_likelihood(
        curve, SERVICE.schema, TurnSettings(), start=-0.5, step=span / columns, columns=columns, rows=rows
    )
    dots = dots_of(lanes)
    half = span / columns / 2
    first, last = int(0.5 // half), min(2 * columns - 1, int((0.5 + curve[-1].at) // half))
    assert sorted(dots) == list(range(first, last + 1))
    for column in range(first, last):
        near = {level + by for level in dots[column] for by in (-1, 0, 1)}
        assert near & dots[column + 1]


def dots_of(lanes: list[list[tuple[str, str]]]) -> dict[int, set[int]]:
    """Return by column of dots at which heights there are dots of the curve, counted from above."""
    dots: dict[int, set[int]] = {}
    for row, lane in enumerate(lanes):
        for cell, (char, style) in enumerate(lane):
            for place, bits in enumerate(((1, 2, 4, 64), (8, 16, 32, 128))):
                for dot, bit in enumerate(bits):
                    if style == CURVE and (ord(char) - 0x2800) & bit:
                        dots.setdefault(2 * cell + place, set()).add(4 * row + dot)
    return dots


def test_what_is_outside_the_window_is_not_drawn():
    assert drawn({9.99: 1.0, 18.0: 1.0, 30.0: 0.2}) == drawn({})
    assert drawn({17.99: 5.0})[0][7] == ("⠈", CURVE)
    assert drawn({10.0: -3.0})[2][0] == ("⡀", CURVE)


def with_curve(script: Script) -> Snapshot:
    snapshot = script.snapshot()
    tenths = range(int(snapshot.at * 10))
    curve = points({tenth / 10: 0.95 if tenth < 80 else 0.02 for tenth in tenths})
    return msgspec.structs.replace(snapshot, likelihood=tuple(curve))


@pytest.mark.parametrize(("size", "rows"), [((80, 24), 0), ((120, 29), 0), ((120, 35), 3), ((200, 60), 4)])
async def test_it_is_shown_where_height_allows(controller: ScriptedController, size: tuple[int, int], rows: int):
    async with monitor(controller, size) as pilot:
        script = Script().connect().turn(2, "Hello there").to(20)
        await show(pilot, controller, script.snapshot())
        assert "likely" not in text_of(pilot.app.query_one(Timeline))
        await show(pilot, controller, with_curve(script))
        lines = text_of(pilot.app.query_one(Timeline)).splitlines()
        assert sum(any("⠀" < char <= "⣿" for char in line) for line in lines) == rows
        assert any("likely" in line for line in lines) == bool(rows)
        assert rows == 0 or any("eot ms" in line for line in lines)


async def test_it_is_held_and_looked_back_at_with_the_rest(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script(duration=200).connect().turn(2, "Hello there").to(60)
        await show(pilot, controller, with_curve(script))
        timeline = pilot.app.query_one(Timeline)
        timeline.focus()
        present = text_of(timeline)
        await pilot.press(*["left"] * 6)
        await pilot.pause()
        past = text_of(timeline)
        assert past != present
        assert "held at 0:24" in past
        await show(pilot, controller, with_curve(script.to(62)))
        assert text_of(timeline).splitlines()[1:] == past.splitlines()[1:]
        await pilot.press("end")
        await pilot.pause()
        assert "live" in text_of(timeline)
