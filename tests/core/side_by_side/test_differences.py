"""Which words of which service stand out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.metrics.turn_metrics import normalised_words
from stt_monitor.core.side_by_side import differences as differences_module
from stt_monitor.core.side_by_side.differences import MOST_CHARACTERS, MOST_WORDS, differences


def marked(*texts: str) -> list[str]:
    """Mark each text's different words with brackets, and its gaps with a caret."""
    found = differences(texts)
    assert found is not None
    said = []
    for text, one in zip(texts, found, strict=True):
        marks = [(start, "[") for start, _ in one.words] + [(stop, "]") for _, stop in one.words]
        marks += [(place, "^") for place in one.gaps]
        for place, mark in sorted(marks, key=lambda each: -each[0]):
            text = text[:place] + mark + text[place:]  # noqa: PLW2901 - it grows
        said.append(text)
    return said


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Book a table.", "book a TABLE"), ("Book a table.", "book a TABLE")),
        (("to two, not ten", "to two", "to two, no ten"), ("to two, [not] ten", "to two^", "to two, [no] ten")),
        (("I am, or", "I am or", "I or"), ("I am, or", "I am or", "I ^or")),
        (("Book a table", "Look a table"), ("[Book] a table", "[Look] a table")),
        (("Book a table", "Look a table", "book a table"), ("Book a table", "[Look] a table", "book a table")),
        (("for two", "for two please", "for two, please"), ("for two^", "for two please", "for two, please")),
        (("for two", "for two please"), ("for two", "for two [please]")),
        (("well I do", "I do", "I do"), ("[well] I do", "I do", "I do")),
        (("I do", "well I do", "well I do"), ("^I do", "well I do", "well I do")),
        (("", "a b", "a b"), ("^", "a b", "a b")),
        (("one", "two", "three"), ("[one]", "[two]", "[three]")),
        (("don't go", "don't go"), ("don't go", "don't go")),
        (("twenty-two", "twenty two"), ("twenty-two", "twenty two")),
        (("我要茶", "我要水", "我要茶"), ("我要茶", "我要[水]", "我要茶")),
        (("same",), ("same",)),
    ],
)
def test_words_that_most_do_not_have_are_marked(texts: tuple[str, ...], expected: tuple[str, ...]):
    assert tuple(marked(*texts)) == expected


def test_too_long_texts_are_not_compared():
    assert differences(["word " * (MOST_WORDS + 1), "word"]) is None
    assert differences(["word " * MOST_WORDS, "word " * MOST_WORDS]) is not None


@pytest.mark.parametrize("text", ["word " * 200_000, "x" * 1_000_000, "天" * MOST_CHARACTERS])
def test_too_long_texts_are_not_even_read_to_their_end(text: str, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []

    def reading(word: str) -> list[str]:
        read.append(word)
        return normalised_words(word)

    monkeypatch.setattr(differences_module, "normalised_words", reading)
    assert differences([text, text]) is None
    assert len(read) <= 2 * (MOST_WORDS + 1)


@given(st.lists(st.text(), max_size=4))
def test_marks_lie_in_the_text_and_in_order(texts: Sequence[str]):
    found = differences(texts)
    assert found is not None
    for text, one in zip(texts, found, strict=True):
        places = [place for word in one.words for place in word]
        assert places == sorted(places)
        assert all(0 <= place <= len(text) for place in (*places, *one.gaps))
        assert all(text[start:stop].strip() for start, stop in one.words)


@given(st.text(), st.integers(1, 4))
def test_equal_texts_have_no_differences(text: str, services: int):
    assert all(not one.words and not one.gaps for one in differences([text] * services) or ())
