"""Keys in a bunch do what they would do one by one: each meets the screen that the one before it leaves behind."""

import asyncio

import pytest
from tests.ui.anything import Anything, pictures
from tests.ui.bunches import feed
from tests.ui.screen import monitor, show
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.toolkit.turn_list import TurnList
from stt_monitor.ui.widgets.transcript import Transcript

ESCAPE = "\x1b[27u"
"""As terminals with the newer protocol send it; the old one makes Alt of Escape and a key in one bunch."""
UP, DOWN, COMMANDS = "\x1b[A", "\x1b[B", "\x10"


async def settled(pilot: Pilot[int]) -> None:
    """Wait until every key has been handled."""
    app = pilot.app
    assert isinstance(app, MonitorApp)
    await pilot.pause()
    for _ in range(3000):
        if not app._waiting and app._settling_since is None:
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("keys are still kept back")
    await pilot.pause()


def typed(app: App[int]) -> tuple[str, str, str | None]:
    """Return which screen is in sight, which part has the focus, and the text of the line for typing."""
    focused = app.focused
    return (
        type(app.screen).__name__,
        type(focused).__name__,
        focused.value if isinstance(focused, Input) else None,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "screen", "focus", "text"),
    [
        ("i~/x", "InputScreen", "Input", "~/x"),
        ("i~/x y'z\"", "InputScreen", "Input", "~/x y'z\""),
        ("o2026", "RecordingsScreen", "Input", "2026"),
        ("ews://127.0.0.1:9", "ServiceScreen", "Input", "ws://127.0.0.1:9"),
        (f"{COMMANDS}wire", "Palette", "CommandInput", "wire"),
        (f"{COMMANDS}quit the", "Palette", "CommandInput", "quit the"),
        ("/été 🙂", "MonitorScreen", "SearchInput", "été 🙂"),
        ("/" + "long " * 100, "MonitorScreen", "SearchInput", "long " * 100),
        ("w/turn", "WireScreen", "Input", "turn"),
        ("i\x1b[200~/tmp/a b\x1b[201~/c", "InputScreen", "Input", "/tmp/a b/c"),
        # Enter and Escape give the focus back: what follows are keys again.
        ("/friend\rn", "MonitorScreen", "Transcript", None),
        ("/friend\r/my", "MonitorScreen", "SearchInput", "my"),
        (f"/friend{ESCAPE}/my", "MonitorScreen", "SearchInput", "my"),
        ("/\ri~", "InputScreen", "Input", "~"),
        ("w/turn\ry", "WireScreen", "WireList", None),
        (f"i~/x{ESCAPE}o2026", "RecordingsScreen", "Input", "2026"),
        ("ews://a\r/my", "MonitorScreen", "SearchInput", "my"),
        (f"{COMMANDS}wire log\r/turn", "WireScreen", "Input", "turn"),
        (f"{COMMANDS}input\r~/x", "InputScreen", "Input", "~/x"),
        (f"{UP}\r{ESCAPE}/x", "MonitorScreen", "SearchInput", "x"),
        (f"{UP}\ry", "DetailsScreen", "VerticalScroll", None),
        (f"?{ESCAPE}/abc", "MonitorScreen", "SearchInput", "abc"),
        (f"t0.9{ESCAPE}i~", "InputScreen", "Input", "~"),
    ],
)
async def test_text_reaches_the_line_that_the_keys_before_it_open(keys: str, screen: str, focus: str, text: str | None):
    controller = Anything()
    async with monitor(controller) as pilot:
        await show(pilot, controller, pictures()[6])
        feed(pilot.app, keys)
        await settled(pilot)
        assert typed(pilot.app) == (screen, focus, text)


@pytest.mark.slow
async def test_a_path_is_completed_by_what_was_typed_before_the_key(tmp_path: object):
    controller = Anything()
    async with monitor(controller) as pilot:
        feed(pilot.app, f"i{tmp_path}\t")
        await settled(pilot)
        assert typed(pilot.app)[2] == f"{tmp_path}/"


async def test_each_arrow_of_a_bunch_goes_one_further():
    controller = Anything()
    async with monitor(controller) as pilot:
        await show(pilot, controller, pictures()[6])
        feed(pilot.app, UP * 4 + DOWN)
        await settled(pilot)
        finished = pictures()[6].finished
        assert [view.chosen for view in pilot.app.query(TurnList)] == [finished[-3].turn.number] * 2


async def test_what_is_typed_before_the_first_picture_reaches_the_line_too():
    controller = Anything()
    app = MonitorApp(controller)
    async with app.run_test(size=(120, 35)) as pilot:
        feed(app, "i~/quite")
        await pilot.pause()
        await settled(pilot)
        assert typed(app) == ("InputScreen", "Input", "~/quite")


async def test_a_part_that_hangs_keeps_no_key_back_for_ever(monkeypatch: pytest.MonkeyPatch):
    controller = Anything()
    async with monitor(controller) as pilot:
        await show(pilot, controller, pictures()[6])
        monkeypatch.setattr("stt_monitor.ui.keys_in_order._PATIENCE_S", 0.05)
        hang = asyncio.Event()
        pilot.app.query_one(Transcript).call_later(hang.wait)
        try:
            feed(pilot.app, "f")
            await asyncio.sleep(0.1)
            feed(pilot.app, COMMANDS)
            while typed(pilot.app)[0] != "Palette":  # noqa: ASYNC110  the app has no event for it
                await asyncio.sleep(0.01)
        finally:
            hang.set()
