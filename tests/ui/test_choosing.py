import pytest
from msgspec.structs import replace
from tests.ui.screen import monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.commands import Start
from stt_monitor.core.journal import Configured, ConnectionLost, SpeechEnd, SpeechOnset
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Playback
from stt_monitor.ui.screens.details import DetailsScreen, DetailsText
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.search_input import SearchInput
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript

TEXTS = ["Hello there my friend", " How are you today?", " I am fine, my friend.", " Good to hear that.", " And you?"]


def session(times: int = 1) -> Script:
    script = Script(duration=None).connect()
    for number, said in enumerate(TEXTS * times):
        script.turn(1 + 6 * number, said, eot=0.4 + number / 100, resumed=number == 1)
    return script.to(6.0 * len(TEXTS) * times).decided()


def chosen(pilot: Pilot[int]) -> list[int | None]:
    return [pilot.app.query_one(Transcript).chosen, pilot.app.query_one(MetricsTable).chosen]


def clipboard(pilot: Pilot[int]) -> str:
    return pilot.app.clipboard


@pytest.mark.slow
async def test_up_and_down_choose_a_turn_everywhere(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("up")
        assert chosen(pilot) == [5, 5]
        assert "▼ turn 5" in text_of(pilot.app.query_one(Timeline))
        await pilot.press("up", "up", "down")
        await pilot.pause()
        assert chosen(pilot) == [4, 4]
        assert "▼ turn 4" in text_of(pilot.app.query_one(Timeline))
        assert "turn 4 · Enter details" in text_of(pilot.app.query_one(Transcript))
        pilot.app.query_one(MetricsTable).focus()
        await pilot.press("up")
        assert chosen(pilot) == [3, 3]
        await pilot.press("escape")
        await pilot.pause()
        assert chosen(pilot) == [None, None]
        assert "▼" not in text(pilot)


@pytest.mark.slow
async def test_a_chosen_turn_comes_into_view_everywhere_and_escape_follows_again(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session(times=20).snapshot())
        await pilot.press("home", "up", *["up"] * 60)
        await pilot.pause(0.4)
        number = chosen(pilot)[0]
        assert number is not None
        assert number < 40
        for part in (Transcript, MetricsTable):
            view = pilot.app.query_one(part)
            assert str(number) in text_of(view).replace("*", " ").split()
            assert not view.following
        assert f"▼ turn {number}" in text_of(pilot.app.query_one(Timeline))
        assert "held" in str(pilot.app.query_one(Timeline).border_title)
        await pilot.press("escape")
        await pilot.pause()
        assert " 100 " in text(pilot)
        assert pilot.app.query_one(Transcript).following
        assert "live" in str(pilot.app.query_one(Timeline).border_title)


@pytest.mark.slow
async def test_a_click_chooses_and_another_one_opens(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.click(MetricsTable, offset=(3, 1))
        assert chosen(pilot) == [2, 2]
        await pilot.click(Transcript, offset=(20, 3))
        assert chosen(pilot) == [3, 3]
        await pilot.click(Transcript, offset=(20, 3))
        assert isinstance(pilot.app.screen, DetailsScreen)
        await pilot.press("escape")
        assert len(pilot.app.screen_stack) == 1
        line = text_of(pilot.app.query_one(Timeline)).splitlines()[4]
        await pilot.click(Timeline, offset=(line.rindex("█") + 1, 4))
        assert chosen(pilot) == [5, 5]
        await pilot.click(Timeline, offset=(2, 4))
        assert chosen(pilot) == [5, 5]


@pytest.mark.slow
@pytest.mark.parametrize("part", [Transcript, MetricsTable, Timeline])
async def test_enter_tells_all_about_the_chosen_turn(
    controller: ScriptedController, part: type[Transcript | MetricsTable | Timeline]
):
    async with monitor(controller, (120, 60)) as pilot:
        await show(pilot, controller, session().snapshot())
        pilot.app.query_one(part).focus()
        await pilot.press("enter")
        assert len(pilot.app.screen_stack) == 1
        pilot.app.query_one(Transcript).focus()
        await pilot.press("up", "up", "up", "up")
        pilot.app.query_one(part).focus()
        await pilot.press("enter")
        await pilot.pause()
        said = " ".join(text_of(pilot.app.screen.query_one(DetailsText)).split())
        for metric in session().snapshot().marks.worth_showing(TURN_METRICS):
            assert f" {metric.label} " in said
        for what in (
            "How are you today?", "eot 410 ms", "speech onset 0:07.000", "at 7.000 s of audio", "speech end 0:09.000",
            "turn.start 0:07.200", "first text 0:07.400", "resumed 300 ms later: “How”",
            "resume 0:08.300", "confirmed: “How are you today?”", "turn.end 0:09.410", "threshold", "spurious no",
        ):  # fmt: skip
            assert what in said, what
        await pilot.press("y")
        assert clipboard(pilot) == " How are you today?"
        await pilot.press("enter")
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.slow
async def test_details_of_a_turn_that_never_ended(controller: ScriptedController):
    async with monitor(controller, (120, 60)) as pilot:
        script = Script().connect().event(1, "turn.start").event(2, "turn.update", "[b]I was\x1b[2J just")
        script.monitor.apply(ConnectionLost(3))
        await show(pilot, controller, script.to(4).snapshot())
        await pilot.press("up", "enter")
        await pilot.pause()
        said = text(pilot)
        assert "[b]I was[2J just" in said
        assert "it never ended: the connection was lost" in said


@pytest.mark.slow
async def test_details_say_what_settings_the_turn_ran_under(controller: ScriptedController):
    async with monitor(controller, (120, 60)) as pilot:
        script = Script().connect().turn(1, "before")
        script.monitor.apply(Configured(5, TurnSettings(end_threshold=0.45)))
        await show(pilot, controller, script.turn(6, "after").to(10).decided().snapshot())
        await pilot.press("up", "enter")
        await pilot.pause()
        assert "settings end 0.45, else server default" in " ".join(text(pilot).split())
        await pilot.press("enter", "up", "enter")
        await pilot.pause()
        assert "settings server default" in " ".join(text(pilot).split())


@pytest.mark.slow
async def test_details_say_in_what_languages_the_service_thinks_it_was(controller: ScriptedController):
    async with monitor(controller, (120, 60)) as pilot:
        script = Script().connect().event(1, "turn.start")
        told = [{"language": "en\x1b[2J", "confidence": 0.934}, {"language": "fr"}]
        script.event(2, "turn.end", "half and half", languages=told).turn(5, "nothing told")
        await show(pilot, controller, script.to(10).decided().snapshot())
        await pilot.press("up", "enter")
        await pilot.pause()
        assert "languages" not in text(pilot)
        await pilot.press("enter", "up", "enter")
        await pilot.pause()
        assert "languages en[2J 0.93, fr" in " ".join(text(pilot).split())


@pytest.mark.slow
async def test_search_finds_the_newest_first_and_goes_around(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("slash", *"FRIEND")
        assert chosen(pilot) == [3, 3]
        await pilot.press("enter")
        await pilot.pause()
        assert "2/2 found" in text_of(pilot.app.query_one(Transcript))
        for key, number in (("n", 1), ("n", 3), ("N", 1), ("N", 3)):
            await pilot.press(key)
            assert chosen(pilot) == [number, number]
        await show(pilot, controller, session().turn(40, "friend again").snapshot(50))
        await pilot.press("n")
        await pilot.pause()
        assert chosen(pilot) == [6, 6]
        assert "3/3 found" in text_of(pilot.app.query_one(Transcript))
        await pilot.press("escape")
        await pilot.pause()
        assert not pilot.app.query(SearchInput)
        assert "found" not in text_of(pilot.app.query_one(Transcript))
        await pilot.press("n")
        assert chosen(pilot) == [None, None]


@pytest.mark.slow
async def test_letters_typed_into_the_search_are_no_keys(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("slash", *"sqyn d?", "plus", "enter")
        await pilot.pause()
        assert controller.sent == [Start()]
        assert not pilot.app._exit
        assert "nothing found" in text_of(pilot.app.query_one(Transcript))
        await pilot.press("slash", *"[b]", "escape")
        assert not pilot.app.query_one(Transcript).searching


@pytest.mark.slow
@pytest.mark.parametrize("word", ["number", "quit", "mstfn"])
@pytest.mark.parametrize("kept", [False, True])
async def test_letters_in_one_bunch_with_the_slash_are_searched_for(
    controller: ScriptedController, word: str, *, kept: bool
):
    async with monitor(controller) as pilot:
        snapshot = session().snapshot()
        await show(
            pilot,
            controller,
            replace(snapshot, playback=Playback(1.0, paused=False, duration=30.0)) if kept else snapshot,
        )
        for key in ("slash", *word):
            pilot.app.simulate_key(key)
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.query_one(SearchInput).value == word
        assert not pilot.app._notifications
        assert not pilot.app._exit
        assert controller.sent == [Start()]


@pytest.mark.slow
async def test_y_copies_the_chosen_turn_and_all_of_it_verbatim(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("y", "Y")
        assert clipboard(pilot) == ""
        await show(pilot, controller, session().snapshot())
        await pilot.press("y")
        assert clipboard(pilot) == TEXTS[-1]
        await pilot.press("up", "up", "y")
        assert clipboard(pilot) == TEXTS[-2]
        await pilot.press("Y")
        await pilot.pause()
        assert clipboard(pilot) == "".join(TEXTS)
        assert "5 turns copied" in text(pilot)


@pytest.mark.slow
async def test_another_session_lets_go_of_what_was_chosen(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("slash", *"friend", "enter")
        await show(pilot, controller, Script(started_at="later").connect().snapshot(0.2))
        assert chosen(pilot) == [None, None]
        assert not pilot.app.query_one(Transcript).searching


@pytest.mark.slow
async def test_x_goes_to_the_worst_turn_and_then_to_the_next_and_enter_says_why(controller: ScriptedController):
    """Why was this turn late: two keys from a stopped session."""
    async with monitor(controller) as pilot:
        await pilot.press("x")
        assert chosen(pilot) == [None, None]
        await show(pilot, controller, session().snapshot())
        await pilot.press("x", "enter")
        await pilot.pause()
        assert chosen(pilot) == [5, 5]
        await pilot.press("escape", "x", "x", "x")
        assert chosen(pilot) == [2, 2]
        await pilot.press("x")
        assert chosen(pilot) == [5, 5], "from the worst again: the first of a connection is none"
        await pilot.press("up", "x")
        assert chosen(pilot) == [5, 5], "what was chosen otherwise does not count"


@pytest.mark.slow
async def test_capital_x_goes_through_the_cut_offs(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session().snapshot())
        await pilot.press("X")
        await pilot.pause()
        assert chosen(pilot) == [None, None]
        assert "no turn has been cut off" in text(pilot)
        script = Script(duration=None).connect()
        for number, back in enumerate((0.5, None, 0.8)):
            script.turn(1 + 6 * number, "one two")
            if back is not None:
                at = script.at + back
                script.to(at + 0.2).monitor.apply(SpeechOnset(at, at))
                script.monitor.apply(SpeechEnd(at + 0.2, at + 0.2))
        await show(pilot, controller, script.to(20).decided().snapshot())
        await pilot.press("X")
        await pilot.pause()
        assert chosen(pilot) == [1, 1]
        assert "~cut +0.5 s" in text(pilot)
        await pilot.press("X")
        assert chosen(pilot) == [3, 3]
        await pilot.press("X")
        await pilot.pause()
        assert chosen(pilot) == [1, 1]
        assert "from the first again" in text(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(150, 30), (200, 60)])
async def test_in_a_wide_window_details_are_docked_and_enter_goes_there_and_back(
    controller: ScriptedController, size: tuple[int, int]
):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, Script().connect().turn(1, "Hello there").turn(5, " again").to(9).snapshot())
        await pilot.press("up")
        await pilot.pause()
        dock = pilot.app.screen.query_one("#details-dock")
        assert "Turn 2" in text_of(dock)
        assert "again" in text_of(dock)
        main, before = pilot.app.screen, pilot.app.screen.focused
        await pilot.press("enter")
        assert (pilot.app.screen, pilot.app.screen.focused) == (main, dock)
        await pilot.press("enter")
        assert pilot.app.screen.focused is before
        await pilot.press("up")
        await pilot.pause()
        assert "Turn 1" in text_of(dock)
        await pilot.press("escape")
        await pilot.pause()
        assert not dock.display


@pytest.mark.slow
async def test_of_choices_in_one_go_the_details_of_the_last_are_docked(controller: ScriptedController):
    async with monitor(controller, (150, 30)) as pilot:
        script = Script().connect().turn(1, "Hello there").turn(5, " again").turn(9, " and again")
        await show(pilot, controller, script.to(12).snapshot())
        await pilot.press("up")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        for number in (1, 2, 3):  # none waits for what another shows
            screen.go_to_turn(number)
        await pilot.pause()
        assert "Turn 3" in text_of(screen.query_one("#details-dock"))
