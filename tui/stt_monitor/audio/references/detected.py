"""Finds the speech of a whole recording at once, before it is played."""

from typing import Final

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.audio.vad.reference import SpeechDetector
from stt_monitor.audio.vad.segmentation import EdgeKind

_PIECE_S: Final = 1.0
"""Audio per step: what a detector works with at once is in memory several times."""


def find_spans(audio_format: AudioFormat, data: bytes) -> list[LabelledSpan]:
    """Return the speech that the detector finds in whole samples: the same as where they are played.

    Raises:
        MissingPartError: the detector's weights are not installed.
    """
    detector = SpeechDetector(audio_format)
    size = round(_PIECE_S * audio_format.sample_rate) * audio_format.encoding.bytes_per_sample
    edges = [edge for begin in range(0, len(data), size) for edge in detector.feed(data[begin : begin + size])]
    edges += detector.finish()
    onsets = [edge.position for edge in edges if edge.kind is EdgeKind.ONSET]
    ends = [edge.position for edge in edges if edge.kind is EdgeKind.END]
    return [LabelledSpan(onset, end) for onset, end in zip(onsets, ends, strict=True)]
