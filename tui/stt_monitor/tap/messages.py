"""Reads the messages of a websocket from copies of its bytes, one direction. No I/O.

It owns no socket and answers nothing: what the two ends make of the stream is their affair. A stream that makes no
sense ends the reading, and nothing else.
"""

import zlib
from collections.abc import Iterator
from typing import Final

import msgspec
from websockets.exceptions import InvalidHeader
from websockets.frames import CTRL_OPCODES, Opcode
from websockets.headers import parse_extension

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

MOST_BYTES: Final = 4 * 1024 * 1024
"""The longest message that is kept; of a longer one the size is told. Turns are far shorter, and so is audio, unless
somebody sends a whole file at once."""

_LONGEST_CONTROL: Final = 125
_SHORT, _LONG = 126, 127
"""What the length in a frame's second byte says instead of the length: that 2 or 8 bytes with it follow."""

_DEFLATE: Final = "permessage-deflate"
_END_OF_BLOCK: Final = b"\x00\x00\xff\xff"
_PIECE: Final = 64 * 1024
_MOST_INFLATED: Final = 256 * 1024 * 1024
"""Bytes of one message, decompressed, even if it is not kept: above it is a bomb."""


class Text(msgspec.Struct, frozen=True):
    """A text message."""

    payload: str


class Binary(msgspec.Struct, frozen=True):
    """A binary message."""

    payload: bytes


class Skipped(msgspec.Struct, frozen=True):
    """A message that is too long to be kept."""

    size: int
    """Bytes."""
    text: bool


class Ping(msgspec.Struct, frozen=True):
    """A ping or, if `answers`, a pong."""

    payload: bytes
    answers: bool = False


class Close(msgspec.Struct, frozen=True):
    """A close frame."""

    code: int | None
    """None without one."""
    reason: str = ""


class Broken(msgspec.Struct, frozen=True):
    """The stream makes no sense from here on: nothing more is read of it."""

    why: str


Heard = Text | Binary | Skipped | Ping | Close | Broken


class _BrokenError(Exception):
    pass


class MessageReader:
    """Reads what one side of a websocket sent, after the heads of the handshake.

    Args:
        from_agent: whether the client sent it; else the server.
        extensions: values of `Sec-WebSocket-Extensions` in the response.
        most_bytes: of a message that is kept.
    """

    def __init__(self, *, from_agent: bool, extensions: str = "", most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._waiting = bytearray()
        """Begins with a frame's head, or with what is left of its payload."""
        self._frame: _Frame | None = None
        self._message: _Message | None = None
        self._is_broken = False
        self._inflate: _Inflate | None = None
        self._problem = ""
        try:
            self._inflate = _inflate(extensions, "client" if from_agent else "server")
        except _BrokenError as error:
            self._problem = str(error)

    def feed(self, data: bytes) -> list[Heard]:
        """Take the next bytes; returns what is complete. Never raises."""
        heard: list[Heard] = []
        if self._is_broken:
            return heard
        try:
            self._waiting += data
            for each in self._read():
                heard.append(each)  # noqa: PERF402  what came before the break is heard
        except _BrokenError as error:
            self._is_broken = True
            self._waiting.clear()
            self._frame = self._message = self._inflate = None
            heard.append(Broken(str(error)))
        return heard

    def _read(self) -> Iterator[Heard]:
        """Read the waiting bytes as far as they go. Raises _BrokenError."""
        if self._problem:
            raise _BrokenError(self._problem)
        while True:
            if self._frame is None:
                self._frame = _read_head(self._waiting)
                if self._frame is None:
                    return
                self._begin(self._frame)
            frame = self._frame
            controls = frame.opcode in CTRL_OPCODES
            if len(self._waiting) < (frame.left if controls else min(frame.left, 1)):
                return
            payload = frame.take(self._waiting)
            if controls:
                yield _control(frame.opcode, payload)
            else:
                assert self._message is not None
                self._message.add(payload)
                if frame.left:
                    return
                if frame.fin:
                    message, self._message = self._message, None
                    yield message.end()
            self._frame = None

    def _begin(self, frame: "_Frame") -> None:
        if frame.opcode in CTRL_OPCODES:
            if not frame.fin or frame.left > _LONGEST_CONTROL or frame.packed:
                raise _BrokenError("a control frame is malformed")
        elif (frame.opcode is Opcode.CONT) == (self._message is None):
            raise _BrokenError("a message is continued that has not begun, or begun before the last one is over")
        elif frame.opcode is not Opcode.CONT:
            if frame.packed and self._inflate is None:
                raise _BrokenError("a message is compressed, which was not agreed on")
            self._message = _Message(
                self._inflate if frame.packed else None, self._most, text=frame.opcode is Opcode.TEXT
            )
        elif frame.packed:
            raise _BrokenError("the continuation of a message says that it is compressed")


class _Frame:
    """A frame whose head has come."""

    def __init__(self, opcode: Opcode, left: int, mask: bytes, *, fin: bool, packed: bool) -> None:
        self.opcode = opcode
        self.left = left  # bytes of payload that have not come
        self.fin = fin
        self.packed = packed
        self._mask = mask

    def take(self, waiting: bytearray) -> bytes:
        """Take from the waiting bytes what belongs to the payload, unmasked."""
        size = min(self.left, len(waiting))
        data = bytes(waiting[:size])
        del waiting[:size]
        self.left -= size
        if not self._mask or not data:
            return data
        plain = apply_mask(data, self._mask)
        turn = size % len(self._mask)
        self._mask = self._mask[turn:] + self._mask[:turn]
        return bytes(plain)


def _read_head(waiting: bytearray) -> _Frame | None:
    """Take a frame's head from the waiting bytes; None as long as it is incomplete."""
    if len(waiting) < 2:  # noqa: PLR2004  bytes of the shortest head
        return None
    first, second = waiting[0], waiting[1]
    length, at = second & 0x7F, 2
    if length in (_SHORT, _LONG):
        at = 4 if length == _SHORT else 10
    masked = bool(second & 0x80)
    if len(waiting) < at + 4 * masked:
        return None
    if at > 2:  # noqa: PLR2004  as above
        length = int.from_bytes(waiting[2:at])
    mask = bytes(waiting[at : at + 4]) if masked else b""
    try:
        opcode = Opcode(first & 0x0F)
    except ValueError:
        raise _BrokenError("a frame is of no known kind") from None
    if first & 0x30 or length >> 63:
        raise _BrokenError("the head of a frame is malformed")
    del waiting[: at + 4 * masked]
    return _Frame(opcode, length, mask, fin=bool(first & 0x80), packed=bool(first & 0x40))


class _Message:
    """A message that has begun."""

    def __init__(self, inflate: "_Inflate | None", most: int, *, text: bool) -> None:
        self._text = text
        self._inflate = inflate
        self._most = most
        self._kept = bytearray()
        self._size = 0

    def add(self, data: bytes) -> None:
        """Add a piece of a frame's payload."""
        for piece in (data,) if self._inflate is None else self._inflate.pieces(data):
            self._size += len(piece)
            if self._inflate is not None and self._size > _MOST_INFLATED:
                raise _BrokenError("a message is far too long once it is decompressed")
            if self._size > self._most:
                self._kept.clear()
            else:
                self._kept += piece

    def end(self) -> Heard:
        """Return the whole."""
        if self._inflate is not None:
            self.add(_END_OF_BLOCK)
            self._inflate.end()
        if self._size > self._most:
            return Skipped(self._size, self._text)
        if not self._text:
            return Binary(bytes(self._kept))
        try:
            return Text(self._kept.decode())
        except UnicodeDecodeError:
            raise _BrokenError("a text message is not UTF-8") from None


class _Inflate:
    """Decompresses messages one after another; `keeps`: a message may refer to those before."""

    def __init__(self, *, keeps: bool) -> None:
        self._keeps = keeps
        self._decoder = _decoder()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decompress a piece of a message, a little at a time."""
        try:
            while True:
                piece = self._decoder.decompress(data, _PIECE)
                data = self._decoder.unconsumed_tail
                yield piece
                if len(piece) < _PIECE and not data:
                    return
        except zlib.error:
            raise _BrokenError("a message cannot be decompressed") from None

    def end(self) -> None:
        """End a message."""
        if not self._keeps:
            self._decoder = _decoder()


def _decoder() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=-zlib.MAX_WBITS)  # reads what was made with a smaller window, too


def _inflate(extensions: str, sender: str) -> _Inflate | None:
    """Return what decompresses the messages of a sender, if that was agreed on. Raises _BrokenError."""
    try:
        agreed = parse_extension(extensions) if extensions else []
    except InvalidHeader:
        raise _BrokenError("the extensions of the websocket cannot be read") from None
    found = None
    for name, parameters in agreed:
        if name != _DEFLATE or found is not None:
            raise _BrokenError("the websocket has an extension that the tap does not know")
        found = _Inflate(keeps=f"{sender}_no_context_takeover" not in dict(parameters))
    return found


def _control(opcode: Opcode, payload: bytes) -> Heard:
    if opcode is not Opcode.CLOSE:
        return Ping(payload, answers=opcode is Opcode.PONG)
    if len(payload) < 2:  # noqa: PLR2004  bytes of a code
        return Close(None)
    return Close(int.from_bytes(payload[:2]), payload[2:].decode(errors="replace"))
