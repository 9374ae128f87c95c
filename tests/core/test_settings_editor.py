import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.settings_editor import at_share, changed, effective, share_of_range, stepped, unset
from stt_monitor.services.cartesia import SERVICE

SCHEMA = SERVICE.schema
NAMES = sorted(SCHEMA.names)


def test_a_neighbour_in_the_way_is_pushed_and_no_other():
    pushed = changed(SCHEMA, TurnSettings(), "eager_end_threshold", 0.8)
    assert pushed == TurnSettings(start_threshold=0.81, eager_end_threshold=0.8)
    assert changed(SCHEMA, TurnSettings(), "start_threshold", 0.5) == TurnSettings(
        start_threshold=0.5, eager_end_threshold=0.49
    )
    assert changed(SCHEMA, TurnSettings(), "end_threshold", 0.5) == TurnSettings(end_threshold=0.5)
    assert changed(
        SCHEMA, TurnSettings(start_threshold=0.8, eager_end_threshold=0.3, end_threshold=0.29), "end_threshold", 0.4
    ) == TurnSettings(start_threshold=0.8, eager_end_threshold=0.41, end_threshold=0.4)


def test_a_value_stays_in_its_range():
    assert changed(SCHEMA, TurnSettings(), "start_threshold", 7)["start_threshold"] == 0.9
    assert changed(SCHEMA, TurnSettings(), "end_timeout_ms", 1)["end_timeout_ms"] == 640


def test_steps_begin_at_what_is_in_force():
    assert stepped(SCHEMA, TurnSettings(), "end_threshold", 1) == TurnSettings(end_threshold=0.35)
    assert stepped(SCHEMA, TurnSettings(), "end_threshold", -1, fine=True) == TurnSettings(end_threshold=0.29)
    assert stepped(SCHEMA, TurnSettings(end_timeout_ms=4000), "end_timeout_ms", 2)["end_timeout_ms"] == 5000


def test_a_setting_is_left_to_the_server_only_where_its_default_is_in_order():
    assert unset(SCHEMA, TurnSettings(end_threshold=0.4), "end_threshold") == TurnSettings()
    assert unset(
        SCHEMA, TurnSettings(start_threshold=0.7, eager_end_threshold=0.5, end_threshold=0.2), "start_threshold"
    ) == TurnSettings(eager_end_threshold=0.5, end_threshold=0.2)
    assert (
        unset(
            SCHEMA,
            TurnSettings(start_threshold=0.55, eager_end_threshold=0.5, end_threshold=0.2),
            "eager_end_threshold",
        )
        is None
    )


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.floats(-1, 20_000) | st.floats(0, 1), st.booleans()), max_size=12),
)
def test_whatever_is_changed_the_service_would_take_it(changes: list[tuple[str, float, bool]]):
    settings = TurnSettings()
    for name, value, put_back in changes:
        settings = changed(SCHEMA, settings, name, value)
        assert not SCHEMA.problem(settings), settings
        assert share_of_range(SCHEMA, name, effective(SCHEMA, settings, name)) == pytest.approx(
            share_of_range(SCHEMA, name, round(value, 3)), abs=1e-9
        )
        settings = (unset(SCHEMA, settings, name) if put_back else None) or settings
        assert not SCHEMA.problem(settings), settings


@pytest.mark.parametrize("name", NAMES)
def test_a_scale_leads_to_the_ends_of_the_range_and_back(name: str):
    low, high = SCHEMA[name].low, SCHEMA[name].high
    assert (at_share(SCHEMA, name, 0), at_share(SCHEMA, name, 1)) == (low, high)
    assert at_share(SCHEMA, name, share_of_range(SCHEMA, name, SCHEMA[name].default)) == SCHEMA[name].default
