"""What a tap says of calls as they begin and end. Pure but for the reader of websockets."""

from collections.abc import Iterator

import msgspec

from stt_monitor.core.records.fields import in_record
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEnded, CallEvent
from stt_monitor.tap.messages import Broken, Close, MessageReader


class CallRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="call", omit_defaults=True):
    """A call begins, is watched no more, or ends."""

    t: float
    """Seconds since the tap began."""
    call: int
    """Its number, from 1 on."""
    state: str
    """`began`, `unwatched`, or `ended`."""
    method: str
    path: str
    """Without the query."""
    service: str = ""
    """Name of the service; missing where the path is of none."""
    to: str = ""
    """Scheme, host and port that it is forwarded to."""
    status: int | None = None
    """HTTP status of the service's response; 101: a websocket was opened."""
    seconds: float | None = None
    """How long it lasted."""
    agent_bytes: int | None = None
    """Bytes that the agent sent."""
    service_bytes: int | None = None
    """Bytes that the service sent."""
    unwatched_bytes: int | None = None
    """Bytes of its websocket that passed unwatched; missing for none."""
    close_code: int | None = None
    """Code of the first close frame; missing without one."""
    ended_by: str = ""
    """Who ended it first: `agent`, `service` or `tap`."""
    problem: str = ""
    """Why it could not be forwarded, or is watched no more."""


class CallLog:
    """Makes records of what a tap tells; `began`: when the tap began, by its clock."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._calls: dict[int, _Call] = {}

    def read(self, event: CallEvent) -> Iterator[CallRecord]:
        """Yield what is to be said of an event."""
        if isinstance(event, CallBegan):
            self._calls[event.call] = call = _Call(event)
            yield call.record(self._began, event.at, "began")
            return
        found = self._calls.get(event.call)
        if found is None:  # its beginning was dropped
            return
        match event:
            case CallAnswered():
                found.answered(event)
            case CallBytes():
                if problem := found.heard(event):
                    yield found.record(self._began, event.at, "unwatched", problem=problem)
            case CallDropped():
                yield found.record(self._began, event.at, "unwatched", problem="monitoring fell behind")
            case CallEnded():
                del self._calls[event.call]
                yield found.ended(self._began, event)

    def unwatched(self, call: int, at: float, sentence: str) -> Iterator[CallRecord]:
        """Yield that a call is not watched, or no more, and why."""
        if (found := self._calls.get(call)) is not None:
            yield found.record(self._began, at, "unwatched", problem=sentence)


class _Call:
    def __init__(self, began: CallBegan) -> None:
        self._event = began
        self._answer: CallAnswered | None = None
        self._readers: dict[bool, MessageReader] = {}
        self._close: Close | None = None

    def answered(self, answer: CallAnswered) -> None:
        self._answer = answer

    def heard(self, event: CallBytes) -> str:
        """Read bytes; returns why they make no sense, if that is so."""
        if self._answer is None or self._answer.status != 101:  # noqa: PLR2004  switching protocols
            return ""
        if event.from_agent not in self._readers:
            self._readers[event.from_agent] = MessageReader(
                from_agent=event.from_agent, extensions=self._answer.extensions
            )
        for message in self._readers[event.from_agent].feed(event.data):
            if isinstance(message, Close) and self._close is None:
                self._close = message
            elif isinstance(message, Broken):
                return message.why
        return ""

    def ended(self, began: float, event: CallEnded) -> CallRecord:
        return self.record(
            began,
            event.at,
            "ended",
            seconds=in_record(event.at - self._event.at),
            agent_bytes=event.agent_bytes,
            service_bytes=event.service_bytes,
            unwatched_bytes=event.unwatched_bytes or None,
            close_code=None if self._close is None else self._close.code,
            ended_by=event.by,
            problem=event.problem,
        )

    def record(self, began: float, at: float, state: str, **more: object) -> CallRecord:
        event = self._event
        return CallRecord(
            in_record(at - began),
            event.call,
            state,
            event.method,
            event.head.path,
            event.service,
            event.where,
            None if self._answer is None else self._answer.status,
            **more,  # type: ignore[arg-type]  # names of fields
        )
