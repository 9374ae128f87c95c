"""The interface of a service: everything that the rest of the program knows about it. Pure: opens no socket."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.settings.requested import Schema, Setting, Settings, TurnSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stt_monitor.core.dialect import Dialect
    from stt_monitor.core.events import Wire

ENCODINGS: Final = ("pcm_s16le", "pcm_s32le", "pcm_f16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw")
"""Names of audio encodings, as in protocol.md 3."""


class Audio(msgspec.Struct, frozen=True):
    """Format of the audio to send."""

    encoding: str
    """One of `ENCODINGS`."""
    sample_rate: int
    """Hz."""


class Credential(Enum):
    """What a request logs in with."""

    NONE = ""
    KEY = "key"
    LOGIN = "login"
    """User and password of the URL."""
    UNNEEDED = "unneeded"
    """Nothing: it goes to the local server of this program, which lets it in anyway."""


class Site(msgspec.Struct, frozen=True):
    """Target and credentials of a request. Its `repr` shows neither key nor query."""

    url: str
    """Full URL of the service, without query."""
    query: tuple[tuple[str, str], ...] = ()
    """Query of the user's own URL."""
    key: str | None = None
    login: str = ""
    """User and password of the URL, as base64; empty without them."""

    def __repr__(self) -> str:
        """Represent it by the URL alone."""
        return f"Site({self.url!r})"


class Request(msgspec.Struct, frozen=True):
    """The request that opens a connection. It may hold a key: its `repr` shows nothing."""

    url: str
    headers: dict[str, str]
    messages: tuple[str, ...] = ()
    """Sent at once when it is open, before any audio. They hold no key, for redirects may lead elsewhere."""

    def __repr__(self) -> str:
        """Represent it without its content."""
        return "Request()"


class Refusal(msgspec.Struct, frozen=True):
    """Why a service rejected a connection, to follow the words “the service”, and what the user can do about it."""

    what: str
    remedy: str
    passing: bool = False
    """Whether a retry may help."""


class Label(msgspec.Struct, frozen=True):
    """Description of a message, for display; not sanitized."""

    kind: str = ""
    """Its type, by the service's name; empty without one."""
    event: str = ""
    """Name of its event (`core/events.py`), which sets its colour; empty for no event."""
    text: str = ""
    """Its text: a transcript, or an error message."""
    details: str = ""
    """Its fields as a line of JSON, without those that repeat in every message."""


class ListOption(msgspec.Struct, frozen=True):
    """A repeatable command-line option for words that the service should expect."""

    field: str
    """Field of `Settings`: `keyterms`."""
    option: str
    """`--keyterm`."""
    metavar: str
    help: str


class Speech(msgspec.Struct, frozen=True):
    """A service's text-to-speech: one POST, answered with raw `pcm_s16le` samples, mono."""

    path: str
    sample_rate: int
    """Hz."""
    example: str
    """Default sentence."""
    body: Callable[[str], bytes]
    """Make the JSON of a request for a sentence."""


class Service(msgspec.Struct, frozen=True):
    """A service. Functions are pure; each connection is independent of any other."""

    name: str
    """Name in `--service` and in recordings."""
    title: str
    """Name for people."""
    key_variable: str
    """Environment variable of its API key, the only way to give one."""
    url: str
    """The vendor's URL, without path."""
    path: str
    """Path to append to a base URL."""
    model: str
    """Default model."""
    dialect: Callable[[Settings], Dialect]
    """Return what the core must know about the service under these settings: models may differ."""
    lists: tuple[ListOption, ...]
    """Its options for lists of words."""
    public_names: frozenset[str]
    """URL parameters that may be shown: not credentials."""
    public_prefix: str
    """Prefix of more such names."""
    problem: Callable[[Settings, bool], str]
    """Return why the service would reject settings, in a sentence; empty if it would not.

    The second argument: whether unset ones are known to have the published defaults.
    """
    headers: Callable[[Site], dict[str, str]]
    """Return the headers of every request: versions, and the key or login."""
    request: Callable[[Site, Settings, Audio], Request]
    """Make the request for a connection; leaves out unset settings."""
    encode: Callable[[bytes], str | bytes]
    """Encode a chunk of audio as a frame."""
    configure: Callable[[TurnSettings], str] | None
    """Make the message that changes settings on an open connection; None: it takes none after audio, another connection
    brings the change."""
    finish: Callable[[bool], tuple[str, ...]]
    """Return the messages that end the audio, in order; the argument: whether a turn is open."""
    refusal_text: Callable[[bytes], str]
    """Return the message in the body of an HTTP error; not sanitized, may be empty."""
    refusal: Callable[[str], Refusal]
    """Explain an error with this text as the first message, where neither key nor load is the cause."""
    failure: Callable[[int | None, str], Refusal | None]
    """Explain a close by its code and reason; None where the service has no meaning of its own for it."""
    label: Callable[[Wire], Label]
    """Describe a message from or to the service, whatever it contains; of a truncated one, its first fields."""
    closes: Mapping[int, str] = {}
    """The service's own meanings of close codes; 1005 is a close without a code."""
    chunk_ms: tuple[int, int] = (10, 1000)
    """Least and most audio that it takes in a frame, milliseconds."""
    catch_up_speed: float = 1.5
    """Audio that waited for a connection is sent at most this many times as fast as real time: bursts are refused
    (protocol.md 3)."""
    other_models: tuple[str, ...] = ()
    """Models that take other turn settings than the default one: one of each kind."""
    speech: Speech | None = None
    web_paths: tuple[str, ...] = ()
    """Beginnings of other paths of its API that no other service has, by which a tap knows its requests."""
    tried_live: bool = False
    """Whether sessions with the vendor's service itself have been tried, not only with its SDK and documents."""
    has_server_side: bool = True
    """Whether the local server speaks it: its folder has a `server_side`."""

    def __repr__(self) -> str:
        """Represent it by its name."""
        return f"Service({self.name!r})"

    @property
    def schema(self) -> Schema:
        """Turn-detection settings of the default model."""
        return self.schema_of(self.model)

    @property
    def schemas(self) -> dict[str, Schema]:
        """Turn-detection settings of each kind of model, by one of its models; those of the default one first."""
        return {model: self.schema_of(model) for model in (self.model, *self.other_models)}

    @property
    def all_settings(self) -> tuple[Setting, ...]:
        """Every turn-detection setting of its models, each once."""
        found: dict[str, Setting] = {}
        for schema in self.schemas.values():
            for each in schema.settings:
                found.setdefault(each.name, each)
        return tuple(found.values())

    def schema_of(self, model: str) -> Schema:
        """Return the turn-detection settings of a model."""
        return self.dialect(Settings(model)).schema

    def is_public(self, name: str) -> bool:
        """Return whether a URL parameter is the protocol's own and may be shown."""
        return name in self.public_names or (bool(self.public_prefix) and name.startswith(self.public_prefix))
