"""Parts of the view of several services, without a screen."""

import re
from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.side_by_side.test_rows import STEPS, lived
from tests.ui.lanes import SERVICES, growing, talk, troubled

from stt_monitor.core.metrics.definitions import HEADLINE, TURN_METRICS
from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.side_by_side.rows import SideBySide, rows_of
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.stretch_rows import STATISTICS, draw_heading, draw_row, draw_statistic, label_cells_of
from stt_monitor.ui.drawing.texts_beside import block_of, heading_of, lines_of
from stt_monitor.ui.drawing.timeline.service_lanes import draw_services, label_cells, lines_wanted
from stt_monitor.ui.widgets.side_by_side.texts import Texts


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(STEPS, st.integers(1, 30)), max_size=40),
    st.sampled_from((4, 1000)),
    st.randoms(use_true_random=False),
)
def test_texts_made_step_by_step_are_those_made_at_once(steps: list[tuple[str, int]], most: int, jumps: Random):
    kept, by_steps = SideBySide(), Texts(most_rows=most)
    seen = lived(steps, "cartesia", "flux")
    if most > len(steps):
        jumps.shuffle(seen)  # back and forth, as in a replay
    for lanes in seen:
        first = kept.update(lanes)
        by_steps.show(kept.rows, first, lanes)
        at_once = Texts(most_rows=most)
        at_once.show(rows_of(lanes), 0, lanes)
        shown, fresh = by_steps._blocks, at_once._blocks
        assert shown[len(shown) - len(fresh) :] == fresh
        assert len(shown) <= len(fresh) + most // 2


def drawn(width: int) -> Sequence[str]:
    """Draw everything in a width."""
    lines = []
    for lanes in (talk().snapshots(), growing().snapshots(), troubled().snapshots()):
        rows = rows_of(lanes)
        names = list(SERVICES)
        lines.append(draw_heading(lanes, width, SERVICES[1]))
        lines.append(heading_of(names, width, SERVICES[0]))
        for metric in TURN_METRICS:
            lines += [draw_row(row, width, metric) for row in rows]
            lines += [draw_statistic(name, lanes, width, metric) for name in STATISTICS]
        lines += [line for row in rows for line in lines_of(block_of([row], lanes), names, width)]
    return [line.plain for line in lines]


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(st.integers(38, 200))
def test_no_line_is_longer_than_its_width(width: int):
    assert max(map(len, drawn(width))) <= width


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.integers(1, 150), st.floats(0.05, 5))
def test_the_timeline_takes_the_lines_that_it_is_given(height: int, columns: int, step: float):
    lanes = troubled().snapshots()
    window = Window((43 // step + 1) * step, step, columns)
    lines = draw_services(lanes, window, height, label_cells(lanes))
    assert len(lines) == min(height, max(height, 2 + len(lanes)))
    assert {line.cell_length for line in lines} == {columns + label_cells(lanes)}
    assert lines_wanted(len(lanes), height) <= height


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_lost_connection_is_marked_in_the_lane_of_its_service_alone(lines: int):
    first, *others = talk().snapshots()
    height = 3 + lines * (1 + len(others))
    lost = msgspec.structs.replace(first, notes=(Note(NoteKind.LOST, 1.0, reason="gone"),))
    window = Window(30.0, 0.25, 120)
    before, after = (
        [line.plain for line in draw_services(lanes, window, height, label_cells(lanes))]
        for lanes in ([first, *others], [lost, *others])
    )
    changed = [place for place, (line, old) in enumerate(zip(after, before, strict=True)) if line != old]
    assert changed == [height - lines * (1 + len(others)) + (lines > 1)], "the line under its turns, or its only one"
    assert "◈" in after[changed[0]]


def test_in_a_single_line_marks_of_notes_hide_no_event_and_no_number():
    first, *others = talk().snapshots()
    kinds = [NoteKind.SETTINGS, NoteKind.PAUSED, NoteKind.LOST, NoteKind.RECONNECTED]
    notes = tuple(Note(kinds[tenths % 4], tenths / 10) for tenths in range(0, 300, 9))
    window, height = Window(30.0, 0.25, 120), 3 + 1 + len(others)
    lanes = [first, *others]
    without, with_notes = (
        draw_services([each, *others], window, height, label_cells(lanes))[-len(lanes)].plain
        for each in (first, msgspec.structs.replace(first, notes=notes))
    )
    pairs = list(zip(without, with_notes, strict=True))
    assert all(now == before or (before in "·█▒× " and now in "≡‖◈◆") for before, now in pairs)
    assert {"≡", "‖", "◈", "◆"} <= set(with_notes)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(18, 80))
def test_no_part_of_a_number_stands_for_it(width: int):
    lanes = talk().snapshots()
    known = {f"{one.metrics.eot_latency or 0:.3f}"[2:].lstrip("0") for lane in lanes for one in lane.finished}
    for row in rows_of(lanes):
        cells = draw_row(row, width, HEADLINE).plain[label_cells_of(width) :]
        assert set(re.findall(r"\d+", cells)) <= known
