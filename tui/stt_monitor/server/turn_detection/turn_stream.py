"""Guards the order of turn events.

Every event of a detector is made by one `TurnStream`. It numbers turns, and raises on overlapping turns, on an end
without a start, and on text that is taken back.
"""

from enum import Enum

from stt_monitor.core.events import EagerEnd, Trigger, TurnEnd, TurnResume, TurnStart, TurnUpdate


class State(Enum):
    """The state of a turn (protocol.md 6.1)."""

    IDLE = "idle"
    SPEAKING = "speaking"
    EAGER_END = "eager_end"


class TurnStream:
    """The turns of one connection. `at` is seconds of audio heard."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self._turn = 0
        self._text = ""

    def start(self, at: float) -> TurnStart:
        """Start a turn."""
        self._expect(State.IDLE)
        self.state = State.SPEAKING
        self._turn += 1
        self._text = ""
        return TurnStart(key=self._key, at=at)

    def update(self, text: str, at: float) -> TurnUpdate | None:
        """Update the turn's text; None when it has not changed."""
        self._expect(State.SPEAKING)
        before = self._text
        return TurnUpdate(self._grown(text), self._key, at) if text.strip() != before else None

    def eager_end(self, text: str, at: float) -> EagerEnd:
        """Report that the turn may be over."""
        self._expect(State.SPEAKING)
        self.state = State.EAGER_END
        return EagerEnd(self._grown(text), self._key, at)

    def resume(self, at: float) -> TurnResume:
        """Take the last eager end back."""
        self._expect(State.EAGER_END)
        self.state = State.SPEAKING
        return TurnResume(key=self._key, at=at)

    def end(self, text: str, at: float, trigger: Trigger) -> TurnEnd:
        """End the turn with its final text."""
        self._expect(State.SPEAKING, State.EAGER_END)
        self.state = State.IDLE
        return TurnEnd(self._grown(text), self._key, at, trigger=trigger)

    @property
    def _key(self) -> str:
        return str(self._turn)

    def _grown(self, text: str) -> str:
        text = text.strip()
        if not text.startswith(self._text):
            raise ValueError(f"text was taken back: {self._text!r} became {text!r}")
        self._text = text
        return text

    def _expect(self, *states: State) -> None:
        if self.state not in states:
            raise ValueError(f"a turn is {self.state.value}, not {' or '.join(state.value for state in states)}")
