"""Which words of a hypothesis are committed."""

from math import log

import pytest

from stt_monitor.server.asr.local_agreement import Agreement
from stt_monitor.server.asr.tokenizer import Tokenizer

PIECES = ["<unk>", "<s>", "</s>", "▁one", "▁two", "▁three", ".", ","]
ONE, TWO, THREE, DOT, COMMA = range(3, 8)
SURE, FAIR, DOUBTED = log(0.99), log(0.75), log(0.4)


@pytest.fixture
def agreement() -> Agreement:
    return Agreement(Tokenizer(b"".join(bytes([len(piece.encode())]) + piece.encode() for piece in PIECES)))


def test_words_that_two_hypotheses_share_are_committed_but_for_the_last(agreement: Agreement) -> None:
    assert agreement.add((ONE, TWO), (SURE, SURE)) == []
    assert agreement.add((ONE, TWO, DOT), (SURE, SURE, SURE)) == [(ONE,)]
    assert agreement.prefix == (ONE,)
    assert agreement.draft == (TWO, DOT)


def test_a_word_that_is_less_than_sure_needs_more_hypotheses(agreement: Agreement) -> None:
    for _ in range(2):
        assert agreement.add((ONE, TWO), (FAIR, SURE)) == []
    assert agreement.add((ONE, TWO), (FAIR, SURE)) == [(ONE,), (TWO,)]


def test_a_doubted_word_waits_and_holds_back_those_behind_it(agreement: Agreement) -> None:
    for _ in range(9):
        assert agreement.add((ONE, TWO, THREE), (DOUBTED, SURE, SURE)) == []
    assert agreement.commit_all() == [(ONE,), (TWO,), (THREE,)]


def test_a_doubted_word_that_many_follow_waits_no_longer(agreement: Agreement) -> None:
    words = (ONE, TWO, THREE) * 6
    for _ in range(2):
        assert agreement.add(words, (DOUBTED,) * 18) == []
    assert agreement.add(words, (DOUBTED,) * 18) == [(ONE,), (TWO,), (THREE,)]
    assert agreement.add(words[3:], (DOUBTED,) * 15) == []


def test_disagreement_commits_nothing(agreement: Agreement) -> None:
    agreement.add((ONE, THREE), (SURE, SURE))
    assert agreement.add((TWO, THREE), (SURE, SURE)) == []


def test_a_comma_that_comes_and_goes_holds_back_the_word_after_it(agreement: Agreement) -> None:
    agreement.add((ONE, TWO, THREE), (SURE,) * 3)
    assert agreement.add((ONE, COMMA, TWO, THREE), (SURE,) * 4) == [(ONE,)]
    assert agreement.add((COMMA, TWO, THREE), (SURE,) * 3) == [(COMMA, TWO), (THREE,)]


def test_settling_commits_all_words_and_leaves_the_mark(agreement: Agreement) -> None:
    agreement.add((ONE, COMMA, TWO, DOT), (SURE,) * 4)
    assert agreement.commit_all() == [(ONE,), (COMMA, TWO)]
    assert (agreement.prefix, agreement.open, agreement.marks) == ((ONE, COMMA, TWO), [], (DOT,))


def test_forgetting_keeps_what_is_committed(agreement: Agreement) -> None:
    agreement.add((ONE, TWO), (SURE, SURE))
    agreement.add((ONE, TWO), (SURE, SURE))
    agreement.clear()
    assert (agreement.prefix, agreement.draft) == ((ONE,), ())
    assert agreement.add((TWO, THREE), (SURE, SURE)) == []
