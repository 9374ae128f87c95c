"""What is seen while there is no connection: nowhere anything that only a connection could tell."""

import pytest
from tests.ui.screen import in_every_size, monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.journal import Configured, ConnectionChanged, ConnectionLost, Quieted, SpeechOnset
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Retry
from stt_monitor.ui.widgets.error_bar import ErrorBar
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript
from stt_monitor.ui.widgets.turn_state import TurnStatePanel

REASON = "the service hung up (1011)"


def dropped() -> Script:
    script = Script(duration=90.0).connect().turn(1, "Hello there").turn(5, " Are you")
    script.event(9.0, "turn.start").to(10.0)
    script.monitor.apply(ConnectionLost(10.0))
    retry = Retry(1, 5, 12.0, REASON)
    script.monitor.apply(ConnectionChanged(10.1, Connection.RECONNECTING, f"{REASON}; attempt 1 of 5 in 2 s", retry))
    script.at = 14.0
    return script


@pytest.mark.slow
async def test_nothing_says_live_and_the_reason_is_there_at_the_first_failure(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, dropped().snapshot(14.0))
        async for size in in_every_size(pilot):
            assert "live" not in text(pilot), size
            assert "◈ reconnecting" in text_of(pilot.app.query_one(Header)), size
            assert REASON in " ".join(text_of(pilot.app.query_one(ErrorBar)).split()), size
            state = text_of(pilot.app.query_one(TurnStatePanel))
            assert not any(word in state for word in ("IDLE", "SPEAKING", "EAGER END")), size


async def test_the_timeline_marks_the_outage_for_good(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = dropped()
        await show(pilot, controller, script.snapshot(14.0))
        assert "no connection, state unknown" in text_of(pilot.app.query_one(TurnStatePanel))
        during = turn_lane(pilot.app.query_one(Timeline))
        assert during.rstrip().endswith("×")
        script.monitor.apply(ConnectionChanged(15.0, Connection.CONNECTED))
        await show(pilot, controller, script.snapshot(18.0))
        assert "● live" in text_of(pilot.app.query_one(Header))
        assert "connected again after 5.0 s" in text_of(pilot.app.query_one(TurnStatePanel))
        assert not pilot.app.query_one(ErrorBar).display
        after = turn_lane(pilot.app.query_one(Timeline))
        assert after.count("×") in (19, 20)  # five seconds of thirty, on 110 cells
        assert after.rstrip().endswith("·")


async def test_an_alarm_that_no_event_comes_goes_by_itself(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script(duration=90.0).connect()
        script.monitor.apply(SpeechOnset(1.0, 1.0))
        for second in range(2, 10):
            script.to(second).decided()
        await show(pilot, controller, script.snapshot(9.0))
        assert "! stalled 9 s" in text(pilot)
        assert "no event for 5." in text_of(pilot.app.query_one(ErrorBar))
        await show(pilot, controller, script.event(10.0, "turn.start").snapshot(10.0))
        assert "stalled" not in text(pilot)
        assert not pilot.app.query_one(ErrorBar).display


async def test_what_was_dismissed_stays_away(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = dropped()
        await show(pilot, controller, script.snapshot(14.0))
        await pilot.press("d")
        again = Retry(2, 5, 18.0, REASON)
        script.monitor.apply(
            ConnectionChanged(14.5, Connection.RECONNECTING, f"{REASON}; attempt 2 of 5 in 3 s", again)
        )
        await show(pilot, controller, script.snapshot(15.0))
        assert not pilot.app.query_one(ErrorBar).display


async def test_before_the_first_connection_nothing_says_live(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script()
        script.monitor.apply(ConnectionChanged(0.1, Connection.CONNECTING))
        script.at = 1.0
        await show(pilot, controller, script.snapshot())
        assert "◇ connecting 0:01" in text_of(pilot.app.query_one(Header))
        assert "live" not in text(pilot)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_timeline_transcript_and_table_tell_of_changes_pauses_and_outages(
    controller: ScriptedController, size: tuple[int, int]
):
    async with monitor(controller, size) as pilot:
        script = Script(duration=90.0).connect().turn(1, "Hello there")
        script.to(4.2).monitor.apply(Configured(4.2, TurnSettings(end_threshold=0.45)))
        script.turn(5, " Are you").to(8.0).monitor.apply(Quieted(8.0, quiet=True))
        await show(pilot, controller, script.snapshot(9.0))
        assert "‖ paused" in text_of(pilot.app.query_one(Transcript))
        script.to(9.5).monitor.apply(Quieted(9.5, quiet=False))
        script.to(10.0).monitor.apply(ConnectionLost(10.0))
        script.monitor.apply(ConnectionChanged(10.1, Connection.RECONNECTING, "", Retry(1, 5, 12.0, REASON)))
        script.to(11.8).monitor.apply(ConnectionChanged(11.8, Connection.CONNECTED))
        script.turn(12.5, " still there").to(16.0)
        await show(pilot, controller, script.snapshot(16.0))
        await pilot.press("home")
        await pilot.pause()
        transcript = pilot.app.query_one(Transcript)
        lines = (transcript.compose_line(y, transcript.measured_width) for y in range(transcript.virtual_size.height))
        assert " ".join(line.plain[15:].strip() for line in lines) == (
            f"Hello there ≡ settings: end 0.45 Are you ‖ paused 1.5 s ◆ reconnected after 1.8 s: {REASON} still there"
        )
        transcript.look_for("settings")
        assert transcript.match(1) is None
        table = pilot.app.query_one(MetricsTable)
        assert [table.compose_line(y, 40).plain[:5] for y in range(3)] == ["   1*", "≡  2 ", "◆  3*"]
        timeline = pilot.app.query_one("#timeline", Timeline)
        if timeline.display:
            assert ("≡ end 0.45" if size[1] > 44 else "≡") in text_of(timeline)
            assert "‖" in text_of(timeline)
            assert "◆" in text_of(timeline)


def turn_lane(timeline: Timeline) -> str:
    return next(line.strip("│") for line in text_of(timeline).splitlines() if "turn " in line and "▼" not in line)
