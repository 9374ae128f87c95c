"""Reads a service's API key from the environment, and checks it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError

MASK: Final = "***"
"""What stands in the place of a key, or of another secret."""

_AROUND: Final = "\ufeff\u200b\u2060\"'`;,\u201c\u201d\u2018\u2019\u201e\xab\xbb"
"""Characters copied along at the ends of a key: invisible ones, quotes, ends of a statement."""

_BEFORE: Final = (
    r"(?i)(?:(?:export|set|env|-H)\s+|\$(?:env:)?(?=\w)|(?:bearer|token|basic)\s+"
    r"|[\w-]*(?:key|token|authorization)[\"']?\s*[=:]\s*)(?=[^\s=])"
)
"""Text before a key in a script, a header or a `.env` file. Not compiled before there is a key, nor is the next."""

_APART: Final = r"[\"'`;,=:<>(){}\[\]|&?]+"
"""Separators between a key and text copied with it."""


class Keys(msgspec.Struct, frozen=True):
    """The keys of the environment. Its `repr` shows none."""

    own: str | None = None
    """The key of the service that is used; None if it is not set."""
    others: tuple[str, ...] = ()
    """Those of other services: never sent, and not to be shown either."""

    def __repr__(self) -> str:
        """Represent them without their content."""
        return "Keys()"


def read_keys(environment: Mapping[str, str], variable: str, others: Iterable[str]) -> Keys:
    """Read the key of `variable`, and those of other variables, however malformed these are.

    Raises:
        InputError: as for `read_key`, of `variable`.
    """
    own = read_key(environment, variable)
    found = (_without_wrappings(environment.get(other, "")) for other in others if other != variable)
    return Keys(own, tuple(key for key in found if key and key != own))


def read_key(environment: Mapping[str, str], variable: str) -> str | None:
    """Read the key, without text copied along: spaces, quotes, `Bearer `, `NAME=`, a semicolon.

    Returns:
        The key; None if it is not set.

    Raises:
        InputError: a character that no key has. The message does not contain the key.
    """
    key = _without_wrappings(environment.get(variable, ""))
    for place, character in enumerate(key, 1):
        if what := _unfit(character):
            raise InputError(
                f"{variable} is malformed: its character {place} of {len(key)} is {what}; copy the key again"
            )
    return key or None


def secrets_in(text: str) -> tuple[str, ...]:
    """Return what may be the key in the value of its variable, where other text was copied with it."""
    key = _without_wrappings(text)
    return (text.strip(), key, *(part for part in re.split(_APART, key) if 2 * len(part) >= len(key)))


def _without_wrappings(key: str) -> str:
    while key != (bare := _without_wrapping(key)):
        key = bare
    return key


def _without_wrapping(key: str) -> str:
    bare = key.strip().strip(_AROUND)
    before = re.match(_BEFORE, bare)
    return bare if before is None else bare[before.end() :]


def _unfit(character: str) -> str:
    """Describe a character that no key has; empty for any other."""
    if not character.isascii():
        return "a character outside ASCII"
    if character == " ":
        return "a space"
    return "" if character.isprintable() else "a control character"
