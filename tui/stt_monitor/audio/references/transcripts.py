"""Reference transcripts (`--reference`), for the word error rate."""

from collections.abc import Sequence
from pathlib import Path

from stt_monitor.audio.references.label import LabelledRecording
from stt_monitor.audio.references.labelled_turns import without_pauses
from stt_monitor.audio.references.reading import Purpose, labels_for, read_labelled
from stt_monitor.core.errors import InputError


def read_references(paths: Sequence[Path], recordings: Sequence[str]) -> list[str]:
    """Read the reference transcript of each recording.

    Args:
        paths: one file per recording, in order, or one JSON manifest for all of them.
        recordings: their file names, in order; they pick the entries of a manifest.

    Raises:
        InputError: a file cannot be read, is of no known format, or lacks a recording; or too few or too many files.
    """
    found = [read_labelled(path, Purpose.WORDS) for path in paths]
    if len(paths) == 1 and any(each.file is not None for each in found[0]):
        return [_text_of(paths[0], found[0], recording) for recording in recordings]
    if len(paths) != len(recordings):
        raise InputError(
            f"--reference: {len(recordings)} recordings but {len(paths)} references; give one for each, in the same "
            "order, or one JSON manifest for all"
        )
    return [_text_of(*each) for each in zip(paths, found, recordings, strict=True)]


def _text_of(path: Path, found: list[LabelledRecording], recording: str) -> str:
    labels = without_pauses(labels_for(path, found, recording, Purpose.WORDS))
    if all(label.start is not None for label in labels):
        labels.sort(key=lambda label: label.start or 0.0)
    return " ".join(label.text for label in labels)
