"""AssemblyAI streaming v3; sections are those of `docs/services.md`."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from stt_monitor.core.dialect import Dialect, Onset, Promise, TextAfterEnd
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.stall import SILENCE_S
from stt_monitor.services.assemblyai.families import FORMATS, LATER_MODEL, MODE, MODEL, family_of
from stt_monitor.services.assemblyai.request import (
    BASE_URL,
    CHUNK_MS,
    KEY_VARIABLE,
    PUBLIC_NAMES,
    SOCKET_PATH,
    configure,
    encode,
    finish,
    headers,
    request,
)
from stt_monitor.services.assemblyai.settings import LISTS, problem
from stt_monitor.services.base import Service
from stt_monitor.services.later import later

DECODER: Final = later("assemblyai.decoder:Decoder")

PROMISES: Final = {Promise.GREETING: "begin_first", Promise.ONE_TURN: "one_turn"}
"""Starts and resumes are inferred: nothing is promised of these. Of texts the decoder knows more (services.md 6)."""


_COPY_S: Final = 1.0
"""Longest wait for a formatted copy, which the address may ask for, too: figures take as long anyway."""

_LONG_SILENCE_S: Final = 15.0
"""The newest models may say nothing more until the speaker pauses (services.md 6): few speak for so long without."""


def dialect(settings: Settings) -> Dialect:
    """Return what the core must know: models are of two kinds."""
    model = settings.model or MODEL
    family = family_of(model, settings.turn.get(MODE))
    return Dialect(
        family.schema,
        partial(DECODER, model),
        PROMISES,
        joiner=" ",
        onset=Onset.WORDS if family.tells_starts else Onset.DERIVED,
        eager_ends=family.tells_pauses,
        resumes=family.tells_pauses,
        text_after_end=TextAfterEnd.COPY if family.settles else TextAfterEnd.NEVER,
        copy_setting=FORMATS,
        text_wait_s=_COPY_S,
        overlap=True,
        tells_likelihood=family.tells_confidence,
        silence_s=_LONG_SILENCE_S if family.tells_starts else SILENCE_S,
        tells_onset=True,
        tells_speech_end=True,
    )


CLOSES: Final[Mapping[int, str]] = {
    1000: "the answer to “Terminate” when all has been said (services.md 6)",
    1008: "key or account are refused, or too many sessions are open (services.md 6)",
    3005: "the service failed: the monitor connects again (services.md 6)",
    3006: "a message is refused, or none came for too long (services.md 6)",
    3007: "a frame holds less than 50 ms of audio or more than 1000, or it came faster than real time (services.md 6)",
    3008: "the session has run for as long as one may (services.md 6)",
    3009: "too many sessions are open: the monitor tries again (services.md 6)",
}
"""What its closes mean, by code."""

SERVICE: Final = Service(
    name="assemblyai",
    title="AssemblyAI",
    key_variable=KEY_VARIABLE,
    url=BASE_URL,
    path=SOCKET_PATH,
    model=MODEL,
    other_models=(LATER_MODEL,),
    dialect=dialect,
    lists=LISTS,
    public_names=PUBLIC_NAMES,
    public_prefix="",
    problem=problem,
    headers=headers,
    request=request,
    encode=encode,
    configure=configure,
    finish=finish,
    refusal_text=later("assemblyai.failures:refusal_text"),
    refusal=later("assemblyai.failures:refusal"),
    failure=later("assemblyai.failures:failure"),
    label=later("assemblyai.labels:label"),
    closes=CLOSES,
    web_paths=("/v3/token",),
    chunk_ms=CHUNK_MS,
    catch_up_speed=1.0,  # it closes with 3007 when audio comes faster than real time
)
