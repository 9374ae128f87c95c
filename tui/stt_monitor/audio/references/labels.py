"""Reference speech from a label file beside a recording (`--labels`)."""

from bisect import bisect_left
from math import inf
from pathlib import Path

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.references.label import Label
from stt_monitor.audio.references.reading import Purpose, about, read_labelled
from stt_monitor.audio.vad.segmentation import EdgeKind, SpeechEdge
from stt_monitor.core.errors import InputError


class LabelledSpan(msgspec.Struct, frozen=True):
    """A stretch of speech, in seconds of the recording."""

    onset: float
    end: float


class LabelledSpeech:
    """Tells labelled edges as the audio passes them: a `SpeechFinder`, as the detector is."""

    def __init__(self, audio_format: AudioFormat, spans: list[LabelledSpan]) -> None:
        """Prepare to tell `spans` (in order, apart from one another) of audio in `audio_format`."""
        self.speaking = False
        self.decided_until = 0.0
        self._format = audio_format
        self._heard = 0
        self._expected = 0
        self._edges = [edge for span in spans for edge in (span.onset, span.end)]  # onsets at even indices

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        """Pass over the next whole samples, from `recorded_at` of the recording. Returns the edges that lie in them.

        Where the recording is left (for silence, when it is paused) and where it goes on somewhere else (further back,
        when some of it is sent once more), speech that is going on ends and begins.
        """
        seconds = self._format.seconds
        samples = len(data) // self._format.encoding.bytes_per_sample
        here, self._heard = self._heard, self._heard + samples
        self.decided_until = seconds(self._heard)
        told = self._break_off(here) if recorded_at is None or recorded_at != self._expected else []
        if recorded_at is None:
            self._expected = -1
            return told
        self._expected = recorded_at + samples
        begin, end = (bisect_left(self._edges, seconds(at)) for at in (recorded_at, self._expected))
        if begin % 2 and not self.speaking:
            told.append(SpeechEdge(EdgeKind.ONSET, seconds(here)))
        put_off = seconds(here - recorded_at)
        told += [
            SpeechEdge(EdgeKind.END if index % 2 else EdgeKind.ONSET, self._edges[index] + put_off)
            for index in range(begin, end)
        ]
        self.speaking = bool(end % 2)
        return told

    def finish(self) -> list[SpeechEdge]:
        """End the audio. Returns the end of the speech that it breaks off in."""
        self.decided_until = inf
        return self._break_off(self._heard)

    def _break_off(self, here: int) -> list[SpeechEdge]:
        speaking, self.speaking = self.speaking, False
        return [SpeechEdge(EdgeKind.END, self._format.seconds(here))] if speaking else []


def read_labels(path: Path, recording: str, *, one_of_several: bool = False) -> list[LabelledSpan]:
    """Read where speech is.

    Args:
        path: a file of a format that has times; see `read_labelled`. Labels of no length mark a moment: no speech.
        recording: name of the file that is played; it picks the entry of a manifest.
        one_of_several: others are played too, so that what names no file could be about any of them.

    Returns:
        The spans in order, apart from one another: pauses split turns, and labels that touch or overlap are one.

    Raises:
        InputError: the file cannot be read, is in no such format, has no such recording, names none for one of several
            recordings, or has a span that ends before it begins.
    """
    found = read_labelled(path, Purpose.TIMES)
    if one_of_several and any(each.file is None for each in found):
        raise InputError(f"{path}: this does not say which recording it is about; give a JSON manifest of all")
    spans = [span for label in about(path, found, recording, Purpose.TIMES) for span in _spans(label)]
    for span in spans:
        if not 0 <= span.onset < span.end < inf:
            raise InputError(f"{path}: a label from {span.onset:g} s to {span.end:g} s is no span of time; mend it")
    return _joined(sorted(spans, key=lambda span: span.onset))


def _spans(label: Label) -> list[LabelledSpan]:
    if label.start is None or label.end is None:
        return []
    pauses = sorted(label.pauses)
    starts = [label.start, *(until for _, until in pauses)]
    ends = [*(since for since, _ in pauses), label.end]
    return [LabelledSpan(start, end) for start, end in zip(starts, ends, strict=True)]


def _joined(spans: list[LabelledSpan]) -> list[LabelledSpan]:
    joined: list[LabelledSpan] = []
    for span in spans:
        if joined and span.onset <= joined[-1].end:
            span = LabelledSpan(joined[-1].onset, max(joined[-1].end, span.end))  # noqa: PLW2901  it goes on
            joined.pop()
        joined.append(span)
    return joined
