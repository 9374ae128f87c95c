"""What a service declares and does: all that the rest of the program knows of it. Pure: no socket is opened here."""

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.events import Wire
from stt_monitor.core.settings import Schema, Settings, TurnSettings


class Audio(msgspec.Struct, frozen=True):
    """The sound that will be sent."""

    encoding: str
    """A name of protocol.md 3, such as `pcm_s16le`."""
    sample_rate: int
    """Hz."""


class Credential(Enum):
    """What a request logs in with."""

    NONE = ""
    KEY = "key"
    LOGIN = "login"
    """User and password of the URL."""


class Site(msgspec.Struct, frozen=True):
    """Where a request goes, and what it may log in with. Nothing of that is in the representation."""

    url: str
    """The service's full address, without query."""
    query: tuple[tuple[str, str], ...] = ()
    """What the user's own URL has behind the question mark."""
    key: str | None = None
    login: str = ""
    """User and password of the URL, as base64; empty when it has none."""

    def __repr__(self) -> str:
        """Show the address alone."""
        return f"Site({self.url!r})"


class Request(msgspec.Struct, frozen=True):
    """What opens a connection. It may hold a key: nothing of it is in the representation."""

    url: str
    headers: dict[str, str]
    messages: tuple[str, ...] = ()
    """Sent at once when it is open, before any audio. They hold no key, for redirects may lead elsewhere."""

    def __repr__(self) -> str:
        """Say nothing."""
        return "Request()"


class Refusal(msgspec.Struct, frozen=True):
    """What a service objected to, behind the words “the service”, and what the user can do about it."""

    what: str
    remedy: str
    passing: bool = False
    """Whether trying again may help."""


class Label(msgspec.Struct, frozen=True):
    """What a message is, for people; not cleaned."""

    kind: str = ""
    """Its type, in the service's words; empty where it has none."""
    event: str = ""
    """The name of the event that it is (`core/events.py`), which gives it its colour; empty where it is none."""
    text: str = ""
    """What it says in words: a transcript, or what went wrong."""
    details: str = ""
    """Its fields in a line of JSON, without those that are the same in message after message."""


class ListOption(msgspec.Struct, frozen=True):
    """Words that a service can be told to expect; an option of the command line, repeatable."""

    field: str
    """Where `Settings` has them: `keyterms`."""
    option: str
    """`--keyterm`."""
    metavar: str
    help: str


class Speech(msgspec.Struct, frozen=True):
    """A service's text-to-speech: one POST, answered with bare `pcm_s16le` samples, mono."""

    path: str
    sample_rate: int
    """Hz."""
    example: str
    """What is said when nobody gives a sentence."""
    body: Callable[[str], bytes]
    """The JSON that asks for a sentence."""


class Service(msgspec.Struct, frozen=True):
    """A service. Functions are pure; each connection is independent of any other."""

    name: str
    """What `--service` and recordings call it."""
    title: str
    """What people call it."""
    key_variable: str
    """The environment variable that holds its key, which is never given in another way."""
    url: str
    """The vendor's address, without path."""
    path: str
    """What comes behind a base URL."""
    model: str
    """The default."""
    schema: Schema
    """The settings that decide when turns begin and end."""
    dialect: Callable[[Settings], Dialect]
    """What the core has to know of it, where these settings are asked for: models may differ."""
    lists: tuple[ListOption, ...]
    """What else it can be asked for."""
    public_names: frozenset[str]
    """Parameters of its URL that anybody may see; they are no credentials."""
    public_prefix: str
    """Begins the names of more of them."""
    problem: Callable[[Settings, bool], str]
    """Say in one sentence why the service would refuse settings; empty when it would not.

    The second argument: whether what is not set is known to have the published default.
    """
    headers: Callable[[Site], dict[str, str]]
    """What goes along with each request: versions, and the key or login."""
    request: Callable[[Site, Settings, Audio], Request]
    """Ask for a connection; what the settings leave open is not sent."""
    encode: Callable[[bytes], str | bytes]
    """Put a chunk of audio into a frame."""
    configure: Callable[[TurnSettings], str]
    """Make the message that changes the settings which are set, in mid-connection."""
    finish: tuple[str, ...]
    """Messages that say, one after another, that no more audio will come."""
    refusal_text: Callable[[bytes], str]
    """Read what the body of an HTTP refusal says; not cleaned, and empty when it says nothing."""
    refusal: Callable[[str], Refusal]
    """Say what a first message that is an error with these words means, where it is about neither key nor load."""
    failure: Callable[[int | None, str], Refusal | None]
    """Say what a close with this code and these words of the service's means; None where it is nothing of its own."""
    label: Callable[[Wire], Label]
    """Say what a message is, of the service or to it, whatever is in it; of one that is cut off, its first fields."""
    closes: Mapping[int, str] = {}
    """What a close with this code means from this service, beyond what the code says; 1005 is one without a code."""
    speech: Speech | None = None

    def __repr__(self) -> str:
        """Show the name."""
        return f"Service({self.name!r})"

    def is_public(self, name: str) -> bool:
        """Tell whether a parameter of its URL is one of the protocol's, which anybody may see."""
        return name in self.public_names or (bool(self.public_prefix) and name.startswith(self.public_prefix))
