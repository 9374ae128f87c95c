"""Finished turns: their metrics become final once the reference speech around them is known."""

from collections.abc import Callable
from math import inf
from typing import Final

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.events import TurnText
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.kept import Kept
from stt_monitor.core.metrics.by_settings import BySettings
from stt_monitor.core.metrics.claiming import Claiming
from stt_monitor.core.metrics.cutoffs import known_at
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.running import RunningStats
from stt_monitor.core.monitoring.final_turns import FinalTurns, is_first
from stt_monitor.core.monitoring.measuring import Measuring
from stt_monitor.core.monitoring.sent_audio import SentAudio
from stt_monitor.core.monitoring.turn_records import TurnRecords
from stt_monitor.core.records.lines import Record
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sound.agent_speech import AgentSpeech
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.turns.turn import Turn
from stt_monitor.core.turns.waiting_turns import WaitingTurn, WaitingTurns

_BEFORE_S: Final = 10.0
"""Audio before a turn's start that counts as its own: speech may begin earlier, or the start come late."""


class TurnLog:
    """Finished turns, their statistics and records. Times are seconds of session, positions seconds of audio."""

    def __init__(
        self,
        audio: SentAudio,
        likelihood: LikelihoodCurve,
        dialect: Dialect,
        settings: TurnSettings,
        kept: Kept,
        *,
        with_speech: bool,
        labelled_turns: bool = False,
        agent: AgentSpeech | None = None,
        on_final: Callable[[FinishedTurn], object] | None = None,
        tells_others: bool = False,
    ) -> None:
        """Start without turns.

        Args:
            audio: the audio sent; updated by its owner.
            likelihood: of being inside a turn; updated by its owner.
            dialect: of the service.
            settings: turn settings at the start.
            kept: how much of turns and speech is kept.
            with_speech: whether there is reference speech.
            labelled_turns: whether that speech knows turns and their pauses.
            agent: what the agent of the call says, updated by its owner; None: its side is not heard.
            on_final: gets each turn once its metrics are final, in order; None: nobody does.
            tells_others: whether records tell what other settings would have done, which takes its time.
        """
        self.stats = RunningStats(kept.spans)
        self.by_settings = BySettings(settings)
        self.records = TurnRecords(dialect.schema, likelihood, exact=labelled_turns, tells_others=tells_others)
        self._clock = audio.clock
        self._slowness = audio.slowness
        self._settings = settings
        self._speech = ReferenceSpeech(labelled_turns=labelled_turns, most=kept.spans) if with_speech else None
        self._measuring = Measuring(audio, likelihood, dialect, None if agent is None else agent.speech)
        self._abandoned: tuple[Span, ...] = ()
        self._claiming = Claiming()
        self._final = FinalTurns(dialect.joiner, kept.turns, on_final)
        self._waiting = WaitingTurns(dialect)
        self._due = inf  # reference speech known up to here has consequences
        self._count = 0
        self._finished: tuple[FinishedTurn, ...] = ()
        self._finished_is_stale = False

    # Updates

    def change_settings(self, settings: TurnSettings, at: float) -> None:
        """Switch to other settings."""
        self._settings = settings
        self.by_settings.change_settings(settings, at)

    def audio_sent(self, spoken_at: float) -> None:
        """Record audio that was sent, by the time at which it was spoken."""
        self._claiming.audio_sent(spoken_at)

    def connection_lost(self, at: float, *, closing: bool) -> list[Record]:
        """Record a lost connection: later turns cannot claim speech that was sent over it, and no more text comes.

        Unless we were `closing` it, the service may have had no time to start a turn.
        """
        self._claiming.connection_lost()
        if self._speech is not None and not closing:
            self._speech.add_disconnect(at)
        self._waiting.settle_text()
        return self._finalize(at)

    def audio_lost(self, position: float) -> None:
        """Record that audio sent from `position` on did not arrive."""
        if self._speech is not None:
            self._speech.add_unreceived(position, self._clock.position)

    def add(self, turns: tuple[Turn, ...], at: float) -> list[Record]:
        """Add finished turns; return the records of final ones."""
        for turn in turns:
            self.stats.add_turn(turn)
            self.by_settings.add_turn(turn)
            self._waiting.add(turn, self._claiming.add(turn, at), at)
            self._count += 1
        return self._finalize(at) if turns else []

    def turn_started(self, at: float) -> list[Record]:
        """Record that a turn has started; return the records of turns that are final now."""
        self._waiting.turn_started()
        return self._finalize(at)

    def add_text(self, event: TurnText, at: float) -> tuple[int | None, list[Record]]:
        """Add text to a turn after its end; return the turn's number, None if it came too late, and records."""
        turn = self._waiting.add_text(event, at)
        if turn is None:
            self.stats.add_late_text()
            return None, []
        return turn.number, self._finalize(at)

    def pass_time(self, at: float) -> list[Record]:
        """Record the time; return the records of turns that have waited for text long enough."""
        return self._finalize(at) if self._waiting.pass_time(at) else []

    def begin_speech(self, position: float, *, continues: bool) -> bool:
        """Record an onset of reference speech (`Span.continues`); return whether it could be placed in the session."""
        at = self._clock.spoken_at(position)
        if self._speech is None or at is None:
            return False
        self._speech.add_onset(at, position, self._clock.in_file(position), continues=continues)
        return True

    def end_speech(self, position: float, *, pauses: bool) -> bool:
        """Record an end of reference speech (`Span.pauses`); return whether it could be placed in the session."""
        at = self._clock.spoken_at(position, end=True)
        if self._speech is None or at is None:
            return False
        ended = self._speech.add_end(at, position, self._clock.in_file(position, end=True), pauses=pauses)
        if ended is not None:
            self.stats.add_speech(ended)
            self._schedule()
        return True

    def speech_decided(self, position: float, at: float, open_turn: Turn | None) -> list[Record]:
        """Record that reference speech is known up to `position`; return the records of turns that are final now."""
        spoken = self._clock.spoken_at(position)
        if self._speech is None or spoken is None:
            return []
        self._speech.decided_until = spoken
        self._finished_is_stale = self._finished_is_stale or bool(self._waiting)
        if spoken < self._due:
            return []
        self._check_speech(at, open_turn)
        return self._finalize(at)

    def speech_finished(self, at: float) -> list[Record]:
        """Record that all reference speech is known; return the records of turns that are final now."""
        if self._speech is None:
            return []
        self._speech.finish()
        if self._measuring.agent is not None:
            self._measuring.agent.finish()
        return self._finalize(at)

    def agent_heard(self, at: float) -> list[Record]:
        """Record that more of the agent's speech is known; return the records of turns that are final now."""
        return self._finalize(at) if self._waiting else []

    def abandon_speech(self, at: float) -> list[Record]:
        """Record that no more reference speech will be known; turns that waited for it are final without it."""
        self._abandoned, self._speech = self.spans, None
        return self._finalize(at)

    def finish(self, at: float, open_turn: Turn | None) -> list[Record]:
        """Finish the log; return the records of turns that were still pending, as they are."""
        self._waiting.settle_text()
        records = self.speech_finished(at) if self._speech is not None else self._finalize(at)
        self._check_speech(inf, open_turn)
        return records

    # Results

    def __len__(self) -> int:
        """Return the number of finished turns."""
        return self._count

    @property
    def pending(self) -> int:
        """Turns without final metrics."""
        return len(self._waiting)

    @property
    def finished(self) -> tuple[FinishedTurn, ...]:
        """The final turns that it keeps, and the pending ones, measured as far as possible."""
        if self._finished_is_stale:
            self._finished = self._final.followed_by(map(self._measured, self._waiting))
            self._finished_is_stale = False
        return self._finished

    @property
    def first(self) -> FinishedTurn | None:
        """The first turn of a connection that is listed as such (see `inclusion`)."""
        head = self._waiting.head
        if self._final.first is None and head is not None and head.turn.first_of_connection:
            first = self._measured(head)
            return first if is_first(first) else None
        return self._final.first

    @property
    def marks(self) -> Marks:
        """What is special about the metrics of the turns, and of those to come."""
        present = self._measuring.marks_of(self._settings, self._speech)
        return present if self.stats.marks is None else together([self.stats.marks, present])

    @property
    def spans(self) -> tuple[Span, ...]:
        """The newest reference speech, oldest span first."""
        return self._abandoned if self._speech is None else self._speech.spans

    @property
    def speech_known_until(self) -> float:
        """Session time before which all reference speech is known."""
        return -inf if self._speech is None else self._speech.decided_until

    @property
    def transcript(self) -> str:
        """The texts of the ended turns, joined by the service's joiner, otherwise verbatim."""
        return self._final.transcript(each.turn for each in self._waiting)

    def needed_from(self, open_turn: Turn | None) -> float:
        """Return the session time from which sound is still needed: for turns that are not final, or not over.

        What is found of speech that is not decided belongs to them, too.
        """
        head = self._waiting.head
        turns = (turn.started_at for turn in (open_turn, None if head is None else head.turn) if turn is not None)
        decided = inf if self._speech is None else self._speech.decided_until
        return min(*turns, decided, inf) - _BEFORE_S

    def forget(self, before: float) -> None:
        """Forget reference speech before a session time, except what must be kept."""
        if self._speech is not None:
            self._speech.forget(before)

    # Measuring

    def _measured(self, waiting: WaitingTurn) -> FinishedTurn:
        return self._measuring.measured(waiting, self._speech)

    def _finalize(self, at: float) -> list[Record]:
        """Measure the turns whose metrics are final now; return their records, in order."""
        self._finished_is_stale = self._finished_is_stale or bool(self._waiting)
        known = inf if self._speech is None else self._speech.decided_until
        records: list[Record] = []
        while (head := self._waiting.head) is not None and not head.awaits_text:
            if known_at(head.turn, self._speech) > known:
                break
            finished = self._measured(head)
            if finished.metrics.pending:  # in a pause of a labelled turn, which may or may not go on
                break
            self._waiting.pop()
            self.stats.add_metrics(finished)
            self.by_settings.add_metrics(finished)
            self._final.add(finished)
            speech = None if self._speech is None else self._speech.spans
            records.append(self.records.record_of(finished, speech, at))
        self._schedule()
        return records

    def _schedule(self) -> None:
        head = self._waiting.head
        self._due = min(inf if head is None else known_at(head.turn, self._speech), self.stats.next_speech_check())

    def _check_speech(self, until: float, open_turn: Turn | None) -> None:
        if self._speech is None:
            return
        until = min(until, self._speech.decided_until)
        if self.stats.next_speech_check() > until:
            return
        turns = self._claiming.latest(open_turn)
        for span in self.stats.check_speech(self._speech, self._slowness, turns, until):
            self.by_settings.add_missed(span)
