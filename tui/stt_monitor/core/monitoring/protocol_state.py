"""State of the protocol: the service's events, the current settings, violations."""

from typing import Final

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import (
    EagerEnd,
    Event,
    Likelihood,
    Repeat,
    ServiceError,
    SettingsApplied,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnText,
    Unknown,
    Violation,
)
from stt_monitor.core.monitoring.note_log import NoteLog
from stt_monitor.core.monitoring.sent_audio import SentAudio
from stt_monitor.core.monitoring.turn_log import TurnLog
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import ConfigRecord
from stt_monitor.core.records.turns import EventRecord, LikelihoodRecord, UnknownRecord, ViolationRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.settings.state import SettingsState
from stt_monitor.core.snapshot import Transition
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.turns.placing import BEYOND_S, placed
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.state_machine import TurnMachine

_VIOLATIONS_SHOWN: Final = 5

_NO_TYPE: Final = "an object without a type"

_TRANSITIONS: Final[dict[type[Event], str]] = {
    TurnStart: "start",
    EagerEnd: "eager_end",
    TurnResume: "resume",
    TurnEnd: "end",
}


class ProtocolState:
    """State of the protocol over all connections of a session. Methods return records. Times are seconds of session."""

    def __init__(
        self,
        dialect: Dialect,
        settings: TurnSettings,
        turn_log: TurnLog,
        audio: SentAudio,
        likelihood: LikelihoodCurve,
        *,
        notes: NoteLog,
    ) -> None:
        """Start with a first connection.

        Args:
            dialect: of the service.
            settings: turn settings at the start.
            turn_log: counts events, and measures finished turns.
            audio: the audio sent; updated by its owner.
            likelihood: gets the likelihood that the service tells.
            notes: gets changes of settings.
        """
        self.machine: Final = TurnMachine(dialect.promises, settings)
        self.message = Message((), {})
        """The last message."""
        self.state_since = 0.0
        self.transition: Transition | None = None
        """The last transition."""
        self.violations: tuple[Violation, ...] = ()
        """The last few violations, oldest first."""
        self.unknown = ""
        """Type of the last message of an unknown type; empty without one."""
        self.likelihood: Final = likelihood
        self.closing = False
        """Whether `close` was sent on this connection."""
        self._goes_on = False
        self._finish_ends_turn = dialect.finish_ends_turn
        self._new_decoder = dialect.decoder
        self._decoder = dialect.decoder()
        self._settings = SettingsState(settings)
        self._turn_log = turn_log
        self._audio = audio
        self._notes = notes

    @property
    def settings(self) -> TurnSettings:
        """The current turn settings."""
        return self._settings.settings

    def receive(self, frame: str | bytes, at: float) -> list[Record]:
        """Process a frame from the service."""
        self.message = message = self._decoder.read(frame)
        records = self._turn_log.pass_time(at)
        turn: int | None = None
        for event in message.events:
            number, more = self._apply(event, at)
            records += more
            turn = turn if number is None else number
        if message.wire and not message.streams:
            return [EventRecord(in_record(at), turn, self.machine.state.value, message.wire), *records]
        return records

    def change_settings(self, turn: TurnSettings, at: float) -> list[Record]:
        """Change the turn settings, as sent to the service: they apply unless it rejects them."""
        before = self.settings
        self._settings.change(turn, at)
        return [self._apply_settings(at, before, refused=False)]

    def close_sent(self, *, goes_on: bool = False) -> None:
        """Record that `close` was sent: it flushes the turns that end from now on.

        Where the audio `goes_on` over another connection, the service may have had no time to start a turn.
        """
        self.closing, self._goes_on = True, goes_on
        self.machine.close_sent()

    def connection_lost(self, at: float) -> list[Record]:
        """Record a lost connection, whatever its cause; an open turn is closed or left dangling."""
        self._decoder = self._new_decoder()
        closed = self.closing and not self._finish_ends_turn
        lost = self.machine.connection_lost(closed_at=at if closed else None)
        if lost:
            self.state_since = at
        records = self._turn_log.add(lost, at)
        records += self._turn_log.connection_lost(at, closing=self.closing and not self._goes_on)
        self.closing = self._goes_on = False
        self._settings.confirm()
        return records

    def _apply(self, event: Event, at: float) -> tuple[int | None, list[Record]]:
        """Apply an event; return the number of its turn, and its records."""
        if isinstance(event, TurnEvent):
            event = placed(event, self._audio.connection_position, self._audio.clock.position)
        if isinstance(event, TurnText):
            return self._turn_log.add_text(event, at)
        before, open_turn = self.machine.state, self.machine.turn
        step = self.machine.receive(event, at)
        records: list[Record] = []
        if isinstance(event, Likelihood):
            records += self._add_likelihood(event, at)
        if step.violations:
            records += self._add_violations(step.violations, at)
        records += self._count(event, before, at)
        name = _TRANSITIONS.get(type(event))
        if name is not None and step.turn is not None:
            self.transition = Transition(name, at, step.turn)
        if step.state is not before or name == "start":
            self.state_since = at
        records += self._turn_log.add(step.ended, at)
        if self.machine.turn is not None and (open_turn is None or open_turn.number != self.machine.turn.number):
            records += self._turn_log.turn_started(at)
        return step.turn, records

    def _count(self, event: Event, before: State, at: float) -> list[Record]:
        """Count an event; return the record that it makes, if any. `before`: the state before it."""
        stats = self._turn_log.stats
        match event:
            case Repeat():
                stats.add_repeat()
            case Unknown(kind):
                stats.add_unknown()
                self.unknown = kind or _NO_TYPE
                return [UnknownRecord(in_record(at), self.unknown)]
            case ServiceError():
                stats.add_error()
                asked = self.settings
                if self._settings.undo_if_rejected(event, at):
                    return [self._apply_settings(at, asked, refused=True)]
            case SettingsApplied():
                self._settings.confirm()
            case EagerEnd():
                stats.add_eager_end()
            case TurnResume() if before is State.EAGER_END:
                stats.add_resume()
        return []

    def _apply_settings(self, at: float, before: TurnSettings, *, refused: bool) -> ConfigRecord:
        settings = self._settings.settings
        self._notes.change_settings(at, before, settings, refused=refused)
        self.machine.change_settings(settings)
        self._turn_log.change_settings(settings, at)
        return ConfigRecord(in_record(at), settings, refused)

    def _add_likelihood(self, event: Likelihood, at: float) -> list[LikelihoodRecord]:
        if event.lag is not None and event.lag <= self._audio.clock.position + BEYOND_S:
            self._audio.set_server_lag(at, event.lag)
        first, clock = self._audio.connection_position, self._audio.clock
        if first is None:
            return []
        newest = () if event.now is None else ((clock.position - first, event.now),)
        points = self.likelihood.add((*event.points, *newest), first, clock)
        return [LikelihoodRecord(in_record(at), points)] if points else []

    def _add_violations(self, violations: tuple[Violation, ...], at: float) -> list[ViolationRecord]:
        self.violations = (*self.violations, *violations)[-_VIOLATIONS_SHOWN:]
        self._turn_log.stats.add_violations(len(violations))
        return [ViolationRecord(in_record(at), violation.rule, violation.detail) for violation in violations]
