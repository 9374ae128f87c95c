"""A sweep without a session: saved sessions judged again under other settings, by the likelihood that they had."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.local_server import LOCAL_SERVER, MODEL, with_protocol
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sweep.compose import About, compose
from stt_monitor.core.sweep.grid import Cell, Grid, grid, left_out, parse_axes
from stt_monitor.core.sweep.outcome import NO_REFERENCE, UNKNOWN, CellOutcome
from stt_monitor.core.sweep.result import SweepResult
from stt_monitor.core.text.sanitize import legible
from stt_monitor.core.text.wording import plural
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.outcome import rejudge
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import fold
from stt_monitor.services.registry import dialect_of, service_of

_DETECTED: Final = "vad"


class _Heard(NamedTuple):
    """A saved session, read."""

    name: str
    snapshot: Snapshot
    arm: str
    repetition: int = 1
    """How many sessions heard the same audio, up to this one."""


def judge_again(recordings: Sequence[Recording], axes: Sequence[str], budget: float | None = None) -> SweepResult:
    """Judge saved sessions under all combinations of settings.

    Args:
        recordings: of one service and model, with a likelihood and reference speech. What an axis does not name stays
            as it was in each of them.
        axes: values of settings, as for `--set`.
        budget: share of turns that may be cut off, 0 to 1; None: nothing is recommended.

    Raises:
        InputError: one cannot be read, says no likelihood, or is of another service or model than the first; or the
            axes cannot be read.
    """
    if not axes:
        raise InputError("--from recomputes sessions under other settings: give --set NAME=VALUES")
    heard = _told_apart([_read(recording) for recording in recordings])
    first = heard[0].snapshot.session
    for each in heard:
        if _kind(each.snapshot.session) != _kind(first):
            raise InputError(f"{each.name} has another service or model than {heard[0].name}: sweep them separately")
    wanted = _grid(first.settings.turn, heard[0].snapshot, axes)
    heard = list(_repeated(heard))
    outcomes: dict[Cell, CellOutcome] = {}
    untold: dict[Cell, str] = {}
    reasons: Counter[str] = Counter()
    for each in heard:
        for cell, outcome, unknown in _judged(each, wanted):
            reasons.update(unknown)
            if any(turn.standing != UNKNOWN for turn in outcome.turns):
                outcomes[cell] = outcome
            else:
                untold[cell] = f"cannot tell: {next(iter(unknown), 'no turn was heard')}"
    plan = [_cell(each, values) for each in heard for values in wanted.settings]
    about = _about(heard[0].snapshot, budget, wanted, reasons)
    return compose(about, plan, outcomes, why_missing=untold, detected=_detected(heard))


def _read(recording: Recording) -> _Heard:
    """Read a session with all of its likelihood.

    Raises:
        InputError: it cannot be read, or nothing in it can be judged again.
    """
    snapshot = fold(recording, whole_likelihood=True).snapshot
    name = legible(recording.name)
    if not snapshot.likelihood:
        raise InputError(f"{name}: its service reported no likelihood: choose a session of one that does")
    if snapshot.session.reference == NO_REFERENCE:
        raise InputError(f"{name}: it has no reference speech to measure ends from")
    degraded = snapshot.session.degraded
    return _Heard(name, snapshot, "" if degraded is msgspec.UNSET else "+".join(degraded))


def _kind(session: SessionRecord) -> tuple[str, str]:
    """Return the service and the model that a session asked for."""
    service = service_of(session)
    return service.name, session.settings.model or service.model


def _told_apart(heard: Sequence[_Heard]) -> list[_Heard]:
    """Number sessions of the same name, from different folders."""
    times: Counter[str] = Counter()
    apart = []
    for each in heard:
        times[each.name] += 1
        number = times[each.name]
        apart.append(each if number == 1 else each._replace(name=f"{each.name} ({number})"))
    return apart


def _repeated(heard: Sequence[_Heard]) -> Iterator[_Heard]:
    """Treat sessions of the same audio as repetitions of the first: their turns are the same turns."""
    names: dict[tuple[str, str], str] = {}
    times: Counter[tuple[str, str]] = Counter()
    for each in heard:
        session = each.snapshot.session
        audio = session.audio_id or each.name  # older sessions and microphones have none
        name = names.setdefault((audio, session.reference), each.name)
        times[name, each.arm] += 1
        yield each._replace(name=name, repetition=times[name, each.arm])


def _cell(heard: _Heard, settings: TurnSettings) -> Cell:
    return Cell(settings, heard.name, heard.arm, heard.repetition)


def _grid(turn: TurnSettings, snapshot: Snapshot, axes: Sequence[str]) -> Grid:
    """Combine the values of all axes, in the order that the service takes with the settings in force."""
    service, schema = service_of(snapshot.session), dialect_of(snapshot.session).schema
    settings = snapshot.session.settings

    def problem(values: TurnSettings) -> str:
        changed = TurnSettings(turn | values)
        return service.problem(msgspec.structs.replace(settings, turn=changed), True)  # noqa: FBT003  the only flag

    return grid(parse_axes(axes, schema), schema, problem)


def _judged(heard: _Heard, wanted: Grid) -> Iterator[tuple[Cell, CellOutcome, dict[str, int]]]:
    snapshot = heard.snapshot
    evidence = Evidence.of(snapshot, dialect_of(snapshot.session).schema)
    as_it_was = snapshot.session.settings.turn
    changed = (TurnSettings(as_it_was | values) for values in wanted.settings)
    for values, told in zip(wanted.settings, rejudge(snapshot, evidence, changed), strict=True):
        yield _cell(heard, values), told.outcome, told.unknown


def _detected(heard: Sequence[_Heard]) -> dict[str, list[tuple[float, float]]] | None:
    """Return the speech that a detector heard, by session; None where one has labels instead."""
    if any(each.snapshot.session.reference != _DETECTED for each in heard):
        return None
    return {
        each.name: [
            (span.onset_position, span.end_position) for span in each.snapshot.speech if span.end_position is not None
        ]
        for each in heard
    }


def _about(snapshot: Snapshot, budget: float | None, wanted: Grid, reasons: Counter[str]) -> About:
    session = snapshot.session
    service = service_of(session)
    not_told = "; ".join(f"{reason} ({plural(number, 'turn')})" for reason, number in reasons.most_common())
    sentences = [left_out(wanted), f"cannot tell: {not_told}" if not_told else ""]
    return About(
        with_protocol(LOCAL_SERVER, service.title) if session.server else service.title,
        MODEL if session.server else session.model,
        dialect_of(session).schema,
        budget,
        "; ".join(filter(None, sentences)),
    )
