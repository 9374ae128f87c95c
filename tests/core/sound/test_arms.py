import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.arms import KINDS, Arm, arm_title, parse_arms


def test_arms_are_read_in_order_and_named_as_they_are_written() -> None:
    arms = parse_arms(["phone", "noise:10", "gain:-6.5", "loss:5"])
    assert arms == (Arm("phone"), Arm("noise", 10), Arm("gain", -6.5), Arm("loss", 5))
    assert [arm.name for arm in arms] == ["phone", "noise:10", "gain:-6.5", "loss:5"]
    assert parse_arms(arm.name for arm in arms) == arms


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("noise:10.0", "noise:10"),
        (" Noise : 10 dB ", "noise:10"),
        ("loss:2.5%", "loss:2.5"),
        ("jitter:40MS", "jitter:40"),
        ("gain:+3", "gain:3"),
        ("gain:-0", "gain:0"),
    ],
)
def test_one_arm_has_one_name_however_it_is_written(text: str, name: str) -> None:
    assert [arm.name for arm in parse_arms([text])] == [name]


def test_an_arm_has_a_title_for_people() -> None:
    assert [arm_title(name) for name in ("phone", "noise:10", "loss:2.5")] == ["phone", "noise 10 dB", "loss 2.5 %"]
    assert arm_title("of another version:3") == "of another version:3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nosie:10", "there is no such arm; did you mean noise?"),
        ("", "there is no such arm"),
        (":10", "there is no such arm"),
        ("phone:8", "phone takes no amount"),
        ("phone:", "phone takes no amount"),
        ("noise", "how much? Give noise:DB, from -20 to 60 dB"),
        ("noise:", "how much? Give noise:DB"),
        ("noise:ten", "give noise:DB, a number from -20 to 60 dB"),
        ("noise:61", "a number from -20 to 60 dB"),
        ("noise:-20.1", "a number from -20 to 60 dB"),
        ("noise:nan", "a number"),
        ("noise:1e1", "a number"),
        ("noise:10%", "a number"),
        ("noise:10:5", "a number"),
        ("noise:\u0661\u0660", "a number"),
        ("loss:51", "give loss:PERCENT, a number from 0 to 50 %"),
        ("loss:-1", "a number from 0 to 50 %"),
        ("jitter:2001", "give jitter:MS, a number from 0 to 2000 ms"),
    ],
)
def test_what_is_no_arm_is_refused_in_a_sentence(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_arms(["phone", text])
    assert str(refused.value).startswith(f"--degrade {text}: ")
    assert message in str(refused.value)


def test_every_kind_takes_the_amounts_that_it_says() -> None:
    for kind in KINDS.values():
        for amount in {kind.low, kind.high} if kind.unit else ():
            assert parse_arms([f"{kind.name}:{amount:g}"]) == (Arm(kind.name, amount),)
