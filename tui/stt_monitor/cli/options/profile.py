"""Options from `config.toml`, `[defaults]` and `--profile NAME`, behind those of the command line, which win."""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from stt_monitor.cli.options.arguments import Parser, monitor_parser
from stt_monitor.cli.options.config_file import Profile, read_defaults, read_profile
from stt_monitor.cli.options.service_options import keys_hidden
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.services import registry
from stt_monitor.transport.redact import is_credential

_NOT_FOR_PROFILES: Final = frozenset({"help", "version", "profile"})
_A_KEY: Final = re.compile(r"(?<!\w)sk[-_][\w-]{16,}", re.ASCII)
"""How keys of many services look."""
_ALSO_EXCLUSIVE: Final = frozenset({"url", "local"})
"""Beside the parser's groups: what the command line has of them replaces what a profile has."""


def with_config(options: argparse.Namespace, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line, behind them those of its profile, and behind these those of `[defaults]`.

    An option replaces that of what is behind it, and what excludes it; a setting, the one of its name.

    Args:
        options: the command line, parsed.
        arguments: the command line itself.

    Raises:
        InputError: the file cannot be read, or an option in it is none; the message says which file.
    """
    profile = None if options.profile is None else read_profile(options.profile)
    layers = [each for each in (profile, read_defaults()) if each is not None]
    if not layers:
        return options
    given = monitor_parser().parse_given(arguments)
    for layer in layers:
        given = _over(given, _parsed(layer))
    return argparse.Namespace(**vars(options) | given)


def _parsed(profile: Profile) -> dict[str, Any]:
    _refuse_keys(profile)
    parser = monitor_parser()
    parser.place = profile.place
    parsed = parser.parse_given(
        [word for name, value in profile.options.items() for word in _words(parser, profile, name, value)]
    )
    if any(map(_has_login, parsed.get("url", []))):
        raise InputError(f"{profile.place}: url has a login or a key: {_no_keys(profile)}")
    return parsed


def _over(given: dict[str, Any], behind: dict[str, Any]) -> dict[str, Any]:
    """Return options and, where they leave room, those behind them."""
    groups = (*monitor_parser().exclusive, _ALSO_EXCLUSIVE)
    replaced = set(given).union(*(group for group in groups if group & set(given)))
    settings = _setting_names(given)
    both = {name: value for name, value in behind.items() if name not in replaced and not _is_one_of(name, settings)}
    own = [each for each in behind.get("assignments", []) if not _is_one_of(each[0], settings)]
    assignments = own + given.get("assignments", [])
    return both | given | ({"assignments": assignments} if assignments else {})


def _words(parser: Parser, profile: Profile, name: str, value: object) -> Iterator[str]:
    """Yield what an option of a profile would be on the command line.

    Of one that is repeatable a list stands for several, and a table for NAME=VALUE each, with a table in it for
    SERVICE.NAME=VALUE.
    """
    place = f"{profile.place}: {name}"
    action = parser.by_option.get(f"--{name}")
    if action is None or action.dest in _NOT_FOR_PROFILES:
        if is_credential(name, lambda _: False):
            raise InputError(f"{place}: {_no_keys(profile, name)}")
        known = {option.removeprefix("--") for option in parser.by_option} - _NOT_FOR_PROFILES
        raise InputError(f"{place}: there is no such option{did_you_mean(name, known)}")
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise InputError(f"{place} is a switch: write true or false")
        yield from [f"--{name}"] * value
    elif parser.is_repeatable(action) and isinstance(value, list | dict):
        yield from (f"--{name}={text}" for text in _items(place, value))
    else:
        yield f"--{name}={_text(place, value)}"


def _items(place: str, value: list[Any] | dict[str, Any], before: str = "") -> Iterator[str]:
    if isinstance(value, list):
        yield from (_text(place, each) for each in value)
        return
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _items(place, each, f"{before}{name}.")
        else:
            yield f"{before}{name}={_text(place, each)}"


def _text(place: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{place} takes a text or a number, not {_kind(value)}")
    if "\0" in (text := str(value)):
        raise InputError(f"{place} has a NUL character, which no option can have")
    return text


def _kind(value: object) -> str:
    """Name a type of TOML's."""
    match value:
        case bool():
            return "true or false"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _refuse_keys(profile: Profile) -> None:
    """Refuse an API key anywhere in the file; first of all, because other messages quote the faulty text."""
    if _A_KEY.search(text := repr(profile.options)) or keys_hidden(text) != text:
        raise InputError(f"{profile.place}: {_no_keys(profile)}")


def _has_login(url: str) -> bool:
    bare, _, query = url.partition("#")[0].partition("?")
    names = (name for name, _ in parse_qsl(query, keep_blank_values=True))
    is_public = [each.is_public for each in registry.services()]
    secret = any(is_credential(name, lambda name: any(each(name) for each in is_public)) for name in names)
    return secret or UrlService(bare).shown != bare


def _no_keys(profile: Profile, name: str = "") -> str:
    """Say where a key belongs: in the variable that an option is called like, else in those of its services."""
    asked = profile.options.get("service", [])
    services = [each for each in registry.services() if each.name in asked] or [registry.service()]
    named = [each for each in registry.services() if each.key_variable == name.upper().replace("-", "_")]
    variables = " or ".join(each.key_variable for each in named or services)
    return f"keys are never read from a file: set {variables} in the environment"


def _setting_names(given: Mapping[str, Any]) -> set[str]:
    """Return the settings that the command line has, as `--set` would name them."""
    return {name for name, _ in given.get("assignments", [])} | (given.keys() & set(registry.service().schema.names))


def _is_one_of(setting: str, names: set[str]) -> bool:
    """Return whether a setting, which may have a service's name before it, may be one of others."""
    service, _, name = setting.rpartition(".")
    return any(
        name == other and (not service or not other_service or service == other_service)
        for other_service, _, other in (each.rpartition(".") for each in names)
    )
