"""Vendor-neutral events, into which each service's decoder turns its messages (`core/dialect.py`).

The names are those of our documents: `turn.start`, `turn.eager_end`. A service may use others, or none.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, Final

import msgspec

Wire = dict[str, Any]
"""A JSON object as received."""


class Language(msgspec.Struct, frozen=True, omit_defaults=True):
    """A language that the service detected (protocol.md 13)."""

    language: str
    """Language code, as the service spells it."""
    confidence: float | None = None
    """Confidence, 0 to 1."""


class Trigger(Enum):
    """Why the service ended a turn, if it says so."""

    MODEL = "model"
    """Its end-of-turn model decided."""
    TIMEOUT = "timeout"
    MANUAL = "manual"
    """The client requested it."""
    CLOSED = "closed"
    """The client ended the audio."""
    VAD = "vad"
    """Its voice activity detector found silence; no model decided."""


class Connected(msgspec.Struct, frozen=True):
    """The service is ready; at most once per connection."""

    difference: str = ""
    """What it does otherwise than it was asked, in a sentence of ours; empty where it told of nothing."""
    in_force: Mapping[str, float] = {}
    """Turn settings that it says are in force; empty if it does not say."""

    name: ClassVar[str] = "connected"


class Word(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A word of a turn's text, as the service timed it."""

    text: str
    start: float | None = None
    """Audio position, seconds of the audio sent over this connection; also `end`."""
    end: float | None = None
    confidence: float | None = None
    """Confidence, 0 to 1."""
    settled: bool = True
    """Whether the service promises not to change it."""


class TurnEvent(msgspec.Struct, frozen=True):
    """Fields of all turn events."""

    text: str | None = None
    """Whole text of the turn so far; None: unchanged."""
    key: str = ""
    """The service's id of the turn; empty without a reliable one: turns are counted instead."""
    at: float | None = None
    """Audio position named by the service, seconds of the audio sent over this connection."""
    languages: tuple[Language, ...] = ()
    """Languages of the turn; empty if the event does not say."""
    confidence: float | None = None
    """Confidence that the turn has ended, 0 to 1; None if the event does not say."""
    words: tuple[Word, ...] = ()
    """Words of the text; empty if the event does not say."""
    speech_start: float | None = None
    """Where the service heard the turn's speech begin, seconds of the audio sent over this connection; without it the
    first word says."""
    speech_end: float | None = None
    """Where it heard it end; without it the last word says."""

    name: ClassVar[str] = ""


class TurnStart(TurnEvent, frozen=True):
    """The user started a turn."""

    derived: bool = False
    """Whether it is inferred from another event: the service sent none."""

    name: ClassVar[str] = "turn.start"


class TurnUpdate(TurnEvent, frozen=True):
    """The text of the turn has changed; replaces the earlier text."""

    name: ClassVar[str] = "turn.update"


class EagerEnd(TurnEvent, frozen=True):
    """The user may be done: `TurnEnd` confirms it, `TurnResume` revokes it."""

    name: ClassVar[str] = "turn.eager_end"


class TurnResume(TurnEvent, frozen=True):
    """The last eager end was a false alarm: the turn continues."""

    derived: bool = False
    """Whether it is inferred from text that goes on: the service sent none."""

    name: ClassVar[str] = "turn.resume"


class TurnEnd(TurnEvent, frozen=True):
    """The turn has ended. Its text may still be to come, by `TurnText`."""

    trigger: Trigger | None = None
    """Why; None if the service does not say."""

    name: ClassVar[str] = "turn.end"


class TextKind(Enum):
    """What a text that comes after the end of its turn is."""

    FINAL = "final"
    """The turn's text, which `TurnEnd` did not have."""
    FORMATTED = "formatted"
    """A copy of the text of `TurnEnd`, written better."""
    TIMED = "timed"
    """A copy of it, with the times of its words."""


class TurnText(TurnEvent, frozen=True):
    """Text of a turn that has ended: of the one with this key, else of the last one that ended.

    It may come while the next turn is open, and in another order than the turns.
    """

    kind: TextKind = TextKind.FINAL
    last: bool = True
    """Whether the service says no more about the turn."""

    name: ClassVar[str] = "turn.text"


class Repeat(msgspec.Struct, frozen=True):
    """The service said again what it had said of a turn that has ended; counted, otherwise ignored."""


class Voice(msgspec.Struct, frozen=True):
    """Voice activity that begins or ends no turn; it feeds no metric."""

    name: ClassVar[str] = "voice"

    on: bool
    at: float | None = None
    """Audio position named by the service, seconds of the audio sent over this connection."""


class ServiceError(msgspec.Struct, frozen=True):
    """An error from the service, interpreted by its decoder."""

    name: ClassVar[str] = "error"

    text: str = ""
    """The service's message; not sanitized, may be empty."""
    status: int = 0
    """Equivalent HTTP status; 0 where the kind of error is unknown."""
    passing: bool = True
    """Whether a retry may help."""
    busy: bool = False
    """Whether the service is overloaded and asks to wait."""
    fatal: bool = False
    """Whether the connection is unusable after it."""
    refuses_settings: bool = False
    """Whether it may reject settings that were changed just before."""

    @property
    def ends_session(self) -> bool:
        """Whether nothing more is to be expected; one that may answer a change leaves that open."""
        return self.fatal and not self.refuses_settings


class SettingsApplied(msgspec.Struct, frozen=True):
    """The service acknowledges the last change of the settings."""

    in_force: Mapping[str, float] = {}
    """Turn settings that it says are in force; empty if it does not say."""


class Finished(msgspec.Struct, frozen=True):
    """The service's last message: all is said, however the connection ends after it."""


class Likelihood(msgspec.Struct, frozen=True):
    """The likelihood of being inside a turn, which a service compares with its thresholds, if it reports it."""

    points: tuple[tuple[float, float], ...] = ()
    """Pairs of position in this connection's audio, seconds, and likelihood, 0 to 1; in order."""
    lag: float | None = None
    """Most audio received but not processed since the last report, seconds; None where it means nothing, because the
    client sends faster than real time."""
    now: float | None = None
    """Likelihood at the newest audio, from a service that names no position."""


class Violation(msgspec.Struct, frozen=True):
    """A broken promise of the service.

    The decoder finds those that only the wire shows; the state machine finds the others.
    """

    rule: str
    """Name of the promise, or `bad_json`."""
    detail: str
    """Description of the violation."""


class Unknown(msgspec.Struct, frozen=True):
    """A well-formed message of an unknown type; counted, otherwise ignored."""

    type: str


class Unreadable(msgspec.Struct, frozen=True):
    """A malformed message. `reason` says why, in our words."""

    reason: str


Event = (
    Connected
    | TurnEvent
    | Voice
    | Repeat
    | ServiceError
    | SettingsApplied
    | Finished
    | Likelihood
    | Violation
    | Unknown
    | Unreadable
)

STREAMED: Final = (Likelihood,)
"""Events of a constant stream, such as progress reports; each has its own record."""
