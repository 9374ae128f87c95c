"""What is known of a session so far: its parts, and the snapshot of them all. Pure: time is an argument."""

from collections.abc import Callable
from typing import Self

from stt_monitor.core.dialect import Dialect, Message
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.journal import Began
from stt_monitor.core.kept import FOR_SCREEN, Kept
from stt_monitor.core.monitoring.link import Link
from stt_monitor.core.monitoring.note_log import NoteLog
from stt_monitor.core.monitoring.protocol_state import ProtocolState
from stt_monitor.core.monitoring.sent_audio import SentAudio
from stt_monitor.core.monitoring.stall_watch import StallWatch
from stt_monitor.core.monitoring.turn_log import TurnLog
from stt_monitor.core.records.session import RecordingState, SessionRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.agent_speech import AgentSpeech
from stt_monitor.core.sound.likelihood import LikelihoodCurve


class SessionState:
    """The parts of one session; `Monitor` builds them from its journal.

    Times are seconds of session, positions seconds of audio.
    """

    def __init__(
        self,
        session: SessionRecord,
        dialect: Dialect,
        *,
        duration: float | None = None,
        on_final: Callable[[FinishedTurn], object] | None = None,
        kept: Kept = FOR_SCREEN,
        tells_others: bool = False,
    ) -> None:
        """Start a session.

        Args:
            session: its first record; a `reference` of `none` means no reference speech.
            dialect: of the service.
            duration: length of the audio in seconds; None when unknown.
            on_final: gets each turn once its metrics are final, in order; None: nobody does.
            kept: how much of what is past it keeps for its snapshots.
            tells_others: whether records of turns tell what other settings would have done, which takes its time.
        """
        self.session = session
        with_speech = session.reference != "none"
        self._audio = SentAudio(session.source_kind, duration, kept, with_speech=with_speech)
        self._agent = AgentSpeech(self._audio.clock)
        likelihood = LikelihoodCurve(kept.likelihood)
        self._turn_log = TurnLog(
            self._audio,
            likelihood,
            dialect,
            session.settings.turn,
            kept,
            with_speech=with_speech,
            labelled_turns=session.labelled_turns,
            agent=self._agent if session.agent else None,
            on_final=on_final,
            tells_others=tells_others,
        )
        self._notes = NoteLog(session.source_kind)
        self._protocol = ProtocolState(
            dialect, session.settings.turn, self._turn_log, self._audio, likelihood, notes=self._notes
        )
        self._tells_likelihood = dialect.tells_likelihood
        self._link = Link()
        self._stalls = StallWatch(dialect.silence_s)
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
        kept: Kept = FOR_SCREEN,
        tells_others: bool = False,
    ) -> Self:
        """Start a session from its first entry; the other arguments are as in `__init__`."""
        return cls(
            began.session,
            dialect,
            duration=began.duration,
            on_final=on_final,
            kept=kept,
            tells_others=tells_others,
        )

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

    def forget(self) -> None:
        """Forget sound that is older than all that is kept, and that no figure needs any more."""
        before = self._turn_log.needed_from(self._protocol.machine.turn)
        self._audio.clock.forget(before)
        self._turn_log.forget(before)
        self._protocol.likelihood.forget(before)

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
            notes=self._notes.all(self._link.outages),
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
            stall=self._stalls.stall,
            likelihood=protocol.likelihood.points,
        )
