"""Headers of whole recordings: the length that each states, and where it ends. libsndfile ignores some of it."""

import io
import re
import struct
from collections.abc import Callable
from typing import BinaryIO, Final, NamedTuple

from stt_monitor.audio.wav_overlay import find_data

_RATE_EXPONENT: Final = 16383
"""Of 1, in an 80-bit float."""
_AU_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
"""Bytes of a sample by the number of its encoding."""
_AU_UNKNOWN: Final = 0xFFFF_FFFF
_CAF_UNKNOWN: Final = (1 << 64) - 1
_CHUNK_HEADER: Final = 8
_NAME: Final = re.compile(b"[ -~]{4}")
"""Of a chunk."""
_W64_HEADER: Final = 24
"""Bytes of a chunk's name and its length, which counts them too."""
_CAF_HEADER: Final = 12
_CAF_DESCRIPTION: Final = struct.Struct(">d8xII")
"""Rate, bytes and frames of a packet."""
_CAF_CHUNKS: Final = {
    b"desc", b"data", b"pakt", b"chan", b"kuki", b"strg", b"mark", b"regn", b"inst", b"midi", b"ovvw", b"peak",
    b"edct", b"info", b"umid", b"uuid", b"free",
}  # fmt: skip
_MOST_CHUNKS: Final = 1000
"""More chunks than this make no sensible file."""


class Header(NamedTuple):
    """What a recording states; None where it does not."""

    end: int | None = None
    """Byte offset behind it."""
    seconds: float | None = None
    patch: tuple[int, bytes] = (0, b"")
    """Bytes, and their place in the recording, without which libsndfile does not read it."""


def read_header(file: BinaryIO, at: int) -> Header | None:
    """Read the header at a byte of a file; None for formats that do not state their length there.

    Raises:
        OSError: the file cannot be read.
    """
    file.seek(at)
    reader = _READERS.get(file.read(4))
    return None if reader is None else reader(file, at)


def _chunk(file: BinaryIO, place: int, size: int) -> bytes:
    """Read a chunk's header; empty behind the end of the file, where a wrong length may lead."""
    if place + size > file.seek(0, io.SEEK_END):
        return b""
    file.seek(place)
    return file.read(size)


def _behind_chunks(file: BinaryIO, place: int) -> int:
    """Return the end of the chunks of a WAV from a byte on: the size of the whole is often wrong."""
    size = file.seek(0, io.SEEK_END)
    for _ in range(_MOST_CHUNKS):
        header = _chunk(file, place, _CHUNK_HEADER)
        following = place + _CHUNK_HEADER + int.from_bytes(header[4:], "little")
        if not header or header[:4] in _READERS or _NAME.fullmatch(header[:4]) is None or following > size:
            break
        place = following + following % 2
    return place


def _wav(file: BinaryIO, at: int) -> Header:
    data = find_data(file, at)
    if data is None:
        return Header()
    if data.stated_s is None:
        return Header(patch=data.patch)
    end = at + data.length_at + 4 + data.length
    return Header(_behind_chunks(file, end + (end - at) % 2), data.stated_s, data.patch)


def _w64(file: BinaryIO, at: int) -> Header:
    file.seek(at + 16)
    end = at + int.from_bytes(file.read(8), "little")
    place, bytes_per_second = at + 40, 0
    for _ in range(_MOST_CHUNKS):
        header = _chunk(file, place, _W64_HEADER)
        length = int.from_bytes(header[16:], "little")
        if length < _W64_HEADER:
            break
        if header[:4] == b"fmt ":
            bytes_per_second = int.from_bytes(file.read(16)[8:12], "little")
        elif header[:4] == b"data":
            return Header(
                max(end, place + length), (length - _W64_HEADER) / bytes_per_second if bytes_per_second else None
            )
        place += (length + 7) // 8 * 8
    return Header(end)


def _aiff(file: BinaryIO, at: int) -> Header:
    file.seek(at + 4)
    whole = int.from_bytes(file.read(4), "big")
    end = at + _CHUNK_HEADER + whole + whole % 2
    file.seek(at + 12)
    while len(header := file.read(_CHUNK_HEADER)) == _CHUNK_HEADER:
        length = int.from_bytes(header[4:], "big")
        if header[:4] == b"COMM":
            content = file.read(18)
            exponent, mantissa = (int.from_bytes(content[at:to], "big") for at, to in ((8, 10), (10, 18)))
            if not (mantissa and _RATE_EXPONENT <= exponent < _RATE_EXPONENT + 32):  # an 80-bit float from 1 to 2^32
                return Header(end)
            rate = mantissa * 2.0 ** (exponent - _RATE_EXPONENT - 63)
            return Header(end, int.from_bytes(content[2:6], "big") / rate)
        file.seek(length + length % 2, 1)
    return Header(end)


def _au(file: BinaryIO, at: int) -> Header:
    start, length, encoding, rate, channels = (int.from_bytes(file.read(4), "big") for _ in range(5))
    bytes_per_second = _AU_WIDTHS.get(encoding, 0) * rate * channels
    if length == _AU_UNKNOWN:
        return Header()
    return Header(at + start + length, length / bytes_per_second if bytes_per_second else None)


def _caf(file: BinaryIO, at: int) -> Header:
    place, seconds, bytes_per_second = at + 8, None, 0.0
    for _ in range(_MOST_CHUNKS):
        header = _chunk(file, place, _CAF_HEADER)
        if header[:4] not in _CAF_CHUNKS:
            return Header(place, seconds)
        length = int.from_bytes(header[4:], "big")
        match header[:4]:
            case b"desc":
                content = file.read(_CAF_DESCRIPTION.size)
                if len(content) == _CAF_DESCRIPTION.size:
                    rate, packet, frames = _CAF_DESCRIPTION.unpack(content)
                    bytes_per_second = packet * rate / frames if frames else 0.0
            case b"data" if length == _CAF_UNKNOWN:
                return Header()
            case b"data" if bytes_per_second > 0:
                seconds = (length - 4) / bytes_per_second
        place += _CAF_HEADER + length
    return Header()


_READERS: Final[dict[bytes, Callable[[BinaryIO, int], Header]]] = {
    b"RIFF": _wav, b"RF64": _wav, b"BW64": _wav, b"riff": _w64, b"FORM": _aiff, b".snd": _au, b"caff": _caf,
}  # fmt: skip
"""By the first four letters."""
