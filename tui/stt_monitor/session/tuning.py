"""The turn settings of a session: current ones, and those that the user requested."""

import asyncio
from typing import Final

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.journal import Configured
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.session.journal_writer import JournalWriter


class Tuning:
    """Changes the turn settings: of this connection and later ones, or by another one. For use inside the event loop.

    Those in force are the monitor's.
    """

    def __init__(self, dialect: Dialect, settings: TurnSettings, log: JournalWriter, *, takes_changes: bool) -> None:
        """Begin.

        Args:
            dialect: of the service.
            settings: at the start.
            log: journals changes.
            takes_changes: whether the service takes a change on an open connection.
        """
        self.takes_changes: Final = takes_changes
        self.acknowledged: Final = dialect.acknowledges
        """Whether the service answers each change."""
        self.changed: Final = asyncio.Event()
        """Set when the user wants other settings than this connection has."""
        self.wanted = settings
        """What the user asked for last, unless the service refused it."""
        self._before = settings
        self._schema = dialect.schema
        self._log = log
        self._next: TurnSettings | None = None  # of the next connection
        self._was_refused = False

    def change(self, turn: TurnSettings) -> str:
        """Change the settings (protocol.md 4.2); return why that is not possible, in a sentence, or nothing.

        What is not set is the service's default. On an open connection the published default is asked for where
        something else was set before, because there is no word for taking a setting back; one without a default stays.
        """
        monitor = self._log.monitor
        lapsed = {name: self._schema[name].default for name in monitor.settings if name not in turn}
        if not self.takes_changes:
            lapsed = {}
        elif stays := [self._schema[name].label for name, default in lapsed.items() if default is None]:
            return f"{' and '.join(stays)} cannot be unset in mid-session: stop it, then change that"
        settings = self._schema.ordered(turn | lapsed)
        if self.takes_changes and (fixed := self._fixed(settings)):
            return f"{' and '.join(fixed)} cannot be changed in mid-session: stop it, then change that"
        self._before, self.wanted = self.wanted, turn
        if monitor.over:
            return ""
        if not self.takes_changes:
            self._wait_for_connection(settings)
        elif settings != monitor.settings:
            self._log.append(Configured(self._log.now(), settings))
            self.changed.set()
            self._log.show()
        return ""

    def _fixed(self, settings: TurnSettings) -> list[str]:
        """Return the labels of what would change, but cannot on an open connection."""
        before, after = (self._schema.completed(each) for each in (self._log.monitor.settings, settings))
        return [
            each.label
            for each in self._schema.settings
            if not each.live and before.get(each.name) != after.get(each.name)
        ]

    def connection_begins(self) -> TurnSettings:
        """Return the settings to open a connection with; they are current from now on."""
        self.changed.clear()
        if self._next is not None:
            self._log.append(Configured(self._log.now(), self._next))
            self._next = None
        return self._log.monitor.settings

    def refused(self) -> None:
        """Record that the service refused the last change: the settings before it apply again."""
        self.wanted = self._before
        self._was_refused = True

    def goes_back(self) -> bool:
        """Return whether a connection was refused for its changed settings: those before are good for another one."""
        refused, self._was_refused = self._was_refused, False
        return refused and not self.takes_changes

    def _wait_for_connection(self, settings: TurnSettings) -> None:
        if settings == self._log.monitor.settings:
            self._next = None
            self.changed.clear()
        else:
            self._next = settings
            self.changed.set()
