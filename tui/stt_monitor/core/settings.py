"""What a session asks of a service. What is not set is not sent: the server's default holds (architecture.md 4)."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec


class TurnSettings(dict[str, float]):
    """The settings that decide when turns begin and end, those that are set; a service's schema names them."""

    # A value: it is never changed, and has a hash.

    def __init__(self, values: Mapping[str, float | None] | None = None, /, **more: float | None) -> None:
        """Take the values; None stands for one that is not set."""
        given = {**(values or {}), **more}
        super().__init__({name: value for name, value in given.items() if value is not None})

    def __hash__(self) -> int:  # type: ignore[override]  # dictionaries have none
        """Equal settings have equal hashes, in whatever order they were given."""
        return hash(frozenset(self.items()))


def decode_hook(kind: type, found: Any) -> TurnSettings:  # noqa: ANN401 - the signature of msgspec's `dec_hook`
    """Read turn settings back: for whatever decodes entries and records."""
    if kind is not TurnSettings:
        raise NotImplementedError(kind)
    return TurnSettings(msgspec.convert(found, dict[str, float | None]))


class Setting(msgspec.Struct, frozen=True):
    """A number that a service can be asked for."""

    name: str
    low: float
    high: float
    default: float
    """As published."""
    label: str
    """What it is called where room is short: one word or two, the first of which does alone."""
    meaning: str
    hint: str
    """What less or more of it does."""
    step: float
    """A change that is felt."""
    fine: float
    """A small one."""
    unit: str = ""
    leads_to: str = ""
    """The state that a turn goes into when the likelihood of being in one crosses it; empty where it is no such."""

    @property
    def word(self) -> str:
        """The label in one word."""
        return self.label.partition(" ")[0]


class Schema(msgspec.Struct, frozen=True):
    """The turn settings of a service, in the order in which they are shown and sent."""

    settings: tuple[Setting, ...]
    descending: tuple[str, ...] = ()
    """Each of these must be greater than the next."""
    end_timeout: str = ""
    """The one that ends a turn so many milliseconds after speech, whatever else; empty where there is none."""

    def __getitem__(self, name: str) -> Setting:
        """Return one of them.

        Raises:
            KeyError: there is none of that name.
        """
        for each in self.settings:
            if each.name == name:
                return each
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(each.name for each in self.settings)

    def ordered(self, values: Mapping[str, float | None]) -> TurnSettings:
        """Return settings in the order of the schema, which is that of URLs and records; unknown ones come last."""
        return TurnSettings({name: values.get(name) for name in self.names} | dict(values))

    def completed(self, values: TurnSettings) -> TurnSettings:
        """Return settings with the published defaults in the place of what is not set."""
        return TurnSettings({each.name: each.default for each in self.settings} | values)

    def range_problem(self, name: str, value: float) -> str:
        """Say where a setting must lie; empty when it does."""
        setting = self[name]
        return "" if setting.low <= value <= setting.high else f"it must lie from {setting.low:g} to {setting.high:g}"

    def problem(self, values: TurnSettings, *, with_defaults: bool = True) -> str:
        """Say in one sentence why the service would refuse settings; empty when it would not.

        Args:
            values: the settings.
            with_defaults: whether what is not set is known to have the published default: the order is that of the
                settings after defaults are filled in, and a service may have others.
        """
        for name, value in values.items():
            if problem := self.range_problem(name, value):
                return f"{_words(name)} is {written(value)}: {problem}"
        settings = self.completed(values) if with_defaults else values
        for upper, lower in pairwise(name for name in self.descending if name in settings):
            if not settings[upper] > settings[lower]:
                below, above = (
                    f"{_words(name)} {written(settings[name])}{'' if name in values else ' (the default)'}"
                    for name in (upper, lower)
                )
                return f"{below} must be greater than {above}"
        return ""

    def end_timeout_s(self, values: TurnSettings) -> float | None:
        """Return after how long a silence turns end, seconds, by what is set or else the published default.

        None where the service has no such limit.
        """
        return self.completed(values)[self.end_timeout] / 1000 if self.end_timeout else None


def written(value: float) -> str:
    """Write a setting as it is sent: exactly, and a whole number without a point."""
    return str(value).removesuffix(".0")


def _words(name: str) -> str:
    return name.replace("_", " ")


class Settings(msgspec.Struct, frozen=True):
    """Model, key terms (protocol.md 12), turn settings and language hints (protocol.md 13)."""

    model: str = ""
    """The model that is asked for; empty: the service's default."""
    keyterms: tuple[str, ...] = ()
    """Words and phrases to expect."""
    turn: TurnSettings = TurnSettings()
    """When turns start and end; what is not set is left to the service."""
    language_hints: tuple[str, ...] = ()
    """Languages to expect."""
