"""Turns of labels: which labels are one turn, which are pauses in it, and the speech around those."""

from collections.abc import Sequence
from math import inf

import msgspec

from stt_monitor.audio.references.label import FormatError, Label

_Stretch = tuple[float, float]


class LabelledSpan(msgspec.Struct, frozen=True):
    """A stretch of speech, in seconds of the recording."""

    onset: float
    end: float
    continues: bool = False
    """Whether it goes on with the turn of the span before, after a pause."""


def spans_of(labels: Sequence[Label]) -> list[LabelledSpan]:
    """Return the speech of labels with times, sorted and without overlaps.

    Labels that touch or overlap are one turn. Silence in it are the pauses that a label lists, and the labels whose
    text says `pause`.

    Raises:
        FormatError: a label has no duration, or a pause is not inside a turn.
    """
    return [
        LabelledSpan(onset, end, continues=number > 0)
        for turn in _turns(labels)
        for number, (onset, end) in enumerate(_speech(turn))
    ]


def without_pauses(labels: Sequence[Label]) -> list[Label]:
    """Leave out the labels that are pauses of turns; a label `pause` elsewhere may be a spoken word."""
    pauses = {
        id(label)
        for turn in _turns([label for label in labels if label.start is not None])
        if not all(label.is_pause for label in turn)
        for label in turn
        if label.is_pause
    }
    return [label for label in labels if id(label) not in pauses]


def _turns(labels: Sequence[Label]) -> list[list[Label]]:
    """Group labels that touch or overlap."""
    turns: list[list[Label]] = []
    until = -inf
    for label in sorted(labels, key=lambda label: _stretch(label)[0]):
        onset, end = _stretch(label)
        if not turns or onset > until:
            turns.append([])
        turns[-1].append(label)
        until = max(until, end)
    return turns


def _speech(turn: list[Label]) -> list[_Stretch]:
    """Return the stretches of a turn that are speech."""
    spoken: list[_Stretch] = []
    for label in turn:
        since, until = _stretch(label)
        if not 0 <= since < until < inf:
            raise FormatError(f"a label from {since:g} s to {until:g} s has no valid duration; fix it")
        if not label.is_pause:
            spoken += _less([(since, until)], _inside(label.pauses, since, until))
    ends = max(_stretch(label)[1] for label in turn)
    pauses = [_stretch(label) for label in turn if label.is_pause]
    return _less(_merged(spoken), _inside(pauses, _stretch(turn[0])[0], ends))


def _inside(pauses: Sequence[_Stretch], begins: float, ends: float) -> Sequence[_Stretch]:
    """Return the pauses of a turn, once they are known to lie inside it."""
    for since, until in pauses:
        if not begins < since < until < ends:
            raise FormatError(
                f"a pause from {since:g} s to {until:g} s is not inside a turn; label each turn from its first word "
                "to its last, over its pauses"
            )
    return pauses


def _less(stretches: list[_Stretch], pauses: Sequence[_Stretch]) -> list[_Stretch]:
    """Return what the pauses leave of the stretches."""
    for since, until in pauses:
        parts = (part for begin, end in stretches for part in ((begin, min(end, since)), (max(begin, until), end)))
        stretches = [(begin, end) for begin, end in parts if begin < end]
    return stretches


def _merged(stretches: list[_Stretch]) -> list[_Stretch]:
    """Join stretches that touch or overlap."""
    merged: list[_Stretch] = []
    for begin, end in sorted(stretches):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _stretch(label: Label) -> _Stretch:
    if label.start is None or label.end is None:
        raise FormatError("a label has no start and end")
    return label.start, label.end
