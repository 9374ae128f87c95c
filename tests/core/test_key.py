import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.core.key import read_key
from stt_monitor.core.settings import KEY_VARIABLE


@pytest.mark.parametrize(
    "text", ["sk_car_1", "sk_car_1\n", " sk_car_1\r\n", "\tsk_car_1 ", "\ufeffsk_car_1\u200b\n", "\u00a0sk_car_1"]
)
def test_what_comes_along_when_a_key_is_pasted_is_no_part_of_it(text: str):
    assert read_key({KEY_VARIABLE: text}) == "sk_car_1"


@pytest.mark.parametrize("text", [None, "", " ", "\n", "\r\n\t", "\ufeff"])
def test_nothing_is_no_key(text: str | None):
    assert read_key({} if text is None else {KEY_VARIABLE: text}) is None


@pytest.mark.parametrize(
    "wrong", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "–", "é", "\u200b", "\u2028", "\udcff", "😀"], ids=ascii
)
def test_what_no_header_can_carry_is_refused_without_the_key(wrong: str):
    with pytest.raises(InputError) as caught:
        read_key({KEY_VARIABLE: f"sk_car_{wrong}hush"})
    assert KEY_VARIABLE in str(caught.value)
    assert "character 8 of 12" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert str(caught.value).isprintable()
