"""What the core has to know of a service: how its messages are read, and what it promises."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Protocol

import msgspec

from stt_monitor.core.events import STREAMED, Event, Wire
from stt_monitor.core.settings import Schema


class Promise(Enum):
    """What a service may promise about the order of its events, and about their texts."""

    GREETING = auto()
    """`connected` comes first, and once a connection."""
    STARTED = auto()
    """A turn begins with `turn.start`."""
    ONE_EAGER_END = auto()
    """After `turn.eager_end` comes `turn.resume` or `turn.end` before another."""
    RESUMES_EAGER_END = auto()
    """`turn.resume` takes back an eager end of the same turn."""
    ONE_TURN = auto()
    """No turn starts while another is open."""
    GROWING_TEXT = auto()
    """Within a turn, each text begins with the one before."""
    FINAL_TEXT_GROWS = auto()
    """The text of `turn.end` begins with the last one of the turn."""


class Message(msgspec.Struct, frozen=True):
    """One message of a service, decoded."""

    events: tuple[Event, ...]
    """What it says, in order; none where it says nothing that matters here."""
    wire: Wire
    """The object as it came; empty where it is none."""

    @property
    def streams(self) -> bool:
        """Whether it is one of the many that flow all the time, whatever is said."""
        return any(isinstance(event, STREAMED) for event in self.events)


class Decoder(Protocol):
    """Reads the messages of one connection, in the order in which they come. Its state is that connection's alone."""

    def read(self, message: str | bytes) -> Message:
        """Decode the payload of a frame, a text one or a binary one. Never raises: see `Unreadable`."""


class Dialect(msgspec.Struct, frozen=True):
    """A service, to the core."""

    schema: Schema
    """Its turn settings."""
    decoder: Callable[[], Decoder]
    """Make the decoder of a new connection."""
    promises: Mapping[Promise, str] = {}
    """What it promises, and the name of each promise. It cannot break one that it never made."""
    joiner: str = " "
    """What stands between the texts of two turns, put together to a whole."""
    eager_ends: bool = True
    """Whether it says that a turn may be over before it is."""
    resumes: bool = True
    """Whether it takes such a word back."""
