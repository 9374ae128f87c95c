"""Recordings of a sweep: read once to plan them, and again, the same, to play them."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from stt_monitor.audio.call import channels_differ
from stt_monitor.audio.channels import parse_channel
from stt_monitor.audio.declared_rate import RateCheck
from stt_monitor.audio.degrade.chain import measure
from stt_monitor.audio.degrade.source import DegradedSound
from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import Samples, decode
from stt_monitor.audio.identity import audio_id
from stt_monitor.audio.references.detected import find_spans
from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.audio.sources.held_sound import HeldSound, hold
from stt_monitor.audio.weights import MissingPartError
from stt_monitor.core.errors import InputError
from stt_monitor.core.listeners import ignore
from stt_monitor.core.sound.arms import Arm, parse_chain
from stt_monitor.core.text.sanitize import legible
from stt_monitor.sweep.plan import PlannedRecording, SweepPlan

_TOLERANCE_S: Final = 0.5
"""How far after the end of a recording its labels may end: both are rounded, and trimmed."""


_MIXED: Final = "its two channels differ, and their mix is sent: --channel left or --channel right sends one of them"


def planned(
    path: Path, channel: str, labels: Sequence[LabelledSpan] | None, warn: Callable[[str], object] = ignore
) -> PlannedRecording:
    """Read a recording, and find the speech in it unless there are labels.

    Args:
        path: of the recording.
        channel: to play.
        labels: the speech in it, if it is labelled.
        warn: is told what makes all figures doubtful, in a sentence.

    Raises:
        InputError: it cannot be read to its end, or its path is not UTF-8.
    """
    whole = os.path.abspath(path)  # noqa: PTH100  a link keeps its name, which labels may have
    if legible(whole) != whole:
        raise InputError(f"{path}: its name is not UTF-8, as the plan of a sweep must be: rename it")
    sound = _read(path, channel)
    if labels and labels[-1].end > sound.seconds + _TOLERANCE_S:
        raise InputError(
            f"{path}: its labels go on to {labels[-1].end:g} s, but it is only {sound.seconds:.2f} s long; give the "
            "labels that belong to it"
        )
    for doubt in _doubts(path, sound, channel):
        warn(f"{path.name}: {doubt}")
    detected = _detected(sound)
    speech = labels if labels is not None else detected
    reference = "labels" if labels is not None else "none" if detected is None else "vad"
    known_as = audio_id(path, parse_channel(channel))
    return PlannedRecording(whole, sound.seconds, known_as, reference, tuple(speech or ()), detected)


def loader(plan: SweepPlan) -> Callable[[str, str], HeldSound]:
    """Return what reads the sound of a recording, given its path, under an arm.

    It raises InputError where a recording is gone, or is not the one that was planned.
    """
    known = {each.path: each.audio_id for each in plan.recordings}

    def load(path: str, arm: str) -> HeldSound:
        sound = _read(Path(path), plan.channel)
        if audio_id(Path(path), parse_channel(plan.channel)) != known[path]:
            raise InputError(f"{path}: has changed since the sweep began: begin another one")
        arms = parse_chain(arm)
        return _degraded(sound, arms) if arms else sound

    return load


def _doubts(path: Path, sound: HeldSound, channel: str) -> Iterator[str]:
    """Yield what a session would warn of: a sample rate that cannot be right, two sides of a call in one channel."""
    check = RateCheck(sound.format)
    playing = sound.play()
    while not check.over and (data := playing.read(sound.format.sample_rate)):
        if doubt := check.feed(data):
            yield doubt
    if doubt := check.finish():
        yield doubt
    if channel == "mix" and channels_differ(path):
        yield _MIXED


def _degraded(sound: HeldSound, arms: Sequence[Arm]) -> HeldSound:
    samples = sound.format.sample_rate  # a second at once: a whole recording in floats is large

    def blocks() -> Iterator[Samples]:
        playing = sound.play()
        while data := playing.read(samples):
            yield decode(data, sound.format.encoding)

    return hold(DegradedSound(sound.play(), measure(arms, samples, blocks)), samples)


def _read(path: Path, channel: str) -> HeldSound:
    return hold(open_audio_file(path, parse_channel(channel)))


def _detected(sound: HeldSound) -> tuple[LabelledSpan, ...] | None:
    try:
        return tuple(find_spans(sound.format, sound.data))
    except MissingPartError:
        return None
