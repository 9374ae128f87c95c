"""Deepgram Flux; sections are those of `docs/services.md`."""

from collections.abc import Mapping
from typing import Final

from stt_monitor.core.dialect import Dialect, Onset, Promise
from stt_monitor.services.base import Service
from stt_monitor.services.flux.request import (
    BASE_URL,
    KEY_VARIABLE,
    PUBLIC_NAMES,
    SOCKET_PATH,
    configure,
    encode,
    finish,
    headers,
    request,
)
from stt_monitor.services.flux.settings import EAGER, LISTS, MODEL, SCHEMA, problem
from stt_monitor.services.later import later

DECODER: Final = later("flux.decoder:Decoder")

PROMISES: Final = {
    Promise.GREETING: "connected_first",
    Promise.ONE_EAGER_END: "one_eager_end",
    Promise.RESUMES_EAGER_END: "resumes_eager_end",
    Promise.ONE_TURN: "one_turn",
}
"""It revises its text, and ends turns without a start: no promise is made of these (services.md 4)."""

SILENCE_S: Final = 2.0
"""It sends an update about every 0.25 s of audio (services.md 4): eight in a row are missing."""


DIALECT: Final = Dialect(
    SCHEMA,
    DECODER,
    PROMISES,
    joiner=" ",
    onset=Onset.WORDS,
    eager_setting=EAGER,
    tells_onset=True,
    tells_speech_end=True,
    tells_reason=True,
    tells_likelihood=True,
    finish_ends_turn=False,
    silence_s=SILENCE_S,
    acknowledges=True,
)
"""Its starts have a word; its bounds are those of the first word and the last."""


CLOSES: Final[Mapping[int, str]] = {
    1005: "the answer to “CloseStream” when all has been said (services.md 4)",
    1008: "the audio cannot be decoded (DATA-0000), or a message is refused; trying again is no use (services.md 4)",
    1011: "no audio came in time, or the service failed (NET-000x): the monitor connects again (services.md 4)",
}
"""What its closes mean, by code."""

SERVICE: Final = Service(
    name="flux",
    title="Deepgram Flux",
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
    configure=configure,
    finish=finish,
    refusal_text=later("flux.failures:refusal_text"),
    refusal=later("flux.failures:refusal"),
    failure=later("flux.failures:failure"),
    label=later("flux.labels:label"),
    closes=CLOSES,
    web_paths=("/v1/listen", "/v1/speak", "/v1/auth", "/v1/projects"),
)
