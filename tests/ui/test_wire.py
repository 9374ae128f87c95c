import json
from pathlib import Path

import msgspec
import pytest
from tests.ui.screen import in_every_size, monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot
from textual.widgets import Input

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui import wire_buffer as wire_store
from stt_monitor.ui.drawing.frame_line import frame_line, frame_lines
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.screens.wire import WireScreen
from stt_monitor.ui.widgets import wire_list as wire_view
from stt_monitor.ui.widgets.wire_list import FrameDetails, WireList
from stt_monitor.ui.wire_buffer import WireBuffer
from stt_monitor.ui.wire_file import FrameLine

TALK = ("connected", "turn.start", "turn.end")
"""What one turn of `talk` is answered with."""

HOSTILE = "[/nope] [@click=app.quit]\x1b]52;c;aGk=\x07\x1b[2J\u202eabc"


def said(at: float, *, sent: bool = False, **message: object) -> WireFrame:
    encoded = json.dumps(message, ensure_ascii=False)
    return WireFrame(at, sent, len(encoded.encode()), encoded)


def received(at: float, payload: str) -> WireFrame:
    return WireFrame(at, sent=False, size=len(payload), text=payload)


def audio(at: float) -> WireFrame:
    return WireFrame(at, sent=True, size=3200, position=at, kind=FrameKind.BINARY)


def talk(controller: ScriptedController, turns: int = 3) -> None:
    controller.show_frame(said(0.1, type="connected", request_id="r1"))
    for number in range(turns):
        at = 1.0 + 4 * number
        for tenth in range(5):
            controller.show_frame(audio(at + tenth / 10))
        controller.show_frame(said(at + 0.6, type="turn.start", request_id="r1", turn_id=f"t{number}"))
        controller.show_frame(said(at + 2, type="turn.end", transcript=f"words of turn {number}", request_id="r1"))
    controller.show_frame(said(20.0, sent=True, type="config", turn={"end_threshold": 0.25}))


def control(at: float, kind: FrameKind, *, sent: bool = False, size: int = 4) -> WireFrame:
    return WireFrame(at, sent, size, kind=kind)


def closed(at: float, code: int | None, reason: str = "", *, sent: bool = False) -> WireFrame:
    return WireFrame(at, sent, len(reason) + 2, reason, kind=FrameKind.CLOSE, code=code)


def shaken(at: float, status: int = 101) -> WireFrame:
    target = "/stt/turns/websocket?access_token=***&model=ink-2&keyterm=gr%C3%BC%C3%9Fe%20euch"
    return WireFrame(at, sent=False, size=0, text=target, kind=FrameKind.HANDSHAKE, code=status, took=0.0123)


def part(pilot: Pilot[int], kind: type[WireList | FrameDetails]) -> str:
    return text_of(pilot.app.screen.query_one(kind))


def lines(pilot: Pilot[int]) -> list[str]:
    return [line.strip("│ ") for line in part(pilot, WireList).splitlines() if line.strip("│ ")]


def messages(pilot: Pilot[int]) -> list[list[str]]:
    """What each line says after the place of its frame: its direction, its kind and so on."""
    return [line[max(line.find("↑"), line.find("↓")) :].split() for line in lines(pilot)]


@pytest.mark.slow
async def test_w_shows_every_frame_with_time_direction_and_size(controller: ScriptedController):
    async with monitor(controller) as pilot:
        talk(controller)
        await show(pilot, controller, Script().connect().snapshot(21))
        await pilot.press("w")
        await pilot.pause()
        assert isinstance(pilot.app.screen, WireScreen)
        first, second, third = lines(pilot)[:3]
        assert first.split() == ["0:00.100", "–", "–", "↓", "connected"]
        assert second.split() == ["0:01.600", "+1.500", "–", "–", "↓", "turn.start"]
        assert '"words of turn 0"' in third
        assert lines(pilot)[-1].split()[:5] == ["0:20.000", "+9.000", "–", "–", "↑"]
        assert "Wire · 23 frames · 15 of audio and pings hidden" in text(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert len(lines(pilot)) == 23
        assert lines(pilot)[2].split() == ["0:01.100", "+0.100", "–", "–", "↑", "audio", "from", "0:01.100"]
        assert "hidden" not in text(pilot)
        await pilot.press("escape")
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.slow
async def test_new_frames_arrive_with_the_next_snapshot_and_are_followed(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await pilot.press("w")
        script = Script().connect()
        for number in range(40):
            controller.show_frame(said(number, type="turn.update", transcript=f"number {number}"))
        await show(pilot, controller, script.snapshot(1))
        assert "number 39" in lines(pilot)[-1]
        assert '"transcript": "number 39"' in part(pilot, FrameDetails)
        assert "newest" in text(pilot)
        await pilot.press("up", "up", "up")
        await pilot.pause()
        assert '"transcript": "number 37"' in part(pilot, FrameDetails)
        controller.show_frame(said(40, type="turn.update", transcript="number 40"))
        await show(pilot, controller, script.snapshot(2))
        assert '"transcript": "number 37"' in part(pilot, FrameDetails)
        await pilot.press("end")
        await pilot.pause()
        assert '"transcript": "number 40"' in part(pilot, FrameDetails)
        assert "number 40" in lines(pilot)[-1]


@pytest.mark.slow
async def test_a_session_of_another_service_has_a_log_of_its_own(controller: ScriptedController):
    snapshot = Script().connect().snapshot(21)
    other = msgspec.structs.replace(snapshot, session=msgspec.structs.replace(snapshot.session, service="flux"))
    ended = said(3, type="TurnInfo", event="EndOfTurn", transcript="hi")
    async with monitor(controller) as pilot:
        talk(controller)
        controller.show_frame(msgspec.structs.replace(ended, service="flux"))
        for shown, there in ((other, "EndOfTurn"), (snapshot, "turn.end")):
            await show(pilot, controller, shown)
            await pilot.press("w")
            await pilot.pause()
            listed = part(pilot, WireList)
            assert [kind in listed for kind in ("EndOfTurn", "turn.end")] == [
                kind == there for kind in ("EndOfTurn", "turn.end")
            ]
            await pilot.press("escape")


@pytest.mark.slow
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
        assert '"words of turn 1"' in part(pilot, FrameDetails)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, WireScreen)
        assert len(lines(pilot)) > 2
        await pilot.press("slash", *"out")
        await pilot.pause()
        assert {kind for _, kind, *_ in messages(pilot)} == {"config"}
        await pilot.press(*["backspace"] * 3, *"q[a]", "escape", "escape")
        assert len(pilot.app.screen_stack) == 1
        assert not pilot.app._exit


@pytest.mark.slow
async def test_what_holds_no_message_is_seen_and_found_too(controller: ScriptedController):
    async with monitor(controller) as pilot:
        controller.show_frame(shaken(0.05))
        talk(controller, turns=1)
        controller.show_frame(control(0.2, FrameKind.PING, sent=True))
        controller.show_frame(control(0.21, FrameKind.PONG))
        controller.show_frame(control(0.3, FrameKind.PING, size=11))
        controller.show_frame(control(0.301, FrameKind.PONG, sent=True, size=11))
        controller.show_frame(said(20.5, sent=True, type="close"))
        controller.show_frame(closed(21.0, 1001, "Idle timeout"))
        controller.show_frame(closed(21.1, 1001, "Idle timeout", sent=True))
        await show(pilot, controller, Script().connect().snapshot(21))
        await pilot.press("w")
        await pilot.pause()
        assert "Wire · 17 frames · 9 of audio and pings hidden" in text(pilot)
        assert messages(pilot)[0][:2] == ["↓", "handshake"]
        assert "101 Switching" in lines(pilot)[0]
        assert [said[:3] for said in messages(pilot)[-2:]] == [["↓", "close", "frame"], ["↑", "close", "frame"]]
        assert "1001 going away" in lines(pilot)[-1]
        found = {}
        for wanted in ("control", "ping", "pong", "audio", "text", "close", "handshake", "1001", "idle", "in", "out"):
            await pilot.press("slash", *wanted)
            await pilot.pause()
            found[wanted] = [["out" if said[0] == "↑" else "in", said[1]] for said in messages(pilot)]
            await pilot.press("escape")
        assert found.pop("in") == [["in", "handshake"], *[["in", kind] for kind in TALK], ["in", "close"]]
        assert found.pop("out") == [["out", "config"], ["out", "close"], ["out", "close"]]
        assert found == {
            "control": [
                ["out", "ping"],
                ["in", "pong"],
                ["in", "ping"],
                ["out", "pong"],
                ["in", "close"],
                ["out", "close"],
            ],
            "ping": [["out", "ping"], ["in", "ping"]],
            "pong": [["in", "pong"], ["out", "pong"]],
            "audio": [["out", "audio"]] * 5,
            "text": [*[["in", kind] for kind in TALK], ["out", "config"], ["out", "close"]],
            "close": [["out", "close"], ["in", "close"], ["out", "close"]],
            "handshake": [["in", "handshake"]],
            "1001": [["in", "close"], ["out", "close"]],
            "idle": [["in", "close"], ["out", "close"]],
        }
        assert len(lines(pilot)) == 8


@pytest.mark.slow
async def test_all_about_a_frame_without_a_message_stands_beside_it(controller: ScriptedController):
    async with monitor(controller, (200, 60)) as pilot:
        for frame in (
            shaken(0.05),
            control(1, FrameKind.PING, sent=True),
            msgspec.structs.replace(control(1.1, FrameKind.PONG), took=0.00041),
            control(2, FrameKind.PING, size=125),
            closed(3, 1008, "Invalid turn thresholds"),
        ):
            controller.show_frame(frame)
        await pilot.press("w", "a")
        told = []
        for _ in range(5):
            await pilot.pause()
            told.append(" ".join(part(pilot, FrameDetails).replace("│", " ").split()))
            await pilot.press("up", "up") if not told[1:] else await pilot.press("up")
        closing, pinged, pong, ping, handshake = told
        assert "code: 1008 policy violation reason: Invalid turn thresholds" in closing
        assert "trying again is no use (protocol.md 10.2)" in closing
        assert "payload: 125 B Sent by the service; answered at once" in pinged
        assert "payload: 4 B after: 0.4 ms Answers a ping of the monitor" in pong
        assert "the round trip" in ping
        for said_there in (
            "status: 101 Switching Protocols after: 12.3 ms GET: /stt/turns/websocket access_token: ***",
            "model: ink-2 keyterm: grüße euch headers: not kept",
        ):
            assert said_there in handshake
        await pilot.press("y")
        assert pilot.app.clipboard == shaken(0).text


@pytest.mark.parametrize(
    ("code", "said_of_it"),
    [
        (None, "code: no code|here: as good as 1000 (protocol.md 9)"),
        (1000, "code: 1000 normal closure|here: the answer to “close” when all has been said (protocol.md 9)"),
        (1012, "code: 1012 service restart|here: it may pass: the monitor connects again (protocol.md 10.2)"),
        (1009, "code: 1009 message too big"),
        (3007, "code: 3007 registered by a library or a service"),
        (4999, "code: 4999 the service's own"),
        (999, "code: 999 not a code that may be sent"),
        (65535, "code: 65535 not a code that may be sent"),
    ],
)
def test_a_close_is_told_in_words(code: int | None, said_of_it: str):
    assert "|".join(line.plain for line in frame_lines(closed(1, code), 200, SERVICE)) == said_of_it


@pytest.mark.parametrize(("status", "said_of_it"), [(401, "401 Unauthorized"), (799, "799"), (None, "None")])
def test_a_handshake_that_is_refused_stands_out(status: int | None, said_of_it: str):
    line = frame_line(msgspec.structs.replace(shaken(1), code=status), 200, SERVICE)
    assert said_of_it in line.plain
    assert any(span.style == ".bad" for span in line.spans)


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ('{"type":"turn.update","transcript":"a\\ud83d"}', 'turn.update      111 B  "a\ufffd"'),
        (
            '{"type":"turn.end","transcript":"a","n":1' + "0" * 30 + "}",
            'turn.end         111 B  "transcript":"a","n":1000',
        ),
        ('{"type":"x","a":' + "[" * 900 + "]" * 900 + "}", "unreadable       111 B  {"),
        ("[" * 5000, "unreadable       111 B  [["),
        ("oops", "unreadable       111 B  oops"),
        ("[1]", "no object        111 B  [1]"),
    ],
)
def test_a_frame_is_called_unreadable_only_if_the_monitor_cannot_read_it(payload: str, shown: str):
    frame = msgspec.structs.replace(received(1.0, payload), size=111)
    assert shown in frame_line(frame, 120, SERVICE).plain
    assert frame_lines(frame, 120, SERVICE)


@pytest.mark.slow
async def test_pings_crowd_out_no_message(controller: ScriptedController, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire_store, "KEPT", 50)
    async with monitor(controller) as pilot:
        await pilot.press("w")
        talk(controller, turns=2)
        for number in range(200):
            controller.show_frame(control(22 + number, FrameKind.PING, sent=True))
            controller.show_frame(control(22.1 + number, FrameKind.PONG))
        await show(pilot, controller, Script().connect().snapshot(300))
        assert len(lines(pilot)) == 6
        assert "416 frames · 410 of audio and pings hidden · 360 dropped" in text(pilot)


@pytest.mark.slow
async def test_a_click_chooses_and_y_copies_the_frame_as_it_came(controller: ScriptedController):
    async with monitor(controller) as pilot:
        talk(controller)
        await pilot.press("w")
        await pilot.pause()
        await pilot.click(WireList, offset=(5, 2))
        await pilot.pause()
        assert '"words of turn 0"' in part(pilot, FrameDetails)
        await pilot.press("y")
        assert json.loads(pilot.app.clipboard)["transcript"] == "words of turn 0"


@pytest.mark.slow
async def test_hostile_frames_do_no_harm(controller: ScriptedController):
    async with monitor(controller) as pilot:
        for frame in (
            said(1, type=HOSTILE, transcript=HOSTILE),
            received(2, HOSTILE),
            received(3, "[1, 2]"),
            received(4, "{" * 50_000),
            said(5, type="turn.update", transcript="長い" * 900 + "x" * 3000),
            said(6, type=None, transcript=None),
            closed(7, 1008, HOSTILE),
            closed(8, 4001, "長い" * 20 + "\u202e" + "x" * 60),
            msgspec.structs.replace(shaken(9), text="/\x1b[2J?" + HOSTILE + "=" + HOSTILE),
        ):
            controller.show_frame(frame)
        async for size in in_every_size(pilot):
            await pilot.press("w")
            for _ in range(9):
                await pilot.press("up")
                await pilot.pause()
                assert not {"\x1b", "\x07", "\u202e"} & set(text(pilot)), size
            await pilot.press("escape")
        assert not pilot.app._exit


@pytest.mark.slow
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
                controller.show_frame(said(burst, type="turn.update", transcript=f"{burst}-{number}"))
                controller.show_frame(audio(burst))
            await show(pilot, controller, script.snapshot(burst / 10))
            view = pilot.app.screen.query_one(WireList)
            assert view.shown <= 150
        assert "480 frames" in text(pilot)
        assert "380 dropped" in text(pilot)
        await pilot.press("home")
        await pilot.pause()
        assert "7-29" not in text_of(view)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["x", "é", "長", "🙂"])
async def test_huge_frames_are_bounded_by_the_characters_of_all_of_them(
    controller: ScriptedController, sign: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire_store, "MOST_CHARACTERS", 10 * wire_store.LONGEST)
    monkeypatch.setattr(wire_view, "MOST_CHARACTERS", 10 * wire_store.LONGEST)
    async with monitor(controller) as pilot:
        await pilot.press("w")
        script = Script().connect()
        for burst in range(5):
            for number in range(8):
                controller.show_frame(said(burst + number / 10, type="turn.update", transcript=sign * 30_000))
            await show(pilot, controller, script.snapshot(burst))
            assert pilot.app.screen.query_one(WireList).shown <= 20 + 8
        assert "40 frames" in text(pilot)
        assert "30 dropped" in text(pilot)


def test_a_frame_that_fits_nowhere_is_cut_off_and_says_so():
    store = WireBuffer()
    store.put(said(1, type="turn.update", transcript="x" * 100_000))
    ((_, frame),) = store.after(0, streams=True)
    assert frame.text is not None
    assert len(frame.text) == wire_store.LONGEST
    assert "of 100.0 kB" in frame_lines(frame, 80, SERVICE)[-1].plain


def test_store_gives_text_and_audio_in_the_order_in_which_they_went():
    store = WireBuffer()
    for number in range(10):
        likelihood = msgspec.structs.replace(said(number, type="anything"), streams=True)
        streaming = likelihood if number % 2 else audio(number)
        store.put(streaming if number % 3 else said(number, type="turn.start"))
    assert [frame.at for _, frame in store.after(0, streams=True)] == list(range(10))
    assert [frame.at for _, frame in store.after(4, streams=False)] == [6, 9]
    assert store.dropped == 0


@pytest.mark.parametrize("width", [62, 80, 99, 100, 130])
@pytest.mark.parametrize("sign", ["", "長"])
def test_of_a_growing_text_the_new_words_are_shown(width: int, sign: str):
    words = "one two three four " * 20 + f"and {sign}the end"
    line = frame_line(said(1, type="turn.update", transcript=words, turn_id="t1"), width, SERVICE)
    assert f"{sign}the end”" in line.plain
    assert "“…" in line.plain
    assert line.cell_length <= width


def test_what_fits_is_shown_whole_and_an_error_from_its_beginning():
    assert frame_line(said(1, type="turn.update", transcript="short"), 80, SERVICE).plain.endswith(' "short"')
    error = frame_line(said(1, type="error", message="it is bad " * 20), 80, SERVICE).plain
    assert '"it is bad' in error
    assert error.endswith("…")


def spoken() -> Script:
    """Two turns, from 1 and 5 s on; each ends 0.4 s after its speech."""
    return Script().connect().turn(1, "first words").turn(5, " second words")


def frames_of(controller: ScriptedController, snapshot: Snapshot) -> None:
    """Let frames pass at the times of the events of turns."""
    controller.show_frame(said(0.1, type="connected"))
    for one in snapshot.finished:
        for at in one.turn.event_times:
            controller.show_frame(said(at, type="turn.update", transcript=one.turn.transcript))
        controller.show_frame(control(one.turn.over_at + 0.1, FrameKind.PING, sent=True))


@pytest.mark.slow
async def test_a_frame_says_in_which_turn_it_lies_and_how_long_after_speech(controller: ScriptedController):
    snapshot = spoken().snapshot()
    first, second = (one.turn for one in snapshot.finished)
    ends = [span.end for span in snapshot.speech]
    assert first.ended_at is not None
    assert ends[0] is not None
    async with monitor(controller, (80, 24)) as pilot:
        frames_of(controller, snapshot)
        await show(pilot, controller, snapshot)
        await pilot.press("w", "a")
        await pilot.pause()
        assert "time" in text(pilot)
        assert "quiet s" in text(pilot)
        view = pilot.app.screen.query_one(WireList)
        places = [place for _, place in view.placed()]
        of_first = len(first.event_times)
        assert [place.turn for place in places] == [
            None, *[1] * of_first, None, *[2] * len(second.event_times), None,
        ]  # fmt: skip
        assert places[0] == (None, None, None)
        assert places[of_first].after_speech == pytest.approx(first.ended_at - ends[0])
        assert places[2].after_speech is None  # somebody speaks
        assert places[of_first + 1].gap == pytest.approx(0.1)
        assert f" {first.ended_at - ends[0]:.3f} ↓" in text(pilot)


@pytest.mark.slow
async def test_enter_goes_to_the_turn_of_a_frame_and_w_to_the_frames_of_a_turn(controller: ScriptedController):
    snapshot = spoken().snapshot()
    async with monitor(controller) as pilot:
        frames_of(controller, snapshot)
        await show(pilot, controller, snapshot)
        await pilot.press("W")
        await pilot.pause()
        assert "select a turn first" in text(pilot)
        await pilot.press("w", "home", "up", "enter")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 1
        monitor_screen = pilot.app.screen
        assert isinstance(monitor_screen, MonitorScreen)
        assert monitor_screen.now.chosen
        await pilot.press("up", "W")
        await pilot.pause()
        await pilot.pause()
        view = pilot.app.screen.query_one(WireList)
        assert view.frame is not None
        assert view.frame.at == snapshot.finished[0].turn.started_at
        await pilot.press("up", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, WireScreen)
        assert "this frame is of no turn" in text(pilot)


def test_the_page_about_the_log_names_every_field_that_is_saved():
    page = (Path(__file__).parents[2] / "tui" / "docs" / "wire.md").read_text(encoding="utf-8")
    assert [name for name in FrameLine.__struct_fields__ if f"`{name}`" not in page] == []


def saved_frames(folder: Path) -> list[Path]:
    """Return the files in which frames were saved, the largest first."""
    return sorted(folder.glob("stt-monitor-wire-*.jsonl"), key=lambda path: -path.stat().st_size)


@pytest.mark.slow
async def test_frames_are_saved_as_they_are_filtered_and_never_over_others(
    controller: ScriptedController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    snapshot = spoken().snapshot()
    async with monitor(controller) as pilot:
        frames_of(controller, snapshot)
        controller.show_frame(said(30, type="turn.update", transcript=HOSTILE))
        await show(pilot, controller, snapshot)
        await pilot.press("w", "s", "slash", *"second", "enter", "s")
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "frames saved" in text(pilot)
    whole, second = saved_frames(tmp_path)
    written = whole.read_text(encoding="utf-8")
    assert not {"\x1b", "\x07", "\u202e"} & set(written)
    lines_of_all = [json.loads(line) for line in written.splitlines()]
    assert lines_of_all[0] == {
        "t": 0.1, "direction": "in", "kind": "text", "size": 21, "service": "cartesia", "text": '{"type": "connected"}',
    }  # fmt: skip
    assert json.loads(lines_of_all[-1]["text"])["transcript"] == HOSTILE
    told = [json.loads(line) for line in second.read_text(encoding="utf-8").splitlines()]
    assert {line["turn"] for line in told} == {2}
    assert len(told) == len(snapshot.finished[1].turn.event_times)


@pytest.mark.parametrize("width", range(10, 130, 7))
def test_no_line_is_longer_than_its_place(width: int):
    for frame in (
        said(1, type="turn.update", transcript="長い words " * 30),
        audio(3),
        received(5, "no"),
        shaken(6),
        control(7, FrameKind.PING),
        closed(8, 1008, "長い" * 20 + HOSTILE),
    ):
        assert frame_line(frame, width, SERVICE).cell_length <= width
        if width > 20:
            assert all(line.cell_length <= width for line in frame_lines(frame, width, SERVICE))


@pytest.mark.slow
async def test_letters_typed_into_the_filter_are_no_keys(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("w", "slash", *"qway?")
        assert pilot.app.screen.query_one(Input).value == "qway?"
        assert isinstance(pilot.app.screen, WireScreen)
        assert not pilot.app._exit
