"""The current turn settings. Services that do not acknowledge a change confirm it by silence (protocol.md 4.2)."""

from typing import Final

from stt_monitor.core.events import Connected, Event, ServiceError, SettingsApplied
from stt_monitor.core.settings.requested import TurnSettings, number_text

ANSWER_S: Final = 2.0
"""An error this soon after a change is the answer to it."""

_ALIKE: Final = 1e-6
"""Numbers that differ by less are the same, sent through a service that has fewer digits."""


def difference(event: Event, asked: TurnSettings) -> str:
    """Say what a service does otherwise than it was asked, in a sentence; empty where an event tells of nothing."""
    if not isinstance(event, Connected | SettingsApplied):
        return ""
    if isinstance(event, Connected) and event.difference:
        return event.difference
    others = [
        f"{name} is {number_text(event.in_force[name])}, not {number_text(value)}"
        for name, value in asked.items()
        if name in event.in_force and abs(event.in_force[name] - value) > _ALIKE
    ]
    return f"the service has other settings in force than it was asked for: {', '.join(others)}" if others else ""


class SettingsState:
    """Current turn settings: a change applies at once, and is undone if the service rejects it."""

    def __init__(self, settings: TurnSettings) -> None:
        self.settings = settings
        """The current settings."""
        self._before = settings
        self._answer_due = 0.0

    def change(self, settings: TurnSettings, at: float) -> None:
        """Change the settings, as they are sent."""
        self._before, self.settings = self.settings, settings
        self._answer_due = at + ANSWER_S

    def undo_if_rejected(self, error: ServiceError, at: float) -> bool:
        """Undo the last change if an error rejects it; return whether it did."""
        if at > self._answer_due or not error.refuses_settings:
            return False
        self.settings = self._before
        self.confirm()
        return True

    def confirm(self) -> None:
        """Confirm the last change: later errors have other causes."""
        self._answer_due = 0.0
