"""Turns with final metrics: what is kept of them, the first one, and their texts."""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.listeners import ignore
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.turns.turn import EndReason, Turn


class FinalTurns:
    """The final turns of a session, in order."""

    def __init__(self, joiner: str, most: int | None, on_final: Callable[[FinishedTurn], object] | None) -> None:
        """Start without turns.

        Args:
            joiner: what the service puts between the texts of turns.
            most: how many to keep, the newest; None: all.
            on_final: gets each turn as it becomes final; None: nobody does.
        """
        self.first: FinishedTurn | None = None
        """The first turn of a connection that is listed as such (see `inclusion`)."""
        self._joiner = joiner
        self._newest: deque[FinishedTurn] = deque(maxlen=most)
        self._on_final = on_final or ignore
        self._text = bytearray()  # of those that are not kept, as UTF-8, which is compact: there may be hours of it

    def add(self, finished: FinishedTurn) -> None:
        """Add a turn, and hand it on."""
        if len(self._newest) == self._newest.maxlen:
            self._append(self._text, self._newest[0].turn if self._newest else finished.turn)
        self._newest.append(finished)
        if self.first is None and is_first(finished):
            self.first = finished
        self._on_final(finished)

    def followed_by(self, others: Iterable[FinishedTurn]) -> tuple[FinishedTurn, ...]:
        """Return those that are kept, and others after them."""
        return (*self._newest, *others)

    def transcript(self, others: Iterable[Turn]) -> str:
        """Return the texts of all ended turns and of others after them, joined, otherwise verbatim."""
        text = bytearray(self._text)
        for turn in chain((each.turn for each in self._newest), others):
            self._append(text, turn)
        return text.decode("utf-8", "surrogatepass")

    def _append(self, text: bytearray, turn: Turn) -> None:
        """Append a turn's text to that of earlier ones."""
        if turn.end_reason is not EndReason.DANGLING and turn.transcript:
            own = turn.text_after(self._joiner) if text else turn.transcript
            text += own.encode("utf-8", "surrogatepass")


def is_first(finished: FinishedTurn) -> bool:
    """Return whether a turn is listed as the first of its connection."""
    return inclusion(finished.turn, finished.metrics) is Inclusion.FIRST
