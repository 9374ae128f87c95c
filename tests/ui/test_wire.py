import json

import pytest
from tests.ui.screen import SIZES, monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot
from textual.widgets import Input

from stt_monitor.core.wire import WireFrame
from stt_monitor.ui import wire_store, wire_view
from stt_monitor.ui.frame_text import frame_line, frame_lines
from stt_monitor.ui.wire_screen import WireScreen
from stt_monitor.ui.wire_store import WireStore
from stt_monitor.ui.wire_view import FrameView, WireView

HOSTILE = "[/nope] [@click=app.quit]\x1b]52;c;aGk=\x07\x1b[2J\u202eabc"


def said(at: float, *, sent: bool = False, **message: object) -> WireFrame:
    encoded = json.dumps(message, ensure_ascii=False)
    return WireFrame(at, sent, len(encoded.encode()), encoded)


def received(at: float, payload: str) -> WireFrame:
    return WireFrame(at, sent=False, size=len(payload), text=payload)


def audio(at: float) -> WireFrame:
    return WireFrame(at, sent=True, size=3200, position=at)


def talk(controller: ScriptedController, turns: int = 3) -> None:
    controller.send_frame(said(0.1, type="connected", request_id="r1"))
    for number in range(turns):
        at = 1.0 + 4 * number
        for tenth in range(5):
            controller.send_frame(audio(at + tenth / 10))
        controller.send_frame(said(at + 0.6, type="turn.start", request_id="r1", turn_id=f"t{number}"))
        controller.send_frame(said(at + 2, type="turn.end", transcript=f"words of turn {number}", request_id="r1"))
    controller.send_frame(said(20.0, sent=True, type="config", turn={"end_threshold": 0.25}))


def part(pilot: Pilot[int], kind: type[WireView | FrameView]) -> str:
    return text_of(pilot.app.screen.query_one(kind))


def lines(pilot: Pilot[int]) -> list[str]:
    return [line.strip("│ ") for line in part(pilot, WireView).splitlines() if line.strip("│ ")]


async def test_w_shows_every_frame_with_time_direction_and_size(controller: ScriptedController):
    async with monitor(controller) as pilot:
        talk(controller)
        await show(pilot, controller, Script().connect().snapshot(21))
        await pilot.press("w")
        await pilot.pause()
        assert isinstance(pilot.app.screen, WireScreen)
        first, second, third = lines(pilot)[:3]
        assert first.split() == ["0:00.100", "↓", "in", "connected", "41", "B"]
        assert second.split()[:4] == ["0:01.600", "↓", "in", "turn.start"]
        assert '"words of turn 0"' in third
        assert lines(pilot)[-1].split()[:4] == ["0:20.000", "↑", "out", "config"]
        assert "Wire · 23 frames · 15 of audio hidden" in text(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert len(lines(pilot)) == 23
        assert lines(pilot)[2].split() == ["0:01.100", "↑", "out", "audio", "3.2", "kB", "from", "0:01.100"]
        assert "hidden" not in text(pilot)
        await pilot.press("escape")
        assert len(pilot.app.screen_stack) == 1


async def test_new_frames_arrive_with_the_next_snapshot_and_are_followed(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await pilot.press("w")
        script = Script().connect()
        for number in range(40):
            controller.send_frame(said(number, type="turn.update", transcript=f"number {number}"))
        await show(pilot, controller, script.snapshot(1))
        assert "number 39" in lines(pilot)[-1]
        assert '"transcript": "number 39"' in part(pilot, FrameView)
        assert "newest" in text(pilot)
        await pilot.press("up", "up", "up")
        await pilot.pause()
        assert '"transcript": "number 37"' in part(pilot, FrameView)
        controller.send_frame(said(40, type="turn.update", transcript="number 40"))
        await show(pilot, controller, script.snapshot(2))
        assert '"transcript": "number 37"' in part(pilot, FrameView)
        await pilot.press("end")
        await pilot.pause()
        assert '"transcript": "number 40"' in part(pilot, FrameView)
        assert "number 40" in lines(pilot)[-1]


async def test_the_filter_shows_what_contains_it(controller: ScriptedController):
    async with monitor(controller) as pilot:
        talk(controller)
        await pilot.press("w", "slash", *"TURN 1")
        await pilot.pause()
        assert len(lines(pilot)) == 1
        assert "Wire · 23 frames · 1 shown" in text(pilot)
        talk(controller, turns=2)
        await show(pilot, controller, Script().connect().snapshot(21))
        assert len(lines(pilot)) == 2
        await pilot.press("enter", "up")
        await pilot.pause()
        assert '"words of turn 1"' in part(pilot, FrameView)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, WireScreen)
        assert len(lines(pilot)) > 2
        await pilot.press("slash", *"out")
        await pilot.pause()
        assert {line.split()[3] for line in lines(pilot)} == {"config"}
        await pilot.press(*["backspace"] * 3, *"q[a]", "escape", "escape")
        assert len(pilot.app.screen_stack) == 1
        assert not pilot.app._exit


async def test_a_click_chooses_and_y_copies_the_frame_as_it_came(controller: ScriptedController):
    async with monitor(controller) as pilot:
        talk(controller)
        await pilot.press("w")
        await pilot.pause()
        await pilot.click(WireView, offset=(5, 2))
        await pilot.pause()
        assert '"words of turn 0"' in part(pilot, FrameView)
        await pilot.press("y")
        assert json.loads(pilot.app.clipboard)["transcript"] == "words of turn 0"


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_frames_do_no_harm(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        for frame in (
            said(1, type=HOSTILE, transcript=HOSTILE),
            received(2, HOSTILE),
            received(3, "[1, 2]"),
            received(4, "{" * 50_000),
            said(5, type="turn.update", transcript="長い" * 900 + "x" * 3000),
            said(6, type=None, transcript=None),
        ):
            controller.send_frame(frame)
        await pilot.press("w")
        for _ in range(6):
            await pilot.press("up")
            await pilot.pause()
            seen = text(pilot)
            assert not {"\x1b", "\x07", "\u202e"} & set(seen)
        assert not pilot.app._exit


async def test_the_log_is_bounded_and_says_what_it_dropped(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire_store, "KEPT", 50)
    monkeypatch.setattr(wire_view, "KEPT", 50)
    async with monitor(controller) as pilot:
        await pilot.press("w", "a")
        script = Script().connect()
        for burst in range(8):
            for number in range(30):
                controller.send_frame(said(burst, type="turn.update", transcript=f"{burst}-{number}"))
                controller.send_frame(audio(burst))
            await show(pilot, controller, script.snapshot(burst / 10))
            view = pilot.app.screen.query_one(WireView)
            assert view.shown <= 150
        assert "480 frames" in text(pilot)
        assert "380 dropped" in text(pilot)
        await pilot.press("home")
        await pilot.pause()
        assert "7-29" not in text_of(view)


def test_a_frame_that_fits_nowhere_is_cut_off_and_says_so():
    store = WireStore()
    store.put(said(1, type="turn.update", transcript="x" * 100_000))
    ((_, frame),) = store.after(0, streams=True)
    assert frame.text is not None
    assert len(frame.text) == wire_store.LONGEST
    assert "of 100.0 kB" in frame_lines(frame, 80)[-1].plain


def test_store_gives_text_and_audio_in_the_order_in_which_they_went():
    store = WireStore()
    for number in range(10):
        streaming = said(number, type="x.likelihood", points=[]) if number % 2 else audio(number)
        store.put(streaming if number % 3 else said(number, type="turn.start"))
    assert [frame.at for _, frame in store.after(0, streams=True)] == list(range(10))
    assert [frame.at for _, frame in store.after(4, streams=False)] == [6, 9]
    assert store.dropped == 0


@pytest.mark.parametrize("width", range(10, 130, 7))
def test_no_line_is_longer_than_its_place(width: int):
    for frame in (
        said(1, type="turn.update", transcript="長い words " * 30),
        audio(3),
        received(5, "no"),
    ):
        assert frame_line(frame, width).cell_length <= width
        if width > 20:
            assert all(line.cell_length <= width for line in frame_lines(frame, width))


async def test_letters_typed_into_the_filter_are_no_keys(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("w", "slash", *"qway?")
        assert pilot.app.screen.query_one(Input).value == "qway?"
        assert isinstance(pilot.app.screen, WireScreen)
        assert not pilot.app._exit
