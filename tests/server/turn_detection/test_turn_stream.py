"""The grammar and the guarantees of protocol.md 6.2 and 6.3, as far as they hold for every service."""

import pytest

from stt_monitor.core.events import EagerEnd, Trigger, TurnEnd, TurnResume, TurnStart, TurnUpdate
from stt_monitor.server.turn_detection.turn_stream import State, TurnStream


def test_a_turn_with_a_guess_that_was_wrong() -> None:
    turns = TurnStream()
    assert turns.start(0.5) == TurnStart(None, "1", 0.5)
    assert turns.update(" My number is", 1) == TurnUpdate("My number is", "1", 1)
    assert turns.eager_end(" My number is four", 2) == EagerEnd("My number is four", "1", 2)
    assert turns.resume(3) == TurnResume(None, "1", 3)
    end = TurnEnd("My number is four one.", "1", 4, trigger=Trigger.MODEL)
    assert turns.end(" My number is four one.", 4, Trigger.MODEL) == end
    assert turns.start(5) == TurnStart(None, "2", 5)


def test_an_update_that_says_nothing_new_is_left_out() -> None:
    turns = TurnStream()
    turns.start(0)
    assert turns.update("", 1) is None
    assert turns.update("Well", 2) is not None
    assert turns.update(" Well", 3) is None


def test_text_is_never_taken_back() -> None:
    turns = TurnStream()
    turns.start(0)
    turns.update("Book a table for two.", 1)
    with pytest.raises(ValueError, match="taken back"):
        turns.update("Book a table for two at eight.", 2)


ARGUMENTS = {
    "start": (2,), "update": ("", 2), "eager_end": ("", 2), "resume": (2,), "end": ("", 2, Trigger.MODEL),
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "forbidden"),
    [
        (State.IDLE, ["update", "eager_end", "resume", "end"]),
        (State.SPEAKING, ["start", "resume"]),
        (State.EAGER_END, ["start", "update", "eager_end"]),
    ],
)
def test_nothing_is_said_out_of_order(state: State, forbidden: list[str]) -> None:
    for name in forbidden:
        turns = TurnStream()
        if state is not State.IDLE:
            turns.start(0)
        if state is State.EAGER_END:
            turns.eager_end("", 1)
        with pytest.raises(ValueError, match="a turn is"):
            getattr(turns, name)(*ARGUMENTS[name])
