"""Recordings as streams of mono samples in an encoding that the service takes (protocol section 3)."""

import os
import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.wav import OverlaidFile, unfilled_length
from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    import soundfile

Channel = Literal["mix"] | int
"""Which channel of a recording is heard: the mean of all, or one, counted from 1 (left is 1, right is 2)."""

_NAMED_CHANNELS: Final[dict[str, Channel]] = {"mix": "mix", "left": 1, "right": 2}
_ACCUMULATORS: Final = {"int16": np.int32, "int32": np.int64, "float32": np.float64}
"""Types wide enough for the sum of every channel that libsndfile allows (1024)."""

_S16: Final = (Encoding.PCM_S16LE, "int16")
_S32: Final = (Encoding.PCM_S32LE, "int32")
_F32: Final = (Encoding.PCM_F32LE, "float32")
_LOSSLESS: Final = {
    "PCM_S8": _S16, "PCM_U8": _S16, "PCM_16": _S16, "ULAW": _S16, "ALAW": _S16, "ALAC_16": _S16,
    "PCM_24": _S32, "PCM_32": _S32, "ALAC_20": _S32, "ALAC_24": _S32, "ALAC_32": _S32,
    "FLOAT": _F32, "DOUBLE": _F32,
}  # fmt: skip
"""How a sample in the file is sent. Nothing is lost, but for the last bits of a double."""
_LOSSY: Final = {"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"}
"""Decoded to floats, so that nothing more is lost; not inside a WAV, where they are as rare as they are broken."""

_UNKNOWN_LENGTH: Final = b"\xff" * 4
"""What libsndfile takes for "up to the end of the file"."""
_CONVERT: Final = "convert it first: ffmpeg -i IN -c:a pcm_s16le OUT.wav"


def parse_channel(text: str) -> Channel:
    """Read `mix`, `left`, `right` or a channel's number, counted from 1.

    Raises:
        InputError: it is none of these.
    """
    if (named := _NAMED_CHANNELS.get(text)) is not None:
        return named
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise InputError(f"--channel {text}: give mix, left, right, or a channel's number counted from 1")


class Recording:
    """An open recording, read from its beginning to its end, never held in memory as a whole."""

    def __init__(
        self,
        *,
        path: Path,
        file: "soundfile.SoundFile",
        encoding: Encoding,
        dtype: str,
        channel: Channel,
        opened: ExitStack,
    ) -> None:
        self.name: Final = path.name
        self.format: Final = AudioFormat(encoding, file.samplerate)
        self.samples: Final[int] = file.frames
        """Length in samples, as far as the header and the size of the file tell."""
        self._path = path
        self._file = file
        self._dtype = dtype
        self._channel = channel
        self._opened = opened

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.format.seconds(self.samples)

    def read(self, samples: int) -> bytes:
        """Return the next samples, mono, in `format`; fewer at the end, and nothing after it.

        Raises:
            InputError: the rest cannot be decoded.
        """
        import soundfile  # it is loaded already: a recording is open

        try:
            frames = self._file.read(samples, dtype=self._dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            at = self.format.seconds(self._file.tell())
            raise InputError(f"{self._path}: damaged after {at:.1f} s ({_reason(error)}); {_CONVERT}") from error
        mono = self._one_channel(frames)
        return mono.astype(mono.dtype.newbyteorder("<"), copy=False).tobytes()

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._opened.close()

    def _one_channel(self, frames: npt.NDArray[Any]) -> npt.NDArray[Any]:
        channels = frames.shape[1]
        if channels == 1:
            return frames[:, 0]
        if self._channel != "mix":
            return frames[:, self._channel - 1]
        total = frames.sum(axis=1, dtype=_ACCUMULATORS[self._dtype])
        mean: npt.NDArray[Any] = total / channels if self._dtype == "float32" else total // channels
        return mean.astype(self._dtype)


def open_recording(path: Path, channel: Channel = "mix") -> Recording:
    """Open a recording: WAV, FLAC, OGG, Opus, MP3, AIFF and what else libsndfile decodes.

    16-bit PCM is read as `pcm_s16le` and 32-bit PCM as `pcm_s32le`, bit by bit, at the file's own rate; narrower and
    wider samples become the next wider of these or `pcm_f32le`. Opening a long MP3 may take a second, for it says its
    length nowhere.

    Args:
        path: the file.
        channel: which of its channels is read.

    Raises:
        InputError: the file is missing, unreadable, no audio, empty, compressed in a way that is not supported, or
            has no such channel.
    """
    _check_file(path)
    import soundfile  # libsndfile is needed for recordings alone

    with ExitStack() as opened:
        try:
            offset = unfilled_length(path)
            named = os.fspath(path) if sys.platform == "win32" else os.fsencode(path)  # a name need not be UTF-8
            overlaid = named if offset is None else opened.enter_context(OverlaidFile(path, offset, _UNKNOWN_LENGTH))
            file = opened.enter_context(soundfile.SoundFile(overlaid))
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        except soundfile.LibsndfileError as error:
            raise InputError(f"{path}: {_complaint(path, error)}; {_CONVERT}") from error
        encoding, dtype = _encoding(path, file)
        _check_content(path, file, channel)
        return Recording(path=path, file=file, encoding=encoding, dtype=dtype, channel=channel, opened=opened.pop_all())


def _check_file(path: Path) -> None:
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise InputError(f"{path}: this is a directory; give a sound file in it")
        if not stat.S_ISREG(info.st_mode):
            raise InputError(f"{path}: this is no regular file; raw PCM can be piped to standard input, given as -")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; check the path") from error
    except PermissionError as error:
        raise InputError(f"{path}: permission to read it is missing; chmod +r, or run as its owner") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be opened ({reason}); check the path") from error
    if info.st_size == 0:
        raise InputError(f"{path}: the file is empty; record it again")
    if path.suffix.lower() == ".raw":
        raise InputError(f"{path}: raw PCM does not say its rate; use: stt-monitor - --rate HZ --encoding E < {path}")


def _encoding(path: Path, file: "soundfile.SoundFile") -> tuple[Encoding, str]:
    if (lossless := _LOSSLESS.get(file.subtype)) is not None:
        return lossless
    if file.subtype in _LOSSY and not file.format.startswith("WAV"):
        return _F32
    raise InputError(f"{path}: {file.format} compressed with {file.subtype_info} is not supported; {_CONVERT}")


def _check_content(path: Path, file: "soundfile.SoundFile", channel: Channel) -> None:
    if file.frames <= 0:
        raise InputError(f"{path}: the recording has no sound in it (zero frames); record it again")
    if channel != "mix" and channel > file.channels:
        have = "only one channel" if file.channels == 1 else f"{file.channels} channels"
        raise InputError(
            f"{path}: --channel {channel} does not exist, it has {have}; give 1 to {file.channels}, or mix"
        )


def _complaint(path: Path, error: "soundfile.LibsndfileError") -> str:
    with path.open("rb") as file:
        is_wav = file.read(4) == b"RIFF"
    if is_wav:
        return f"the WAV header is damaged or breaks off ({_reason(error)})"
    return "this is no sound file of a known kind (WAV, FLAC, OGG, MP3, AIFF)"


def _reason(error: "soundfile.LibsndfileError") -> str:
    return str(error.error_string).rstrip(".")
