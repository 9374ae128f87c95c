"""Reference speech from a label file beside a recording (`--labels`)."""

from bisect import bisect_left
from math import inf
from pathlib import Path

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.references.label import Label
from stt_monitor.audio.references.reading import Purpose, labels_for, read_labelled
from stt_monitor.audio.vad.segmentation import EdgeKind, SpeechEdge
from stt_monitor.core.errors import InputError


class LabelledSpan(msgspec.Struct, frozen=True):
    """A stretch of speech, in seconds of the recording."""

    onset: float
    end: float


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

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Consume the next whole samples, which begin at `recorded_at` of the recording; return the edges in them.

        Speech that is going on ends where the recording is paused, and where it jumps (back, to send some of it
        again); it begins again after that.
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
            edges.append(SpeechEdge(EdgeKind.ONSET, seconds(here)))
        offset = seconds(here - recorded_at)
        edges += [
            SpeechEdge(EdgeKind.END if index % 2 else EdgeKind.ONSET, self._edges[index] + offset)
            for index in range(begin, end)
        ]
        self.speaking = bool(end % 2)
        return edges

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Do what `feed` does: it takes no time."""
        return self.feed(data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        """End the audio; return the end of speech that was going on."""
        self.decided_until = inf
        return self._break_off(self._heard)

    def _break_off(self, here: int) -> list[SpeechEdge]:
        speaking, self.speaking = self.speaking, False
        return [SpeechEdge(EdgeKind.END, self._format.seconds(here))] if speaking else []


def read_labels(path: Path, recording: str, *, one_of_several: bool = False) -> list[LabelledSpan]:
    """Read the reference speech of a recording.

    Args:
        path: a file of a format with times; see `read_labelled`. Labels without duration mark moments, not speech.
        recording: name of the file that is played; picks the entry of a manifest.
        one_of_several: other files are played too, so that labels must name their recording.

    Returns:
        The spans, sorted and without overlaps: pauses split turns; labels that touch or overlap are merged.

    Raises:
        InputError: the file cannot be read, is of no such format, has no labels for the recording, does not name the
            recording although there are several, or has a span that ends before it begins.
    """
    found = read_labelled(path, Purpose.TIMES)
    if one_of_several and any(each.file is None for each in found):
        raise InputError(f"{path}: does not say which recording it labels; give a JSON manifest of all")
    spans = [span for label in labels_for(path, found, recording, Purpose.TIMES) for span in _spans(label)]
    for span in spans:
        if not 0 <= span.onset < span.end < inf:
            raise InputError(f"{path}: a label from {span.onset:g} s to {span.end:g} s has no valid duration; fix it")
    return _merged(sorted(spans, key=lambda span: span.onset))


def _spans(label: Label) -> list[LabelledSpan]:
    if label.start is None or label.end is None:
        return []
    pauses = sorted(label.pauses)
    starts = [label.start, *(until for _, until in pauses)]
    ends = [*(since for since, _ in pauses), label.end]
    return [LabelledSpan(start, end) for start, end in zip(starts, ends, strict=True)]


def _merged(spans: list[LabelledSpan]) -> list[LabelledSpan]:
    merged: list[LabelledSpan] = []
    for span in spans:
        if merged and span.onset <= merged[-1].end:
            span = LabelledSpan(merged[-1].onset, max(merged[-1].end, span.end))  # noqa: PLW2901  merged
            merged.pop()
        merged.append(span)
    return merged
