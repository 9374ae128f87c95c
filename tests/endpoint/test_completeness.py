"""How complete words are."""

import pytest

from stt_monitor.endpoint.completeness import UNKNOWN, carries_on, completeness, takes_comma
from stt_monitor.endpoint.recogniser import Outlook

FALLING = Outlook(closed=0.9, question=0.0, going_on=0.08, trailing_off=0.0)
HOLDING = Outlook(closed=0.4, question=0.0, going_on=0.55, trailing_off=0.0)


@pytest.mark.parametrize(
    ("finished", "thinking"),
    [
        ("I would like to book a table for two", "I would like to book a table for"),
        ("The number is not answering", "The number is"),
        ("I put it there and left", "I put it there and"),
        ("That is my sister", "That is my"),
        ("My name is Anna", "My name is um"),
        ("To leave the conference, press nine", "To leave the conference"),
        ("Please enter your number", "You are entering conference number"),
        ("I would like tickets for the last show please", "I would like tickets for the last"),
        ("Let me think about your offer", "Let me think about your neighbour's"),
    ],
)
def test_how_a_sentence_ends_tells(finished: str, thinking: str) -> None:
    assert completeness(finished, FALLING) > 0.5 > completeness(thinking, FALLING)
    assert completeness(thinking, FALLING) > completeness(thinking, HOLDING)


def test_intonation_tells() -> None:
    text = "They were all going to the market in the morning"
    assert completeness(text, HOLDING) < completeness(text, FALLING)
    asked = Outlook(closed=0.9, question=0.9, going_on=0.08, trailing_off=0.0)
    assert completeness(text, asked) > completeness(text, FALLING)
    trailing = Outlook(closed=0.4, question=0.0, going_on=0.55, trailing_off=0.5)
    assert completeness(text, trailing) < completeness(text, HOLDING)


def test_an_answer_may_be_short() -> None:
    assert completeness("Yes", FALLING) > 0.75
    assert completeness("Tuesday", FALLING) < completeness("Yes", FALLING)


def test_numbers_being_dictated_are_waited_for() -> None:
    assert completeness("It is four one nine", HOLDING) < 0.3


def test_only_the_last_sentence_counts() -> None:
    assert completeness("To whom it may concern. This is fine with me.", FALLING) > 0.5


def test_no_words_are_neither() -> None:
    assert completeness("", FALLING) == UNKNOWN
    assert completeness(" ... ", FALLING) == UNKNOWN


def test_small_words() -> None:
    assert carries_on("the")
    assert not carries_on("i")
    assert not carries_on("london")
    assert takes_comma("To leave the conference")
    assert not takes_comma("Please enter the")
    assert not takes_comma("")
