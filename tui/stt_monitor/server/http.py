"""Reads HTTP requests other than GET, which the websocket library does not, and writes responses. No I/O."""

import re
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import msgspec

from stt_monitor import __version__
from stt_monitor.core.local_server import server_header
from stt_monitor.server.pages import rejection
from stt_monitor.services.server_side import Answer, Head, RejectedError

MAX_HEAD_BYTES: Final = 32 * 1024
MAX_BODY_BYTES: Final = 64 * 1024

_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,16}) (/[\x21-\x7e]*) HTTP/1\.[01]")
_HEADER: Final = re.compile(rb"([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*")


class HttpRequest(msgspec.Struct, frozen=True):
    """A request with its whole body."""

    method: str
    head: Head
    body: bytes


def read_request(received: bytes) -> HttpRequest | None:
    """Read a request from all bytes received on a connection so far.

    Returns:
        The request, or None as long as it is incomplete.

    Raises:
        RejectedError: it is malformed, or too large.
    """
    head, end, body = received.partition(b"\r\n\r\n")
    if len(head) > MAX_HEAD_BYTES:
        raise _bad(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large.")
    if not end:
        return None
    first, *lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise _bad(HTTPStatus.BAD_REQUEST, "This is no HTTP/1.1 request.")
    headers = tuple(_headers(lines))
    length = _body_length(headers)
    if len(body) < length:
        return None
    return HttpRequest(line[1].decode(), Head(line[2].decode(), headers), body[:length])


def serialize(answer: Answer, *, head_only: bool = False) -> bytes:
    """Return a response as bytes; the connection closes after it."""
    headers = [
        ("Date", formatdate(usegmt=True)),
        ("Server", server_header(__version__)),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        *answer.headers,
        ("Connection", "close"),
    ]
    head = f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("latin-1") + b"\r\n" + (b"" if head_only else answer.body)


def _headers(lines: list[bytes]) -> Iterable[tuple[str, str]]:
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _bad(HTTPStatus.BAD_REQUEST, "A header line is malformed.")
        yield header[1].decode().lower(), header[2].decode("latin-1")


def _body_length(headers: tuple[tuple[str, str], ...]) -> int:
    values = {value for name, value in headers if name == "content-length"}
    if any(name == "transfer-encoding" for name, _ in headers):
        raise _bad(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length.")
    if len(values) > 1 or not all(value.isascii() and value.isdecimal() for value in values):
        raise _bad(HTTPStatus.BAD_REQUEST, "The Content-Length is malformed.")
    text = values.pop() if values else "0"
    length = int(text) if len(text) <= len(str(MAX_BODY_BYTES)) else MAX_BODY_BYTES + 1
    if length > MAX_BODY_BYTES:
        raise _bad(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may have {MAX_BODY_BYTES} bytes.")
    return length


def _bad(status: HTTPStatus, message: str) -> RejectedError:
    return RejectedError(rejection(status, message))
