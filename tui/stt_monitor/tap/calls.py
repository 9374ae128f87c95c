"""What a tap says of a call as it begins and ends. Pure."""

import msgspec

from stt_monitor.core.records.fields import in_record
from stt_monitor.tap.events import CallAnswered, CallBegan, CallEnded
from stt_monitor.tap.messages import Close


class CallRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="call", omit_defaults=True):
    """A call begins, is watched no more, or ends."""

    t: float
    """Seconds since the tap began."""
    call: int
    """Its number, from 1 on."""
    state: str
    """`began`, `unwatched`, or `ended`."""
    method: str
    """Of the agent's HTTP request."""
    path: str
    """Of the same, without the query."""
    service: str = ""
    """Name of the service; missing if the path is of no known one."""
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
    """Makes the records of one call.

    Args:
        began: the agent's request.
        tap_began: when the tap began, by its clock.
    """

    def __init__(self, began: CallBegan, tap_began: float) -> None:
        self._began = began
        self._tap_began = tap_began
        self._status: int | None = None
        self._close: Close | None = None

    def answered(self, answer: CallAnswered) -> None:
        """Note the service's answer."""
        self._status = answer.status

    def closed(self, close: Close) -> None:
        """Note a close frame; the first one counts."""
        self._close = self._close or close

    def began(self) -> CallRecord:
        """Say that it begins."""
        return self._record(self._began.at, "began")

    def unwatched(self, at: float, problem: str) -> CallRecord:
        """Report that it is not monitored, or no longer, and why."""
        return self._record(at, "unwatched", problem=problem)

    def ended(self, end: CallEnded) -> CallRecord:
        """Report its end and the reason."""
        told = bool(end.agent_bytes)  # its request, at least, unless nobody told the end
        return self._record(
            end.at,
            "ended",
            seconds=in_record(end.at - self._began.at),
            agent_bytes=end.agent_bytes if told else None,
            service_bytes=end.service_bytes if told else None,
            unwatched_bytes=end.unwatched_bytes or None,
            close_code=None if self._close is None else self._close.code,
            ended_by=end.by,
            problem=end.problem,
        )

    def _record(self, at: float, state: str, **more: object) -> CallRecord:
        began = self._began
        return CallRecord(
            in_record(at - self._tap_began),
            began.call,
            state,
            began.method,
            began.head.path,
            began.service,
            began.where,
            self._status,
            **more,  # type: ignore[arg-type]  # names of fields
        )
