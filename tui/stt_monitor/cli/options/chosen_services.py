"""The services of a run: to each the options that are meant for it (architecture.md 4)."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from stt_monitor.cli.options.own_values import must_be_chosen, one_of, own_value, own_words
from stt_monitor.cli.options.service_options import (
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
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.session.service_setup import service_address


class ChosenService(NamedTuple):
    """A service of a run: what is spoken, where, with which keys, and what is asked of it."""

    speaks: Service
    connection: ServiceChoice
    settings: Settings
    keys: Keys

    @property
    def missing_key(self) -> str:
        """Variable of the key without which the local server takes the vendor's place; empty elsewhere."""
        return self.speaks.key_variable if isinstance(self.connection, LocalService) and not self.keys.own else ""


def choose_services(options: argparse.Namespace) -> tuple[ChosenService, ...]:
    """Choose the services of `--service`, or the default one, with their settings and keys.

    Raises:
        InputError: one is given twice, has no key or no address, or would reject its settings; or an option is meant
            for none or for several of them.
    """
    try:
        return _chosen_services(options)
    except InputError as error:
        from stt_monitor.cli.options.config_file import config_file, has_config, read_defaults  # only after a mistake

        defaults = has_config() and read_defaults() is not None
        if options.profile is None and not defaults:
            raise
        behind = "[defaults]" if options.profile is None else f"the profile {options.profile}"
        raise InputError(f"{error} (with {behind} of {config_file()})") from error


def _chosen_services(options: argparse.Namespace) -> tuple[ChosenService, ...]:
    names = options.service or [registry.NAMES[0]]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InputError(f"--service {twice[0]} is given twice: a service occurs once in a run")
    services = [registry.service(name) for name in names]
    own = _apart(options, services)
    if len(services) == 1:
        return (_chosen(own[0], services[0], services),)
    return tuple(_chosen_by_name(*each, services) for each in zip(own, services, strict=True))


def _chosen_by_name(options: argparse.Namespace, speaks: Service, services: Sequence[Service]) -> ChosenService:
    """Choose one of several services; an error names it."""
    try:
        return _chosen(options, speaks, services)
    except InputError as error:
        if speaks.title in str(error):
            raise
        raise InputError(f"{speaks.title}: {error}") from error


def _chosen(options: argparse.Namespace, speaks: Service, services: Sequence[Service]) -> ChosenService:
    check_chunk_ms(options, speaks)
    keys = keys_of(speaks)
    connection = choose_connection(options, speaks, services, keys.own)
    service_address(connection, keys, speaks)  # refuses what is no address
    settings = settings_of(options, speaks, local=isinstance(connection, LocalService))
    return ChosenService(speaks, connection, settings, keys)


def _apart(options: argparse.Namespace, services: Sequence[Service]) -> list[argparse.Namespace]:
    """Return the options for each service, as if it were the only one."""
    own = [argparse.Namespace(**vars(options)) for _ in services]
    for each, speaks in zip(own, services, strict=True):
        own_value("--url", "URL", options.url, speaks, services)  # refuses what is for none of them, or given twice
        each.model = own_value("--model", "M", options.model, speaks, services)
        each.assignments = []
        for asked in list_options():
            setattr(each, asked.field, own_words(asked, getattr(options, asked.field), speaks, services))
    for option, name, text in settings_options(options):
        number, setting = _meant(option, name, services)
        own[number].assignments.append((option, setting, text))
    return own


def _meant(option: str, name: str, services: Sequence[Service]) -> tuple[int, str]:
    """Return the number of the service that a setting is meant for, and the setting's own name."""
    prefix, separator, setting = name.partition(".")
    if separator:
        must_be_chosen(option, prefix, services)
        return [each.name for each in services].index(prefix), setting
    having = [number for number, each in enumerate(services) if name in _settings(each)]
    if len(having) > 1:
        titles = " and ".join(services[number].title for number in having)
        forms = one_of(f"--set {services[number].name}.{name}=X" for number in having)
        raise InputError(f"{option}: {titles} have it: give {forms}")
    if not having and len(services) > 1:
        known = [setting for each in services for setting in _settings(each)]
        titles = " and ".join(each.title for each in services)
        raise InputError(f"{option}: none of {titles} has a setting {name}{did_you_mean(name, known)}")
    return (having or [0])[0], name


def _settings(service: Service) -> list[str]:
    return [each.name for each in service.all_settings]
