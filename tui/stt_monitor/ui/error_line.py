"""An error that stays until it is dismissed, in a place of its own."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text import clean

_LONGEST: Final = 400
"""Characters of an error that are shown: it must not push the rest from the screen."""


class ErrorLine(Static):
    """The last error; not there when there is none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shown: tuple[str, str, int] | None = None
        self.display = False

    def show(self, snapshot: Snapshot) -> None:
        """Show the error of a snapshot, unless it is the one that was dismissed."""
        error = (snapshot.session.started_at, snapshot.error, snapshot.counts.errors)
        if error == self._shown:
            return
        self._shown = error
        self.display = bool(snapshot.error)
        text = clean(snapshot.error)
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        self.update(Content.assemble(("✗ ", "bold"), text))
