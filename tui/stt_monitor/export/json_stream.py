"""JSON for people and programs, streamed."""

from collections.abc import Iterator
from typing import Any

import msgspec

from stt_monitor.core.text.sanitize import escaped


def json_pieces(document: dict[str, Any]) -> Iterator[str]:
    """Yield a document as indented JSON, without control characters.

    An iterator becomes an array whose members are made one by one; they may contain iterators too.
    """
    yield from _value(document, "\n")
    yield "\n"


def _value(value: object, newline: str) -> Iterator[str]:
    if isinstance(value, Iterator):
        yield from _enclosed("[", (("", each) for each in value), "]", newline)
    elif isinstance(value, dict) and any(isinstance(each, Iterator | dict) for each in value.values()):
        yield from _enclosed("{", ((f"{_text(name)}: ", each) for name, each in value.items()), "}", newline)
    else:
        yield _text(value).replace("\n", newline)


def _enclosed(begin: str, members: Iterator[tuple[str, object]], end: str, newline: str) -> Iterator[str]:
    inner = f"{newline} "
    before = f"{begin}{inner}"
    for name, member in members:
        yield before + name
        yield from _value(member, inner)
        before = f",{inner}"
    yield begin + end if before.startswith(begin) else newline + end


def _text(value: object) -> str:
    return msgspec.json.format(escaped(msgspec.json.encode(value).decode()), indent=1)
