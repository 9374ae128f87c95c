"""Pieces of text make words."""

import pytest

from stt_monitor.core.events import Word
from stt_monitor.server.asr.pieces import Piece, spread, words_of


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([], []),
        ([(" Yes", 0.9)], [("Yes", 0.9)]),
        ([(" Yes", 0.9), (", we", 0.5), (" do", 0.8), (".", 1.0)], [("Yes,", 0.9), ("we", 0.5), ("do.", 0.8)]),
        ([(" e", 0.9), ("-mail", 0.4)], [("e-mail", 0.4)]),
        ([("Twelve o'", 0.7), ("clock", 0.6)], [("Twelve", 0.7), ("o'clock", 0.6)]),
    ],
)
def test_words_are_cut_at_white_space_and_marks_tell_nothing_of_a_word(
    pieces: list[tuple[str, float]], words: list[tuple[str, float]]
):
    found = words_of(Piece(*each) for each in pieces)
    assert found == tuple(Word(text, confidence=confidence) for text, confidence in words)


def test_words_share_the_time_by_their_letters_and_leave_some_for_those_to_come():
    assert spread((Word("two"), Word("three")), 1.0, 3.0) == (Word("two", 1.0, 1.75), Word("three", 1.75, 3.0))
    assert spread((Word("two"), Word("six")), 0.0, 4.0, more=6) == (Word("two", 0.0, 1.0), Word("six", 1.0, 2.0))
    assert spread((), 0.0, 1.0) == ()
