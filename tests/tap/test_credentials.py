"""What an agent logs in with is known, in whatever form it comes, and ordinary words are not taken for it."""

import json
from base64 import b64encode

import pytest

from stt_monitor.services.server_side import Head
from stt_monitor.tap.credentials import credentials, credentials_in
from stt_monitor.transport.redact import Redactor

SECRET = "Zq7Hk29xLm4vB8"
OTHER = "other-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookie", f"theme=dark; session={SECRET}; csrf={OTHER}; lang=en"),
        ("cookie", f'a={OTHER};b="{SECRET}"'),
        ("sec-websocket-protocol", f"token,{SECRET},{OTHER}"),
        ("authorization", f'Digest username="{OTHER}", response="{SECRET}", uri="/stt"'),
        ("authorization", "Basic " + b64encode(f"caller:{SECRET}".encode()).decode()),
        ("proxy-authorization", "basic  " + b64encode(f":{SECRET}".encode()).decode()),
        ("x-amz-signature", SECRET),
        ("x-jwt", SECRET),
    ],
)
def test_a_secret_of_a_request_is_known_by_itself(name: str, value: str):
    found = credentials(Head("/stt", ((name, value),)), frozenset(), "")
    assert Redactor(found)(f"what is {SECRET}?") == "what is ***?"


@pytest.mark.parametrize("name", ["authorization", "api_key", "sessionToken"])
def test_a_secret_of_a_message_is_known_without_its_scheme(name: str):
    message = json.dumps({"type": "config", "headers": [{name: f"Bearer {SECRET}"}]})
    assert SECRET in credentials_in(message, lambda _: False)


def test_mere_words_and_malformed_logins_wipe_nothing_from_transcripts():
    logins = (
        ("cookie", "view=conversation; lang=english"),
        ("authorization", "Basic =x="),
        ("x-key", f"Bearer {SECRET}"),
    )
    head = Head("/stt?user=margaret&caller=15551234567&greeting=good+morning", logins)
    said = "a bearer of a conversation in english: good morning, margaret, from 15551234567"
    assert Redactor(credentials(head, frozenset(), ""))(said) == said


@pytest.mark.parametrize("query", [f"x={SECRET}{SECRET}", f"sig={SECRET}", "password=margaret"])
def test_parameters_that_are_not_the_protocols(query: str):
    found = credentials(Head(f"/stt?model=m&{query}", ()), frozenset({"model"}), "")
    assert Redactor(found)(query.partition("=")[2]) == "***"
