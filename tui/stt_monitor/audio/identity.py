"""What tells the audio of a file from other audio: sessions of the same can be compared turn by turn."""

from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from stt_monitor.audio.channels import Channel
from stt_monitor.audio.files import open_audio_file
from stt_monitor.core.errors import InputError

_READ_S: Final = 10
"""Seconds of audio per read."""
_MOST_S: Final = 3600
"""Seconds of audio that are hashed; of a longer file the length tells the rest."""
_BLOCK: Final = 1 << 20
_BYTES: Final = 12
"""Bytes of the hash: enough that no two files of anybody share it."""


def audio_id(path: Path, channel: Channel) -> str:
    """Return the hash of a file's audio: of the samples of that channel, whatever the container.

    Lossily compressed files are known by their own bytes, for decoders differ in the last bits. An hour takes less than
    a second; a file that was hashed before, nothing.

    Args:
        path: the file.
        channel: the channel that is played.

    Raises:
        InputError: it cannot be opened.
    """
    version: tuple[int, ...] = ()
    with suppress(OSError):  # opening it says what is wrong
        found = path.stat()
        version = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return _hashed(path, channel, version)


@lru_cache(maxsize=1024)
def _hashed(path: Path, channel: Channel, version: tuple[int, ...]) -> str:  # noqa: ARG001  the cache's
    digest = blake2b(digest_size=_BYTES)
    file = open_audio_file(path, channel)
    try:
        if file.is_lossy:
            digest.update(file.channel.encode())
            with path.open("rb") as raw:
                while block := raw.read(_BLOCK):
                    digest.update(block)
        else:
            rate = file.format.sample_rate
            digest.update(f"{file.format.encoding.value} {rate}".encode())
            for _ in range(_MOST_S // _READ_S):
                digest.update(file.read(_READ_S * rate))
            if file.read(1):
                digest.update(str(file.samples).encode())
    except InputError:
        pass  # damaged or cut short: it is known by what can be played
    finally:
        file.close()
    return digest.hexdigest()
