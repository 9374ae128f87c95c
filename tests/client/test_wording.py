import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.client.wording import body_message, why_closed, why_refused
from stt_monitor.core.text import printable


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "CARTESIA_API_KEY"), (403, "CARTESIA_API_KEY"), (402, "account"), (404, "address"), (426, "address"),
     (429, "later"), (500, "later"), (503, "later")],
)  # fmt: skip
def test_every_refusal_has_its_remedy(status: int, remedy: str):
    sentence = why_refused(status, "Quota: used up", "the turns", "wss://host").sentence
    assert remedy in sentence
    assert "(Quota: used up)" in sentence
    assert "()" not in why_refused(status, "", "the turns", "wss://host").sentence


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


@given(st.integers(1000, 4999), st.text())
def test_the_services_words_do_no_harm(code: int, reason: str):
    sentence = why_closed(code, reason).sentence
    assert printable(sentence) == sentence


def test_refusals_of_all_api_versions_are_read():
    assert body_message(b'{"title":"Bad key","message":"No such key.","error_code":null}') == "Bad key: No such key."
    assert body_message(b"Bad key: No such key.") == "Bad key: No such key."
    assert body_message(b"[1]") == ""
    assert body_message(b"\xff\x1b[2J") == "\ufffd[2J"
    assert len(body_message(b"x" * 10_000)) == 200
