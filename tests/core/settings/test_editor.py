import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.settings.editor import at_share, changed, effective, share_of_range, stepped, unset
from stt_monitor.core.settings.requested import Order, Schema, Setting, TurnSettings, order_text
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.services.registry import services

SCHEMA = SERVICE.schema
NAMES = sorted(SCHEMA.names)

FUSSY = Schema(
    (
        Setting("end", 0.5, 1, 0.7, label="end", meaning="", hint="", larger="ends later", step=0.05, fine=0.01),
        Setting("eager", 0.3, 0.9, None, label="eager", meaning="", hint="", larger="guesses later", step=0.05,
                fine=0.01),
    ),
    orders=(Order("end", "eager", ties=True),),
)  # fmt: skip
"""Its second setting is off unless it is set, and may equal the first."""


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


def test_a_setting_that_is_off_has_no_value_until_it_is_set():
    assert effective(FUSSY, TurnSettings(), "eager") is None
    assert FUSSY.completed(TurnSettings()) == {"end": 0.7}
    assert stepped(FUSSY, TurnSettings(), "eager", 1) == TurnSettings(eager=0.6)
    assert stepped(FUSSY, TurnSettings(eager=0.6), "eager", 1) == TurnSettings(eager=0.65)
    assert unset(FUSSY, TurnSettings(end=0.5, eager=0.4), "eager") == TurnSettings(end=0.5)


def test_what_is_off_is_not_pushed():
    assert changed(FUSSY, TurnSettings(), "end", 0.5) == TurnSettings(end=0.5)


def test_neighbours_may_be_equal_where_the_service_allows_it():
    assert changed(FUSSY, TurnSettings(eager=0.8), "end", 0.6) == TurnSettings(end=0.6, eager=0.6)
    assert not FUSSY.problem(TurnSettings(end=0.6, eager=0.6))
    assert not FUSSY.problem(TurnSettings(eager=0.7))
    assert FUSSY.problem(TurnSettings(eager=0.8)) == "end 0.7 (the default) must not be less than eager 0.8"
    assert not FUSSY.problem(TurnSettings(eager=0.8), with_defaults=False)
    assert SCHEMA.problem(TurnSettings(eager_end_threshold=0.3)) == (
        "eager end threshold 0.3 must be greater than end threshold 0.3 (the default)"
    )


def test_what_is_off_is_passed_over_and_its_neighbours_are_pushed():
    between = msgspec.structs.replace(SCHEMA["eager_end_threshold"], default=None)
    settings = tuple(between if each.name == between.name else each for each in SCHEMA.settings)
    schema = msgspec.structs.replace(SCHEMA, settings=settings)
    assert changed(schema, TurnSettings(end_threshold=0.5), "start_threshold", 0.5) == TurnSettings(
        start_threshold=0.5, end_threshold=0.49
    )
    assert schema.problem(TurnSettings(start_threshold=0.5, end_threshold=0.5)) == (
        "start threshold 0.5 must be greater than end threshold 0.5"
    )


def test_the_rules_are_told_in_one_line():
    assert order_text(SCHEMA.orders) == "start_threshold > eager_end_threshold > end_threshold"
    rules = (Order("a", "b", ties=True), Order("b", "c"), Order("x", "y", ties=True))
    assert order_text(rules, str.upper) == "A ≥ B > C, X ≥ Y"
    assert order_text(()) == ""


@pytest.mark.parametrize("schema", [*(schema for service in services() for schema in service.schemas.values()), FUSSY])
@given(st.data())
def test_whatever_is_changed_the_service_would_take_it(schema: Schema, data: st.DataObject):
    change = st.tuples(st.sampled_from(schema.names), st.floats(-1, 20_000) | st.floats(0, 1), st.booleans())
    settings = TurnSettings()
    for name, value, put_back in data.draw(st.lists(change, max_size=12)):
        settings = changed(schema, settings, name, value)
        assert not schema.problem(settings), settings
        assert share_of_range(schema, name, effective(schema, settings, name) or 0) == pytest.approx(
            share_of_range(schema, name, round(value, 0 if schema[name].words else 3)), abs=1e-9
        )
        settings = (unset(schema, settings, name) if put_back else None) or settings
        assert not schema.problem(settings), settings


@pytest.mark.parametrize("name", NAMES)
def test_a_scale_leads_to_the_ends_of_the_range_and_back(name: str):
    low, high = SCHEMA[name].low, SCHEMA[name].high
    assert (at_share(SCHEMA, name, 0), at_share(SCHEMA, name, 1)) == (low, high)
    default = SCHEMA[name].default
    assert default is not None
    assert at_share(SCHEMA, name, share_of_range(SCHEMA, name, default)) == default
