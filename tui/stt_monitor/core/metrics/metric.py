"""The description of a metric: names, unit, source of its value, prerequisites."""

from enum import Enum

import msgspec

from stt_monitor.core.metrics.units import Unit


class Source(Enum):
    """Type that has the value, in the field of the metric's key."""

    TURN = "turn"
    """`TurnMetrics`: each turn has a value, and they are summarised."""
    COUNTS = "counts"
    """`Counts`, of one session or of several."""
    HEALTH = "health"
    """`Health`, of whole sessions."""
    AGGREGATE = "aggregate"
    """`Aggregate`, which knows all turns together."""


class Moment(Enum):
    """Start or end of a latency; values are for display."""

    SPEECH_ONSET = "speech onset"
    SPEECH_END = "speech end"
    TURN_START = "turn.start"
    FIRST_TEXT = "first text"
    EAGER_END = "turn.eager_end"
    TURN_END = "turn.end"
    FINAL_TEXT = "final text"
    FORMATTED_TEXT = "formatted text"

    @property
    def of_reference(self) -> bool:
        """Whether it comes from reference speech, not from the service."""
        return self in (Moment.SPEECH_ONSET, Moment.SPEECH_END)


class Need(Enum):
    """Prerequisite of a value; values are for display."""

    REFERENCE = "reference speech"
    SPEECH = "speech that was not delayed"
    EAGER_ENDS = "an eager end"
    TURNS = "a turn"
    ENDED_TURNS = "a turn that the service ended"
    JUDGED_TURNS = "a turn that the service ended, and reference speech"
    SURVIVED_PAUSE = "a pause inside a turn that did not end it"
    CUT_PAUSE = "a pause that ended a turn"
    SESSION = "whole sessions"
    STALL_OR_SPEECH = "reference speech, or a line that takes no audio"
    """Without speech, silence of the service is no stall, and that there was none says nothing."""
    TRANSCRIPT = "a reference transcript"


class Ability(Enum):
    """What a service, or a recording, must have for a metric to mean anything."""

    EAGER_ENDS = "eager ends"
    RESUMES = "resumes"
    """Eager ends that it may take back."""
    PROMISES = "promises"
    """Promises about its messages, which it may violate."""
    COPIES = "copies"
    """A copy of a turn's text after its end."""
    ONSET = "onset"
    """Positions at which it heard speech begin."""
    SPEECH_END = "speech end"
    """Positions at which it heard speech end."""
    AGENT = "agent"
    """Not of a service: the agent's side of the call is heard (`--agent`)."""


class Basis(Enum):
    """What the metric counts or is a share of."""

    TURNS = "turns"
    EAGER_ENDS = "eager ends"
    WORDS = "words"

    @property
    def independent(self) -> bool:
        """Whether its items are independent, so that a share has a confidence interval."""
        return self is not Basis.WORDS


class Metric(msgspec.Struct, frozen=True):
    """A metric of turns or sessions."""

    key: str
    """Name in data and in assertions."""
    label: str
    """Short name; at most five characters for a column of turns."""
    unit: Unit
    source: Source
    meaning: str
    """Definition in one sentence."""
    rank: int = 0
    """Importance where space is short, from 1; turns and sessions separately. 0: never in a comparison."""
    anchors: tuple[Moment, Moment] | None = None
    """The moments of a turn between which it is the time; None if it is no such time."""
    needs: tuple[Need, ...] = ()
    ability: Ability | None = None
    """None where every service has it."""
    basis: Basis | None = None
    signed: bool = False
    """Whether it is a difference, which may be negative."""
    proxy: bool = False
    """Without labelled turns, which tell what a pause is, it is a proxy."""
    timed: bool = False
    """Depends on when the service acted: unknown if something else delayed it."""

    @property
    def column(self) -> str:
        """Name in records and tables, with the unit of a latency."""
        return f"{self.key}_ms" if self.unit is Unit.MILLISECONDS else self.key

    @property
    def heading(self) -> str:
        """Column heading; milliseconds go without a unit."""
        return self.label if self.unit is Unit.MILLISECONDS else self.label + self.unit.suffix
