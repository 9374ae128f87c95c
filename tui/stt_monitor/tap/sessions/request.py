"""Reads what the agent of a call asks for and sends, with the eyes of its service."""

from math import isfinite
from typing import Final

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.registry import server_side
from stt_monitor.services.server_side import Command, Configure, Head, Opening, Parameters, RejectedError, Visit

_NOTHING: Final = b""


class AgentReader:
    """Reads the agent's side of one call: its request first, then each of its messages.

    Args:
        service: name of the service.
        head: the request.
    """

    def __init__(self, service: str, head: Head) -> None:
        self._session = server_side(service).open(head, Visit(overheard=True))
        self.parameters: Parameters | None = None
        """What was asked for; None where a message has yet to say it."""
        self.problem = ""
        """Why that cannot be read; empty where it can."""
        self._asked = TurnSettings()  # all that its last change came to, as if nothing had been refused
        self._open(None)

    def read(self, message: str | bytes) -> bytes | Command:
        """Return the audio in a message, or the command; no bytes for any other message."""
        if self.problem:
            return _NOTHING
        if self.parameters is None:
            return self._open(message)
        try:
            return self._session.read(message)
        except RejectedError:  # the service will say what it thinks of it
            return _NOTHING

    def changed(self, command: Configure, before: TurnSettings, defaults: TurnSettings) -> TurnSettings:
        """Return the settings after a change, without those that nobody has set; the service may still refuse them.

        Args:
            command: the change.
            before: what is in force, by what the service has refused so far.
            defaults: the published ones.
        """
        news = {
            name: value for name, value in command.turn.items() if value != self._asked.get(name) and isfinite(value)
        }
        self._asked = command.turn
        told = TurnSettings(before | news)
        return TurnSettings({name: told[name] for name in told if name in before or told[name] != defaults.get(name)})

    def _open(self, message: str | bytes | None) -> bytes | Command:
        try:
            opening = self._session.open(message)
        except RejectedError as error:
            self.problem = "" if message is not None else error.rejection.message
            opening = Opening(None)
        self.parameters = opening.parameters
        return opening.first
