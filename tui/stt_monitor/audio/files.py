"""Reads audio files as mono samples in an encoding that the service accepts (protocol.md 3)."""

import os
import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.audio.channels import Channel, cancels_out, channel_name, one_channel
from stt_monitor.audio.container import Container, read_container
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sample import SAMPLE, SAMPLE_NAME
from stt_monitor.audio.wav_overlay import Part, PartOfFile
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.wording import plural

if TYPE_CHECKING:
    import soundfile

_S16: Final = (Encoding.PCM_S16LE, "int16")
_S32: Final = (Encoding.PCM_S32LE, "int32")
_F32: Final = (Encoding.PCM_F32LE, "float32")
_LOSSLESS: Final = {
    "PCM_S8": _S16, "PCM_U8": _S16, "PCM_16": _S16, "ULAW": _S16, "ALAW": _S16, "ALAC_16": _S16,
    "PCM_24": _S32, "PCM_32": _S32, "ALAC_20": _S32, "ALAC_24": _S32, "ALAC_32": _S32,
    "FLOAT": _F32, "DOUBLE": _F32,
}  # fmt: skip
"""Encoding to send, by the file's own; lossless except for the last bits of a double."""
_FORMATS: Final = {"WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC", "OGG", "MP3"}
"""Formats of which a missing rest is noticed. The others that libsndfile decodes do not state their length."""
_LOSSY: Final = {"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"}
"""Decoded to floats, so that nothing more is lost; refused inside WAV, where they are rare and often broken."""

_UNRECOGNISED: Final = 1
"""libsndfile's code for an unknown format."""
_SLOWEST, _FASTEST = 1000, 384_000
"""Supported sample rates, Hz."""
_ENDLESS: Final = (1 << 63) - 1
"""Number of frames that libsndfile returns where the file does not state it."""
_LOSSY_TOLERANCE_S: Final = 0.1
"""How much shorter than stated a file may be: encoders pad and trim."""
_TOLERANCE_S: Final = 0.01
"""The same for lossless audio: some programs count a header in."""
_COPY: Final = "all up to there was sent: copy or record it again"
_CONVERT: Final = "convert it first: ffmpeg -i IN -c:a pcm_s16le OUT.wav"


class AudioFile:
    """An open audio file, streamed from beginning to end."""

    def __init__(
        self,
        *,
        path: Path,
        files: "list[soundfile.SoundFile]",
        encoding: Encoding,
        dtype: str,
        channel: Channel,
        container: Container,
        opened: ExitStack,
    ) -> None:
        self.name: Final = SAMPLE_NAME if path == SAMPLE else path.name
        self.format: Final = AudioFormat(encoding, files[0].samplerate)
        self.samples: Final[int] = sum(file.frames for file in files if file.frames != _ENDLESS)
        """Length in samples from the header or the size of the file; 0 when unknown."""
        self.channel: Final = channel_name(channel, files[0].channels)
        """The channel used: `mix of 2`, `channel 1 of 2`; empty for mono."""
        self._path = path
        self._files = files
        self._dtype = dtype
        self._channel = channel
        self._container = container
        self.is_lossy: Final = files[0].subtype in _LOSSY
        """Whether decoders may differ in the last bits."""
        self._tolerance_s = _LOSSY_TOLERANCE_S if self.is_lossy else _TOLERANCE_S
        self._opened = opened
        self._read = 0
        self._ended = False

    @property
    def duration(self) -> float | None:
        """Length in seconds; None when unknown."""
        return self.format.seconds(self.samples) if self.samples else None

    def read(self, samples: int) -> bytes:
        """Return the next samples, mono, in `format`; fewer at the end, then none.

        Raises:
            InputError: the rest cannot be decoded; or, once at the end, the file is shorter than it states.
        """
        import soundfile  # loaded already

        pieces: list[bytes] = []
        wanted = samples
        try:
            while wanted and self._files:
                frames = self._files[0].read(wanted, dtype=self._dtype, always_2d=True)
                wanted -= len(frames)
                self._read += len(frames)
                mono = one_channel(frames, self._channel)
                pieces.append(mono.astype(mono.dtype.newbyteorder("<"), copy=False).tobytes())
                if wanted:
                    self._files.pop(0)
        except soundfile.LibsndfileError as error:
            at = self.format.seconds(self._read)
            raise InputError(f"{self._path}: damaged after {at:.1f} s; {_CONVERT}") from error
        if wanted == samples and not self._ended:
            self._ended = True
            self._check_length()
        return b"".join(pieces)

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._opened.close()

    def _check_length(self) -> None:
        read = self.format.seconds(self._read)
        stated = max(self.duration or 0.0, self._container.stated_s or 0.0)
        missing = stated - read
        if missing > self._tolerance_s:
            digits = 1 if missing >= 0.1 else 2  # noqa: PLR2004  fewer would show the same number twice
            raise InputError(f"{self._path}: truncated after {read:.{digits}f} s of {stated:.{digits}f} s; {_COPY}")
        if self._container.truncated:
            raise InputError(f"{self._path}: truncated after {read:.1f} s; {_COPY}")
        if follows := self._container.followed_by:
            raise InputError(f"{self._path}: {follows} starts after {read:.1f} s, and was not sent; split the file")
        if uncounted := self._container.uncounted:
            raise InputError(
                f"{self._path}: {uncounted} bytes follow after {read:.1f} s that its header does not count, and were "
                "not sent; mend the header, or convert the file again"
            )


def open_audio_file(path: Path, channel: Channel = "mix", option: str = "--channel") -> AudioFile:
    """Open an audio file: WAV, FLAC, OGG, Opus, MP3, AIFF, AU, CAF, W64 or RF64.

    16-bit PCM is read as `pcm_s16le` and 32-bit PCM as `pcm_s32le`, bit-exact, at the file's own rate; other samples
    become the next wider of these or `pcm_f32le`. Opening a long MP3 may take a second: it does not state its length.

    Args:
        path: the file.
        channel: the channel to read.
        option: names it, for errors.

    Raises:
        InputError: the file is missing, unreadable, no audio, empty, of an unsupported compression, or has no such
            channel.
    """
    _check_file(path)
    import soundfile  # microphones and pipes do without libsndfile

    with ExitStack() as opened:
        try:
            container = read_container(path)
            files = _parts(path, container, opened)
            encoding, dtype = _encoding(path, files[0])
            _check_content(path, files, channel, option)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        except soundfile.LibsndfileError as error:
            raise InputError(f"{path}: {_complaint(path, error)}; {_CONVERT}") from error
        return AudioFile(
            path=path,
            files=files,
            encoding=encoding,
            dtype=dtype,
            channel=channel,
            container=container,
            opened=opened.pop_all(),
        )


def _parts(path: Path, container: Container, opened: ExitStack) -> "list[soundfile.SoundFile]":
    """Open the recordings of a file, with a length that libsndfile can work with."""
    import soundfile

    files: list[str | bytes | PartOfFile]
    if container.parts == (Part(0, path.stat().st_size),):
        files = [os.fspath(path) if sys.platform == "win32" else os.fsencode(path)]  # a name need not be UTF-8
    else:
        files = [PartOfFile(path, part) for part in container.parts]
    for each in files:
        if isinstance(each, PartOfFile):
            opened.enter_context(each)
    recordings = [opened.enter_context(soundfile.SoundFile(each)) for each in files]
    for recording in recordings:
        if recording.frames == _ENDLESS:  # FLAC written to a pipe: seeking in it fails at its end
            recording.seekable = lambda: False
    return recordings


def _check_file(path: Path) -> None:
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise InputError(f"{path}: this is a directory; give an audio file in it")
        if not stat.S_ISREG(info.st_mode):
            raise InputError(
                f"{path}: not a regular file; pipe a WAV, or raw PCM with --rate, to standard input, given as -"
            )
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except PermissionError as error:
        raise InputError(f"{path}: permission denied; chmod +r, or run as its owner") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be opened ({reason}); check the path") from error
    if info.st_size == 0:
        raise InputError(f"{path}: the file is empty; record it again")
    if path.suffix.lower() == ".raw":
        raise InputError(f"{path}: raw PCM has no sample rate; use: stt-monitor - --rate HZ --encoding E < {path}")


def _encoding(path: Path, file: "soundfile.SoundFile") -> tuple[Encoding, str]:
    if file.format not in _FORMATS:
        raise InputError(f"{path}: {file.format_info} is not supported; {_CONVERT}")
    if (lossless := _LOSSLESS.get(file.subtype)) is not None:
        return lossless
    if file.subtype in _LOSSY and not file.format.startswith("WAV"):
        return _F32
    raise InputError(f"{path}: {file.format} compressed with {file.subtype_info} is not supported; {_CONVERT}")


def _check_content(path: Path, files: "list[soundfile.SoundFile]", channel: Channel, option: str) -> None:
    file = files[0]
    if file.frames <= 0:
        raise InputError(f"{path}: no audio in it (zero frames), or truncated; record it again")
    if not _SLOWEST <= file.samplerate <= _FASTEST:
        raise InputError(
            f"{path}: a sample rate of {file.samplerate} Hz is not supported ({_SLOWEST} to {_FASTEST}); {_CONVERT}"
        )
    for other in files[1:]:
        if (other.samplerate, other.channels, other.subtype) != (file.samplerate, file.channels, file.subtype):
            raise InputError(f"{path}: this file joins recordings of different formats; {_CONVERT}")
    if channel != "mix" and channel > file.channels:
        have = "only one channel" if file.channels == 1 else plural(file.channels, "channel")
        remedy = "leave out --agent" if option == "--agent" else f"give --channel 1 to {file.channels}, or mix"
        raise InputError(f"{path}: no channel {channel}: it has {have}; {remedy}")
    if channel == "mix" and file.channels > 1 and file.seekable() and cancels_out(file):
        raise InputError(f"{path}: its channels cancel out when mixed (opposite phase); give --channel left or right")


def _complaint(path: Path, error: "soundfile.LibsndfileError") -> str:
    """Describe the error; the library's own texts name internals, and often another cause."""
    if error.code != _UNRECOGNISED:
        return "this file is damaged, truncated, or of an unknown format"
    with path.open("rb") as file:
        is_wav = file.read(4) == b"RIFF"
    if is_wav:
        return "the WAV header is damaged or truncated"
    return "unsupported audio format (supported: WAV, FLAC, OGG, MP3, AIFF)"
