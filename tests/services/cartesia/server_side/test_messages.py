import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.cartesia.server_side.messages import read_message
from stt_monitor.services.cartesia.settings import SCHEMA
from stt_monitor.services.server_side import Finish, RejectedError


def turn_settings(start: float, eager_end: float, end: float, timeout: float) -> TurnSettings:
    return TurnSettings(start_threshold=start, eager_end_threshold=eager_end, end_threshold=end, end_timeout_ms=timeout)


NOW = turn_settings(0.7, 0.5, 0.2, 4000)


@pytest.mark.parametrize("text", ['{"type":"close"}', '{"type": "close", "more": 1}', '{"type":"done"}'])
def test_the_end(text: str) -> None:
    assert read_message(text, NOW) == Finish()


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ({"start_threshold": 0.75}, turn_settings(0.75, 0.5, 0.2, 4000)),
        ({"eager_end_threshold": 0.4, "end_threshold": 0.1}, turn_settings(0.7, 0.4, 0.1, 4000)),
        ({"end_timeout_ms": 8000}, turn_settings(0.7, 0.5, 0.2, 8000)),
        ({"end_timeout_ms": None, "unknown": "x"}, NOW),
        ({}, NOW),
        (None, NOW),
    ],
)
def test_config_changes_what_it_names(turn: object, expected: TurnSettings) -> None:
    assert read_message(json.dumps({"type": "config", "turn": turn}), NOW) == expected
    assert read_message('{"type":"config","keyterms":["a"]}', NOW) == NOW


@pytest.mark.parametrize(
    "turn",
    [
        "fast",
        [0.5],
        {"start_threshold": "0.75"},
        {"start_threshold": True},
        {"start_threshold": 0.95},
        {"end_threshold": 0.5},
        {"end_timeout_ms": 10**400},
        {"end_timeout_ms": -1},
    ],
)
def test_bad_config(turn: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        read_message(json.dumps({"type": "config", "turn": turn}), NOW)
    assert (refusal.value.rejection.status, refusal.value.rejection.title) == (400, "Invalid turn thresholds")


@pytest.mark.parametrize(
    "text",
    ["close", "", "null", "[]", '"close"', '{"type":"finalize"}', '{"type":"keepalive"}', '{"type":["close"]}', "{}"],
)
def test_anything_else_is_told_what_is_accepted(text: str) -> None:
    with pytest.raises(RejectedError, match="close, config") as refusal:
        read_message(text, NOW)
    assert refusal.value.rejection.status == 400


def test_deep_nesting_is_refused_like_anything_else() -> None:
    with pytest.raises(RejectedError):
        read_message("[" * 100_000, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
turns = st.dictionaries(
    st.sampled_from(["start_threshold", "eager_end_threshold", "end_threshold", "end_timeout_ms"]), json_values
)


@pytest.mark.slow
@given(st.text() | st.builds(lambda turn: json.dumps({"type": "config", "turn": turn}), turns | json_values))
def test_whatever_is_sent_it_is_understood_or_refused(text: str) -> None:
    try:
        command: Any = read_message(text, NOW)
    except RejectedError:
        return
    assert command == Finish() or SCHEMA.problem(command) == ""
