"""Whose fault it is that no event comes: the rule alone, then what the journal of a session tells it."""

from collections.abc import Iterable

import msgspec
import pytest

from stt_monitor.core.journal import (
    CloseSent,
    ConnectionChanged,
    ConnectionLost,
    Entry,
    FramePassed,
    HealthReported,
    Received,
    Sent,
    SpeechAbandoned,
    SpeechDecided,
    SpeechEnd,
    SpeechOnset,
)
from stt_monitor.core.monitoring.stall_rule import judge
from stt_monitor.core.monitoring.stall_watch import StallWatch
from stt_monitor.core.records.session import Connection
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.stall import SILENCE_S, Blame, Evidence, Stall
from stt_monitor.core.wire_frame import FrameKind

CHUNK_S = 0.125  # exact in binary, as all that it adds up to

SILENT = Evidence(
    speech_s=6.0,
    event_ago_s=7.0,
    sent_s=20.0,
    confirmed_s=19.8,
    unacknowledged_s=0.0,
    pong_ago_s=0.1,
    round_trip_s=0.02,
)
SAID_NOTHING = "the service is silent: it answers pings and took all audio, but sent no event for 6.0 s of speech"
UNANSWERED = "the service does not answer pings, for 4.0 s now"
CANNOT_TELL = "cannot tell it from the line; no event for 6.0 s of speech"


@pytest.mark.parametrize(
    ("known", "blame", "sentence"),
    [
        (
            {},
            Blame.SERVICE,
            "the service is silent: it answers pings and took all audio, but sent no event for 6.0 s of speech",
        ),
        (
            {"local": True},
            Blame.SERVICE,
            "the local server is silent: it answers pings and took all audio, but sent no event for 6.0 s of speech",
        ),
        (
            {"doubtful": True},
            Blame.UNKNOWN,
            f"{SAID_NOTHING}; the audio was degraded or looks wrong: cannot tell whether it hears it",
        ),
        ({"waiting_s": 3.2, "held_s": 3.1}, Blame.LINE, "the line is stuck: 3.2 s of audio wait in our socket"),
        (
            {"unacknowledged_s": 3.2, "unanswered_s": 4.0, "confirmed_s": 16.0},
            Blame.LINE,
            "the line is stuck: 3.2 s of audio wait in our socket, not acknowledged by the other end",
        ),
        (
            {"unanswered_s": 4.0, "confirmed_s": 16.0},
            Blame.UNKNOWN,
            f"{UNANSWERED}, though the other end of the line has all audio: {CANNOT_TELL}",
        ),
        (
            {"unanswered_s": 4.0, "confirmed_s": 16.0, "unacknowledged_s": None},
            Blame.UNKNOWN,
            f"{UNANSWERED}: {CANNOT_TELL}",
        ),
        (
            {"send_lag_s": 0.8},
            Blame.MACHINE,
            "we send late, by 0.8 s: this machine is too slow; no event for 6.0 s of speech",
        ),
        (
            {"server_lag_s": 2.0, "local": True},
            Blame.MACHINE,
            "the local server is 2.0 s behind: this machine is too slow; no event for 6.0 s of speech",
        ),
        (
            {"confirmed_s": None, "pong_ago_s": None, "unacknowledged_s": None},
            Blame.UNKNOWN,
            "no event for 6.0 s of speech: cannot tell why, for no ping was answered since",
        ),
        (
            {"confirmed_s": 5.0},
            Blame.UNKNOWN,
            "no event for 6.0 s of speech: cannot tell why, for no ping was answered since",
        ),
    ],
)
def test_the_verdict_is_what_the_evidence_allows(known: dict[str, object], blame: Blame, sentence: str):
    assert judge(msgspec.structs.replace(SILENT, **known)) == (blame, sentence)


@pytest.mark.parametrize(
    "ours", [{"held_s": 3.0}, {"unacknowledged_s": 2.0}, {"send_lag_s": 0.4}, {"server_lag_s": 1.0}]
)
@pytest.mark.parametrize("theirs", [{}, {"unanswered_s": 5.0, "confirmed_s": 1.0}])
def test_what_line_or_machine_caused_is_never_charged_to_the_service(
    ours: dict[str, object], theirs: dict[str, object]
):
    assert judge(msgspec.structs.replace(SILENT, **theirs, **ours))[0] in (Blame.LINE, Blame.MACHINE)


class Line:
    """A session whose audio is sent as it is spoken, and whose pings are answered at once."""

    def __init__(self, *, silence_s: float = SILENCE_S, answers: bool = True) -> None:
        self.watch = StallWatch(silence_s)
        self.now = 0.0
        self.position = 0.0
        self.answers = answers
        self.changes: list[tuple[float, Stall | None]] = []
        self.take(ConnectionChanged(0.0, Connection.CONNECTED))

    def take(self, *entries: Entry) -> None:
        for entry in entries:
            if self.watch.take(entry):
                self.changes.append((round(entry.at, 3), self.watch.stall))

    def send(self, seconds: float, *, lag: float = 0.0, ahead: float = 0.0, decided: bool = True) -> None:
        """Send audio, and decide at once what of it is speech."""
        for _ in range(round(seconds / CHUNK_S)):
            self.now += CHUNK_S
            at, position = self.now + lag, self.position
            self.take(Sent(SentChunk(position, CHUNK_S, self.now - CHUNK_S, at, ahead=ahead)))
            self.position += CHUNK_S
            if decided:
                self.take(SpeechDecided(at, self.position))
            self.take(FramePassed(at, FrameKind.PING, sent=True))
            if self.answers:
                self.take(FramePassed(at, FrameKind.PONG, took=0.0))

    def speak(self, seconds: float, **how: float) -> None:
        self.take(SpeechOnset(self.now, self.position))
        self.send(seconds, **how)  # type: ignore[arg-type]
        self.take(SpeechEnd(self.now, self.position))

    def hear(self) -> None:
        self.take(Received(self.now, "{}"))

    @property
    def blames(self) -> list[tuple[float, Blame | None]]:
        return [(at, None if stall is None else stall.blame) for at, stall in self.changes]


def test_five_seconds_of_speech_without_an_event_are_a_stall_until_one_comes():
    line = Line()
    line.send(2.0)
    line.speak(8.0)
    assert line.blames == [(7.125, Blame.SERVICE)]  # the chunk after the one that completed five seconds
    stall = line.watch.stall
    assert stall is not None
    assert (stall.since, stall.at) == (0.0, 7.125)
    assert stall.evidence.speech_s == pytest.approx(5.0)
    line.hear()
    assert line.blames[1:] == [(10.0, None)]


def test_the_promise_of_a_service_is_its_own():
    line = Line(silence_s=2.0)
    line.speak(2.5)
    assert line.blames == [(2.125, Blame.SERVICE)]


def test_silence_is_no_stall_and_speech_adds_up_over_pauses():
    line = Line()
    line.send(60.0)
    for _ in range(2):
        line.speak(2.0)
        line.send(10.0)
    assert line.blames == []
    line.speak(2.0)
    assert [blame for _, blame in line.blames] == [Blame.SERVICE]


def test_speech_before_the_last_event_does_not_count():
    line = Line()
    line.take(SpeechOnset(line.now, line.position))
    for _ in range(10):
        line.send(4.0)
        line.hear()
    assert line.blames == []


def test_where_no_audio_is_sent_no_speech_passes():
    line = Line()
    line.take(SpeechOnset(line.now, line.position))
    line.send(3.0)
    line.now += 60.0  # an agent that sends nothing meanwhile, in the middle of a word
    line.send(1.0)
    assert line.blames == []


def test_speech_that_is_not_decided_does_not_count():
    line = Line()
    line.take(SpeechOnset(line.now, line.position))
    line.send(20.0, decided=False)
    assert line.blames == []


def test_without_reference_speech_there_is_none_to_count():
    line = Line()
    line.send(60.0)
    line.take(SpeechOnset(line.now, line.position))
    line.send(4.0)
    line.take(SpeechAbandoned(line.now))
    line.send(60.0)
    assert line.blames == []


def test_the_end_of_a_session_and_of_a_connection_end_a_stall():
    for end in (CloseSent(8.0), ConnectionLost(8.0), ConnectionChanged(8.0, Connection.RECONNECTING)):
        line = Line()
        line.speak(8.0)
        line.take(end)
        line.speak(20.0)
        assert line.blames == [(5.125, Blame.SERVICE), (8.0, None)]


def test_another_connection_counts_from_its_own_beginning():
    line = Line()
    line.take(SpeechOnset(line.now, line.position))
    line.send(4.0)
    line.take(ConnectionLost(line.now), ConnectionChanged(line.now, Connection.CONNECTED))
    line.send(4.0)
    assert line.blames == []
    line.send(2.0)
    assert line.watch.stall is not None
    assert line.watch.stall.evidence.sent_s == pytest.approx(5.125)


def test_audio_that_had_to_wait_for_a_connection_is_not_late_by_this_machines_fault():
    line = Line()
    line.take(ConnectionChanged(line.now, Connection.CONNECTED))
    line.speak(6.0, lag=20.0)
    assert [blame for _, blame in line.blames] == [Blame.SERVICE]
    line = Line()
    line.send(CHUNK_S)
    line.speak(6.0, lag=2.0)
    assert [blame for _, blame in line.blames] == [Blame.MACHINE]


def test_sound_that_nobody_can_have_spoken_yet_is_no_stall():
    line = Line()
    line.speak(20.0, ahead=10.0)
    assert line.blames == []


def test_what_the_system_tells_of_the_audio_tells_more_of_the_cause_and_what_was_known_stays():
    line = Line(answers=False)
    line.speak(8.0)
    line.take(HealthReported(line.now, unacknowledged_s=1.4))
    line.take(HealthReported(line.now, unacknowledged_s=0.0))
    assert [blame for _, blame in line.blames] == [Blame.UNKNOWN, Blame.LINE]


def test_what_a_line_held_up_is_not_charged_to_the_service_afterwards():
    line = Line(answers=False)
    line.take(SpeechOnset(line.now, line.position))
    line.send(4.0)
    line.answers = True
    line.send(4.0)
    assert line.blames == []
    line.send(4.0)
    assert line.blames == [(9.25, Blame.SERVICE)]


def reports(since: float, until: float, step: float = 0.0625) -> Iterable[HealthReported]:
    at = since
    while at < until:
        yield HealthReported(at, waiting_s=at - since, send_lag=at - since + 0.1)
        at += step


def test_a_socket_that_takes_no_audio_is_stuck_whatever_is_said():
    line = Line()
    line.send(1.0)
    line.take(*reports(1.0, 5.0))
    assert line.blames == [(4.0, Blame.LINE)]
    line.now = 5.0
    line.hear()  # the other direction may go on
    line.take(*reports(5.0625, 6.0))
    assert line.blames == [(4.0, Blame.LINE)]
    line.send(CHUNK_S)
    assert line.blames[1:] == [(5.125, None)]


def test_a_program_that_was_stopped_is_no_stuck_line():
    line = Line()
    line.send(1.0)
    line.take(*reports(1.0, 2.0), *reports(30.0, 32.0))
    assert line.blames == []
