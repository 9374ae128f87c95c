"""The rules for events that a service does not send, or sends again: one set for all decoders (services.md 2.3)."""

from typing import Any, Final

from stt_monitor.core.events import (
    EagerEnd,
    Event,
    Repeat,
    TextKind,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
    Voice,
)

_SHARED: Final = TurnEvent.__struct_fields__
_KEYS_KEPT: Final = 50
"""Ended turns to know again."""


class TurnRules:
    """Completes the turn events of one connection, from the decoder to the core.

    - The first text of a turn that has not started is a derived `TurnStart`, and then the event itself.
    - An end without a start gets one, derived too; the core gives such a turn no onset.
    - What has the key of a turn that has ended is a `TurnText`; without keys, the same text again is a `Repeat`.
    - Empty text opens no turn. An update that changes no text is dropped: only a clock has ticked.
    - With `derives_resumes`, text that goes on after an eager end is a derived `TurnResume`, and then the event itself.
    """

    def __init__(self, *, derives_resumes: bool = False) -> None:
        """Start without a turn; `derives_resumes`: the service has eager ends, but no event to take one back."""
        self._derives_resumes = derives_resumes
        self._key: str | None = None  # of the open turn
        self._text = ""  # of the open turn
        self._eager = False  # whether its last event is an eager end
        self._ended: dict[str, str] = {}  # texts of the last turns that ended, by key
        self._last_text: str | None = None  # text of the last one; None where the same may be said anew

    def apply(self, event: Event) -> tuple[Event, ...]:
        """Return the events that replace this one for the core; others than turn events pass through."""
        match event:
            case Voice():
                self._last_text = None
                return (event,)
            case TurnText():
                return (event,)
            case TurnStart():
                return self._start(event)
            case TurnEvent():
                going_on = self._key is not None and event.key in ("", self._key)
                return self._go_on(event) if going_on else self._come_late(event)
            case _:
                return (event,)

    def _start(self, event: TurnStart) -> tuple[Event, ...]:
        if event.key and (event.key == self._key or event.key in self._ended):
            return (Repeat(),)
        self._open(event)
        return (event,)

    def _open(self, event: TurnEvent) -> None:
        if self._key is not None:
            self._close(self._text)  # one turn is open at a time: this one will get no end
        self._key, self._text, self._eager = event.key, event.text or "", False

    def _go_on(self, event: TurnEvent) -> tuple[Event, ...]:
        """Handle an event of the open turn."""
        changed = event.text is not None and event.text != self._text
        if isinstance(event, TurnUpdate) and not changed:
            return ()
        resumes = self._derives_resumes and self._eager and changed and not isinstance(event, TurnEnd | TurnResume)
        self._text = self._text if event.text is None else event.text
        self._eager = isinstance(event, EagerEnd)
        if isinstance(event, TurnEnd):
            self._close(self._text)
        return (_resume(event), event) if resumes else (event,)

    def _come_late(self, event: TurnEvent) -> tuple[Event, ...]:
        """Handle an event of a turn that is not open: it has ended, or not started."""
        if not event.text:
            untold = event.text is None and isinstance(event, TurnEnd | TurnResume)
            return (event,) if untold and self._key is None and event.key not in self._ended else ()
        if event.key in self._ended:
            if event.text == self._ended[event.key] and not isinstance(event, TurnEnd):
                return (Repeat(),)
            return (TurnText(**_fields(event), kind=TextKind.FORMATTED),)
        if not event.key and event.text == self._last_text:
            return (Repeat(),)
        self._open(event)
        self._eager = isinstance(event, EagerEnd)
        if isinstance(event, TurnEnd):
            self._close(event.text)
        start = TurnStart(key=event.key, at=event.at, languages=event.languages, derived=True)
        return (start, event)

    def _close(self, text: str) -> None:
        """Forget the open turn, but not that it was."""
        self._last_text = text
        if self._key:
            self._ended[self._key] = text
        if len(self._ended) > _KEYS_KEPT:
            del self._ended[next(iter(self._ended))]
        self._key, self._text, self._eager = None, "", False


def _fields(event: TurnEvent) -> dict[str, Any]:
    """Return the fields that all turn events have."""
    return {name: getattr(event, name) for name in _SHARED}


def _resume(event: TurnEvent) -> TurnResume:
    """Return the resume that an event implies; its text is that of the event."""
    return TurnResume(**{**_fields(event), "text": None, "words": ()}, derived=True)
