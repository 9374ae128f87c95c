"""Folds the journal of a session into records and snapshots. Pure: time is an argument."""

from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec

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
from stt_monitor.core.metrics.marks import names_in_data
from stt_monitor.core.monitoring.session_state import SessionState
from stt_monitor.core.monitoring.stall_watch import Circumstances
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import (
    Connection,
    HealthRecord,
    RecordingRecord,
    StallRecord,
    StatusRecord,
    WarningRecord,
)
from stt_monitor.core.records.summaries import SummaryRecord, by_column, pauses_by_column
from stt_monitor.core.settings.state import difference

HEALTH_INTERVAL_S: Final = 2.0
"""Least time between two health records."""


class Monitor(SessionState):
    """Builds the state of one session by applying its journal's entries in order.

    Times are seconds of session, positions seconds of audio.
    """

    _health_due_at = HEALTH_INTERVAL_S
    _addressed = False

    def apply(self, entry: Entry) -> list[Record]:
        """Apply the next entry of the journal; return its records."""
        return [*self._watch(entry), *self._HANDLERS[type(entry)](self, entry)]

    def _watch(self, entry: Entry) -> list[Record]:
        """Look whether events come; return a record where that has changed."""
        before = self._stalls.stall
        around = Circumstances(
            self._audio.tracker.server_lag,
            local=bool(self.session.server),
            doubtful=bool(self.session.degraded or self._warning),
        )
        if not self._stalls.take(entry, around):
            return []
        now = self._stalls.stall
        if before is None:
            self._audio.tracker.add_stall()
        told = now or before
        assert told is not None
        at = in_record(entry.at)
        if now is None:
            return [StallRecord(at, "", "", in_record(told.since), told.evidence)]
        return [StallRecord(at, now.blame.value, now.sentence, in_record(now.since), now.evidence)]

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
        self.forget()
        return [*self._turn_log.pass_time(chunk.sent_at), *self._health_if_due(chunk.sent_at)]

    def _quiet(self, entry: Quieted) -> list[Record]:
        self._audio.set_quiet(quiet=entry.quiet)
        record = self._notes.set_quiet(entry.at, quiet=entry.quiet)
        return [] if record is None else [record]

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
        first = state.first or msgspec.UNSET
        return [RecordingRecord(in_record(entry.at), state.path, state.stopped, state.deleted, first)]

    def _finish(self, entry: Finished) -> list[Record]:
        """Return the records of pending turns as they are, then the summary."""
        self._over = True
        records = self._turn_log.finish(entry.at, self._protocol.machine.turn)
        stats, marks = self._turn_log.stats, self._turn_log.marks
        summary = SummaryRecord(
            t=in_record(entry.at),
            turns=self.turns,
            transcript=self.transcript,
            first_turn=self._turn_log.records.first(entry.at),
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
