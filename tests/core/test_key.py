import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.core.key import read_key, secrets_in
from stt_monitor.services.cartesia.request import KEY_VARIABLE


@pytest.mark.parametrize(
    "text", ["sk_car_1", "sk_car_1\n", " sk_car_1\r\n", "\tsk_car_1 ", "\ufeffsk_car_1\u200b\n", "\u00a0sk_car_1"]
)
def test_what_comes_along_when_a_key_is_pasted_is_no_part_of_it(text: str):
    assert read_key({KEY_VARIABLE: text}, KEY_VARIABLE) == "sk_car_1"


@pytest.mark.parametrize("text", [None, "", " ", "\n", "\r\n\t", "\ufeff"])
def test_nothing_is_no_key(text: str | None):
    assert read_key({} if text is None else {KEY_VARIABLE: text}, KEY_VARIABLE) is None


@pytest.mark.parametrize(
    "wrong", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "–", "é", "\u200b", "\u2028", "\udcff", "😀"], ids=ascii
)
def test_what_no_header_can_carry_is_refused_without_the_key(wrong: str):
    with pytest.raises(InputError) as caught:
        read_key({KEY_VARIABLE: f"sk_car_{wrong}hush"}, KEY_VARIABLE)
    assert KEY_VARIABLE in str(caught.value)
    assert "character 8 of 12" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        '"sk_car_1=="', "'sk_car_1=='", "“sk_car_1==”", "Bearer sk_car_1==", "bearer  sk_car_1==", "sk_car_1==;",
        "CARTESIA_API_KEY=sk_car_1==", 'export CARTESIA_API_KEY="sk_car_1==";', "'Authorization: Bearer sk_car_1=='",
        "X-API-Key: sk_car_1==", "$env:CARTESIA_API_KEY = 'sk_car_1=='", '"api_key": "sk_car_1==",', "token sk_car_1==",
        'CARTESIA_API_KEY="sk_car_1==',
    ],
)  # fmt: skip
def test_what_stands_around_a_key_in_a_script_or_a_header_is_no_part_of_it(text: str):
    assert read_key({KEY_VARIABLE: text}, KEY_VARIABLE) == "sk_car_1=="


@pytest.mark.parametrize("key", ["sk_key=", "token", "sk+a/b==", "ab;cd", "key-1", "Bearer_1", "a'b"])
def test_a_key_that_only_looks_wrapped_is_taken_whole(key: str):
    assert read_key({KEY_VARIABLE: key}, KEY_VARIABLE) == key


def test_a_key_with_a_blank_inside_is_refused():
    with pytest.raises(InputError, match="SERVER_KEY is malformed: its character 4 of 7 is a space"):
        read_key({"SERVER_KEY": "sk_ car"}, "SERVER_KEY")


def test_the_longest_part_of_a_key_may_be_the_key_itself():
    assert set(secrets_in("my:sk_car_1234567")) == {"my:sk_car_1234567", "sk_car_1234567"}
    assert set(secrets_in("sk_car_1234567")) == {"sk_car_1234567"}
    assert set(secrets_in("sk==")) == {"sk==", "sk"}


def test_so_may_what_is_left_without_the_text_around_it():
    assert set(secrets_in(" Bearer sk_car_1234567\n")) == {"Bearer sk_car_1234567", "sk_car_1234567"}
