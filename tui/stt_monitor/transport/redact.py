"""Takes secrets out of what is shown and kept, in whatever form they come back. Pure."""

import html
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final

from stt_monitor.core.settings import QUERY_NAMES, TURN_PREFIX

SHORTEST_SECRET: Final = 6
"""Shorter texts are not looked for: they are no secrets, and would turn up everywhere."""

MASK: Final = "***"

_CREDENTIAL: Final = re.compile(
    r"(?:^|[^a-z])(?:(?:api|access|auth)?(?:key|token)|secret|pass(?:word|wd)?|pwd|auth(?:orization)?|credentials?"
    r"|sig(?:nature)?|jwt|bearer)(?:$|[^a-z])",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]+")
_ESCAPES: Final = re.compile(r"%|&#|\\[ux]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Redactor:
    """Replaces secrets in text: raw, in any case, percent-encoded, escaped for JSON or HTML, or as base64."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = sorted({text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._lowered = [secret.lower() for secret in long_enough if _PLAIN.fullmatch(secret)]
        self._all_plain = len(self._lowered) == len(long_enough)
        self._spelled = [re.compile("".join(map(_spellings, secret)), re.IGNORECASE) for secret in long_enough]
        self._encoded = [re.compile("|".join(map(re.escape, sorted(_encoded(secret))))) for secret in long_enough]

    def __call__(self, text: str) -> str:
        """Return a text without the secrets in it."""
        if self._may_spell_one(text):
            for pattern in self._spelled:
                text = pattern.sub(MASK, text)
        for pattern in self._encoded:
            text = pattern.sub(MASK, text)
        return text

    def _may_spell_one(self, text: str) -> bool:
        """Look quickly: of nearly all messages it is soon clear that no secret is in them."""
        if not self._all_plain or _ESCAPES.search(text):
            return True
        lowered = text.lower()
        return any(secret in lowered for secret in self._lowered)

    def __repr__(self) -> str:
        """Tell nothing about the secrets."""
        return "Redactor()"


def is_credential(name: str) -> bool:
    """Whether a parameter of a URL is a secret by its name; those of the protocol never are (protocol 2.2)."""
    return not is_of_protocol(name) and _CREDENTIAL.search(_HUMP.sub("_", name)) is not None


def is_of_protocol(name: str) -> bool:
    """Whether a parameter of a URL is one of the protocol's, which anybody may see."""
    return name in QUERY_NAMES or name.startswith(TURN_PREFIX)


def shown_target(target: str) -> str:
    """Return the target of a request (path and query) as people may see it: only what we ask for has its value."""
    path, mark, query = target.partition("?")
    return path + mark + "&".join(map(_shown_field, query.split("&") if query else ()))


def _shown_field(field: str) -> str:
    name, _, value = field.partition("=")
    if is_of_protocol(name):
        return field
    return f"{name}={MASK}" if value else MASK  # a lone name may be the secret itself


def _spellings(character: str) -> str:
    """Return a pattern of all the ways in which one character of a secret may be written."""
    point = ord(character)
    raw = character.encode("utf-8", "surrogateescape")
    units = character.encode("utf-16-be", "surrogatepass")
    forms = [
        re.escape(character) if character.isalnum() else r"\\*" + re.escape(character),
        "".join(rf"%(?:25)*{byte:02x}" for byte in raw),
        "".join(rf"\\+u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)),
        rf"\\+x{point:02x}",
        rf"&#0*{point};",
        rf"&#x0*{point:x};",
    ]
    if (named := html.escape(character)) != character:
        forms.append(re.escape(named))
    if character == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(forms)})"


def _encoded(secret: str) -> set[str]:
    """Return what base64 makes of a secret wherever it stands in what was encoded, say a login."""
    found = set[str]()
    raw = secret.encode("utf-8", "surrogateescape")
    for before in range(3):
        # Of the first and the last character some bits may belong to a neighbour of the secret.
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        found |= {encode(bytes(before) + raw).decode()[first:last] for encode in (b64encode, urlsafe_b64encode)}
    return found
