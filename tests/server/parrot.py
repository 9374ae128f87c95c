"""An invented service, as unlike the others as services are: what the local server must be able to speak.

Parameters come in the first message, with audio or a farewell if need be, and refuse the handshake where the request
is wrong; audio is base64 in JSON; messages are numbered; changes are acknowledged; a turn can be ended by hand; there
is a farewell, after which the door may be slammed.
"""

import base64
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from stt_monitor.core.events import Likelihood
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import (
    Answer,
    Command,
    Configure,
    Done,
    EndTurn,
    Farewell,
    Finish,
    Head,
    Opening,
    Parameters,
    Progress,
    RejectedError,
    Rejection,
    ServerSide,
    Session,
    Signal,
    Thresholds,
    Visit,
)

PATH = "/parrot/v7"


class ParrotSession:
    def __init__(self, head: Head, visit: Visit) -> None:
        self._head = head
        self._id = visit.id
        self._number = 0
        self._turns = 0
        self._slams = False

    def open(self, message: str | bytes | None = None) -> Opening:
        if message is None:
            if self._head.query.get("bird") != ["grey"]:
                raise RejectedError(Rejection("No bird", "Ask for bird=grey."))
            return Opening(None, self._texts(hello=self._id))
        asked = json.loads(message)
        if "hz" not in asked:
            raise RejectedError(Rejection("No rate", "Say how many hz."))
        parameters = Parameters(Audio("pcm_s16le", asked["hz"]), self._thresholds(asked["patience"]))
        rest = {name: asked[name] for name in asked.keys() - {"hz", "patience"}}
        return Opening(parameters, self._texts(ready=True), self._read(rest) if rest else b"")

    def read(self, message: str | bytes) -> bytes | Command:
        return self._read(json.loads(message))

    def _read(self, asked: dict[str, Any]) -> bytes | Command:
        match asked:
            case {"pcm": data}:
                return base64.b64decode(data)
            case {"patience": patience}:
                return Configure(self._thresholds(patience), TurnSettings(patience=patience))
            case {"over": True}:
                return EndTurn()
            case {"bye": True}:
                self._slams = "slam" in asked
                return Finish()
        raise RejectedError(Rejection("What?", "Parrots do not know that word.", fatal="swear" in asked))

    def write(self, signal: Signal) -> Iterable[str]:
        match signal:
            case Done(Configure(_, turn)):
                return self._texts(patience=turn["patience"])
            case Done(EndTurn()):
                return self._texts(over=True)
            case Done() | Likelihood() | Progress():
                return ()
        self._turns = int(signal.key)
        return self._texts(does=signal.name, turn=self._turns - 1, says=signal.text, at=signal.at)

    def report(self, rejection: Rejection) -> Iterable[str]:
        return self._texts(squawk=rejection.title)

    def close(self, rejection: Rejection | None = None) -> Farewell:
        if rejection is not None:
            code = None if rejection.fatal else 4000 + rejection.status
            return Farewell(self._texts(squawk=rejection.title), code, "" if rejection.fatal else "squawk")
        if self._slams:
            return Farewell(self._texts(turns=self._turns), drops=True)
        return Farewell(self._texts(turns=self._turns), 4200, "bye")

    def _texts(self, **said: object) -> tuple[str, ...]:
        self._number += 1
        return (json.dumps({"n": self._number, **said}),)

    @staticmethod
    def _thresholds(patience: float) -> Thresholds:
        return Thresholds(start=0.8, eager_end=0, end=0.3, end_timeout_ms=1000 * patience)


def _answer(rejection: Rejection, head: Head, request_id: str) -> Answer:
    text = f"{rejection.title} at {head.path}, {request_id and 'numbered'}"
    return Answer(HTTPStatus(rejection.status), "text/squawk", text.encode(), rejection.headers)


def _open(head: Head, visit: Visit) -> Session:
    return ParrotSession(head, visit)


PARROT = ServerSide(
    title="Parrot",
    path=PATH,
    example_query="bird=grey",
    shows_key=lambda key, head: head.header("x-cracker") == [key],
    unauthorized=Rejection("Cracker!", "Send one.", HTTPStatus.UNAUTHORIZED),
    answer=_answer,
    open=_open,
    point_sdk=lambda url, key: f"Parrot({url!r}, {key!r})",
    rejects_upgrade=True,
)
