"""From the options of `stt-monitor sweep` to its plan."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.audio.sample import SAMPLE, SAMPLE_LABELS, SAMPLE_NAME
from stt_monitor.cli.options.chosen_services import ChosenService, choose_services
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import LocalService, UrlService
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sound.arms import chain_name, parse_chain
from stt_monitor.core.sweep.grid import Grid, grid, left_out, parse_axes
from stt_monitor.recording.paths import user_path
from stt_monitor.services import registry
from stt_monitor.system.streams import diagnose

if TYPE_CHECKING:
    from pathlib import Path

    from stt_monitor.audio.references.labelled_turns import LabelledSpan
    from stt_monitor.sweep.plan import PlannedRecording, SweepPlan

DEFAULT_CHUNK_MS: Final = 100


def take_sample(options: argparse.Namespace) -> None:
    """Choose the bundled sample and its labels, and say so.

    Raises:
        InputError: there are labels of something else.
    """
    if options.labels is not None:
        raise InputError("--labels needs an audio file: give the file too")
    options.audio, options.labels = [str(SAMPLE)], str(SAMPLE_LABELS)
    diagnose(f"no AUDIO is given: the sweep plays the {SAMPLE_NAME}")


def plan_to_go_on_with(options: argparse.Namespace) -> "SweepPlan | None":
    """Return the plan of the sweep whose folder is given; None if there is none.

    Raises:
        InputError: it cannot be read, or something else is given that its plan says.
    """
    from stt_monitor.sweep.folder import is_sweep, read_plan  # loads numpy

    folders = [name for name in options.audio if is_sweep(user_path(name))]
    if not folders:
        return None
    if len(options.audio) > 1:
        raise InputError(f"{folders[0]}: the folder of a sweep is given alone, to go on with it")
    given = [
        (options.axes, "--set"), (options.degrade, "--degrade"), (options.labels, "--labels"),
        (options.model, "--model"), (options.repeat != 1, "--repeat"), (options.channel != "mix", "--channel"),
        (options.chunk_ms != DEFAULT_CHUNK_MS, "--chunk-ms"), (options.record, "--record"), (options.name, "--name"),
    ]  # fmt: skip
    for is_given, option in given:
        if is_given:
            raise InputError(f"{folders[0]}: goes on as it was begun: leave {option} out")
    return read_plan(user_path(folders[0]))


def chosen_service(options: argparse.Namespace, saved: "SweepPlan | None") -> ChosenService:
    """Return the service to sweep, its address, and the settings common to all cells.

    Raises:
        InputError: there are several, or as `choose_services`.
    """
    if len(options.service) > 1:
        raise InputError("a sweep is about one service: give --service once")
    wanted = argparse.Namespace(**vars(options))
    wanted.profile, wanted.assignments = None, []
    for name in registry.service().schema.names:
        setattr(wanted, name, None)
    if saved is not None:
        _as_begun(wanted, saved)
    (chosen,) = choose_services(wanted)
    return chosen if saved is None else chosen._replace(settings=saved.settings)


def _as_begun(options: argparse.Namespace, saved: "SweepPlan") -> None:
    """Complete the options by what a saved plan says of the service and its place.

    Raises:
        InputError: they contradict it, or what it does not say is missing.
    """
    from stt_monitor.sweep.plan import LOCAL, VENDOR, kind_of  # loads numpy

    folder = options.audio[0]
    if options.service not in ([], [saved.service]):
        raise InputError(f"{folder}: is a sweep of {registry.service(saved.service).title}: leave --service out")
    kind = kind_of(saved.place)
    if (options.local and kind != LOCAL) or (options.url and kind in (LOCAL, VENDOR)):
        raise InputError(
            f"{folder}: goes on with the service where it was: leave --{'local' * options.local or 'url'} out"
        )
    if not (options.url or saved.is_address_whole):
        raise InputError(f"{folder}: its address had a part that is not saved: give --url as it was")
    options.service, options.chunk_ms = [saved.service], saved.chunk_ms
    options.local = kind == LOCAL
    options.url = options.url or ([] if kind in (LOCAL, VENDOR) else [saved.place])


def make_plan(options: argparse.Namespace, chosen: ChosenService) -> "SweepPlan":
    """Make the plan of a sweep: check everything, read all recordings, and find the speech in them.

    Raises:
        InputError: something cannot be read, or would be refused by the service.
    """
    from stt_monitor.sweep.plan import LOCAL, VENDOR, SweepPlan

    taken = _grid(options, chosen)
    if sentence := left_out(taken):
        diagnose(sentence)
    whole = True
    match chosen.connection:
        case LocalService():
            place = LOCAL
        case UrlService() as at:
            place, whole = at.shown, at.shown == at.url
        case _:
            place = VENDOR
    return SweepPlan(
        service=chosen.speaks.name,
        place=place,
        settings=chosen.settings,
        grid=taken.settings,
        recordings=tuple(_recordings(options)),
        arms=_arms(options.degrade),
        repetitions=options.repeat,
        chunk_ms=options.chunk_ms,
        channel=options.channel,
        is_address_whole=whole,
        left_out=left_out(taken),
    )


def _grid(options: argparse.Namespace, chosen: ChosenService) -> Grid:
    speaks, settings = chosen.speaks, chosen.settings
    schema = speaks.schema_of(settings.model)
    is_local = isinstance(chosen.connection, LocalService)

    def problem(turn: TurnSettings) -> str:
        return speaks.problem(msgspec.structs.replace(settings, turn=turn), is_local)

    return grid(parse_axes(options.axes, schema), schema, problem)


def _arms(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the arms, the clean sound first; each once, in the words in which it is known."""
    return tuple(dict.fromkeys(("", *(chain_name(parse_chain(text)) for text in texts))))


def _recordings(options: argparse.Namespace) -> "list[PlannedRecording]":
    from stt_monitor.sweep.preparing import planned

    found = list(_labelled(options))
    paths = [path.resolve() for path, _ in found]
    if twice := next((path for path, times in Counter(paths).items() if times > 1), None):
        raise InputError(f"{twice} is given twice: --repeat plays each recording several times")
    recordings: dict[str, PlannedRecording] = {}
    for path, spans in found:
        recording = planned(path, options.channel, spans, diagnose)
        if other := recordings.get(recording.audio_id):
            raise InputError(f"{path} has the same audio as {other.path}: its turns would count twice; leave one out")
        recordings[recording.audio_id] = recording
    return list(recordings.values())


def _labelled(options: argparse.Namespace) -> "Iterator[tuple[Path, Sequence[LabelledSpan] | None]]":
    """Yield the path of each recording with its labels, if there are some: its row of eot-bench, or `--labels`."""
    from stt_monitor.audio.references.eot_bench import is_bench, read_bench
    from stt_monitor.audio.references.labels import read_labels

    if "-" in options.audio:
        raise InputError("a sweep plays each recording many times: give files instead of standard input (-)")
    paths = [user_path(name) for name in options.audio]
    if options.labels is not None and all(map(is_bench, paths)):
        raise InputError("--labels: rows of eot-bench have their own labels: leave it out")
    files = [path for path in paths if not is_bench(path)]
    labels = {}
    if options.labels is not None:
        names = [str(path.absolute()) for path in files]
        labels = dict(zip(files, read_labels(user_path(options.labels), *names), strict=True))
    for path in paths:
        if is_bench(path):
            yield from ((row.audio, row.spans) for row in read_bench(path))
        else:
            yield path, labels.get(path)
