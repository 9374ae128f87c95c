"""The turns that are over: measured against reference speech as it becomes known, counted, and put on record."""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.dialect import Dialect
from stt_monitor.core.metrics.by_settings import BySettings
from stt_monitor.core.metrics.claims import Reach
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.running import RunningStats
from stt_monitor.core.metrics.turn_metrics import final_at, measure
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.turns import turn_record
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.sound.audio_clock import AudioClock
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.sound.slowness import Slowness
from stt_monitor.core.state_machine import EndReason, Turn

_TURNS_JUDGED: Final = 50
"""A span of reference speech is compared with this many latest turns."""


class TurnLog:
    """The books of a session. All times are seconds of session, all positions seconds of audio."""

    def __init__(
        self,
        clock: AudioClock,
        slowness: Slowness,
        dialect: Dialect,
        settings: TurnSettings,
        *,
        with_speech: bool,
        keep: Callable[[FinishedTurn], object] | None = None,
    ) -> None:
        """Open the books.

        Args:
            clock: of the audio; kept by somebody else.
            slowness: when line and machine were too slow; kept by somebody else.
            dialect: of the service.
            settings: in force at the beginning.
            with_speech: reference speech will come.
            keep: takes each turn once its figures are final, in order, and the books forget it; None: they keep all.
        """
        self.tally = RunningStats()
        self.groups = BySettings(settings)
        self._clock = clock
        self._slowness = slowness
        self._schema = dialect.schema
        self._joiner = dialect.joiner.encode()
        self._speech = ReferenceSpeech() if with_speech else None
        self._heard_from: float | None = -inf  # when the first audio of this connection was spoken; None before it
        self._kept: list[FinishedTurn] = []  # their figures are final, and they are on record
        self._keep = self._kept.append if keep is None else keep
        self._waiting: deque[tuple[Turn, float]] = deque()  # for final figures, each with its `Reach.since`
        self._due = inf  # when that much speech is known, there is something to say
        self._latest: deque[Reach] = deque(maxlen=_TURNS_JUDGED)
        self._count = 0
        self._last: Turn | None = None
        self._first: FinishedTurn | None = None
        self._transcript = bytearray()  # there may be hours of it: UTF-8 takes least
        self._view: tuple[FinishedTurn, ...] = ()
        self._view_is_stale = False

    # What happens

    def heard(self, spoken_at: float) -> None:
        """Note that a connection was sent audio, spoken at that time."""
        if self._heard_from is None:
            self._heard_from = spoken_at

    def connection_lost(self, at: float, *, closing: bool) -> None:
        """Note that the socket is gone: what was said to it is about none of the turns to come.

        Unless we were `closing` it, the service may have had no time left to start a turn.
        """
        self._heard_from = None
        if self._speech is not None and not closing:
            self._speech.add_disconnect(at)

    def unheard(self, position: float) -> None:
        """Note that what was sent from `position` on has not arrived."""
        if self._speech is not None:
            self._speech.add_unreceived(position, self._clock.position)

    def ended(self, turns: tuple[Turn, ...], at: float) -> list[Record]:
        """Add turns that are over; returns what is final."""
        for turn in turns:
            self.tally.add_turn(turn)
            self.groups.add_turn(turn)
            since = self._since(at)
            self._latest.append(Reach(since, turn.started_at, at))  # one that was lost was open until then
            self._waiting.append((turn, since))
            self._count += 1
            self._last = turn
            if turn.end_reason is not EndReason.DANGLING:
                text = turn.transcript.encode("utf-8", "surrogatepass")
                self._transcript += self._joiner + text if self._transcript and text else text
        return self._settle(at) if turns else []

    def speech(self, position: float, *, onset: bool) -> bool:
        """Note that reference speech began or ended; returns whether that means anything yet."""
        at = self._clock.spoken_at(position)
        if self._speech is None or at is None:
            return False
        if onset:
            self._speech.add_onset(at, position)
        else:
            ended = self._speech.add_end(at, position)
            if ended is not None:
                self.tally.add_speech(ended)
                self._look_ahead()
        return True

    def speech_decided(self, position: float, at: float, open_turn: Turn | None) -> list[Record]:
        """Note that reference speech is known up to `position`; returns what is final now."""
        spoken = self._clock.spoken_at(position)
        if self._speech is None or spoken is None:
            return []
        self._speech.decided_until = spoken
        self._view_is_stale = self._view_is_stale or bool(self._waiting)
        if spoken < self._due:
            return []
        self._judge_speech(at, open_turn)
        return self._settle(at)

    def speech_finished(self, at: float) -> list[Record]:
        """Note that no more audio will come: all reference speech is known. Returns what is final now."""
        if self._speech is None:
            return []
        self._speech.finish()
        return self._settle(at)

    def finish(self, at: float, open_turn: Turn | None) -> list[Record]:
        """Close the books; returns the turns that were still pending, as they are."""
        records = self.speech_finished(at)
        self._judge_speech(inf, open_turn)
        return records

    # What there is to see

    def __len__(self) -> int:
        """Return how many turns are over."""
        return self._count

    @property
    def pending(self) -> int:
        """How many of them wait for their figures."""
        return len(self._waiting)

    @property
    def view(self) -> tuple[FinishedTurn, ...]:
        """The turns that are kept, and those that are not final yet, measured as far as can be now."""
        if self._view_is_stale:
            self._view = (*self._kept, *(self._measured(*each) for each in self._waiting))
            self._view_is_stale = False
        return self._view

    @property
    def first(self) -> FinishedTurn | None:
        """The first turn of the first connection that has one to list (see `inclusion`)."""
        if self._first is None and self._waiting and self._waiting[0][0].first_of_connection:
            first = self._measured(*self._waiting[0])
            return first if inclusion(first.turn, first.figures) is Inclusion.FIRST else None
        return self._first

    @property
    def spans(self) -> tuple[Span, ...]:
        """The reference speech that is remembered, oldest first."""
        return () if self._speech is None else self._speech.spans

    @property
    def speech_known_until(self) -> float:
        """Session time before which all reference speech is known."""
        return -inf if self._speech is None else self._speech.decided_until

    @property
    def transcript(self) -> str:
        """The texts of the turns that ended, joined as the service wants it: nothing stripped, nothing else added."""
        return self._transcript.decode("utf-8", "surrogatepass")

    # How it is kept

    def _since(self, at: float) -> float:
        """Return up to when speech was about earlier turns, or was said to a connection that is gone: `Reach.since`."""
        heard_from = at if self._heard_from is None else self._heard_from
        before = self._last
        if before is None:
            return heard_from
        return max(heard_from, before.ended_at if before.ended_at is not None else before.started_at)

    def _measured(self, turn: Turn, since: float) -> FinishedTurn:
        figures = measure(turn, since, self._speech, self._schema.end_timeout_s(turn.settings))
        heard_from = turn.started_at - (figures.onset_latency or 0.0)
        begins, ends = figures.speech_start_position, figures.speech_end_position
        slow = self._slowness.overlaps(heard_from, turn.over_at)
        figures = msgspec.structs.replace(
            figures,
            slow=slow,
            # What was held up may be about other speech than that of the moment at which it came.
            spurious=None if slow and figures.spurious else figures.spurious,
            false_cutoff=None if slow and (figures.false_cutoff or figures.spurious) else figures.false_cutoff,
            speech_start_in_file=None if begins is None else self._clock.in_file(begins),
            speech_end_in_file=None if ends is None else self._clock.in_file(ends, end=True),
        )
        started, over = self._clock.position_at(turn.started_at), self._clock.position_at(turn.over_at)
        return FinishedTurn(turn, figures, started, over)

    def _settle(self, at: float) -> list[Record]:
        """Measure the turns whose figures are final now, put them on record, in order, and have them kept."""
        self._view_is_stale = self._view_is_stale or bool(self._waiting)
        known = inf if self._speech is None else self._speech.decided_until
        records: list[Record] = []
        while self._waiting and final_at(self._waiting[0][0]) <= known:
            finished = self._measured(*self._waiting.popleft())
            self.tally.add_metrics(finished)
            self.groups.add_metrics(finished)
            if inclusion(finished.turn, finished.figures) is Inclusion.FIRST:
                self._first = self._first or finished
            self._keep(finished)
            records.append(turn_record(at, finished.turn, finished.figures))
        self._look_ahead()
        return records

    def _look_ahead(self) -> None:
        settles_at = final_at(self._waiting[0][0]) if self._waiting else inf
        self._due = min(settles_at, self.tally.next_speech_check())

    def _judge_speech(self, until: float, open_turn: Turn | None) -> None:
        if self._speech is None:
            return
        until = min(until, self._speech.decided_until)
        if self.tally.next_speech_check() > until:
            return
        turns = list(self._latest)
        if open_turn is not None:
            turns.append(Reach(self._since(open_turn.started_at), open_turn.started_at, inf))
        for span in self.tally.check_speech(self._speech, self._slowness, turns, until):
            self.groups.add_missed(span)
