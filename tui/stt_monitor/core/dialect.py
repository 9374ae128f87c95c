"""What the core must know about a service: its decoder and its promises."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Protocol

import msgspec

from stt_monitor.core.events import STREAMED, Event, TurnEvent, Wire
from stt_monitor.core.settings import Schema


class Promise(Enum):
    """A promise that a service may make about the order and texts of its events."""

    GREETING = auto()
    """`connected` comes first, and once per connection."""
    STARTED = auto()
    """A turn begins with `turn.start`."""
    ONE_EAGER_END = auto()
    """`turn.resume` or `turn.end` follows a `turn.eager_end` before the next one."""
    RESUMES_EAGER_END = auto()
    """`turn.resume` revokes an eager end of the same turn."""
    ONE_TURN = auto()
    """No turn starts while another is open."""
    GROWING_TEXT = auto()
    """Within a turn, each text begins with the one before."""
    FINAL_TEXT_GROWS = auto()
    """The text of `turn.end` begins with the last one of the turn."""


class Message(msgspec.Struct, frozen=True):
    """A decoded message of a service."""

    events: tuple[Event, ...]
    """Its events, in order; may be empty."""
    wire: Wire
    """The JSON object as received; empty where it is none."""

    @property
    def streams(self) -> bool:
        """Whether it belongs to a constant stream, such as progress reports, and says nothing of turns."""
        streamed = any(isinstance(event, STREAMED) for event in self.events)
        return streamed and not any(isinstance(event, TurnEvent) for event in self.events)


class Decoder(Protocol):
    """Decodes the messages of one connection, in order. Its state belongs to that connection."""

    def read(self, message: str | bytes) -> Message:
        """Decode the payload of a text or binary frame. Never raises: see `Unreadable`."""


class Dialect(msgspec.Struct, frozen=True):
    """A service, as the core knows it."""

    schema: Schema
    """Its turn settings."""
    decoder: Callable[[], Decoder]
    """Make the decoder of a new connection."""
    promises: Mapping[Promise, str] = {}
    """Its promises, and their names. It cannot violate others."""
    joiner: str = " "
    """Separator between the texts of two turns."""
    derives_starts: bool = False
    """Whether `turn.start` is inferred from its first text, for it sends no such event."""
    eager_ends: bool = True
    """Whether it has eager ends."""
    resumes: bool = True
    """Whether it resumes turns after an eager end."""
    tells_likelihood: bool = False
    """Whether the vendor reports a likelihood; otherwise only the local server does."""
    finish_ends_turn: bool = True
    """Whether the end of the audio always ends an open turn; otherwise its last text may be the last word on it."""
    acknowledges: bool = False
    """Whether it answers each change of the settings: with `SettingsApplied`, or with an error that refuses it."""
