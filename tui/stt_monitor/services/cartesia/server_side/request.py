"""Query and headers of a connection, read into values (protocol.md 2, 3, 8, 12)."""

import re
from typing import Final

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import ENCODINGS, Audio
from stt_monitor.services.cartesia.request import TURN_PREFIX, VERSION_HEADER, VERSION_NAME
from stt_monitor.services.cartesia.server_side.turn_settings import INVALID, completed
from stt_monitor.services.cartesia.settings import MODEL, MOST_KEYTERM_CHARACTERS, MOST_KEYTERMS, SCHEMA
from stt_monitor.services.server_side import SAMPLE_RATES, Head, Query, RejectedError, Rejection, holds_key

_LANGUAGE_HINTS: Final = ("language_hint", "language_hints")
"""For another model only; with this one they are an error (protocol.md 13)."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUE: Final = {"1", "true", "yes"}


class Asked(msgspec.Struct, frozen=True):
    """What a client asks for when it connects."""

    audio: Audio
    settings: Settings
    """What is set."""
    turn: TurnSettings
    """Complete."""
    trace: bool = False
    """Whether it wants the likelihood: an extension of ours, `trace=1`."""


def read_query(query: Query, *, overheard: bool = False) -> Asked:
    """Read the parameters of a connection; unknown ones are ignored (protocol.md 2.2).

    Args:
        query: the parameters.
        overheard: whether another server answers, which may have more models, and other limits.

    Raises:
        RejectedError: one is missing, malformed, out of range or contradicts another (protocol.md 10.3).
    """
    hints = tuple(hint for name in _LANGUAGE_HINTS for hint in query.get(name, []) if hint.strip())
    if not overheard:
        _check_model(_last(query, "model"))
        if hints:
            raise RejectedError(Rejection("Invalid language hint", f"Model {MODEL} takes no language hints."))
    audio = Audio(_encoding(_last(query, "encoding")), _sample_rate(_last(query, "sample_rate")))
    turn = _turn_settings(query)
    return Asked(
        audio=audio,
        settings=Settings(_last(query, "model"), _keyterms(query.get("keyterm", []), overheard=overheard), turn, hints),
        turn=SCHEMA.completed(turn) if overheard else completed(turn),
        trace=_last(query, "trace").lower() in _TRUE,
    )


def api_version(head: Head) -> str:
    """Return the API version that a request asks for; "" when it names no date (protocol.md 2.2, 2.5)."""
    given = [*head.header(VERSION_HEADER.lower()), *head.query.get(VERSION_NAME, [])]  # the parameter wins
    return next((version for version in reversed(given) if _DATE.fullmatch(version)), "")


def shows_key(key: str, head: Head) -> bool:
    """Return whether a request carries `key` in any of the four places (protocol.md 2.4)."""
    query = head.query
    in_url = (*query.get("access_token", []), *query.get("api_key", []))
    return holds_key(key, (*in_url, *head.header("x-api-key"), *head.logins("Bearer")))


def _last(query: Query, name: str) -> str:
    """Return the last value of a parameter that is no list, or ""."""
    return query.get(name, [""])[-1]


def _check_model(model: str) -> None:
    if not model:
        raise RejectedError(Rejection("Missing model", f"Parameter model is required; use {MODEL}."))
    if model != MODEL and not model.startswith(f"{MODEL}-"):
        sentence = f"This local server has no model of that name; use {MODEL}."
        raise RejectedError(Rejection("Invalid model", sentence, code="model_not_found"))


def _encoding(name: str) -> str:
    if name in ENCODINGS:
        return name
    title = "Invalid encoding" if name else "Missing encoding"
    raise RejectedError(Rejection(title, f"Parameter encoding must be one of {', '.join(ENCODINGS)}."))


def _sample_rate(text: str) -> int:
    # `isdecimal` alone would let other scripts' digits through, and `int` alone signs, spaces and underscores.
    rate = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(SAMPLE_RATES[-1])) else 0
    if rate not in SAMPLE_RATES:
        title = "Invalid sample rate" if text else "Missing sample rate"
        sentence = f"Parameter sample_rate must be a whole number of Hz from 1 to {SAMPLE_RATES[-1]}."
        raise RejectedError(Rejection(title, sentence))
    return rate


def _turn_settings(query: Query) -> TurnSettings:
    given = {}
    for name in SCHEMA.names:
        parameter = f"{TURN_PREFIX}{name}"
        text = _last(query, parameter)
        if not text:
            continue
        try:
            given[name] = float(text)
        except ValueError:
            raise RejectedError(Rejection(INVALID, f"Parameter {parameter} must be a number.")) from None
    return TurnSettings(given)


def _keyterms(values: list[str], *, overheard: bool) -> tuple[str, ...]:
    """Keep the terms that are not blank, as they are written (protocol.md 12)."""
    terms = tuple(term for term in values if term.strip())
    if overheard:
        return terms
    if len(terms) > MOST_KEYTERMS or sum(map(len, terms)) > MOST_KEYTERM_CHARACTERS:
        sentence = f"At most {MOST_KEYTERMS} keyterms of {MOST_KEYTERM_CHARACTERS} characters in all."
        raise RejectedError(Rejection("Too many keyterms", sentence))
    return terms
