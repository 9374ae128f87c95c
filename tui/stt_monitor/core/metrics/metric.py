"""What is said of a metric: its names, its unit, where its value is found, what it needs."""

from enum import Enum

import msgspec

from stt_monitor.core.metrics.units import Unit


class Source(Enum):
    """What has the value, in the field of the metric's key."""

    TURN = "turn"
    """`TurnFigures`: each turn has a value, and they are summarised."""
    COUNTS = "counts"
    """`Counts`, of one session or of several."""
    HEALTH = "health"
    """`Health`, of whole sessions."""
    AGGREGATE = "aggregate"
    """`Aggregate`, which knows all turns together."""


class Moment(Enum):
    """What a latency is measured from or to; the value is what people read."""

    SPEECH_ONSET = "speech onset"
    SPEECH_END = "speech end"
    TURN_START = "turn.start"
    FIRST_TEXT = "first text"
    EAGER_END = "turn.eager_end"
    TURN_END = "turn.end"

    @property
    def of_reference(self) -> bool:
        """Whether reference speech tells it; otherwise the service does."""
        return self in (Moment.SPEECH_ONSET, Moment.SPEECH_END)


class Need(Enum):
    """What there is no value without; the value is what people read."""

    REFERENCE = "reference speech"
    SPEECH = "speech that was not held up"
    EAGER_ENDS = "an eager end"
    TURNS = "a turn"
    JUDGED_TURNS = "a turn that the service ended, and reference speech"
    SESSION = "whole sessions"
    TRANSCRIPT = "a reference transcript"


class Basis(Enum):
    """Of what the metric is a number or a share."""

    TURNS = "turns"
    EAGER_ENDS = "eager ends"
    WORDS = "words"

    @property
    def independent(self) -> bool:
        """Whether each goes one way or the other on its own, so that a share has a confidence interval."""
        return self is not Basis.WORDS


class Metric(msgspec.Struct, frozen=True):
    """A number about turns or sessions."""

    key: str
    """Its name in data and in assertions."""
    label: str
    """Its short name; at most five characters head the column of a metric of turns."""
    unit: Unit
    source: Source
    meaning: str
    """What it means, in one sentence."""
    rank: int = 0
    """Which goes first where room is short, from 1; metrics of turns and of sessions apart. 0: never side by side."""
    anchors: tuple[Moment, Moment] | None = None
    """Between which moments of a turn it is the time; None if it is no such time."""
    needs: tuple[Need, ...] = ()
    basis: Basis | None = None
    timed: bool = False
    """It is about when the service did something: nobody can tell if this machine or its line was too slow."""

    @property
    def column(self) -> str:
        """Its name in records and tables, which say the unit of a latency."""
        return f"{self.key}_ms" if self.unit is Unit.MILLISECONDS else self.key

    @property
    def heading(self) -> str:
        """What heads its column where milliseconds go without saying."""
        return self.label if self.unit is Unit.MILLISECONDS else self.label + self.unit.value
