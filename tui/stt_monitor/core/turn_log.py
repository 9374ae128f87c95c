"""Finished turns: their metrics become final once the reference speech around them is known."""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.events import TurnText
from stt_monitor.core.metrics.by_settings import BySettings
from stt_monitor.core.metrics.claims import ClaimBounds
from stt_monitor.core.metrics.cutoffs import known_at
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.measuring import Measuring
from stt_monitor.core.metrics.running import RunningStats
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.turns import TurnRecord, turn_record
from stt_monitor.core.sent_audio import SentAudio
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.sound.agent_speech import AgentSpeech
from stt_monitor.core.sound.likelihood import LikelihoodCurve
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.turns.turn import EndReason, Turn
from stt_monitor.core.turns.waiting_turns import WaitingTurn, WaitingTurns
from stt_monitor.core.why.account import account_of
from stt_monitor.core.why.likelihood import held
from stt_monitor.core.why.record import why_of

_TURNS_JUDGED: Final = 50
"""Latest turns to match with a span of reference speech."""


class TurnLog:
    """Finished turns, their statistics and records. Times are seconds of session, positions seconds of audio."""

    def __init__(
        self,
        audio: SentAudio,
        likelihood: LikelihoodCurve,
        dialect: Dialect,
        settings: TurnSettings,
        *,
        with_speech: bool,
        labelled_turns: bool = False,
        agent: AgentSpeech | None = None,
        on_final: Callable[[FinishedTurn], object] | None = None,
    ) -> None:
        """Start without turns.

        Args:
            audio: the audio sent; updated by its owner.
            likelihood: of being inside a turn; updated by its owner.
            dialect: of the service.
            settings: turn settings at the start.
            with_speech: whether there is reference speech.
            labelled_turns: whether that speech knows turns and their pauses.
            agent: what the agent of the call says, updated by its owner; None: its side is not heard.
            on_final: gets each turn once its metrics are final, in order; the log then drops it. None: it keeps all.
        """
        self.stats = RunningStats()
        self.by_settings = BySettings(settings)
        self._clock = audio.clock
        self._slowness = audio.slowness
        self._likelihood = likelihood
        self._dialect = dialect
        self._settings = settings
        self._speech = ReferenceSpeech(labelled_turns=labelled_turns) if with_speech else None
        self._measuring = Measuring(audio, dialect, None if agent is None else agent.speech)
        self._abandoned: tuple[Span, ...] = ()
        self._heard_from: float | None = -inf  # when the first audio of this connection was spoken; None before it
        self._final: list[FinishedTurn] = []  # with final metrics
        self._on_final = self._final.append if on_final is None else on_final
        self._waiting = WaitingTurns(dialect)
        self._due = inf  # reference speech known up to here has consequences
        self._latest: deque[ClaimBounds] = deque(maxlen=_TURNS_JUDGED)
        self._count = 0
        self._last: Turn | None = None
        self._first: FinishedTurn | None = None
        self._transcript = bytearray()  # of the final ones, as UTF-8, which is compact: there may be hours of it
        self._finished: tuple[FinishedTurn, ...] = ()
        self._finished_is_stale = False

    # Updates

    def change_settings(self, settings: TurnSettings, at: float) -> None:
        """Switch to other settings."""
        self._settings = settings
        self.by_settings.change_settings(settings, at)

    def audio_sent(self, spoken_at: float) -> None:
        """Record audio that was sent, by the time at which it was spoken."""
        if self._heard_from is None:
            self._heard_from = spoken_at

    def connection_lost(self, at: float, *, closing: bool) -> list[Record]:
        """Record a lost connection: later turns cannot claim speech that was sent over it, and no more text comes.

        Unless we were `closing` it, the service may have had no time to start a turn.
        """
        self._heard_from = None
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
            since = self._since(at)
            self._latest.append(ClaimBounds(since, turn.started_at, at))  # a lost turn was open until now
            self._waiting.add(turn, since, at)
            self._count += 1
            self._last = turn
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
            self._finished = (*self._final, *map(self._measured, self._waiting))
            self._finished_is_stale = False
        return self._finished

    @property
    def first(self) -> FinishedTurn | None:
        """The first turn of a connection that is listed as such (see `inclusion`)."""
        head = self._waiting.head
        if self._first is None and head is not None and head.turn.first_of_connection:
            first = self._measured(head)
            return first if inclusion(first.turn, first.metrics) is Inclusion.FIRST else None
        return self._first

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
        text = bytearray(self._transcript)
        for each in self._waiting:
            self._append(text, each.turn)
        return text.decode("utf-8", "surrogatepass")

    def _append(self, text: bytearray, turn: Turn) -> None:
        """Append a turn's text to that of earlier ones."""
        if turn.end_reason is not EndReason.DANGLING and turn.transcript:
            own = turn.text_after(self._dialect.joiner) if text else turn.transcript
            text += own.encode("utf-8", "surrogatepass")

    def record_of(self, finished: FinishedTurn, at: float) -> TurnRecord:
        """Return the record of a turn that is final at the time `at`."""
        return turn_record(
            at, finished.turn, finished.metrics, finished.marks, why_of(account_of(finished, self._dialect.schema))
        )

    # Measuring

    def _since(self, at: float) -> float:
        """Return the time up to which speech belongs to earlier turns, or to a connection that is gone."""
        heard_from = at if self._heard_from is None else self._heard_from
        before = self._last
        if before is None:
            return heard_from
        return max(heard_from, before.ended_at if before.ended_at is not None else before.started_at)

    def _measured(self, waiting: WaitingTurn) -> FinishedTurn:
        finished = self._measuring.measured(waiting, self._speech)
        points = self._likelihood.between(finished.turn.started_at, finished.turn.over_at)
        return (
            msgspec.structs.replace(finished, held=held(finished, self._dialect.schema, points)) if points else finished
        )

    def _finalize(self, at: float) -> list[Record]:
        """Measure the turns whose metrics are final now; return their records, in order."""
        self._finished_is_stale = self._finished_is_stale or bool(self._waiting)
        known = inf if self._speech is None else self._speech.decided_until
        records: list[Record] = []
        while (head := self._waiting.head) is not None and self._known_at(head) <= known and not head.awaits_text:
            finished = self._measured(head)
            if finished.metrics.pending:  # in a pause of a labelled turn, which may or may not go on
                break
            self._waiting.pop()
            self._append(self._transcript, finished.turn)
            self.stats.add_metrics(finished)
            self.by_settings.add_metrics(finished)
            if inclusion(finished.turn, finished.metrics) is Inclusion.FIRST:
                self._first = self._first or finished
            self._on_final(finished)
            records.append(self.record_of(finished, at))
        self._schedule()
        return records

    def _schedule(self) -> None:
        head = self._waiting.head
        self._due = min(inf if head is None else self._known_at(head), self.stats.next_speech_check())

    def _known_at(self, waiting: WaitingTurn) -> float:
        return known_at(waiting.turn, self._speech)

    def _check_speech(self, until: float, open_turn: Turn | None) -> None:
        if self._speech is None:
            return
        until = min(until, self._speech.decided_until)
        if self.stats.next_speech_check() > until:
            return
        turns = list(self._latest)
        if open_turn is not None:
            turns.append(ClaimBounds(self._since(open_turn.started_at), open_turn.started_at, inf))
        for span in self.stats.check_speech(self._speech, self._slowness, turns, until):
            self.by_settings.add_missed(span)
