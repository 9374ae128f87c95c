"""Options that are about one service: VALUE, or NAME=VALUE where a run has several (architecture.md 4)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.services import registry
from stt_monitor.services.base import ListOption, Service

_NAMED: Final = r"(?s)([\w.-]+)=(.*)"
"""No URL begins so: a colon comes before its first `=`. Not compiled before such an option is given."""


def own_values(
    option: str, metavar: str, given: Iterable[str], service: Service, services: Sequence[Service]
) -> list[str]:
    """Return the values of an option that are meant for a service. No message shows a value: it may hold a secret.

    Args:
        option: its name.
        metavar: what the help calls its value.
        given: its values, as on the command line.
        service: the one that they should be for.
        services: all of the run.

    Raises:
        InputError: a value is for no service of the run, or does not say for which of several, or is empty.
    """
    found = []
    for text in given:
        named = re.fullmatch(_NAMED, text)
        if named is not None:
            name, value = named.groups()
            must_be_chosen(option, name, services)
            if not value.strip():
                raise InputError(f"{option} {name}= is empty: give it a value, or leave it out")
            found += [value] if name == service.name else []
        elif len(services) > 1:
            forms = one_of(f"{option} {each.name}={metavar}" for each in services)
            raise InputError(f"{option}: for which service? Give {forms}")
        else:
            found.append(text)
    return found


def own_value(option: str, metavar: str, given: Iterable[str], service: Service, services: Sequence[Service]) -> str:
    """Return the value of an option that takes one for each service, as `own_values` does; empty if none is given.

    Raises:
        InputError: as there, or several are for the service.
    """
    found = own_values(option, metavar, given, service, services)
    if len(found) > 1:
        raise InputError(f"{option} is given twice for {service.name}: leave one out")
    return "".join(found)


def own_words(asked: ListOption, given: Sequence[str], service: Service, services: Sequence[Service]) -> list[str]:
    """Return the words of a list that are for a service: those that name it, and those for all that have the list.

    A list that none of them has stays with all, to be refused. A word may have a `=` of its own: what is no name of a
    service in front of it belongs to it.

    Raises:
        InputError: a word is for a service that is not in the run.
    """
    having = [each.name for each in services if any(asked.field == other.field for other in each.lists)]
    found = []
    for text in given:
        name, separator, word = text.partition("=")
        if len(services) > 1 and separator and word and name in registry.NAMES:
            must_be_chosen(asked.option, name, services)
            found += [word] if name == service.name else []
        elif service.name in having or not having:
            found.append(text)
    return found


def must_be_chosen(option: str, name: str, services: Sequence[Service]) -> None:
    """Check that a name is that of a service of the run.

    Raises:
        InputError: it is not.
    """
    names = [each.name for each in services]
    if name in names:
        return
    if name in registry.NAMES:
        raise InputError(f"{option}: {registry.service(name).title} is not in this run: add --service {name}")
    meant = did_you_mean(name, names) or did_you_mean(name, registry.NAMES)
    raise InputError(f"{option}: no service of this run is called {name}{meant} ({', '.join(names)})")


def one_of(forms: Iterable[str]) -> str:
    """Return what may be given instead of each other."""
    return " or ".join(forms)
