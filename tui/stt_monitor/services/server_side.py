"""What the local server needs to speak a service's protocol: the other end of `services.base`.

The server knows audio, a likelihood, turns and HTTP; a service turns its requests and messages into these and back.
Pure: no socket, no clock.
"""

import hmac
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import parse_qsl

import msgspec

from stt_monitor.core.events import Likelihood, TurnEvent
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Audio

Query = dict[str, list[str]]
"""The values of each parameter, in the order in which they came."""


SAMPLE_RATES: Final = range(1, 384_001)
"""Hz that the local server takes; beyond this nothing records."""


class Head(msgspec.Struct, frozen=True):
    """The head of an HTTP request."""

    target: str = "/"
    """The path with its query, as sent."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> Query:
        """The parameters. Both `+` and `%20` are a space; bytes that are not UTF-8 are replaced."""
        values: Query = {}
        for name, value in parse_qsl(self.target.partition("?")[2], keep_blank_values=True, errors="replace"):
            values.setdefault(name, []).append(value)
        return values

    def header(self, name: str) -> list[str]:
        """Return the values of a header; `name` in lower case."""
        return [value for key, value in self.headers if key == name]

    def logins(self, scheme: str) -> list[str]:
        """Return what stands behind a scheme, such as `Bearer`, in the `Authorization` headers."""
        parts = (value.strip().partition(" ") for value in self.header("authorization"))
        return [rest.strip() for found, _, rest in parts if found.lower() == scheme.lower()]


def holds_key(key: str, presented: Iterable[str]) -> bool:
    """Return whether a key is among those that a request shows."""
    # Compared in constant time, and all of them, so that timing tells nothing about the key.
    matches = [hmac.compare_digest(candidate.encode(), key.encode()) for candidate in presented]
    return any(matches)


class Visit(msgspec.Struct, frozen=True):
    """What the server knows of a connection, beside its request."""

    id: str = ""
    """Names it."""
    now: Callable[[], float] = float
    """Tells the time, seconds since 1970."""
    overheard: bool = False
    """Whether another server answers it: what this one lacks is then no reason to refuse it."""


class Answer(msgspec.Struct, frozen=True):
    """An HTTP response: status, type and bytes of the body, further headers."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Rejection(msgspec.Struct, frozen=True):
    """Why a request or a message is refused. Nothing of the server's insides appears in it."""

    title: str
    """A few words, the same for every failure of its kind."""
    message: str
    """One sentence for the developer of the client."""
    status: int = HTTPStatus.BAD_REQUEST
    """HTTP status; for a message, the one it would have."""
    code: str = ""
    """The service's name of the failure; "" where the status says it all."""
    headers: tuple[tuple[str, str], ...] = ()
    """Go along where the refusal is an HTTP response."""
    fatal: bool = False
    """Whether a message that is refused so ends the session."""


class RejectedError(Exception):
    """What a client asked for is refused.

    Attributes:
        rejection: why.
    """

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection


class Thresholds(msgspec.Struct, frozen=True):
    """When the local server's turns start and end, by its likelihood (0..1) that the user is inside a turn."""

    start: float
    """`turn.start`, or `turn.resume`, above it."""
    eager_end: float
    """Eager end below it; 0 turns eager ends off."""
    end: float
    """End below it."""
    end_timeout_ms: float
    """End this long after speech, whatever the likelihood."""
    min_silence_ms: float = 0.0
    """Neither eager end nor end before so much silence, whatever the likelihood."""
    hasty_eager_end: bool = False
    """Whether that silence is for the end alone."""


class Parameters(msgspec.Struct, frozen=True):
    """What a client asks for when it connects."""

    audio: Audio
    thresholds: Thresholds
    keyterms: tuple[str, ...] = ()
    """Words to expect."""
    trace: bool = False
    """Whether it wants the likelihood, an extension of ours."""
    progress_s: float = 0.0
    """Seconds of audio between two `Progress`; 0 for none."""
    idle_timeout_s: float | None = None
    """Seconds without a message after which it wants to be closed; None for those of the server."""
    settings: Settings = Settings()
    """The requested settings alone, by the service's names."""


class Finish(msgspec.Struct, frozen=True):
    """No more audio follows: recognise what came, end the open turn, close the connection."""


class EndTurn(msgspec.Struct, frozen=True):
    """End the open turn here, whatever the likelihood."""


class Configure(msgspec.Struct, frozen=True):
    """The thresholds are these from here on."""

    thresholds: Thresholds
    turn: TurnSettings
    """The service's own settings that they come from."""


Command = Finish | EndTurn | Configure
"""What a client asks for in mid-connection; it takes effect at its place in the audio."""


class Done(msgspec.Struct, frozen=True):
    """A command has taken effect; the events that it caused came before."""

    command: EndTurn | Configure


class Progress(msgspec.Struct, frozen=True):
    """So much audio is processed; the events that it caused came before."""

    at: float
    """Seconds of audio."""
    likelihood: float
    """Of being inside a turn, there."""


Signal = TurnEvent | Likelihood | Progress | Done
"""What the server has to tell a client.

The detector's events are the ones that a client's decoder makes: `key` counts turns from 1, `at` is the audio heard,
`text` has no space around it and only grows; `confidence` is one minus the likelihood that decided.
"""


class Opening(msgspec.Struct, frozen=True):
    """A step of how a session begins."""

    parameters: Parameters | None
    """What was asked for; None where a message has yet to say it."""
    texts: tuple[str, ...] = ()
    """Sent at once."""
    first: bytes | Command = b""
    """The audio or the command that came with what was asked for."""


class Farewell(msgspec.Struct, frozen=True):
    """How the server ends a session: last messages, then a close frame, or none."""

    texts: tuple[str, ...] = ()
    code: int | None = 1000
    """None for a close frame without a code."""
    reason: str = ""
    drops: bool = False
    """Whether the connection just ends, without a close frame."""


class Session(Protocol):
    """One connection that has been accepted, in the words of its service. Called by one thread."""

    def open(self, message: str | bytes | None = None) -> Opening:
        """Read the parameters: first from the request, then from each message until they are known.

        Raises:
            RejectedError: parameters are missing, malformed, out of range or contradict each other.
        """

    def read(self, message: str | bytes) -> bytes | Command:
        """Read a message: audio, not necessarily whole samples, or a command.

        Raises:
            RejectedError: it is not accepted; unless that is fatal, the session goes on as it was.
        """

    def write(self, signal: Signal) -> Iterable[str]:
        """Put a signal into messages."""

    def report(self, rejection: Rejection) -> Iterable[str]:
        """Send an error for a refused message."""

    def close(self, rejection: Rejection | None = None) -> Farewell:
        """End the session: because the client has finished, or for the reason given."""


class SpeechRequest(msgspec.Struct, frozen=True):
    """What is to be spoken, and how the audio is to be written."""

    transcript: str
    audio: Audio
    wav: bool
    """Whether with a WAV header."""
    content_type: str
    """Of the answer."""


class Synthesis(msgspec.Struct, frozen=True):
    """A service's text-to-speech: one POST, answered with audio."""

    path: str
    read: Callable[[bytes], SpeechRequest]
    """Read the body of a request. Raises RejectedError."""


class ServerSide(msgspec.Struct, frozen=True):
    """How the local server speaks a service's protocol. Functions are pure; each session is independent."""

    title: str
    """What the front page calls it."""
    path: str
    """End of the websocket's path; a proxy may have added a prefix."""
    example_query: str
    """A query that opens a session, for the front page."""
    shows_key: Callable[[str, Head], bool]
    """Return whether a request shows a key."""
    unauthorized: Rejection
    """It does not."""
    answer: Callable[[Rejection, Head, str], Answer]
    """Refuse a request over HTTP; the last argument is a request id."""
    open: Callable[[Head, Visit], Session]
    """Make the session of a request."""
    point_sdk: Callable[[str, str], str]
    """Return how to point the vendor's SDK at a base URL, with a key; empty if it has its key already."""
    rejects_upgrade: bool = False
    """Whether parameters that are refused refuse the handshake; otherwise the session is opened to say so."""
    opens_to_strangers: bool = False
    """Whether a session is opened to say that no key is shown; otherwise that refuses the handshake."""
    synthesis: Synthesis | None = None
