"""What the core must know about a service: its decoder and its promises."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

import msgspec

from stt_monitor.core.stall import SILENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stt_monitor.core.events import Event, Wire
    from stt_monitor.core.settings.requested import Schema


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


class Onset(Enum):
    """What makes a service start a turn; values are for display, after its title."""

    EXPLICIT = "starts a turn when it takes the sound for one"
    WORDS = "waits for a word before it starts a turn"
    VOICE = "starts a turn at any voice, with or without words"
    DERIVED = "does not say when a turn starts: its first text does"


class TextAfterEnd(Enum):
    """Whether text of a turn may come after its end (`TurnText`)."""

    NEVER = auto()
    COPY = auto()
    """A copy of the text that came with the end, formatted or with times."""
    ALWAYS = auto()
    """The text itself: `TurnEnd` is the decision alone."""


class Message(msgspec.Struct, frozen=True):
    """A decoded message of a service."""

    events: tuple[Event, ...]
    """Its events, in order; may be empty."""
    wire: Wire
    """The JSON object as received; empty where it is none."""

    @property
    def streams(self) -> bool:
        """Whether it belongs to a constant stream, such as progress reports, and says nothing of turns."""
        from stt_monitor.core.events import STREAMED, TurnEvent  # not before the first paint

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
    onset: Onset = Onset.EXPLICIT
    """What makes it start a turn."""
    eager_ends: bool = True
    """Whether it has eager ends."""
    eager_setting: str = ""
    """The setting that switches them on; empty if they need none."""
    resumes: bool = True
    """Whether it resumes turns after an eager end."""
    text_after_end: TextAfterEnd = TextAfterEnd.NEVER
    """Whether text of a turn may come after its end."""
    copy_setting: str = ""
    """The setting that asks for copies, if it is not 0; empty if they come anyway."""
    text_wait_s: float = 5.0
    """Longest wait for such text; then the turn counts without."""
    overlap: bool = False
    """Whether the next turn may start before a turn has all its text; otherwise that start settles the text."""
    tells_onset: bool = False
    """Whether it says where in the audio the speech of a turn begins."""
    tells_speech_end: bool = False
    """Whether it says where it ends."""
    tells_reason: bool = False
    """Whether it says why a turn ended."""
    tells_likelihood: bool = False
    """Whether the vendor reports a likelihood; otherwise only the local server does."""
    finish_ends_turn: bool = True
    """Whether the end of the audio always ends an open turn; otherwise its last text may be the last word on it."""
    silence_s: float = SILENCE_S
    """Most speech without a message, seconds: what the service promises, plus a margin for the network.
    More is a stall (`core/monitoring/stall_rule.py`)."""
    acknowledges: bool = False
    """Whether it answers each change of the settings: with `SettingsApplied`, or with an error that refuses it."""
