"""Text that is made piece by piece: it is what it would be if it were made at once, and needs little at a time."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ui.scripted import Script

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.export.formats import FORMATS
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.merge import OUT_OF_PLACE, in_order

TURNS = 3 * OUT_OF_PLACE

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def with_iterators(value: object) -> object:
    """The same with an iterator in the place of every list."""
    if isinstance(value, list):
        return iter([with_iterators(each) for each in value])
    return {name: with_iterators(each) for name, each in value.items()} if isinstance(value, dict) else value


@given(st.dictionaries(st.text(), plain, max_size=4))
def test_json_made_in_pieces_is_json_made_at_once(document: dict[str, Any]):
    whole = "".join(json_pieces(document))
    assert msgspec.json.decode(whole) == msgspec.json.decode(msgspec.json.encode(document))
    assert not any(char in whole for char in "\x7f\x9b\u2028\u202e")
    pieces = with_iterators(document)
    assert isinstance(pieces, dict)
    assert "".join(json_pieces(pieces)) == whole


def test_json_is_indented_and_an_array_is_made_while_it_is_written():
    made = []

    def rows() -> Iterator[dict[str, int]]:
        for number in range(100):
            made.append(number)
            yield {"number": number}

    pieces = json_pieces({"name": "a", "rows": rows()})
    text = ""
    while '"number": 1\n' not in text:
        text += next(pieces)
    assert text == '{\n "name": "a",\n "rows": [\n  {\n   "number": 0\n  },\n  {\n   "number": 1\n  }'
    assert made == [0, 1]


@pytest.mark.parametrize("most", [0, 1, 10, OUT_OF_PLACE - 1])
def test_what_is_nearly_in_order_comes_in_order(most: int):
    chance = Random(most)
    nearly = sorted(range(3 * OUT_OF_PLACE), key=lambda place: place + chance.uniform(0, most))
    assert list(in_order(nearly)) == sorted(nearly)


@given(st.lists(st.integers(), max_size=50))
def test_what_is_short_comes_in_order_whatever_it_is(things: list[int]):
    assert list(in_order(things)) == sorted(things)


class Counted(list[FinishedTurn]):
    """Turns that count how many of them were asked for."""

    read = 0

    def __iter__(self) -> Iterator[FinishedTurn]:
        for each in super().__iter__():
            self.read += 1
            yield each


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"textgrid"}))  # its tiers begin with their counts
def test_what_is_written_turn_by_turn_is_read_turn_by_turn(name: str):
    (turn,) = Script().connect().turn(1.0, "Hello.").decided().snapshot().finished
    turns = Counted(
        msgspec.structs.replace(turn, start_position=5.0 * number, end_position=5.0 * number + 2)
        for number in range(TURNS)
    )
    snapshot = msgspec.structs.replace(Script().snapshot(), finished=turns)
    pieces = FORMATS[name].write(snapshot)
    for _ in range(20):
        next(pieces)
    assert turns.read < OUT_OF_PLACE + 30
    assert sum(1 for _ in pieces) >= TURNS - 20
    assert turns.read == TURNS
