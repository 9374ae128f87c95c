"""One call: its events, its message parsers, its session, and its row in the list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.calls_state import CallState
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.units import in_data
from stt_monitor.tap.calls import CallLog, CallRecord
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallEnded
from stt_monitor.tap.messages import Close, Heard, MessageReader

if TYPE_CHECKING:
    from stt_monitor.tap.sessions.session import CallSession

SWITCHING: Final = 101
"""Status of an answer that opens a websocket."""
_REFUSED: Final = 400
_NORMAL: Final = 1000


class Call:
    """What is known of one call.

    Args:
        began: the agent's request.
        tap_began: when the tap began, by its clock.
    """

    def __init__(self, began: CallBegan, tap_began: float) -> None:
        self.began = began
        self.log = CallLog(began, tap_began)
        self.session: CallSession | None = None
        self.problem = ""
        """Why it is not watched, or not measured."""
        self.blame = ""
        """Whose fault its present stall is."""
        self.end: CallRecord | None = None
        """Outcome of its end; None while it runs."""
        self._began_at = began.at - tap_began
        self._readers: dict[bool, MessageReader] = {}
        self._last: CallState | None = None

    def answered(self, answer: CallAnswered) -> None:
        """Note the service's answer."""
        self.log.answered(answer)
        if answer.status == SWITCHING:
            self._readers = {
                agent: MessageReader(from_agent=agent, extensions=answer.extensions) for agent in (True, False)
            }

    def read(self, copied: CallBytes) -> Sequence[Heard]:
        """Return the messages that a copy completes."""
        if not self._readers:
            return ()
        heard = self._readers[copied.from_agent].feed(copied.data)
        for message in heard:
            if isinstance(message, Close):
                self.log.closed(message)
        return heard

    def ended(self, event: CallEnded) -> CallRecord:
        """Note its end, and say so."""
        self.end = self.log.ended(event)
        return self.end

    @property
    def over(self) -> bool:
        """Whether it has ended, with all records delivered."""
        return self.end is not None and (self.session is None or self.session.over)

    @property
    def state(self) -> CallState:
        """Its line in a list."""
        state = self._last or self._measured()
        if self.session is not None and self.session.over:
            self._last = state
        return msgspec.structs.replace(state, **self._end)

    def _measured(self) -> CallState:
        state = CallState(self.began.call, self.began.service, "unwatched", self._began_at, problem=self.problem)
        snapshot = None if self.session is None else self.session.snapshot()
        if self.session is None or snapshot is None:
            return state
        eot = METRICS["eot_latency"]
        if snapshot.running and not self.problem:
            stall = "" if snapshot.stall is None else snapshot.stall.sentence
            state = msgspec.structs.replace(state, state=snapshot.state.value, stall=stall)
        return msgspec.structs.replace(
            state,
            turns=snapshot.counts.turns,
            eot_p50_ms=in_data(snapshot.summaries[eot.key].p50, eot.unit),
            lag_s=self.session.speech_lag,
            folder="" if snapshot.recording is None else snapshot.recording.path,
            is_heard=not self.session.over,
        )

    @property
    def _end(self) -> dict[str, object]:
        """Fields that its end sets."""
        end = self.end
        if end is None:
            return {}
        problem = {"problem": end.problem} if end.problem and not self.problem else {}
        return {"state": "over", "ended_at": end.t, "ended": _how(end), "is_heard": False, "stall": "", **problem}


def _how(end: CallRecord) -> str:
    """Say how a call ended."""
    if end.status is not None and end.status >= _REFUSED:
        return f"refused, status {end.status}"
    if end.close_code is not None:
        return "closed" if end.close_code == _NORMAL else f"closed, code {end.close_code}"
    return "ended by the tap" if end.ended_by == "tap" else f"broken off by the {end.ended_by}"
