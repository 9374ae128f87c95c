"""Settings requested from a service. Unset ones are not sent: the server's defaults apply (architecture.md 4)."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

OFF: Final = "off"
"""How the value of a setting that is switched off is shown."""


class TurnSettings(dict[str, float]):
    """Those turn-detection settings that are set, by the names of the service's schema. Immutable and hashable."""

    def __init__(self, values: Mapping[str, float | None] | None = None, /, **more: float | None) -> None:
        """Take the values; None means not set."""
        given = {**(values or {}), **more}
        super().__init__({name: value for name, value in given.items() if value is not None})

    def __hash__(self) -> int:  # type: ignore[override]  # dictionaries have none
        """Hash by content, in any order."""
        return hash(frozenset(self.items()))


def decode_hook(kind: type, found: Any) -> TurnSettings:  # noqa: ANN401 - the signature of msgspec's `dec_hook`
    """Decode turn settings in entries and records."""
    if kind is not TurnSettings:
        raise NotImplementedError(kind)
    return TurnSettings(msgspec.convert(found, dict[str, float | None]))


class Setting(msgspec.Struct, frozen=True):
    """A setting of a service: a number, or a choice among words, which are numbered."""

    name: str
    low: float
    high: float
    default: float | None
    """The published default; None where the setting is off unless it is set, or the default is not known."""
    label: str
    """Short name of one or two words; the first one will do."""
    meaning: str
    hint: str
    """The effect of a smaller and of a larger value."""
    larger: str
    """What a larger value does, in two words: `ends later`."""
    step: float
    """A noticeable change."""
    fine: float
    """A small change."""
    unit: str = ""
    leads_to: str = ""
    """State of a turn once its likelihood crosses this threshold; empty for other settings."""
    confidence_of_end: bool = False
    """Whether it is compared with the confidence that the turn has ended, one minus the likelihood."""
    words: tuple[str, ...] = ()
    """What its values are called, from 0 on; empty for a number."""
    unset: str = OFF
    """What it is unless it is set, where it has no published default."""
    live: bool = True
    """Whether it can be changed on an open connection, if the service takes changes there at all."""

    @property
    def word(self) -> str:
        """The label in one word."""
        return self.label.partition(" ")[0]

    def text(self, value: float) -> str:
        """Format a value exactly."""
        return self.words[int(value)] if self.has_word(value) else number_text(value)

    def value(self, text: str) -> float:
        """Read a value: a number, or one of its words.

        Raises:
            ValueError: it is neither.
        """
        return float(self.words.index(text)) if text in self.words else float(text)

    def has_word(self, value: float) -> bool:
        """Return whether there is a word for a value."""
        return value in range(len(self.words))

    def likelihood(self, value: float) -> float:
        """Return the likelihood of being inside a turn at which this threshold is crossed."""
        return 1 - value if self.confidence_of_end else value


class Order(msgspec.Struct, frozen=True):
    """A rule about two settings."""

    upper: str
    """It must be greater,"""
    lower: str
    """than this."""
    ties: bool = False
    """Whether they may also be equal."""

    @property
    def sign(self) -> str:
        """The relation, as a sign."""
        return "≥" if self.ties else ">"


class Schema(msgspec.Struct, frozen=True):
    """The turn settings of a service, in the order for display and for sending."""

    settings: tuple[Setting, ...]
    orders: tuple[Order, ...] = ()
    """Rules that the service checks; those of a chain from its top to its bottom."""
    end_timeout: str = ""
    """The setting for the longest silence before a turn ends, milliseconds; empty without one."""
    min_silence: str = ""
    """The setting before whose milliseconds of silence no turn ends, whatever the likelihood; empty without one."""

    def threshold(self, state: str) -> Setting | None:
        """Return the threshold of the likelihood that leads to a state of a turn; None without one."""
        return next((each for each in self.settings if each.leads_to == state), None)

    def __getitem__(self, name: str) -> Setting:
        """Return a setting by name.

        Raises:
            KeyError: no such setting.
        """
        for each in self.settings:
            if each.name == name:
                return each
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the settings."""
        return tuple(each.name for each in self.settings)

    def ordered(self, values: Mapping[str, float | None]) -> TurnSettings:
        """Return settings in the order of the schema, as in URLs and records; unknown ones come last."""
        return TurnSettings({name: values.get(name) for name in self.names} | dict(values))

    def completed(self, values: TurnSettings) -> TurnSettings:
        """Return settings completed by the published defaults; those that are off stay out."""
        return TurnSettings({each.name: each.default for each in self.settings} | values)

    def range_problem(self, name: str, value: float) -> str:
        """Return the range that a value violates, in words; empty if it does not."""
        setting = self[name]
        if setting.words:
            return "" if setting.has_word(value) else f"it must be {' or '.join(setting.words)}"
        return "" if setting.low <= value <= setting.high else f"it must lie from {setting.low:g} to {setting.high:g}"

    def rules(self, known: Container[str]) -> Iterator[Order]:
        """Yield the rules about known settings, and those that follow where the one between two others is not known."""
        waiting = [rule for rule in reversed(self.orders) if rule.upper in known]
        while waiting:
            rule = waiting.pop()
            if rule.lower in known:
                yield rule
            else:
                below = (each for each in self.orders if each.upper == rule.lower)
                waiting += [Order(rule.upper, each.lower, rule.ties and each.ties) for each in below]

    def problem(self, values: TurnSettings, *, with_defaults: bool = True) -> str:
        """Return why the service would reject settings, in a sentence; empty if it would not.

        Args:
            values: the settings.
            with_defaults: whether unset ones are known to have the published defaults: the order is checked after
                defaults are filled in, and a service may have others.
        """
        for name, value in values.items():
            if problem := self.range_problem(name, value):
                return f"{_words(name)} is {number_text(value)}: {problem}"
        settings = self.completed(values) if with_defaults else values
        for rule in self.rules(settings):
            upper, lower = settings[rule.upper], settings[rule.lower]
            if upper > lower or (upper == lower and rule.ties):
                continue
            below, above = (
                f"{_words(name)} {number_text(settings[name])}{'' if name in values else ' (the default)'}"
                for name in (rule.upper, rule.lower)
            )
            return f"{below} must {'not be less' if rule.ties else 'be greater'} than {above}"
        return ""

    def end_timeout_s(self, values: TurnSettings) -> float | None:
        """Return the silence that ends a turn in any case, seconds, by the setting or the published default.

        None where the service has no such timeout, or it is off.
        """
        milliseconds = self.completed(values).get(self.end_timeout)
        return None if milliseconds is None else milliseconds / 1000


def order_text(orders: Iterable[Order], word: Callable[[str], str] = str) -> str:
    """Return rules in one line, such as `start > end`; `word` says how a setting is called there."""
    parts: list[str] = []
    end = ""
    for rule in orders:
        if rule.upper == end:
            parts[-1] += f" {rule.sign} {word(rule.lower)}"
        else:
            parts.append(f"{word(rule.upper)} {rule.sign} {word(rule.lower)}")
        end = rule.lower
    return ", ".join(parts)


def number_text(value: float) -> str:
    """Format a number exactly; a whole one without a decimal point."""
    return str(value).removesuffix(".0")


def _words(name: str) -> str:
    return name.replace("_", " ")


class Settings(msgspec.Struct, frozen=True):
    """Model, key terms (protocol.md 12), turn settings and language hints (protocol.md 13)."""

    model: str = ""
    """Model requested; empty: the service's default."""
    keyterms: tuple[str, ...] = ()
    """Words and phrases to expect."""
    turn: TurnSettings = TurnSettings()
    """Turn detection; settings left out are the service's defaults."""
    language_hints: tuple[str, ...] = ()
    """Languages to expect."""
