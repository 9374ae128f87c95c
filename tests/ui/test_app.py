import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.ui.screen import SIZES, monitor, resize, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.events import AppBlur

from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.journal import ConnectionChanged, Failed
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.ui.screens.comparison import ComparisonScreen
from stt_monitor.ui.screens.help import HelpScreen, HelpText
from stt_monitor.ui.widgets.error_bar import ErrorBar
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript
from stt_monitor.ui.widgets.turn_state import TurnStatePanel


def svg_in(folder: Path) -> str:
    return next(folder.glob("*.svg")).read_text(encoding="utf-8")


def session() -> Script:
    script = Script().connect().turn(1, "Hello there my friend").turn(5, " How are you today?", resumed=True)
    return script.to(9).decided()


async def test_starts_a_session_by_itself(controller: ScriptedController):
    async with monitor(controller) as pilot:
        assert controller.sent == [Start()]
        assert "starting…" in text(pilot)


async def test_waits_for_the_start_key_when_told_to(controller: ScriptedController):
    async with monitor(controller, autostart=False) as pilot:
        assert controller.sent == []
        assert "press s to start a session" in text(pilot)
        await pilot.press("s")
        assert controller.sent == [Start()]


async def test_s_stops_and_starts_again_and_the_new_session_begins_with_an_empty_view(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = session()
        await show(pilot, controller, script.snapshot())
        assert "How are you today?" in text(pilot)
        assert "s Stop" in text_of(pilot.app.query_one(KeyLine))
        await pilot.press("s")
        assert controller.sent == [Start(), Stop()]
        script.running = False
        await show(pilot, controller, script.snapshot(10))
        assert "■ stopped 0:10" in text(pilot)
        assert "s Start" in text_of(pilot.app.query_one(KeyLine))
        await pilot.press("s")
        assert controller.sent == [Start(), Stop(), Start()]
        await show(pilot, controller, Script(source="other.wav", started_at="later").connect().snapshot(0.2))
        assert "How are you today?" not in text(pilot)
        assert "listening…" in text(pilot)
        assert "other.wav" in text(pilot)
        assert "0 turns" in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (160, 50)])
async def test_everything_essential_is_on_the_screen(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        script = session()
        script.event(10, "turn.start").event(10.5, "turn.update", " And now").event(11, "turn.eager_end", " And now?")
        await show(pilot, controller, script.snapshot(11.3))
        said = text(pilot)
        for what in (
            "stt-monitor", "● live 0:11", "○ idle", "● speaking", "◐ EAGER END", "0.3 s", "resume", "eager end",
            "2 turns", "1 resume", "% confirmed", "Transcript", "2   0:05.2",
            "How are you today?", "◐ guess And now?", "Latency, ms", "end of turn", "400 ms last", "onset", "gap",
            "why", "p90", "◆ connected", "0:11", "q Quit", "? Help", "s Stop",
        ):  # fmt: skip
            assert what in said, what


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "quiet"), [(SourceKind.FILE, "Pause"), (SourceKind.MICROPHONE, "Mute")])
async def test_the_six_keys_that_matter_are_in_sight_in_every_size(
    controller: ScriptedController, kind: SourceKind, quiet: str
):
    async with monitor(controller) as pilot:
        picture = session().snapshot()
        await show(pilot, controller, replace(picture, audio=replace(picture.audio, kind=kind)))
        for size in SIZES:
            await resize(pilot, size)
            said = text_of(pilot.app.query_one(KeyLine)).replace(" ", "")
            for key in ("sStop", "?Help", "qQuit", f"m{quiet}", "tTune", "wWire"):
                assert key in said


async def test_help_says_all_keys_and_defines_every_figure(controller: ScriptedController):
    async with monitor(controller, (120, 120)) as pilot:
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        said = " ".join(text(pilot).split())
        for metric in TURN_METRICS:
            assert metric.label in said
            assert metric.meaning.split(",")[0][:40] in said
        for key in ("Ctrl+P", "Space", "Tab", "Ctrl+Z"):
            assert key in said
        names = {word for line in pilot.app.screen.query_one(HelpText).text.splitlines() for word in line[:18].split()}
        assert names >= {"n", "p50", "p90", "p95", "max", "1st*", "█", "dB", "rtt", "lag", "confirmed"}
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


@pytest.mark.parametrize("part", [Transcript, MetricsTable, Timeline])
async def test_help_is_about_the_focused_part_first(
    controller: ScriptedController, part: type[Transcript | MetricsTable | Timeline]
):
    async with monitor(controller) as pilot:
        pilot.app.query_one(part).focus()
        await pilot.press("f1")
        await pilot.pause()
        assert part.ABOUT[1][0][1][:30] in text(pilot)


@pytest.mark.parametrize("key", ["f1", "question_mark", "escape"])
async def test_help_opens_once_and_closes_with_its_own_keys(controller: ScriptedController, key: str):
    async with monitor(controller) as pilot:
        await pilot.press("f1")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press(key)
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.slow
async def test_the_session_goes_on_behind_the_help(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("f1")
        await show(pilot, controller, session().snapshot())
        await pilot.press("escape")
        await pilot.pause()
        assert "How are you today?" in text(pilot)


@pytest.mark.slow
async def test_an_error_stays_until_it_is_dismissed_and_comes_back_when_it_happens_again(
    controller: ScriptedController,
):
    async with monitor(controller, (80, 24)) as pilot:
        line = pilot.app.query_one(ErrorBar)
        assert not line.display
        script = session().event(10, "error", status_code=400, title="Bad [/model]", message="No such\x1b[2J model.")
        await show(pilot, controller, script.snapshot())
        await show(pilot, controller, script.snapshot(12))
        assert "✗ Bad [/model]: No such[2J model." in text(pilot)
        assert "How are you today?" in text(pilot)
        assert "d Dismiss" in text(pilot)
        await pilot.press("d")
        await show(pilot, controller, script.snapshot(13))
        assert not line.display
        assert "d Dismiss" not in text(pilot)
        script.event(14, "error", status_code=400, title="Bad [/model]", message="No such\x1b[2J model.")
        await show(pilot, controller, script.snapshot())
        assert line.display


async def test_a_very_long_error_leaves_the_rest_on_the_screen(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        script = session()
        script.monitor.apply(Failed(0.0, "no " * 5000))
        await show(pilot, controller, script.snapshot())
        assert pilot.app.query_one(ErrorBar).region.height <= 4
        assert "How are you today?" in text(pilot)
        assert "◆ connected" in text(pilot)


async def test_a_session_that_never_came_about_says_why_and_nothing_else(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script(source="", url="", model="", duration=None)
        script.running = False
        script.monitor.apply(Failed(0.0, "no microphone was found; plug one in"))
        await show(pilot, controller, script.snapshot())
        assert "✗ no microphone was found; plug one in" in text(pilot)
        first = text(pilot).splitlines()[0].split()
        assert first == ["stt-monitor", "■", "stopped", "0:00"]


async def test_a_connection_that_cannot_be_had_is_explained_in_place_of_the_transcript(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script()
        script.monitor.apply(ConnectionChanged(0.5, Connection.RECONNECTING, "The service at [/x] does not answer."))
        await show(pilot, controller, script.snapshot(1))
        assert "The service at [/x] does not answer." in text_of(pilot.app.query_one(Transcript))
        assert "◈ reconnecting" in text(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 20), (80, 24), (120, 24)])
async def test_v_shows_the_timeline_in_the_machines_place(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, session().snapshot(12))
        assert "eot ms" not in text(pilot)
        for key in ("v", "plus"):
            await pilot.press(key)
            await pilot.pause()
        for shown in ("Timeline · 10 s", "voice", "events", "eot ms", "Transcript", "Latency"):
            assert shown in text(pilot)
        transcript = pilot.app.screen.query_one("#transcript")
        assert transcript.size.height >= 2
        await pilot.press("v")
        await pilot.pause()
        assert "eot ms" not in text(pilot)


@pytest.mark.parametrize("size", [(40, 30), (55, 40), (80, 30)])
async def test_a_tall_window_has_a_timeline_that_v_hides(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, session().snapshot(12))
        shown = pilot.app.screen.query_one("#transcript").size.height
        assert "eot ms" in text(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert "eot ms" not in text(pilot)
        assert pilot.app.screen.query_one("#transcript").size.height > shown - 8


async def test_v_does_nothing_where_both_have_room(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, session().snapshot(12))
        before = text_of(pilot.app.query_one(Timeline)), text_of(pilot.app.query_one(TurnStatePanel))
        await pilot.press("v")
        await pilot.pause()
        assert (text_of(pilot.app.query_one(Timeline)), text_of(pilot.app.query_one(TurnStatePanel))) == before


async def test_space_holds_the_timeline_while_the_session_goes_on(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = session()
        await show(pilot, controller, script.snapshot(12))
        timeline = pilot.app.query_one(Timeline)
        await pilot.press("space")
        axis = text_of(timeline).splitlines()[1]
        await show(pilot, controller, script.snapshot(13))  # the sound in sight is now known to its end
        held = text_of(timeline).splitlines()[1:]
        assert held[0] == axis
        await show(pilot, controller, script.turn(13, " Something more").snapshot(20))
        assert text_of(timeline).splitlines()[1:] == held
        assert "held at 0:12, now 0:20" in text_of(timeline)
        assert "Something more" in text(pilot)
        await pilot.press("space")
        await pilot.pause()
        assert text_of(timeline).splitlines()[1:] != held


@pytest.mark.slow
async def test_plus_and_minus_zoom_within_limits_and_arrows_move_along(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = session()
        await show(pilot, controller, script.snapshot(100))
        timeline = pilot.app.query_one(Timeline)
        for key, seconds in (("plus", 10), ("plus", 10), ("minus", 30), *[("minus", s) for s in (60, 120, 300, 300)]):
            await pilot.press(key)
            await pilot.pause()
            assert f"Timeline · {seconds} s" in text_of(timeline)
        timeline.focus()
        await pilot.press("left")
        assert "held at 0:40" in str(timeline.border_title)
        await pilot.press("right")
        assert "live" in str(timeline.border_title)


async def test_tab_moves_between_the_parts(controller: ScriptedController):
    async with monitor(controller) as pilot:
        seen = []
        for _ in range(3):
            seen.append(type(pilot.app.focused))
            await pilot.press("tab")
        assert seen == [Transcript, MetricsTable, Timeline]


@pytest.mark.slow
async def test_the_palette_offers_what_applies(controller: ScriptedController):
    async with monitor(controller) as pilot:
        app = pilot.app
        await show(pilot, controller, session().snapshot())
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert offered[:3] == ["Stop", "Restart", "Pause"]
        for title in (
            "Tune", "Wire log", "Compare", "Input", "Service", "Metric", "Search", "Copy turn", "Copy all", "Freeze",
            "Zoom in", "Zoom out", "Help", "Theme", "Screenshot", "Quit",
        ):  # fmt: skip
            assert title in offered
        assert not {"Start", "Retry now", "Resume", "Mute", "Unmute", "Dismiss"} & set(offered)
        controller.running = False
        script = session()
        script.running = False
        await show(pilot, controller, script.snapshot())
        assert next(iter(app.get_system_commands(app.screen))).title == "Start"
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert "Search for commands" in text(pilot)


@pytest.mark.slow
async def test_the_palette_opens_over_an_overlay_and_puts_another_in_its_place(controller: ScriptedController):
    async with monitor(controller) as pilot:
        app = pilot.app
        await show(pilot, controller, session().snapshot())
        await pilot.press("t", "ctrl+p")
        await pilot.pause()
        assert "Search for commands" in text(pilot)
        offered = [command.title for command in app.get_system_commands(app.screen_stack[1])]
        assert "Stop" in offered
        assert "Search" not in offered  # it is about the transcript beneath
        await pilot.press(*"compare")
        while "Compare metrics by settings" not in text(pilot):
            await pilot.pause(0.05)
        await pilot.press("down", "enter")
        while not isinstance(app.screen, ComparisonScreen):
            await pilot.pause(0.05)
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_the_footer_follows_while_somebody_looks_elsewhere(controller: ScriptedController):
    async with monitor(controller) as pilot:
        pilot.app.post_message(AppBlur())
        await show(pilot, controller, session().snapshot())
        await pilot.pause()
        assert "s Stop" in text(pilot)
        assert pilot.app.focused is not None


async def test_p_saves_a_picture_and_says_where(
    controller: ScriptedController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("p")
        while "Screenshot saved" not in text(pilot):
            await asyncio.sleep(0.02)
            await pilot.pause()
    picture = svg_in(tmp_path)
    assert "stt-monitor" in picture
    assert "today?" in picture


async def test_a_window_that_is_too_small_is_told_so_and_recovers(controller: ScriptedController):
    async with monitor(controller, (39, 11)) as pilot:
        await show(pilot, controller, session().snapshot())
        assert "at least 40 × 12" in " ".join(text(pilot).split())
        assert "Transcript" not in text(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "How are you today?" in text(pilot)
        assert "at least" not in text(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "nord"])
async def test_other_themes_show_the_same_words(controller: ScriptedController, theme: str):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        before = text(pilot)
        pilot.app.theme = theme
        await pilot.pause()
        assert text(pilot) == before


async def test_what_the_error_line_says_is_not_said_twice(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script()
        script.monitor.apply(ConnectionChanged(1, Connection.CLOSED, "The service said no."))
        script.monitor.apply(Failed(1, "The service said no."))
        script.running = False
        await show(pilot, controller, script.snapshot(1))
        assert text(pilot).count("The service said no.") == 1
        assert "press s to start again" in text_of(pilot.app.query_one(Transcript))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "f"])
async def test_an_error_leaves_the_transcript_in_sight_in_every_size(controller: ScriptedController, key: str):
    async with monitor(controller) as pilot:
        script = session()
        script.monitor.apply(Failed(0.0, "The service said no: try again with other settings. " * 6))
        await show(pilot, controller, script.snapshot())
        await pilot.press(*key)
        transcript = pilot.app.query_one(Transcript)
        error = pilot.app.query_one(ErrorBar)
        for size in (*SIZES, (60, 30), (100, 32)):
            await resize(pilot, size)
            assert "How are" in text_of(transcript)
            assert not error.region.intersection(transcript.region)
            assert "✗ The service said no" in text_of(error)
        await pilot.press("d")
        await pilot.pause()
        assert "The service said no" not in text(pilot)


@pytest.mark.slow
async def test_without_colours_what_is_lit_is_reversed_or_has_a_glyph(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_COLOR", "1")
    async with monitor(controller) as pilot:
        script = session().event(10, "turn.start").event(10.5, "turn.update", " And now")
        await show(pilot, controller, script.snapshot(10.6))
        await pilot.press("up")
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        lit = {segment.text.strip() for strip in strips for segment in strip if segment.style and segment.style.reverse}
        assert "● SPEAKING" in lit
        assert "2" in lit
        said = text(pilot)
        for glyph in ("▸", "◐", "↺", "■", "━", "▒"):
            assert glyph in said
