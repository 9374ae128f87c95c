"""`stt-monitor services`: list the services, with keys, settings and metrics."""

import os
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

import msgspec

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.dialect import Dialect
from stt_monitor.core.errors import InputError
from stt_monitor.core.key import read_key
from stt_monitor.core.metrics.support import SERVICE_METRICS, Support, support
from stt_monitor.core.settings.requested import Order, Setting, Settings, TurnSettings, number_text, order_text
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.system.streams import write_lines

_LABEL: Final = 11
_CHANGES: Final = {
    "acknowledged": "at once, acknowledged",
    "silent": "at once, without an answer",
    "reconnect": "at once, over another connection",
}
_WIDTH: Final = 100
"""Characters of a line."""


class SettingInfo(msgspec.Struct, frozen=True):
    """A setting of a service."""

    name: str
    low: float
    high: float
    default: float | None
    """None where it has none: see `unset`."""
    unset: str
    """What it is unless it is set, where it has no published default: `off`, or `unknown`."""
    unit: str
    larger: str
    """What a larger value does."""
    meaning: str
    words: tuple[str, ...]
    """What its values are called, from 0 on; empty for a number."""


class ModelInfo(msgspec.Struct, frozen=True):
    """What a model takes and allows to measure."""

    model: str
    starts: str
    """What makes it start a turn, in words."""
    settings: tuple[SettingInfo, ...]
    orders: tuple[Order, ...]
    """Rules about two settings each."""
    metrics: dict[str, str]
    """`measured`, `derived` or `n/a`, with default settings."""
    metrics_with: dict[str, dict[str, str]]
    """By setting: those that it makes available."""


class ServiceInfo(msgspec.Struct, frozen=True, tag_field="kind", tag="service"):
    """A service: a line of `--json`."""

    name: str
    title: str
    default: bool
    """Whether it is the default."""
    key_variable: str
    key_set: bool
    key_problem: str
    """Why the key cannot be used; empty if it can, or is not set."""
    model: str
    """The default model."""
    address: str
    local: bool
    """Whether the local server speaks its protocol."""
    tried_live: bool
    changes: str
    """How settings change in a running session: `acknowledged`, `silent`, or by `reconnect`."""
    starts: str
    """What makes it start a turn, in words."""
    settings: tuple[SettingInfo, ...]
    orders: tuple[Order, ...]
    """Rules about two settings each."""
    options: tuple[str, ...]
    """Its own options for lists of words."""
    metrics: dict[str, str]
    """`measured`, `derived` or `n/a`, with default settings."""
    metrics_with: dict[str, dict[str, str]]
    """By setting: those that it makes available."""
    other_models: tuple[ModelInfo, ...]
    """Models that take other settings than the default one: one of each kind."""


def list_services(arguments: Sequence[str]) -> int:
    """Print all services; return an exit code."""
    options = list_services_parser().parse_args(arguments)
    found = [describe(service) for service in registry.services()]
    if options.json:
        write_lines(msgspec.json.encode(each).decode() for each in found)
    else:
        write_lines(line for each in found for line in _lines(each))
    return 0


def list_services_parser() -> Parser:
    """Return the parser of `stt-monitor services`."""
    parser = Parser(
        prog="stt-monitor services", description="List services: keys, settings, metrics.", allow_abbrev=False
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, one per service")
    return parser


def describe(service: Service) -> ServiceInfo:
    """Describe a service in this environment. Its key is not part of it."""
    problem = ""
    try:
        key_set = read_key(os.environ, service.key_variable) is not None
    except InputError as error:
        key_set, problem = True, str(error)
    usual = _model(service, service.model)
    return ServiceInfo(
        name=service.name,
        title=service.title,
        default=service.name == registry.NAMES[0],
        key_variable=service.key_variable,
        key_set=key_set,
        key_problem=problem,
        model=service.model,
        address=service.url + service.path,
        local=service.has_server_side,
        tried_live=service.tried_live,
        changes=_changes(service),
        starts=usual.starts,
        settings=usual.settings,
        orders=usual.orders,
        options=tuple(each.option for each in service.lists),
        metrics=usual.metrics,
        metrics_with=usual.metrics_with,
        other_models=tuple(_model(service, model) for model in service.other_models),
    )


def _changes(service: Service) -> str:
    if service.configure is None:
        return "reconnect"
    return "acknowledged" if service.dialect(Settings(service.model)).acknowledges else "silent"


def _model(service: Service, model: str) -> ModelInfo:
    schema = service.schema_of(model)
    dialect = service.dialect(Settings(model))
    usual = _metrics(dialect, Settings(model))
    each_set = {
        each.name: Settings(model, turn=TurnSettings({each.name: each.high if each.words else each.low}))
        for each in schema.settings
    }
    by_setting = {
        name: dict(_metrics(service.dialect(asked), asked).items() - usual.items()) for name, asked in each_set.items()
    }
    gained = {name: metrics for name, metrics in by_setting.items() if metrics}
    return ModelInfo(model, dialect.onset.value, tuple(map(_setting, schema.settings)), schema.orders, usual, gained)


def _setting(each: Setting) -> SettingInfo:
    return SettingInfo(
        each.name, each.low, each.high, each.default, each.unset, each.unit, each.larger, each.meaning, each.words
    )


def _metrics(dialect: Dialect, settings: Settings) -> dict[str, str]:
    return {metric.key: support(metric, dialect, settings.turn).value for metric in SERVICE_METRICS}


def _lines(each: ServiceInfo) -> Iterator[str]:
    yield f"{each.name}: {each.title}{' (the default)' if each.default else ''}"
    yield from _row("key", [f"{each.key_variable} is {'set' if each.key_set else 'not set'}", each.key_problem])
    yield from _row("model", [each.model])
    yield from _row("address", [each.address])
    yield from _row("local", [f"the local server {'speaks' if each.local else 'does not speak'} its protocol"])
    yield from _row("live", [f"{'' if each.tried_live else 'not '}tried against the live service"])
    yield from _row("options", [", ".join(("--model", *each.options))])
    yield from _row("changes", [f"of settings in a running session: {_CHANGES[each.changes]}"])
    yield from _model_lines(each)
    for other in each.other_models:
        yield f"  with --model {other.model}"
        yield from _model_lines(other)
    yield ""


def _model_lines(each: ServiceInfo | ModelInfo) -> Iterator[str]:
    yield from _row("turns", [f"it {each.starts}"])
    yield from _row("settings", map(_setting_line, each.settings))
    yield from _row("order", [order_text(each.orders)])
    for kind in Support:
        yield from _row(kind.value, [", ".join(name for name, how in each.metrics.items() if how == kind.value)])
    for name, gained in each.metrics_with.items():
        yield from _row("", [f"with {name}: {', '.join(name for name in each.metrics if name in gained)}"])


def _setting_line(each: SettingInfo) -> str:
    if each.words:
        default = "" if each.default is None else f", default {each.words[int(each.default)]}"
        return f"{each.name:<21} {' or '.join(each.words)}{default}"
    unit = f" {each.unit}" if each.unit else ""
    default = f"default {each.unset if each.default is None else number_text(each.default) + unit}"
    reach = f"{number_text(each.low)} to {number_text(each.high)}{unit}"
    return f"{each.name:<21} {reach}, {default}; larger {each.larger}"


def _row(label: str, values: Iterable[str]) -> Iterator[str]:
    """Yield a line for each value, the first one with the label."""
    for number, value in enumerate([value for value in values if value] or [NO_VALUE]):
        first = f"  {'' if number else label:<{_LABEL}}"
        yield from wrap(value, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first))
