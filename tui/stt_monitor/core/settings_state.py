"""The turn settings in force, which the service confirms by saying nothing (protocol.md 4.2)."""

from typing import Final

from stt_monitor.core.events import ServiceError
from stt_monitor.core.settings import TurnSettings

ANSWER_S: Final = 2.0
"""An error that comes this soon after a change is the answer to it."""


class Tuning:
    """A change is in force at once; should the service refuse it, the settings before it are in force again."""

    def __init__(self, settings: TurnSettings) -> None:
        self.settings = settings
        """In force now."""
        self._before = settings
        self._answer_due = 0.0

    def change(self, settings: TurnSettings, at: float) -> None:
        """Have other settings in force; they are being sent."""
        self._before, self.settings = self.settings, settings
        self._answer_due = at + ANSWER_S

    def put_back(self, error: ServiceError, at: float) -> bool:
        """Undo the last change if an error is about it; returns whether it was."""
        if at > self._answer_due or not error.refuses_settings:
            return False
        self.settings = self._before
        self.confirm()
        return True

    def confirm(self) -> None:
        """Take note that no error can be about the last change any more."""
        self._answer_due = 0.0
