"""The grammar and the guarantees of protocol.md 6.2 and 6.3."""

import pytest

from stt_monitor.server.protocol.turn_events import State, TurnStream
from stt_monitor.services.cartesia.codec import EagerEnd, TurnEnd, TurnResume, TurnStart, TurnUpdate


def test_a_turn_with_a_guess_that_was_wrong() -> None:
    turns = TurnStream()
    assert turns.start() == TurnStart(turn_id="1")
    assert turns.update(" My number is") == TurnUpdate("My number is", turn_id="1")
    assert turns.eager_end(" My number is four") == EagerEnd("My number is four", turn_id="1")
    assert turns.resume() == TurnResume(turn_id="1")
    assert turns.end(" My number is four one.") == TurnEnd("My number is four one.", turn_id="1")


def test_an_update_that_says_nothing_new_is_left_out() -> None:
    turns = TurnStream()
    turns.start()
    assert turns.update("") is None
    assert turns.update("Well") is not None
    assert turns.update("Well") is None


def test_concatenation_reads_right() -> None:
    turns, ends = TurnStream(), []
    for text in ("", " Yes please.", "", " And a coffee."):
        turns.start()
        ends.append(turns.end(text))
    assert "".join(end.transcript for end in ends if isinstance(end, TurnEnd)) == "Yes please. And a coffee."
    assert [end.turn_id for end in ends] == ["1", "2", "3", "4"]


def test_text_is_never_taken_back() -> None:
    turns = TurnStream()
    turns.start()
    turns.update("Book a table for two.")
    with pytest.raises(ValueError, match="taken back"):
        turns.update("Book a table for two at eight.")


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
            turns.start()
        if state is State.EAGER_END:
            turns.eager_end("")
        with pytest.raises(ValueError, match="a turn is"):
            getattr(turns, name)(*([] if name in ("start", "resume") else [""]))
