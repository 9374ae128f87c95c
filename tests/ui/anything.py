"""Sessions, sweeps and calls of all kinds and at all moments, among them such as only the hostile would make."""

import json
from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec
from tests.core.what_if.made_up import session as with_likelihood
from tests.ui.lanes import several
from tests.ui.scripted import Script, ScriptedController
from tests.ui.sweeps import SCHEMA
from tests.ui.sweeps import state as sweep_state

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.core.commands import Stop
from stt_monitor.core.journal import Configured, ConnectionChanged, ConnectionLost, Quieted
from stt_monitor.core.listed_session import ListedService, RecordingInfo
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.session_options import (
    Available,
    Device,
    FileChannels,
    LocalService,
    SourceKind,
    UrlService,
    VendorService,
)
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.core.sweep.result import SweepState
from stt_monitor.core.text.sanitize import legible
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.services.cartesia import SERVICE

HOSTILE: Final = "\x1b[2J\x1b]0;x\x07[red]\u202e\u200b\ud800漢字🙂[/b]$error\r\n\t👩\u200d👩\u200d👧" + "长x" * 400
"""What a terminal, Rich or a layout might obey, or stumble over."""

_CHANGED: Final = TurnSettings(start_threshold=0.85, eager_end_threshold=0.5, end_threshold=0.35)


class Anything(ScriptedController):
    """Answers whatever the screen can ask of live and of saved sessions, of a sweep, and of a tap."""

    schema = SCHEMA
    head = TapHead("http://127.0.0.1:8766", f"ws://x/{HOSTILE}", saved_in=HOSTILE, keep=3, warnings=(HOSTILE, "two"))

    def __init__(self) -> None:
        super().__init__()
        self.show_state: Callable[..., None] = lambda _: None
        devices = (Device(0, "mic [0]", 1, 16000, default=True), Device(3, HOSTILE, 2, 48000, default=False))
        self.found = Available(
            devices,
            "",
            (LocalService(), VendorService(), UrlService("ws://127.0.0.1:1"), UrlService(f"ws://{HOSTILE}")),
            vendor_key_set=True,
            key_variable=SERVICE.key_variable,
            title=SERVICE.title,
            channels=FileChannels(HOSTILE, 3, "1", "2"),
            recent_addresses=(f"ws://{HOSTILE}/",),
        )
        self.saved = tuple(
            RecordingInfo(f"2026-11-2{n}_x", f"/s/{n}", "talk.wav", f"2026-11-2{n}T09:00:00Z", n, 3.0 * n)
            for n in range(9)
        )
        record = SessionRecord(
            HOSTILE,
            HOSTILE,
            "",
            HOSTILE,
            "pcm_s16le",
            16_000,
            100,
            Settings(HOSTILE, turn=_CHANGED),
            "vad",
            server=HOSTILE,
        )
        listed = ListedService(HOSTILE, record, 10**9, SessionResult(3, 1.0, 2.0, 10**6))
        self.saved += (
            RecordingInfo(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 10**9, 1e9, by_service=(listed, listed)),
            RecordingInfo(HOSTILE, HOSTILE, "", "", None, None, HOSTILE),
        )

    def stop(self) -> None:
        """Stop a sweep or a tap."""
        self.send(Stop())

    def watch(self, on_state: Callable[..., None], *_: object) -> None:
        """Keep whom to tell of cells or calls."""
        self.show_state = on_state

    def open(self, call: CallState) -> str:
        """Open every other call."""
        return HOSTILE if call.call % 2 else ""


@cache
def pictures() -> tuple[Snapshot, ...]:
    """Sessions of all kinds and at all moments."""
    script = Script().connect()
    taken = [script.snapshot()]
    for number in range(6):
        script.turn(1 + 5 * number, f" Hello my friend number {number}.", resumed=number % 2 == 1)
        taken.append(script.snapshot())
    taken.append(script.event(33, "turn.start").event(33.2, "turn.update", "and so [b]on").snapshot())
    taken.append(script.event(34, "turn.eager_end", "and so [b]on").snapshot())
    last = taken[-1]
    microphone = msgspec.structs.replace(last.audio, kind=SourceKind.MICROPHONE, quiet=True)
    replayed = msgspec.structs.replace(last.audio, kind=SourceKind.REPLAY)
    call = msgspec.structs.replace(last.audio, kind=SourceKind.CALL)
    playback = Playback(2.0, paused=True, duration=60.0)
    told = with_likelihood([(1.0, 1.3), (0.8, 4.0), (1.2, 0.7), (1.0, 4.0)], TurnSettings(), pace=1.2)
    return (
        *taken,
        msgspec.structs.replace(last, error="the service said no", retry=Retry(2, 5, 40.0)),
        msgspec.structs.replace(last, audio=microphone),
        msgspec.structs.replace(last, audio=replayed, playback=playback),
        msgspec.structs.replace(last, audio=call, session=msgspec.structs.replace(last.session, agent="channel 2")),
        msgspec.structs.replace(last, running=False, connection=Connection.CLOSED),
        told,
        msgspec.structs.replace(told, playback=playback),
        msgspec.structs.replace(told, running=True, session=msgspec.structs.replace(told.session, agent="right")),
        _eventful(),
        *several(),
        *_hostile(),
    )


def _eventful() -> Snapshot:
    """Return a session in which settings changed, the file paused, and the connection was lost, in mid-turn too."""
    script = Script().connect().turn(1.0, "Before.")
    script.monitor.apply(Configured(4.0, _CHANGED))
    script.monitor.apply(Quieted(4.5, quiet=True))
    script.monitor.apply(Quieted(5.0, quiet=False))
    script.turn(6.0, " Between.", resumed=True).event(10.0, "turn.start").event(10.2, "turn.update", " Broken")
    script.monitor.apply(Configured(10.3, TurnSettings(end_threshold=0.4)))
    script.monitor.apply(ConnectionLost(10.5))
    script.monitor.apply(ConnectionChanged(10.5, Connection.RECONNECTING, f"closed: {HOSTILE}"))
    script.monitor.apply(ConnectionChanged(12.0, Connection.CONNECTED))
    return script.event(12.0, "connected").turn(13.0, "After.").to(17).decided().snapshot()


def _hostile() -> tuple[Snapshot, ...]:
    """Return sessions in which every text is hostile."""
    source = HOSTILE.encode(errors="replace").decode()
    script = Script(source=HOSTILE, url=f"ws://{source}/", model=HOSTILE, started_at=HOSTILE).connect()
    script.turn(1.0, HOSTILE, resumed=True).turn(5.0, f" {HOSTILE}").event(9.0, HOSTILE[:20], HOSTILE)
    script.event(9.1, "error", title=HOSTILE, message=HOSTILE, status_code=400)
    going = script.event(10.0, "turn.start").event(10.2, "turn.update", HOSTILE).decided().snapshot()
    lost = msgspec.structs.replace(going, error=HOSTILE, detail=HOSTILE, retry=Retry(2, 5, 40.0), running=False)
    return going, lost, msgspec.structs.replace(going, connection=Connection.RECONNECTING, detail=HOSTILE)


@cache
def sweeps() -> tuple[SweepState, ...]:
    """Sweeps at all moments."""
    return (
        sweep_state(0),
        sweep_state(20, arms=("", "phone")),
        sweep_state(note=HOSTILE),
        sweep_state(over=True),
        SweepState((), 1),
    )


@cache
def calls() -> tuple[CallsState, ...]:
    """Lists of calls at all moments."""
    known = [
        CallState(number, "cartesia", state, 3.0 * number, turns=number, eot_p50_ms=400.0 + number, is_heard=True)
        for number, state in enumerate(("idle", "speaking", "eager_end", "speaking") * 4, 1)
    ]
    known += [
        CallState(17, HOSTILE, "over", 50.0, 1e6, ended=HOSTILE, turns=10**9, eot_p50_ms=1e9, folder=HOSTILE),
        CallState(18, "", "unwatched", 51.0, problem=HOSTILE, lag_s=1e6),
    ]
    return CallsState(), CallsState(tuple(known[:3]), 60.0, 3, 9), CallsState(tuple(known), 1e6, 18, 10**9, 7, 1, 9.0)


@cache
def frames() -> tuple[WireFrame, ...]:
    """Return what went over the wire."""
    raw = legible(HOSTILE)  # a text frame is UTF-8
    texts = (
        '{"type":"turn.start"}',
        json.dumps({"type": "turn.update", "transcript": HOSTILE}),
        json.dumps({"type": "turn.end", "transcript": raw}, ensure_ascii=False),
        json.dumps({"type": HOSTILE}),
        raw,
    )
    return (
        *(WireFrame(3.0 * at, sent=bool(at % 2), size=len(text), text=text) for at, text in enumerate(texts)),
        WireFrame(1.0, sent=True, size=3200, position=1.0, kind=FrameKind.BINARY),
        WireFrame(9.0, sent=False, size=25, text=raw, kind=FrameKind.CLOSE, code=1008),
        WireFrame(0.1, sent=False, size=0, text=f"/x?{raw}", kind=FrameKind.HANDSHAKE, code=101, took=0.01),
    )
