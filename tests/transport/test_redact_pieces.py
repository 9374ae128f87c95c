"""Secrets that a service sends in pieces: nothing is held back, and no more than a beginning is ever shown."""

import html
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.assemblyai import examples as assemblyai
from tests.services.flux import examples as flux
from tests.services.voxtral import examples as voxtral
from tests.support.examples import tried

from stt_monitor.core.journal import Began, received
from stt_monitor.core.key import MASK
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.services.registry import service
from stt_monitor.transport.redact import Redactor
from stt_monitor.transport.redact_pieces import PiecesRedactor
from stt_monitor.transport.spellings import TELLING
from stt_monitor.transport.unescape import unescape

KEY = "sk_car_Ab12/Cd+34=="
ANY_KEY = st.text("abcXYZ0189_-/+=.~<é", min_size=TELLING, max_size=40).filter(lambda key: key == key.strip())
Frames = list[dict[str, Any]]


def cartesia_turns(pieces: list[str]) -> Iterator[dict[str, Any]]:
    for piece in pieces:
        yield {"type": "turn.start"}
        yield {"type": "turn.update", "transcript": piece[: len(piece) // 2]}
        yield {"type": "turn.update", "transcript": piece}
        yield {"type": "turn.end", "transcript": piece}


def voxtral_deltas(pieces: list[str]) -> Iterator[dict[str, Any]]:
    yield voxtral.turn("start", 0)
    for number, piece in enumerate(pieces):
        yield voxtral.delta(piece)
        if number % 3 == 1:
            yield {"type": "transcription.language", "audio_language": "en"}
    yield voxtral.turn("end", 1, end_reason="timeout")


def voxtral_turns(pieces: list[str]) -> Iterator[dict[str, Any]]:
    for at, piece in enumerate(pieces):
        yield from (voxtral.turn("start", at), voxtral.delta(piece), voxtral.turn("end", at, end_reason="timeout"))


def flux_turns(pieces: list[str]) -> Iterator[dict[str, Any]]:
    for number, piece in enumerate(pieces):
        yield flux.turn_info("StartOfTurn", number, piece)
        yield flux.turn_info("EndOfTurn", number, piece)


def assemblyai_turns(pieces: list[str]) -> Iterator[dict[str, Any]]:
    for order, piece in enumerate(pieces):
        yield assemblyai.turn(order, "", piece)
        yield assemblyai.turn(order, piece)
        yield assemblyai.end(order, piece)


def growing(pieces: list[str]) -> Iterator[dict[str, Any]]:
    yield {"type": "turn.start"}
    for count in range(1, len(pieces) + 1):
        yield {"type": "turn.update", "transcript": "".join(pieces[:count])}
    yield {"type": "turn.end", "transcript": "".join(pieces)}


GREETINGS: dict[str, Frames] = {
    "cartesia": [{"type": "connected"}],
    "voxtral": voxtral.EXAMPLES[:2],
    "flux": flux.EXAMPLES[:1],
    "assemblyai": [{"type": "Begin"}],
}
WAYS: dict[str, tuple[str, Callable[[list[str]], Iterator[dict[str, Any]]]]] = {
    "turns of Cartesia": ("cartesia", cartesia_turns),
    "a turn of Cartesia that grows": ("cartesia", growing),
    "deltas of Voxtral": ("voxtral", voxtral_deltas),
    "turns of Voxtral": ("voxtral", voxtral_turns),
    "turns of Flux": ("flux", flux_turns),
    "turns of AssemblyAI": ("assemblyai", assemblyai_turns),
}


def shown(name: str, messages: Iterator[dict[str, Any]], redact: Callable[[str], str]) -> tuple[Monitor, list[str]]:
    """Return what a session makes of messages, and the messages as they are recorded."""
    declared = service(name)
    asked = Settings(declared.model)
    session = SessionRecord("", "a.wav", "", declared.model, "pcm_s16le", 16_000, 100, asked, "none", service=name)
    monitor = Monitor.begin(Began(session), declared.dialect(asked))
    frames = [redact(json.dumps(message)) for message in (*GREETINGS[name], *messages)]
    for at, frame in enumerate(frames):
        monitor.apply(received(float(at), frame))
    return monitor, frames


def violations(monitor: Monitor) -> int:
    return monitor.snapshot(99.0, running=False).counts.violations


def longest_run(secret: str, text: str) -> int:
    """Return how many characters in a row of a secret are in a text."""
    return max(
        length for length in range(len(secret) + 1)
        if any(secret[at : at + length] in text for at in range(len(secret) - length + 1))
    )  # fmt: skip


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted({cut % len(text) for cut in cuts} - {0}), len(text)]
    return [text[start:stop] for start, stop in pairwise(places)]


@pytest.mark.parametrize("way", WAYS)
@tried(50)
@given(ANY_KEY, st.lists(st.integers(0, 60), max_size=12), st.sampled_from(["", "it is ", "no. "]))
def test_no_more_than_a_beginning_of_a_key_is_shown_however_it_is_split(way: str, key: str, cuts: list[int], said: str):
    name, messages = WAYS[way]
    pieces = pieces_of(f"{said}{key}", cuts)
    monitor, frames = shown(name, messages(pieces), PiecesRedactor(Redactor([key])))
    texts = [json.loads(frame) for frame in frames]  # masks break no message
    assert longest_run(key, monitor.transcript) < TELLING
    assert all(longest_run(key, json.dumps(each, ensure_ascii=False)) < TELLING for each in texts)
    assert violations(monitor) == violations(shown(name, messages(pieces), str)[0])  # masks are no fault of the service


@pytest.mark.parametrize("way", WAYS)
@tried(50)
@given(st.lists(st.text("sk_car ab1.", min_size=1, max_size=9), max_size=9))
def test_texts_that_continue_no_key_stay_as_they_are(way: str, pieces: list[str]):
    name, messages = WAYS[way]
    sent = [json.dumps(message) for message in (*GREETINGS[name], *messages(pieces))]
    assert shown(name, messages(pieces), PiecesRedactor(Redactor(["sk_CAR_99-another", "1811-dashwood"])))[1] == sent


ENCODE = {
    "as it is": str,
    "upper": str.upper,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 twice": lambda text: b64encode(b64encode(text.encode())).decode(),
    "hex": lambda text: text.encode().hex(),
}


@pytest.mark.parametrize("encode", ENCODE.values(), ids=ENCODE)
def test_each_character_of_a_key_by_itself_however_it_is_encoded(encode: Callable[[str], str]):
    redact = PiecesRedactor(Redactor([KEY]))
    joined = "".join(json.loads(redact(json.dumps(voxtral.delta(each))))["text"] for each in encode(KEY))
    assert MASK in joined
    assert longest_run(encode(KEY), joined) < TELLING


@pytest.mark.parametrize("escape", [quote, html.escape, lambda text: "".join(f"&#{ord(each)};" for each in text)])
def test_pieces_of_a_key_that_is_escaped(escape: Callable[[str], str]):
    redact = PiecesRedactor(Redactor([KEY]))
    joined = "".join(json.loads(redact(json.dumps(voxtral.delta(escape(each)))))["text"] for each in KEY)
    assert MASK in joined
    assert longest_run(KEY, unescape(joined)) < TELLING


def test_what_begins_like_a_key_is_forgotten_when_enough_else_was_said():
    redact = PiecesRedactor(Redactor([KEY]))
    redact('{"text":"sk_car_Ab12"}')
    assert redact('{"text":"/ is next"}') == '{"text":"*** is next"}'
    for number in range(100):
        redact(f'{{"text":"{number}"}}')
    assert redact('{"text":"/ is next"}') == '{"text":"/ is next"}'


def test_a_field_continues_those_of_its_name_alone():
    redact = PiecesRedactor(Redactor([KEY]))
    redact('{"message":"invalid: sk_car_Ab12"}')
    assert redact('{"type":"/","text":"/Cd+34=="}') == '{"type":"/","text":"/Cd+34=="}'


@given(st.lists(st.text(), max_size=5))
def test_messages_without_a_secret_and_no_json_at_all_stay_as_they_are(messages: list[str]):
    redact = PiecesRedactor(Redactor([KEY]))
    assert [redact(message) for message in messages] == messages
