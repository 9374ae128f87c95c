"""The footer: the most useful keys that fit, at any width, in any state; a click presses one."""

from itertools import pairwise

import msgspec
import pytest
from rich.cells import cell_len
from tests.ui.screen import monitor, resize, show, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.ui.keymap.bindings import KEYS, displayed
from stt_monitor.ui.keymap.keys import KeyContext, Where
from stt_monitor.ui.screens.help import HelpScreen
from stt_monitor.ui.widgets.key_line import FooterKey, KeyLine, arrange

STATES = {
    "nothing yet": KeyContext(drawn=True),
    "a file": KeyContext(drawn=True, live=True, file=True, turns=True, timeline=True),
    "a microphone, in a small window": KeyContext(drawn=True, live=True, file=False, switchable=True),
    "a turn is chosen": KeyContext(drawn=True, live=True, file=True, turns=True, chosen=True),
    "reconnecting": KeyContext(drawn=True, live=True, file=True, turns=True, chosen=True, retry=True, error=True),
    "stopped": KeyContext(drawn=True, file=True, turns=True, timeline=True),
    "stopped, a turn is chosen": KeyContext(drawn=True, file=True, turns=True, chosen=True, searching=True),
    "replayed": KeyContext(drawn=True, live=True, file=True, turns=True, saved=True, timeline=True),
    "several services": KeyContext(drawn=True, live=True, file=True, turns=True, several=True, beside=True),
    "a cell of a sweep": KeyContext(drawn=True, live=True, file=True, turns=True, saved=True, sweep=True),
}


def offered(now: KeyContext) -> list[FooterKey]:
    """Return what the footer may show, with the focus on the transcript."""
    wheres = (Where.APP, Where.SCREEN, Where.TURNS, *([Where.SWEEP] if now.sweep else []))
    return [
        FooterKey(key.keys, displayed(key)[0], key.label_for(now), key.footer, key.leads(now), key.docked)
        for key in KEYS
        if key.footer is not None and key.keys and key.where in wheres and key.when(now)
    ]


@pytest.mark.parametrize("now", STATES.values(), ids=STATES)
def test_at_any_width_keys_stand_whole_apart_and_inside_the_line(now: KeyContext):
    keys = offered(now)
    for width in range(1, 201):
        placed = arrange(keys, width)
        for one in placed:
            assert one.end - one.start >= cell_len(one.key.name + one.key.label)
            assert 0 <= one.start < one.end <= width
        assert all(one.end < other.start for one, other in pairwise(placed))


@pytest.mark.parametrize("now", STATES.values(), ids=STATES)
def test_the_line_is_as_full_as_it_can_be(now: KeyContext):
    keys = offered(now)
    for width in range(40, 201):
        placed = arrange(keys, width)
        shown = [each.key for each in placed]
        left_out = [key for key in keys if key not in shown]
        used = sum(each.end - each.start for each in placed)
        if left_out:
            narrowest = min(cell_len(f"{key.name} {key.label}") for key in left_out)
            assert used + 2 * (len(placed) + 1) + narrowest + 3 > width, (width, [key.label for key in left_out])


@pytest.mark.parametrize(
    ("state", "groups"),
    [
        ("nothing yet", [("s Start", "w Wire", "Enter Details"), ("? Help", "q Quit")]),
        ("a file", [("s Stop", "m Pause", "t Tune", "w Wire", "Enter Details", "a Play"), ("? Help", "q Quit")]),
        ("a turn is chosen", [("Enter Details", "a Play", "y Copy", "x Next worst", "Escape Deselect"), ("s Stop",)]),
        ("reconnecting", [("d Dismiss", "r Retry now", "Enter Details", "a Play"), ("s Stop", "m Pause")]),
        ("stopped", [("g Report", "x Worst", "R Again", "c Compare"), ("s Start",), ("Escape Newest",)]),
        ("several services", [("s Stop", "b Beside", "l Next", "m Pause"), ("? Help", "q Quit")]),
        ("a cell of a sweep", [("S Sweep",), ("s Stop", "m Pause", "w Wire", ". Step", "] Faster", "[ Slower")]),
    ],
)
def test_what_comes_first_depends_on_the_state(state: str, groups: list[tuple[str, ...]]):
    """Other keys may stand between these."""
    shown = [f"{each.key.name} {each.key.label}" for each in arrange(offered(STATES[state]), 200)]
    wanted = [name for group in groups for name in group]
    assert [name for name in shown if name in wanted] == wanted
    assert shown[0] == wanted[0]


@pytest.mark.parametrize("now", STATES.values(), ids=STATES)
def test_the_smallest_window_offers_help_and_what_matters_most(now: KeyContext):
    shown = [each.key for each in arrange(offered(now), 40)]
    assert len(shown) >= 4
    assert "Help" in [key.label for key in shown[-2:]]
    if now.retry:
        assert [key.label for key in shown[:2]] == ["Dismiss", "Retry now"]


def live(**changes: object) -> Snapshot:
    return msgspec.structs.replace(Script().connect().turn(1, "Hello there").snapshot(5), **changes)


def line(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one(KeyLine))


@pytest.mark.slow
async def test_the_screen_shows_the_keys_of_its_state(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, live())
        assert line(pilot).startswith(" s Stop")
        assert line(pilot).endswith("? Help  q Quit ")
        await pilot.press("up")
        assert line(pilot).startswith(" Enter Details  a Play  y Copy")
        assert "│ s Stop" in line(pilot)
        await pilot.press("escape")
        assert line(pilot).startswith(" s Stop")
        await show(pilot, controller, live(running=False))
        assert "R Again" in line(pilot).partition("│")[0]
        waiting = live(retry=Retry(attempt=2, attempts=8, at=9.4), connection=Connection.RECONNECTING)
        await show(pilot, controller, waiting)
        assert line(pilot).startswith(" d Dismiss  r Retry now │ s Stop")
        await show(pilot, controller, live(playback=Playback(1.0, paused=False, duration=30.0)))
        assert "] Faster" in line(pilot)
        await pilot.press("w")
        assert line(pilot).startswith(" Esc Close  / Filter  a All frames")
        assert line(pilot).endswith("? Help  q Quit ")
        await pilot.press("escape", "o")
        await pilot.pause()
        said = line(pilot).split()  # where letters are typed, they do nothing else
        assert (said[:2], said[-4:]) == (["Esc", "Close"], ["Ctrl+P", "Commands", "F1", "Help"])


@pytest.mark.slow
async def test_a_click_presses_the_key_and_nothing_beside_it(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, live())
        for size in [(120, 35), (40, 12)]:
            await resize(pilot, size)
            found = line(pilot)
            await pilot.click(KeyLine, offset=(found.index("Help") + 1, 0))
            await pilot.pause()
            assert isinstance(pilot.app.screen, HelpScreen)
            await pilot.click(KeyLine, offset=(line(pilot).index("Close"), 0))
            await pilot.pause()
            assert not isinstance(pilot.app.screen, HelpScreen)
        assert controller.sent == [Start()]
        await pilot.click(KeyLine, offset=(line(pilot).index("Stop") + 4, 0))
        assert controller.sent == [Start()]
        await pilot.click(KeyLine, offset=(line(pilot).index("Stop") + 3, 0))
        assert controller.sent == [Start(), Stop()]


async def test_the_key_under_the_mouse_is_marked(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, live())
        footer = pilot.app.screen.query_one(KeyLine)
        plain = footer.render_line(0)
        await pilot.hover(KeyLine, offset=(line(pilot).index("Stop"), 0))
        marked = footer.render_line(0)
        assert marked != plain
        assert marked.text == plain.text
        await pilot.hover("#status")
        assert footer.render_line(0) == plain
