"""Several services on the screen: side by side, or one, with commands for the chosen one."""

import re

import msgspec
import pytest
from tests.support.lanes import Run
from tests.ui.lanes import SERVICES, growing, several, talk, troubled
from tests.ui.screen import SIZES, in_every_size, monitor, resize, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widget import Widget

from stt_monitor.core.commands import Tune
from stt_monitor.core.snapshot import Playback, Snapshot, StartWait
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.ui.screens.details import DetailsScreen
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.side_by_side.strip import LaneStrip
from stt_monitor.ui.widgets.side_by_side.table import StretchHeader, StretchTable
from stt_monitor.ui.widgets.side_by_side.texts import Texts
from stt_monitor.ui.widgets.side_by_side.timeline import LanesTimeline
from stt_monitor.ui.widgets.transcript import Transcript

FIRST, SECOND, THIRD = SERVICES


async def seen(pilot: Pilot[int], controller: ScriptedController, snapshot: Snapshot) -> str:
    """Show a snapshot, and the view if it is the first of its kind; return the screen."""
    await show(pilot, controller, snapshot)
    await pilot.pause()
    return text(pilot)


def part(pilot: Pilot[int], kind: type[Widget]) -> str:
    return text_of(pilot.app.screen.query_one(kind))


def has_details(pilot: Pilot[int]) -> bool:
    return isinstance(pilot.app.screen, DetailsScreen)


@pytest.mark.slow
async def test_every_service_has_its_state_its_column_and_its_rows(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, growing().snapshot())
        for size in SIZES:
            await resize(pilot, size)
            strip = part(pilot, LaneStrip).splitlines()
            assert [line.split()[0] for line in strip] == ["▸", SECOND, THIRD]
            assert all("● speaking" in line and "◆" in line for line in strip)
            assert all(name[:6] in part(pilot, StretchHeader) for name in SERVICES)
            assert "0:42.0" in part(pilot, StretchTable)


@pytest.mark.slow
async def test_misses_cut_offs_and_the_best_are_seen_at_once(controller: ScriptedController):
    async with monitor(controller, (160, 50)) as pilot:
        await seen(pilot, controller, talk().snapshot())
        rows = {line.split()[0]: line for line in part(pilot, StretchTable).splitlines() if line.strip()}
        assert rows["0:13.0"].split()[3:] == ["★", "300", "✗", "missed", "500"]
        assert "┊ same turn" in rows["0:17.0"]
        assert "~cut" in rows["0:17.0"]
        assert rows["0:21.0"].split()[3:] == ["500", "★", "300", "400"]
        assert "+ spurious" in rows["0:38.2"]
        header = part(pilot, StretchHeader)
        assert re.search(r"missed +0 +1", header)
        assert re.search(r"cut off +~0 +~0 +~1", header)
        assert re.search(r"spurious +1 +0 +0", header)


@pytest.mark.slow
async def test_words_that_differ_are_underlined(controller: ScriptedController):
    async with monitor(controller, (160, 50)) as pilot:
        await seen(pilot, controller, talk().snapshot())
        strips = pilot.app.screen._compositor.render_strips()
        marked = " ".join(
            segment.text
            for strip in strips[pilot.app.screen.query_one(Texts).region.y :]
            for segment in strip
            if segment.style is not None and segment.style.underline
        )
        assert "twelve" in marked
        assert "__" in marked
        assert "twenty" not in marked, "two of three have it"


@pytest.mark.slow
async def test_a_refusal_is_told_in_full_while_the_others_go_on(controller: ScriptedController):
    sentence = f"{THIRD}: The service refused the connection (401): its key is not valid."
    async with monitor(controller) as pilot:
        await seen(pilot, controller, troubled().snapshot())
        async for size in in_every_size(pilot):
            assert "✗ failed" in part(pilot, LaneStrip), size
            assert "? unknown" in part(pilot, LaneStrip), size
            words = " ".join(text(pilot).split())
            assert (sentence if size != SIZES[0] else sentence[:40]) in words, size
            assert "■ stopped" not in text(pilot), size


@pytest.mark.slow
async def test_before_the_first_turn_after_the_end_and_in_a_replay(controller: ScriptedController):
    async with monitor(controller) as pilot:
        assert "connecting…" in await seen(pilot, controller, Run(*SERVICES).snapshot())
        assert "listening…" in await seen(pilot, controller, Run(*SERVICES).to(0.5).connect().snapshot())
        ended = growing().finish().snapshot()
        assert "■ ended" in await seen(pilot, controller, ended)
        assert "■ stopped" in text(pilot)
        playing = msgspec.structs.replace(growing().snapshot(), playback=Playback(1.0, paused=True, duration=60.0))
        assert "0:42.0" in await seen(pilot, controller, playing)
        assert "paused" in part(pilot, LanesTimeline)


@pytest.mark.slow
async def test_keys_switch_between_all_and_the_chosen_one(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        assert f"▸ {FIRST} 1/{len(SERVICES)}" in part(pilot, Header)
        await pilot.press("b")
        assert "not for twenty" in part(pilot, Transcript)
        await pilot.press("l")
        assert f"▸ {SECOND} 2/{len(SERVICES)}" in part(pilot, Header)
        assert "not for twelve" in part(pilot, Transcript)
        assert "not for twenty" not in part(pilot, Transcript)
        await pilot.press("b")
        assert f"▸ {SECOND}" in part(pilot, LaneStrip)
        assert pilot.app.screen.focused is pilot.app.screen.query_one(StretchTable)
        await pilot.press(*["l"] * (len(SERVICES) - 1))
        assert f"▸ {FIRST}" in part(pilot, LaneStrip)


@pytest.mark.slow
async def test_commands_are_for_the_chosen_service(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        await pilot.press("l", "t", "down", "right", "enter")
        (tuned,) = (command for command in controller.sent if isinstance(command, Tune))
        assert tuned.service == SECOND
        await pilot.press("escape", "e")
        assert "several services" in text(pilot)


@pytest.mark.slow
async def test_the_wire_log_has_the_frames_of_the_chosen_service(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        for name in SERVICES:
            controller.show_frame(WireFrame(1.0, sent=False, size=9, text=f'{{"of": "{name}"}}', service=name))
        await pilot.press("l", "w")
        assert f'"{SECOND}"' in text(pilot)
        assert f'"{FIRST}"' not in text(pilot)
        assert f"Wire · {SECOND} · 1 frame" in text(pilot)


async def test_what_the_audio_waits_for_is_said(controller: ScriptedController):
    async with monitor(controller) as pilot:
        waiting = msgspec.structs.replace(Run(*SERVICES).snapshot(), start_wait=StartWait((SECOND, THIRD), 10.0))
        assert f"waiting for {SECOND}, {THIRD}; audio starts in 10 s" in await seen(pilot, controller, waiting)


@pytest.mark.slow
async def test_a_click_chooses_a_service(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        await pilot.click(LaneStrip, Offset(10, 1))
        assert f"▸ {SECOND}" in part(pilot, Header)
        await pilot.click(StretchHeader, Offset(12, 0))
        assert f"▸ {FIRST}" in part(pilot, Header)


@pytest.mark.slow
async def test_a_row_opens_the_turn_of_the_chosen_service(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        await pilot.press("up", "up", "l", "enter")  # the made-up turn is the last row
        assert has_details(pilot)
        await pilot.press("escape", "down", "enter")
        assert not has_details(pilot)
        assert "no finished turn here" in text(pilot)
        await pilot.press("l", "l", "enter")
        assert has_details(pilot)


@pytest.mark.slow
async def test_a_chosen_row_is_marked_on_the_timeline_and_among_the_texts(controller: ScriptedController):
    async with monitor(controller, (160, 50)) as pilot:
        await seen(pilot, controller, talk().snapshot())
        assert "▼" not in part(pilot, LanesTimeline)
        await pilot.press(*["up"] * 10)  # the newest row first: then one of before the window
        assert "▼" in part(pilot, LanesTimeline)
        assert "0:01.0" in part(pilot, Texts)
        assert "held" in part(pilot, LanesTimeline)
        await pilot.press("escape")
        assert "▼" not in part(pilot, LanesTimeline)
        assert "live" in part(pilot, LanesTimeline)


@pytest.mark.slow
async def test_the_metric_is_chosen_for_all_services(controller: ScriptedController):
    async with monitor(controller, (160, 50)) as pilot:
        await seen(pilot, controller, talk().snapshot())
        assert "eot, ms · ★ best" in text(pilot)
        await pilot.press("f")
        assert "lead, ms" in text(pilot)
        assert "★" not in part(pilot, StretchTable), "a longer head start is not simply better"
        await pilot.press("F", "F")
        assert "eager, ms · ★ best" in text(pilot)


async def test_one_service_offers_neither(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, Script().connect().turn(1, "Hello").snapshot())
        assert "Beside" not in text(pilot)
        await pilot.press("b")
        assert "this session has one service" in text(pilot)
        await pilot.press("l")
        assert not pilot.app.screen.query("#beside")


@pytest.mark.slow
async def test_a_session_of_one_service_after_one_of_several_looks_as_usual(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await seen(pilot, controller, talk().snapshot())
        one = Script(started_at="2026-11-23T09:00:00Z").connect().turn(1, "Hello")
        shown = await seen(pilot, controller, one.snapshot())
        assert "Hello" in part(pilot, Transcript)
        assert FIRST not in shown.splitlines()[0]


@pytest.mark.slow
async def test_in_a_small_window_the_transcripts_take_the_place_of_another_part(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        assert "thank you" not in await seen(pilot, controller, talk().snapshot())
        await pilot.press("v")
        assert "thank you" in text(pilot)
        assert "Timeline ·" not in text(pilot)
        await pilot.press("v")
        assert "Timeline ·" in text(pilot)


HOSTILE = "\x1b[2J[bold red]x[/] \u202egnp \x07[@click=app.quit]y[/] $error {x} %s \ud800"


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 50)])
async def test_nothing_from_a_service_moves_the_cursor_or_is_read_as_markup(
    controller: ScriptedController, size: tuple[int, int]
):
    run = Run(*SERVICES).to(0.1).connect()
    for name, words in zip(SERVICES, (HOSTILE, f"{HOSTILE} z", HOSTILE), strict=True):
        run.to(1)
        run.say(1.5, name, "turn.start").say(1.6, name, "turn.update", words).say(2.5, name, "turn.end", words)
    run.to(5).decided().lose(FIRST, HOSTILE).refuse(THIRD, HOSTILE)
    async with monitor(controller, size) as pilot:
        await seen(pilot, controller, run.snapshot())
        for keys in ("v", "b", "l"):
            await pilot.press(keys)
            drawn = text(pilot)
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", drawn)
        assert "[bold red]x[/]" in " ".join(drawn.split())


@pytest.mark.slow
async def test_any_picture_at_any_size(controller: ScriptedController):
    async with monitor(controller, (40, 12)) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for snapshot in several():
                await seen(pilot, controller, snapshot)
                await pilot.press("v", "space", "plus", "up", "escape")


async def test_what_needs_speech_or_ended_turns_is_unknown_without_them(controller: ScriptedController):
    """Nobody has spoken, and our own close ended the only turns."""
    run = Run(*SERVICES).to(0.1).connect()
    for name in SERVICES:
        run.say(1.0, name, "turn.start")
    async with monitor(controller, (200, 50)) as pilot:
        await seen(pilot, controller, run.to(4).decided().snapshot())
        assert part(pilot, LaneStrip).count("– cut off, – missed, – spurious") == len(SERVICES)
        header = part(pilot, StretchHeader)
        assert all(re.search(rf"{name}( +–){{3}}", header) for name in ("missed", "cut off", "spurious"))
