"""The records of final turns: figures, why each ended when it did, and what other settings would have done."""

from collections.abc import Sequence

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.monitoring.final_turns import is_first
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.turns import TurnRecord, turn_record
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.why.account import account_of
from stt_monitor.core.why.others_so_far import OthersSoFar
from stt_monitor.core.why.record import why_of


class TurnRecords:
    """Makes the records of a session's turns, in order.

    Args:
        schema: of the service's settings.
        likelihood: of being inside a turn; updated by its owner.
        exact: whether reference speech has labelled turns.
        tells_others: whether they tell what other settings would have done, which takes its time.
    """

    def __init__(self, schema: Schema, likelihood: LikelihoodCurve, *, exact: bool, tells_others: bool) -> None:
        self._schema = schema
        self._likelihood = likelihood
        self._others = OthersSoFar(schema, exact=exact) if tells_others else None
        self._first: TurnRecord | None = None

    def record_of(self, finished: FinishedTurn, speech: Sequence[Span] | None, at: float) -> TurnRecord:
        """Return the record of a turn.

        Args:
            finished: the turn, final now.
            speech: the newest reference speech; None: there is none.
            at: the time, seconds of session.
        """
        other = None if self._others is None else self._others.after(finished, self._likelihood, speech)
        account = account_of(finished, self._schema, lambda _: other)
        record = turn_record(at, finished.turn, finished.metrics, finished.marks, why_of(account))
        if self._first is None and is_first(finished):
            self._first = record
        return record

    def first(self, at: float) -> TurnRecord | None:
        """Return the record of the turn that is listed as first, as it is told at the time `at`; None without one."""
        return None if self._first is None else msgspec.structs.replace(self._first, t=in_record(at))
