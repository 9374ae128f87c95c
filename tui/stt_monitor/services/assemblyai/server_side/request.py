"""Query and headers of a connection, read into values (services.md 6)."""

from typing import Any, Final

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.assemblyai.families import (
    DEFAULT_MODE,
    FORMATS,
    LATER_MODEL,
    MODE,
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
    language_hints: tuple[str, ...] = ()
    formats: bool = False
    """Whether a formatted copy follows each end."""
    idle_timeout_s: float | None = None
    trace: bool = False
    """Whether it wants the likelihood, an extension of ours: `trace=1`."""

    @property
    def family(self) -> Family:
        """What the model sends and takes."""
        return _family(self.model, self.mode)

    @property
    def settings(self) -> Settings:
        """What is set, in one."""
        return Settings(self.model, self.keyterms, self.turn, self.language_hints)


def read_request(head: Head, *, overheard: bool = False) -> Asked:
    """Read the parameters of a connection; unknown ones are ignored, as are those of other models.

    Args:
        head: the request.
        overheard: whether another server answers, which may have more models, and other limits.

    Raises:
        RejectedError: one is missing, malformed or out of range.
    """
    query = head.query
    model = _last(query, "speech_model")
    model = model or MODEL if overheard else _model(model)
    mode = _mode(_last(query, MODE)) if MODE in family_of(model).schema.names else None
    family = _family(model, mode)
    given = {name: _last(query, name) for name in family.numbers if name in query}
    turn = TurnSettings({name: _number(name, text) for name, text in given.items()})
    return Asked(
        model,
        _audio(query, overheard=overheard),
        turn if overheard else checked(family, turn),
        version=next(iter(head.header("assemblyai-version")), API_VERSION),
        mode=mode,
        keyterms=_keyterms(_last(query, "keyterms_prompt")),
        language_hints=_words(_last(query, "language_codes"), "language_codes") if overheard else (),
        formats=_last(query, FORMATS).lower() in _TRUE,
        idle_timeout_s=_inactivity(_last(query, "inactivity_timeout")),
        trace=_last(query, "trace") == "1",
    )


def checked(family: Family, turn: TurnSettings) -> TurnSettings:
    """Return settings that are valid. Raises RejectedError."""
    if problem := family.schema.problem(turn):
        raise refused(f"{problem[0].upper()}{problem[1:]}.")
    return turn


def shows_key(key: str, head: Head) -> bool:
    """Return whether a request carries `key`: without a scheme, or in the query."""
    return holds_key(key, (*map(str.strip, head.header("authorization")), *head.query.get("token", [])))


def _family(model: str, mode: str | None) -> Family:
    return family_of(model, None if mode is None else list(MODES).index(mode))


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


def _audio(query: Query, *, overheard: bool) -> Audio:
    encoding, rate = _last(query, "encoding") or ENCODINGS[0], _last(query, "sample_rate")
    if encoding not in ENCODINGS:
        where = "" if overheard else " on this local server"
        raise refused(f"encoding must be one of {', '.join(ENCODINGS)}{where}.")
    if not (rate.isascii() and rate.isdecimal() and LOWEST_RATE <= int(rate[:9]) <= HIGHEST_RATE):
        raise refused(f"sample_rate must lie from {LOWEST_RATE} to {HIGHEST_RATE}.")
    return Audio(encoding, int(rate))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise refused(f"{name} must be a number.") from None


def _words(text: str, name: str) -> tuple[str, ...]:
    try:
        words: Any = msgspec.json.decode(text) if text else []
    except (msgspec.DecodeError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise refused(f"{name} must be a list of texts, as JSON.")
    return tuple(words)


def _keyterms(text: str) -> tuple[str, ...]:
    terms = _words(text, "keyterms_prompt")
    if len(terms) > MOST_KEYTERMS or any(len(term) > MOST_KEYTERM_CHARACTERS for term in terms):
        raise refused(f"At most {MOST_KEYTERMS} keyterms, of {MOST_KEYTERM_CHARACTERS} characters.")
    return tuple(term for term in terms if term.strip())


def _inactivity(text: str) -> float | None:
    least, most = _INACTIVITY_S
    seconds = _number("inactivity_timeout", text) if text else least
    if not least <= seconds <= most:
        raise refused(f"inactivity_timeout must lie from {least} to {most}.")
    return seconds if text else None
