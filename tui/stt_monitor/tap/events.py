"""What a tap tells of the calls that it forwards: copies of their bytes, and what became of them.

A call is one request of an agent, with all that follows on its connection. Times are those of the machine's monotonic
clock, seconds, taken when the bytes arrived; processes of a machine share it.
"""

from typing import Final

import msgspec

from stt_monitor.services.server_side import Head

FRAME_HEAD_BYTES: Final = 4
"""Length of what stands before each event in the stream between the processes: the length of the event."""


class _Event(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    call: int
    """Number of the call, from 1 on."""
    at: float


class CallBegan(_Event, frozen=True, tag="began"):
    """An agent's request has come. Its `repr` shows no secret."""

    method: str
    head: Head
    """The request as it may be seen: without secrets, of the headers those that tell versions and programs."""
    service: str = ""
    """Name of the service whose protocol it is; "" if the path is of no known one."""
    where: str = ""
    """Where it is forwarded to: scheme, host and port."""
    websocket: bool = False
    """Whether it asks for a websocket. Only then copies are told."""
    secrets: tuple[str, ...] = ()
    """What came as a credential: to be removed from everything that the service says, and never to be written."""

    def __repr__(self) -> str:
        """Represent it by its number."""
        return f"CallBegan({self.call})"


class CallAnswered(_Event, frozen=True, tag="answered"):
    """The head of the service's response has come."""

    status: int
    """101 where the websocket is open."""
    extensions: str = ""
    """Values of `Sec-WebSocket-Extensions`: what a reader of the websocket must know."""
    subprotocol: str = ""
    server: str = ""
    """Value of `Server`: tells a local server."""


class CallBytes(_Event, frozen=True, tag="bytes"):
    """Bytes of a websocket, as they came: after the heads, in order for each direction."""

    from_agent: bool
    """Whether the agent sent them; else the service."""
    data: bytes
    unacknowledged: int | None = None
    """Bytes of the agent that the service's end of the line had not acknowledged when these had been passed on; None
    where the system does not tell."""

    def __repr__(self) -> str:
        """Represent it without its content."""
        return f"CallBytes({self.call}, {len(self.data)})"


class CallHeldUp(_Event, frozen=True, tag="held_up"):
    """The tap itself was held up, such as by a slow machine: data seen now may have arrived earlier."""

    late: float
    """By how much, seconds, at most."""


class CallDropped(_Event, frozen=True, tag="dropped"):
    """The monitor was too slow: no more copies of this call follow. The call goes on."""


class CallEnded(_Event, frozen=True, tag="ended"):
    """The call is over."""

    by: str
    """Who ended the connection first: `agent`, `service` or `tap`; the tap where it cannot forward, or ends itself.

    Of a websocket closed in order, mostly the service, regardless of who sent the first close frame.
    """
    agent_bytes: int = 0
    """Bytes that the agent sent, heads included; 0 if unknown, because there is at least a request."""
    service_bytes: int = 0
    """Bytes that the service sent, heads included."""
    reset: bool = False
    """Whether the connection was reset, rather than closed in order."""
    problem: str = ""
    """Why it could not be forwarded, in a sentence."""
    unwatched_bytes: int = 0
    """Bytes of its websocket that were not copied, because the monitor was too slow."""


class Listening(msgspec.Struct, frozen=True, tag_field="kind", tag="listening"):
    """The tap accepts connections."""

    host: str
    port: int


class Stopped(msgspec.Struct, frozen=True, tag_field="kind", tag="stopped"):
    """The tap cannot listen, or a bug has ended it."""

    sentence: str
    exit_code: int


CallEvent = CallBegan | CallAnswered | CallBytes | CallHeldUp | CallDropped | CallEnded
TapEvent = CallEvent | Listening | Stopped
