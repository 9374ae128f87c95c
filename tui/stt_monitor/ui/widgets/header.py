"""Header: name of the program, what goes where, what the status bar has no room for, and the state of the session."""

from collections.abc import Sequence
from math import ceil, inf
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.formatting import CONNECTION_GLYPHS, CONNECTION_STYLES, clock, justify, lit, quiet_word, richest
from stt_monitor.ui.lanes import name_of, names_of
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.widgets.route import routes
from stt_monitor.ui.widgets.status_bar import wordings
from stt_monitor.ui.widgets.status_segments import WORDINGS, waiting

_DOT: Final = Content(" · ")
_SETTINGS: Final = "settings"
"""The segment of the status bar that stands here if it does not fit there."""


class Header(LineWidget):
    """The header line."""

    def __init__(self, no_key: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Prepare; `no_key` is for `routes`."""
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._leaving = False
        self._lane = ""
        self._no_key = no_key

    def show(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Show a snapshot; with several services, that of the chosen one and that of all."""
        old, self._snapshot = self._snapshot, snapshot
        lane, self._lane = self._lane, _place(snapshot, whole)
        if old is None or lane != self._lane or _dependencies(old) != _dependencies(snapshot):
            self.redraw()

    def show_closing(self) -> None:
        """Show that the program is about to end."""
        self._leaving = True
        self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        name = Content.assemble(lit(" stt-monitor ", ".title"), (self._lane, ".flash"))
        right = richest(self._words(), width - name.cell_length - 3)
        room = width - name.cell_length - right.cell_length - 4
        return [justify(Content.assemble(name, "  ", richest(self._subjects(width), max(0, room))), right, width)]

    def _subjects(self, width: int) -> list[Content]:
        """Return wordings of what goes where and of what the status bar does not show, the richest first."""
        snapshot = self._snapshot
        if snapshot is None:
            return [Content("")]
        if snapshot.awaits_connection and snapshot.retry is not None:
            reason = clean(snapshot.retry.reason or snapshot.detail)
            return [Content.assemble((f"no connection: {reason}", ".warn"))]
        route, *shorter = map(Content, routes(snapshot, self._no_key))
        session = snapshot.session
        in_full, *_, in_short, _ = (wording(snapshot) for wording in WORDINGS[_SETTINGS])
        unsaid = bool(in_full) and not wordings(snapshot, width)[_SETTINGS]
        said = [route, *([in_full] if unsaid else [])]
        if session.url:
            said.append(Content(f"reference speech: {clean(session.reference)}"))
            chunks = f", {session.chunk_ms} ms chunks" if session.chunk_ms else ""  # of a call, not always known
            said.append(Content(f"{session.encoding} {session.sample_rate} Hz{chunks}"))
        subjects = [_DOT.join(said[:count]) for count in range(len(said), int(unsaid), -1)]
        if unsaid:
            subjects += [_DOT.join([each, in_short]) for each in (route, *shorter)]
        subjects += [*([] if not unsaid else [route]), *shorter, *([in_short] if unsaid else []), Content("")]
        return [subject.stylize(".label") for subject in subjects]

    def _words(self) -> list[Content]:
        """Return wordings of the state of the session, the richest first."""
        snapshot = self._snapshot
        if self._leaving:
            return [Content.assemble(("closing… ", ".warn"))]
        if snapshot is None:
            return [Content.assemble(("◇ ready ", ".faint"))]
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


def _place(snapshot: Snapshot, whole: Snapshot | None) -> str:
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


def _dependencies(snapshot: Snapshot) -> object:
    """Return everything that the line depends on."""
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
