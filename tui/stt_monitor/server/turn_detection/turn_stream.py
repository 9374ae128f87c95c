"""Guards the order of turn signals.

Every signal of a detector is made by one `TurnStream`. It numbers turns, and raises on overlapping turns, on an end
without a start, and on text that is taken back.
"""

from enum import Enum

from stt_monitor.services.server_side import TurnKind, TurnSignal


class State(Enum):
    """The state of a turn (protocol.md 6.1)."""

    IDLE = "idle"
    SPEAKING = "speaking"
    EAGER_END = "eager_end"


class TurnStream:
    """The turns of one connection. Positions are seconds of audio heard."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self._turn = 0
        self._text = ""

    def start(self, position: float) -> TurnSignal:
        """Start a turn."""
        self._expect(State.IDLE)
        self.state = State.SPEAKING
        self._turn += 1
        self._text = ""
        return self._signal(TurnKind.START, position)

    def update(self, text: str, position: float) -> TurnSignal | None:
        """Update the turn's text; None when it has not changed."""
        self._expect(State.SPEAKING)
        before = self._text
        self._grow(text)
        return self._signal(TurnKind.UPDATE, position) if self._text != before else None

    def eager_end(self, text: str, position: float) -> TurnSignal:
        """Report that the turn may be over."""
        self._expect(State.SPEAKING)
        self.state = State.EAGER_END
        self._grow(text)
        return self._signal(TurnKind.EAGER_END, position)

    def resume(self, position: float) -> TurnSignal:
        """Take the last eager end back."""
        self._expect(State.EAGER_END)
        self.state = State.SPEAKING
        return self._signal(TurnKind.RESUME, position)

    def end(self, text: str, position: float) -> TurnSignal:
        """End the turn with its final text."""
        self._expect(State.SPEAKING, State.EAGER_END)
        self.state = State.IDLE
        self._grow(text)
        return self._signal(TurnKind.END, position)

    def _signal(self, kind: TurnKind, position: float) -> TurnSignal:
        return TurnSignal(kind, self._turn, position, self._text)

    def _grow(self, text: str) -> None:
        text = text.strip()
        if not text.startswith(self._text):
            raise ValueError(f"text was taken back: {self._text!r} became {text!r}")
        self._text = text

    def _expect(self, *states: State) -> None:
        if self.state not in states:
            raise ValueError(f"a turn is {self.state.value}, not {' or '.join(state.value for state in states)}")
