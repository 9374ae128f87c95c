"""Figures split by the turn settings in force, so that the effect of a change is seen."""

from collections import deque
from typing import Final

from stt_monitor.core.metrics.running import RunningStats
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import FinishedTurn, Group
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.state_machine import Turn

_CHANGES_KEPT: Final = 100
"""Changes of the settings remembered: speech that no turn was about is told of a few seconds after it."""


class BySettings:
    """A tally for each of the settings that anything happened under, in the order of their first use."""

    def __init__(self, settings: TurnSettings) -> None:
        self._changes = deque([(0.0, settings)], maxlen=_CHANGES_KEPT)
        self._tallies: dict[TurnSettings, RunningStats] = {}
        self._view: tuple[Group, ...] | None = ()

    @property
    def view(self) -> tuple[Group, ...]:
        """All of them; made anew only when somebody wants to see them and one has changed."""
        if self._view is None:
            self._view = tuple(
                Group(settings, tally.counts.turns, tally.counts, tally.summaries)
                for settings, tally in self._tallies.items()
            )
        return self._view

    def configured(self, settings: TurnSettings, at: float) -> None:
        """Note that other settings are in force."""
        self._changes.append((at, settings))

    def ended(self, turn: Turn) -> None:
        """Count a turn that is over."""
        tally = self._tally(turn.settings)
        tally.ended(turn)
        for guess in turn.guesses:
            tally.guessed()
            if guess.resumed_at is not None:
                tally.resumed()

    def settled(self, finished: FinishedTurn) -> None:
        """Add a turn's final figures."""
        self._tally(finished.turn.settings).settled(finished)

    def missed(self, span: Span) -> None:
        """Count speech that no turn is about, under the settings in force at its onset."""
        settings = next((settings for at, settings in reversed(self._changes) if at <= span.onset), self._changes[0][1])
        self._tally(settings).missed(1)

    def _tally(self, settings: TurnSettings) -> RunningStats:
        """Return the tally of these settings, to add to it."""
        self._view = None
        return self._tallies.setdefault(settings, RunningStats())
