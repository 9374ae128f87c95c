"""Mistral Voxtral 3; sections are those of `docs/services.md`."""

from collections.abc import Mapping
from typing import Final

from stt_monitor.core.dialect import Dialect, Promise, TextAfterEnd
from stt_monitor.services.base import Service
from stt_monitor.services.later import later
from stt_monitor.services.voxtral.request import (
    BASE_URL,
    KEY_VARIABLE,
    PUBLIC_NAMES,
    SOCKET_PATH,
    encode,
    finish,
    headers,
    request,
)
from stt_monitor.services.voxtral.settings import LISTS, MODEL, SCHEMA, problem

PROMISES: Final = {
    Promise.GREETING: "session_first",
    Promise.STARTED: "turn_start_first",
    Promise.ONE_EAGER_END: "one_eager_end",
    Promise.RESUMES_EAGER_END: "resumes_eager_end",
    Promise.ONE_TURN: "one_turn",
}
"""Text only grows, for its pieces are added up (services.md 5)."""

TEXT_WAIT_S: Final = 2.0
"""Longest wait for the rest of a text after its turn: it runs behind the sound by about half a second."""

DIALECT: Final = Dialect(
    SCHEMA,
    later("voxtral.decoder:Decoder"),
    PROMISES,
    joiner="",
    text_after_end=TextAfterEnd.ALWAYS,
    text_wait_s=TEXT_WAIT_S,
    tells_reason=True,
    finish_ends_turn=False,
)
"""Spaces between turns are part of the pieces."""

CLOSES: Final[Mapping[int, str]] = {1011: "an “error” came before it, which says why (services.md 5)"}
"""What its closes mean, by code."""

SERVICE: Final = Service(
    name="voxtral",
    title="Mistral Voxtral",
    key_variable=KEY_VARIABLE,
    url=BASE_URL,
    path=SOCKET_PATH,
    model=MODEL,
    dialect=lambda _: DIALECT,
    lists=LISTS,
    public_names=PUBLIC_NAMES,
    public_prefix="",
    problem=problem,
    headers=headers,
    request=request,
    encode=encode,
    configure=None,
    finish=finish,
    refusal_text=later("voxtral.failures:refusal_text"),
    refusal=later("voxtral.failures:refusal"),
    failure=later("voxtral.failures:failure"),
    label=later("voxtral.labels:label"),
    closes=CLOSES,
    web_paths=("/v1/audio", "/v1/models"),
)
