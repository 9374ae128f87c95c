import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.text.sanitize import _SPACE, _TO_ESCAPE, _UNPRINTABLE, escaped, printable
from stt_monitor.core.text.wording import plural

OBEYED = {"Cc", "Cs"}


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str):
    clean = printable(text)
    assert not {unicodedata.category(char) for char in clean} & OBEYED
    assert printable(clean) == clean


def test_escape_sequences_lose_their_teeth():
    assert printable("a\x1b]52;c;aGk=\x07b\x9b2Jc\x7f") == "a]52;c;aGk=b2Jc"
    assert printable("safe\u202etxt.exe\u2066!") == "safetxt.exe!"
    assert printable("one\r\n\ttwo\u2028three") == "one two three"


def test_what_is_invisible_is_dropped_for_terminals_do_not_agree_on_its_width():
    assert printable("\ufeffa\u200bb\xadc\u2060d") == "abcd"


def test_words_and_emoji_that_need_joiners_keep_them():
    for text in ("می‌خواهم", "👩‍👩‍👧", "नमस्ते", "שלום", "[bold]x[/]"):
        assert printable(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_json_means_the_same_and_holds_no_control_character(text: str):
    line = escaped(json.dumps({"transcript": text}, ensure_ascii=False))
    assert json.loads(line) == {"transcript": text}
    assert printable(line) == line


def test_escapes_beyond_the_basic_plane_are_pairs():
    assert escaped('"\U000e0041"') == '"\\udb40\\udc41"'


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [_SPACE, _UNPRINTABLE, _TO_ESCAPE])
def test_text_that_python_prints_needs_no_second_look(pattern: str):
    found = "".join(re.findall(pattern, "".join(map(chr, range(sys.maxunicode + 1)))))
    assert len(found) > 5
    assert not [char for char in found if char.isprintable()]


def test_one_turn_is_no_turns():
    assert [plural(number, "turn") for number in (0, 1, 2)] == ["0 turns", "1 turn", "2 turns"]
