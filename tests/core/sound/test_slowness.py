import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.journal import ConnectionLost, Entry, HealthReported, Received, Sent
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.slowness import SLOW_S, Cause, Slowness
from stt_monitor.services.cartesia import DIALECT

moments = st.integers(0, 1000).map(lambda tenths: tenths / 10)
lengths = st.integers(0, 200).map(lambda tenths: tenths / 10)


def test_what_is_held_up_for_long_makes_the_time_slow_in_which_it_was():
    slowness = Slowness()
    slowness.add(10.0, 1.0, Cause.SENDING)
    assert slowness.overlaps(9.5, 9.6)
    assert slowness.overlaps(0.0, 9.0)
    assert slowness.overlaps(10.0, 20.0)
    assert not slowness.overlaps(0.0, 8.9)
    assert not slowness.overlaps(10.1, 20.0)


def test_a_little_is_nothing():
    slowness = Slowness()
    slowness.add(10.0, SLOW_S, Cause.NETWORK)
    slowness.add(11.0, 0.0, Cause.SENDING)
    assert not slowness.overlaps(0.0, 20.0)


@given(
    st.lists(st.tuples(moments, lengths, st.sampled_from(Cause)), max_size=60),
    st.lists(st.tuples(moments, moments.map(lambda length: length / 20)), max_size=20),
)
def test_it_is_the_union_of_all_stretches_each_with_its_cause(
    lags: list[tuple[float, float, Cause]], asked: list[tuple[float, float]]
):
    slowness = Slowness()
    noted = sorted(lags, key=lambda each: each[:2])
    for each in noted:
        slowness.add(*each)
    for since, length in asked:
        until = since + length
        causes = {cause for at, lag, cause in noted if lag > SLOW_S and at - lag <= until and at >= since}
        assert set(slowness.causes(since, until)) == causes
        assert slowness.overlaps(since, until) is bool(causes)


def test_a_session_that_is_slow_for_days_takes_no_more_memory():
    slowness = Slowness()
    for second in range(100_000):
        slowness.add(float(second), 0.5, Cause.SENDING)
    assert len(slowness._stretches[Cause.SENDING]._spans) <= 1000
    assert slowness.overlaps(99_999.0, 99_999.0)


def wire(at: float, kind: str, **fields: object) -> Received:
    return Received(at, msgspec.json.encode({"type": kind, **fields}).decode())


def chunk(at: float, lag: float = 0.004) -> Sent:
    return Sent(SentChunk(at, 0.1, at, at + 0.1 + lag))


def slow_turns(*noted: Entry, reference: str = "none") -> list[bool]:
    return [turn.slow for turn in turns_beside(*noted, reference=reference)]


def turns_beside(*noted: Entry, reference: str = "none") -> list[TurnRecord]:
    """Have three turns, from 1 to 2 s, from 5 to 6 s and from 9 to 10 s, whatever else is noted."""
    session = SessionRecord("", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), reference)
    monitor = Monitor(session, DIALECT)
    entries: list[Entry] = [wire(0.0, "connected"), *(chunk(tenth / 10) for tenth in range(3))]
    for start in (1.0, 5.0, 9.0):
        entries += [wire(start, "turn.start"), wire(start + 1.0, "turn.end", transcript="One")]
    records = [one for each in sorted([*entries, *noted], key=lambda entry: entry.at) for one in monitor.apply(each)]
    turns = [record for record in records if isinstance(record, TurnRecord)]
    assert monitor.snapshot(11.0, running=True).counts.slow == sum(turn.slow for turn in turns)
    return turns


def test_a_service_that_takes_its_time_on_a_good_line_is_not_excused():
    fine = [HealthReported(at / 10, round_trip=0.02 + at / 10_000) for at in range(100)]
    assert slow_turns(*fine) == [False, False, False]


@pytest.mark.parametrize(
    ("noted", "cause", "said"),
    [
        (HealthReported(5.9, round_trip=0.31), "network", "The network was slow"),
        (HealthReported(5.5, send_lag=0.4), "sending", "Audio was sent late"),
        (chunk(5.0, lag=0.5), "sending", "Audio was sent late"),
        (wire(5.5, "x.likelihood", points=[], lag=0.5), "local_server", "The local server fell behind"),
        (
            Sent(SentChunk(5.0, 0.1, 5.0, 5.1, ahead=0.4)),
            "haste",
            "The client sent audio faster than it is spoken",
        ),
    ],
    ids=["round trip", "a chunk that is not taken", "a chunk that was sent late", "the local server", "haste"],
)
def test_what_is_held_up_in_a_turn_makes_that_one_slow_and_says_what_did(noted: Entry, cause: str, said: str):
    turns = turns_beside(noted)
    assert [turn.slow for turn in turns] == [False, True, False]
    assert [turn.slow_because for turn in turns] == [(), (cause,), ()]
    assert turns[1].why.sentences[0] == f"{said}: summaries exclude it."
    assert all("machine" not in sentence for sentence in turns[1].why.sentences) or cause in ("sending", "local_server")


def test_all_that_held_up_a_turn_is_said():
    noted = (HealthReported(5.5, round_trip=0.5), chunk(5.0, lag=0.5))
    first, *_ = turns_beside(*noted)[1].why.sentences
    assert first == "Audio was sent late and the network was slow: summaries exclude it."


def test_what_is_held_up_between_turns_makes_none_slow():
    assert slow_turns(HealthReported(4.0, round_trip=1.5)) == [False, False, False]


def test_a_round_trip_that_is_reported_again_tells_of_the_past():
    again = [HealthReported(at, round_trip=1.5, waiting_s=at) for at in (4.0, 5.5, 9.5)]
    assert slow_turns(*again) == [False, False, False]


def test_what_the_local_server_told_is_forgotten_with_its_line():
    session = SessionRecord("", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "none")
    monitor = Monitor(session, DIALECT)
    for entry in (wire(0.0, "connected"), chunk(0.0), wire(0.2, "x.likelihood", points=[], lag=0.5)):
        monitor.apply(entry)
    health = monitor.snapshot(0.3, running=True).health
    assert (health.server_lag, health.server_lag_max) == (0.5, 0.5)
    monitor.apply(ConnectionLost(0.4))
    health = monitor.snapshot(0.5, running=True).health
    assert (health.server_lag, health.server_lag_max) == (None, 0.5)


def test_the_jitter_that_was_asked_for_is_no_lag_but_what_comes_on_top_is():
    def lag(sent_at: float, delayed: float) -> float:
        return SentChunk(position=0.0, length=0.1, spoken_at=1.0, sent_at=sent_at, delayed=delayed).send_lag

    assert lag(2.1, 1.0) == pytest.approx(0.0)
    assert lag(2.5, 1.0) == pytest.approx(0.4)
    assert lag(2.5, 0.0) == pytest.approx(1.4)
