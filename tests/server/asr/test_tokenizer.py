"""Token ids to text and to words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.server.asr.models import TOKENS
from stt_monitor.server.asr.tokenizer import Tokenizer

PIECES = ["<unk>", "<s>", "</s>", "▁visit", "▁www", ".", "asterisk", ",", "▁nine", "?", "ty", "'", "s"]
VISIT, WWW, DOT, ASTERISK, COMMA, NINE, QUERY, TY, APOSTROPHE, S = range(3, 13)


def vocabulary(pieces: list[str]) -> bytes:
    return b"".join(
        (bytes([len(raw)]) if len(raw) < 128 else bytes([len(raw) % 128 + 128, len(raw) // 128])) + raw
        for raw in (piece.encode() for piece in pieces)
    )


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer(vocabulary(PIECES))


def test_text_has_the_spaces_of_the_vocabulary(tokenizer: Tokenizer) -> None:
    assert tokenizer.text([VISIT, NINE, TY, QUERY]) == " visit ninety?"


def test_special_tokens_are_no_text(tokenizer: Tokenizer) -> None:
    assert tokenizer.text([1, VISIT, 2]) == " visit"


def test_a_mark_belongs_to_the_word_after_it(tokenizer: Tokenizer) -> None:
    assert tokenizer.units([VISIT, COMMA, NINE, TY, DOT]) == ([(VISIT,), (COMMA, NINE, TY)], (DOT,))


def test_a_mark_inside_a_word_stays_there(tokenizer: Tokenizer) -> None:
    assert tokenizer.units([WWW, DOT, ASTERISK, APOSTROPHE, S, DOT]) == (
        [(WWW, DOT, ASTERISK, APOSTROPHE, S)],
        (DOT,),
    )


def test_marks_alone_are_no_word(tokenizer: Tokenizer) -> None:
    assert tokenizer.units([DOT]) == ([], (DOT,))
    assert tokenizer.units([]) == ([], ())


def test_nothing_is_lost_in_units(tokenizer: Tokenizer) -> None:
    tokens = [DOT, VISIT, COMMA, COMMA, TY, WWW, QUERY]
    units, marks = tokenizer.units(tokens)
    assert [token for unit in (*units, marks) for token in unit] == tokens


def test_marks_can_be_taken_off(tokenizer: Tokenizer) -> None:
    assert tokenizer.without_marks((COMMA, DOT, NINE, TY)) == (NINE, TY)
    assert tokenizer.without_marks((COMMA,)) == ()


def test_long_pieces_and_ids() -> None:
    tokenizer = Tokenizer(vocabulary(["<unk>", "<s>", "</s>", "x" * 300, ".", "."]))
    assert tokenizer.text([3]) == "x" * 300
    assert tokenizer.ids(".") == (4, 5)


@pytest.mark.parametrize("broken", [b"\x05abc", b"\x80"])
def test_a_broken_vocabulary_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="vocabulary ends"):
        Tokenizer(broken)


REAL = Tokenizer(TOKENS.read())


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("mailbox", [" mail", "box"]),
        ("Cartesia", [" Cart", "esia"]),
        ("2", [" ", "2"]),
        ("Straße", [" Straße"]),
    ],
)
def test_words_are_written_with_the_longest_pieces_learnt_first(word: str, pieces: list[str]) -> None:
    assert [REAL.text([token]) for token in REAL.encode(word)] == pieces


def test_what_the_vocabulary_does_not_have_is_written_in_bytes() -> None:
    assert REAL.text(REAL.encode("𓀀")) == " 𓀀"
    assert len(REAL.encode("𓀀")) == 1 + len("𓀀".encode())


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_what_is_written_can_be_read(text: str) -> None:
    assert REAL.text(REAL.encode(text)) == "".join(f" {word}" for word in text.split())
