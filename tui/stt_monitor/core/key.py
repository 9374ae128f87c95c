"""The service's key, judged once: where it is read from the environment."""

from collections.abc import Mapping

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings import KEY_VARIABLE

_PASTED_ALONG = "\ufeff\u200b\u2060"
"""Invisible characters that come along when text is copied from a page; blanks and line ends do too."""


def read_key(environment: Mapping[str, str]) -> str | None:
    """Read the key, without the blanks and line ends around it; returns None if none is set.

    Raises:
        InputError: it holds a character that no HTTP header can carry. The key is not in the sentence.
    """
    key = environment.get(KEY_VARIABLE, "")
    while key != (bare := key.strip().strip(_PASTED_ALONG)):
        key = bare
    for place, character in enumerate(key, 1):
        if not (character.isascii() and character.isprintable()):
            what = "a control character" if character.isascii() else "a character outside ASCII"
            raise InputError(
                f"{KEY_VARIABLE} is malformed: its character {place} of {len(key)} is {what}; copy the key again"
            )
    return key or None
