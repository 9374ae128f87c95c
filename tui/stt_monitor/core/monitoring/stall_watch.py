"""Detects stalls in the journal of a session: no events during speech, and their return."""

from collections import deque
from math import inf
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    Finished,
    FramePassed,
    HealthReported,
    Received,
    ReceivedBytes,
    Sent,
    SpeechAbandoned,
    SpeechDecided,
    SpeechEnd,
    SpeechOnset,
)
from stt_monitor.core.monitoring.stall_rule import HELD_S, excuses, judge
from stt_monitor.core.records.session import Connection
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.core.stall import Blame, Evidence, Stall
from stt_monitor.core.wire_frame import FrameKind

_KEPT: Final = 200
"""Spans of speech and unanswered pings that are kept: more say no more."""

_GAP_S: Final = 1.0
"""Reports of a line that takes no audio follow one another faster, unless this machine slept meanwhile."""

_SAME_S: Final = 1e-6
"""Times that differ by less are the same."""


class Circumstances(NamedTuple):
    """What is known of a session besides its line."""

    server_lag: float | None = None
    """How far the local server is behind, seconds; None where unknown."""
    local: bool = False
    """Whether the service is the local server."""
    doubtful: bool = False
    """Whether the audio was degraded, or looks wrong."""


_NOTHING: Final = Circumstances()


class StallWatch:
    """Follows one session. Positions are seconds of audio, times seconds of session.

    Speech counts by position: where no audio is sent, none passes. So silence, mute and the pause of a file or of a
    call are no stall.
    """

    def __init__(self, silence_s: float) -> None:
        """Start; more than `silence_s` seconds of speech without an event are too much."""
        self._silence_s = silence_s
        self.stall: Stall | None = None
        """The present one."""
        self._open = False  # audio is sent over a connection, and nobody has asked to end it
        self._since = 0.0
        self._since_position = 0.0
        self._excused_at = -inf  # when line or machine held up audio, or answers to pings
        self._excused_position = 0.0
        self._first_position = 0.0  # of this connection
        self._position = 0.0  # audio sent
        self._speech: deque[tuple[float, float]] = deque(maxlen=_KEPT)  # ended spans after the last event
        self._onset: float | None = None  # of the span that is going on
        self._decided = 0.0
        self._pings: deque[tuple[float, float]] = deque()  # unanswered: when sent, and the audio before it
        self._confirmed: float | None = None
        self._pong_at: float | None = None
        self._round_trip: float | None = None
        self._lag = 0.0  # of the newest chunk, beyond that which audio had when it could be sent at last
        self._least_lag = inf
        self._held_since: float | None = None
        self._health = HealthReported(0.0)

    def take(self, entry: Entry, around: Circumstances = _NOTHING) -> bool:
        """Take the next entry; returns whether `stall` has changed.

        Args:
            entry: of the journal.
            around: what else is known.
        """
        before = self.stall
        if self._follow(entry):
            self._check(entry.at, around)
        return self.stall is not before

    def _follow(self, entry: Entry) -> bool:
        """Take note of an entry; returns whether to look now: such entries come while audio flows, or waits."""
        match entry:
            case Sent():
                self._follow_audio(entry)
                return True
            case HealthReported():
                self._follow_socket(entry)
                return True
            case Received() | ReceivedBytes():
                self._hear(entry.at)
            case FramePassed(frame=FrameKind.PING, sent=True):
                self._follow_ping(entry.at)
            case FramePassed(frame=FrameKind.PONG, sent=False):
                self._take_pong(entry)
            case ConnectionChanged(at, state):
                self._connect(at, connected=state is Connection.CONNECTED)
            case CloseSent() | ConnectionLost() | Finished():
                self._open, self.stall = False, None
            case _:
                self._follow_speech(entry)
        return False

    def _follow_audio(self, sent: Sent) -> None:
        chunk = sent.chunk
        self._position = chunk.position + chunk.length
        self._least_lag = min(self._least_lag, chunk.send_lag)
        self._lag, self._held_since = chunk.send_lag - self._least_lag, None
        if chunk.ahead > SLOW_S:  # the service needs time for what nobody can have spoken yet
            self._hear(sent.at)

    def _follow_socket(self, report: HealthReported) -> None:
        if not report.send_lag:
            self._held_since = None
        elif self._held_since is None or report.at - self._health.at > _GAP_S:
            self._held_since = report.at
        self._health = report

    def _follow_ping(self, at: float) -> None:
        if len(self._pings) < _KEPT:  # the oldest say how long none has been answered
            self._pings.append((at, self._position))

    def _follow_speech(self, entry: Entry) -> None:
        match entry:
            case SpeechOnset(_, position):
                self._onset = position
            case SpeechEnd(_, position) if self._onset is not None:
                self._speech.append((self._onset, position))
                self._onset = None
            case SpeechDecided(_, position):
                self._decided = position
            case SpeechAbandoned():
                self._speech.clear()
                self._onset = None

    def _check(self, at: float, around: Circumstances) -> None:
        """Look whether no event comes, and why."""
        before, held = self.stall, 0.0 if self._held_since is None else at - self._held_since
        known = self._evidence(at, held, around)
        if excuses(known):
            self._excused_at, self._excused_position = at, self._position
        if not self._open or (self._is_quick(at) and held < HELD_S):
            self.stall = None
            return
        blame, sentence = judge(known)
        if blame is Blame.SERVICE and self._is_quick(at, excused=True):
            self.stall = None  # it has had no time yet to answer what line or machine held up
            return
        if before is not None and blame in (before.blame, Blame.UNKNOWN):  # what was known once stays known
            return
        self.stall = Stall(at - max(held, known.event_ago_s), at, blame, sentence, known)

    def _is_quick(self, at: float, *, excused: bool = False) -> bool:
        """Whether there was too little speech since the last event, or excuse, to expect another."""
        since = max(self._since, self._excused_at) if excused else self._since
        position = max(self._since_position, self._excused_position) if excused else self._since_position
        return at - since < self._silence_s or self._speech_s(position) < self._silence_s

    def _speech_s(self, since: float) -> float:
        """Return the speech from a position on."""
        ended = sum(max(0.0, end - max(onset, since)) for onset, end in self._speech)
        if self._onset is None:
            return ended
        return ended + max(0.0, min(self._decided, self._position) - max(self._onset, since))

    def _evidence(self, at: float, held: float, around: Circumstances) -> Evidence:
        first = self._first_position
        return Evidence(
            speech_s=round(self._speech_s(self._since_position), 3),
            event_ago_s=round(at - self._since, 3),
            sent_s=round(self._position - first, 3),
            confirmed_s=None if self._confirmed is None else round(self._confirmed - first, 3),
            unacknowledged_s=self._health.unacknowledged_s,
            waiting_s=round(max(self._health.waiting_s, self._health.send_lag), 3),  # a file waits with what it holds
            held_s=round(held, 3),
            pong_ago_s=None if self._pong_at is None else round(at - self._pong_at, 3),
            unanswered_s=round(at - self._pings[0][0], 3) if self._pings else None,
            round_trip_s=self._round_trip,
            send_lag_s=round(max(self._lag, 0.0), 4),
            server_lag_s=around.server_lag,
            local=around.local,
            doubtful=around.doubtful,
        )

    def _hear(self, at: float) -> None:
        """Count from here: an event came. A line that takes no audio stays stuck."""
        if self._held_since is None:
            self.stall = None
        self._since, self._since_position = at, self._position
        while self._speech and self._speech[0][1] <= self._position:
            self._speech.popleft()

    def _take_pong(self, pong: FramePassed) -> None:
        """Take the answer to the oldest ping that can have got it, which answers those before it, too."""
        self._pong_at, self._round_trip = pong.at, pong.took
        sent_at = pong.at - pong.took if pong.took is not None else None
        while self._pings:
            _, self._confirmed = ping = self._pings.popleft()
            if sent_at is None or ping[0] >= sent_at - _SAME_S:
                return

    def _connect(self, at: float, *, connected: bool) -> None:
        self._open = connected
        if not connected:
            self.stall = None
            return
        self._hear(at)
        self._first_position = self._position
        self._least_lag, self._held_since = inf, None
        self._pings.clear()
        self._confirmed = self._pong_at = self._round_trip = None
        self._health = msgspec.structs.replace(self._health, unacknowledged_s=None)
