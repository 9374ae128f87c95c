"""Pieces of text make words."""

import pytest

from stt_monitor.core.events import Word
from stt_monitor.server.asr.pieces import Piece, words_of


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
