"""Status bar: audio, service, settings and connection, in the richest wordings that fit."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.widgets.status_segments import WORDINGS, YIELDING, stalled, waiting

_SEPARATOR: Final = (" │ ", ".faint")


class StatusBar(LineWidget):
    """The status bar."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or _dependencies(old) != _dependencies(snapshot):
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        if self._snapshot is None:
            return [Content.assemble((" no session yet", ".faint")).truncate(width)]
        return [status(self._snapshot, width)]


def _dependencies(snapshot: Snapshot) -> object:
    """Return everything that the line depends on."""
    return (
        snapshot.session,
        snapshot.connection,
        snapshot.audio,
        snapshot.health,
        snapshot.recording,
        snapshot.settings,
        stalled(snapshot),
        waiting(snapshot),
    )


def status(snapshot: Snapshot, width: int) -> Content:
    """Return the status line, at most `width` cells."""
    parts = [part for part in wordings(snapshot, width).values() if part]
    separated = [piece for part in parts for piece in (_SEPARATOR, part)]
    return Content.assemble(" ", *separated[1:]).truncate(max(0, width), ellipsis=True)


def wordings(snapshot: Snapshot, width: int) -> dict[str, Content]:
    """Return the wording of each segment in a line of `width` cells; empty if it does not fit."""
    said = {name: richest(snapshot) for name, (richest, *_) in WORDINGS.items()}
    shorter = {name: iter(others) for name, (_, *others) in WORDINGS.items()}
    for name in YIELDING:
        if _cells(said) <= width:
            break
        said[name] = next(shorter[name])(snapshot)
    return said


def _cells(said: dict[str, Content]) -> int:
    lengths = [part.cell_length for part in said.values() if part]
    return 1 + sum(lengths) + len(_SEPARATOR[0]) * (len(lengths) - 1)
