"""Finds what an agent logs in with, in its request and its messages, to be removed from what its service says. Pure."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Final

from stt_monitor.core.key import secrets_in
from stt_monitor.services.json_frames import UnreadableError, read_object
from stt_monitor.services.server_side import Head
from stt_monitor.tap.heads import is_public_name
from stt_monitor.transport.redact import IsPublic, is_credential

_LOGINS: Final = re.compile(
    r"(?!sec-websocket-key$)(?:.*auth.*|.*key.*|.*token.*|.*secret.*|.*passw.*|cookie|sec-websocket-protocol)"
)
"""Headers whose values are credentials, or may hold some."""

_BASIC: Final = re.compile(r"basic\s+(\S+)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"(?=.*\d)(?=.*[a-zA-Z])\S{16,}")
"""What looks like a credential, whatever it is called; a name or a number of a caller may well be said in a call."""

_WORD: Final = re.compile(r"[A-Za-z]?[a-z]+")
"""A mere word, such as `Bearer`, or the value of a cookie: it would be wiped from transcripts."""

_APART: Final = re.compile(r"[,;\s]+")
"""Between cookies, subprotocols, and fields of a login."""


def credentials(head: Head, public: frozenset[str], prefix: str) -> tuple[str, ...]:
    """Return what may be a credential in a request: in headers, and in parameters that are not the protocol's.

    Args:
        head: the request.
        public: names of parameters that are no credentials.
        prefix: beginning of the names of more such ones; "" for none.
    """
    found = [value for name, value in head.headers if _LOGINS.fullmatch(name) or is_credential(name, _nothing_is)]
    for name, values in head.query.items():
        if is_credential(name, lambda name: is_public_name(name, public, prefix)):
            found += values
        elif not is_public_name(name, public, prefix):
            found += [value for value in values if _TOKEN.fullmatch(value)]
    return tuple(dict.fromkeys(part for value in found for part in _secrets_of(value) if part))


def credentials_in(text: str, is_public: IsPublic) -> set[str]:
    """Return the texts of a message that are secrets by the names of their fields, however deep they stand."""
    try:
        waiting: list[object] = [read_object(text)[1]]
    except UnreadableError:
        return set()
    found: set[str] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for name, value in each.items():
                if isinstance(value, str) and is_credential(name, is_public):
                    found.update(_secrets_of(value))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _secrets_of(value: str) -> Iterator[str]:
    """Yield a credential, and whatever in it may be one by itself: a service may repeat that alone."""
    yield from secrets_in(value)
    for part in _APART.split(value):
        for text in (part, part.partition("=")[2].strip('"')):
            if not _WORD.fullmatch(text):
                yield text
    if login := _BASIC.search(value):
        yield _password(login[1])


def _password(login: str) -> str:
    """Return the password in a login that is encoded; empty where it has none."""
    try:
        return b64decode(login).decode("utf-8", "surrogateescape").partition(":")[2]
    except (Base64Error, ValueError):
        return ""


def _nothing_is(_: str) -> bool:
    return False
