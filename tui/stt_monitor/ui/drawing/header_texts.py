"""Texts of the header: what goes where, what the status bar has no room for, and the state of the session."""

from math import ceil, inf
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.drawing.route import routes
from stt_monitor.ui.drawing.status_line import wordings
from stt_monitor.ui.drawing.status_segments import WORDINGS, waiting
from stt_monitor.ui.formatting import CONNECTION_GLYPHS, CONNECTION_STYLES, clock, quiet_word
from stt_monitor.ui.lanes import name_of, names_of
from stt_monitor.ui.toolkit.fitting import lit

_DOT: Final = Content(" · ")
_SETTINGS: Final = "settings"
"""The segment of the status bar shown here if it does not fit there."""


def subjects(snapshot: Snapshot, no_key: str, width: int) -> list[Content]:
    """Return wordings of what goes where and of what the status bar does not show, the richest first.

    `no_key` is for `routes`, and `width` that of the line.
    """
    if snapshot.awaits_connection and snapshot.retry is not None:
        reason = clean(snapshot.retry.reason or snapshot.detail)
        return [Content.assemble((f"no connection: {reason}", ".warn"))]
    route, *shorter = map(Content, routes(snapshot, no_key))
    session = snapshot.session
    in_full, *_, in_short, _ = (wording(snapshot) for wording in WORDINGS[_SETTINGS])
    unsaid = bool(in_full) and not wordings(snapshot, width)[_SETTINGS]
    said = [route, *([in_full] if unsaid else [])]
    if session.url:
        said.append(Content(f"reference speech: {clean(session.reference)}"))
        chunks = f", {session.chunk_ms} ms chunks" if session.chunk_ms else ""  # of a call, not always known
        said.append(Content(f"{session.encoding} {session.sample_rate} Hz{chunks}"))
    found = [_DOT.join(said[:count]) for count in range(len(said), int(unsaid), -1)]
    if unsaid:
        found += [_DOT.join([each, in_short]) for each in (route, *shorter)]
    found += [*([] if not unsaid else [route]), *shorter, *([in_short] if unsaid else []), Content("")]
    return [subject.stylize(".label") for subject in found]


def words(snapshot: Snapshot) -> list[Content]:
    """Return wordings of the state of the session, the richest first."""
    present, of = snapshot.playing
    which = (f"{present} of {of}  " if of > 1 else "", ".label")
    if snapshot.playback is not None:
        return _replay(snapshot, snapshot.playback)
    at = f"{clock(snapshot.at)} "
    if snapshot.awaits_connection and snapshot.retry is not None:
        return _reconnecting(snapshot, snapshot.retry, at)
    live = _live(snapshot)
    return [Content.assemble(which, *live, at), Content.assemble(*live, at), Content.assemble(*live)]


def _reconnecting(snapshot: Snapshot, retry: Retry, at: str) -> list[Content]:
    """Return wordings of when the next attempt to connect comes, the richest first."""
    seconds = ceil(retry.at - snapshot.at)
    left = f"in {seconds} s" if seconds > 0 else "now"
    state, style = f"{CONNECTION_GLYPHS[snapshot.connection]} {snapshot.connection.value}", ".warn"
    return [
        Content.assemble((f"{state}, next try {left} ", style), at),
        Content.assemble((f"{state} {left} ", style), at),
        Content.assemble((f"{state} {left} ", style)),
        Content.assemble((f"{state} ", style)),
    ]


def chosen_lane(snapshot: Snapshot, whole: Snapshot | None) -> str:
    """Return which one of several services is chosen."""
    if whole is None or not whole.lanes:
        return ""
    names, name = names_of(whole.lanes), name_of(snapshot)
    return f"  ▸ {name} {names.index(name) + 1}/{len(names)}"


def _live(snapshot: Snapshot) -> list[Content | str | tuple[str, str]]:
    """Return the state of a live session: stopped, connecting, muted or live."""
    if not snapshot.running:
        return [("■ stopped ", ".warn")]
    if snapshot.awaits_connection:
        state = snapshot.connection
        return [(f"{CONNECTION_GLYPHS[state]} {state.value} ", CONNECTION_STYLES[state])]
    if snapshot.audio.quiet:
        return [lit(f" ‖ {quiet_word(snapshot.audio)} ", ".warn"), " "]
    return [("● live ", ".good")]


def _replay(snapshot: Snapshot, playback: Playback) -> list[Content]:
    """Return wordings of position and speed of a replay, the richest first."""
    speed = "max" if playback.speed == inf else f"{playback.speed:g}×"
    if not snapshot.running:
        sign: Content | tuple[str, str] = ("■ replay ", ".warn")
    elif playback.paused:
        sign = lit(" ‖ replay ", ".warn")
    else:
        sign = ("▶ replay ", ".good")
    length = f"/{clock(playback.duration)}" if playback.duration is not None else ""
    at = f"{clock(snapshot.at)}{length} "
    return [
        Content.assemble(sign, (f" {speed} ", ".label"), at),
        Content.assemble(sign, at),
        Content.assemble(sign),
    ]


def dependencies(snapshot: Snapshot) -> object:
    """Return everything that these texts depend on."""
    return (
        snapshot.session,
        snapshot.settings,
        snapshot.running,
        snapshot.connection,
        int(snapshot.at),
        snapshot.audio.quiet,
        snapshot.playing,
        snapshot.playback,
        waiting(snapshot),
        snapshot.detail,
    )
