"""The floor: a plain detector that ends a turn after some silence, over the same turns. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.sweep.observed import Spoken, Turns
from stt_monitor.core.sweep.outcome import PauseOutcome, TurnOutcome, judged

SILENCES: Final = tuple(step * 50 / 1000 for step in range(2, 71))
"""Silences after which it ends a turn, seconds: from 0.1 to 3.5."""

Speech = Sequence[tuple[float, float]]
"""Spans of speech in a recording, in order: positions, seconds of audio."""

Truth = Mapping[Spoken, TurnOutcome]
"""All true turns of all recordings, in order, without what became of them."""


def truth_of(settings: Iterable[Turns]) -> dict[Spoken, TurnOutcome]:
    """Return all true turns that any setting has."""
    found: dict[Spoken, TurnOutcome] = {}
    for turns in settings:
        for key, turn in turns.items():
            if key.spoken not in found:
                pauses = tuple(PauseOutcome(each.position, each.length) for each in turn.pauses)
                found[key.spoken] = TurnOutcome(turn.position, turn.end_position, pauses=pauses)
    return dict(sorted(found.items()))


def labelled_speech(truth: Truth) -> dict[str, Speech]:
    """Return the speech of each recording as it is labelled: that of a detector that never errs."""
    speech: dict[str, list[tuple[float, float]]] = {}
    for spoken, turn in truth.items():
        edges = [turn.position, *(edge for each in turn.pauses for edge in _edges(each)), turn.end_position]
        speech.setdefault(spoken.recording, []).extend(zip(edges[::2], edges[1::2], strict=True))
    return {recording: tuple(spans) for recording, spans in speech.items()}


def floor(truth: Truth, turns: Turns, speech: Mapping[str, Speech], silence: float) -> list[list[TurnOutcome]]:
    """Judge a detector's ends as those of a service.

    Args:
        truth: all true turns.
        turns: those to judge, as a setting that is compared has them: which of them count is the same here.
        speech: what the detector hears in each recording; one that is missing has no ends.
        silence: after which it ends a turn, seconds.

    Returns:
        What became of each true turn, in the order of `truth`; one of several arms and repetitions.
    """
    asked = {key.spoken: turn for key, turn in turns.items()}
    untils = {
        spoken: truth[after].position if after.recording == spoken.recording else inf
        for spoken, after in pairwise(truth)
    }
    ends = {recording: _ends(spans, silence) for recording, spans in speech.items()}
    groups = []
    for spoken, turn in truth.items():
        until = untils.get(spoken, inf)
        heard = ends.get(spoken.recording, [])
        own = heard[bisect_right(heard, turn.position) : bisect_left(heard, until)]
        groups.append([_as_counted(judged(turn, own), asked[spoken])] if spoken in asked else [])
    return groups


def _as_counted(turn: TurnOutcome, asked: TurnOutcome) -> TurnOutcome:
    """Let a turn count where it does for services; what held up one of them does not hold up a detector."""
    standing = asked.standing if asked.counts else ""
    return msgspec.structs.replace(turn, first=asked.first, standing=standing)


def _edges(pause: PauseOutcome) -> tuple[float, float]:
    return pause.position, pause.position + pause.length


def _ends(speech: Speech, silence: float) -> list[float]:
    onsets = [*(onset for onset, _ in speech[1:]), inf]
    ends = zip(speech, onsets, strict=False)  # without speech there is one onset too many
    return [end + silence for (_, end), onset in ends if onset - end > silence]
