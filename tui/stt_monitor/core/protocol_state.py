"""What the service says, and what it is told besides sound: its events, the settings in force, its slips."""

from typing import Final

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import (
    EagerEnd,
    Event,
    Likelihood,
    ServiceError,
    TurnEnd,
    TurnResume,
    TurnStart,
    Violation,
)
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import ConfigRecord
from stt_monitor.core.records.turns import EventRecord, LikelihoodRecord, ViolationRecord
from stt_monitor.core.sent_audio import SentAudio
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.settings_state import SettingsState
from stt_monitor.core.snapshot import Transition
from stt_monitor.core.state_machine import State, TurnMachine
from stt_monitor.core.turn_log import TurnLog
from stt_monitor.core.turn_probability import LikelihoodCurve

_VIOLATIONS_SHOWN: Final = 5

_TRANSITIONS: Final[dict[type[Event], str]] = {
    TurnStart: "start",
    EagerEnd: "eager_end",
    TurnResume: "resume",
    TurnEnd: "end",
}


class ProtocolState:
    """The dialogue with the service, over all connections of a session. Methods return what goes on record.

    All times are seconds of session.
    """

    def __init__(self, dialect: Dialect, settings: TurnSettings, ledger: TurnLog, audio: SentAudio) -> None:
        """Begin it.

        Args:
            dialect: of the service.
            settings: in force at the beginning.
            ledger: counts what was said, and measures the turns that are over.
            audio: what the service was sent; kept by somebody else.
        """
        self.machine: Final = TurnMachine(dialect.promises, settings)
        self.message = Message((), {})
        """The newest."""
        self.state_since = 0.0
        self.transition: Transition | None = None
        """The newest."""
        self.violations: tuple[Violation, ...] = ()
        """The newest few, oldest first."""
        self.likelihood: Final = LikelihoodCurve()
        self.closing = False
        """`close` was sent on this connection."""
        self._new_decoder = dialect.decoder
        self._decoder = dialect.decoder()
        self._settings = SettingsState(settings)
        self._ledger = ledger
        self._audio = audio

    @property
    def settings(self) -> TurnSettings:
        """The turn settings in force now."""
        return self._settings.settings

    def received(self, frame: str | bytes, at: float) -> list[Record]:
        """Take one frame from the service."""
        self.message = message = self._decoder.read(frame)
        records: list[Record] = []
        turn: int | None = None
        for event in message.events:
            number, more = self._apply(event, at)
            records += more
            turn = turn if number is None else number
        if message.wire and not message.streams:
            return [EventRecord(in_record(at), turn, self.machine.state.value, message.wire), *records]
        return records

    def configured(self, turn: TurnSettings, at: float) -> list[Record]:
        """Note that other turn settings are asked of the service: they are in force unless it objects."""
        self._settings.change(turn, at)
        return [self._put_in_force(at, refused=False)]

    def close_sent(self) -> None:
        """Note that `close` was sent: turns that end from now on were flushed by it."""
        self.closing = True
        self.machine.close_sent()

    def connection_lost(self, at: float) -> list[Record]:
        """Note that the socket is gone, in whatever way; an open turn is left dangling."""
        self._decoder = self._new_decoder()
        lost = self.machine.connection_lost()
        if lost:
            self.state_since = at
        records = self._ledger.ended(lost, at)
        self._ledger.connection_lost(at, closing=self.closing)
        self.closing = False
        self._settings.confirm()
        return records

    def _apply(self, event: Event, at: float) -> tuple[int | None, list[Record]]:
        """Return the turn that an event belongs to, and what it puts on record."""
        before = self.machine.state
        step = self.machine.receive(event, at)
        records: list[Record] = []
        if isinstance(event, Likelihood):
            records += self._note_likelihood(event, at)
        if step.violations:
            records += self._note_violations(step.violations, at)
        match event:
            case ServiceError():
                self._ledger.tally.add_error()
                if self._settings.undo_if_rejected(event, at):
                    records.append(self._put_in_force(at, refused=True))
            case EagerEnd():
                self._ledger.tally.add_eager_end()
            case TurnResume() if before is State.EAGER_END:
                self._ledger.tally.add_resume()
        name = _TRANSITIONS.get(type(event))
        if name is not None and step.turn is not None:
            self.transition = Transition(name, at, step.turn)
        if step.state is not before or name == "start":
            self.state_since = at
        return step.turn, records + self._ledger.ended(step.ended, at)

    def _put_in_force(self, at: float, *, refused: bool) -> ConfigRecord:
        settings = self._settings.settings
        self.machine.configured(settings)
        self._ledger.groups.change_settings(settings, at)
        return ConfigRecord(in_record(at), settings, refused)

    def _note_likelihood(self, event: Likelihood, at: float) -> list[LikelihoodRecord]:
        if event.lag is not None:
            self._audio.set_server_lag(at, event.lag)
        if self._audio.connection_position is None or not event.points:
            return []
        points = self.likelihood.add(event, self._audio.connection_position, self._audio.clock)
        return [LikelihoodRecord(in_record(at), points)]

    def _note_violations(self, violations: tuple[Violation, ...], at: float) -> list[ViolationRecord]:
        self.violations = (*self.violations, *violations)[-_VIOLATIONS_SHOWN:]
        self._ledger.tally.add_violations([violation.rule for violation in violations])
        return [ViolationRecord(in_record(at), violation.rule, violation.detail) for violation in violations]
