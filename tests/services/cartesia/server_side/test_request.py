from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.audio.formats import Encoding
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import ENCODINGS, Audio
from stt_monitor.services.cartesia.server_side.request import Asked, read_query, shows_key
from stt_monitor.services.cartesia.server_side.turn_settings import completed
from stt_monitor.services.cartesia.settings import SCHEMA
from stt_monitor.services.server_side import Head, RejectedError, Rejection

GOOD = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"


def head(query: str, *headers: tuple[str, str]) -> Head:
    return Head(f"/stt/turns/websocket?{query}", headers)


def read(query: str) -> Asked:
    return read_query(head(query).query)


def refused(query: str) -> Rejection:
    with pytest.raises(RejectedError) as refusal:
        read(query)
    return refusal.value.rejection


def test_the_least_that_is_needed() -> None:
    turn = TurnSettings(start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.3, end_timeout_ms=5600)
    assert read(GOOD) == Asked(Audio("pcm_s16le", 16000), Settings("ink-2"), turn)


def test_all_that_can_be_decoded_is_taken() -> None:
    assert [encoding.value for encoding in Encoding] == list(ENCODINGS)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rate", [1, 8000, 11025, 44100, 48000, 384000])
def test_every_encoding_at_any_rate(encoding: str, rate: int) -> None:
    assert read(f"model=ink-2&encoding={encoding}&sample_rate={rate}").audio == Audio(encoding, rate)


@pytest.mark.parametrize("model", ["ink-2", "ink-2-latest", "ink-2-2026-05-28"])
def test_every_name_of_the_family(model: str) -> None:
    read(GOOD.replace("ink-2", model))


@pytest.mark.parametrize("model", ["ink-whisper", "ink-preview", "ink-22", "INK-2"])
def test_other_models_are_not_found(model: str) -> None:
    refusal = refused(GOOD.replace("ink-2", model))
    assert (refusal.status, refusal.code) == (400, "model_not_found")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Missing model"),
        ("model=ink-2&sample_rate=16000", "Missing encoding"),
        ("model=ink-2&encoding=pcm_s16le", "Missing sample rate"),
        (GOOD.replace("pcm_s16le", "opus"), "Invalid encoding"),
        (GOOD.replace("16000", "0"), "Invalid sample rate"),
        (GOOD.replace("16000", "-8000"), "Invalid sample rate"),
        (GOOD.replace("16000", "16e3"), "Invalid sample rate"),
        (GOOD.replace("16000", "16_000"), "Invalid sample rate"),
        (GOOD.replace("16000", quote("١٦٠٠٠")), "Invalid sample rate"),
        (GOOD.replace("16000", "384001"), "Invalid sample rate"),
        (GOOD.replace("16000", "9" * 5000), "Invalid sample rate"),
        (GOOD + "&turn_start_threshold=loud", "Invalid turn thresholds"),
        (GOOD + "&turn_start_threshold=nan", "Invalid turn thresholds"),
        (GOOD + "&turn_start_threshold=0.95", "Invalid turn thresholds"),
        (GOOD + "&turn_end_timeout_ms=639", "Invalid turn thresholds"),
        (GOOD + "&turn_end_timeout_ms=inf", "Invalid turn thresholds"),
        (GOOD + "&turn_eager_end_threshold=0.35&turn_end_threshold=0.4", "Invalid turn thresholds"),
        (GOOD + "&language_hint=fr", "Invalid language hint"),
        (GOOD + "&language_hints=fr", "Invalid language hint"),
        (GOOD + "&keyterm=a" * 101, "Too many keyterms"),
        (GOOD + "&keyterm=" + "a" * 1201, "Too many keyterms"),
    ],
)
def test_what_is_refused(query: str, title: str) -> None:
    refusal = refused(query)
    assert (refusal.status, refusal.title) == (400, title)
    assert refusal.message.endswith(".")


def test_a_setting_out_of_its_range_is_named_with_it() -> None:
    sentence = "Start is 0.95; it must lie from 0.5 to 0.9."
    assert refused(f"{GOOD}&turn_start_threshold=0.95").message == sentence
    sentence = "End_timeout_ms is 639; it must lie from 640 to 11200."
    assert refused(f"{GOOD}&turn_end_timeout_ms=639").message == sentence


def test_order_is_judged_after_the_defaults_are_filled_in() -> None:
    sentence = "Thresholds must be start > eager_end > end, and are 0.6, 0.6, 0.3."
    assert refused(f"{GOOD}&turn_start_threshold=0.6").message == sentence
    assert read(f"{GOOD}&turn_start_threshold=0.6&turn_eager_end_threshold=0.5").turn["start_threshold"] == 0.6


def test_numbers_may_be_written_as_floats() -> None:
    query = "&turn_start_threshold=.7&turn_eager_end_threshold=6e-1&turn_end_threshold=0.40&turn_end_timeout_ms=4500.0"
    assert read(GOOD + query).turn == TurnSettings(
        start_threshold=0.7, eager_end_threshold=0.6, end_threshold=0.4, end_timeout_ms=4500
    )


def test_unknown_parameters_are_ignored_and_empty_ones_count_as_not_given() -> None:
    extra = (
        "&language=en&add_timestamps=true&timestamp_granularities[]=word&turn_end_threshold=&keyterm=&language_hint="
    )
    assert read(GOOD + extra) == read(GOOD)


@pytest.mark.parametrize("space", ["+", "%20"])
def test_both_spaces_in_keyterms(space: str) -> None:
    query = f"{GOOD}&keyterm=Ink{space}2&keyterm=C%2B%2B&keyterm={space}"
    assert read(query).settings.keyterms == ("Ink 2", "C++")


def test_as_many_keyterms_as_are_allowed() -> None:
    terms = [f"{n:03}" + "é" * 9 for n in range(100)]
    assert read(f"{GOOD}&" + urlencode([("keyterm", term) for term in terms])).settings.keyterms == tuple(terms)


def test_trace_is_asked_for() -> None:
    assert read(f"{GOOD}&trace=1").trace
    assert not read(f"{GOOD}&trace=0").trace


def test_a_later_value_of_a_single_parameter_counts() -> None:
    assert read(f"{GOOD}&sample_rate=8000").audio.sample_rate == 8000


@pytest.mark.parametrize(
    ("query", "authorization", "api_key_headers", "accepted"),
    [
        ("", ["Bearer s3cret"], [], True),
        ("", ["bearer  s3cret "], [], True),
        ("", [], ["s3cret"], True),
        ("access_token=s3cret", [], [], True),
        ("api_key=s3cret", [], [], True),
        ("", ["Bearer wrong"], ["s3cret"], True),
        ("", [], [], False),
        ("", ["s3cret"], [], False),
        ("", ["Basic s3cret"], [], False),
        ("", ["Bearer s3cre"], ["s3crets"], False),
        ("access_token=&api_key=%FF", ["Bearer \xff"], [""], False),
    ],
)
def test_four_places_for_the_key(
    query: str, authorization: list[str], api_key_headers: list[str], *, accepted: bool
) -> None:
    headers = [("authorization", value) for value in authorization] + [
        ("x-api-key", value) for value in api_key_headers
    ]
    assert shows_key("s3cret", head(query, *headers)) is accepted


@given(st.text() | st.lists(st.tuples(st.sampled_from([*GOOD.split("&"), "keyterm", "turn_end_threshold"]), st.text())))
def test_whatever_the_query_it_is_read_or_refused(raw: str | list[tuple[str, str]]) -> None:
    query = raw if isinstance(raw, str) else "&".join(f"{name}={quote(value)}" for name, value in raw)
    try:
        asked = read(query)
    except RejectedError:
        return
    assert SCHEMA.problem(asked.turn) == ""
    assert completed({}, asked.turn) == asked.turn
