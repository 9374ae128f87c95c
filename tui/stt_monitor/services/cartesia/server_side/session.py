"""A session as the service holds it: what it reads, what it writes, how it closes (protocol.md 4-10)."""

from http import HTTPStatus
from typing import Final

from stt_monitor.core import events
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.cartesia import codec
from stt_monitor.services.cartesia.server_side.messages import read_message
from stt_monitor.services.cartesia.server_side.rejections import error_code
from stt_monitor.services.cartesia.server_side.request import read_query
from stt_monitor.services.cartesia.server_side.turn_settings import thresholds
from stt_monitor.services.server_side import (
    Command,
    Configure,
    Done,
    Farewell,
    Finish,
    Head,
    Opening,
    Parameters,
    Progress,
    Rejection,
    Signal,
    Visit,
)

_POLICY_VIOLATION: Final = 1008
_CLOSE_CODES: Final = {
    HTTPStatus.REQUEST_TIMEOUT: 1001,
    HTTPStatus.TOO_MANY_REQUESTS: 1013,
    HTTPStatus.INTERNAL_SERVER_ERROR: 1011,
}
"""By the status of what ends a session (protocol.md 10.2)."""


class CartesiaSession:
    """One connection.

    Args:
        head: the request that opened it.
        visit: names it in every event.
    """

    def __init__(self, head: Head, visit: Visit) -> None:
        self._head = head
        self._request_id = visit.id
        self._overheard = visit.overheard
        self._turn = TurnSettings()
        self._spoken = False  # whether an earlier turn had text

    def open(self, message: str | bytes | None = None) -> Opening:  # noqa: ARG002  the query says it all
        """Read the query; `connected` says that it is accepted (protocol.md 10.3)."""
        asked = read_query(self._head.query, overheard=self._overheard)
        self._turn = asked.turn
        settings = asked.settings
        parameters = Parameters(asked.audio, thresholds(asked.turn), settings.keyterms, asked.trace, settings=settings)
        return Opening(parameters, (codec.encode(codec.Connected(self._request_id)),))

    def read(self, message: str | bytes) -> bytes | Command:
        """Take binary frames as audio, text frames as JSON (protocol.md 4)."""
        if isinstance(message, bytes):
            return message
        read = read_message(message, self._turn, overheard=self._overheard)
        if isinstance(read, Finish):
            return read
        self._turn = read
        return Configure(thresholds(read), read)

    def write(self, signal: Signal) -> tuple[str, ...]:
        """Send an event for each signal; a change of settings is not acknowledged (protocol.md 4.2, 5)."""
        match signal:
            case Done() | Progress():
                return ()
            case events.Likelihood(points, lag):
                return (codec.encode(codec.Likelihood(points, self._request_id, lag)),)
            case _:
                return (codec.encode(self._turn_event(signal)),)

    def report(self, rejection: Rejection) -> tuple[str, ...]:
        """Send an `error` event; the connection stays open (protocol.md 10.2)."""
        return (
            codec.encode(
                codec.ServiceError(
                    status_code=rejection.status,
                    title=rejection.title,
                    message=rejection.message,
                    error_code=error_code(rejection),
                    request_id=self._request_id,
                )
            ),
        )

    def close(self, rejection: Rejection | None = None) -> Farewell:
        """Send the `error` event of a failure, except for an idle client, and close (protocol.md 9, 10.2)."""
        if rejection is None:
            return Farewell()
        code = _CLOSE_CODES.get(HTTPStatus(rejection.status), _POLICY_VIOLATION)
        texts = () if rejection.status == HTTPStatus.REQUEST_TIMEOUT else self.report(rejection)
        return Farewell(texts, code, rejection.title)

    def _turn_event(self, event: events.TurnEvent) -> codec.TurnEvent:
        # Turns are concatenated as they are: from the second with text on, they begin with a space (protocol.md 7.3).
        text = f" {event.text}" if event.text and self._spoken else event.text or ""
        match event:
            case events.TurnStart():
                return codec.TurnStart(self._request_id, event.key)
            case events.TurnUpdate():
                return codec.TurnUpdate(text, self._request_id, event.key)
            case events.EagerEnd():
                return codec.EagerEnd(text, self._request_id, event.key)
            case events.TurnResume():
                return codec.TurnResume(self._request_id, event.key)
            case _:
                self._spoken = self._spoken or bool(text)
                return codec.TurnEnd(text, self._request_id, event.key)
