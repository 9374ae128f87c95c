"""Audio inputs: checked before the screen opens, opened anew for every session."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from stt_monitor.audio.sample import SAMPLE, SAMPLE_LABELS
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import FileChannels, FileChoice
from stt_monitor.core.text.sanitize import legible

if TYPE_CHECKING:
    from stt_monitor.audio.files import AudioFile
    from stt_monitor.audio.formats import AudioFormat
    from stt_monitor.audio.references.labelled_turns import LabelledSpan
    from stt_monitor.audio.sources.fan_out import FanOut
    from stt_monitor.audio.sources.source import Source
    from stt_monitor.audio.vad.reference import SpeechFinder
    from stt_monitor.core.sound.arms import Arm
    from stt_monitor.system.clock import Clock
    from stt_monitor.transport.address import Address

OpenSource = Callable[["Clock"], "Source"]
"""Opens the sound for one session, which has this clock. Raises InputError or ServiceUnavailableError."""


class Reference(NamedTuple):
    """Source of reference speech: its name in the records (`vad`, `labels`, `none`), and what finds it."""

    name: str
    finder: SpeechFinder | None


FindSpeech = Callable[["AudioFormat"], Reference]
"""Makes what finds reference speech in one session's audio."""


Identify = Callable[[], str]
"""Returns what tells the audio from other audio; empty where nothing does. It may take a second."""


class SessionInput(NamedTuple):
    """Input of one session, and the source of its reference speech."""

    open_source: OpenSource
    find_speech: FindSpeech
    identify: Identify = str
    name: str = ""
    """What records call it, where several play at once."""
    warn: Callable[[], str] = str
    """Returns what looks wrong with it, in a sentence; empty if nothing does. It may take a moment."""
    choice: FileChoice | None = None
    """The file and its channels; None where it is no file of the user's."""


_PLAIN_WIDTHS: Final = (2, 4)
"""Bytes per sample of WAV files that are sent unchanged."""


def sample_path() -> Path:
    """Return the path of the bundled spoken sample."""
    return SAMPLE


def recording(
    path: Path, channel: str, chunk_ms: int, arms: Sequence[Arm] = (), *, agent: str | None = None
) -> OpenSource:
    """Play a recording, degraded by arms, with the agent's side in another channel.

    Raises:
        InputError: it cannot be read, has no such channel, or the same sound in both.
    """
    if channel != "mix" or (path != SAMPLE and not _is_plain_wav(path)):
        _open_audio_file(path, channel).close()
    if agent is not None:
        from stt_monitor.audio.call import check_call  # loads numpy: only for a call

        _open_audio_file(path, agent, "--agent").close()
        check_call(path, channel, agent)

    def open_source(clock: Clock) -> Source:
        from stt_monitor.audio.sources.file_source import FileSource  # loads numpy: after the first paint

        beside = None if agent is None else _open_audio_file(path, agent, "--agent")
        if not arms:
            return FileSource(_open_audio_file(path, channel), chunk_ms=chunk_ms, clock=clock, agent=beside)
        from stt_monitor.audio.degrade.source import degraded_source

        return degraded_source(
            lambda: _open_audio_file(path, channel), arms, chunk_ms=chunk_ms, clock=clock, agent=beside
        )

    return open_source


def identity(path: Path, channel: str) -> Identify:
    """Identify a recording: see `audio_id`."""

    def identify() -> str:
        from stt_monitor.audio.channels import parse_channel  # loads numpy, as the next does
        from stt_monitor.audio.identity import audio_id

        return audio_id(path, parse_channel(channel))

    return identify


def channels_of(choice: FileChoice) -> FileChannels | None:
    """Return the channels of a file, and which are used; None if it has one, or can no longer be read."""
    from stt_monitor.audio.channels import channel_count, parse_channel  # loads numpy

    sent, agent = (None if each is None else str(parse_channel(each)) for each in (choice.channel, choice.agent))
    count = channel_count(Path(choice.path))
    return None if count <= 1 or sent is None else FileChannels(choice.path, count, sent, agent)


def warn_of_mix(path: Path, channel: str) -> Callable[[], str]:
    """Return what says that a recording seems to be a call whose two sides are mixed."""

    def warn() -> str:
        if channel != "mix" or _is_plain_wav(path):
            return ""
        from stt_monitor.audio.call import OFFER, channels_differ  # loads numpy

        return f"{legible(path.name)}: {OFFER}" if channels_differ(path) else ""

    return warn


def piped(rate: int | None, encoding: str | None, chunk_ms: int, *, keyboard: bool = False) -> OpenSource:
    """Play raw PCM, or a WAV, from standard input.

    Args:
        rate: Hz of raw PCM; None for a WAV, whose header is awaited.
        encoding: a name of protocol.md 3, of raw PCM; None for 16-bit samples.
        chunk_ms: audio per frame, milliseconds.
        keyboard: keys will be read from the terminal meanwhile.

    Raises:
        InputError: nothing is piped in, it is neither, or rate or encoding are missing or unknown.
    """
    from stt_monitor.audio.formats import AudioFormat, Encoding  # loads numpy
    from stt_monitor.audio.sources.pcm_pipe import open_standard_input

    names = [known.value for known in Encoding]
    if encoding is not None and encoding not in names:
        raise InputError(f"--encoding {encoding} is not known: give one of {', '.join(names)}")
    if encoding is not None and rate is None:
        raise InputError("--encoding is about raw PCM, which does not say its rate: give --rate HZ too")
    raw = None if rate is None else AudioFormat(Encoding(encoding or Encoding.PCM_S16LE), rate)
    unheard = [open_standard_input(raw, chunk_ms=chunk_ms, keyboard=keyboard)]

    def open_source(clock: Clock) -> Source:
        if not unheard:
            raise InputError("standard input has ended: start the program again to pipe in more")
        return unheard.pop()(clock)

    return open_source


def spoken(address: Address, sentence: str | None, chunk_ms: int, arms: Sequence[Arm] = ()) -> OpenSource:
    """Play a sentence that the service speaks, once (protocol.md 15); None for the vendor's example."""
    kept: list[tempfile.TemporaryDirectory[str]] = []  # removed with the closure, at the latest at exit

    def open_source(clock: Clock) -> Source:
        import wave

        from stt_monitor.transport.synthesis import speech_of, synthesise  # loads websockets

        if not kept:
            samples = synthesise(address, speech_of(address).example if sentence is None else sentence)
            kept.append(tempfile.TemporaryDirectory(prefix="stt-monitor-"))
            with wave.open(str(Path(kept[0].name, "spoken.wav")), "wb") as file:
                file.setparams((1, 2, speech_of(address).sample_rate, 0, "NONE", "not compressed"))
                file.writeframes(samples)
        return recording(Path(kept[0].name, "spoken.wav"), "mix", chunk_ms, arms)(clock)

    return open_source


def microphone(device: str | None, chunk_ms: int) -> OpenSource:
    """Capture a device: number, name or part of a name; None for the default. It is opened with the session."""

    def open_source(clock: Clock) -> Source:
        loaded = "sounddevice" in sys.modules  # it looked for devices when it was loaded; they may have come and gone
        from stt_monitor.audio.devices.microphone import open_microphone  # loads numpy and PortAudio

        return open_microphone(device, chunk_ms=chunk_ms, refresh=loaded, clock=clock)

    return open_source


def detected_speech(audio_format: AudioFormat) -> Reference:
    """Find reference speech with the speech detector; with nothing where its weights are missing."""
    from stt_monitor.audio.vad.reference import make_detector  # loads numpy

    detector = make_detector(audio_format)
    return Reference("none" if detector is None else "vad", detector)


def shared_references(find_speech: FindSpeech, fan_out: FanOut) -> list[Reference]:
    """Make what finds reference speech for each branch of the same audio; a detector hears it only once."""
    audio_format = fan_out.source.format
    first = find_speech(audio_format)
    if first.name != "vad" or first.finder is None:
        return [first, *(find_speech(audio_format) for _ in fan_out.branches[1:])]
    from stt_monitor.audio.vad.shared import SharedSpeech  # loads numpy

    shared = SharedSpeech(
        audio_format, first.finder, make=lambda: find_speech(audio_format).finder, pieces=lambda: fan_out.total
    )
    return [Reference(first.name, shared.follow()) for _ in fan_out.branches]


def labelled_speech(path: Path, recordings: Sequence[str]) -> list[FindSpeech]:
    """Take reference speech from labels.

    Args:
        path: the labels.
        recordings: the files that are played; labels of several must say which they are about.

    Raises:
        InputError: the labels cannot be read, or are not about one of the recordings.
    """
    from stt_monitor.audio.references.labels import LabelledSpeech, read_labels  # loads numpy

    def find(spans: list[LabelledSpan]) -> FindSpeech:
        return lambda audio_format: Reference("labels", LabelledSpeech(audio_format, spans))

    return [find(spans) for spans in read_labels(path, *recordings)]


def sample_speech(audio_format: AudioFormat) -> Reference:
    """Take reference speech of the bundled sample from its own labels."""
    (find,) = labelled_speech(SAMPLE_LABELS, [str(SAMPLE)])
    return find(audio_format)


def _is_plain_wav(path: Path) -> bool:
    """Whether a file will hardly fail later; checked without numpy, for a fast first paint."""
    import wave  # only for a file

    try:
        if not path.is_file():  # opening a named pipe waits for its writer
            return False
        with wave.open(str(path), "rb") as file:
            return file.getnframes() > 0 and file.getsampwidth() in _PLAIN_WIDTHS and file.getnchannels() == 1
    except Exception:  # noqa: BLE001  whatever it stumbles over (a chunk with a wrong length: RuntimeError), libsndfile looks
        return False


def _open_audio_file(path: Path, channel: str, option: str = "--channel") -> AudioFile:
    from stt_monitor.audio.channels import parse_channel  # loads numpy, as the next does
    from stt_monitor.audio.files import open_audio_file

    return open_audio_file(path, parse_channel(channel, option), option)
