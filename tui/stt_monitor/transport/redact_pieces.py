"""Removes secrets that a service sends in pieces: in deltas of a text, or over the end of a turn and the next start.

Nothing is held back for that. So what the first pieces have of a secret is shown, up to a length that tells nothing
(`TELLING`); what continues it from there on is masked. Only where a piece ends within an escape, within `%2F`, it is
not seen that the next one continues. Pure.
"""

import re
from typing import Final

from stt_monitor.transport.redact import Redactor, masked, spans_at_each_level
from stt_monitor.transport.spellings import Span, Spellings

_REACH: Final = 64
"""A text may continue any of so many texts before it in the fields of its name: of turns that grow, the last one of the
turn before."""

_FIELDS_AT_MOST: Final = 256
"""Names of fields that are remembered: those used last."""

_STRING: Final = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?', re.DOTALL)
"""A string in JSON, and whether it is the name of a field."""


class PiecesRedactor:
    """Redacts the messages of one connection, in their order."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact
        self._fields: dict[str, _Field] = {}

    def __call__(self, message: str) -> str:
        """Return a message without the secrets in it, and without what continues one of an earlier message."""
        if not self._redact:
            return message
        return masked(message, (*self._redact.spans(message), *self._continuations(message)))

    def _continuations(self, message: str) -> list[Span]:
        found: list[Span] = []
        name = ""
        for string in _STRING.finditer(message):
            if string[2]:
                name = string[1]
            elif text := string[1]:
                start = string.start(1)
                found += [(start + at, start + stop) for at, stop in self._field(name).spans(text)]
        return found

    def _field(self, name: str) -> "_Field":
        field = self._fields.pop(name, None) or _Field(self._redact)
        self._fields[name] = field
        if len(self._fields) > _FIELDS_AT_MOST:
            del self._fields[next(iter(self._fields))]
        return field


class _Field:
    """The fields of one name: with which beginnings of secrets their last texts ended."""

    def __init__(self, redact: Redactor) -> None:
        self._texts = 0
        # For each kind of spelling, the beginnings, and the number of the text that used each last.
        self._begun: list[tuple[Spellings, dict[str, int]]] = [(each, {}) for each in redact.spellings]

    def spans(self, text: str) -> list[Span]:
        """Find what a text, as it stands in JSON, continues; then remember how it ends."""
        self._texts += 1
        before = [self._recent(begun) for _, begun in self._begun]
        return spans_at_each_level(text, lambda plain: self._continued(before, plain))

    def _recent(self, begun: dict[str, int]) -> list[str]:
        for each in [each for each, at in begun.items() if self._texts - at > _REACH]:
            del begun[each]
        return [*begun]

    def _continued(self, before: list[list[str]], text: str) -> list[Span]:
        found: list[Span] = []
        for (spellings, begun), beginnings in zip(self._begun, before, strict=True):
            for beginning, telling, longer in spellings.continued(beginnings, text):
                if telling:
                    found.append((0, telling))
                    begun[beginning] = self._texts
                if longer:
                    begun[longer] = self._texts
            begun.update(dict.fromkeys(spellings.begun(text), self._texts))
        return found
