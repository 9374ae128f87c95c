"""Finished turns whose metrics are not final: their reference speech or their text may still come."""

from collections import deque
from collections.abc import Iterator
from math import inf

import msgspec

from stt_monitor.core.dialect import Dialect, TextAfterEnd
from stt_monitor.core.events import TextKind, TurnText
from stt_monitor.core.turns.turn import EndReason, Turn, said


class WaitingTurn(msgspec.Struct):
    """A turn that waits. Times are seconds of session."""

    turn: Turn
    since: float
    """No earlier speech belongs to it (`ClaimBounds.since`)."""
    text_until: float = -inf
    """Time up to which text of it may come; -inf: no more is to come."""

    @property
    def awaits_text(self) -> bool:
        """Whether text of it may still come."""
        return self.text_until > -inf


class WaitingTurns:
    """Turns that wait, in the order of their ends, and the text that comes after the end (services.md 2.3).

    Text counts until the service has said its last word on the turn, its time is up, the next turn starts (where the
    dialect allows no overlap), or the connection is gone: never by how much reference speech is known meanwhile.
    """

    def __init__(self, dialect: Dialect) -> None:
        """Start empty; `dialect`: of the service."""
        self._turns: deque[WaitingTurn] = deque()
        self._awaiting: list[WaitingTurn] = []
        """Those that await text: few, where thousands await their speech."""
        self._wait_s = -inf if dialect.text_after_end is TextAfterEnd.NEVER else dialect.text_wait_s
        self._overlap = dialect.overlap

    def __len__(self) -> int:
        """Return the number of turns."""
        return len(self._turns)

    def __iter__(self) -> Iterator[WaitingTurn]:
        """Yield the turns, the first to end first."""
        return iter(self._turns)

    @property
    def head(self) -> WaitingTurn | None:
        """The turn that has waited longest, if any."""
        return self._turns[0] if self._turns else None

    def add(self, turn: Turn, since: float, at: float) -> None:
        """Add a turn that finished at the time `at`."""
        lost = turn.end_reason is EndReason.DANGLING
        waiting = WaitingTurn(turn, since, -inf if lost else at + self._wait_s)
        self._turns.append(waiting)
        self._awaiting = [each for each in (*self._awaiting, waiting) if each.awaits_text]

    def pop(self) -> WaitingTurn:
        """Remove and return the head."""
        return self._turns.popleft()

    def turn_started(self) -> None:
        """Record that another turn has started."""
        if not self._overlap:
            self.settle_text()

    def settle_text(self) -> None:
        """Record that no text of any of these turns is to come."""
        for each in self._awaiting:
            each.text_until = -inf
        self._awaiting.clear()

    def pass_time(self, at: float) -> bool:
        """Settle the text of turns that have waited long enough; return whether there are any."""
        late = [each for each in self._awaiting if each.awaits_text and each.text_until < at]
        for each in late:
            each.text_until = -inf
        return bool(late)

    def add_text(self, event: TurnText, at: float) -> Turn | None:
        """Add text to its turn; return the turn as it is now, None if it came too late, or is of none of them."""
        for each in reversed(self._turns):
            if event.key in ("", each.turn.key):
                if not each.awaits_text:
                    return None
                each.turn = _with_text(each.turn, event, at)
                each.text_until = -inf if event.last else each.text_until
                return each.turn
        return None


def _with_text(turn: Turn, event: TurnText, at: float) -> Turn:
    changed = said(turn, event, at)
    if event.kind is TextKind.FINAL:
        changed["text_at"] = at
    if event.kind is TextKind.FORMATTED and turn.formatted_at is None:
        changed["formatted_at"] = at
    if event.text is not None and (event.kind is TextKind.FINAL or not turn.transcript):
        changed["transcript"] = event.text
    elif event.text and event.kind is TextKind.FORMATTED:
        changed |= {"transcript": event.text, "text_at_end": turn.decided_text}
    if event.text and turn.first_text_at is None:
        changed["first_text_at"] = at
    return msgspec.structs.replace(turn, **changed)
