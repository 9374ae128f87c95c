"""States by sizes by themes: what each looks like is on file (`snapshots.py` says how to renew it)."""

from collections.abc import Callable

import pytest
from tests.ui.screen import monitor, show
from tests.ui.scripted import Script, ScriptedController
from tests.ui.snapshots import assert_looks_as_before, left_over

from stt_monitor.core.records import Connection

SIZES = [(80, 24), (120, 35), (200, 60)]
WORDS = (
    "Hello there, I am calling about the booking that I made.",
    " It was for two, not for twenty.",
    " Yes, on Friday at eight o'clock.",
    " No, that is all, thank you.",
)


def talk() -> Script:
    script = Script(duration=60.0).connect()
    for number in range(12):
        at = 1.0 + 4 * number
        script.turn(at, WORDS[number % len(WORDS)], eot=0.3 + number % 5 / 10, resumed=number % 3 == 1)
    return script.to(51.0).decided()


def growing() -> Script:
    script = talk()
    script.to(51.4).monitor.speech_onset(51.4)
    script.event(51.6, "turn.start").event(52.0, "turn.update", " One more")
    return script.event(52.5, "turn.update", " One more thing, if you")


def guessed() -> Script:
    script = growing()
    script.to(53.0).monitor.speech_end(53.0)
    return script.event(53.3, "turn.eager_end", " One more thing, if you please")


def stopped() -> Script:
    script = guessed().event(53.6, "turn.end", " One more thing, if you please.").to(57).decided()
    script.running = False
    return script


def troubled() -> Script:
    script = guessed().event(53.5, "turn.eager_end", " One more thing, if you please")
    script.event(54, "error", status_code=400, title="Bad settings", message="end_threshold must be at most 1.")
    script.monitor.connection_lost(54.5)
    script.monitor.connection(Connection.RECONNECTING, "The service closed the connection (1011).", 54.5)
    return script


STATES: dict[str, tuple[Callable[[], Script] | None, tuple[str, ...]]] = {
    "ready": (None, ()),
    "connecting": (Script, ()),
    "speaking": (growing, ()),
    "eager-end": (guessed, ()),
    "resumed": (lambda: guessed().event(53.7, "turn.resume"), ()),
    "ended": (lambda: guessed().event(53.6, "turn.end", " One more thing, if you please."), ()),
    "stopped": (stopped, ()),
    "trouble": (troubled, ()),
    "chosen": (talk, ("up", "up", "up")),
    "search": (talk, ("slash", *"friday", "enter")),
    "details": (talk, ("up", "up", "enter")),
    "help": (talk, ("f1",)),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_looks_as_before(controller: ScriptedController, state: str, size: tuple[int, int]):
    make, keys = STATES[state]
    async with monitor(controller, size, autostart=make is not None) as pilot:
        if make is not None:
            script = make()
            await show(pilot, controller, script.snapshot(script.at + 0.2))
        await pilot.press(*keys)
        await pilot.pause()
        await assert_looks_as_before(pilot, f"{state}-{size[0]}x{size[1]}")


def test_every_file_is_looked_at():
    assert not left_over(f"{state}-{columns}x{rows}" for state in STATES for columns, rows in SIZES)
