"""What other settings would have done to the newest turn of a session that goes on, judged over its turns so far.

Each turn is judged once, as it comes, under each setting that may be asked for: that takes as many looks at its own
likelihood, however long the session is.
"""

from collections import deque
from collections.abc import Sequence
from math import inf
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.what_if.evidence import HAIR_S, NOT_KEPT, Evidence
from stt_monitor.core.what_if.session import says_something
from stt_monitor.core.what_if.turn import WhatIfTurn, what_if_turn
from stt_monitor.core.why.choice import Tally, best, by_timeout, labels, sooner
from stt_monitor.core.why.other import Other

_DELAYS: Final = 50
"""Turns to know the usual delay of the service by."""


class OthersSoFar:
    """What other settings would have done to each turn as it comes."""

    def __init__(self, schema: Schema, *, exact: bool) -> None:
        """Start without turns.

        Args:
            schema: of the service's settings.
            exact: whether reference speech has labelled turns.
        """
        self._schema = schema
        self._exact = exact
        self._settings = TurnSettings()
        self._tallies: dict[TurnSettings, Tally] = {}
        self._judged: dict[TurnSettings, WhatIfTurn] = {}  # the newest turn
        self._since = -inf
        self._delays: deque[float] = deque(maxlen=_DELAYS)
        self._turns = 0

    def after(self, finished: FinishedTurn, likelihood: LikelihoodCurve, speech: Sequence[Span] | None) -> Other | None:
        """Judge the next turn; return what is best for it, None where the service tells no likelihood.

        Args:
            finished: the turn, with final metrics.
            likelihood: of the session.
            speech: reference speech from before the turn on; None: there is none.
        """
        self._turns += says_something(finished)
        if not likelihood.told:
            return None
        if finished.turn.settings != self._settings:  # nobody has judged the turns before by what is near to these
            self._settings = finished.turn.settings
            self._tallies, self._judged = {}, {}
        points = likelihood.between(finished.turn.started_at - HAIR_S, finished.turn.over_at)
        evidence = Evidence(
            points, [finished], self._schema, speech, exact=self._exact, since=self._since, delays=self._delays
        )
        self._since = finished.turn.over_at
        if not points:
            self._judged = {}
            return Other(unknown=NOT_KEPT)
        self._delays.extend(each.delay for each in evidence.turns if each.delay is not None)
        for _, settings in sooner(self._schema, finished, timeouts=True):
            one = what_if_turn(evidence, 0, settings, self._judged.get(settings))
            self._judged[settings] = one
            self._tallies.setdefault(settings, Tally()).add(one)
        timeouts = by_timeout(finished)
        return best(
            sooner(self._schema, finished, timeouts=timeouts),
            self._judged.__getitem__,
            self._tallies.__getitem__,
            flaw=evidence.turns[0].flaw,
            alone=labels(self._schema, timeouts=timeouts),
            turns=self._turns,
            so_far=True,
        )
