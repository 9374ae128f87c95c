"""The grammar and the guarantees of protocol.md 6.2 and 6.3, as far as they hold for every service."""

import pytest

from stt_monitor.server.turn_detection.turn_stream import State, TurnStream
from stt_monitor.services.server_side import TurnKind, TurnSignal


def test_a_turn_with_a_guess_that_was_wrong() -> None:
    turns = TurnStream()
    assert turns.start(0.5) == TurnSignal(TurnKind.START, 1, 0.5)
    assert turns.update(" My number is", 1) == TurnSignal(TurnKind.UPDATE, 1, 1, "My number is")
    assert turns.eager_end(" My number is four", 2) == TurnSignal(TurnKind.EAGER_END, 1, 2, "My number is four")
    assert turns.resume(3) == TurnSignal(TurnKind.RESUME, 1, 3, "My number is four")
    assert turns.end(" My number is four one.", 4) == TurnSignal(TurnKind.END, 1, 4, "My number is four one.")
    assert turns.start(5) == TurnSignal(TurnKind.START, 2, 5)


def test_an_update_that_says_nothing_new_is_left_out() -> None:
    turns = TurnStream()
    turns.start(0)
    assert turns.update("", 1) is None
    assert turns.update("Well", 2) is not None
    assert turns.update("Well", 3) is None


def test_text_is_never_taken_back() -> None:
    turns = TurnStream()
    turns.start(0)
    turns.update("Book a table for two.", 1)
    with pytest.raises(ValueError, match="taken back"):
        turns.update("Book a table for two at eight.", 2)


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
            getattr(turns, name)(*([2] if name in ("start", "resume") else ["", 2]))
