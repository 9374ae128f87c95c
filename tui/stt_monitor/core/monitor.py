"""The fold that turns what a session saw into records and snapshots. Pure: time is an argument."""

from math import inf
from typing import Final, Self

import msgspec

from stt_monitor.core.clock import AudioClock, SentChunk
from stt_monitor.core.events import EagerEnd, Event, Likelihood, ServiceError, TurnEnd, TurnResume, TurnStart, parse
from stt_monitor.core.figures import FALSE_CUTOFF_WINDOW_S, TurnFigures, measure
from stt_monitor.core.groups import Groups
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
from stt_monitor.core.likelihood import LikelihoodCurve
from stt_monitor.core.pooling import transcript
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
from stt_monitor.core.speech import ReferenceSpeech
from stt_monitor.core.tally import Tally
from stt_monitor.core.tuning import Tuning
from stt_monitor.core.turns import State, Step, Turn, TurnMachine, Violation
from stt_monitor.core.vitals import Vitals

HEALTH_INTERVAL_S: Final = 2.0
"""From one record of the monitor's health to the next, as long as there is news."""

_VIOLATIONS_SHOWN: Final = 5
_TURNS_JUDGED: Final = 20
"""A span of reference speech is compared with this many latest turns."""

_TRANSITIONS: Final = {TurnStart: "start", EagerEnd: "eager_end", TurnResume: "resume", TurnEnd: "end"}


class Monitor:
    """Everything known about one session: what the entries of its journal, fed to `take` in order, say.

    There is a method for each kind of entry besides; like `take` they return what goes on record.

    All times are seconds of session, all positions seconds of audio.
    """

    def __init__(self, session: SessionRecord, *, duration: float | None = None) -> None:
        """Begin a session.

        Args:
            session: its first record; a `reference` of `none` means that no reference speech will come.
            duration: how long the audio is, in seconds; None when nobody knows.
        """
        self.session = session
        self._machine = TurnMachine(session.settings.turn)
        self._tuning = Tuning(session.settings.turn)
        self._clock = AudioClock()
        self._speech = None if session.reference == "none" else ReferenceSpeech()
        self._audio = Audio(
            duration=duration, speaking=None if self._speech is None else False, kind=session.source_kind
        )
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
        self._heard_from: float | None = -inf  # when the first audio of this connection was spoken; None before it
        self.event: Event | None = None
        """What the newest frame from the service was."""
        self._addressed = False
        self._recording: RecordingState | None = None
        self._over = False
        self._error = ""
        self._closing = False
        self._state_since = 0.0
        self._transition: Transition | None = None
        self._finished: list[FinishedTurn] = []
        self._anchored_from: list[float] = []  # for each of them: what lies before this is about another turn
        self._view: tuple[FinishedTurn, ...] = ()
        self._view_is_stale = False
        self._measure_at = inf  # figures may change when reference speech is known up to here
        self._settled = 0  # turns before this index have final figures and are on record
        self._tally = Tally()
        self._groups = Groups(session.settings.turn)
        self._violations: list[Violation] = []

    @classmethod
    def begin(cls, began: Began) -> Self:
        """Begin a session as its first entry says."""
        return cls(began.session, duration=began.duration)

    def take(self, entry: Entry) -> list[Record]:  # noqa: C901, PLR0911, PLR0912  one case for each kind of entry
        """Take the next entry of the journal; returns what goes on record."""
        match entry:  # the frequent ones first
            case Sent():
                self.sent(entry.chunk, entry.level_db)
                return self._health_due(entry.at)
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
            self._tally.failed()
            # A session without speech may be answered with an error to its close (protocol 9): nobody's problem.
            if not self._closing or self._finished:
                said = ": ".join(part for part in (event.title, event.message) if part)
                self._error = said or "the service reports an error without saying which"
            if self._tuning.take_back(event, at):
                records += self._put_in_force(at, refused=True)
        if isinstance(event, EagerEnd):
            self._tally.guessed()
        if isinstance(event, TurnResume) and before is State.EAGER_END:
            self._tally.resumed()
        name = _TRANSITIONS.get(type(event))
        if name is not None and step.turn is not None:
            self._transition = Transition(name, at, step.turn)
        if step.state is not before or name == "start":
            self._state_since = at
        return event, records + self._add(step.ended, at)

    def sent(self, chunk: SentChunk, level_db: float | None = None) -> None:
        """Note a chunk of audio that was handed to the socket, and its peak level in dB of full scale."""
        self._clock.sent(chunk)
        if self._heard_from is None or self._connection_position is None:
            self._heard_from, self._connection_position = chunk.spoken_at, chunk.position
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
        if self._speech is not None:
            self._speech.unheard(position, self._clock.position)

    def close_sent(self) -> None:
        """Note that `close` was sent: turns that end from now on were flushed by it."""
        self._closing = True
        self._machine.close_sent()

    def connection_lost(self, at: float) -> list[Record]:
        """Note that the socket is gone, in whatever way; an open turn is left dangling."""
        lost = self._machine.connection_lost()
        if lost:
            self._state_since = at
        records = self._add(lost, at)
        self._closing, self._heard_from, self._connection_position = False, None, None
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
        spoken = self._clock.spoken_at(position)
        if self._speech is None or spoken is None:
            return []
        self._speech.decided_until = spoken
        self._judge_speech(at)
        return self._settle(at) if spoken >= self._measure_at else []

    def speech_finished(self, at: float) -> list[Record]:
        """Note that no more audio will come: all reference speech is known."""
        if self._speech is None:
            return []
        self._speech.finished()
        return self._settle(at)

    def finish(self, at: float) -> list[Record]:
        """End the session: the turns still pending are put on record as they are, then the summary."""
        self._over = True
        records = self.speech_finished(at)
        self._judge_speech(inf)
        first = self._first_turn()
        summaries = {name: in_milliseconds(summary) for name, summary in self._tally.summaries.items()}
        summary = SummaryRecord(
            t=_time(at),
            turns=len(self._finished),
            transcript=self.transcript,
            onset_latency_ms=summaries["onset_latency"],
            first_text_ms=summaries["first_text"],
            eager_latency_ms=summaries["eager_latency"],
            eot_latency_ms=summaries["eot_latency"],
            eager_lead_ms=summaries["eager_lead"],
            update_gap_max_ms=summaries["update_gap_max"],
            first_turn=None if first is None else turn_record(at, first.turn, first.figures),
            counts=self._tally.counts,
            health=self.vitals.health(self._clock),
        )
        return [*records, summary]

    # What there is to see

    @property
    def transcript(self) -> str:
        """The plain concatenation of the `turn.end` texts: nothing stripped, nothing added (protocol 7.3)."""
        return transcript(self._finished)

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
        return len(self._finished)

    def snapshot(self, at: float, *, running: bool) -> Snapshot:
        """Picture the session at the instant `at`."""
        if self._view_is_stale:
            self._view, self._view_is_stale = tuple(self._finished), False
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
            finished=self._view,
            summaries=self._tally.summaries,
            first_turn=self._first_turn(),
            transition=self._transition,
            counts=self._tally.counts,
            violations=tuple(self._violations),
            error=self._error,
            audio=msgspec.structs.replace(
                self._audio, position=self._clock.position, level_db=self._level_db, played=self._played
            ),
            health=self.vitals.health(self._clock),
            recording=self._recording,
            settings=self._tuning.settings,
            groups=self._groups.view,
            speech=() if self._speech is None else self._speech.newest,
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
        self._groups.configured(settings, at)
        return [ConfigRecord(_time(at), settings, refused)]

    def _note_likelihood(self, event: Likelihood, at: float) -> list[Record]:
        if self._connection_position is None or not event.points:
            return []
        points = self._likelihood.add(event, self._connection_position, self._clock)
        return [LikelihoodRecord(_time(at), points)]

    def _note_violations(self, step: Step, at: float) -> list[Record]:
        self._violations = [*self._violations, *step.violations][-_VIOLATIONS_SHOWN:]
        if step.violations:
            self._tally.slipped([violation.rule for violation in step.violations])
        return [ViolationRecord(_time(at), violation.rule, violation.detail) for violation in step.violations]

    def _edge(self, position: float, *, onset: bool) -> None:
        at = self._clock.spoken_at(position)
        if self._speech is None or at is None:
            return
        if onset:
            self._speech.onset(at, position)
        else:
            ended = self._speech.end(at, position)
            if ended is not None:
                self._tally.spoken(ended)
        self._audio = msgspec.structs.replace(self._audio, speaking=onset)
        self._measure_at = -inf

    def _add(self, turns: tuple[Turn, ...], at: float) -> list[Record]:
        for turn in turns:
            self._tally.ended(turn)
            self._groups.ended(turn)
            self._anchored_from.append(self._previous_end(at))
            self._finished.append(FinishedTurn(turn, TurnFigures(pending=True)))
        return self._settle(at) if turns else []

    def _previous_end(self, at: float) -> float:
        """Return up to when speech was about earlier turns, or was said to a connection that is gone (design 4)."""
        heard_from = at if self._heard_from is None else self._heard_from
        before = self._finished[-1].turn if self._finished else None
        if before is None:
            return heard_from
        return max(heard_from, before.ended_at if before.ended_at is not None else before.started_at)

    def _measured(self, turn: Turn, index: int) -> FinishedTurn:
        figures = measure(turn, self._anchored_from[index], self._speech, turn.settings.end_timeout_ms)
        since, until = self._clock.position_at(turn.started_at), self._clock.position_at(turn.over_at)
        return FinishedTurn(turn, figures, since, until)

    def _settle(self, at: float) -> list[Record]:
        """Measure the pending turns again; put those on record, in order, whose figures are final."""
        records: list[Record] = []
        for index in range(self._settled, len(self._finished)):
            finished = self._measured(self._finished[index].turn, index)
            self._finished[index] = finished
            if not finished.figures.pending and self._settled == index:
                self._settled += 1
                self._tally.settled(finished)
                self._groups.settled(finished)
                records.append(turn_record(at, finished.turn, finished.figures))
        self._view_is_stale = True
        self._measure_at = self._next_measurement()
        return records

    def _next_measurement(self) -> float:
        """Return up to when speech must be known for a pending figure to change, if nobody starts or stops speaking."""
        known = -inf if self._speech is None else self._speech.decided_until
        ends = [finished.turn.over_at for finished in self._finished[self._settled :]]
        return min((due for end in ends for due in (end, end + FALSE_CUTOFF_WINDOW_S) if due > known), default=inf)

    def _first_turn(self) -> FinishedTurn | None:
        return self._finished[0] if self._finished else None

    def _judge_speech(self, until: float) -> None:
        if self._speech is None:
            return
        until = min(until, self._speech.decided_until)
        if self._tally.judges_at() > until:
            return
        latest = [finished.turn for finished in self._finished[-_TURNS_JUDGED:]]
        turns = [(turn.started_at, turn.over_at) for turn in latest]
        if self._machine.turn is not None:
            turns.append((self._machine.turn.started_at, inf))
        for span in self._tally.judge(self._speech, turns, until):
            self._groups.missed(span)


def _time(at: float) -> float:
    """Seconds of session as they are written: to a tenth of a millisecond."""
    return round(at, 4)
