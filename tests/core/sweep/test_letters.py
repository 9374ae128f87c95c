"""Letters of settings: one for each place, none twice."""

from stt_monitor.core.sweep.letters import letter


def test_letters_go_on_after_z():
    assert [letter(place) for place in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == [
        "a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa",
    ]  # fmt: skip


def test_no_letter_stands_for_two():
    assert len({letter(place) for place in range(2000)}) == 2000
