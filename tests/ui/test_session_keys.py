"""Keys for the session, and what they say they do: restart, pause and mute, retry."""

import asyncio

import msgspec
import pytest
from tests.ui.screen import in_every_size, monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.commands import Mute, RetryNow, Start, Stop
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.ui.leaving_app import POLL_S
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.status_bar import StatusBar


def session(kind: SourceKind, *, quiet: bool) -> Snapshot:
    snapshot = Script().connect().turn(1, "Hello there").snapshot(5)
    audio = msgspec.structs.replace(snapshot.audio, kind=kind, quiet=quiet, played=4.0)
    return msgspec.structs.replace(snapshot, audio=audio)


def footer(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.query_one(KeyLine))


async def test_a_replay_has_its_own_keys_from_its_first_frame(controller: ScriptedController):
    controller.has_live = False
    async with monitor(controller, (160, 50)) as pilot:
        before = footer(pilot)
        began = Script().connect().snapshot(0.1)
        audio = msgspec.structs.replace(began.audio, kind=SourceKind.REPLAY)
        playback = Playback(1.0, paused=False, duration=9.0)
        await show(pilot, controller, msgspec.structs.replace(began, audio=audio, playback=playback))
        assert "m Pause" in before
        assert "] Faster" in before
        assert "t Tune" not in before
        assert footer(pilot) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (SourceKind.FILE, ("Pause", "Resume", "paused")),
        (SourceKind.MICROPHONE, ("Mute", "Unmute", "muted")),
        (SourceKind.PIPE, ("Mute", "Unmute", "muted")),
    ],
)
async def test_m_makes_quiet_and_loud_again_and_says_so(
    controller: ScriptedController, kind: SourceKind, words: tuple[str, str, str]
):
    quiet, loud, word = words
    async with monitor(controller) as pilot:
        assert "m " not in footer(pilot)
        await show(pilot, controller, session(kind, quiet=False))
        assert f"m {quiet} " in footer(pilot)
        assert word not in text(pilot)
        await pilot.press("m")
        assert controller.sent == [Start(), Mute(on=True)]
        await show(pilot, controller, session(kind, quiet=True))
        assert f"m {loud} " in footer(pilot)
        assert f"‖ {word}" in text_of(pilot.app.query_one(Header))
        assert f"‖ {word}" in text_of(pilot.app.query_one(StatusBar))
        await pilot.press("m")
        assert controller.sent == [Start(), Mute(on=True), Mute(on=False)]
        stopped = msgspec.structs.replace(session(kind, quiet=True), running=False)
        await show(pilot, controller, stopped)
        assert "‖" not in text_of(pilot.app.query_one(Header))
        await pilot.press("m")
        assert controller.sent == [Start(), Mute(on=True), Mute(on=False)]


@pytest.mark.slow
async def test_it_is_plain_to_see_in_every_size_that_it_is_quiet(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session(SourceKind.MICROPHONE, quiet=True))
        async for size in in_every_size(pilot):
            assert "‖ muted" in text_of(pilot.app.query_one(Header)), size


async def test_a_paused_file_stays_where_it_is(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session(SourceKind.FILE, quiet=True))
        assert "0:04/0:31" in text_of(pilot.app.query_one(StatusBar))


@pytest.mark.slow
async def test_r_connects_at_once_while_a_retry_is_waited_for(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script().connect().turn(1, "Hello there")
        await show(pilot, controller, script.snapshot(5))
        await pilot.press("r")
        assert "Retry now" not in footer(pilot)
        assert controller.sent == [Start()]
        waiting = msgspec.structs.replace(
            script.snapshot(6), retry=Retry(attempt=2, attempts=8, at=9.4), connection=Connection.RECONNECTING
        )
        await show(pilot, controller, waiting)
        assert "r Retry now" in footer(pilot)
        assert "reconnecting 2/8 in 4 s" in text_of(pilot.app.query_one(StatusBar))
        await show(pilot, controller, msgspec.structs.replace(waiting, at=8.5))
        assert "reconnecting 2/8 in 1 s" in text_of(pilot.app.query_one(StatusBar))
        await pilot.press("r")
        assert controller.sent == [Start(), RetryNow()]
        await show(pilot, controller, script.snapshot(10))
        assert "Retry now" not in footer(pilot)


async def test_shift_r_stops_the_session_and_starts_another_when_it_is_over():
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        await show(pilot, controller, session(SourceKind.FILE, quiet=False))
        await pilot.press("R")
        await asyncio.sleep(POLL_S * 2)
        assert controller.sent == [Start(), Stop()]
        controller.running = False
        while len(controller.sent) < 3:  # noqa: ASYNC110  the controller has no event for it
            await asyncio.sleep(POLL_S)
        assert controller.sent == [Start(), Stop(), Start()]


async def test_nothing_is_restarted_while_the_program_leaves():
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        await pilot.press("R", "q")
        controller.running = False
        await asyncio.sleep(POLL_S * 3)
    assert controller.sent.count(Start()) == 1


async def test_one_of_several_files_says_which_one_it_is(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, msgspec.structs.replace(session(SourceKind.FILE, quiet=False), playing=(2, 3)))
        assert "2 of 3  ● live" in text_of(pilot.app.query_one(Header))
