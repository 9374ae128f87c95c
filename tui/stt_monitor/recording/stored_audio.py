"""Reads the audio of a recording, also while it grows."""

from typing import TYPE_CHECKING, Final

from stt_monitor.audio.sample import SAMPLE
from stt_monitor.core.errors import InputError
from stt_monitor.recording.finding import DEMO_FOLDER
from stt_monitor.recording.reader import Recording

if TYPE_CHECKING:
    from stt_monitor.audio.formats import Samples


class StoredAudio:
    """The audio that was sent in a session, as far as it has been written."""

    def __init__(self, recording: Recording) -> None:
        """Find it.

        Raises:
            InputError: it is not there, or cannot be read.
        """
        bundled = SAMPLE if recording.path == DEMO_FOLDER else None
        path = recording.audio_path or bundled
        if path is None:
            raise InputError(f"{recording.path / recording.manifest.audio.file}: the audio of this session is missing")
        self._path: Final = path
        self.rate: Final = recording.manifest.audio.sample_rate
        """Sample rate, Hz."""

    def read(self, start: float, seconds: float) -> "Samples":
        """Read from a position on, both in seconds; fewer samples, or none, where there are no more yet.

        Raises:
            InputError: the file cannot be read.
        """
        import soundfile  # loads a library that few commands need

        try:
            with soundfile.SoundFile(self._path) as file:  # anew each time: its header says how long it is now
                first = min(round(start * self.rate), file.frames)
                file.seek(first)
                samples: Samples = file.read(round(seconds * self.rate), dtype="float32")
        except (OSError, RuntimeError) as error:  # soundfile's own errors are RuntimeErrors
            raise InputError(f"{self._path}: the audio cannot be read ({error})") from error
        return samples
