"""Metrics by turn settings, to show the effect of a change."""

from collections import deque
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.running import RunningStats
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Group
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.turns.turn import Turn

_CHANGES_KEPT: Final = 100
"""Changes to remember: missed speech is found a few seconds late."""


class BySettings:
    """Statistics for each of the settings used, in the order of first use."""

    def __init__(self, settings: TurnSettings) -> None:
        self._changes = deque([(0.0, settings)], maxlen=_CHANGES_KEPT)
        self._stats: dict[TurnSettings, RunningStats] = {}
        self._groups: tuple[Group, ...] | None = ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """One group for each of the settings; rebuilt on access after a change."""
        if self._groups is None:
            self._groups = tuple(
                Group(settings, stats.counts.turns, stats.counts, stats.summaries, stats.marks or Marks(), stats.pauses)
                for settings, stats in self._stats.items()
            )
        return self._groups

    def change_settings(self, settings: TurnSettings, at: float) -> None:
        """Switch to other settings from a time on."""
        self._changes.append((at, settings))

    def add_turn(self, turn: Turn) -> None:
        """Count a finished turn."""
        stats = self._of(turn.settings)
        stats.add_turn(turn)
        for eager_end in turn.eager_ends:
            stats.add_eager_end()
            if eager_end.resumed_at is not None:
                stats.add_resume()

    def add_metrics(self, finished: FinishedTurn) -> None:
        """Add a turn's final metrics."""
        self._of(finished.turn.settings).add_metrics(finished)

    def add_missed(self, span: Span) -> None:
        """Count missed speech under the settings at its onset."""
        settings = next((settings for at, settings in reversed(self._changes) if at <= span.onset), self._changes[0][1])
        self._of(settings).add_missed(1)

    def _of(self, settings: TurnSettings) -> RunningStats:
        """Return the statistics of these settings, to add to them."""
        self._groups = None
        return self._stats.setdefault(settings, RunningStats())
