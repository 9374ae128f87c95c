"""Removes secrets from what is shown and saved, in whatever form they come back. Pure."""

import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from math import gcd
from typing import Final

from stt_monitor.core.key import MASK
from stt_monitor.transport.spellings import SHORTEST_SECRET, Span, Spellings
from stt_monitor.transport.unescape import spans_before, unescape

_CREDENTIAL: Final = re.compile("pass|pwd|auth|sig|sas|otp|bearer")
"""Words that name a secret."""

_ENDING: Final = re.compile(
    r"(?:key|token|secret|passw(?:or)?d|passphrase|passcode|credential|signature|authorization|hmac|jwt)s?$"
)
"""What words that name one end in, however they are glued: `secretkey`, `sessiontoken`."""

_HARMLESS: Final = frozenset({"monkey", "turkey", "donkey", "hockey", "jockey", "whiskey", "hotkey"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DEEPEST: Final = 8
"""How often a text may have been escaped."""


class Redactor:
    """Replaces secrets in text, even cut short: as they are, in any case, escaped, or in base64, base32 or hex.

    Texts are not compared with a list of spellings: they are unescaped level by level, and searched at each.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = {text for text in secrets if len(text) >= SHORTEST_SECRET}
        self.spellings = (
            Spellings(
                (form for secret in long_enough for form in _anycase(secret)), any_case=True, in_pieces=long_enough
            ),
            Spellings((form for secret in long_enough for form in _base64(secret)), any_case=False),
        )

    def __bool__(self) -> bool:
        """Return whether there are any secrets."""
        return any(self.spellings)

    def __call__(self, text: str) -> str:
        """Return a text without the secrets in it."""
        return masked(text, self.spans(text)) if self else text

    def spans(self, text: str) -> list[Span]:
        """Find the secrets in a text, and in what it becomes when its escapes are undone."""
        return spans_at_each_level(text, lambda plain: [span for each in self.spellings for span in each.found(plain)])

    def __repr__(self) -> str:
        """Reveal nothing about the secrets."""
        return "Redactor()"


def spans_at_each_level(text: str, find: Callable[[str], list[Span]], depth: int = 0) -> list[Span]:
    """Return what is found in a text, and in what it becomes when its escapes are undone, as spans of the text."""
    spans = find(text)
    if depth < _DEEPEST and (plain := unescape(text)) != text:
        spans = spans + spans_before(text, spans_at_each_level(plain, find, depth + 1))
    return spans


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return a text with a mask in the place of each span."""
    at, kept = 0, []
    for start, stop in sorted(spans):
        if start >= at:
            kept += [text[at:start], MASK]
        at = max(at, stop)
    return "".join([*kept, text[at:]])


IsPublic = Callable[[str], bool]
"""Whether a parameter of a URL is one of the service's protocol, which anybody may see."""


def is_credential(name: str, is_public: IsPublic) -> bool:
    """Whether a parameter of a URL is a secret by its name; those of the protocol never are."""
    if is_public(name):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    return any(_CREDENTIAL.fullmatch(word) or (_ENDING.search(word) and word not in _HARMLESS) for word in words)


def shown_target(target: str, is_public: IsPublic) -> str:
    """Return the target of a request (path and query) as people may see it: only what we ask for has its value."""
    path, mark, query = target.partition("?")
    fields = query.split("&") if query else ()
    return path + mark + "&".join(_shown_field(field, is_public) for field in fields)


def _shown_field(field: str, is_public: IsPublic) -> str:
    name, _, value = field.partition("=")
    if is_public(name):
        return field
    return f"{name}={MASK}" if value else MASK  # a lone name may be the secret itself


def _anycase(secret: str) -> set[str]:
    """Return the forms of a secret in which upper and lower case are not told apart."""
    plain = secret
    for _ in range(_DEEPEST):
        plain = unescape(plain)
    forms = {form for text in (secret, plain) for form in (text, text.replace(" ", "+"))}
    raw = secret.encode("utf-8", "surrogateescape")
    fragments = _fragments(raw, b32encode, bits=5)
    return {form for form in {*forms, raw.hex(), *fragments} if len(form) >= SHORTEST_SECRET}


def _base64(secret: str) -> set[str]:
    """Return what base64 makes of a secret, also where a login that has been encoded is encoded again."""
    raw = secret.encode("utf-8", "surrogateescape")
    found = set[str]()
    for encode in (b64encode, urlsafe_b64encode):
        once = _fragments(raw, encode, bits=6)
        found |= once.union(*(_fragments(form.encode(), encode, bits=6) for form in once))
    return found


def _fragments(raw: bytes, encode: Callable[[bytes], bytes], *, bits: int) -> set[str]:
    """Return what an encoding of so many bits a character makes of a secret wherever it stands, say in a login."""
    found = set[str]()
    for before in range(bits // gcd(bits, 8)):
        # Of the first and the last character some bits may belong to a neighbour of the secret.
        first, last = -(-before * 8 // bits), (before + len(raw)) * 8 // bits
        found.add(encode(bytes(before) + raw).decode()[first:last])
    return found
