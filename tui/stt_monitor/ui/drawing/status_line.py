"""The line of the status bar: audio, service, settings and connection, in the richest wordings that fit."""

from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.status_segments import WORDINGS, YIELDING, stalled, waiting

_SEPARATOR: Final = (" │ ", ".faint")


def dependencies(snapshot: Snapshot) -> object:
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
