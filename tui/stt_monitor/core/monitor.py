"""The fold that turns what a session saw into records and snapshots. Pure: time is an argument."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, Self

import msgspec

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.events import Event, Likelihood, ServiceError
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
    FramePassed,
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
from stt_monitor.core.link import Link
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
)
from stt_monitor.core.records.summaries import SummaryRecord, by_column
from stt_monitor.core.records.turns import turn_record
from stt_monitor.core.sent_audio import SentAudio
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.turn_log import TurnLog

HEALTH_INTERVAL_S: Final = 2.0
"""From one record of the monitor's health to the next, as long as there is news."""


class Monitor:
    """Everything known about one session: what the entries of its journal, fed to `take` in order, say.

    All times are seconds of session, all positions seconds of audio.
    """

    def __init__(
        self,
        session: SessionRecord,
        dialect: Dialect,
        *,
        duration: float | None = None,
        keep: Callable[[FinishedTurn], object] | None = None,
    ) -> None:
        """Begin a session.

        Args:
            session: its first record; a `reference` of `none` means that no reference speech will come.
            dialect: of the service that it is about.
            duration: how long the audio is, in seconds; None when nobody knows.
            keep: takes each turn once its figures are final, in order, and the monitor forgets it: snapshots have those
                turns alone that are not final yet. None: the monitor keeps all for its snapshots.
        """
        self.session = session
        with_speech = session.reference != "none"
        self._audio = SentAudio(session.source_kind, duration, with_speech=with_speech)
        self._ledger = TurnLog(
            self._audio.clock,
            self._audio.slowness,
            dialect,
            session.settings.turn,
            with_speech=with_speech,
            keep=keep,
        )
        self._dialogue = ProtocolState(dialect, session.settings.turn, self._ledger, self._audio)
        self._health_due_at = HEALTH_INTERVAL_S
        self._link = Link()
        self._addressed = False
        self._recording: RecordingState | None = None
        self._over = False
        self._error = ""

    @classmethod
    def begin(cls, began: Began, dialect: Dialect, *, keep: Callable[[FinishedTurn], object] | None = None) -> Self:
        """Begin a session as its first entry says; the others are as for a monitor that is made."""
        return cls(began.session, dialect, duration=began.duration, keep=keep)

    def take(self, entry: Entry) -> list[Record]:
        """Take the next entry of the journal; returns what goes on record."""
        return self._TAKERS[type(entry)](self, entry)

    # What there is to see

    @property
    def message(self) -> Message:
        """The newest message of the service."""
        return self._dialogue.message

    @property
    def transcript(self) -> str:
        """The texts of the turns that ended, joined as the service wants it: nothing stripped, nothing else added."""
        return self._ledger.transcript

    @property
    def settings(self) -> TurnSettings:
        """The turn settings in force now."""
        return self._dialogue.settings

    @property
    def over(self) -> bool:
        """Whether the session has been finished."""
        return self._over

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._dialogue.machine.turn is not None

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
        ledger, dialogue = self._ledger, self._dialogue
        return Snapshot(
            at=at,
            session=self.session,
            connection=self._link.state,
            detail=self._link.detail,
            retry=self._link.retry,
            outages=self._link.outages,
            running=running,
            state=dialogue.machine.state,
            state_since=dialogue.state_since,
            open_turn=dialogue.machine.turn,
            finished=ledger.view,
            summaries=ledger.tally.summaries,
            first_turn=ledger.first,
            transition=dialogue.transition,
            counts=ledger.tally.counts,
            violations=dialogue.violations,
            error=self._error,
            audio=self._audio.snapshot,
            health=self._audio.health,
            recording=self._recording,
            settings=dialogue.settings,
            groups=ledger.groups.groups,
            sound=self._audio.sound.history,
            speech=ledger.spans,
            speech_known_until=ledger.speech_known_until,
            speech_checked=ledger.tally.speech_checked,
            speech_delayed=ledger.tally.speech_delayed,
            likelihood=dialogue.likelihood.points,
        )

    # What happens

    def _begun_again(self, _: Began) -> list[Record]:
        raise ValueError("a session begins once: give its first entry to `begin`")

    def _address(self, entry: Addressed) -> list[Record]:
        """Complete the session's own record, which goes out the first time."""
        self.session = msgspec.structs.replace(self.session, url=entry.url)
        if entry.local:
            self.session = self.session.heard_locally()
        first, self._addressed = not self._addressed, True
        return [self.session] if first else []

    def _change_connection(self, entry: ConnectionChanged) -> list[Record]:
        self._link.change(entry)
        if entry.state is Connection.CONNECTED:
            self._audio.tracker.add_connection()
        if entry.local:
            self.session = self.session.heard_locally()
        return [self._status(entry.at)]

    def _status(self, at: float) -> StatusRecord:
        state = self._link.state.value
        return StatusRecord(in_record(at), state, self._link.detail, self._audio.health, self.session.server)

    def _fail(self, entry: Failed) -> list[Record]:
        self._error = entry.sentence
        return []

    def _receive(self, frame: str | bytes, at: float) -> list[Record]:
        records = self._dialogue.received(frame, at)
        for event in self._dialogue.message.events:
            records += self._look(event, at)
        return records

    def _look(self, event: Event, at: float) -> list[Record]:
        """Note what an event says of the session as a whole."""
        # A session without speech may be answered with an error to its close (protocol.md 9): nobody's problem.
        if isinstance(event, ServiceError) and (self.turns or not self._dialogue.closing):
            self._error = event.text or "the service reports an error without saying which"
        if isinstance(event, Likelihood) and event.points and not self.session.server:
            # No other server sends it: older ones, and older recordings, say in no other way what they are.
            self.session = self.session.heard_locally()
            return [self._status(at)]
        return []

    def _sent(self, entry: Sent) -> list[Record]:
        chunk = entry.chunk
        self._audio.add(chunk, entry.level_db)
        self._ledger.heard(chunk.spoken_at)
        return self._health_if_due(chunk.sent_at)

    def _quiet(self, entry: Quieted) -> list[Record]:
        self._audio.set_quiet(quiet=entry.quiet)
        return []

    def _return(self, entry: Returned) -> list[Record]:
        self._audio.put_back(entry.length)
        self._ledger.unheard(entry.position)
        return []

    def _close(self, _: CloseSent) -> list[Record]:
        self._dialogue.close_sent()
        return []

    def _lose_connection(self, entry: ConnectionLost) -> list[Record]:
        self._link.lose(entry.at)
        self._audio.connection_lost()
        return self._dialogue.connection_lost(entry.at)

    def _edge(self, position: float, *, onset: bool) -> list[Record]:
        if self._ledger.speech(position, onset=onset):
            self._audio.set_speaking(speaking=onset)
        return []

    def _decide_speech(self, entry: SpeechDecided) -> list[Record]:
        return self._ledger.speech_decided(entry.position, entry.at, self._dialogue.machine.turn)

    def _report_vitals(self, entry: VitalsReported) -> list[Record]:
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
        """Put the turns still pending on record as they are, then the summary."""
        self._over = True
        records = self._ledger.finish(entry.at, self._dialogue.machine.turn)
        first, tally = self._ledger.first, self._ledger.tally
        summary = SummaryRecord(
            t=in_record(entry.at),
            turns=self.turns,
            transcript=self.transcript,
            first_turn=None if first is None else turn_record(entry.at, first.turn, first.figures),
            counts=tally.counts,
            health=self._audio.health,
            recording_stopped=(self._recording and self._recording.stopped) or msgspec.UNSET,
            **by_column(tally.summaries),
        )
        return [*records, summary]

    _TAKERS: ClassVar[dict[type[Entry], Callable[["Monitor", Any], list[Record]]]] = {
        Began: _begun_again,
        Sent: _sent,
        Addressed: _address,
        ConnectionChanged: _change_connection,
        Failed: _fail,
        Received: lambda self, entry: self._receive(entry.text, entry.at),
        ReceivedBytes: lambda self, entry: self._receive(entry.data, entry.at),
        FramePassed: lambda _, __: [],
        Configured: lambda self, entry: self._dialogue.configured(entry.turn, entry.at),
        Quieted: _quiet,
        Returned: _return,
        CloseSent: _close,
        ConnectionLost: _lose_connection,
        SpeechOnset: lambda self, entry: self._edge(entry.position, onset=True),
        SpeechEnd: lambda self, entry: self._edge(entry.position, onset=False),
        SpeechDecided: _decide_speech,
        SpeechFinished: lambda self, entry: self._ledger.speech_finished(entry.at),
        VitalsReported: _report_vitals,
        RecordingChanged: _change_recording,
        Finished: _finish,
    }
    """What to do with each kind of entry."""
