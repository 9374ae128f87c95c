"""Header: name of the program, what the status bar has no room for, and the state of the session."""

from collections.abc import Sequence
from math import inf
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.formatting import CONNECTION_GLYPHS, CONNECTION_STYLES, clock, justify, lit, quiet_word, richest
from stt_monitor.ui.lanes import name_of, names_of
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.widgets.status_bar import wordings
from stt_monitor.ui.widgets.status_segments import WORDINGS

_DOT: Final = Content(" · ")
_WANTED: Final = ("settings", "model", "service", "source")
"""Segments of the status bar that stand here if they do not fit there, most wanted first."""


class Header(LineWidget):
    """The header line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._leaving = False
        self._lane = ""

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
        right = self._word()
        room = width - name.cell_length - right.cell_length - 4
        return [justify(Content.assemble(name, "  ", richest(self._subjects(width), max(0, room))), right, width)]

    def _subjects(self, width: int) -> list[Content]:
        """Return wordings of what the status bar does not show, the richest first."""
        if self._snapshot is None or not self._snapshot.session.url:  # no session yet
            return [Content("")]
        snapshot, session = self._snapshot, self._snapshot.session
        beneath = wordings(snapshot, width)
        unsaid = [WORDINGS[name] for name in _WANTED if WORDINGS[name][0](snapshot) and not beneath[name]]
        said = [richest(snapshot) for richest, *_ in unsaid]
        said.append(Content(f"reference speech: {clean(session.reference)}"))
        said.append(Content(f"{session.encoding} {session.sample_rate} Hz, {session.chunk_ms} ms chunks"))
        subjects = [_DOT.join(said[:count]) for count in range(len(said), 0, -1)]
        subjects += [shortest(snapshot) for *_, shortest, _ in unsaid[:1]]
        return [subject.stylize(".label") for subject in (*subjects, Content(""))]

    def _word(self) -> Content:
        snapshot = self._snapshot
        if self._leaving:
            return Content.assemble(("closing… ", ".warn"))
        if snapshot is None:
            return Content.assemble(("◇ ready ", ".faint"))
        present, of = snapshot.playing
        which = (f"{present} of {of}  " if of > 1 else "", ".label")
        if snapshot.playback is not None:
            return Content.assemble(*_replay(snapshot, snapshot.playback))
        return Content.assemble(which, *_live(snapshot), f"{clock(snapshot.at)} ")


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


def _replay(snapshot: Snapshot, playback: Playback) -> list[Content | tuple[str, str]]:
    """Return position and speed of a replay."""
    speed = "max" if playback.speed == inf else f"{playback.speed:g}×"
    if not snapshot.running:
        sign: Content | tuple[str, str] = ("■ replay ", ".warn")
    elif playback.paused:
        sign = lit(" ‖ replay ", ".warn")
    else:
        sign = ("▶ replay ", ".good")
    length = f"/{clock(playback.duration)}" if playback.duration is not None else ""
    return [sign, (f" {speed} ", ".label"), (f"{clock(snapshot.at)}{length} ", "")]


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
    )
