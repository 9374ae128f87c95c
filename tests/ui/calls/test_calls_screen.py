"""The screen of a tap: calls that come and go, the way to the session of one and back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from tests.ui.screen import show, text
from tests.ui.scripted import Script, ScriptedController
from tests.ui.snapshots import difference
from textual.pilot import Pilot

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.core.commands import Stop
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.calls.app import CallsApp
from stt_monitor.ui.calls.guide import pointing
from stt_monitor.ui.calls.screen import CallsScreen

_HANGS_S = 60
HEAD = TapHead(
    "http://127.0.0.1:8766", saved_in="/home/ada/recordings", keep=50, metrics="http://127.0.0.1:9464/metrics"
)
OPEN = "others can reach this address, and keys travel to it unencrypted"
AT = 600.0


class TappingController(ScriptedController):
    """A stand-in for whoever watches calls."""

    def __init__(self, head: TapHead = HEAD) -> None:
        super().__init__()
        self.head = head
        self.opened: list[int] = []
        self.problem = ""
        self.show_calls: Callable[[CallsState], None] = lambda _: None
        self.end: Callable[[], object] = lambda: None

    def stop(self) -> None:
        self.send(Stop())

    def watch(self, on_state: Callable[[CallsState], None], on_end: Callable[[], object]) -> None:
        self.show_calls, self.end = on_state, on_end

    def open(self, call: CallState) -> str:
        self.opened.append(call.call)
        return self.problem


@asynccontextmanager
async def tap(controller: TappingController, size: tuple[int, int] = (120, 35)) -> AsyncIterator[Pilot[int]]:
    app = CallsApp(controller)
    async with app.run_test(size=size, notifications=True) as pilot:
        async with asyncio.timeout(_HANGS_S):
            while not controller.subscribed and app.is_running:  # noqa: ASYNC110 - an app that ends early sets no event
                await asyncio.sleep(0.01)
        await pilot.pause()
        yield pilot
        assert app.caught == {}
    if app.fatal is not None:
        raise app.fatal


def call(number: int, state: str = "speaking", **more: object) -> CallState:
    told = CallState(number, "cartesia", state, AT - 20.0 * (30 - number), turns=number % 5, lag_s=0.1, is_heard=True)
    return msgspec.structs.replace(told, **more)


def over(number: int, ended: str = "closed", **more: object) -> CallState:
    fields = {"ended_at": AT - 30.0, "folder": f"/home/ada/recordings/call-{number}", "is_heard": False, **more}
    return call(number, "over", ended=ended, **fields)


def twelve() -> CallsState:
    calls = [over(number) for number in range(1, 5)]
    calls += [
        over(5, "closed, code 1011", eot_p50_ms=812.4),
        over(6, "refused, status 401", folder="", turns=0),
        call(7, "unwatched", problem="this call is watched no more: monitoring fell behind; the call goes on"),
        call(8, "idle", service="voxtral", eot_p50_ms=640.0),
        call(9, "eager_end", service="flux", eot_p50_ms=312.0, lag_s=2.4),
        call(
            10,
            stall="the service is silent: it answers pings and took all audio, but sent no event for 6.0 s of speech",
        ),
        *(call(number, eot_p50_ms=500.0 + number) for number in range(11, 13)),
    ]
    return CallsState(tuple(calls), AT, 12, 71, requests=14, dropped=1)


async def arrive(pilot: Pilot[int], controller: TappingController, new: CallsState) -> None:
    controller.show_calls(new)
    await pilot.pause()
    await pilot.pause()


def live() -> Snapshot:
    snapshot = Script(source="call 11").connect().turn(1.0, "The booking is for two.").to(6).decided().snapshot()
    return msgspec.structs.replace(snapshot, audio=msgspec.structs.replace(snapshot.audio, kind=SourceKind.CALL))


def chosen(pilot: Pilot[int]) -> str:
    return next(line for line in text(pilot).splitlines() if line.startswith("▸"))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 35)])
async def test_what_it_looks_like_is_on_file(size: tuple[int, int]):
    controller = TappingController(msgspec.structs.replace(HEAD, warnings=(OPEN,)))
    async with tap(controller, size) as pilot:
        assert await difference(pilot, f"calls/none-{size[0]}x{size[1]}") == ""
        await arrive(pilot, controller, twelve())
        await pilot.press("down", "down", "down", "down", "down")
        await pilot.pause()
        assert await difference(pilot, f"calls/{size[0]}x{size[1]}") == ""


@pytest.mark.slow
async def test_calls_are_listed_chosen_and_opened():
    """Those that go on first, the newest on top; a choice follows the call while others come and go."""
    controller = TappingController()
    async with tap(controller) as pilot:
        await pilot.press("escape", "C", "enter")
        assert isinstance(pilot.app.screen, CallsScreen)
        await arrive(pilot, controller, twelve())
        listed = [int(line[2:6]) for line in text(pilot).splitlines() if line[2:6].strip().isdigit()]
        assert listed == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
        assert " 12 " in chosen(pilot)
        await arrive(pilot, controller, msgspec.structs.replace(twelve(), calls=(*twelve().calls, call(13))))
        assert " 13 " in chosen(pilot)  # nobody has chosen: else the list would end up at the first call, long over
        await arrive(pilot, controller, twelve())
        await pilot.press("down")
        await arrive(pilot, controller, msgspec.structs.replace(twelve(), calls=(*twelve().calls, call(13))))
        assert " 11 " in chosen(pilot)
        ended = tuple(over(11) if each.call == 11 else each for each in twelve().calls)
        await arrive(pilot, controller, msgspec.structs.replace(twelve(), calls=ended))
        assert "■ over" in chosen(pilot)
        assert "saved as call-11" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert controller.opened == [11]
        await show(pilot, controller, live())
        assert "The booking is for two." in text(pilot)
        before = list(controller.sent)
        await pilot.press("s", "R", "m", "t", "i", "e")  # all of it is its agent's
        await pilot.pause()
        assert controller.sent == before
        assert len(pilot.app.screen_stack) == 1
        assert "this is a call of your agent" in text(pilot)
        await pilot.press("C")
        await pilot.pause()
        assert " 11 " in chosen(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "The booking is for two." in text(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert controller.sent[-1] == Stop()


async def test_numbers_of_any_size_stay_apart():
    controller = TappingController()
    async with tap(controller) as pilot:
        endless = call(1, turns=123_456_789, eot_p50_ms=1_234_567.0, began_at=AT - 400_000, lag_s=12_345.6)
        await arrive(pilot, controller, CallsState((endless,), AT, 1, 1))
        assert chosen(pilot).split()[4:] == ["cartesia", "1234…", "1234567", "1234…", "111", "h"]


async def test_a_call_that_cannot_be_opened_says_why():
    controller = TappingController()
    controller.problem = "there is nothing to open: this call is not measured"
    async with tap(controller) as pilot:
        await arrive(pilot, controller, twelve())
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, CallsScreen)
        assert "there is nothing to open" in text(pilot)


async def test_what_others_wrote_reaches_no_terminal():
    bad = "\x1b]0;owned\x07 [bold]x"
    controller = TappingController(TapHead("http://127.0.0.1:8766", bad, saved_in=bad, warnings=(bad,)))
    async with tap(controller) as pilot:
        calls = (call(1, problem=bad, service=bad), over(2, bad, folder=f"/tmp/{bad}"))
        await arrive(pilot, controller, CallsState(calls, AT, 2))
        for _ in range(2):
            assert not {"\x1b", "\x07"} & set(text(pilot))
            await pilot.press("down")
            await pilot.pause()
        assert "[bold]x" in text(pilot)


@pytest.mark.slow
async def test_help_explains_it():
    controller = TappingController()
    async with tap(controller, (120, 60)) as pilot:
        await arrive(pilot, controller, twelve())
        await pilot.press("question_mark")
        await pilot.pause()
        assert "it is forwarded, and not measured" in text(pilot)


async def test_the_end_of_the_tap_is_the_end_of_the_screen():
    controller = TappingController()
    async with tap(controller) as pilot:
        controller.end()
        await pilot.pause()
        assert pilot.app.return_code == 70


def test_the_documents_say_how_sdks_are_pointed_at_it():
    page = (Path(__file__).parents[3] / "tui/docs/tap.md").read_text(encoding="utf-8")
    lines = pointing(HEAD)
    assert len(lines) > 1
    assert all(f"| {title} | `{line}` |" in page for title, line in lines)
    assert pointing(msgspec.structs.replace(HEAD, service="flux")) == [lines[1]]
