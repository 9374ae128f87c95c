"""What the local server tells of its likelihood, and the reference speech beside it."""

import json

import pytest
from tests.support.neutral import dialect, monitor, play, say

from stt_monitor.core.journal import ConnectionLost, Quieted, Sent, SpeechEnd, SpeechOnset, received
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.turns import LikelihoodRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.services.cartesia.codec import Likelihood, parse


def session() -> Monitor:
    return Monitor(
        SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "vad"),
        DIALECT,
    )


def send(monitor: Monitor, start: float, stop: float, *, late: float = 0.0) -> None:
    for number in range(round(start * 10), round(stop * 10)):
        monitor.apply(Sent(SentChunk(number / 10, 0.1, number / 10 + late, number / 10 + late + 0.1)))


def tell(monitor: Monitor, at: float, *points: tuple[float, float]) -> list[Record]:
    return monitor.apply(received(at, json.dumps({"type": "x.likelihood", "points": points, "request_id": "r"})))


def test_points_have_their_place_in_the_audio_and_in_time():
    monitor = session()
    send(monitor, 0, 1, late=5.0)
    records = tell(monitor, 6.0, (0.032, 0.1), (0.064, 0.25))
    assert LikelihoodRecord(6.0, [(0.032, 0.1), (0.064, 0.25)]) in records
    first, second = monitor.snapshot(6.0, running=True).likelihood
    assert (first.position, first.value, first.at) == pytest.approx((0.032, 0.1, 5.032))
    assert (second.position, second.value, second.at) == pytest.approx((0.064, 0.25, 5.064))


def test_another_connection_counts_its_audio_from_its_own_beginning():
    monitor = session()
    send(monitor, 0, 2)
    tell(monitor, 2.0, (0.5, 0.1))
    monitor.apply(ConnectionLost(2.0))
    tell(monitor, 2.1, (0.1, 0.9))  # nothing was sent yet, so it is about nothing
    send(monitor, 2, 4)
    tell(monitor, 4.0, (0.5, 0.2))
    assert [point.position for point in monitor.snapshot(4.0, running=True).likelihood] == [0.5, 2.5]


def test_the_likelihood_is_no_event_of_a_turn():
    monitor = session()
    monitor.apply(received(0.1, '{"type":"connected"}'))
    send(monitor, 0, 1)
    tell(monitor, 1.0, (0.5, 0.1))
    snapshot = monitor.snapshot(1.0, running=True)
    assert snapshot.counts.unknown_events == snapshot.counts.violations == 0
    assert snapshot.open_turn is None


@pytest.mark.parametrize("points", [None, "x", [[1]], [["a", 1]], [[0.1, 0.2], [0.3, None]], [1, 2], {"0": 1}])
def test_malformed_points_are_no_points(points: object):
    event, wire = parse(json.dumps({"type": "x.likelihood", "points": points}))
    assert event == Likelihood()
    assert wire["points"] == points
    monitor = session()
    send(monitor, 0, 1)
    assert monitor.apply(received(1.0, json.dumps(wire))) == []


def test_five_minutes_are_kept_and_no_more():
    monitor = session()
    for second in range(400):
        send(monitor, second, second + 1)
        tell(monitor, second + 1, *((second + frame * 0.032, 0.5) for frame in range(31)))
    points = monitor.snapshot(400, running=True).likelihood
    assert points[-1].position - points[0].position >= 300
    assert len(points) == 10_000


def test_what_is_handed_out_changes_only_with_its_content():
    monitor = session()
    send(monitor, 0, 2)
    tell(monitor, 1.0, (0.5, 0.1))
    monitor.apply(SpeechOnset(0.3, 0.3))
    before = monitor.snapshot(1.0, running=True)
    again = monitor.snapshot(1.1, running=True)
    assert again.likelihood is before.likelihood
    assert again.speech is before.speech
    assert again.groups is before.groups
    tell(monitor, 1.2, (0.6, 0.1))
    monitor.apply(SpeechEnd(0.9, 0.9))
    after = monitor.snapshot(1.2, running=True)
    assert len(before.likelihood) == 1
    assert len(after.likelihood) == 2
    assert [(span.onset_position, span.end_position) for span in before.speech] == [(0.3, None)]
    assert [(span.onset_position, span.end_position) for span in after.speech] == [(0.3, 0.9)]


@pytest.mark.slow
def test_the_newest_reference_speech_is_handed_out():
    monitor = session()
    for number in range(10_050):
        monitor.apply(Sent(SentChunk(number, 1.0, number, number + 1.0)))
        monitor.apply(SpeechOnset(number + 0.1, number + 0.1))
        monitor.apply(SpeechEnd(number + 0.4, number + 0.4))
    speech = monitor.snapshot(10_050, running=True).speech
    assert len(speech) == 10_000
    assert (speech[-1].onset_position, speech[-1].end_position) == pytest.approx((10_049.1, 10_049.4))


def test_without_reference_speech_there_is_none():
    monitor = Monitor(
        SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "none"),
        DIALECT,
    )
    assert monitor.snapshot(1.0, running=True).speech == ()


def test_silence_in_a_pause_is_no_part_of_what_was_played():
    monitor = session()
    send(monitor, 0, 1)
    monitor.apply(Quieted(0.0, quiet=True))
    monitor.apply(Sent(SentChunk(1.0, 0.5, 1.0, 1.5, quiet=True)))
    audio = monitor.snapshot(1.5, running=True).audio
    assert audio.quiet
    assert (audio.position, audio.played) == pytest.approx((1.5, 1.0))
    monitor.apply(Quieted(0.0, quiet=False))
    assert not monitor.snapshot(1.5, running=True).audio.quiet


def test_a_point_without_a_position_stands_at_the_newest_audio_and_none_goes_back():
    heard = monitor(dialect(tells_likelihood=True))
    play(heard, 0.0, 1.0)
    heard.apply(ConnectionLost(1.0))
    play(heard, 1.0, 2.0, at=3.0)
    say(heard, 4.0, "likelihood", now=0.75)
    say(heard, 4.1, "likelihood", points=[[0.5, 0.1], [1.0, 0.5]])
    points = heard.snapshot(4.2, running=True).likelihood
    assert [(point.position, point.value) for point in points] == [(2.0, 0.75), (2.0, 0.5)]
    assert points[0].at == pytest.approx(4.0)
