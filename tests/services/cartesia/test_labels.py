"""How Cartesia's messages are shown to people."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.services.base import Label
from stt_monitor.services.cartesia.labels import label


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ({"type": "connected", "request_id": "r1"}, Label("connected", "connected", "request r1", "")),
        (
            {"type": "turn.end", "transcript": " a", "request_id": "r", "turn_id": "1"},
            Label("turn.end", "turn.end", " a", '" a"'),
        ),
        (
            {"type": "turn.update", "transcript": "a", "languages": []},
            Label("turn.update", "turn.update", "a", '"transcript":"a","languages":[]'),
        ),
        (
            {"type": "error", "status_code": 400, "error": "old"},
            Label("error", "error", "old", '"status_code":400,"error":"old"'),
        ),
        ({"type": "x.likelihood", "points": []}, Label("x.likelihood", "", "", '"points":[]')),
        ({"type": "config", "turn": {"end_threshold": 0.2}}, Label("config", "", "", '"turn":{"end_threshold":0.2}')),
        ({"type": "turn.end", "transcript": "a\ud83d"}, Label("turn.end", "turn.end", "a\ud83d", '"a\ufffd"')),
        (
            {"type": "y\ud83d", "x": ["é\ud83d", msgspec.Raw(b"1e999")]},
            Label("y\ud83d", "", "", '"x":["é\ufffd","1e999"]'),
        ),
        ({"type": 5}, Label("5")),
        ({}, Label()),
    ],
)
def test_each_message_has_its_label(wire: dict[str, object], shown: Label):
    assert label(wire) == shown


@given(
    st.dictionaries(
        st.sampled_from(["type", "transcript", "message", "request_id", "x"]),
        st.none() | st.text() | st.text(st.characters(categories=["Cs"])) | st.integers(0, 9),
    )
)
def test_whatever_a_message_holds_it_has_a_label(wire: dict[str, object]):
    assert isinstance(label(wire), Label)
