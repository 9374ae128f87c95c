"""The services of a run: to each the options that are meant for it (architecture.md 4)."""

import argparse
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stt_monitor.cli.service_options import (
    check_chunk_ms,
    choose_connection,
    keys_of,
    list_options,
    settings_of,
    settings_options,
)
from stt_monitor.core.errors import InputError
from stt_monitor.core.key import Keys
from stt_monitor.core.session_options import LocalService, ServiceChoice
from stt_monitor.core.settings import Settings
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.services import registry
from stt_monitor.services.base import ListOption, Service


class ChosenService(NamedTuple):
    """A service of a run: what is spoken, where, with which keys, and what is asked of it."""

    speaks: Service
    connection: ServiceChoice
    settings: Settings
    keys: Keys


def choose_services(options: argparse.Namespace) -> tuple[ChosenService, ...]:
    """Choose the services of `--service`, or the default one, with their settings and keys.

    Raises:
        InputError: one is given twice, has no key, or would reject its settings; or an option is meant for none or
            for several of them.
    """
    names = options.service or [registry.NAMES[0]]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InputError(f"--service {twice[0]} is given twice: a service occurs once in a run")
    services = [registry.service(name) for name in names]
    return tuple(_chosen(own, speaks) for own, speaks in zip(_apart(options, services), services, strict=True))


def _chosen(options: argparse.Namespace, speaks: Service) -> ChosenService:
    check_chunk_ms(options, speaks)
    keys = keys_of(speaks)
    connection = choose_connection(options, speaks, keys.own)
    settings = settings_of(options, speaks, local=isinstance(connection, LocalService))
    return ChosenService(speaks, connection, settings, keys)


def _apart(options: argparse.Namespace, services: Sequence[Service]) -> list[argparse.Namespace]:
    """Return the options for each service, as if it were the only one."""
    own = [argparse.Namespace(**vars(options)) for _ in services]
    for each, speaks in zip(own, services, strict=True):
        each.model = _model(options.model, speaks, services)
        each.assignments = []
        for asked in list_options():  # those that none of them has stay, to be refused
            if not _has(speaks, asked) and any(_has(other, asked) for other in services):
                setattr(each, asked.field, [])
    for option, name, text in settings_options(options):
        number, setting = _meant(option, name, services)
        own[number].assignments.append((option, setting, text))
    return own


def _model(given: Sequence[str], service: Service, services: Sequence[Service]) -> str:
    """Return the model for a service; the last one that is given for it."""
    found = ""
    for text in given:
        name, separator, model = text.partition("=")
        if separator and name in registry.NAMES:
            _must_be_chosen("--model", name, services)
            found = model if name == service.name else found
        elif len(services) > 1:
            raise InputError(
                f"--model {text}: of which service? Give {_or(f'{each.name}={text}' for each in services)}"
            )
        else:
            found = text
    return found


def _meant(option: str, name: str, services: Sequence[Service]) -> tuple[int, str]:
    """Return the number of the service that a setting is meant for, and the setting's own name."""
    prefix, separator, setting = name.partition(".")
    if separator:
        _must_be_chosen(option, prefix, services)
        return [each.name for each in services].index(prefix), setting
    having = [number for number, each in enumerate(services) if name in _settings(each)]
    if len(having) > 1:
        titles = " and ".join(services[number].title for number in having)
        forms = _or(f"--set {services[number].name}.{name}=X" for number in having)
        raise InputError(f"{option}: {titles} have it: give {forms}")
    if not having and len(services) > 1:
        known = [setting for each in services for setting in _settings(each)]
        titles = " and ".join(each.title for each in services)
        raise InputError(f"{option}: none of {titles} has a setting {name}{did_you_mean(name, known)}")
    return (having or [0])[0], name


def _must_be_chosen(option: str, name: str, services: Sequence[Service]) -> None:
    names = [each.name for each in services]
    if name in names:
        return
    if name in registry.NAMES:
        raise InputError(f"{option}: {registry.service(name).title} is not in this run: add --service {name}")
    raise InputError(
        f"{option}: no service of this run is called {name}{did_you_mean(name, names)} ({', '.join(names)})"
    )


def _settings(service: Service) -> list[str]:
    return [each.name for each in service.all_settings]


def _has(service: Service, asked: ListOption) -> bool:
    return asked.field in (each.field for each in service.lists)


def _or(forms: Iterable[str]) -> str:
    return " or ".join(forms)
