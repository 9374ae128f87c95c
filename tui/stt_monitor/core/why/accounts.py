"""The accounts of a session's turns, with what other settings would have done. Pure."""

from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.why.account import Account, account_of
from stt_monitor.core.why.others import Others


class Accounts:
    """Accounts for the turns of a session, as far as its likelihood is told and kept."""

    def __init__(self, snapshot: Snapshot, schema: Schema) -> None:
        """Prepare a session, which takes a look at its likelihood; `schema`: of its service's settings."""
        self._schema: Final = schema
        self._others: Final = Others(snapshot, schema).of if snapshot.likelihood else None

    def of(self, finished: FinishedTurn) -> Account:
        """Account for a turn of it."""
        return account_of(finished, self._schema, self._others)
