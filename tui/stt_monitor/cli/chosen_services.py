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
    own = _apart(options, services)
    if len(services) == 1:
        return (_chosen(own[0], services[0]),)
    return tuple(_chosen_by_name(*each) for each in zip(own, services, strict=True))


def _chosen_by_name(options: argparse.Namespace, speaks: Service) -> ChosenService:
    """Choose one of several services; an error names it."""
    try:
        return _chosen(options, speaks)
    except InputError as error:
        if speaks.title in str(error):
            raise
        raise InputError(f"{speaks.title}: {error}") from error


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
        for asked in list_options():
            setattr(each, asked.field, _words(asked, getattr(options, asked.field), speaks, services))
    for option, name, text in settings_options(options):
        number, setting = _meant(option, name, services)
        own[number].assignments.append((option, setting, text))
    return own


def _model(given: Sequence[str], service: Service, services: Sequence[Service]) -> str:
    """Return the model for a service, the last one that is given for it; empty for its default."""
    found = ""
    for text in given:
        name, model = _addressed(text)
        if name:
            _must_be_chosen("--model", name, services)
            found = model if name == service.name else found
        elif len(services) > 1:
            forms = _or(f"{each.name}={text}" for each in services)
            raise InputError(f"--model {text}: of which service? Give {forms}")
        else:
            found = text
    return found


def _words(asked: ListOption, given: Sequence[str], service: Service, services: Sequence[Service]) -> list[str]:
    """Return the words of a list that are for a service: those that name it, and those for all that have the list.

    A list that none of them has stays with all, to be refused.
    """
    having = [each.name for each in services if any(asked.field == other.field for other in each.lists)]
    found = []
    for text in given:
        name, word = _addressed(text) if len(services) > 1 else ("", text)
        if name:
            _must_be_chosen(asked.option, name, services)
        if name == service.name or (not name and (service.name in having or not having)):
            found.append(word)
    return found


def _addressed(text: str) -> tuple[str, str]:
    """Split `SERVICE=TEXT`; without the name of a service in front, the first is empty."""
    name, separator, rest = text.partition("=")
    return (name, rest) if separator and rest and name in registry.NAMES else ("", text)


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


def _or(forms: Iterable[str]) -> str:
    return " or ".join(forms)
