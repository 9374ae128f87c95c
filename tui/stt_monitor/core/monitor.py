"""The fold that turns what a session saw into records and snapshots. Pure: time is an argument."""

from collections.abc import Callable
from typing import Final, Self

import msgspec

from stt_monitor.core.clock import AudioClock, SentChunk
from stt_monitor.core.events import EagerEnd, Event, Likelihood, ServiceError, TurnEnd, TurnResume, TurnStart, parse
from stt_monitor.core.journal import (
    Addressed,
    Began,
    CloseSent,
    Configured,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Failed,
    Finished,
    Quieted,
    Received,
    ReceivedBytes,
    RecordingChanged,
    Returned,
    Sent,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
    VitalsReported,
)
from stt_monitor.core.ledger import Ledger
from stt_monitor.core.likelihood import LikelihoodCurve
from stt_monitor.core.records import (
    ConfigRecord,
    Connection,
    EventRecord,
    HealthRecord,
    LikelihoodRecord,
    Record,
    RecordingRecord,
    RecordingState,
    SessionRecord,
    StatusRecord,
    SummaryRecord,
    ViolationRecord,
    in_milliseconds,
    turn_record,
)
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Audio, FinishedTurn, Retry, Snapshot, Transition
from stt_monitor.core.tuning import Tuning
from stt_monitor.core.turns import State, Step, TurnMachine, Violation
from stt_monitor.core.vitals import Vitals

HEALTH_INTERVAL_S: Final = 2.0
"""From one record of the monitor's health to the next, as long as there is news."""

_VIOLATIONS_SHOWN: Final = 5

_TRANSITIONS: Final = {TurnStart: "start", EagerEnd: "eager_end", TurnResume: "resume", TurnEnd: "end"}


class Monitor:
    """Everything known about one session: what the entries of its journal, fed to `take` in order, say.

    There is a method for each kind of entry besides; like `take` they return what goes on record.

    All times are seconds of session, all positions seconds of audio.
    """

    def __init__(
        self,
        session: SessionRecord,
        *,
        duration: float | None = None,
        keep: Callable[[FinishedTurn], object] | None = None,
    ) -> None:
        """Begin a session.

        Args:
            session: its first record; a `reference` of `none` means that no reference speech will come.
            duration: how long the audio is, in seconds; None when nobody knows.
            keep: takes each turn once its figures are final, in order, and the monitor forgets it: snapshots have those
                turns alone that are not final yet. None: the monitor keeps all for its snapshots.
        """
        self.session = session
        self._machine = TurnMachine(session.settings.turn)
        self._tuning = Tuning(session.settings.turn)
        self._clock = AudioClock()
        with_speech = session.reference != "none"
        self._ledger = Ledger(self._clock, session.settings.turn, with_speech=with_speech, keep=keep)
        self._audio = Audio(duration=duration, speaking=False if with_speech else None, kind=session.source_kind)
        self._likelihood = LikelihoodCurve()
        self._connection_position: float | None = 0.0  # of the first audio of this connection; None before it
        self._level_db: float | None = None
        self._played = 0.0
        self.vitals = Vitals()
        """How connection and capture are doing; told by whoever runs them."""
        self._health_due_at = HEALTH_INTERVAL_S
        self._connection = Connection.CONNECTING
        self._detail = ""
        self._retry: Retry | None = None
        self.event: Event | None = None
        """What the newest frame from the service was."""
        self._addressed = False
        self._recording: RecordingState | None = None
        self._over = False
        self._error = ""
        self._closing = False
        self._state_since = 0.0
        self._transition: Transition | None = None
        self._violations: list[Violation] = []

    @classmethod
    def begin(cls, began: Began, *, keep: Callable[[FinishedTurn], object] | None = None) -> Self:
        """Begin a session as its first entry says; `keep` is as for a monitor that is made."""
        return cls(began.session, duration=began.duration, keep=keep)

    def take(self, entry: Entry) -> list[Record]:  # noqa: C901, PLR0911, PLR0912  one case for each kind of entry
        """Take the next entry of the journal; returns what goes on record."""
        match entry:  # the frequent ones first
            case Sent():
                self.sent(entry.chunk, entry.level_db)
                return self._health_due(entry.chunk.sent_at)
            case SpeechDecided():
                return self.speech_decided(entry.position, entry.at)
            case Received():
                return self.received(entry.text, entry.at)[1]
            case VitalsReported():
                self.vitals.report(
                    round_trip=entry.round_trip,
                    waiting_s=entry.waiting_s,
                    dropped_s=entry.dropped_s,
                    unconfirmed_s=entry.unconfirmed_s,
                    overruns=entry.overruns,
                )
                return self._health_due(entry.at)
            case SpeechOnset():
                self.speech_onset(entry.position)
            case SpeechEnd():
                self.speech_end(entry.position)
            case ReceivedBytes():
                return self.received(entry.data, entry.at)[1]
            case ConnectionChanged():
                return self.connection(entry.state, entry.detail, entry.at, entry.retry)
            case Configured():
                return self.configured(entry.turn, entry.at)
            case Quieted():
                self.quieted(quiet=entry.quiet)
            case Returned():
                self.returned(entry.position, entry.length)
            case CloseSent():
                self.close_sent()
            case RecordingChanged():
                return self.kept(entry.state, entry.at)
            case ConnectionLost():
                return self.connection_lost(entry.at)
            case SpeechFinished():
                return self.speech_finished(entry.at)
            case Addressed():
                return self.addressed(entry.url)
            case Failed():
                self.failed(entry.sentence)
            case Finished():
                return self.finish(entry.at)
            case Began():
                raise ValueError("a session begins once: give its first entry to `begin`")
        return []

    # What happens to the session

    def addressed(self, url: str) -> list[Record]:
        """Note where the service is; that completes the session's own record, which goes out the first time."""
        self.session = msgspec.structs.replace(self.session, url=url)
        first, self._addressed = not self._addressed, True
        return [self.session] if first else []

    def connection(self, state: Connection, detail: str, at: float, retry: Retry | None = None) -> list[Record]:
        """Note a change of the connection.

        Args:
            state: how things stand now.
            detail: one sentence for the user, or empty.
            at: the present.
            retry: the attempt to connect that is waited for, if any.
        """
        self._connection, self._detail, self._retry = state, detail, retry
        if state is Connection.CONNECTED:
            self.vitals.connected()
        return [StatusRecord(_time(at), state.value, detail, self.vitals.health(self._clock))]

    def failed(self, sentence: str) -> None:
        """Note an error that the user should read."""
        self._error = sentence

    def received(self, frame: str | bytes, at: float) -> tuple[Event, list[Record]]:
        """Take one frame from the service; returns the event in it besides the records."""
        event, wire = parse(frame)
        self.event = event
        before = self._machine.state
        step = self._machine.receive(event, at)
        if isinstance(event, Likelihood):
            return event, [*self._note_likelihood(event, at), *self._note_violations(step, at)]
        records: list[Record] = []
        if wire:
            records.append(EventRecord(_time(at), step.turn, step.state.value, wire))
        records += self._note_violations(step, at)
        if isinstance(event, ServiceError):
            self._ledger.tally.failed()
            # A session without speech may be answered with an error to its close (protocol 9): nobody's problem.
            if not self._closing or len(self._ledger):
                said = ": ".join(part for part in (event.title, event.message) if part)
                self._error = said or "the service reports an error without saying which"
            if self._tuning.take_back(event, at):
                records += self._put_in_force(at, refused=True)
        if isinstance(event, EagerEnd):
            self._ledger.tally.guessed()
        if isinstance(event, TurnResume) and before is State.EAGER_END:
            self._ledger.tally.resumed()
        name = _TRANSITIONS.get(type(event))
        if name is not None and step.turn is not None:
            self._transition = Transition(name, at, step.turn)
        if step.state is not before or name == "start":
            self._state_since = at
        return event, records + self._ledger.ended(step.ended, at)

    def sent(self, chunk: SentChunk, level_db: float | None = None) -> None:
        """Note a chunk of audio that was handed to the socket, and its peak level in dB of full scale."""
        self._clock.sent(chunk)
        self._ledger.heard(chunk.spoken_at)
        if self._connection_position is None:
            self._connection_position = chunk.position
        self._level_db = level_db
        if not chunk.quiet:
            self._played += chunk.length
        if level_db is not None:
            self.vitals.heard(level_db)

    def configured(self, turn: TurnSettings, at: float) -> list[Record]:
        """Note that other turn settings are asked of the service: they are in force unless it objects."""
        self._tuning.change(turn, at)
        return self._put_in_force(at, refused=False)

    def quieted(self, *, quiet: bool) -> None:
        """Note that silence is sent in the place of the sound, or no longer."""
        self._audio = msgspec.structs.replace(self._audio, quiet=quiet)

    def returned(self, position: float, length: float) -> None:
        """Note that what was sent from `position` on has not arrived, and that `length` seconds will be sent again."""
        self.vitals.returned(length)
        self._played -= length
        self._ledger.unheard(position)

    def close_sent(self) -> None:
        """Note that `close` was sent: turns that end from now on were flushed by it."""
        self._closing = True
        self._machine.close_sent()

    def connection_lost(self, at: float) -> list[Record]:
        """Note that the socket is gone, in whatever way; an open turn is left dangling."""
        lost = self._machine.connection_lost()
        if lost:
            self._state_since = at
        records = self._ledger.ended(lost, at)
        self._ledger.connection_lost()
        self._closing, self._connection_position = False, None
        self._tuning.confirm()
        return records

    def kept(self, state: RecordingState, at: float) -> list[Record]:
        """Note where the session is being kept, and how that goes."""
        self._recording = state
        return [RecordingRecord(_time(at), state.path, state.stopped, state.deleted)]

    def speech_onset(self, position: float) -> None:
        """Note that reference speech began at `position`."""
        self._edge(position, onset=True)

    def speech_end(self, position: float) -> None:
        """Note that reference speech ended at `position`."""
        self._edge(position, onset=False)

    def speech_decided(self, position: float, at: float) -> list[Record]:
        """Note that reference speech is known up to `position`; returns the turns whose figures are final now."""
        return self._ledger.speech_decided(position, at, self._machine.turn)

    def speech_finished(self, at: float) -> list[Record]:
        """Note that no more audio will come: all reference speech is known."""
        return self._ledger.speech_finished(at)

    def finish(self, at: float) -> list[Record]:
        """End the session: the turns still pending are put on record as they are, then the summary."""
        self._over = True
        records = self._ledger.finish(at, self._machine.turn)
        first, tally = self._ledger.first, self._ledger.tally
        summaries = {name: in_milliseconds(summary) for name, summary in tally.summaries.items()}
        summary = SummaryRecord(
            t=_time(at),
            turns=len(self._ledger),
            transcript=self.transcript,
            onset_latency_ms=summaries["onset_latency"],
            first_text_ms=summaries["first_text"],
            eager_latency_ms=summaries["eager_latency"],
            eot_latency_ms=summaries["eot_latency"],
            eager_lead_ms=summaries["eager_lead"],
            update_gap_max_ms=summaries["update_gap_max"],
            first_turn=None if first is None else turn_record(at, first.turn, first.figures),
            counts=tally.counts,
            health=self.vitals.health(self._clock),
        )
        return [*records, summary]

    # What there is to see

    @property
    def transcript(self) -> str:
        """The plain concatenation of the `turn.end` texts: nothing stripped, nothing added (protocol 7.3)."""
        return self._ledger.transcript

    @property
    def settings(self) -> TurnSettings:
        """The turn settings in force now."""
        return self._tuning.settings

    @property
    def over(self) -> bool:
        """Whether the session has been finished."""
        return self._over

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._machine.turn is not None

    @property
    def turns(self) -> int:
        """How many turns are finished."""
        return len(self._ledger)

    @property
    def pending(self) -> int:
        """How many of them wait for their figures."""
        return self._ledger.pending

    def snapshot(self, at: float, *, running: bool) -> Snapshot:
        """Picture the session at the instant `at`."""
        return Snapshot(
            at=at,
            session=self.session,
            connection=self._connection,
            detail=self._detail,
            retry=self._retry,
            running=running,
            state=self._machine.state,
            state_since=self._state_since,
            open_turn=self._machine.turn,
            finished=self._ledger.view,
            summaries=self._ledger.tally.summaries,
            first_turn=self._ledger.first,
            transition=self._transition,
            counts=self._ledger.tally.counts,
            violations=tuple(self._violations),
            error=self._error,
            audio=msgspec.structs.replace(
                self._audio, position=self._clock.position, level_db=self._level_db, played=self._played
            ),
            health=self.vitals.health(self._clock),
            recording=self._recording,
            settings=self._tuning.settings,
            groups=self._ledger.groups.view,
            speech=self._ledger.newest_speech,
            likelihood=self._likelihood.points,
        )

    # How it is kept

    def _health_due(self, at: float) -> list[Record]:
        """Put on record how things are, if it is time."""
        if at < self._health_due_at:
            return []
        self._health_due_at = at + HEALTH_INTERVAL_S
        return [HealthRecord(_time(at), self._connection.value, self.vitals.health(self._clock))]

    def _put_in_force(self, at: float, *, refused: bool) -> list[Record]:
        settings = self._tuning.settings
        self._machine.configured(settings)
        self._ledger.groups.configured(settings, at)
        return [ConfigRecord(_time(at), settings, refused)]

    def _note_likelihood(self, event: Likelihood, at: float) -> list[Record]:
        if self._connection_position is None or not event.points:
            return []
        points = self._likelihood.add(event, self._connection_position, self._clock)
        return [LikelihoodRecord(_time(at), points)]

    def _note_violations(self, step: Step, at: float) -> list[Record]:
        if not step.violations:
            return []
        self._violations = [*self._violations, *step.violations][-_VIOLATIONS_SHOWN:]
        self._ledger.tally.slipped([violation.rule for violation in step.violations])
        return [ViolationRecord(_time(at), violation.rule, violation.detail) for violation in step.violations]

    def _edge(self, position: float, *, onset: bool) -> None:
        if self._ledger.speech(position, onset=onset):
            self._audio = msgspec.structs.replace(self._audio, speaking=onset)


def _time(at: float) -> float:
    """Seconds of session as they are written: to a tenth of a millisecond."""
    return round(at, 4)
