"""What the keys of the main screen do with the transcript: search it, and copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stt_monitor.core.text.wording import plural
from stt_monitor.services.registry import dialect_of
from stt_monitor.ui.toolkit.parts import ScreenPart

if TYPE_CHECKING:
    from textual.widgets import Input

    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.screens.rest import Rest

_NOTHING_TO_COPY: Final = "no turn has ended yet: nothing to copy"


class TranscriptActions(ScreenPart):
    """Searches and copies the transcript of the snapshot shown."""

    _snapshot: Snapshot | None = None
    _chosen: int | None = None
    """Number of the chosen turn."""

    @property
    def _rest(self) -> Rest:
        """What is mounted after the first paint."""
        raise NotImplementedError

    def _choose(self, number: int | None) -> None:
        """Choose a turn in all widgets."""
        raise NotImplementedError

    async def action_search(self) -> None:
        """Open the search of the transcript."""
        from stt_monitor.ui.widgets.search_input import SearchInput

        if not self.query(SearchInput):
            await self.query_one("#left").mount(SearchInput(id="search"))
        self.query_one(SearchInput).begin()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Search while the user types; choose the newest match."""
        found = self._rest.transcript.look_for(message.value)
        if found is not None:
            self._choose(found)

    def on_input_submitted(self) -> None:
        """Leave the input, so that keys go from match to match."""
        self._rest.transcript.focus()
        if not self._rest.transcript.searching:
            self.end_search()

    def action_match(self, by: int) -> None:
        """Go to the next (1) or previous (-1) match."""
        self._choose(self._rest.transcript.match(by))

    def action_copy_turn(self) -> None:
        """Copy the text of the chosen turn, or of the newest, unchanged."""
        snapshot = self._snapshot
        if snapshot is not None and snapshot.finished:
            turn = (snapshot.turn(self._chosen) or snapshot.finished[-1]).turn
            self._copy(turn.transcript, f"Turn {turn.number} copied")
        else:
            self.notify(_NOTHING_TO_COPY, timeout=2, markup=False)

    def action_copy_all(self) -> None:
        """Copy the whole transcript: the texts of ended turns, joined by the service's joiner."""
        from stt_monitor.core.turns.turn import EndReason, transcript  # not before the first paint

        snapshot = self._snapshot
        turns = () if snapshot is None else [one.turn for one in snapshot.finished]
        ended = [turn for turn in turns if turn.end_reason is not EndReason.DANGLING]
        if snapshot is not None and ended:
            text = transcript(ended, dialect_of(snapshot.session).joiner)
            self._copy(text, f"{plural(len(ended), 'turn')} copied")
        else:
            self.notify(_NOTHING_TO_COPY, timeout=2, markup=False)

    def end_search(self) -> None:
        """End the search, if there is one."""
        self.query("SearchInput").remove()

    def _copy(self, text: str, word: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify(word, timeout=2, markup=False)
