"""States by sizes by themes: what each looks like is on file (`snapshots.py` says how to renew it)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.lanes import Run
from tests.ui import lanes
from tests.ui.screen import monitor, show
from tests.ui.scripted import Script, ScriptedController
from tests.ui.snapshots import difference, left_over
from textual.pilot import Pilot
from textual.widgets import Input

from stt_monitor.core.journal import Configured, ConnectionChanged, ConnectionLost, Quieted, SpeechEnd, SpeechOnset
from stt_monitor.core.metrics.definitions import RANKED_TURN_METRICS
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import Available, Device, LocalService, UrlService
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.drawing import metric_rows

LIKELIHOOD_S = 0.032
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
    script.to(51.4).monitor.apply(SpeechOnset(51.4, 51.4))
    script.event(51.6, "turn.start").event(52.0, "turn.update", " One more")
    return script.event(52.5, "turn.update", " One more thing, if you")


def guessed() -> Script:
    script = growing()
    script.to(53.0).monitor.apply(SpeechEnd(53.0, 53.0))
    return script.event(53.3, "turn.eager_end", " One more thing, if you please")


def stopped() -> Script:
    script = guessed().event(53.6, "turn.end", " One more thing, if you please.").to(57).decided()
    script.running = False
    return script


def troubled() -> Script:
    script = guessed().event(53.5, "turn.eager_end", " One more thing, if you please")
    script.event(54, "error", status_code=400, title="Bad settings", message="end_threshold must be at most 1.")
    script.monitor.apply(ConnectionLost(54.5))
    script.monitor.apply(ConnectionChanged(54.5, Connection.RECONNECTING, "The service closed the connection (1011)."))
    return script


def tuned() -> Script:
    script = Script(duration=90.0).connect()
    for number in range(14):
        at = 1.0 + 4 * number
        if number == 5:
            script.to(at - 1).monitor.apply(
                Configured(at - 1, TurnSettings(start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.4))
            )
        if number == 10:
            script.to(at - 1).monitor.apply(
                Configured(
                    at - 1,
                    TurnSettings(
                        start_threshold=0.75, eager_end_threshold=0.5, end_threshold=0.25, end_timeout_ms=4000
                    ),
                )
            )
        eot = (0.3 if number > 4 else 0.5) + number % 5 / 10
        script.turn(at, WORDS[number % len(WORDS)], eot=eot, resumed=number % 3 == 1)
    return script.to(60).decided()


def curved() -> Script:
    """The likelihood rises with each turn, and falls a while before its end, and at each hesitation."""
    script = growing()
    pictured = script.snapshot()
    turns = [finished.turn for finished in pictured.finished] + [turn for turn in (pictured.open_turn,) if turn]
    value, points = 0.0, []
    for step in range(round(script.at / LIKELIHOOD_S)):
        at = step * LIKELIHOOD_S
        speaking = any(
            turn.started_at - 0.2 <= at <= (turn.ended_at or script.at) - 0.4
            and not any(guess.at - 0.3 <= at <= (guess.resumed_at or guess.at) - 0.3 for guess in turn.eager_ends)
            for turn in turns
        )
        value += 0.35 * (0.97 - value) if speaking else 0.12 * (0.02 - value)
        points.append([at, round(value, 4)])
    return script.event(script.at, "x.likelihood", points=points)


def paused() -> Script:
    script = growing()
    script.monitor.apply(Quieted(0.0, quiet=True))
    return script


def frames() -> list[WireFrame]:
    messages: list[tuple[float, bool, str]] = [(0.1, False, '{"type":"connected","request_id":"7d1f"}')]
    for number in range(4):
        at, turn = 1.0 + 4 * number, f'"request_id":"7d1f","turn_id":"t{number}"'
        messages += [
            (at, False, f'{{"type":"turn.start",{turn}}}'),
            (at + 0.4, False, f'{{"type":"turn.update","transcript":"Hello",{turn}}}'),
            (at + 2.1, False, f'{{"type":"turn.eager_end","transcript":"Hello there",{turn}}}'),
            (at + 2.3, False, f'{{"type":"turn.end","transcript":"Hello there, I am calling about it.",{turn}}}'),
        ]
    messages.append((20, True, '{"type":"config","turn":{"end_threshold":0.4}}'))
    messages.append((21, False, '{"type":"error","status_code":400,"message":"[/b] \\u001b[2J"}'))
    said = [WireFrame(at, sent=sent, size=len(text), text=text) for at, sent, text in messages]
    ours = "/stt/turns/websocket?model=ink-2&encoding=pcm_s16le&sample_rate=16000&access_token=***"
    said += [
        WireFrame(20.5, sent=True, size=4, kind=FrameKind.PING),
        WireFrame(20.6, sent=False, size=4, kind=FrameKind.PONG, took=0.1),
        WireFrame(21.1, sent=False, size=25, text="Invalid turn thresholds", kind=FrameKind.CLOSE, code=1008),
    ]
    return [
        WireFrame(0.01, sent=False, size=0, text=ours, kind=FrameKind.HANDSHAKE, code=101, took=0.0062),
        *(WireFrame(n / 10, sent=True, size=3200, position=n / 10, kind=FrameKind.BINARY) for n in range(20)),
        *said,
    ]


@pytest.fixture(autouse=True)
def _six_metrics(monkeypatch: pytest.MonkeyPatch):
    """The table is pictured with the most wanted metrics alone, so that another one needs no new pictures."""
    monkeypatch.setattr(metric_rows, "RANKED_TURN_METRICS", RANKED_TURN_METRICS[:7])
    metric_rows.columns.cache_clear()
    yield
    metric_rows.columns.cache_clear()


STATES: dict[str, tuple[Callable[[], Script | Run] | None, tuple[str, ...]]] = {
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
    "likelihood": (curved, ()),
    "paused": (paused, ()),
    "figure": (talk, ("f", "f", "up", "up")),
    "tuning": (tuned, ("t", "down", "right", "right", "right", "right", "right", "right")),
    "comparison": (tuned, ("c",)),
    "wire": (growing, ("w",)),
    "wire-chosen": (growing, ("w", "up", "up")),
    "wire-filter": (growing, ("w", "slash", *"turn.end")),
    "input": (talk, ("i",)),
    "endpoint": (talk, ("e", "down")),
    "timeline": (guessed, ("v",)),
    "beside": (lanes.growing, ()),
    "beside-texts": (lanes.growing, ("v",)),
    "beside-trouble": (lanes.troubled, ("l",)),
}
OWN_SIZES = {
    "beside": ((40, 12), (80, 24), (160, 50)),
    "beside-texts": ((40, 12), (80, 24)),
    "beside-trouble": ((80, 24), (120, 35)),
}
"""Of those that are not pictured in all `SIZES`."""
OFFERS = Available(
    devices=(
        Device(0, "Built-in [b]Audio\x1b[2J", 2, 44_100, default=False),
        Device(3, "Headset", 1, 16_000, default=True),
    ),
    problem="",
    services=(LocalService(), UrlService("wss://stt.example.org/turns?access_token=hush")),
    vendor_key_set=False,
    key_variable=SERVICE.key_variable,
    title=SERVICE.title,
)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
async def test_looks_as_before(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One app for all sizes: mounting it takes longer than all pictures of it."""
    monkeypatch.chdir(tmp_path)  # for the list of recordings
    differences: list[str] = []
    sizes = OWN_SIZES.get(state, SIZES)
    async with brought_to(state, sizes[0]) as pilot:
        for columns, rows in sizes:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            workers = pilot.app.workers
            await workers.wait_for_complete([one for one in workers if one.group == "details"])  # mounts the dock
            await pilot.pause()
            differences.append(await difference(pilot, f"{state}-{columns}x{rows}"))
    if any(differences):
        pytest.fail("\n".join(filter(None, differences)), pytrace=False)


@asynccontextmanager
async def brought_to(state: str, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
    """Run the app, in a state that nothing changes by itself but time."""
    controller = ScriptedController()
    controller.found = OFFERS
    make, keys = STATES[state]
    async with monitor(controller, size, autostart=make is not None) as pilot:
        if make is not None:
            for frame in frames():
                controller.show_frame(frame)
            script = make()
            await show(pilot, controller, script.snapshot(script.at + 0.2))
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        for line in pilot.app.screen.query(Input):
            line.cursor_blink = False
        yield pilot


def test_every_file_is_looked_at():
    sizes = {state: OWN_SIZES.get(state, SIZES) for state in STATES}
    assert not left_over(f"{state}-{columns}x{rows}" for state in STATES for columns, rows in sizes[state])
