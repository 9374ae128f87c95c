"""What other settings would have done to any turn of a session, judged over all its turns.

Making it takes a look at each point of the likelihood that is kept, and so does each setting, once for all turns.
"""

from functools import partial
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.what_if.evidence import NOT_KEPT, NOT_TOLD, Evidence
from stt_monitor.core.what_if.session import says_something, what_if
from stt_monitor.core.what_if.turn import what_if_turn
from stt_monitor.core.why.choice import Tally, best, by_timeout, labels, sooner
from stt_monitor.core.why.other import Other


class Others:
    """What other settings would have done, for any turn of a session."""

    def __init__(self, snapshot: Snapshot, schema: Schema) -> None:
        """Prepare a session; `schema`: of its service's settings."""
        self._evidence: Final = Evidence.of_newest(snapshot, schema)
        self._places = {each.finished.turn.number: place for place, each in enumerate(self._evidence.turns)}
        self._turns = sum(map(says_something, snapshot.finished))
        self._so_far = snapshot.running
        self._tallies: dict[TurnSettings, Tally] = {}

    def of(self, finished: FinishedTurn) -> Other:
        """Return the best setting for a turn that the service ended."""
        place = self._places.get(finished.turn.number)
        if place is None:
            return Other(unknown=NOT_KEPT if self._evidence.points else NOT_TOLD)
        schema, timeouts = self._evidence.schema, by_timeout(finished)
        return best(
            sooner(schema, finished, timeouts=timeouts),
            partial(what_if_turn, self._evidence, place),
            self._tally,
            flaw=self._evidence.turns[place].flaw,
            alone=labels(schema, timeouts=timeouts),
            turns=self._turns,
            so_far=self._so_far,
        )

    def _tally(self, settings: TurnSettings) -> Tally:
        if settings not in self._tallies:
            self._tallies[settings] = Tally.of(what_if(self._evidence, settings).turns)
        return self._tallies[settings]
