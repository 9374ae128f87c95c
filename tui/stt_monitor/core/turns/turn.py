"""A turn according to the service, and what its events said of it."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

import msgspec

from stt_monitor.core.events import Language, Trigger, TurnEvent, TurnUpdate, Word
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.text.moments import to_the_millisecond

_WORDS_KEPT: Final = 500
_SAID_KEPT: Final = 100


class EndReason(Enum):
    """How a turn ended, as far as it is known at that time."""

    ENDED = "ended"
    """The service ended it; only reference speech can tell threshold from timeout."""
    CLOSED = "closed"
    """It ended after our `close` (protocol.md 9)."""
    MANUAL = "manual"
    """The client asked for the end, in the middle of the session."""
    DANGLING = "dangling"
    """It never ended: the connection was lost, or the service started another turn."""


class Begin(Enum):
    """How the start of a turn is known; values are those of records."""

    TOLD = "told"
    """The service said so."""
    DERIVED = "derived"
    """It is the time of its first text."""
    MISSING = "missing"
    """Nothing came of it before its end."""


class TurnEagerEnd(msgspec.Struct, frozen=True, gc=False):  # here and below: no cycles, and there are very many
    """An eager end: when it came, its text, and when it was resumed, if so. Times are seconds of session."""

    at: float
    transcript: str
    resumed_at: float | None = None

    @property
    def until_resume(self) -> float | None:
        """Seconds until it was resumed, to the millisecond; None where it was not."""
        return None if self.resumed_at is None else to_the_millisecond(self.resumed_at - self.at)


class Said(msgspec.Struct, frozen=True, gc=False):
    """What an event of a turn said beside its text."""

    name: str
    """Name of the event."""
    at: float
    """Its time, seconds of session."""
    position: float | None
    """Position that it named, seconds of the session's audio."""
    confidence: float | None
    """Confidence that the turn has ended, 0 to 1."""


class Turn(msgspec.Struct, frozen=True, gc=False):
    """A turn according to the service. Times are seconds of session; None: has not happened."""

    number: int
    """Counted from 1 over the session, in the order of `turn.start`; the service's own ids are not used."""
    started_at: float
    transcript: str = ""
    first_text_at: float | None = None
    eager_ends: tuple[TurnEagerEnd, ...] = ()
    event_times: tuple[float, ...] = ()
    """Times of its events; only in finished turns."""
    ended_at: float | None = None
    end_reason: EndReason | None = None
    first_of_connection: bool = False
    settings: TurnSettings = TurnSettings()
    """Settings at its end, or the current ones while it is open."""
    settings_changed: bool = False
    """Whether it had others before: then none of them alone explains what the service did."""
    languages: tuple[Language, ...] = ()
    """Its languages, by the service's last report; empty without one."""
    trigger: Trigger | None = None
    """Why it ended, if the service says so."""
    key: str = ""
    """The service's id of it; empty without one."""
    begin: Begin = Begin.TOLD
    """How its start is known."""
    text_at: float | None = None
    """Time of its last `TurnText` with the final text."""
    formatted_at: float | None = None
    """Time of the formatted copy of its text."""
    text_at_end: str | None = None
    """Its text before a copy replaced it; None where none did."""
    words: tuple[Word, ...] = ()
    """Its words, by the service's last report; positions are in the session's audio."""
    words_end: float | None = None
    """Where the last of all its words ends."""
    speech_start: float | None = None
    """Where in the session's audio, seconds, the service says that its speech begins."""
    speech_end: float | None = None
    """Where it says that it ends."""
    said: tuple[Said, ...] = ()
    """What its events said of position and confidence, the newest ones; updates are left out."""

    @property
    def heard_from(self) -> float | None:
        """Where the service heard its speech begin, seconds of the session's audio; None where it does not say."""
        first = next((word.start for word in self.words if word.start is not None), None)
        return first if self.speech_start is None else self.speech_start

    @property
    def heard_until(self) -> float | None:
        """Where the service heard its speech end, as `heard_from`."""
        return self.words_end if self.speech_end is None else self.speech_end

    @property
    def decided_text(self) -> str:
        """The text that an application has at the end of the turn, or as soon as it comes: no copy of it."""
        return self.transcript if self.text_at_end is None else self.text_at_end

    @property
    def open_eager_end(self) -> TurnEagerEnd | None:
        """The last eager end, unless it was resumed, however the turn ended."""
        return self.eager_ends[-1] if self.eager_ends and self.eager_ends[-1].resumed_at is None else None

    @property
    def confirmed_eager_end(self) -> TurnEagerEnd | None:
        """The eager end that the service confirmed; None if it did not end the turn."""
        return self.open_eager_end if self.end_reason in (None, EndReason.ENDED) else None

    def text_after(self, joiner: str) -> str:
        """Return its text as it follows that of earlier turns.

        A new connection knows nothing of them: its first text begins without the space that a service without a joiner
        puts before others.
        """
        begins_anew = self.first_of_connection and not joiner and not self.transcript[:1].isspace()
        return (" " if begins_anew else joiner) + self.transcript

    @property
    def over_at(self) -> float:
        """When a finished turn ended, or the time of its last event if it never did."""
        return self.event_times[-1] if self.ended_at is None else self.ended_at


def transcript(turns: Iterable[Turn], joiner: str) -> str:
    """Join the texts of finished turns, as they came; what the service never ended is no part of it."""
    ended = (turn for turn in turns if turn.end_reason is not EndReason.DANGLING and turn.transcript)
    first = next(ended, None)
    return "" if first is None else first.transcript + "".join(turn.text_after(joiner) for turn in ended)


def said(turn: Turn, event: TurnEvent, at: float) -> dict[str, Any]:
    """Return the fields of a turn that an event changes beside its text: words, positions, confidence.

    Args:
        turn: as it was before.
        event: of the turn; its positions are in the session's audio.
        at: its time, seconds of session.
    """
    changed: dict[str, Any] = {"languages": event.languages} if event.languages else {}
    if event.words:
        last = next((word.end for word in reversed(event.words) if word.end is not None), None)
        changed |= {"words": event.words[:_WORDS_KEPT], "words_end": last}
    if event.speech_start is not None:
        changed["speech_start"] = event.speech_start
    if event.speech_end is not None:
        changed["speech_end"] = event.speech_end
    if not isinstance(event, TurnUpdate) and not event.at is event.confidence is None:
        said = Said(event.name, at, event.at, event.confidence)
        changed["said"] = (*turn.said, said)[-_SAID_KEPT:]
    return changed
