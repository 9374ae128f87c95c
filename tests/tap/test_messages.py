"""Whatever two real peers say, in whatever pieces its bytes come, is read from copies of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from stt_monitor.tap import messages
from stt_monitor.tap.messages import Binary, Broken, Close, Heard, MessageReader, Ping, Skipped, Text

MESSAGES = st.lists(st.text(max_size=40) | st.binary(max_size=300) | st.just("a" * 70_000), max_size=6)
COMPRESSION = st.none() | st.tuples(st.booleans(), st.booleans(), st.integers(9, 15))
"""None, or whether contexts are kept, of the client and the server, and the bits of windows."""


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(bounds)]


def extension(compression: tuple[bool, bool, int] | None, *, client: bool) -> PerMessageDeflate | None:
    if compression is None:
        return None
    forgets = [not kept for kept in compression[:2]]
    mine, theirs = forgets if client else reversed(forgets)
    return PerMessageDeflate(theirs, mine, 15, compression[2])


def header(compression: tuple[bool, bool, int] | None) -> str:
    if compression is None:
        return ""
    kept = dict(zip(("client", "server"), compression[:2], strict=True))
    forgets = "".join(f"; {side}_no_context_takeover" for side, keeps in kept.items() if not keeps)
    return f"permessage-deflate; server_max_window_bits={compression[2]}{forgets}"


def written(said: list[str | bytes], pieces: int, compression: tuple[bool, bool, int] | None, *, client: bool) -> bytes:
    """The messages as a real peer writes them, each in so many fragments, with a ping between."""
    used = extension(compression, client=client)
    extensions = [] if used is None else [used]
    data = b""
    for message in said:
        payload = message.encode() if isinstance(message, str) else message
        opcode = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        size = -(-len(payload) // pieces) or 1
        parts = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
        for number, part in enumerate(parts):
            frame = Frame(opcode if number == 0 else Opcode.CONT, part, fin=number == len(parts) - 1)
            data += frame.serialize(mask=client, extensions=extensions)
            data += Frame(Opcode.PING, b"p").serialize(mask=client)
    return data + Frame(Opcode.CLOSE, b"\x03\xe8bye").serialize(mask=client)


def read(reader: MessageReader, pieces: list[bytes]) -> list[Heard]:
    return [heard for piece in pieces for heard in reader.feed(piece)]


@given(MESSAGES, st.integers(1, 3), COMPRESSION, st.booleans(), st.lists(st.integers(0, 1 << 20), max_size=12))
def test_what_was_written_is_read(
    said: list[str | bytes],
    fragments: int,
    compression: tuple[bool, bool, int] | None,
    client: bool,
    places: list[int],
):
    reader = MessageReader(from_agent=client, extensions=header(compression))
    heard = read(reader, cut(written(said, fragments, compression, client=client), places))
    assert [each.payload for each in heard if isinstance(each, Text | Binary)] == said
    assert heard[-1] == Close(1000, "bye")
    assert all(each == Ping(b"p") for each in heard[:-1] if not isinstance(each, Text | Binary))


@pytest.mark.parametrize("compression", [None, (True, True, 15), (False, False, 15)])
def test_byte_by_byte_and_longer_than_is_kept(compression: tuple[bool, bool, int] | None):
    said: list[str | bytes] = ["before", "x" * 5000, b"y" * 1001, "after"]
    data = written(said, 2, compression, client=True)
    reader = MessageReader(from_agent=True, extensions=header(compression), most_bytes=1000)
    heard = [each for each in read(reader, [bytes([byte]) for byte in data]) if not isinstance(each, Ping)]
    assert heard == [
        Text("before"), Skipped(5000, text=True), Skipped(1001, text=False), Text("after"), Close(1000, "bye"),
    ]  # fmt: skip


def test_a_long_message_takes_no_memory():
    reader = MessageReader(from_agent=False)
    frame = Frame(Opcode.BINARY, bytes(5 << 20)).serialize(mask=False)
    heard = read(reader, [frame[at : at + 65_536] for at in range(0, len(frame), 65_536)])
    assert heard == [Skipped(5 << 20, text=False)]
    assert len(reader._waiting) == 0


def test_a_bomb_ends_the_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(messages, "_MOST_INFLATED", 2 << 20)
    used = PerMessageDeflate(False, False, 15, 15)
    frame = Frame(Opcode.BINARY, bytes(3 << 20)).serialize(mask=False, extensions=[used])
    assert len(frame) < 10_000
    reader = MessageReader(from_agent=False, extensions="permessage-deflate")
    (broken,) = read(reader, [frame])
    assert isinstance(broken, Broken)
    assert "too long" in broken.why


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad",
        b"\x83\x00",  # no such kind
        b"\xc1\x01a",  # compressed, and that was not agreed on
        b"\x80\x00",  # continues nothing
        b"\x01\x01a\x01\x01b",  # begins anew
        b"\x81\x01\xff",  # no UTF-8
        b"\x09\x00",  # a ping in fragments
        b"\x89\x7e\x00\x80" + bytes(128),  # a long ping
        b"\xa1\x01a",  # a reserved bit
    ],
)
def test_what_makes_no_sense_ends_the_reading_and_nothing_else(data: bytes):
    reader = MessageReader(from_agent=False)
    heard = reader.feed(data)
    assert isinstance(heard[-1], Broken)
    assert reader.feed(Frame(Opcode.TEXT, b"a").serialize(mask=False)) == []


@given(
    st.lists(st.binary(max_size=64)), st.sampled_from(["", "permessage-deflate", "x-odd", "permessage-deflate; =", ","])
)
def test_anything_may_come(pieces: list[bytes], extensions: str):
    heard = read(MessageReader(from_agent=True, extensions=extensions), pieces)
    assert len([each for each in heard if isinstance(each, Broken)]) <= 1
