from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stt_monitor.ui.toolkit.wrapping import line_count, wrap

WIDEST_CHARACTER = 2


def lines(text: str, width: int) -> list[str]:
    return [text[start:stop] for start, stop in wrap(text, width)]


def test_breaks_at_the_last_blank_that_fits():
    assert lines("one two three four", 9) == ["one two", "three", "four"]
    assert lines("one two three four", 100) == ["one two three four"]


def test_a_word_that_ends_at_the_edge_stays_on_its_line():
    assert lines("abc defg hi", 8) == ["abc defg", "hi"]


def test_breaks_a_word_that_is_longer_than_a_line():
    assert lines("x" * 10, 4) == ["xxxx", "xxxx", "xx"]
    assert lines("a " + "x" * 10, 4) == ["a", "xxxx", "xxxx", "xx"]


def test_no_text_is_one_empty_line():
    assert lines("", 5) == [""]


def test_wide_characters_count_as_two_cells():
    assert lines("日本語です", 4) == ["日本", "語で", "す"]
    assert lines("ab 日本 cd", 5) == ["ab", "日本", "cd"]


def test_a_joined_emoji_stays_whole():
    family = "👨‍👩‍👧"
    assert family in lines(f"look {family} there", 6)


# A joiner joins emoji here: of one that begins a text, or joins letters, no two terminals make the same.
graphemes = st.sampled_from(["a", "b", " ", "é", "日", "ि", "👩", "👩‍🚀"])


@given(st.lists(graphemes, max_size=60).map("".join), st.integers(1, 20))
def test_loses_nothing_but_blanks_and_fits(text: str, width: int):
    got = lines(text, width)
    assert line_count(text, width) == len(got)
    assert "".join(got).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= max(width, WIDEST_CHARACTER) for line in got)


@given(st.text(alphabet="ab ", max_size=60), st.integers(1, 20))
def test_ascii_and_other_text_are_broken_alike_where_words_fit(text: str, width: int):
    text = " ".join(word[:width] for word in text.split())
    cells = [line.replace("é", "a") for line in lines(text.replace("a", "é"), width)]
    assert cells == lines(text, width)
