"""Audio clips of turns, for a page."""

from base64 import b64encode

from stt_monitor.core.clip import clip_of
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.stored_audio import StoredAudio


class Clips:
    """Makes the audio clip of one turn after the other, and counts them."""

    def __init__(self, recording: Recording) -> None:
        """Find the audio.

        Raises:
            InputError: it is missing.
        """
        self._audio = StoredAudio(recording)
        self.made = 0
        self.size = 0
        """Characters of all that were made."""

    def __call__(self, turn: FinishedTurn) -> str:
        """Return the clip as a `data:` URL; empty where the audio ends before it.

        Raises:
            InputError: the audio cannot be read.
        """
        from stt_monitor.audio.compressed import compress  # loads numpy

        clip = clip_of(turn)
        assert clip.end is not None, "a finished turn has an end"
        samples = self._audio.read(clip.start, clip.end - clip.start)
        if not len(samples):
            return ""
        sound = compress(samples, self._audio.rate)
        url = f"data:{sound.kind};base64,{b64encode(sound.data).decode()}"
        self.made += 1
        self.size += len(url)
        return url
