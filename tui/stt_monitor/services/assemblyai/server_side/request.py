"""Query and headers of a connection, read into values (services.md 6)."""

from typing import Any, Final

import msgspec

from stt_monitor.core.settings import TurnSettings
from stt_monitor.services.assemblyai.families import (
    DEFAULT_MODE,
    LATER_MODEL,
    MODEL,
    MODES,
    MULTILINGUAL_MODEL,
    RETIRED,
    Family,
    family_of,
)
from stt_monitor.services.assemblyai.request import API_VERSION, ENCODINGS, HIGHEST_RATE, LOWEST_RATE
from stt_monitor.services.assemblyai.server_side.rejections import refused
from stt_monitor.services.assemblyai.settings import MOST_KEYTERM_CHARACTERS, MOST_KEYTERMS
from stt_monitor.services.base import Audio
from stt_monitor.services.server_side import Head, Query, holds_key

_MODELS: Final = (MODEL, "u3-rt-pro", "u3-rt-pro-beta-1", "universal-3-5-pro", "universal-3-6", LATER_MODEL)
"""Those that know English, and whose turns are described."""

_TRUE: Final = frozenset({"true", "1"})
_INACTIVITY_S: Final = (5, 3600)


class Asked(msgspec.Struct, frozen=True):
    """What a client asks for when it connects."""

    model: str
    audio: Audio
    turn: TurnSettings
    """Those that are set."""
    version: str
    mode: str | None = None
    """Of the newest models alone."""
    keyterms: tuple[str, ...] = ()
    formats: bool = False
    """Whether a formatted copy follows each end."""
    idle_timeout_s: float | None = None
    trace: bool = False
    """Whether it wants the likelihood, an extension of ours: `trace=1`."""

    @property
    def family(self) -> Family:
        """What the model sends and takes."""
        return family_of(self.model)


def read_request(head: Head) -> Asked:
    """Read the parameters of a connection; unknown ones are ignored, as are those of other models.

    Raises:
        RejectedError: one is missing, malformed or out of range.
    """
    query = head.query
    model = _model(_last(query, "speech_model"))
    family = family_of(model)
    mode = _mode(_last(query, "mode")) if model.startswith("universal-3") else None
    given = {name: _last(query, name) for name in family.schema.names if name in query}
    return Asked(
        model,
        _audio(query),
        checked(family, TurnSettings({name: _number(name, text) for name, text in given.items()}), mode),
        version=next(iter(head.header("assemblyai-version")), API_VERSION),
        mode=mode,
        keyterms=_keyterms(_last(query, "keyterms_prompt")),
        formats=_last(query, "format_turns").lower() in _TRUE,
        idle_timeout_s=_inactivity(_last(query, "inactivity_timeout")),
        trace=_last(query, "trace") == "1",
    )


def checked(family: Family, turn: TurnSettings, mode: str | None) -> TurnSettings:
    """Return settings that are valid. Raises RejectedError."""
    if problem := family.schema.problem(in_mode(turn, mode)):
        raise refused(f"{problem[0].upper()}{problem[1:]}.")
    return turn


def in_mode(turn: TurnSettings, mode: str | None) -> TurnSettings:
    """Return settings completed by the silences of a mode."""
    shortest, longest = MODES.get(mode or "", (None, None))
    return TurnSettings({"min_turn_silence": shortest, "max_turn_silence": longest, **turn})


def shows_key(key: str, head: Head) -> bool:
    """Tell whether a request carries `key`: without a scheme, or in the query."""
    return holds_key(key, (*map(str.strip, head.header("authorization")), *head.query.get("token", [])))


def _last(query: Query, name: str) -> str:
    """Return the last value of a parameter, or ""."""
    return query.get(name, [""])[-1]


def _model(model: str) -> str:
    if model in RETIRED:
        raise refused(f"{model} is retired; use {RETIRED[model]}.")
    if model.startswith((MULTILINGUAL_MODEL, "whisper")):
        raise refused(f"This local server knows English only: use {MODEL} or {LATER_MODEL}.")
    if model not in _MODELS:
        raise refused(f"speech_model must be one of {', '.join(_MODELS)}.")
    return model


def _mode(text: str) -> str:
    if text and text not in MODES:
        raise refused(f"mode must be one of {', '.join(MODES)}.")
    return text or DEFAULT_MODE


def _audio(query: Query) -> Audio:
    encoding, rate = _last(query, "encoding") or ENCODINGS[0], _last(query, "sample_rate")
    if encoding not in ENCODINGS:
        raise refused(f"encoding must be one of {', '.join(ENCODINGS)} on this local server.")
    if not (rate.isascii() and rate.isdecimal() and LOWEST_RATE <= int(rate[:9]) <= HIGHEST_RATE):
        raise refused(f"sample_rate must lie from {LOWEST_RATE} to {HIGHEST_RATE}.")
    return Audio(encoding, int(rate))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise refused(f"{name} must be a number.") from None


def _keyterms(text: str) -> tuple[str, ...]:
    try:
        terms: Any = msgspec.json.decode(text) if text else []
    except (msgspec.DecodeError, RecursionError):
        terms = None
    if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
        raise refused("keyterms_prompt must be a list of texts, as JSON.")
    if len(terms) > MOST_KEYTERMS or any(len(term) > MOST_KEYTERM_CHARACTERS for term in terms):
        raise refused(f"At most {MOST_KEYTERMS} keyterms, of {MOST_KEYTERM_CHARACTERS} characters.")
    return tuple(term for term in terms if term.strip())


def _inactivity(text: str) -> float | None:
    least, most = _INACTIVITY_S
    seconds = _number("inactivity_timeout", text) if text else least
    if not least <= seconds <= most:
        raise refused(f"inactivity_timeout must lie from {least} to {most}.")
    return seconds if text else None
