"""Cartesia Realtime STT (Auto); sections are those of `docs/protocol.md`."""

from collections.abc import Mapping
from typing import Final

from stt_monitor.core.dialect import Dialect
from stt_monitor.services.base import Service
from stt_monitor.services.cartesia.guarantees import GUARANTEES
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
from stt_monitor.services.later import later

DIALECT: Final = Dialect(schema=SCHEMA, decoder=later("cartesia.decoder:Decoder"), promises=GUARANTEES, joiner="")
"""Every model speaks it. Turns are joined by nothing, for their texts begin with a space (protocol.md 7.3)."""

_PASSING: Final = "it may pass: the monitor connects again (protocol.md 10.2)"
CLOSES: Final[Mapping[int, str]] = {
    1000: "the answer to “close” when all has been said (protocol.md 9)",
    1001: "also after 180 s without audio, with “Idle timeout” as its reason (protocol.md 10.2, 11)",
    1005: "as good as 1000 (protocol.md 9)",
    1008: "model, encoding or settings are refused; trying again is no use (protocol.md 10.2)",
    1011: f"the service failed; {_PASSING}",
    1012: _PASSING,
    1013: _PASSING,
    1014: _PASSING,
}
"""What its closes mean, by code."""

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
    refusal_text=later("cartesia.failures:refusal_text"),
    refusal=later("cartesia.failures:refusal"),
    failure=later("cartesia.failures:failure"),
    label=later("cartesia.labels:label"),
    closes=CLOSES,
    web_paths=("/tts", "/stt", "/voices", "/access-token"),
    speech=SPEECH,
)
