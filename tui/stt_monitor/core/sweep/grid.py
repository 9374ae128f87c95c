"""Cells of a sweep: which settings, over which recordings, how often. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import OFF, Schema, Setting, TurnSettings
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.core.text.wording import plural

MOST_VALUES: Final = 200
"""Values of one setting."""
MOST_SETTINGS: Final = 10_000
"""Combinations of a sweep."""

_FORM: Final = "give --set NAME=FROM..TO/STEP or --set NAME=A,B,C"


class Axis(msgspec.Struct, frozen=True):
    """A setting that varies, and its values in the order given; None: not sent, so that it is off or the default."""

    name: str
    values: tuple[float | None, ...]


class Grid(msgspec.Struct, frozen=True):
    """Settings to measure."""

    settings: tuple[TurnSettings, ...]
    """Those that the service takes; the first axis varies slowest."""
    refused: tuple[TurnSettings, ...] = ()
    """Combinations that it would refuse: left out."""
    reason: str = ""
    """Why it would refuse the first of them, in a sentence."""


class Cell(msgspec.Struct, frozen=True):
    """One session of a sweep."""

    settings: TurnSettings
    recording: str
    """Path or name of the recording, as the user gave it."""
    arm: str = ""
    """How its sound is degraded, in the words of `--degrade`; empty for the clean sound."""
    repetition: int = 1
    """Counted from 1."""


def parse_axes(texts: Iterable[str], schema: Schema) -> tuple[Axis, ...]:
    """Read the values of `--set`, each of a setting of its own.

    Raises:
        InputError: one cannot be read, is unknown or out of range, or names a setting again.
    """
    axes: dict[str, Axis] = {}
    for text in texts:
        axis = parse_axis(text, schema)
        if axis.name in axes:
            raise InputError(f"--set {axis.name} is given twice: list all its values in one, {axis.name}=A,B")
        axes[axis.name] = axis
    return tuple(axes.values())


def parse_axis(text: str, schema: Schema) -> Axis:
    """Read `NAME=FROM..TO/STEP`, `NAME=A,B,C`, or a mixture; without a step it is the one that makes a difference.

    Raises:
        InputError: it is not of that form, or the service has no such setting or value.
    """
    name, separator, values = (part.strip() for part in text.partition("="))
    if not name or not separator or not values:
        raise InputError(f"--set {text}: {_FORM}")
    if name not in schema.names:
        hint = did_you_mean(name, schema.names)
        raise InputError(f"--set: no setting is called {name}{hint} (--set takes {', '.join(schema.names)})")
    setting = schema[name]
    found: dict[float | None, None] = {}
    for part in values.split(","):
        found |= dict.fromkeys(_values(setting, part.strip()))
        if len(found) > MOST_VALUES:
            raise InputError(f"--set {name} has over {MOST_VALUES} values: take a larger step")
    for value in found:
        if value is not None and (problem := schema.range_problem(name, value)):
            raise InputError(f"--set {name}: {setting.text(value)} is out of range: {problem}")
    return Axis(name, tuple(found))


def grid(axes: Sequence[Axis], schema: Schema, problem: Callable[[TurnSettings], str]) -> Grid:
    """Combine the values of all axes.

    Args:
        axes: the settings that vary; without any the service's defaults are the only settings.
        schema: of the service.
        problem: says why the service would refuse settings, in a sentence; empty if it would not.

    Raises:
        InputError: there are too many combinations, or the service would refuse all of them.
    """
    size = 1
    for axis in axes:
        size *= len(axis.values)
    if size > MOST_SETTINGS:
        raise InputError(f"--set makes {size} combinations, {MOST_SETTINGS} are the most: take larger steps")
    names = [axis.name for axis in axes]
    taken: list[TurnSettings] = []
    refused: list[TurnSettings] = []
    reason = ""
    for values in product(*(axis.values for axis in axes)):
        settings = schema.ordered(dict(zip(names, values, strict=True)))
        found = problem(settings)
        reason = reason or found
        (refused if found else taken).append(settings)
    if not taken:
        all_of_them = "these settings" if len(refused) == 1 else f"all {len(refused)} combinations of --set"
        raise InputError(f"the service would refuse {all_of_them}: {reason}")
    return Grid(tuple(taken), tuple(refused), reason)


def cells(
    settings: Sequence[TurnSettings], recordings: Sequence[str], arms: Sequence[str] = ("",), repetitions: int = 1
) -> tuple[Cell, ...]:
    """Return all cells in the order to run them: settings vary fastest, so that all soon have the same turns."""
    return tuple(
        Cell(each, recording, arm, repetition)
        for repetition in range(1, repetitions + 1)
        for recording in recordings
        for arm in arms
        for each in settings
    )


def left_out(grid: Grid) -> str:
    """Say what is left out of a grid and why, in a sentence; empty if nothing is."""
    if not grid.refused:
        return ""
    return f"left out {plural(len(grid.refused), 'combination')} that the service would refuse: {grid.reason}"


def in_common(settings: Iterable[TurnSettings]) -> TurnSettings:
    """Return what all settings have; nothing where there is only one."""
    found = list(dict.fromkeys(settings))
    if len(found) < 2:  # noqa: PLR2004  one has nothing in common with others
        return TurnSettings()
    return TurnSettings(
        {name: value for name, value in found[0].items() if all(each.get(name) == value for each in found)}
    )


def settings_text(schema: Schema, settings: TurnSettings, but: TurnSettings = TurnSettings()) -> str:  # noqa: B008  it is immutable
    """Name settings briefly: `end 0.3, eager end 0.5`.

    Args:
        schema: of the service.
        settings: without any they are the service's defaults.
        but: what need not be said, because all of a sweep have it.
    """
    own = {name: value for name, value in schema.ordered(settings).items() if but.get(name) != value} or settings
    return ", ".join(f"{schema[name].label} {schema[name].text(value)}" for name, value in own.items()) or "defaults"


def settings_options(schema: Schema, settings: TurnSettings) -> str:
    """Return the options of a command line that ask for settings; empty for the service's defaults."""
    return " ".join(f"--set {name}={schema[name].text(value)}" for name, value in schema.ordered(settings).items())


def _values(setting: Setting, text: str) -> Iterator[float | None]:
    """Yield the values of one part: a range, a value, or `off` where a setting is off unless it is set."""
    low, dots, rest = text.partition("..")
    if dots and not setting.words:
        yield from _range(setting, text, low, rest)
    elif text == OFF and setting.default is None and setting.unset == OFF:
        yield None
    elif setting.words:
        if text not in setting.words:
            hint = did_you_mean(text, setting.words)
            raise InputError(f"--set {setting.name}: {text!r} is none of {', '.join(setting.words)}{hint}")
        yield setting.value(text)
    else:
        yield float(_number(setting, text))


def _range(setting: Setting, text: str, low: str, rest: str) -> Iterator[float]:
    """Yield the values of FROM..TO/STEP, exactly: steps of 0.1 are no sums of binary fractions."""
    high, slash, step = rest.partition("/")
    first, last = _number(setting, low), _number(setting, high)
    width = _number(setting, step) if slash else Decimal(str(setting.step))
    if width <= 0:
        raise InputError(f"--set {setting.name}={text}: the step must be greater than 0")
    if last < first:
        raise InputError(f"--set {setting.name}={text} goes down: write {high.strip()}..{low.strip()}")
    if (last - first) / width >= MOST_VALUES:
        raise InputError(f"--set {setting.name}={text} has over {MOST_VALUES} values: take a larger step")
    value = first
    while value <= last:
        yield float(value)
        value += width


def _number(setting: Setting, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) > Decimal(10) ** 9:
        raise InputError(f"--set {setting.name}: {text.strip()!r} is not a number ({_FORM})")
    return number
