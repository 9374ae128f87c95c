"""An error that stays until it is dismissed, in a place of its own."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import beginning

_LONGEST: Final = 400
"""Characters of an error that are shown: it must not push the rest from the screen."""


class ErrorBar(Static):
    """The last error, or why a connection is waited for; not there when there is nothing to say."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shown: tuple[str, str, int] | None = None
        self._dismissed: tuple[str, str, int] | None = None
        self._told = ""
        self.display = False

    def show(self, snapshot: Snapshot) -> None:
        """Show the error of a snapshot, or why there is no connection just now, unless that was dismissed."""
        sentence = snapshot.error
        if snapshot.retry is not None:
            reason = snapshot.retry.reason or snapshot.detail or "no connection"
            sentence = f"{reason}; trying again"
        sentence = sentence or self._told
        error = (snapshot.session.started_at, sentence, snapshot.counts.errors)
        if error == self._shown:
            return
        self._shown = error
        self.display = bool(sentence) and error != self._dismissed
        self._say(sentence)

    def tell(self, sentence: str) -> None:
        """Show an error of the screen's own, until it is dismissed or a session has one."""
        self._told = sentence
        self.display = True
        self._say(sentence)

    def dismiss(self) -> None:
        """Take it off the screen; it does not come back."""
        self._dismissed, self._told = self._shown, ""
        self.display = False

    def _say(self, sentence: str) -> None:
        text = beginning(sentence, _LONGEST + 1)
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        self.update(Content.assemble(("✗ ", "bold"), text))
