"""What is read of a message, and how it is written in one line."""

import pytest

from stt_monitor.services.json_frames import NoObjectError, UnreadableError, one_line, read_object


def nested(levels: int) -> str:
    """A message of so many levels, itself the first of them."""
    return '{"x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


def deeper_by(calls: int, value: object) -> str:
    return one_line(value) if not calls else deeper_by(calls - 1, value)


def test_what_can_be_read_can_be_written_where_the_stack_is_much_deeper():
    wire, _ = read_object(nested(650))
    assert deeper_by(200, wire) == nested(650)


@pytest.mark.parametrize("message", [nested(651), nested(651).encode(), nested(990), nested(100_000)])
def test_what_is_nested_deeper_is_unreadable_wherever_it_is_read(message: str | bytes):
    with pytest.raises(UnreadableError):
        read_object(message)


def test_many_brackets_side_by_side_are_not_deep():
    message = '{"points":[' + ",".join(["[0,1]"] * 500) + "]}"
    assert len(read_object(message)[0]["points"]) == 500


@pytest.mark.parametrize("message", ["[]", "3", "null", '"x"'])
def test_json_of_another_kind_is_told_from_no_json(message: str):
    with pytest.raises(NoObjectError):
        read_object(message)
