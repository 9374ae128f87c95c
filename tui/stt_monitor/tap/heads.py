"""Heads of HTTP messages as a tap passes them on: byte for byte, but for what must name the next hop. No I/O."""

import re
from http import HTTPStatus
from typing import Final

import msgspec

from stt_monitor.services.server_side import Head

MAX_HEAD_BYTES: Final = 64 * 1024

END: Final = b"\r\n\r\n"

_REQUEST_LINE: Final = re.compile(rb"([!-~]{1,32}) (/[^\x00-\x20]*) (HTTP/1\.[01])")
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] (\d{3})(?: .*)?")

_TLS_RECORD: Final = 0x16
"""First byte of what a client sends who wants to speak TLS."""


class RefusedError(Exception):
    """A request is not passed on.

    Attributes:
        status: of the answer.
        sentence: why, for the developer of the agent.
    """

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class RequestHead(msgspec.Struct, frozen=True):
    """The head of a request, as it came. It may hold keys: its `repr` shows nothing."""

    method: str
    target: bytes
    version: bytes
    lines: tuple[bytes, ...]
    """Those of its headers."""

    def __repr__(self) -> str:
        """Represent it without its content."""
        return "RequestHead()"

    @property
    def head(self) -> Head:
        """The request, to be read."""
        return Head(self.target.decode("latin-1"), _headers(self.lines))

    @property
    def is_websocket(self) -> bool:
        """Whether it asks for a websocket."""
        return "websocket" in ",".join(self.head.header("upgrade")).lower()

    @property
    def body_bytes(self) -> int | None:
        """Length of its body; None where only the body itself tells."""
        head = self.head
        if head.header("transfer-encoding"):
            return None
        told = head.header("content-length")
        if not told:
            return 0
        return int(told[0]) if told[0].isascii() and told[0].isdecimal() else None

    def forwarded(self, base_path: str, host: str) -> bytes:
        """Return the head to send to the service: with its `Host`, and for plain HTTP a closing connection.

        Args:
            base_path: what the service's paths begin with.
            host: of the service, and its port unless that is the usual one.
        """
        lines = [line for line in self.lines if _name(line) != "host"]
        place = next((at for at, line in enumerate(self.lines) if _name(line) == "host"), 0)
        lines.insert(place, b"Host: " + host.encode())
        if not self.is_websocket:
            # The next request on it would name this machine as its host.
            lines = [line for line in lines if _name(line) != "connection"] + [b"Connection: close"]
        first = b" ".join((self.method.encode(), base_path.encode() + self.target, self.version))
        return b"\r\n".join((first, *lines)) + END


def read_request(received: bytes) -> tuple[RequestHead, bytes] | None:
    """Read the head of a request from all bytes that came so far.

    Returns:
        The head, and the bytes after it; None as long as it is incomplete.

    Raises:
        RefusedError: it is none, or too large.
    """
    if received[:1] == bytes([_TLS_RECORD]):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The tap speaks no TLS: point the agent at http:// or ws://.")
    head, end, rest = received.partition(END)
    if len(head) > MAX_HEAD_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too large.")
    if not end:
        return None
    first, *lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "This is no HTTP/1.1 request for a path.")
    return RequestHead(line[1].decode(), line[2], line[3], tuple(lines)), rest


class ResponseHead(msgspec.Struct, frozen=True):
    """The head of a response, as far as a tap reads it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""

    def header(self, name: str) -> str:
        """Return the values of a header, as one; `name` in lower case."""
        return ", ".join(value for key, value in self.headers if key == name)


class ResponseReader:
    """Finds the head of a response in the bytes that pass, and says which come after it."""

    def __init__(self) -> None:
        self.head: ResponseHead | None = None
        """None until it has come, and where what came is no HTTP."""
        self._received = bytearray()
        self._is_over = False

    def feed(self, data: bytes) -> tuple[ResponseHead | None, bytes]:
        """Take the next bytes; returns the head, if it is complete now, and the bytes after it."""
        if self._is_over:
            return None, b"" if self.head is None else data
        self._received += data
        while not self._is_over and END in self._received:
            head, _, rest = bytes(self._received).partition(END)
            first, *lines = head.split(b"\r\n")
            line = _STATUS_LINE.fullmatch(first)
            status = 0 if line is None else int(line[1])
            self._received = bytearray(rest)
            if status == HTTPStatus.SWITCHING_PROTOCOLS or status >= HTTPStatus.OK:
                self.head = ResponseHead(status, _headers(tuple(lines)))
            self._is_over = self.head is not None or line is None  # after 100 and 103, the response itself follows
        self._is_over = self._is_over or len(self._received) > MAX_HEAD_BYTES
        if not self._is_over:
            return None, b""
        rest, self._received = bytes(self._received), bytearray()
        return self.head, rest if self.head is not None else b""


_HARMLESS: Final = re.compile(r"user-agent|[a-z-]+-version")
"""Headers that may be seen: they tell programs and versions."""


def harmless(head: Head, public: frozenset[str], prefix: str) -> Head:
    """Return a request without secrets: parameters of the protocol, and headers that tell programs and versions.

    Args:
        head: the request.
        public: names of parameters that are no credentials.
        prefix: beginning of the names of more such ones; "" for none.
    """
    path, mark, query = head.target.partition("?")
    fields = [field for field in query.split("&") if is_public_name(field.partition("=")[0], public, prefix)]
    headers = tuple((name, value) for name, value in head.headers if _HARMLESS.fullmatch(name))
    return Head(path + mark * bool(fields) + "&".join(fields), headers)


def is_public_name(name: str, public: frozenset[str], prefix: str) -> bool:
    """Return whether a parameter of a URL is one of the protocol, which may be seen."""
    return name in public or (bool(prefix) and name.startswith(prefix))


def _name(line: bytes) -> str:
    return line.partition(b":")[0].strip().lower().decode("latin-1")


def _headers(lines: tuple[bytes, ...]) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(b":") for line in lines if b":" in line)
    return tuple((name.strip().lower().decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in pairs)
