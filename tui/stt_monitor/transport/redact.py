"""Removes secrets from what is shown and saved, in whatever form they come back. Pure."""

import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from math import gcd
from typing import Final

from stt_monitor.transport.unescape import spans_before, unescape

SHORTEST_SECRET: Final = 6
"""Shorter texts are not looked for: they are no secrets, and would turn up everywhere."""

MASK: Final = "***"

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
    """Replaces secrets in text: as they are, in any case, escaped in any way, or as base64, base32 or hex.

    Texts are not compared with a list of spellings: they are unescaped level by level, and searched at each.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = sorted({text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True)
        anycase = {form for secret in long_enough for form in _anycase(secret)}
        self._anycase = sorted({form.lower() for form in anycase})
        self._exact = sorted({form for secret in long_enough for form in _base64(secret)})
        self._patterns = [
            re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))), flags)
            for forms, flags in ((anycase, re.IGNORECASE), (self._exact, re.NOFLAG))
        ]

    def __call__(self, text: str) -> str:
        """Return a text without the secrets in it."""
        if not self._anycase:
            return text
        at, kept = 0, []
        for start, stop in sorted(self._spans(text)):
            if start >= at:
                kept += [text[at:start], MASK]
            at = max(at, stop)
        return "".join([*kept, text[at:]])

    def _spans(self, text: str, depth: int = 0) -> list[tuple[int, int]]:
        """Find the secrets in a text, and in what it becomes when its escapes are undone."""
        spans = (
            [found.span() for pattern in self._patterns for found in pattern.finditer(text)] if self._has(text) else []
        )
        if depth < _DEEPEST and (plain := unescape(text)) != text and (deeper := self._spans(plain, depth + 1)):
            spans += spans_before(text, deeper)
        return spans

    def _has(self, text: str) -> bool:
        """Look quickly: of nearly all messages it is soon clear that no secret is in them."""
        lowered = text.lower()
        return any(form in lowered for form in self._anycase) or any(form in text for form in self._exact)

    def __repr__(self) -> str:
        """Tell nothing about the secrets."""
        return "Redactor()"


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
    raw = secret.encode("utf-8", "surrogateescape")
    return _fragments(raw, b64encode, bits=6) | _fragments(raw, urlsafe_b64encode, bits=6)


def _fragments(raw: bytes, encode: Callable[[bytes], bytes], *, bits: int) -> set[str]:
    """Return what an encoding of so many bits a character makes of a secret wherever it stands, say in a login."""
    found = set[str]()
    for before in range(bits // gcd(bits, 8)):
        # Of the first and the last character some bits may belong to a neighbour of the secret.
        first, last = -(-before * 8 // bits), (before + len(raw)) * 8 // bits
        found.add(encode(bytes(before) + raw).decode()[first:last])
    return found
