"""Audacity's label tracks: start, tab, end, tab, text (https://manual.audacityteam.org/man/importing_and_exporting_labels.html)."""

from typing import Final

from stt_monitor.audio.references.label import FormatError, Label

_FREQUENCIES: Final = "\\"
"""Starts a line with frequencies for the label above."""


def is_label_track(lines: list[str]) -> bool:
    """Return whether the first line is a label."""
    return _label(next(filter(_has_label, lines), "")) is not None


def read_label_track(lines: list[str]) -> list[Label]:
    """Read the labels.

    Raises:
        FormatError: a line is no label.
    """
    labels = []
    for number, line in enumerate(lines, 1):
        if _has_label(line):
            label = _label(line)
            if label is None:
                raise FormatError(f"line {number} is no label")
            labels.append(label)
    return labels


def _has_label(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_FREQUENCIES)


def _label(line: str) -> Label | None:
    start, _, rest = line.partition("\t")
    end, _, text = rest.partition("\t")
    try:
        return Label(text, _seconds(start), _seconds(end))
    except ValueError:
        return None


def _seconds(text: str) -> float:
    return float(text.replace(",", "."))  # Audacity writes the decimal comma of its language
