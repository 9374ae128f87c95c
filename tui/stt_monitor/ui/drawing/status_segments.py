"""Segments of the status bar: their wordings, the richest first, and which are shortened first."""

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Final

from textual.content import Content

from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import arms_of
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.core.stall import Blame
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.services.registry import schema_of, service, service_of
from stt_monitor.ui.formatting import (
    CONNECTION_GLYPHS,
    CONNECTION_STYLES,
    clock,
    host,
    milliseconds,
    on_this_machine,
    quiet_word,
    settings_asked,
    settings_in_full,
    settings_in_short,
)
from stt_monitor.ui.toolkit.fitting import lit

_METER_FLOOR_DB: Final = -60.0
"""Lowest level of the meter."""
_CLIPPING_DB: Final = -0.1
"""Peaks above this are clipped, or nearly."""
_LONG_QUEUE_S: Final = 0.5
"""More audio (s) than this waits to be sent only if something is wrong."""

_BLAMED: Final = {
    Blame.LINE: "line",
    Blame.SERVICE: "service",
    Blame.MACHINE: "this machine",
    Blame.UNKNOWN: "cannot tell why",
}

Wording = Callable[[Snapshot], Content]


def meter(level_db: float | None, cells: int) -> Content:
    """Return a level as a bar of `cells` cells."""
    if level_db is None:
        return Content.assemble(("▯" * cells, ".faint"))
    full = round(min(1.0, max(0.0, 1 - level_db / _METER_FLOOR_DB)) * cells)
    return Content.assemble(
        ("▮" * full, ".bad" if level_db > _CLIPPING_DB else ".good"), ("▯" * (cells - full), ".faint")
    )


def _connection(snapshot: Snapshot, *, word: bool, round_trip: bool) -> Content:
    """Return the state of the connection and its round trip; without room, the round trip alone."""
    state, measured = snapshot.connection, snapshot.health.round_trip
    text, style = CONNECTION_GLYPHS[state], CONNECTION_STYLES[state]
    told = round_trip and measured is not None and measured <= SLOW_S and state is Connection.CONNECTED
    if word or (round_trip and not told):
        text += f" {state.value}"
    if not told or measured is None:
        return Content.assemble((text + waiting(snapshot), style))
    return Content.assemble((text, style), (", rtt " if word else " rtt ", ".label"), f"{milliseconds(measured)} ms")


def waiting(snapshot: Snapshot) -> str:
    """Return the number of the pending attempt to connect, and the seconds until it; empty without one."""
    retry = snapshot.retry
    if retry is None:
        return ""
    attempt = f"{retry.attempt}" if retry.attempts is None else f"{retry.attempt}/{retry.attempts}"
    return f" {attempt} in {max(0, ceil(retry.at - snapshot.at))} s"


def _source(snapshot: Snapshot, *, cells: int, degraded: int) -> Content:
    """Return the source, its channel, and in at most `degraded` cells what is done to it."""
    channel = f", {clean(snapshot.session.sent_channel)}" if snapshot.session.channel else ""
    name = Content(clean(snapshot.session.source)).truncate(max(8, cells - len(channel)), ellipsis=True)
    arms = Content(clean(arms_of(snapshot.session))).truncate(degraded, ellipsis=True)
    return Content.assemble(name, channel, " · " if arms else "", (arms.plain, ".warn"))


def _degraded(snapshot: Snapshot) -> Content:
    return Content.assemble(("degraded" if arms_of(snapshot.session) else "", ".warn"))


def _progress(snapshot: Snapshot, *, bar: int, tenths: bool) -> Content:
    audio = snapshot.audio
    position, duration = audio.played if audio.kind is SourceKind.FILE else audio.position, audio.duration
    at = clock(position, tenths=tenths)
    if not duration:
        return Content(at)
    text = f"{at}/{clock(duration, tenths=tenths)}"
    share = min(1.0, position / duration)
    if not bar:  # the time is drawn as the bar
        played = round(share * len(text))
        return Content.assemble(lit(text[:played], ".progress"), text[played:])
    done = round(share * bar)
    return Content.assemble(text, " ", ("━" * done, ".progress"), ("─" * (bar - done), ".faint"))


def _position(snapshot: Snapshot) -> Content:
    """Return the position alone."""
    audio = snapshot.audio
    return Content(clock(audio.played if audio.kind is SourceKind.FILE else audio.position))


def _level(snapshot: Snapshot, *, cells: int, number: bool) -> Content:
    if snapshot.audio.quiet and snapshot.running:
        return lit(f" ‖ {quiet_word(snapshot.audio)} ", ".warn")
    level = snapshot.audio.level_db
    clipping = level is not None and level > _CLIPPING_DB
    if not number:
        return Content.assemble((f"{'CLIP':<{cells}}", ".bad")) if clipping else meter(level, cells)
    if clipping:
        text = (f"{'CLIP':>6}", ".bad")
    else:
        text = (f"{max(level, -99.0):>3.0f} dB" if level is not None else f"{NO_VALUE:>3} dB", ".label")
    return Content.assemble(meter(level, cells), " ", text)


def _model(snapshot: Snapshot) -> Content:
    """Return the requested model; the local server, which has its own, is named by `_service`."""
    asked = snapshot.session.url and not snapshot.session.server
    return Content(clean(snapshot.session.model) if asked else "").truncate(20, ellipsis=True)


def _service(snapshot: Snapshot, *, short: bool) -> Content:
    where = host(snapshot.session.url)
    if snapshot.session.server:
        return _local_server(snapshot, where, short=short)
    if not short:
        return Content(where).truncate(28, ellipsis=True)
    return Content("local") if on_this_machine(where) else Content(where).truncate(15, ellipsis=True)


def _local_server(snapshot: Snapshot, where: str, *, short: bool) -> Content:
    """Return the local server, with its protocol if not the usual one, and its host if not this machine."""
    spoken, name = service_of(snapshot.session), clean(snapshot.session.server)
    usual = spoken is service()
    if short:
        return Content(name.partition(" (")[0] if usual else f"local ({spoken.name})")
    if not usual:
        name += f", {spoken.name} protocol"
    return Content(name if on_this_machine(where) or not where else f"{name} at {where}").truncate(
        44 if usual else 60, ellipsis=True
    )


def _settings(snapshot: Snapshot, wording: Callable[[Schema, TurnSettings], str]) -> Content:
    if not snapshot.session.url:  # no session yet
        return Content("")
    return Content(wording(schema_of(snapshot.session), snapshot.settings))


def _lag(snapshot: Snapshot) -> Content:
    """Return the send lag and the lag of the local server; larger ones are troubles."""
    lags = {"lag": snapshot.health.send_lag, "server lag": snapshot.health.server_lag}
    said = [
        Content.assemble((f"{name} ", ".label"), f"{milliseconds(lag)} ms")
        for name, lag in lags.items()
        if lag is not None and lag <= SLOW_S
    ]
    return Content(", ").join(said)


def _recording(snapshot: Snapshot, *, word: str) -> Content:
    kept = snapshot.recording is not None and not snapshot.recording.stopped
    return Content.assemble((word, ".label")) if kept else Content("")


def stalled(snapshot: Snapshot) -> int | None:
    """Return for how many seconds no event has come where that is an alarm; None where it is none."""
    if snapshot.stall is None or not snapshot.running:
        return None
    return round(snapshot.at - snapshot.stall.since)


def _stall(snapshot: Snapshot, *, blame: bool) -> Content:
    """Return the alarm that no event comes, for how long, and whose fault that is."""
    seconds = stalled(snapshot)
    if seconds is None or snapshot.stall is None:
        return Content("")
    whose = f" ({_BLAMED[snapshot.stall.blame]})" if blame else ""
    return lit(f" ! stalled {seconds} s{whose} ", ".bad")


def _troubles(snapshot: Snapshot) -> list[str]:
    """Return problems of audio, connection and recording, past and present, the worst first."""
    health = snapshot.health
    round_trip = health.round_trip if snapshot.connection is Connection.CONNECTED else None
    unrecorded = snapshot.recording.stopped if snapshot.recording is not None else ""
    said = (
        (health.dropped_s > 0, f"dropped {health.dropped_s:.1f} s"),
        (health.overruns > 0, f"overruns {health.overruns}"),
        (bool(unrecorded), f"recording stopped: {clean(unrecorded)}"),
        (health.waiting_s > _LONG_QUEUE_S, f"waiting {health.waiting_s:.1f} s"),
        (_slow(health.send_lag), f"lag {milliseconds(health.send_lag)} ms"),
        (_slow(round_trip), f"rtt {milliseconds(round_trip)} ms"),
        (_slow(health.server_lag), f"server lag {milliseconds(health.server_lag)} ms"),
        (health.unconfirmed_s > 0, f"unconfirmed {health.unconfirmed_s:.1f} s"),
        (health.resent_s > 0, f"sent again {health.resent_s:.1f} s"),
        (health.clipped > 0, f"clipped {health.clipped}"),
        (health.reconnects > 0, f"reconnects {health.reconnects}"),
    )
    return [words for wrong, words in said if wrong]


def _slow(lag: float | None) -> bool:
    """Return whether a lag makes current turns slow."""
    return lag is not None and lag > SLOW_S


def _trouble(snapshot: Snapshot) -> Content:
    return Content.assemble((", ".join(_troubles(snapshot)), ".bad"))


def _worst(snapshot: Snapshot, *, reason: bool) -> Content:
    first, *others = _troubles(snapshot) or [""]
    first = first if reason else first.partition(":")[0]
    return Content.assemble((f"{first} +{len(others)}" if others else first, ".bad"))


def _nothing(snapshot: Snapshot) -> Content:  # noqa: ARG001 - a wording like the others
    return Content("")


WORDINGS: Final[dict[str, tuple[Wording, ...]]] = {
    "connection": (
        partial(_connection, word=True, round_trip=True),
        partial(_connection, word=False, round_trip=True),
        partial(_connection, word=False, round_trip=False),
    ),
    "stall": (partial(_stall, blame=True), partial(_stall, blame=False)),
    "trouble": (_trouble, partial(_worst, reason=True), partial(_worst, reason=False), _nothing),
    "recording": (partial(_recording, word="● rec"), partial(_recording, word="rec"), _nothing),
    "source": (
        partial(_source, cells=32, degraded=60),
        partial(_source, cells=20, degraded=20),
        partial(_source, cells=12, degraded=10),
        _degraded,
        _nothing,
    ),
    "time": (
        partial(_progress, bar=14, tenths=True),
        partial(_progress, bar=8, tenths=False),
        partial(_progress, bar=5, tenths=False),
        partial(_progress, bar=0, tenths=False),
        _position,
        _nothing,
    ),
    "level": (
        partial(_level, cells=10, number=True),
        partial(_level, cells=5, number=True),
        partial(_level, cells=5, number=False),
        _nothing,
    ),
    "model": (_model, _nothing),
    "service": (partial(_service, short=False), partial(_service, short=True), _nothing),
    "settings": (
        partial(_settings, wording=settings_in_full),
        partial(_settings, wording=settings_asked),
        partial(_settings, wording=settings_in_short),
        _nothing,
    ),
    "lag": (_lag, _nothing),
}
"""Segments from left to right; the richest wording of each first."""

YIELDING: Final = (
    "time", "level", "lag", "connection", "settings", "source", "settings", "service", "level", "recording", "source",
    "time", "time", "model", "service", "recording", "source", "settings", "trouble", "level", "stall", "connection",
    "time", "trouble", "time", "source", "trouble",
)  # fmt: skip
"""While the line is too long, one segment after another takes its next wording."""
