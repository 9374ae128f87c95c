import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.metrics.aggregate import Aggregate, aggregate_turns, combine
from stt_monitor.core.metrics.definitions import (
    HEADLINE,
    METRICS,
    RANKED_SESSION_METRICS,
    RANKED_TURN_METRICS,
    SESSION_METRICS,
    TURN_METRICS,
)
from stt_monitor.core.metrics.metric import Metric, Need, Source
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.metrics.units import Unit, format_value, in_data
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import Counts

FOUND_IN = {
    Source.TURN: TurnMetrics(),
    Source.COUNTS: Counts(),
    Source.HEALTH: Health(),
    Source.AGGREGATE: combine([]),
}
COLUMN_CELLS = 5


def test_keys_and_columns_are_unlike():
    assert len(METRICS) == len(TURN_METRICS) + len(SESSION_METRICS)
    assert len({metric.column for metric in TURN_METRICS}) == len(TURN_METRICS)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_metric_is_found_where_it_says_and_means_something(metric: Metric):
    assert hasattr(FOUND_IN[metric.source], metric.key)
    assert metric.meaning.endswith(".")
    assert metric.label


@pytest.mark.parametrize("metric", TURN_METRICS, ids=lambda metric: metric.key)
def test_a_metric_of_turns_has_a_column_in_its_rank(metric: Metric):
    assert len(metric.label) <= COLUMN_CELLS
    assert metric.timed
    assert RANKED_TURN_METRICS[metric.rank - 1] is metric


def test_ranks_are_counted_from_one():
    assert HEADLINE.key == "eot_latency"
    assert [metric.rank for metric in RANKED_SESSION_METRICS] == list(range(1, len(RANKED_SESSION_METRICS) + 1))


@pytest.mark.parametrize("metric", SESSION_METRICS, ids=lambda metric: metric.key)
def test_without_what_it_needs_a_metric_of_sessions_has_no_value(metric: Metric):
    nothing = aggregate_turns([])
    value = session_value(metric, nothing)
    needs = {*metric.needs} - {Need.REFERENCE}  # nobody asks of no turns at all
    assert (value is None) == bool(needs or metric.source is Source.HEALTH)
    assert basis_size(metric, nothing) in (None, 0)


def test_what_is_needed_is_enough():
    script = Script(duration=None).connect().turn(1, "a").turn(6, "b", resumed=True).to(12).decided()
    snapshot = script.snapshot()
    aggregate = Aggregate({}, {}, snapshot.counts, speech_checked=1, health=snapshot.health)
    missing = {metric.key for metric in SESSION_METRICS if session_value(metric, aggregate) is None}
    assert missing == {"pause_survived_max", "pause_cut_min", "wer", "round_trip", "server_lag", "server_lag_max"}
    assert Need.TRANSCRIPT in METRICS["wer"].needs
    unheard = msgspec.structs.replace(aggregate, referenced=False)
    assert session_value(METRICS["missed"], unheard) is None


@pytest.mark.parametrize(
    ("measured", "unit", "data", "text"),
    [
        (0.41266, Unit.MILLISECONDS, 412.7, "413"),
        (0.8, Unit.PERCENT, 80.0, "80"),
        (15.38712, Unit.SECONDS, 15.387, "15.387"),
        (2.0, Unit.SECONDS, 2.0, "2"),
        (2.516, Unit.PER_SECOND, 2.52, "2.5"),
        (3, Unit.COUNT, 3, "3"),
        (100, Unit.COUNT, 100, "100"),
        (-4.65429, Unit.DECIBELS, -4.65429, "-4.7"),
    ],
)
def test_a_value_in_data_and_for_people(measured: float, unit: Unit, data: float, text: str):
    value = in_data(measured, unit)
    assert value == data
    assert format_value(value, unit) == text
