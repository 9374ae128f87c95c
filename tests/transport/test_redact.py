import html
import json
import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stt_monitor.core.key import MASK
from stt_monitor.core.text.sanitize import printable
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.transport.address import read_address
from stt_monitor.transport.redact import Redactor, is_credential, shown_target
from stt_monitor.transport.spellings import SHORTEST_SECRET, TELLING
from stt_monitor.transport.unescape import unescape

KEY = "sk_car_Ab12/Cd+34=="
LONG_KEY = "sk_car_9fK3xZq81LmP0vTb7Yw2Q5"
PASSWORD = "p\"a\\s/s wörd<&'>\N{GRINNING FACE}"


def twice(encode: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: encode(encode(text))


def html_names(text: str, end: str) -> str:
    names = {"+": "plus", "/": "sol", "=": "equals", "_": "lowbar", "\\": "bsol", '"': "quot", "<": "lt", "&": "amp",
             "'": "apos", ">": "gt"}  # fmt: skip
    return "".join(f"&{names[at]}{end}" if at in names else at for at in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "upper": str.upper,
    "lower": str.lower,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower": lambda text: quote(text, safe="").lower(),
    "every byte percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent twice": twice(lambda text: quote(text, safe="")),
    "form": quote_plus,
    "JSON": json.dumps,
    "JSON as UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON with slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "every character JSON": lambda text: "".join(
        f"\\u{unit:04X}" for at in text for unit in memoryview(at.encode("utf-16-le")).cast("H")
    ),
    "JSON in JSON": twice(json.dumps),
    "Python": repr,
    "HTML": html.escape,
    "HTML numbers": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "header": lambda text: f"Bearer {text}",
    "HTML twice": twice(html.escape),
    "HTML of JSON": lambda text: html.escape(json.dumps(text)),
    "JSON of HTML": lambda text: json.dumps(html.escape(text)),
    "HTML names": lambda text: html_names(text, ";"),
    "HTML names without an end": lambda text: html_names(text, ""),
    "HTML numbers of signs, without an end": lambda text: "".join(
        at if at.isalnum() or not at.isascii() else f"&#{ord(at)}" for at in text
    ),
    "HTML hex numbers": lambda text: "".join(f"&#x{ord(at):X};" for at in text),
    "percent of HTML of JSON": lambda text: quote(html.escape(json.dumps(text)), safe=""),
    "octal": lambda text: "".join(f"\\{ord(at):03o}" if ord(at) < 256 else at for at in text),
    "JavaScript": lambda text: "".join(f"\\u{{{ord(at):x}}}" for at in text),
    "bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "old JavaScript": lambda text: "".join(
        f"%u{unit:04x}" for at in text for unit in memoryview(at.encode("utf-16-le")).cast("H")
    ),
    "wrapped": lambda text: "\r\n ".join([text[:7], text[7:]]).replace("\n ", "\n"),
    "wrapped in JSON": lambda text: json.dumps(f"{text[:7]}\n{text[7:]}"),
    "with what is not seen": "\u200b".join,
    "CSV": lambda text: text.replace('"', '""'),
    "full width": lambda text: "".join(chr(ord(at) + 0xFEE0) if "!" <= at <= "~" else at for at in text),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base32": lambda text: b32encode(text.encode()).decode(),
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 twice": lambda text: b64encode(b64encode(text.encode())).decode(),
    "base64 percent": lambda text: quote(b64encode(text.encode()).decode(), safe=""),
    "base64 in JSON": lambda text: json.dumps(b64encode(text.encode()).decode()).replace("/", "\\/"),
    "base64 in lines": lambda text: "\n".join(re.findall(".{1,9}", b64encode(text.encode()).decode())),
}


@pytest.mark.parametrize("secret", [KEY, PASSWORD])
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_found_however_it_is_spelled(secret: str, spell: Callable[[str], str]):
    shown = Redactor([secret])(f"<{spell(secret)}> and {spell(secret)}")
    assert shown.count(MASK) == 2
    assert not any(piece.lower() in shown.lower() for piece in ("Ab12", "Cd%2B34", "rd<", "rd&lt", "p%22"))


def test_a_secret_is_found_with_whatever_our_screen_drops_in_it():
    seen = Redactor([KEY])
    unusual = (*range(0x3000), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200))
    dropped = [at for at in map(chr, unusual) if not at.isprintable() and printable(f"a{at}b") == "ab"]
    assert len(dropped) > 200
    assert not [f"{ord(at):x}" for at in dropped if seen(f"no: {at.join(KEY)}!") != f"no: {MASK}!"]


ENCODERS = [quote, html.escape, json.dumps, lambda text: html_names(text, ";")]


@given(
    st.text("aZ09_+/=&%#;\\\"'<>u-", min_size=8, max_size=30),
    st.lists(st.sampled_from(ENCODERS), max_size=4),
    st.text("ab c.", max_size=5),
)
def test_a_secret_is_found_in_any_order_of_encodings(secret: str, encoders: list[Callable[[str], str]], around: str):
    plain = secret
    for _ in encoders:
        plain = unescape(plain)
    assume(len(plain) >= SHORTEST_SECRET)  # `%00` in it, say, is undone together with the encoding, and leaves less
    text = secret
    for encode in encoders:
        text = encode(text)
    shown = Redactor([secret])(f"{around}<{text}>{around}")
    assert MASK in shown
    assert len(shown) < len(around) * 2 + len(text)


@given(st.text("abc:/", max_size=7), st.text("xyz/=", max_size=7))
def test_a_secret_is_found_in_base64_wherever_it_stands(before: str, after: str):
    for encode in (b64encode, urlsafe_b64encode):
        encoded = encode(f"{before}{KEY}{after}".encode()).decode()
        shown = Redactor([KEY])(f"Basic {encoded}")
        assert MASK in shown
        assert len(shown) < len("Basic ") + len(encoded) - len(KEY)


@given(st.integers(TELLING, len(KEY)), st.sampled_from(["", "...", "***", " ", '"', "…, which is no key"]))
def test_a_secret_is_found_that_is_cut_short(length: int, after: str):
    assert Redactor([KEY])(f"no key: {KEY[:length]}{after}") == f"no key: {MASK}{after}"


@given(
    st.integers(0, len(LONG_KEY) - TELLING), st.integers(TELLING, len(LONG_KEY)), st.sampled_from(["", " ", "/", "…"])
)
def test_a_piece_from_within_a_secret_is_found(start: int, length: int, around: str):
    piece = LONG_KEY[start : start + length]
    assert Redactor([LONG_KEY])(f"it ends in{around}{piece}{around}") == f"it ends in{around}{MASK}{around}"


def test_words_within_a_secret_are_none():
    redact = Redactor(["sk-transcription-Ab12", "my dog is called Rex and barks"])
    assert redact("The transcription: a dog is called Rex and is a pet.") == (
        "The transcription: a dog is called Rex and is a pet."
    )


def test_of_a_secret_that_begins_with_a_word_the_word_alone_is_none():
    redact = Redactor(["transcription-Ab12"])
    assert redact('{"type":"transcription.text.delta"}') == '{"type":"transcription.text.delta"}'
    assert redact('{"text":"transcription"}') == '{"text":"***"}'  # nobody knows what follows
    assert redact("transcription-Ab is wrong") == "*** is wrong"


def test_json_stays_json_and_the_rest_of_it_as_it_was():
    text = json.dumps({"type": "error", "message": f'bad "{KEY}"', "transcript": "sk_car, Ab12 and 50 % é"})
    assert json.loads(Redactor([KEY])(text)) == json.loads(text) | {"message": f'bad "{MASK}"'}


def test_short_texts_are_no_secrets():
    assert Redactor(["", "test"])("this is a test") == "this is a test"
    assert Redactor()("anything") == "anything"


def test_nothing_of_the_secrets_is_in_what_a_debugger_shows():
    assert KEY not in repr(Redactor([KEY]))


@given(st.text())
def test_words_that_are_no_secret_are_left_alone(text: str):
    assert Redactor([KEY, "another-secret"])(text) == text


def test_parameters_of_the_protocol_are_no_secrets():
    address = read_address(
        "wss://h/?model=ink-preview&keyterm=Dashwood&encoding=pcm_s16le&sample_rate=16000&language_hint=english"
        "&turn_end_threshold=0.300000&cartesia_version=2026-08-14&cartesia_client=monitor&language=english&x=Dashwood"
    )
    said = "Dashwood speaks english to the monitor on 2026-08-14 at 16000 about ink-preview, 0.300000"
    assert address.redact(said) == said


@pytest.mark.parametrize("name", [
    "access_token", "api_key", "apiKey", "token", "X-Amz-Signature", "password", "auth", "secretkey", "sessiontoken",
    "privatekey", "passphrase", "APIKEY", "myApiKey2", "clientsecret", "userpassword", "cartesiakey", "tokens", "JWT",
])  # fmt: skip
def test_credentials_in_the_address_are_secrets(name: str):
    assert is_credential(name, SERVICE.is_public)
    assert read_address(f"wss://h/?{name}=hush%2Fhush").redact("it is hush/hush, hush%2fhush") == "it is ***, ***"


@pytest.mark.parametrize(
    "name",
    [
        "keyterm",
        "author",
        "design",
        "model",
        "turn_token",
        "compass",
        "monkey",
        "tokenizer",
        "keyboard",
        "authority",
        "keyterms",
        "passage",
    ],
)
def test_other_names_only_look_like_it(name: str):
    assert not is_credential(name, SERVICE.is_public)


def test_of_a_request_only_what_is_ours_is_shown():
    assert shown_target(
        "/p?model=m&token=t&turn_end_threshold=0.4&keyterm=a%20b&x&y=&sample_rate=1&language_hint=en", SERVICE.is_public
    ) == ("/p?model=m&token=***&turn_end_threshold=0.4&keyterm=a%20b&***&***&sample_rate=1&language_hint=en")
    assert shown_target("/p", SERVICE.is_public) == "/p"
