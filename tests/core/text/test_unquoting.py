import pytest

from stt_monitor.core.text.unquoting import unquoted


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a.wav", "a.wav"), (" a.wav ", "a.wav"), ("'My talk.wav'", "My talk.wav"), ('"My talk.wav"', "My talk.wav"),
        ('"My talk', "My talk"), (r"My\ talk\ \(1\).wav", "My talk (1).wav"),
        ("file:///tmp/My%20talk.wav", "/tmp/My talk.wav"),
        ("file://localhost/tmp/a.wav", "/tmp/a.wav"), ("", ""), ("'", ""),
        ("it's.wav", "it's.wav"), ("folder/", "folder/"),
    ],
)  # fmt: skip
def test_what_is_put_around_a_path_is_no_part_of_it(typed: str, meant: str):
    assert unquoted(typed) == meant
