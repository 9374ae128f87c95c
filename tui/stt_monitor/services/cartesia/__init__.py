"""Cartesia Realtime STT (Auto); sections are those of `docs/protocol.md`."""

from typing import Final

from stt_monitor.core.dialect import Dialect
from stt_monitor.services.base import Service
from stt_monitor.services.cartesia.decoder import Decoder
from stt_monitor.services.cartesia.failures import failure, refusal, refusal_text
from stt_monitor.services.cartesia.guarantees import GUARANTEES
from stt_monitor.services.cartesia.labels import CLOSES, label
from stt_monitor.services.cartesia.request import (
    BASE_URL,
    CLOSE,
    KEY_VARIABLE,
    PUBLIC_NAMES,
    SOCKET_PATH,
    TURN_PREFIX,
    configure,
    encode,
    headers,
    request,
)
from stt_monitor.services.cartesia.settings import LISTS, MODEL, SCHEMA, problem
from stt_monitor.services.cartesia.speech import SPEECH

DIALECT: Final = Dialect(schema=SCHEMA, decoder=Decoder, promises=GUARANTEES, joiner="")
"""Every model speaks it. Turns are joined by nothing, for their texts begin with a space (protocol.md 7.3)."""

SERVICE: Final = Service(
    name="cartesia",
    title="Cartesia",
    key_variable=KEY_VARIABLE,
    url=BASE_URL,
    path=SOCKET_PATH,
    model=MODEL,
    dialect=lambda _: DIALECT,
    lists=LISTS,
    public_names=PUBLIC_NAMES,
    public_prefix=TURN_PREFIX,
    problem=problem,
    headers=headers,
    request=request,
    encode=encode,
    configure=configure,
    finish=lambda _: (CLOSE,),
    refusal_text=refusal_text,
    refusal=refusal,
    failure=failure,
    label=label,
    closes=CLOSES,
    speech=SPEECH,
)
