"""Reads the first bytes of a pipe: a WAV's header, or which other format it is."""

import select
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.magic import ARCHIVES, LONGEST_FRAME, TEXT, known_format
from stt_monitor.core.errors import InputError

ON_THE_WAY: Final = "convert it on the way: ... | ffmpeg -i - -ac 1 -c:a pcm_s16le -f wav - | stt-monitor -"
"""Remedy for a pipe."""
_UNPACK: Final = "unpack it on the way, with a program such as gunzip"
_CHECK: Final = "check the program piped into it"

_ENCODINGS: Final = {
    (1, 16): Encoding.PCM_S16LE, (1, 32): Encoding.PCM_S32LE, (3, 32): Encoding.PCM_F32LE,
    (6, 8): Encoding.PCM_ALAW, (7, 8): Encoding.PCM_MULAW,
}  # fmt: skip
"""By format tag and bits per sample."""
_EXTENSIBLE: Final = 0xFFFE
_UNKNOWN: Final = 0x7FFF_0000
"""Programs that do not know the length write 0, or a value from here on."""
_SHORTEST_FORMAT: Final = 16
_LONGEST_HEADER: Final = 1 << 20
_WAIT_S: Final = 0.2
"""Between two checks whether to stop waiting."""


class Stream(Protocol):
    """An unbuffered byte stream, such as `io.FileIO`."""

    def read(self, size: int, /) -> bytes | None:
        """Return the bytes available, at most `size`; empty at the end, None if there are none yet."""

    def fileno(self) -> int:
        """Return the file descriptor."""


class PipedWav(msgspec.Struct, frozen=True):
    """The header of a piped WAV."""

    format: AudioFormat
    length: int | None
    """Bytes of audio after the header; None when it does not state them."""


def read_fully(stream: Stream, size: int, stopped: Callable[[], bool] = lambda: False) -> bytes:
    """Read `size` bytes; fewer at the end of the stream, or when `stopped`.

    A non-blocking stream, as ssh and node leave it, may have no bytes yet: that is not its end.
    """
    data = bytearray()
    while len(data) < size and not stopped():
        more = stream.read(size - len(data))
        if more is None:
            select.select([stream], [], [], _WAIT_S)
        elif more:
            data += more
        else:
            break
    return bytes(data)


def read_wav_header(stream: Stream, name: str) -> PipedWav:
    """Read the header of a WAV, up to where the audio begins.

    Raises:
        InputError: another format, raw PCM, or a WAV that is not supported in a pipe.
    """
    head = read_fully(stream, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        head += read_fully(stream, LONGEST_FRAME)
        raise refusal(name, head) or InputError("raw PCM has no sample rate: give --rate HZ")
    audio_format: AudioFormat | None = None
    left = _LONGEST_HEADER
    while len(chunk := read_fully(stream, 8)) == 8 and left > 0:  # noqa: PLR2004  a name and a length
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            if audio_format is None:
                break
            return PipedWav(audio_format, length if 0 < length < _UNKNOWN else None)
        left -= length
        content = read_fully(stream, min(length + length % 2, _LONGEST_HEADER))
        if chunk[:4] == b"fmt " and len(content) >= _SHORTEST_FORMAT:
            audio_format = _wav_format(content, name)
    raise InputError(f"{name}: the WAV header is damaged or truncated; {ON_THE_WAY}")


def refusal(name: str, head: bytes) -> InputError | None:
    """Return why a stream that begins with `head` is no raw PCM; None if it may be."""
    if not head:
        return InputError(f"{name}: ended without any audio; {_CHECK}")
    found = known_format(head)
    if found == "WAV":
        return InputError(f"{name}: this is a WAV, which states its own format: leave out --rate and --encoding")
    if found is None:
        return None
    remedy = _UNPACK if found in ARCHIVES else _CHECK if found == TEXT else ON_THE_WAY
    return InputError(f"{name}: this is {found}, not raw PCM or a WAV; {remedy}")


def _wav_format(content: bytes, name: str) -> AudioFormat:
    tag, channels, rate, bits = (
        int.from_bytes(content[at : at + size], "little") for at, size in ((0, 2), (2, 2), (4, 4), (14, 2))
    )
    if tag == _EXTENSIBLE:
        tag = int.from_bytes(content[24:26], "little")
    encoding = _ENCODINGS.get((tag, bits))
    if encoding is None or channels != 1:
        what = f"{channels} channel{'' if channels == 1 else 's'} of {bits} bits (format {tag})"
        raise InputError(f"{name}: a WAV of {what} is not supported in a pipe; {ON_THE_WAY}")
    return AudioFormat(encoding, rate)
