"""How complete words are."""

import pytest

from stt_monitor.server.asr.completeness import UNKNOWN, carries_on, completeness, takes_comma
from stt_monitor.server.asr.recogniser import Outlook

FALLING = Outlook(closed=0.9, going_on=0.08, trailing_off=0.0)
HOLDING = Outlook(closed=0.4, going_on=0.55, trailing_off=0.0)


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
        ("Do you have a table by the window", "Do increase the volume for others"),
        ("Your message has been deleted", "Your message has been"),
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
    trailing = Outlook(closed=0.4, going_on=0.55, trailing_off=0.5)
    assert completeness(text, trailing) < completeness(text, HOLDING)


def test_an_answer_may_be_short() -> None:
    assert completeness("Yes", FALLING) > 0.75
    assert completeness("Tuesday", FALLING) < completeness("Yes", FALLING)


def test_numbers_being_dictated_are_waited_for() -> None:
    assert completeness("It is four one nine", HOLDING) < 0.3


def test_a_key_to_press_is_one_number() -> None:
    assert completeness("For all other questions, press four", FALLING) > completeness("The number is a four", FALLING)


def test_the_more_was_said_the_likelier_it_is_all() -> None:
    said = ["My", "brother", "put", "the", "old", "blue", "books", "back", "on", "the", "shelf"]
    degrees = [completeness(" ".join(said[-words:]), FALLING) for words in range(4, len(said))]
    assert degrees == sorted(set(degrees))
    longer = [completeness(" ".join([*said, *said[:words]]), FALLING) for words in (2, 5)]
    assert longer[0] == longer[1]


def test_a_sentence_before_makes_a_turn_likelier_to_be_whole() -> None:
    assert completeness("It is late. We went home", FALLING) > completeness("It is late and we went home", FALLING)


def test_only_the_last_sentence_can_be_unfinished() -> None:
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
