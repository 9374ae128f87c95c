"""Query and headers of a connection, read into values (services.md 4)."""

from typing import Final

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Audio
from stt_monitor.services.flux.request import ENCODINGS, SAMPLE_RATES
from stt_monitor.services.flux.server_side.rejections import refused
from stt_monitor.services.flux.server_side.turn_settings import checked
from stt_monitor.services.flux.settings import MODEL, MOST_KEYTERMS, MULTILINGUAL_MODEL, SCHEMA
from stt_monitor.services.server_side import Head, Query, RejectedError, Rejection, holds_key

_ENCODINGS: Final = {name: ours for ours, name in ENCODINGS.items()}


class Asked(msgspec.Struct, frozen=True):
    """What a client asks for when it connects."""

    audio: Audio
    settings: Settings
    """What is set."""
    trace: bool = False
    """Whether it wants to know how far the local server is behind: an extension of ours, `trace=1`."""


def read_query(query: Query, *, overheard: bool = False) -> Asked:
    """Read the parameters of a connection; unknown ones are ignored.

    Args:
        query: the parameters.
        overheard: whether another server answers, which may have more models, and other limits.

    Raises:
        RejectedError: one is missing, malformed, out of range or contradicts another.
    """
    model, hints = _last(query, "model"), tuple(query.get("language_hint", []))
    if not overheard:
        _check_model(model)
        if hints:
            raise RejectedError(refused(f"language_hint is for {MULTILINGUAL_MODEL} only."))
    audio, turn = _audio(query, overheard=overheard), _turn_settings(query, overheard=overheard)
    settings = Settings(model, _keyterms(query.get("keyterm", []), overheard=overheard), turn, hints)
    return Asked(audio, settings, _last(query, "trace") == "1")


def shows_key(key: str, head: Head) -> bool:
    """Return whether a request carries `key`: behind `Token`, for behind `Bearer` stands no key."""
    return holds_key(key, head.logins("Token"))


def _last(query: Query, name: str) -> str:
    """Return the last value of a parameter that is no list, or ""."""
    return query.get(name, [""])[-1]


def _check_model(model: str) -> None:
    if model == MULTILINGUAL_MODEL:
        raise RejectedError(refused(f"This local server knows English only: use {MODEL}."))
    if model != MODEL:
        message = f"There is no such model; use {MODEL}."
        raise RejectedError(Rejection("Forbidden", message, 403, "INSUFFICIENT_PERMISSIONS"))


def _audio(query: Query, *, overheard: bool) -> Audio:
    encoding, rate = _last(query, "encoding"), _last(query, "sample_rate")
    if encoding not in _ENCODINGS:
        where = "" if overheard else " on this local server"
        raise RejectedError(refused(f"encoding must be one of {', '.join(_ENCODINGS)}{where}."))
    if rate not in map(str, SAMPLE_RATES):
        raise RejectedError(refused(f"sample_rate must be one of {', '.join(map(str, SAMPLE_RATES))}."))
    return Audio(_ENCODINGS[encoding], int(rate))


def _turn_settings(query: Query, *, overheard: bool) -> TurnSettings:
    given = {}
    for name in SCHEMA.names:
        if name not in query:
            continue
        try:
            given[name] = float(_last(query, name))
        except ValueError:
            raise RejectedError(refused(f"{name} must be a number.")) from None
    return TurnSettings(given) if overheard else checked(TurnSettings(given))


def _keyterms(terms: list[str], *, overheard: bool) -> tuple[str, ...]:
    if overheard:
        return tuple(term for term in terms if term.strip())
    if not all(term.strip() for term in terms):
        raise RejectedError(refused("keyterm must not be empty."))
    if len(terms) > MOST_KEYTERMS:
        raise RejectedError(refused(f"At most {MOST_KEYTERMS} keyterms."))
    return tuple(terms)
