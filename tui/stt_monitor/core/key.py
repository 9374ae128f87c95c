"""A service's key, judged once: where it is read from the environment."""

import re
from collections.abc import Mapping
from typing import Final

from stt_monitor.core.errors import InputError

_AROUND: Final = "\ufeff\u200b\u2060\"'`;,\u201c\u201d\u2018\u2019\u201e\xab\xbb"
"""Characters at the ends that come along when text is copied: invisible ones, quotes, the ends of a statement."""

_BEFORE: Final = re.compile(
    r"(?:(?:export|set|env|-H)\s+|\$(?:env:)?(?=\w)|(?:bearer|token|basic)\s+"
    r"|[\w-]*(?:key|token|authorization)[\"']?\s*[=:]\s*)(?=[^\s=])",
    re.IGNORECASE,
)
"""What stands in front of a key in a script, a header or a `.env` file."""

_APART: Final = re.compile(r"[\"'`;,=:<>(){}\[\]|&?]+")
"""What may separate a key from text that was copied with it."""


def read_key(environment: Mapping[str, str], variable: str) -> str | None:
    """Read the key, without what was copied along: blanks, quotes, `Bearer `, `NAME=`, a semicolon.

    Returns:
        The key; None if none is set.

    Raises:
        InputError: it holds a character that no key has. The key is not in the sentence.
    """
    key = environment.get(variable, "")
    while key != (bare := _without_wrapping(key)):
        key = bare
    for place, character in enumerate(key, 1):
        if what := _unfit(character):
            raise InputError(
                f"{variable} is malformed: its character {place} of {len(key)} is {what}; copy the key again"
            )
    return key or None


def long_parts(key: str) -> tuple[str, ...]:
    """Return the parts of a key that may be the key itself, should something else have been copied with it."""
    return tuple(part for part in _APART.split(key) if 2 * len(part) >= len(key))


def _without_wrapping(key: str) -> str:
    bare = key.strip().strip(_AROUND)
    before = _BEFORE.match(bare)
    return bare if before is None else bare[before.end() :]


def _unfit(character: str) -> str:
    """Say what a character is that no key has; empty for any other."""
    if not character.isascii():
        return "a character outside ASCII"
    if character == " ":
        return "a blank"
    return "" if character.isprintable() else "a control character"
