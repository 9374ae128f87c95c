"""Plain text, and label tracks for Audacity."""

from collections.abc import Iterator

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.cues import cues


def plain_text(snapshot: Snapshot) -> Iterator[str]:
    """Yield the words, a line for each turn that has any."""
    texts = (clean(each.turn.transcript) for each in snapshot.finished)
    return (f"{text}\n" for text in texts if text)


def audacity(snapshot: Snapshot) -> Iterator[str]:
    """Yield a label track, a label for each turn with words: start, end (seconds), text, separated by tabs."""
    return (f"{cue.start / 1000:.6f}\t{cue.end / 1000:.6f}\t{cue.text}\n" for cue in cues(snapshot.finished))
