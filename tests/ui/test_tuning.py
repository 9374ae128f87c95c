import pytest
from tests.server.parrot import PARROT as SPOKEN
from tests.session.test_another_service import PARROT
from tests.support.registered import registered
from tests.ui.screen import in_every_size, monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.commands import Tune
from stt_monitor.core.journal import Configured, ConnectionChanged
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.what_if.wording import MINUS
from stt_monitor.services.registry import NAMES, service
from stt_monitor.ui.screens.settings import SettingsComparison, SettingsScreen
from stt_monitor.ui.widgets.settings_form import SettingsForm
from stt_monitor.ui.widgets.status_bar import StatusBar
from stt_monitor.ui.widgets.transcript import Transcript
from stt_monitor.ui.widgets.what_if import WhatIfLine


def tuned() -> Script:
    """Five turns with the server's defaults, three with a higher end threshold, whose ends come sooner."""
    script = Script().connect()
    for number in range(8):
        at = 1.0 + 4 * number
        if number == 5:
            script.to(at - 1).monitor.apply(Configured(at - 1, TurnSettings(end_threshold=0.45)))
        script.turn(at, f"turn {number}", eot=0.8 if number < 5 else 0.4, resumed=number == 6)
    return script.to(34).decided()


def panel(pilot: Pilot[int]) -> list[str]:
    return [line.strip("│ ") for line in text_of(pilot.app.screen.query_one(SettingsForm)).splitlines()]


def configured(controller: ScriptedController) -> list[TurnSettings]:
    return [command.settings for command in controller.sent if isinstance(command, Tune)]


@pytest.mark.slow
async def test_t_shows_the_settings_in_force_and_their_ranges(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        await show(pilot, controller, script.snapshot())
        await pilot.press("t")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SettingsScreen)
        for line, words in zip(
            panel(pilot),
            (("start", "0.8", "0.5", "0.9"), ("eager end", "0.6", "0.3", "0.8"), ("end", "0.3", "0.05", "0.5"),
             ("timeout, ms", "5600", "640", "11200")),
            strict=True,
        ):  # fmt: skip
            assert all(word in line for word in (*words, "server default")), line
        script.monitor.apply(Configured(1, TurnSettings(end_threshold=0.45)))
        await show(pilot, controller, script.snapshot(2))
        assert "0.45" in panel(pilot)[2]
        assert "server default" not in panel(pilot)[2]
        assert "end 0.45" in text_of(pilot.app.screen_stack[0].query_one(StatusBar))
        await pilot.press("t")
        assert len(pilot.app.screen_stack) == 1
        assert not configured(controller)


async def test_the_panel_has_the_settings_of_the_service_that_is_asked_for(controller: ScriptedController):
    with registered(PARROT, SPOKEN):
        controller.service = PARROT.name
        async with monitor(controller) as pilot:
            await pilot.press("t")
            await pilot.pause()
            [line] = filter(None, panel(pilot))
            assert all(word in line for word in ("patience", "8", "0.1", "9", "server default"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
async def test_the_panel_has_a_line_for_every_setting(controller: ScriptedController, name: str):
    controller.service, controller.model = name, service(name).model
    settings = service(name).schema.settings
    async with monitor(controller) as pilot:
        async for size in in_every_size(pilot):
            await pilot.press("t")
            await pilot.pause()
            lines = [line for line in panel(pilot) if line]
            assert len(lines) == len(settings), size
            assert all(each.label in line for each, line in zip(settings, lines, strict=True)), size
            await pilot.press("escape")


@pytest.mark.slow
async def test_arrows_change_and_enter_applies(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, Script().connect().snapshot())
        await pilot.press("t", "down", "down", "right", "right", "shift+left")
        await pilot.pause()
        assert "0.39" in panel(pilot)[2]
        assert "*" in panel(pilot)[2]
        assert "Enter applies it now" in text(pilot)
        assert not configured(controller)
        await pilot.press("enter")
        assert configured(controller) == [TurnSettings(end_threshold=0.39)]
        await pilot.press("up", "up", "up", "left", "enter")
        assert configured(controller)[-1] == TurnSettings(end_threshold=0.39, end_timeout_ms=5100.0)


@pytest.mark.slow
async def test_enter_takes_a_typed_value_and_applies_it(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        await show(pilot, controller, script.snapshot())
        await pilot.press("t", "down", *"0.41", "backspace", "enter")
        await pilot.pause()
        assert configured(controller) == [TurnSettings(eager_end_threshold=0.4)]
        script.monitor.apply(Configured(1, TurnSettings(eager_end_threshold=0.4)))
        await show(pilot, controller, script.snapshot(2))
        assert "active now" in text(pilot)
        assert "*" not in panel(pilot)[1]
        await pilot.press("right")
        await pilot.pause()
        assert "Enter applies it now" in text(pilot)


@pytest.mark.slow
async def test_a_typed_value_pushes_its_neighbours_which_is_told_before_and_after(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        await show(pilot, controller, script.snapshot())
        await pilot.press("t", "down", *"0.8", "down")
        await pilot.pause()
        assert "pushed start to 0.81: start > eager end > end" in text(pilot)
        assert not configured(controller)
        await pilot.press("up", "enter")
        assert configured(controller) == [TurnSettings(start_threshold=0.81, eager_end_threshold=0.8)]
        script.monitor.apply(Configured(1, TurnSettings(start_threshold=0.81, eager_end_threshold=0.8)))
        await show(pilot, controller, script.snapshot(2))
        assert "active now; pushed start to 0.81" in text(pilot)


@pytest.mark.slow
async def test_a_value_out_of_range_is_refused_with_a_word(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, Script().connect().snapshot())
        await pilot.press("t", *"0.95", "enter")
        await pilot.pause()
        assert "start must lie from 0.5 to 0.9" in text(pilot)
        assert "0.8" in panel(pilot)[0]
        await pilot.press(*"..", "enter", "enter")
        assert not configured(controller)


@pytest.mark.slow
async def test_settings_that_need_another_connection_are_not_active_before_it(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        await show(pilot, controller, script.snapshot())
        await pilot.press("t", "right", "enter")
        script.monitor.apply(ConnectionChanged(1, Connection.CONNECTING, "other settings need another connection"))
        await show(pilot, controller, script.snapshot(1))
        assert "other settings need another connection" in text(pilot)
        assert "active now" not in text(pilot)
        (wanted,) = configured(controller)
        script.monitor.apply(Configured(2, wanted))
        script.monitor.apply(ConnectionChanged(2, Connection.CONNECTED))
        await show(pilot, controller, script.snapshot(2))
        assert "active now" in text(pilot)


@pytest.mark.slow
async def test_backspace_leaves_a_setting_to_the_server_if_that_is_in_order(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect()
        script.monitor.apply(
            Configured(0.1, TurnSettings(start_threshold=0.55, eager_end_threshold=0.5, end_threshold=0.4))
        )
        await show(pilot, controller, script.snapshot())
        await pilot.press("t", "backspace", "down", "backspace", "down", "backspace")
        await pilot.pause()
        assert ["server default" in line for line in panel(pilot)[:3]] == [True, True, True]
        await pilot.press("up", "up", *"0.55", "down", "backspace")
        await pilot.pause()
        assert "the default of eager end, 0.6, is out of order" in text(pilot)


@pytest.mark.slow
async def test_a_click_on_a_scale_sets_the_value(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, Script().connect().snapshot())
        await pilot.press("t")
        await pilot.pause()
        tuner = pilot.app.screen.query_one(SettingsForm)
        line = text_of(tuner).splitlines()[2]
        await pilot.click(SettingsForm, offset=(line.index("━"), 2))
        await pilot.pause()
        assert "0.05" in panel(pilot)[2].split("●")[0]
        assert panel(pilot)[2].startswith("▸")
        await pilot.click(SettingsForm, offset=(2, 3))
        await pilot.pause()
        assert panel(pilot)[3].startswith("▸")
        assert "server default" in panel(pilot)[3]


@pytest.mark.slow
async def test_without_a_session_it_is_kept_for_the_next(controller: ScriptedController):
    async with monitor(controller, autostart=False) as pilot:
        await pilot.press("t", "right")
        await pilot.pause()
        assert "for the next session" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert configured(controller) == [TurnSettings(start_threshold=0.85)]
        assert "saved for the next session" in text(pilot)
        await pilot.press("enter", "escape", "t")
        await pilot.pause()
        assert "0.85" in panel(pilot)[0]
        assert "*" not in panel(pilot)[0]
        assert len(configured(controller)) == 1


async def test_what_the_first_session_will_ask_for_is_there_before_it(controller: ScriptedController):
    controller.settings = TurnSettings(end_threshold=0.4)
    async with monitor(controller, autostart=False) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert "0.4" in panel(pilot)[2]
        assert "server default" not in panel(pilot)[2]
        assert "settings of the next session" in text(pilot)


@pytest.mark.slow
async def test_figures_by_settings_stand_beside_each_other(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, tuned().snapshot())
        async for size in in_every_size(pilot):
            await pilot.press("t")
            await pilot.pause()
            lines = text_of(pilot.app.screen.query_one(SettingsComparison)).splitlines()
            before, after = (line.strip("│ ").split() for line in lines[-2:])
            assert before[0] == "server"
            assert "4" in before  # n is what the percentiles count: not the first turn of the connection
            assert after[:3] == ["▸", "end", "0.45"]
            eot = -5 if size[0] > 40 else -2
            assert (before[eot], after[eot]) == ("800", "400"), size
            if size[0] > 40:
                assert (before[-2:], after[-3:]) == (["100", "%"], ["~0", "75", "%"]), size
            await pilot.press("escape")


@pytest.mark.slow
async def test_settings_just_applied_have_their_line_before_a_turn_has_run_under_them(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        script = Script().connect().turn(1, "one").turn(5, "two").to(9).decided()
        await show(pilot, controller, script.snapshot())
        await pilot.press("t")
        script.monitor.apply(Configured(9.1, TurnSettings(end_threshold=0.45)))
        await show(pilot, controller, script.snapshot(9.2))
        last = text_of(pilot.app.screen.query_one(SettingsComparison)).splitlines()[-1]
        assert last.strip("│ ").split()[:4] == ["▸", "end", "0.45", "0"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_the_transcript_stays_in_sight(controller: ScriptedController, size: tuple[int, int]):
    async with monitor(controller, size) as pilot:
        await pilot.press("t")
        await pilot.pause()
        panel = pilot.app.screen.query_one("#tune").region
        transcript = pilot.app.screen_stack[0].query_one(Transcript).region
        assert transcript.intersection(panel).area <= transcript.area / 2


@pytest.mark.slow
async def test_help_in_the_panel_is_about_the_panel_first(controller: ScriptedController):
    async with monitor(controller, (120, 60)) as pilot:
        await pilot.press("t", "question_mark")
        await pilot.pause()
        said = text(pilot)
        assert said.index("Turn settings") < said.index("Keys")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, SettingsScreen)


def judgeable(script: Script) -> Script:
    """Two turns that end as their likelihood falls below 0.3: 0.45 comes 200 ms sooner, and cuts one off."""
    points: list[tuple[float, float]] = []
    for number in range(3):
        at = 1.0 + 4 * number
        script.turn(at, f"turn {number}", length=2.0, eot=0.52)
        for step in range(100):
            now = at + step * 0.04
            points.append((round(now, 3), _falling(now - at, hesitates=number == 2)))
    return script.to(14).decided().event(14.0, "x.likelihood", points=points)


def _falling(since: float, *, hesitates: bool) -> float:
    """The likelihood so long after the onset: one hesitation, then a fall from the end of speech at 2 s."""
    if since >= 2.48 or since < 0.04:
        return 0.0
    if hesitates and 1.0 < since < 1.2:
        return 0.4
    return round(max(0.0, 1 - 1.5 * max(0.0, since - 2.0)), 4)


def foreseen(pilot: Pilot[int]) -> str:
    lines = text_of(pilot.app.screen.query_one(WhatIfLine)).splitlines()
    return " ".join(" ".join(line.strip("│ ") for line in lines).split())


@pytest.mark.slow
async def test_a_draft_says_what_it_would_have_been_in_every_size(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, judgeable(Script().connect()).snapshot())
        async for size in in_every_size(pilot):
            await pilot.press("t")
            await pilot.pause()
            assert foreseen(pilot) == "", size
            await pilot.press("down", "down", *"0.45", "down")
            await pilot.pause()
            said = f"would have been: eot p50 {MINUS}80 ms (n 1), ~1 more cut-off (3 turns)"
            assert foreseen(pilot) == said, size
            await pilot.press("up", *"0.2", "down")
            await pilot.pause()
            assert foreseen(pilot) == "cannot tell: a later end threshold", size
            await pilot.press("up", "backspace", "down")
            await pilot.pause()
            assert foreseen(pilot) == "", size
            await pilot.press("escape")


@pytest.mark.slow
async def test_a_draft_says_nothing_where_no_likelihood_is_known(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, tuned().snapshot())
        await pilot.press("t", "down", "down", *"0.2", "down")
        await pilot.pause()
        assert foreseen(pilot) == ""


@pytest.mark.slow
async def test_another_turn_is_judged_too(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = judgeable(Script().connect())
        await show(pilot, controller, script.snapshot())
        await pilot.press("t", "down", "down", *"0.45", "down")
        script.turn(15.0, "one more", eot=0.52)
        points = [(round(15 + step * 0.04, 3), _falling(step * 0.04, hesitates=False)) for step in range(100)]
        script.to(19.5).decided().event(19.5, "x.likelihood", points=points)
        await show(pilot, controller, script.snapshot())
        await pilot.pause()
        assert foreseen(pilot).endswith("(4 turns)")
