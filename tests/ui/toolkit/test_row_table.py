"""The table whose rows are chosen and opened by keys, the wheel and clicks."""

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import MouseScrollDown, MouseScrollUp

from stt_monitor.ui.toolkit.row_table import RowTable


class Numbers(RowTable):
    DEFAULT_CSS = "Numbers { height: 7; }"
    HEADING = 2
    count = 20
    place = 0

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[int] = []

    def choose(self, place: int) -> None:
        self.place = place
        self.redraw()

    def open(self) -> None:
        self.opened.append(self.place)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - of the table
        return [Content("two"), Content("lines"), *(Content(f"row {number}") for number in self.in_view(height))]


class TableApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Numbers()


async def test_rows_are_chosen_and_opened_where_they_are_drawn():
    async with TableApp().run_test() as pilot:
        table = pilot.app.query_one(Numbers)
        for _ in range(6):
            await pilot._post_mouse_events([MouseScrollDown], table)  # it has no method for the wheel
        assert (table.place, table.text.splitlines()[2:]) == (6, [f"row {number}" for number in range(2, 7)])
        await pilot._post_mouse_events([MouseScrollUp], table)
        assert table.place == 5
        await pilot.click(table, offset=(1, 2))
        assert (table.place, table.opened) == (2, [])
        await pilot.click(table, offset=(1, 2))
        assert table.opened == [2]
        for heading in (0, 1):
            await pilot.click(table, offset=(1, heading))
        assert (table.place, table.opened) == (2, [2])
        table.action_choose(-99)
        assert (table.place, table.in_view(7)) == (0, range(5))
        table.count = 0
        table.action_choose(1)
        table.action_open()
        await pilot.click(table, offset=(1, 3))
        assert (table.place, table.opened) == (0, [2])
