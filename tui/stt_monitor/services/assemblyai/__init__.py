"""AssemblyAI streaming v3; sections are those of `docs/services.md`."""

from functools import partial
from typing import Final

from stt_monitor.core.dialect import Dialect, Onset, Promise
from stt_monitor.core.settings import Settings
from stt_monitor.services.assemblyai.decoder import Decoder
from stt_monitor.services.assemblyai.failures import failure, refusal, refusal_text
from stt_monitor.services.assemblyai.families import LATER_MODEL, MODEL, family_of
from stt_monitor.services.assemblyai.labels import CLOSES, label
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

PROMISES: Final = {Promise.GREETING: "begin_first", Promise.ONE_TURN: "one_turn"}
"""Starts and resumes are inferred: nothing is promised of these. Of texts the decoder knows more (services.md 6)."""


def dialect(settings: Settings) -> Dialect:
    """Return what the core must know: models are of two kinds."""
    model = settings.model or MODEL
    family = family_of(model)
    return Dialect(
        family.schema,
        partial(Decoder, model),
        PROMISES,
        joiner=" ",
        onset=Onset.WORDS if family.tells_starts else Onset.DERIVED,
        eager_ends=family.tells_pauses,
        resumes=family.tells_pauses,
    )


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
    refusal_text=refusal_text,
    refusal=refusal,
    failure=failure,
    label=label,
    closes=CLOSES,
    chunk_ms=CHUNK_MS,
    has_server_side=False,
)
