"""One line on sound, service, settings and connection: the richest of several wordings that fits."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.widgets.status_segments import WORDINGS, YIELDING, waiting

_SEPARATOR: Final = (" │ ", ".faint")


class StatusBar(LineWidget):
    """The status line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or _said(old) != _said(snapshot):
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line."""
        if self._snapshot is None:
            return [Content.assemble((" no session yet", ".faint")).truncate(width)]
        return [status(self._snapshot, width)]


def _said(snapshot: Snapshot) -> object:
    """Return all that the line depends on."""
    return (
        snapshot.session,
        snapshot.connection,
        snapshot.audio,
        snapshot.health,
        snapshot.recording,
        snapshot.settings,
        waiting(snapshot),
    )


def status(snapshot: Snapshot, width: int) -> Content:
    """Return the status in at most `width` cells."""
    parts = [part for part in wordings(snapshot, width).values() if part]
    separated = [piece for part in parts for piece in (_SEPARATOR, part)]
    return Content.assemble(" ", *separated[1:]).truncate(max(0, width), ellipsis=True)


def wordings(snapshot: Snapshot, width: int) -> dict[str, Content]:
    """Return how each of `WORDINGS` is said in a line of so many cells; empty is what there is no room for."""
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
