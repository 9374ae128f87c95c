"""What its models have in common, and what not (services.md 3, 6)."""

from typing import Final

import msgspec

from stt_monitor.core.settings.requested import Order, Schema, Setting

MODEL: Final = "universal-streaming-english"
MULTILINGUAL_MODEL: Final = "universal-streaming-multilingual"
LATER_MODEL: Final = "universal-3-6-pro"
"""What integrations ask for unless they are told."""

RETIRED: Final = {"u3-pro": "u3-rt-pro"}
"""Models that are gone, and what has taken their place."""

_LONGEST_SILENCE: Final = 10_000
"""Milliseconds; no limit is published, and a turn that waits longer is no use to anyone."""


MODES: Final = {"min_latency": (128, 640), "balanced": (128, 1280), "max_accuracy": (512, 2560)}
"""Of the newest models: default silences, least and most, in milliseconds."""
DEFAULT_MODE: Final = "balanced"

MODE: Final = "mode"
FORMATS: Final = "format_turns"


class Family(msgspec.Struct, frozen=True):
    """A kind of model, by what it sends and what it takes."""

    schema: Schema
    tells_starts: bool
    """Whether `SpeechStarted` comes; a turn begins with its first text otherwise."""
    tells_pauses: bool
    """Whether `utterance` comes with a pause that may be the end: an eager end."""
    tells_confidence: bool
    """Whether `end_of_turn_confidence` is a probability. It is a ramp over the silence, or 0 and 1, otherwise."""
    settles: bool
    """Whether `transcript` is never taken back, up to the end of the turn."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of its settings that are numbers."""
        return tuple(each.name for each in self.schema.settings if not each.words)


def family_of(model: str, mode: float | None = None) -> Family:
    """Return the family of a model, with the default settings of a mode (a number of `MODES`).

    A name that is not known yet belongs to the newest, which promises least.
    """
    if model == MULTILINGUAL_MODEL:
        return _STREAMING_FORMATTED
    if model.startswith("universal-streaming"):
        return _STREAMING
    if model.startswith("whisper"):
        return _WHISPER
    if model.startswith("u3-rt"):
        return _EARLIER
    return _LATER.get("" if mode is None else _MODE.text(mode), _LATER[DEFAULT_MODE])


def _silences(shortest: float, longest: float) -> tuple[Setting, ...]:
    """Return the settings for the silence that ends a turn; the arguments are their defaults."""
    return (
        Setting(
            "min_turn_silence", 0, _LONGEST_SILENCE, shortest,
            label="min silence",
            meaning="end_of_turn no sooner than this after speech",
            hint="end_of_turn no sooner than this after speech: lower ends sooner, and cuts off more often",
            larger="ends later",
            unit="ms",
            step=100.0,
            fine=20.0,
        ),
        Setting(
            "max_turn_silence", 0, _LONGEST_SILENCE, longest,
            label="max silence",
            meaning="end_of_turn this long after speech, however unsure",
            hint="end_of_turn this long after speech, however unsure",
            larger="ends later",
            unit="ms",
            step=200.0,
            fine=20.0,
        ),
    )  # fmt: skip


def _vad(default: float | None) -> Setting:
    return Setting(
        "vad_threshold", 0, 1, default,
        label="vad",
        meaning="speech from this probability of voice on",
        hint="speech from this probability of voice on: higher hears less noise, and misses more quiet speech",
        larger="hears less",
        unset="unknown",
        step=0.05,
        fine=0.01,
    )  # fmt: skip


_CONFIDENCE: Final = Setting(
    "end_of_turn_confidence_threshold", 0, 1, 0.4,
    label="end",
    meaning="end_of_turn from this confidence on",
    hint="end_of_turn from this confidence on: lower ends sooner, and cuts off more often",
    larger="ends later",
    leads_to="idle",
    confidence_of_end=True,
    step=0.05,
    fine=0.01,
)  # fmt: skip

_INTERRUPTION: Final = Setting(
    "interruption_delay", 0, 1000, 500,
    label="interruption",
    meaning="first text of a turn this long after its start",
    hint="first text of a turn this long after its start: lower interrupts sooner, and more often for nothing",
    larger="starts later",
    unit="ms",
    step=100.0,
    fine=20.0,
)  # fmt: skip


_FORMATS: Final = Setting(
    FORMATS, 0, 1, 0,
    label="format",
    meaning="each end_of_turn comes once more, formatted",
    hint="each end_of_turn comes once more, formatted, or not; with the next session",
    larger="adds a copy",
    words=("false", "true"),
    live=False,
    step=1.0,
    fine=1.0,
)  # fmt: skip

_MODE: Final = Setting(
    MODE, 0, len(MODES) - 1, list(MODES).index(DEFAULT_MODE),
    label="mode",
    meaning="latency against accuracy; it has silences of its own",
    hint="latency against accuracy; it has silences of its own; with the next session",
    larger="is more accurate",
    words=tuple(MODES),
    live=False,
    step=1.0,
    fine=1.0,
)  # fmt: skip


def _schema(*settings: Setting) -> Schema:
    order = Order("max_turn_silence", "min_turn_silence", ties=True)
    return Schema(settings, orders=(order,), end_timeout="max_turn_silence", min_silence="min_turn_silence")


def _newest(shortest: float, longest: float, *more: Setting) -> Family:
    """Return the family of the models that transcribe each turn anew; the arguments are its silences.

    Its published threshold of voice is 0.2 or 0.3: which model has which is not known.
    """
    schema = _schema(*_silences(shortest, longest), _vad(None), _INTERRUPTION, *more)
    return Family(schema, tells_starts=True, tells_pauses=False, tells_confidence=False, settles=False)


_STREAMING: Final = Family(
    _schema(_CONFIDENCE, *_silences(400, 1280), _vad(0.4), _FORMATS),
    tells_starts=False,
    tells_pauses=True,
    tells_confidence=True,
    settles=True,
)
_STREAMING_FORMATTED: Final = msgspec.structs.replace(_STREAMING, settles=False)
"""Its end comes formatted at once, which the text before was not."""
_WHISPER: Final = msgspec.structs.replace(_STREAMING_FORMATTED, tells_pauses=False, tells_confidence=False)
"""Little is published of it: nothing is expected."""
_EARLIER: Final = _newest(100, 1000)
_LATER: Final = {mode: _newest(*silences, _MODE) for mode, silences in MODES.items()}
"""By mode."""
