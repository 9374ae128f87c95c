"""Values of `--set`, and the cells that they make."""

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sweep.grid import (
    Axis,
    Cell,
    cells,
    grid,
    in_common,
    left_out,
    parse_axes,
    parse_axis,
    settings_options,
    settings_text,
)
from stt_monitor.services.registry import service

SCHEMA = service("cartesia").schema
FLUX = service("flux").schema


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("end_threshold=0.3", (0.3,)),
        ("end_threshold=0.1..0.5/0.1", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("end_threshold = 0.1 .. 0.3 / 0.1", (0.1, 0.2, 0.3)),
        ("end_threshold=0.1..0.45/0.1", (0.1, 0.2, 0.3, 0.4)),
        ("end_threshold=0.2..0.3", (0.2, 0.25, 0.3)),
        ("end_threshold=0.3,0.1,0.3", (0.3, 0.1)),
        ("end_threshold=0.1..0.2/0.1,0.45", (0.1, 0.2, 0.45)),
        ("end_timeout_ms=1e3..3e3/1000", (1000, 2000, 3000)),
    ],
)
def test_the_values_of_a_setting_are_listed_or_go_from_one_to_another(text: str, values: tuple[float, ...]):
    assert parse_axis(text, SCHEMA) == Axis(text.partition("=")[0].strip(), values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("end_threshold", "give --set NAME=FROM..TO/STEP or --set NAME=A,B,C"),
        ("=0.3", "give --set NAME=FROM..TO/STEP"),
        ("end_treshold=0.3", "no setting is called end_treshold; did you mean end_threshold?"),
        ("end_threshold=", "give --set"),
        ("end_threshold=0.3,,0.4", "'' is not a number"),
        ("end_threshold=low", "'low' is not a number"),
        ("end_threshold=nan", "'nan' is not a number"),
        ("end_threshold=0.1..inf/0.1", "'inf' is not a number"),
        ("end_threshold=0.1..0.5/0", "the step must be greater than 0"),
        ("end_threshold=0.5..0.1/0.1", "goes down: write 0.1..0.5"),
        ("end_threshold=0.1..0.5/0.0001", "take a larger step"),
        ("end_threshold=0.1..0.9/0.1", "0.6 is out of range: it must lie from 0.05 to 0.5"),
        ("end_threshold=off", "'off' is not a number"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, words: str):
    with pytest.raises(InputError) as error:
        parse_axis(text, SCHEMA)
    assert words in str(error.value)


def test_a_setting_that_is_off_unless_it_is_set_may_be_off():
    (off,) = (each.name for each in FLUX.settings if each.default is None and each.unset == "off")
    assert parse_axis(f"{off}=off,0.5", FLUX).values == (None, 0.5)


def test_a_setting_has_one_list_of_values():
    with pytest.raises(InputError, match="given twice: list all its values in one"):
        parse_axes(["end_threshold=0.3", "end_threshold=0.4"], SCHEMA)


def test_combinations_that_the_service_would_refuse_are_left_out_and_counted():
    axes = parse_axes(["eager_end_threshold=0.3,0.5", "end_threshold=0.2,0.4"], SCHEMA)
    found = grid(axes, SCHEMA, SCHEMA.problem)
    assert found.settings == (
        TurnSettings(eager_end_threshold=0.3, end_threshold=0.2),
        TurnSettings(eager_end_threshold=0.5, end_threshold=0.2),
        TurnSettings(eager_end_threshold=0.5, end_threshold=0.4),
    )
    assert found.refused == (TurnSettings(eager_end_threshold=0.3, end_threshold=0.4),)
    assert left_out(found) == (
        "left out 1 combination that the service would refuse: "
        "eager end threshold 0.3 must be greater than end threshold 0.4"
    )


def test_without_a_combination_that_the_service_takes_there_is_nothing_to_measure():
    axes = parse_axes(["eager_end_threshold=0.3", "end_threshold=0.3,0.4"], SCHEMA)
    with pytest.raises(InputError, match="refuse all 2 combinations of --set: eager end"):
        grid(axes, SCHEMA, SCHEMA.problem)


def test_too_many_combinations_are_refused_before_they_are_made():
    axes = [Axis(name, tuple(number / 1000 for number in range(200))) for name in SCHEMA.names]
    with pytest.raises(InputError, match="1600000000 combinations"):
        grid(axes, SCHEMA, SCHEMA.problem)


def test_without_settings_the_defaults_are_measured():
    found = grid((), SCHEMA, SCHEMA.problem)
    assert found.settings == (TurnSettings(),)
    assert not left_out(found)


def test_settings_vary_fastest_so_that_all_soon_have_the_same_turns():
    one, other = TurnSettings(end_threshold=0.2), TurnSettings(end_threshold=0.4)
    assert cells((one, other), ("a.wav", "b.wav"), ("", "phone"), 2)[:6] == (
        Cell(one, "a.wav"),
        Cell(other, "a.wav"),
        Cell(one, "a.wav", "phone"),
        Cell(other, "a.wav", "phone"),
        Cell(one, "b.wav"),
        Cell(other, "b.wav"),
    )
    assert len(cells((one, other), ("a.wav", "b.wav"), ("", "phone"), 2)) == 16


def test_settings_are_named_briefly_and_as_options_to_paste():
    settings = TurnSettings(end_threshold=0.3, start_threshold=0.8)
    assert settings_text(SCHEMA, settings) == "start 0.8, end 0.3"
    assert settings_options(SCHEMA, settings) == "--set start_threshold=0.8 --set end_threshold=0.3"
    assert settings_text(SCHEMA, TurnSettings()) == "defaults"


def test_what_all_settings_have_is_said_once():
    hasty, patient = (TurnSettings(start_threshold=0.8, end_threshold=end) for end in (0.4, 0.2))
    fixed = in_common([hasty, patient, hasty])
    assert fixed == TurnSettings(start_threshold=0.8)
    assert settings_text(SCHEMA, hasty, fixed) == "end 0.4"
    assert settings_text(SCHEMA, TurnSettings(start_threshold=0.8), fixed) == "start 0.8"
    assert in_common([hasty, hasty]) == in_common([]) == in_common([hasty, TurnSettings()]) == TurnSettings()
    assert not settings_options(SCHEMA, TurnSettings())
