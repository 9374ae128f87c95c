"""What a service says, in words that are no vendor's: what its decoder makes of its messages (`core/dialect.py`).

The names are those of the program's documents: `turn.start`, `turn.eager_end`. A service may use others, or none.
"""

from enum import Enum
from typing import Any, ClassVar, Final

import msgspec

Wire = dict[str, Any]
"""A JSON object exactly as it was received."""


class Language(msgspec.Struct, frozen=True, omit_defaults=True):
    """A language that the service thinks it hears (protocol.md 13)."""

    language: str
    """Its code, in the service's words."""
    confidence: float | None = None
    """How sure it is, 0 to 1."""


class Trigger(Enum):
    """Why a service ended a turn, where it says so."""

    MODEL = "model"
    """Its model thought so."""
    TIMEOUT = "timeout"
    MANUAL = "manual"
    """The client asked for it."""
    CLOSED = "closed"
    """The client is finished."""
    VAD = "vad"
    """Its speech detector heard a silence: no model decided."""


class Connected(msgspec.Struct, frozen=True):
    """The service is ready; once a connection, at most."""

    name: ClassVar[str] = "connected"


class TurnEvent(msgspec.Struct, frozen=True):
    """What all events of a turn may carry."""

    text: str | None = None
    """The whole text of the turn so far; None where the event brings none, and the text stays as it was."""
    key: str = ""
    """What the service calls the turn; empty where it gives no name that can be relied on: turns are counted then."""
    at: float | None = None
    """Which position the service says this is about, seconds of the audio sent over this connection."""
    languages: tuple[Language, ...] = ()
    """Empty where nothing is said of them."""

    name: ClassVar[str] = ""


class TurnStart(TurnEvent, frozen=True):
    """The user began a turn."""

    name: ClassVar[str] = "turn.start"


class TurnUpdate(TurnEvent, frozen=True):
    """The text of the turn is known further; it replaces what came before."""

    name: ClassVar[str] = "turn.update"


class EagerEnd(TurnEvent, frozen=True):
    """The user may be finished: to be confirmed by `TurnEnd` or taken back by `TurnResume`."""

    name: ClassVar[str] = "turn.eager_end"


class TurnResume(TurnEvent, frozen=True):
    """The last eager end was wrong: the turn goes on."""

    name: ClassVar[str] = "turn.resume"


class TurnEnd(TurnEvent, frozen=True):
    """The turn is over, for good."""

    trigger: Trigger | None = None
    """Why; None where the service does not say."""

    name: ClassVar[str] = "turn.end"


class ServiceError(msgspec.Struct, frozen=True):
    """The service reports a failure. What that means, its adapter says."""

    name: ClassVar[str] = "error"

    text: str = ""
    """What the service says of it; not cleaned, and empty where it says nothing."""
    status: int = 0
    """The HTTP status that means the same; 0 where the service does not say what kind of failure it is."""
    passing: bool = True
    """Whether trying again may help."""
    busy: bool = False
    """Whether the service is there and asks for patience."""
    fatal: bool = False
    """Whether the connection is good for nothing after it."""
    refuses_settings: bool = False
    """Whether it may be the answer to settings that were changed just before."""


class Finished(msgspec.Struct, frozen=True):
    """The service's last word: it has said all, however the connection ends after it."""


class Likelihood(msgspec.Struct, frozen=True):
    """The likelihood of being in a turn, which thresholds are compared with, where a service tells it."""

    points: tuple[tuple[float, float], ...] = ()
    """(seconds of audio heard on this connection, likelihood from 0 to 1), in order."""
    lag: float | None = None
    """Seconds by which judging was behind what had been received, at the worst since it was told last; None where that
    would say nothing, because the client sends faster than in real time."""


class Violation(msgspec.Struct, frozen=True):
    """Something that a service promised never to send.

    A decoder tells those that its wire alone shows; the others are found by the turn machine.
    """

    rule: str
    """The service's name of the promise, `unknown_type` or `bad_json`."""
    detail: str
    """What happened, in words."""


class Unknown(msgspec.Struct, frozen=True):
    """A well-formed message whose type this program does not know; counted, otherwise ignored."""

    type: str


class Unreadable(msgspec.Struct, frozen=True):
    """A message that cannot be read. `reason` says why, in words of ours."""

    reason: str


Event = Connected | TurnEvent | ServiceError | Finished | Likelihood | Violation | Unknown | Unreadable

STREAMED: Final = (Likelihood,)
"""Events that flow all the time, whatever is said; each has a record of its own."""
