"""What a finished turn adds to the metrics for Prometheus."""

from collections import defaultdict

import msgspec
import pytest
from tests.ui.scripted import Script

from stt_monitor.core.exposition import (
    EXPOSED,
    FALSE_CUTOFFS,
    MOST_SETTINGS,
    OTHER_SETTINGS,
    TIMES,
    TURNS,
    TURNS_CHECKED,
    WASTED_REPLIES,
    Exposed,
    SettingsNames,
    observations,
)
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.inclusion import inclusion
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.turns.turn import EndReason
from stt_monitor.services import registry

SCHEMA = registry.service("cartesia").schema_of("")


def finished(**metrics: object) -> FinishedTurn:
    """Return a turn that counts in summaries: 0.4 s of eot, an eager end that was resumed, and a confirmed one."""
    script = Script(duration=None).connect()
    for number in range(2):
        script.turn(1.0 + 5 * number, "Book a table.", resumed=True)
    turn = script.to(14.0).decided().snapshot().finished[-1]
    return msgspec.structs.replace(turn, metrics=msgspec.structs.replace(turn.metrics, **metrics))


def added(turn: FinishedTurn) -> dict[Exposed, float]:
    counted: defaultdict[Exposed, float] = defaultdict(float)
    for each in observations(turn, "cartesia", "defaults"):
        assert each.labels[:2] == ("cartesia", "defaults")
        assert len(each.labels) == len(each.metric.labels)
        counted[each.metric] += each.amount
    return dict(counted)


def test_a_turn_adds_its_times_in_seconds_and_its_counts():
    turn = finished()
    counted = added(turn)
    assert counted[TURNS] == counted[TURNS_CHECKED] == counted[WASTED_REPLIES] == 1
    assert counted[FALSE_CUTOFFS] == 0
    assert counted[TIMES["eot_latency"]] == pytest.approx(0.4)
    assert {key: counted[exposed] for key, exposed in TIMES.items()} == {
        key: getattr(turn.metrics, key) for key in TIMES
    }


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("slow", [True, False])
@pytest.mark.parametrize("reason", EndReason)
def test_only_what_summaries_have_is_in_the_histograms(reason: EndReason, *, slow: bool, first: bool):
    whole = finished(slow=slow)
    turn = msgspec.structs.replace(whole.turn, end_reason=reason, first_of_connection=first)
    changed = msgspec.structs.replace(whole, turn=turn)
    where = inclusion(turn, changed.metrics)
    told = list(observations(changed, "cartesia", "defaults"))
    assert [each.labels[-1] for each in told if each.metric is TURNS] == [where.value]
    assert any(each.metric in TIMES.values() for each in told) == (where.value == "summary")
    assert not slow or len(told) == 1


def test_what_is_unknown_or_not_applicable_adds_nothing():
    assert set(added(finished(eot_latency=None, false_cutoff=None, wasted_replies=None, eager_lead=None))) == {
        TURNS, TIMES["first_text"],
    }  # fmt: skip
    absent = msgspec.structs.replace(finished(wasted_replies=0), marks=Marks(absent=frozenset({"wasted_replies"})))
    assert WASTED_REPLIES not in added(absent)


def test_settings_are_named_in_short_words_and_in_no_more_than_so_many():
    names = SettingsNames()
    assert names.name("cartesia", SCHEMA, TurnSettings()) == "defaults"
    assert names.name("cartesia", SCHEMA, TurnSettings({SCHEMA.names[0]: 0.3, "of another schema": 1})) == (
        f"{SCHEMA[SCHEMA.names[0]].label} 0.3"
    )
    seen = {names.name("cartesia", SCHEMA, TurnSettings({SCHEMA.names[0]: n / 1000})) for n in range(200)}
    assert OTHER_SETTINGS in seen
    assert len(seen | {"defaults"}) <= MOST_SETTINGS + 1
    assert names.name("cartesia", SCHEMA, TurnSettings()) == "defaults"
    assert names.name("flux", SCHEMA, TurnSettings({SCHEMA.names[0]: 0.5})) != OTHER_SETTINGS


def test_names_are_those_of_prometheus():
    assert len({each.name for each in EXPOSED}) == len(EXPOSED)
    for each in EXPOSED:
        assert each.name.startswith("stt_monitor_")
        assert each.name.endswith("_seconds" if each in TIMES.values() else "_total")
        assert each.meaning.endswith(".")
