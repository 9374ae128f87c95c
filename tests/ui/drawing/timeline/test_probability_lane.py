import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ui.screen import monitor, show, text_of
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.probability_lane import Since, draw_likelihood
from stt_monitor.ui.widgets.timeline import Timeline

CURVE = ".chart"


def points(values: dict[float, float]) -> list[LikelihoodPoint]:
    return [LikelihoodPoint(at, value, at) for at, value in values.items()]


def drawn(values: dict[float, float], settings: TurnSettings | None = None) -> list[list[tuple[str, str]]]:
    return draw(points(values), SERVICE.schema, Window(18, 1, 8), 3, (0, settings or TurnSettings()))


def draw(
    curve: list[LikelihoodPoint], schema: Schema, window: Window, rows: int, *in_force: Since
) -> list[list[tuple[str, str]]]:
    return draw_likelihood(curve, schema, in_force or [(0, TurnSettings())], window, rows)


def test_thresholds_lie_across_it_in_the_looks_of_the_states_that_they_lead_to():
    styles = [{style for _, style in lane} for lane in drawn({})]
    assert [style - {""} for style in styles] == [{".speaking"}, {".eager"}, {".idle"}]
    higher = draw([], SERVICE.schema, Window(40, 1, 30), 3, (0, TurnSettings(end_threshold=0.5)))
    assert {style for _, style in higher[1]} == {".eager", ".idle", ""}
    assert {char for char, _ in drawn({}, TurnSettings(start_threshold=0.9))[0]} != {char for char, _ in drawn({})[0]}


def test_a_confidence_of_the_end_is_drawn_upside_down_and_what_is_off_is_not_drawn():
    start, eager, end, timeout = SERVICE.schema.settings
    upside_down = msgspec.structs.replace(end, default=1 - 0.3, high=1, confidence_of_end=True)
    schema = Schema((start, msgspec.structs.replace(eager, default=None), upside_down, timeout))
    lanes = draw([], schema, Window(18, 1, 8), 3)
    usual = drawn({})
    assert lanes[0] == usual[0]
    assert text_in(lanes[2]).startswith(".7 end ")
    assert {style for _, style in lanes[2]} == {style for _, style in usual[2]} - {""} | {""}
    assert {style for _, style in lanes[1]} == {""}
    assert {style for _, style in usual[1]} != {""}


def test_before_the_session_there_are_no_thresholds():
    lanes = draw([], SERVICE.schema, Window(30, 1, 35), 3)
    assert all(not any(style for _, style in lane[:5]) for lane in lanes)
    assert all(all(style for _, style in lane[20:]) for lane in lanes)


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
    lanes = draw(curve, Schema(()), Window(span - 0.5, span / columns, columns), rows)
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


def text_in(lane: list[tuple[str, str]]) -> str:
    return "".join(char for char, _ in lane)


def test_each_threshold_has_its_name_and_value_where_the_curve_is_not():
    lanes = draw(points({3.0 + tenth / 10: 0.99 for tenth in range(100)}), SERVICE.schema, Window(30, 0.5, 60), 3)
    assert text_in(lanes[0])[26:36] == " .8 start "
    assert text_in(lanes[1]).startswith(".6 eager ")
    assert text_in(lanes[2]).startswith(".3 end ")
    narrow = draw([], SERVICE.schema, Window(3.5, 0.5, 7), 3)
    assert [text_in(lane).split()[0] for lane in narrow] == [".8", ".6", ".3"]


@pytest.mark.parametrize(("columns", "label"), [(80, ".8 start⠉"), (40, ".8⠉")])
def test_a_curve_that_leaves_no_room_makes_some_at_its_oldest_end(columns: int, label: str):
    curve = points({tenth / 10: 0.99 for tenth in range(400)})
    lanes = draw(curve, SERVICE.schema, Window(40, 40 / columns, columns), 3)
    assert text_in(lanes[0]).startswith(label)


@given(
    st.lists(st.floats(0, 1), max_size=200),
    st.lists(st.tuples(st.floats(0.05, 0.4), st.floats(0, 12)), max_size=4),
    st.integers(8, 190),
    st.integers(3, 8),
)
def test_labels_are_whole_and_never_over_the_newer_half_of_the_curve(
    values: list[float], changes: list[tuple[float, float]], columns: int, rows: int
):
    curve = points({number * 0.032: value for number, value in enumerate(values)})
    changes.sort(key=lambda change: change[1])
    in_force = [(at, TurnSettings(end_threshold=round(end, 2))) for end, at in changes]
    window = Window(10, 10 / columns, columns)
    lanes = draw(curve, SERVICE.schema, window, rows, (0, TurnSettings()), *in_force)
    names = {".8 start", ".6 eager", ".3 end"}
    names |= {f"{each['end_threshold']:g} end".removeprefix("0") for _, each in in_force}
    for lane in lanes:
        text = text_in(lane)
        assert {*re.findall(r"[.\d]+ [a-z]+", text)} <= names
        assert not re.search(r"[.\w]", re.sub(r"(?<![.\w])\.\d+( [a-z]+)?(?![.\w])", "", text))
    alone = dots_of(draw(curve, Schema(()), window, rows))
    newest = {column: alone[column] for column in alone if column >= columns}
    assert newest == {column: dots for column, dots in dots_of(lanes).items() if column >= columns}


def test_the_line_steps_where_settings_changed():
    changed = (5.05, TurnSettings(end_threshold=0.05)), (8.05, TurnSettings(end_threshold=0.2))
    lanes = draw([], SERVICE.schema, Window(12, 0.1, 120), 8, (0, TurnSettings()), *changed)
    rows = [{row for row, lane in enumerate(lanes) if lane[at][1] == ".idle"} for at in range(120)]
    assert rows[10:50] == [{5}] * 40
    assert rows[60:80] == [{7}] * 20
    assert rows[90:] == [{6}] * 30
    assert ".05 end" in text_in(lanes[7])
    assert text_in(lanes[7]).index(".05 end") == 51
    assert ".2 end" in text_in(lanes[6])
    drawn = "".join(map(text_in, lanes))
    assert (drawn.count(".8 start"), drawn.count(".6 eager")) == (1, 1), "what a change leaves alone is named once"


def test_thresholds_of_a_draft_are_dashed_where_they_differ_from_those_in_force():
    def with_draft(draft: TurnSettings | None, *in_force: Since) -> list[list[tuple[str, str]]]:
        since = in_force or [(0, TurnSettings())]
        return draw_likelihood(
            points({20.0: 0.9, 21.0: 0.1}), SERVICE.schema, since, Window(40, 0.5, 60), 8, draft=draft
        )

    plain = with_draft(None)
    assert with_draft(TurnSettings()) == with_draft(TurnSettings(end_threshold=0.3)) == plain
    lanes = with_draft(TurnSettings(end_threshold=0.45, end_timeout_ms=4000))
    (row,) = (row for row, lane in enumerate(lanes) if any(char == "╌" for char, _ in lane))
    assert ".45 end?" in text_in(lanes[row])
    assert all(lane == plain[other] for other, lane in enumerate(lanes) if other != row)
    assert all(before == now for before, now in zip(plain[row], lanes[row], strict=True) if before[1] == CURVE)
    as_start = with_draft(TurnSettings(end_threshold=0.5, eager_end_threshold=0.6))  # in the line of another
    assert {".5 end?" in text_in(lane) for lane in as_start} == {True, False}
    assert {style for lane in as_start for _, style in lane} == {"", CURVE, ".speaking", ".eager", ".idle"}
    changed = with_draft(TurnSettings(), (0, TurnSettings()), (25.0, TurnSettings(end_threshold=0.45)))
    assert ".3 end?" in "".join(map(text_in, changed))  # back to the default, which is not in force now


@pytest.mark.slow
async def test_a_draft_in_tune_is_drawn_on_the_likelihood_until_it_is_applied_or_dropped(
    controller: ScriptedController,
):
    async with monitor(controller, (120, 40)) as pilot:
        await show(pilot, controller, with_curve(Script().connect().turn(2, "Hello there").to(20)))
        timeline = pilot.app.screen_stack[0].query_one(Timeline)
        await pilot.press("t", "down", "down", "right")
        await pilot.pause()
        assert "╌" in text_of(timeline)
        assert ".35 end?" in text_of(timeline)
        await pilot.press("escape")
        await pilot.pause()
        assert "╌" not in text_of(timeline)


def test_what_is_outside_the_window_is_not_drawn():
    assert drawn({9.99: 1.0, 18.0: 1.0, 30.0: 0.2}) == drawn({})
    assert drawn({17.99: 5.0})[0][7] == ("⠈", CURVE)
    assert drawn({10.0: -3.0})[2][0] == ("⡀", CURVE)


def with_curve(script: Script) -> Snapshot:
    snapshot = script.snapshot()
    tenths = range(int(snapshot.at * 10))
    curve = points({tenth / 10: 0.95 if tenth < 80 else 0.02 for tenth in tenths})
    return msgspec.structs.replace(snapshot, likelihood=tuple(curve))


@pytest.mark.parametrize(
    ("size", "rows"), [((80, 24), 0), ((120, 29), 0), ((120, 35), 3), ((160, 50), 6), ((200, 60), 8)]
)
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


@pytest.mark.slow
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
