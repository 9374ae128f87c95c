import errno
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidMessage

from stt_monitor.core.events import ServiceError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.services.base import Credential
from stt_monitor.services.cartesia import SERVICE, codec
from stt_monitor.services.cartesia.failures import service_error
from stt_monitor.transport import closes
from stt_monitor.transport.closes import why_refused_in_band
from stt_monitor.transport.failures import Asked, Failure, why_not_open, why_refused


def error_event(status: int = 0, title: str = "", message: str = "") -> ServiceError:
    """What an `error` event of the service means."""
    return service_error(codec.ServiceError(status, title, message), accepted=True)


TOLD = Asked("wss://host", SERVICE, credential=Credential.KEY)


def why_closed(code: int | None, reason: str, error: ServiceError | None = None) -> Failure:
    return closes.why_closed(code, reason, SERVICE, error)


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "CARTESIA_API_KEY"), (403, "what the key may do"), (402, "account"), (404, "address"), (426, "address"),
     (429, "later"), (500, "later"), (503, "later")],
)  # fmt: skip
def test_every_refusal_has_its_remedy(status: int, remedy: str):
    sentence = why_refused(status, "Quota: used up", TOLD).sentence
    assert remedy in sentence
    assert "(Quota: used up)" in sentence
    assert "()" not in why_refused(status, "", TOLD).sentence


def test_where_no_key_was_sent_one_may_be_what_is_missing():
    asked = Asked("wss://host", SERVICE)
    assert (
        "wss://host wants a key (Who are you?): set CARTESIA_API_KEY"
        in why_refused(401, "Who are you?", asked).sentence
    )
    said = why_refused(403, "no such model", asked).sentence
    assert "refused the turns with HTTP 403 (no such model): check the model, or set CARTESIA_API_KEY" in said


@pytest.mark.parametrize("status", [401, 403])
def test_the_local_server_wants_no_key(status: int):
    said = why_refused(status, "no such model", Asked("ws://host", SERVICE, credential=Credential.UNNEEDED)).sentence
    assert said == f"ws://host refused the turns with HTTP {status} (no such model): check model and settings"


@pytest.mark.parametrize(
    ("code", "reason", "remedy"),
    [
        (1008, "Invalid turn thresholds", "start > eager end > end"),
        (1008, "", "check model"),
        (1001, "Idle timeout", "new session"),
        (1006, "", "network"),
        (None, "", "network"),
        (1011, "oops", "1011 (oops)"),
    ],
)
def test_every_close_has_its_remedy(code: int | None, reason: str, remedy: str):
    assert remedy in why_closed(code, reason).sentence


@pytest.mark.parametrize(
    ("code", "error", "passing"),
    [
        *((code, None, True) for code in (1001, 1006, 1011, 1012, 1013, 1014, None)),
        *((code, None, False) for code in (1000, 1003, 1007, 1008, 1009, 4000)),
        (1011, error_event(400), False),
        (1000, error_event(402), False),
        (1000, error_event(429), True),
        (1000, error_event(503), True),
        (1000, error_event(), True),
        (1008, error_event(500), False),
        (1006, error_event(400), True),
    ],
)
def test_what_may_pass_is_tried_again(code: int | None, error: ServiceError | None, passing: bool):
    assert why_closed(code, "", error).passing is passing


@pytest.mark.parametrize(("status", "passing"), [(429, True), (500, True), (502, True), (503, True), (501, False)]
    + [(status, False) for status in (301, 400, 401, 402, 403, 404, 408, 422, 426)])  # fmt: skip
def test_refusals_that_may_pass_are_tried_again(status: int, passing: bool):
    assert why_refused(status, "", TOLD).passing is passing


@pytest.mark.parametrize(
    ("error", "said", "passing"),
    [
        (TimeoutError(), "did not answer in time", True),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 5)"),
            "(connection refused)",
            True,
        ),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "(name or service not known)", True),
        (OSError("Multiple exceptions"), "(unreachable)", True),
        (ConnectionResetError(), "hung up", True),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "no secure connection", False),
        (ValueError("no"), "no address", False),
        (InvalidMessage("garbage"), "not as a websocket", False),
    ],
)
def test_every_way_not_to_open_has_its_words(error: Exception, said: str, passing: bool):
    failure = why_not_open(error, TOLD)
    assert failure.what.startswith("wss://host ")
    assert said in failure.what
    assert failure.passing is passing
    assert failure.remedy


def test_the_error_says_more_than_an_empty_close():
    error = error_event(400, "Invalid model", "No such model.")
    assert "(Invalid model: No such model.)" in why_closed(1008, "", error).sentence
    assert "(Invalid model: No such model.; because)" in why_closed(1008, "because", error).sentence
    assert "(No such model.; r)" in why_closed(1013, "r", error_event(message="No such model.")).sentence


@pytest.mark.parametrize(
    ("status", "what", "remedy", "passing"),
    [
        (401, "refused the key", "set CARTESIA_API_KEY", False),
        (403, "refused the turns with status 403", "check the model, or what the key may do", False),
        (402, "wants credits or a larger plan", "see your account", False),
        (429, "has too many sessions open", "end another, or try later", True),
        (503, "refused the turns with status 503", "try again later", True),
        (400, "refused the parameters", "check model", False),
        (404, "refused the parameters", "check model", False),
    ],
)
def test_a_status_means_the_same_in_an_event_as_over_http(status: int, what: str, remedy: str, *, passing: bool):
    failure = why_refused_in_band(error_event(status, "Title", "Text"), "r", TOLD)
    assert f"{what} (Title: Text; r)" in failure.what
    assert failure.remedy.startswith(remedy)
    assert (failure.passing, failure.busy) == (passing, passing)


@given(st.integers(1000, 4999), st.text())
def test_the_services_words_do_no_harm(code: int, reason: str):
    sentence = why_closed(code, reason).sentence
    assert printable(sentence) == sentence


def test_refusals_of_all_api_versions_are_read():
    said = TOLD.said
    assert said(b'{"title":"Bad key","message":"No such key.","error_code":null}') == "Bad key: No such key."
    assert said(b"Bad key: No such key.") == "Bad key: No such key."
    assert said(b"[1]") == ""
    assert said(b"\xff\x1b[2J") == "\ufffd[2J"
    assert len(said(b"x" * 10_000)) == 200
