"""Reference speech from a label file beside a recording (`--labels`)."""

from bisect import bisect_left
from math import inf
from pathlib import Path

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.references.label import FormatError
from stt_monitor.audio.references.labelled_turns import LabelledSpan, spans_of
from stt_monitor.audio.references.reading import Purpose, entry_for, labels_for, read_labelled
from stt_monitor.audio.vad.segmentation import EdgeKind, SpeechEdge
from stt_monitor.core.errors import InputError


class LabelledSpeech:
    """A `SpeechFinder` that reports labelled edges as the audio passes them."""

    def __init__(self, audio_format: AudioFormat, spans: list[LabelledSpan]) -> None:
        """Prepare to report `spans` (sorted, without overlaps) in audio of `audio_format`."""
        self.speaking = False
        self.decided_until = 0.0
        self._format = audio_format
        self._heard = 0
        self._expected = 0
        self._edges = [edge for span in spans for edge in (span.onset, span.end)]  # onsets at even indices
        self._continues = [span.continues for span in spans]
        self._unbroken = False
        """Whether the recording has run on since the last onset."""

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Consume the next whole samples, which begin at `recorded_at` of the recording; return the edges in them.

        Speech that is going on ends where the recording is paused, and where it jumps (back, to send some of it
        again); it begins again after that. What follows goes on with no turn of before: such a gap is none of the
        speaker's pauses.
        """
        seconds = self._format.seconds
        samples = len(data) // self._format.encoding.bytes_per_sample
        here, self._heard = self._heard, self._heard + samples
        self.decided_until = seconds(self._heard)
        edges = self._break_off(here) if recorded_at is None or recorded_at != self._expected else []
        if recorded_at is None:
            self._expected = -1
            return edges
        self._expected = recorded_at + samples
        begin, end = (bisect_left(self._edges, seconds(at)) for at in (recorded_at, self._expected))
        if begin % 2 and not self.speaking:
            if self._edges[begin] > seconds(recorded_at):
                edges.append(self._onset(seconds(here), begin))
            else:  # it begins exactly where the speech ends
                begin += 1
        offset = seconds(here - recorded_at)
        for index in range(begin, end):
            position = self._edges[index] + offset
            edges.append(self._end(position, index) if index % 2 else self._onset(position, index))
        self.speaking = bool(end % 2)
        return edges

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Do what `feed` does: it takes no time."""
        return self.feed(data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        """End the audio; return the end of speech that was going on."""
        self.decided_until = inf
        return self._break_off(self._heard)

    def _onset(self, position: float, index: int) -> SpeechEdge:
        """Return the onset of the span with this edge."""
        continues, self._unbroken = self._unbroken and self._continues[index // 2], True
        return SpeechEdge(EdgeKind.ONSET, position, continues)

    def _end(self, position: float, index: int) -> SpeechEdge:
        """Return the end of the span with this edge."""
        following = index // 2 + 1
        return SpeechEdge(EdgeKind.END, position, following < len(self._continues) and self._continues[following])

    def _break_off(self, here: int) -> list[SpeechEdge]:
        speaking, self.speaking, self._unbroken = self.speaking, False, False
        return [SpeechEdge(EdgeKind.END, self._format.seconds(here))] if speaking else []


def read_labels(path: Path, *recordings: str) -> list[list[LabelledSpan]]:
    """Read the reference speech of recordings.

    Args:
        path: a file of a format with times; see `read_labelled`. Labels without duration mark moments, not speech.
        recordings: the files that are played, by path or name; they pick the entries of a manifest.

    Returns:
        Of each the spans, sorted and without overlaps; those of one turn, around its pauses, continue each other.

    Raises:
        InputError: the file cannot be read, is of no such format, has no labels for a recording, or the same ones for
            two; does not name the recording although there are several; or has a label or a pause that cannot be.
    """
    found = read_labelled(path, Purpose.TIMES)
    if len(recordings) > 1 and any(each.file is None for each in found):
        raise InputError(f"{path}: does not say which recording it labels; give a JSON manifest of all")
    taken: dict[int, str] = {}
    for recording in recordings:
        entry = entry_for(path, found, recording, Purpose.TIMES)
        if (other := taken.setdefault(id(entry), recording)) != recording:
            raise InputError(
                f"{path}: its labels for {entry.file} would be those of {other} and of {recording}: give each its own "
                'folder and name as "file", such as "calls/a.wav"'
            )
    try:
        return [spans_of(labels_for(path, found, recording, Purpose.TIMES)) for recording in recordings]
    except FormatError as error:
        raise InputError(f"{path}: {error}") from error
