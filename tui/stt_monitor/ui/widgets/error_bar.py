"""Error bar: shows an error until it is dismissed."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.ui.lanes import name_of

_LONGEST: Final = 400
"""Characters shown of an error: it must not push the rest off the screen."""


class ErrorBar(Static):
    """The last error, why a retry is pending, or a warning; hidden without any."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._shown: tuple[tuple[int, str], str, int] | None = None
        self._dismissed: tuple[tuple[int, str], str, int] | None = None
        self._own_error = ""
        self.display = False

    def show(self, snapshot: Snapshot) -> None:
        """Show the errors of a snapshot, or why retries are pending, unless they were dismissed."""
        sentence = _sentences(snapshot) or self._own_error
        error = (snapshot.identity, sentence, sum(one.counts.errors for one in snapshot.lanes or (snapshot,)))
        if error == self._shown:
            return
        self._shown = error
        self.display = bool(sentence) and error != self._dismissed
        self._say(sentence, mark="✗" if _fails(snapshot) or self._own_error else "!")

    def show_error(self, sentence: str) -> None:
        """Show an error of the app, until it is dismissed or a session has one."""
        self._own_error = sentence
        self.display = True
        self._say(sentence)

    def dismiss(self) -> None:
        """Hide the error; it does not come back."""
        self._dismissed, self._own_error = self._shown, ""
        self.display = False

    def _say(self, sentence: str, *, mark: str = "✗") -> None:
        text = beginning(sentence, _LONGEST + 1)
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        self.update(Content.assemble((f"{mark} ", "bold"), text))


def _sentences(snapshot: Snapshot) -> str:
    """Return the problems; with several services, each after its name."""
    if not snapshot.lanes:
        return _sentence(snapshot)
    by_weight = sorted(snapshot.lanes, key=lambda lane: lane.running)  # in a small window those that ended come first
    wrong = ((name_of(lane), _sentence(lane)) for lane in by_weight)
    return " · ".join(f"{name}: {sentence}" for name, sentence in wrong if sentence)


def _fails(snapshot: Snapshot) -> bool:
    """Return whether something is wrong, and not just looks so."""
    return any(lane.error or lane.retry is not None for lane in snapshot.lanes or (snapshot,))


def _sentence(snapshot: Snapshot) -> str:
    if snapshot.retry is not None:
        return f"{snapshot.retry.reason or snapshot.detail or 'no connection'}; trying again"
    return snapshot.error or (snapshot.stall.sentence if snapshot.stall is not None else "") or snapshot.warning
