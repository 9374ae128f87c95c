"""Reference speech from a label file beside a recording (`--labels`)."""

from bisect import bisect_left
from math import inf
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.segmentation import EdgeKind, SpeechEdge
from stt_monitor.core.errors import InputError

_FORMS: Final = "give an Audacity label track (start, tab, end, tab, text) or a JSON manifest of turns"


class LabelledSpan(msgspec.Struct, frozen=True):
    """A stretch of speech, in seconds of the recording."""

    onset: float
    end: float


class _Turn(msgspec.Struct):
    start: float
    end: float
    pauses: list[tuple[float, float]] = []


class _Recording(msgspec.Struct):
    file: str
    turns: list[_Turn]


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
        """Take note that the audio is over. Returns the end of the speech that it breaks off in."""
        self.decided_until = inf
        return self._break_off(self._heard)

    def _break_off(self, here: int) -> list[SpeechEdge]:
        speaking, self.speaking = self.speaking, False
        return [SpeechEdge(EdgeKind.END, self._format.seconds(here))] if speaking else []


def read_labels(path: Path, recording: str, *, one_of_several: bool = False) -> list[LabelledSpan]:
    """Read where speech is.

    Args:
        path: an Audacity label track, or JSON: a list of `{file, turns: [{start, end, pauses: [[from, to]]}]}`, or one
            such object. Times are seconds.
        recording: name of the file that is played; it picks the entry of a manifest.
        one_of_several: others are played too, so that a label track, which names no file, could be about any of them.

    Returns:
        The spans in order, apart from one another: pauses split turns, and labels that touch or overlap are one.

    Raises:
        InputError: the file cannot be read, is in neither form, has no such recording, is a track for one of several
            recordings, or has a span that ends before it begins.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"{path}: the labels cannot be read ({reason}); {_FORMS}") from error
    is_json = text.lstrip()[:1] in ("[", "{")
    if one_of_several and not is_json:
        raise InputError(f"{path}: a label track does not say which recording it is about; give a JSON manifest of all")
    spans = _from_json(path, text, recording) if is_json else _from_audacity(path, text)
    if not spans:
        raise InputError(f"{path}: there are no labels in it; {_FORMS}")
    for span in spans:
        if not 0 <= span.onset < span.end < inf:
            raise InputError(f"{path}: a label from {span.onset:g} s to {span.end:g} s is no span of time; mend it")
    return _joined(sorted(spans, key=lambda span: span.onset))


def _from_json(path: Path, text: str, recording: str) -> list[LabelledSpan]:
    try:
        found = msgspec.json.decode(text, type=list[_Recording] | _Recording)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path}: the labels are not in the form expected ({error}); {_FORMS}") from error
    entries = found if isinstance(found, list) else [found]
    turns = [entry.turns for entry in entries if entry.file == recording]
    if not turns:
        raise InputError(f"{path}: there are no labels for {recording}; it has them for {_names(entries)}")
    spans = []
    for turn in turns[0]:
        pauses = sorted(turn.pauses)
        starts = [turn.start, *(until for _, until in pauses)]
        ends = [*(since for since, _ in pauses), turn.end]
        spans += [LabelledSpan(start, end) for start, end in zip(starts, ends, strict=True)]
    return spans


def _names(entries: list[_Recording]) -> str:
    return ", ".join(entry.file for entry in entries) or "none"


def _from_audacity(path: Path, text: str) -> list[LabelledSpan]:
    spans = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("\\"):  # a line with a backslash holds the frequencies of the one above
            continue
        fields = line.split("\t")
        try:
            spans.append(LabelledSpan(_seconds(fields[0]), _seconds(fields[1])))
        except (ValueError, IndexError) as error:
            raise InputError(f"{path}: line {number} is no label; {_FORMS}") from error
    return spans


def _seconds(text: str) -> float:
    return float(text.replace(",", "."))  # Audacity writes the decimal comma of its language


def _joined(spans: list[LabelledSpan]) -> list[LabelledSpan]:
    joined: list[LabelledSpan] = []
    for span in spans:
        if joined and span.onset <= joined[-1].end:
            span = LabelledSpan(joined[-1].onset, max(joined[-1].end, span.end))  # noqa: PLW2901  it goes on
            joined.pop()
        joined.append(span)
    return joined
