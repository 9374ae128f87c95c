"""What is said of turns, in an order that cannot be wrong: the grammar of protocol.md 6.2 and the guarantees of 6.3.

Everything the server says about turns passes through one `TurnStream`. It numbers turns, gives texts the space that
plain concatenation needs (protocol.md 7.3), and refuses what would break a guarantee.
"""

from enum import Enum

from stt_monitor.services.cartesia.codec import EagerEnd, TurnEnd, TurnEvent, TurnResume, TurnStart, TurnUpdate


class State(Enum):
    """Where a turn is (protocol.md 6.1)."""

    IDLE = "idle"
    SPEAKING = "speaking"
    EAGER_END = "eager_end"


class TurnStream:
    """The turns of one connection."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self._number = 0
        self._text = ""
        self._spoken = False  # whether an earlier turn had text

    def start(self) -> TurnEvent:
        """Begin a turn (G2, G5, G6)."""
        self._expect(State.IDLE)
        self.state = State.SPEAKING
        self._number += 1
        self._text = ""
        return TurnStart(turn_id=str(self._number))

    def update(self, text: str) -> TurnEvent | None:
        """Give the turn's text so far; None when there is nothing new in it (G7)."""
        self._expect(State.SPEAKING)
        before = self._text
        text = self._grow(text)
        return TurnUpdate(text, turn_id=str(self._number)) if text != before else None

    def eager_end(self, text: str) -> TurnEvent:
        """Say that the turn may be over (G3)."""
        self._expect(State.SPEAKING)
        self.state = State.EAGER_END
        return EagerEnd(self._grow(text), turn_id=str(self._number))

    def resume(self) -> TurnEvent:
        """Take the last eager end back (G4)."""
        self._expect(State.EAGER_END)
        self.state = State.SPEAKING
        return TurnResume(turn_id=str(self._number))

    def end(self, text: str) -> TurnEvent:
        """Close the turn with its definitive text (G5, G8)."""
        self._expect(State.SPEAKING, State.EAGER_END)
        self.state = State.IDLE
        text = self._grow(text)
        self._spoken = self._spoken or bool(text)
        return TurnEnd(text, turn_id=str(self._number))

    def _grow(self, text: str) -> str:
        """Return the turn's text, led by a space from the second turn with text on (protocol.md 7.3, 7.5)."""
        text = text.strip()
        if text and self._spoken:
            text = " " + text
        if not text.startswith(self._text):
            raise ValueError(f"text was taken back: {self._text!r} became {text!r}")
        self._text = text
        return text

    def _expect(self, *states: State) -> None:
        if self.state not in states:
            raise ValueError(f"a turn is {self.state.value}, not {' or '.join(state.value for state in states)}")
