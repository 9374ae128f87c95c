"""Folds the journal of a session into records and snapshots. Pure: time is an argument."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, Self

import msgspec

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import Event, Likelihood, ServiceError
from stt_monitor.core.journal import (
    Addressed,
    AgentDecided,
    AgentEnd,
    AgentOnset,
    Began,
    CloseSent,
    Configured,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Failed,
    Finished,
    FramePassed,
    HealthReported,
    Quieted,
    Received,
    ReceivedBytes,
    RecordingChanged,
    Returned,
    Sent,
    SpeechAbandoned,
    SpeechDecided,
    SpeechEnd,
    SpeechFinished,
    SpeechOnset,
)
from stt_monitor.core.link import Link
from stt_monitor.core.metrics.marks import names_in_data
from stt_monitor.core.protocol_state import ProtocolState
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import (
    Connection,
    HealthRecord,
    RecordingRecord,
    RecordingState,
    SessionRecord,
    StatusRecord,
    WarningRecord,
)
from stt_monitor.core.records.summaries import SummaryRecord, by_column, pauses_by_column
from stt_monitor.core.records.turns import turn_record
from stt_monitor.core.sent_audio import SentAudio
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.settings_state import difference
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.sound.agent_speech import AgentSpeech
from stt_monitor.core.turn_log import TurnLog

HEALTH_INTERVAL_S: Final = 2.0
"""Least time between two health records."""


class Monitor:
    """State of one session, built by applying its journal's entries in order.

    Times are seconds of session, positions seconds of audio.
    """

    def __init__(
        self,
        session: SessionRecord,
        dialect: Dialect,
        *,
        duration: float | None = None,
        on_final: Callable[[FinishedTurn], object] | None = None,
        whole_likelihood: bool = False,
    ) -> None:
        """Start a session.

        Args:
            session: its first record; a `reference` of `none` means no reference speech.
            dialect: of the service.
            duration: length of the audio in seconds; None when unknown.
            on_final: gets each turn once its metrics are final, in order; the monitor then drops it, and snapshots have
                pending turns only. None: the monitor keeps all turns for its snapshots.
            whole_likelihood: whether snapshots have all of the likelihood, not just the last minutes.
        """
        self.session = session
        with_speech = session.reference != "none"
        self._audio = SentAudio(session.source_kind, duration, with_speech=with_speech)
        self._agent = AgentSpeech(self._audio.clock)
        self._turn_log = TurnLog(
            self._audio.clock,
            self._audio.slowness,
            dialect,
            session.settings.turn,
            with_speech=with_speech,
            labelled_turns=session.labelled_turns,
            agent=self._agent if session.agent else None,
            on_final=on_final,
        )
        self._protocol = ProtocolState(
            dialect, session.settings.turn, self._turn_log, self._audio, whole_likelihood=whole_likelihood
        )
        self._tells_likelihood = dialect.tells_likelihood
        self._health_due_at = HEALTH_INTERVAL_S
        self._link = Link()
        self._addressed = False
        self._recording: RecordingState | None = None
        self._over = False
        self._error = ""
        self._warning = ""

    @classmethod
    def begin(
        cls,
        began: Began,
        dialect: Dialect,
        *,
        on_final: Callable[[FinishedTurn], object] | None = None,
        whole_likelihood: bool = False,
    ) -> Self:
        """Start a session from its first entry; the other arguments are as in `__init__`."""
        return cls(
            began.session, dialect, duration=began.duration, on_final=on_final, whole_likelihood=whole_likelihood
        )

    def apply(self, entry: Entry) -> list[Record]:
        """Apply the next entry of the journal; return its records."""
        return self._HANDLERS[type(entry)](self, entry)

    # State

    @property
    def message(self) -> Message:
        """The last message of the service."""
        return self._protocol.message

    @property
    def transcript(self) -> str:
        """The texts of the ended turns, joined by the service's joiner, otherwise verbatim."""
        return self._turn_log.transcript

    @property
    def settings(self) -> TurnSettings:
        """The current turn settings."""
        return self._protocol.settings

    @property
    def over(self) -> bool:
        """Whether the session has been finished."""
        return self._over

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._protocol.machine.turn is not None

    @property
    def turns(self) -> int:
        """Finished turns."""
        return len(self._turn_log)

    @property
    def pending(self) -> int:
        """Finished turns without final metrics."""
        return self._turn_log.pending

    def snapshot(self, at: float, *, running: bool) -> Snapshot:
        """Return a snapshot of the session at the time `at`."""
        turn_log, protocol = self._turn_log, self._protocol
        return Snapshot(
            at=at,
            session=self.session,
            connection=self._link.state,
            detail=self._link.detail,
            retry=self._link.retry,
            outages=self._link.outages,
            running=running,
            state=protocol.machine.state,
            state_since=protocol.state_since,
            open_turn=protocol.machine.turn,
            finished=turn_log.finished,
            summaries=turn_log.stats.summaries,
            first_turn=turn_log.first,
            transition=protocol.transition,
            counts=turn_log.stats.counts,
            pauses=turn_log.stats.pauses,
            violations=protocol.violations,
            error=self._error,
            warning=self._warning,
            audio=self._audio.snapshot,
            health=self._audio.health,
            recording=self._recording,
            settings=protocol.settings,
            groups=turn_log.by_settings.groups,
            sound=self._audio.sound.history,
            places=self._audio.places.places,
            speech=turn_log.spans,
            speech_known_until=turn_log.speech_known_until,
            agent_speech=self._agent.speech.spans,
            agent_known_until=self._agent.speech.decided_until,
            speech_checked=turn_log.stats.speech_checked,
            speech_delayed=turn_log.stats.speech_delayed,
            missed=turn_log.stats.missed,
            marks=turn_log.marks,
            unknown=protocol.unknown,
            likelihood=protocol.likelihood.points,
        )

    # Handlers

    def _begun_again(self, _: Began) -> list[Record]:
        raise ValueError("a session begins once: pass its first entry to `begin`")

    def _address(self, entry: Addressed) -> list[Record]:
        """Complete the session's record; return it the first time."""
        self.session = msgspec.structs.replace(self.session, url=entry.url)
        if entry.local:
            self.session = self.session.with_local_server()
        first, self._addressed = not self._addressed, True
        return [self.session] if first else []

    def _change_connection(self, entry: ConnectionChanged) -> list[Record]:
        self._link.change(entry)
        if entry.state is Connection.CONNECTED:
            self._audio.tracker.add_connection()
        if entry.local:
            self.session = self.session.with_local_server()
        return [self._status(entry.at)]

    def _status(self, at: float) -> StatusRecord:
        state = self._link.state.value
        return StatusRecord(in_record(at), state, self._link.detail, self._audio.health, self.session.server)

    def _fail(self, entry: Failed) -> list[Record]:
        if not entry.warning:
            self._error = entry.sentence
            return []
        self._warning = entry.sentence
        return [WarningRecord(in_record(entry.at), entry.sentence)]

    def _receive(self, frame: str | bytes, at: float) -> list[Record]:
        records = self._protocol.receive(frame, at)
        for event in self._protocol.message.events:
            records += self._inspect(event, at)
        return records

    def _inspect(self, event: Event, at: float) -> list[Record]:
        """Update the session from an event: errors, what the service does otherwise, and the local server."""
        self._error = difference(event, self._protocol.settings) or self._error
        # The service may answer the close of a session without speech with an error (protocol.md 9): no problem.
        if isinstance(event, ServiceError) and (self.turns or not self._protocol.closing):
            self._error = event.text or "the service reported an error without a message"
        if isinstance(event, Likelihood) and event.points and not (self.session.server or self._tells_likelihood):
            # Only the local server sends it; older versions and older recordings do not identify it otherwise.
            self.session = self.session.with_local_server()
            return [self._status(at)]
        return []

    def _sent(self, entry: Sent) -> list[Record]:
        chunk = entry.chunk
        self._audio.add(chunk, entry.level_db)
        self._turn_log.audio_sent(chunk.spoken_at)
        return [*self._turn_log.pass_time(chunk.sent_at), *self._health_if_due(chunk.sent_at)]

    def _quiet(self, entry: Quieted) -> list[Record]:
        self._audio.set_quiet(quiet=entry.quiet)
        return []

    def _return(self, entry: Returned) -> list[Record]:
        self._audio.put_back(entry.length)
        self._turn_log.audio_lost(entry.position)
        return []

    def _close(self, entry: CloseSent) -> list[Record]:
        self._protocol.close_sent(goes_on=entry.goes_on)
        if entry.goes_on:
            self._audio.tracker.expect_connection()
        return []

    def _lose_connection(self, entry: ConnectionLost) -> list[Record]:
        self._link.lose(entry.at)
        self._audio.connection_lost()
        return self._protocol.connection_lost(entry.at)

    def _begin_speech(self, entry: SpeechOnset) -> list[Record]:
        if self._turn_log.begin_speech(entry.position, continues=entry.continues):
            self._audio.set_speaking(speaking=True)
        return []

    def _end_speech(self, entry: SpeechEnd) -> list[Record]:
        if self._turn_log.end_speech(entry.position, pauses=entry.pauses):
            self._audio.set_speaking(speaking=False)
        return []

    def _decide_speech(self, entry: SpeechDecided) -> list[Record]:
        return self._turn_log.speech_decided(entry.position, entry.at, self._protocol.machine.turn)

    def _begin_agent(self, entry: AgentOnset) -> list[Record]:
        self._agent.begin(entry.position)
        return []

    def _end_agent(self, entry: AgentEnd) -> list[Record]:
        self._agent.end(entry.position)
        return []

    def _decide_agent(self, entry: AgentDecided) -> list[Record]:
        self._agent.decide(entry.position)
        return self._turn_log.agent_heard(entry.at)

    def _abandon_speech(self, entry: SpeechAbandoned) -> list[Record]:
        self._audio.set_speaking(speaking=None)
        return self._turn_log.abandon_speech(entry.at)

    def _report_health(self, entry: HealthReported) -> list[Record]:
        self._audio.update(entry)
        return self._health_if_due(entry.at)

    def _health_if_due(self, at: float) -> list[Record]:
        if at < self._health_due_at:
            return []
        self._health_due_at = at + HEALTH_INTERVAL_S
        return [HealthRecord(in_record(at), self._link.state.value, self._audio.health)]

    def _change_recording(self, entry: RecordingChanged) -> list[Record]:
        self._recording = state = entry.state
        return [RecordingRecord(in_record(entry.at), state.path, state.stopped, state.deleted)]

    def _finish(self, entry: Finished) -> list[Record]:
        """Return the records of pending turns as they are, then the summary."""
        self._over = True
        records = self._turn_log.finish(entry.at, self._protocol.machine.turn)
        first, stats, marks = self._turn_log.first, self._turn_log.stats, self._turn_log.marks
        summary = SummaryRecord(
            t=in_record(entry.at),
            turns=self.turns,
            transcript=self.transcript,
            first_turn=None if first is None else turn_record(entry.at, first.turn, first.metrics, first.marks),
            counts=stats.counts,
            health=self._audio.health,
            not_applicable=names_in_data(marks.absent),
            derived=names_in_data(marks.derived),
            recording_stopped=(self._recording and self._recording.stopped) or msgspec.UNSET,
            **pauses_by_column(stats.pauses),
            **by_column(stats.summaries),
        )
        return [*records, summary]

    _HANDLERS: ClassVar[dict[type[Entry], Callable[["Monitor", Any], list[Record]]]] = {
        Began: _begun_again,
        Sent: _sent,
        Addressed: _address,
        ConnectionChanged: _change_connection,
        Failed: _fail,
        Received: lambda self, entry: self._receive(entry.text, entry.at),
        ReceivedBytes: lambda self, entry: self._receive(entry.data, entry.at),
        FramePassed: lambda _, __: [],
        Configured: lambda self, entry: self._protocol.change_settings(entry.turn, entry.at),
        Quieted: _quiet,
        Returned: _return,
        CloseSent: _close,
        ConnectionLost: _lose_connection,
        SpeechOnset: _begin_speech,
        SpeechEnd: _end_speech,
        SpeechDecided: _decide_speech,
        AgentOnset: _begin_agent,
        AgentEnd: _end_agent,
        AgentDecided: _decide_agent,
        SpeechFinished: lambda self, entry: self._turn_log.speech_finished(entry.at),
        SpeechAbandoned: _abandon_speech,
        HealthReported: _report_health,
        RecordingChanged: _change_recording,
        Finished: _finish,
    }
    """Handler of each type of entry."""
