"""Charts of points: every point stands in the cell of its values, and axes have round numbers."""

from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.ui.drawing.scatter import Point, scale, scatter

VALUES = st.lists(st.floats(0, 1e6), max_size=20)


def drawn(points: list[Point], width: int = 40, height: int = 12) -> list[str]:
    return [line.plain for line in scatter(points, width, height, title="cut-offs over eot", least_x=100.0)]


def test_points_stand_at_their_numbers():
    lines = drawn([Point(0, 0, "o", ""), Point(100, 40, "x", "")])
    assert lines[0] == "cut-offs over eot"
    assert lines[1].startswith(" 40 ┤")
    assert lines[1].endswith("x")
    assert lines[-3].startswith("  0 ┤o")
    assert lines[-1].split() == ["0", "50", "100"]


def test_intervals_are_drawn_beneath_the_points():
    lines = drawn([Point(50, 20, "x", "", (0, 100), (0, 40)), Point(0, 20, "o", "")])
    middle = next(line for line in lines if "x" in line)
    assert middle.strip(" 20┤").startswith("o─")
    assert middle.endswith("─")
    assert sum("│" in line[5:] for line in lines) == 8


def test_later_points_are_drawn_over_earlier_ones():
    assert "a" not in "".join(drawn([Point(5, 5, "a", ""), Point(5, 5, "b", "")])[1:])


def test_too_little_room_is_said():
    assert drawn([Point(5, 5, "a", "")], 12, 5) == ["no room for t"[:12]]


@given(VALUES, st.integers(1, 12), st.booleans())
def test_an_axis_holds_every_value_between_round_numbers(values: list[float], ticks: int, from_zero: bool):
    axis = scale(values, ticks, least=1.0, from_zero=from_zero)
    assert all(axis.low <= value <= axis.high * (1 + 1e-9) for value in values)
    numbers = list(axis.ticks)
    assert len(numbers) >= 2
    assert all(0 <= axis.place(value, 30) < 30 for value in values)
    assert [axis.place(value, 30) for value in sorted(values)] == sorted(axis.place(value, 30) for value in values)


@given(VALUES, VALUES, st.integers(0, 120), st.integers(0, 60))
def test_a_chart_never_leaves_its_place(xs: list[float], ys: list[float], width: int, height: int):
    points = [Point(x, y, "x", "", (x / 2, x * 2), (y / 2, y * 2)) for x, y in zip(xs, ys, strict=False)]
    lines = scatter(points, width, height, title="title", least_x=100.0)
    assert all(line.cell_length <= max(0, width) for line in lines)
    assert len(lines) <= max(1, height)
