"""Options that choose a service and what to ask of it (architecture.md 4)."""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import Any, Final

from stt_monitor.cli.options.own_values import own_value
from stt_monitor.core.errors import InputError
from stt_monitor.core.key import Keys, read_keys, secrets_in
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService, VendorService
from stt_monitor.core.settings.requested import OFF, Schema, Settings, TurnSettings
from stt_monitor.core.text.sanitize import legible
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.services import registry
from stt_monitor.services.base import ListOption, Service

_ANY_URL: Final = r"(?:\b[a-z]+:)?//\S+"
_SURELY_A_KEY: Final = 12
"""Characters; a shorter one may be a word, such as `local`."""

_ONE_SERVICE: Final = "this command is about one service: give --service once"


def add_service_choice(group: argparse._ActionsContainer, *, several: bool = True) -> None:
    """Add `--service`, for one or for `several`."""
    more = "several: the same audio to all of them at once; " if several else ""
    keys = (f"{each.name} (key: {each.key_variable})" for each in registry.services())
    group.add_argument(
        "--service",
        type=_name,
        action="append",
        default=[],
        metavar="NAME",
        help=f"{', '.join(keys)} (default: {registry.NAMES[0]}); {more}stt-monitor services lists their settings",
    )


def add_model(group: argparse._ActionsContainer, *, several: bool = True) -> None:
    """Add `--model` and lists of words, of one service or of `several`."""
    group.add_argument(
        "--model",
        type=_model,
        action="append",
        default=[],
        metavar="M",
        help="default: the service's" + "; with several services NAME=M" * several,
    )
    for asked in list_options():
        group.add_argument(
            asked.option,
            type=utf8_text,
            dest=asked.field,
            action="append",
            default=[],
            metavar=asked.metavar,
            help=asked.help,
        )


def add_settings(group: argparse._ActionsContainer) -> None:
    """Add what `add_model` does, `--set`, and options named after the settings of the default service."""
    add_model(group)
    group.add_argument(
        "--set",
        dest="assignments",
        type=_assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the service; repeatable; unset ones keep the server's defaults; with several services that "
        "have it SERVICE.NAME=VALUE",
    )
    for each in registry.service().schema.settings:
        group.add_argument(_option(each.name), type=utf8_text, metavar="X", help=f"{each.meaning} (server default)")


def add_address(group: argparse._ActionsContainer, *, url: str, local: str) -> None:
    """Add `--url` and `--local`; their help is given."""
    group.add_argument("--url", type=utf8_text, action="append", default=[], metavar="URL", help=url)
    group.add_argument("--local", action="store_true", help=local)


def chosen_service(options: argparse.Namespace) -> Service:
    """Return the service of `--service`, or the default one.

    Raises:
        InputError: several are given.
    """
    if len(options.service) > 1:
        raise InputError(_ONE_SERVICE)
    return registry.service(*options.service)


def check_chunk_ms(options: argparse.Namespace, service: Service) -> None:
    """Check the length of frames.

    Raises:
        InputError: the service does not take such frames.
    """
    least, most = service.chunk_ms
    if not least <= options.chunk_ms <= most:
        raise InputError(
            f"--chunk-ms {options.chunk_ms}: {service.title} takes {least} to {most} ms of audio in a frame"
        )


def keys_of(service: Service) -> Keys:
    """Read the keys of the environment: that of a service, and the others, which must not be shown either.

    Raises:
        InputError: the service's key is malformed.
    """
    return read_keys(os.environ, service.key_variable, (each.key_variable for each in registry.services()))


def keys_hidden(text: str) -> str:
    """Take every service's key out of a text, in whatever form: people do mistake an argument for the place for it."""
    from stt_monitor.transport.redact import Redactor  # only needed after a mistake

    variables = {each.key_variable for each in registry.services()}
    return Redactor(part for variable in variables for part in secrets_in(os.environ.get(variable, "")))(text)


def _holds_key(text: str) -> bool:
    """Return whether a whole key stands in a text that would be sent, shown and saved."""
    secrets = (part for each in registry.services() for part in secrets_in(os.environ.get(each.key_variable, "")))
    return any(len(secret) >= _SURELY_A_KEY and secret in text for secret in secrets)


def without_secrets(text: str) -> str:
    """Take keys, and logins and queries of URLs, out of a text about a command line."""
    return keys_hidden(re.sub(_ANY_URL, lambda url: UrlService(url[0]).shown, text))


def choose_connection(
    options: argparse.Namespace, service: Service, services: Sequence[Service], key: str | None
) -> ServiceChoice:
    """Choose where to connect: `--url`, else the vendor with a key, else the local server (architecture.md 4).

    Args:
        options: as parsed with the options of `add_service_choice` and `add_address`.
        service: the one to connect to.
        services: all of the run.
        key: for the service.

    Raises:
        InputError: a service is asked for by name, and there is no key for it; or `--url` and `--local` contradict
            themselves or each other.
    """
    urls = {each.name: own_value("--url", "URL", options.url, each, services) for each in services}
    if options.local and all(urls.values()):
        raise InputError("--local is not allowed where every service has its --url: leave one out")
    if given := urls[service.name]:
        return UrlService(given)
    if options.local:
        return LocalService()
    if key:
        return VendorService()
    if options.service:
        raise InputError(f"{service.title} needs a key: set {service.key_variable}, or {without_key(service)}")
    return LocalService()


def without_key(service: Service) -> str:
    """Say what to give where there is no key for a service."""
    return "give --local for the local server" if service.has_server_side else "give --url"


def settings_of(options: argparse.Namespace, service: Service, *, local: bool = False) -> Settings:
    """Return the settings to request from the service.

    Args:
        options: as parsed with the options of `add_settings`, then split by service (`chosen_services`).
        service: the chosen one.
        local: whether it is the local server, whose defaults are known.

    Raises:
        InputError: the service would reject them, or has no such setting.
    """
    lists: dict[str, Any] = {each.field: tuple(getattr(options, each.field)) for each in service.lists}
    for option, words in [("--model", (options.model,)), *((each.option, lists[each.field]) for each in service.lists)]:
        if any(_holds_key(word) for word in words if word):
            raise InputError(f"{option} holds a key: leave it out; keys are read from the environment alone")
    for other in list_options():
        if other.field not in lists and getattr(options, other.field):
            taken = ", ".join(each.option for each in service.lists)
            raise InputError(f"{service.title} has no {other.option}: leave it out{taken and f', or give {taken}'}")
    settings = Settings(options.model or service.model, turn=_turn_settings(options, service), **lists)
    if problem := service.problem(settings, local):
        raise InputError(problem)
    return settings


def _turn_settings(options: argparse.Namespace, service: Service) -> TurnSettings:
    """Return the settings given by name and by `--set`, checked one by one."""
    values: dict[str, float] = {}
    model = options.model or service.model
    schema = service.schema_of(model)
    for option, name, text in options.assignments:
        if name not in schema.names:
            whose = f"{service.title}'s {model}" if service.other_models else service.title
            raise InputError(f"{option}: {whose} has no setting {name}{_instead(name, service, schema)}")
        if name in values:
            raise InputError(f"{option}: {name} is given twice; leave one out")
        values[name] = _value(schema, option, name, text)
    return schema.ordered(values)


def _instead(name: str, service: Service, schema: Schema) -> str:
    """Say what else a setting may be: one of another model or service, or a slip; and which there are."""
    models = [model for model, other in service.schemas.items() if name in other.names]
    others = [other.title for other in registry.services() if name in (each.name for each in other.all_settings)]
    hint = f"; that is one of {(models or others)[0]}" if models or others else did_you_mean(name, schema.names)
    return f"{hint} (--set takes {', '.join(schema.names)})"


def settings_options(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield option, name and value of each setting that is given."""
    for name in registry.service().schema.names:
        if (value := getattr(options, name)) is not None:
            yield _option(name), name, value
    for name, text in options.assignments:
        yield f"--set {name}", name, text


def list_options() -> tuple[ListOption, ...]:
    """Return the list options of all services, each once."""
    return tuple({each.option: each for service in reversed(registry.services()) for each in service.lists}.values())


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _name(text: str) -> str:
    """Parse the name of a service; the parser itself refuses an empty one."""
    if text and text not in registry.NAMES:
        if len(several := re.findall(r"[\w.-]+", text)) > 1 and any(name in registry.NAMES for name in several):
            forms = " ".join(f"--service {name}" for name in several)
            raise argparse.ArgumentTypeError(f"one name each time: give {forms}")
        known = " or ".join(registry.NAMES)
        raise argparse.ArgumentTypeError(
            f"no service is called {text}{did_you_mean(text, registry.NAMES)} (give {known})"
        )
    return text


def _assignment(text: str) -> tuple[str, str]:
    """Parse `NAME=VALUE`."""
    name, separator, value = (part.strip() for part in utf8_text(text).partition("="))
    if not (all(name.split(".")) and separator and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _value(schema: Schema, option: str, name: str, text: str) -> float:
    """Read a setting, and check its range."""
    setting = schema[name]
    try:
        value = setting.value(text)
    except ValueError:
        value = nan
    if isnan(value):
        if setting.words:
            hint = did_you_mean(text, setting.words)
            raise InputError(f"{option}: {text!r} is none of {', '.join(setting.words)}{hint}")
        how = f": leave {name} out to keep it off" if setting.default is None and setting.unset == OFF else ""
        raise InputError(f"{option}: {text!r} is not a number{how}")
    if problem := schema.range_problem(name, value):
        raise InputError(f"{option}: {text} is out of range: {problem}")
    return value


def _model(text: str) -> str:
    """Parse the name of a model."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return utf8_text(text)


def utf8_text(text: str) -> str:
    """Check an argument that is sent to the service: unlike a file name it must be UTF-8."""
    if legible(text) != text:
        raise argparse.ArgumentTypeError(f"{text} is not UTF-8")
    return text
