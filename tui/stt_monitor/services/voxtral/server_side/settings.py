"""Settings of a session as the service checks them (services.md 3, 5)."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import ENCODINGS, Audio
from stt_monitor.services.server_side import SAMPLE_RATES, Parameters, Thresholds
from stt_monitor.services.voxtral.request import turn_detection
from stt_monitor.services.voxtral.server_side.rejections import refused
from stt_monitor.services.voxtral.settings import MODEL, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS: Final = (MODEL, "voxtral-transcribe-realtime-3")
"""Those that have turns."""

_FIELDS: Final = {
    "audio_format", "target_streaming_delay_ms", "language", "context_bias", "diarize", "speaker_references",
    "turn_detection",
}  # fmt: skip


class SessionSettings(msgspec.Struct, frozen=True):
    """The settings in force."""

    model: str
    audio: Audio = Audio("pcm_s16le", 16_000)
    language: str | None = None
    context_bias: tuple[str, ...] | None = None
    turn: TurnSettings | None = None
    """Those that are set; None for text without turns."""

    def changed(self, session: object, *, overheard: bool = False) -> Self:
        """Return settings after a `session.update`; what it does not name stays.

        Args:
            session: what it says.
            overheard: whether another server answers, which may have more, and other limits.

        Raises:
            RejectedError: something is unknown, malformed, out of range or order, or nothing that this server has.
        """
        if not isinstance(session, dict):
            raise refused("session must be an object.")
        if not overheard:
            if unknown := session.keys() - _FIELDS:
                raise refused(f"session has no {min(unknown)}.")
            _check_absent(session)
            _check_language(session.get("language"))
        readers: dict[str, tuple[str, Callable[[object], object]]] = {
            "audio_format": ("audio", _audio), "language": ("language", _language),
            "context_bias": ("context_bias", _context_bias),
            "turn_detection": ("turn", partial(_turn, overheard=overheard)),
        }  # fmt: skip
        changes = {field: read(session[name]) for name, (field, read) in readers.items() if name in session}
        return msgspec.structs.replace(self, **changes)

    def parameters(self, *, trace: bool) -> Parameters:
        """Return what the local server needs to know."""
        turn = SCHEMA.completed(self.turn or TurnSettings())
        limits = Thresholds(
            start=turn["start_threshold"],
            eager_end=turn["eager_end_threshold"],
            end=turn["end_threshold"],
            end_timeout_ms=turn["end_timeout_ms"],
            min_silence_ms=turn["min_silence_ms"],
        )
        hints = (self.language,) if self.language else ()
        settings = Settings(self.model, self.context_bias or (), self.turn or TurnSettings(), hints)
        return Parameters(self.audio, limits, self.context_bias or (), trace, settings=settings)

    def shown(self, request_id: str) -> dict[str, Any]:
        """Return them as the service tells them."""
        return {
            "request_id": request_id,
            "model": self.model,
            "audio_format": {"encoding": self.audio.encoding, "sample_rate": self.audio.sample_rate},
            "target_streaming_delay_ms": None,
            "diarize": None,
            "context_bias": self.context_bias,
            "language": self.language,
            "speaker_references": None,
            "turn_detection": None if self.turn is None else turn_detection(SCHEMA.completed(self.turn)),
        }


def _check_absent(session: dict[str, Any]) -> None:
    """Refuse what this local server does not have."""
    if session.get("diarize") and session.get("turn_detection") is not None:
        raise refused("Diarization is not compatible with turn detection.")
    delay = session.get("target_streaming_delay_ms")  # text comes as soon as it can, which is no delay
    if isinstance(delay, bool) or not isinstance(delay, int | None):
        raise refused("target_streaming_delay_ms must be a whole number.")
    for name in ("diarize", "speaker_references"):
        if session.get(name):
            raise refused(f"This local server has no {name}: leave it out.")


def _audio(told: object) -> Audio:
    match told:
        case {"encoding": str() as encoding, "sample_rate": int() as rate, **rest} if not rest:
            if encoding in ENCODINGS and rate in SAMPLE_RATES and not isinstance(rate, bool):
                return Audio(encoding, rate)
    rates = f"{SAMPLE_RATES[0]} to {SAMPLE_RATES[-1]}"
    raise refused(f"audio_format must have an encoding ({', '.join(ENCODINGS)}) and a sample_rate ({rates}).")


def _check_language(told: object) -> None:
    if told not in (None, "en"):
        raise refused("This local server knows English only: leave language out, or set it to en.")


def _language(told: object) -> str | None:
    return told if isinstance(told, str) else None


def _context_bias(told: object) -> tuple[str, ...] | None:
    if told is None:
        return None
    if isinstance(told, list) and all(isinstance(term, str) for term in told):
        return tuple(term for term in told if term.strip())
    raise refused("context_bias must be a list of texts.")


def _turn(told: object, *, overheard: bool = False) -> TurnSettings | None:
    if told is None:
        return None
    if not isinstance(told, dict):
        raise refused("turn_detection must be an object.")
    unknown = told.keys() - set(SCHEMA.names)
    if unknown and not overheard:
        raise refused(f"turn_detection has no {min(unknown)}.")
    given = {name: value for name, value in told.items() if value is not None and name not in unknown}
    for name, value in given.items():
        kind, kind_words = (int, "a whole number") if SCHEMA[name].unit else (int | float, "a number")
        if isinstance(value, bool) or not isinstance(value, kind):
            raise refused(f"{name} must be {kind_words}.")
    turn = TurnSettings(given)
    if not overheard and (problem := SCHEMA.problem(SCHEMA.completed(turn))):
        raise refused(f"{problem[0].upper()}{problem[1:]}.")
    return turn
