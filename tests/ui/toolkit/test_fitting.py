"""What fits into a line is chosen by priority, and shown in its own order."""

import pytest

from stt_monitor.ui.toolkit.fitting import columns_that_fit

CELLS = {"name": 10, "turns": 4, "lag": 6}
WANTED = ("turns", "name", "lag")


@pytest.mark.parametrize(
    ("room", "shown"),
    [(20, ["name", "turns", "lag"]), (19, ["name", "turns"]), (13, ["turns"]), (10, ["turns"]), (3, []), (-5, [])],
)
def test_columns_fit_by_priority_and_keep_their_order(room: int, shown: list[str]):
    assert columns_that_fit(CELLS, WANTED, room) == shown
