"""The query and the headers of a connection, read into values (protocol.md 2, 3, 8 and 12). No I/O."""

import hmac
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.server.protocol.errors import RefusalError
from stt_monitor.server.protocol.thresholds import Thresholds
from stt_monitor.services.cartesia.settings import MOST_KEYTERM_CHARACTERS, MOST_KEYTERMS

MODEL_FAMILY: Final = "ink-2"
"""Any name that begins so is the one model there is: `ink-2-latest`, `ink-2-2026-05-28` (protocol.md 8)."""

"""Of all terms together (protocol.md 12)."""

MAX_SAMPLE_RATE: Final = 384_000
"""Hz. The protocol names no limit; beyond this nothing records."""

_THRESHOLD_PARAMETERS: Final = {
    "turn_start_threshold": "start",
    "turn_eager_end_threshold": "eager_end",
    "turn_end_threshold": "end",
    "turn_end_timeout_ms": "end_timeout_ms",
}
_LANGUAGE_HINTS: Final = ("language_hint", "language_hints")
"""For another model only; with this one they are an error (protocol.md 13)."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUE: Final = {"1", "true", "yes"}


class Parameters(msgspec.Struct, frozen=True):
    """What a client asked for when it connected."""

    audio: AudioFormat
    thresholds: Thresholds
    keyterms: tuple[str, ...] = ()
    trace: bool = False
    """Whether it wants to see the likelihood: an extension of ours, `trace=1`."""


Query = dict[str, list[str]]


def read_query(query: str) -> Query:
    """Split a query string. Both `+` and `%20` are a space (protocol.md 2.2); bytes that are no UTF-8 are replaced."""
    values: Query = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        values.setdefault(name, []).append(value)
    return values


def read_parameters(query: Query) -> Parameters:
    """Read the parameters of a connection; those that are unknown are ignored (protocol.md 2.2).

    Raises:
        RefusalError: one is missing, malformed, out of range or contradicts another (protocol.md 10.3).
    """
    _check_model(_one(query, "model"))
    if any(hint.strip() for name in _LANGUAGE_HINTS for hint in query.get(name, [])):
        raise RefusalError("Invalid language hint", f"Model {MODEL_FAMILY} takes no language hints.")
    return Parameters(
        audio=AudioFormat(_encoding(_one(query, "encoding")), _sample_rate(_one(query, "sample_rate"))),
        thresholds=_thresholds(query),
        keyterms=_keyterms(query.get("keyterm", [])),
        trace=_one(query, "trace").lower() in _TRUE,
    )


def api_version(query: Query, headers: Iterable[str]) -> str:
    """Return the API version that a request asks for, or "" when it names none that is a date (protocol.md 2.2, 2.5).

    Args:
        query: looked up for `cartesia_version`, which wins.
        headers: values of the `Cartesia-Version` header.
    """
    given = [*headers, *query.get("cartesia_version", [])]
    return next((version for version in reversed(given) if _DATE.fullmatch(version)), "")


def presents_key(key: str, query: Query, authorization: Iterable[str], api_key_headers: Iterable[str]) -> bool:
    """Tell whether a request carries `key` in any of the four places (protocol.md 2.4).

    Args:
        key: the one that is accepted.
        query: looked up for `access_token` and `api_key`.
        authorization: values of the `Authorization` header; the scheme is `Bearer`, in any letter case.
        api_key_headers: values of the `X-API-Key` header.
    """
    presented = [*query.get("access_token", []), *query.get("api_key", []), *api_key_headers]
    for value in authorization:
        scheme, _, token = value.strip().partition(" ")
        if scheme.lower() == "bearer":
            presented.append(token.strip())
    # Compared in constant time, and all of them, so that timing tells nothing about the key.
    matches = [hmac.compare_digest(candidate.encode(), key.encode()) for candidate in presented]
    return any(matches)


def checked(thresholds: Thresholds) -> Thresholds:
    """Return `thresholds`, or raise RefusalError: out of range or out of order (protocol.md 2.3)."""
    problem = thresholds.problem()
    if problem is not None:
        raise RefusalError("Invalid turn thresholds", f"{problem[0].upper()}{problem[1:]}.")
    return thresholds


def _one(query: Query, name: str) -> str:
    """Return the last value of a parameter that is no list, or ""."""
    return query.get(name, [""])[-1]


def _check_model(model: str) -> None:
    if not model:
        raise RefusalError("Missing model", f"Parameter model is required; use {MODEL_FAMILY}.")
    if model != MODEL_FAMILY and not model.startswith(f"{MODEL_FAMILY}-"):
        raise RefusalError(
            "Invalid model",
            f"This local server has no model of that name; use {MODEL_FAMILY}.",
            error_code="model_not_found",
        )


def _encoding(name: str) -> Encoding:
    try:
        return Encoding(name)
    except ValueError:
        known = ", ".join(encoding.value for encoding in Encoding)
        title = "Invalid encoding" if name else "Missing encoding"
        raise RefusalError(title, f"Parameter encoding must be one of {known}.") from None


def _sample_rate(text: str) -> int:
    # `isdecimal` alone would let other scripts' digits through, and `int` alone signs, spaces and underscores.
    rate = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SAMPLE_RATE)) else 0
    if not 1 <= rate <= MAX_SAMPLE_RATE:
        title = "Invalid sample rate" if text else "Missing sample rate"
        raise RefusalError(title, f"Parameter sample_rate must be a whole number of Hz from 1 to {MAX_SAMPLE_RATE}.")
    return rate


def _thresholds(query: Query) -> Thresholds:
    given = {}
    for parameter, field in _THRESHOLD_PARAMETERS.items():
        text = _one(query, parameter)
        if not text:
            continue
        try:
            given[field] = float(text)
        except ValueError:
            raise RefusalError("Invalid turn thresholds", f"Parameter {parameter} must be a number.") from None
    return checked(msgspec.structs.replace(Thresholds(), **given))


def _keyterms(values: list[str]) -> tuple[str, ...]:
    """Keep the terms that are not blank, as they are written (protocol.md 12)."""
    terms = tuple(term for term in values if term.strip())
    if len(terms) > MOST_KEYTERMS or sum(map(len, terms)) > MOST_KEYTERM_CHARACTERS:
        raise RefusalError(
            "Too many keyterms", f"At most {MOST_KEYTERMS} keyterms of {MOST_KEYTERM_CHARACTERS} characters in all."
        )
    return terms
