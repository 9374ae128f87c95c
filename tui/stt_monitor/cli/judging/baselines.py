"""`--baseline SESSION|FILE`, `--tolerance` and `--write-baseline`."""

import argparse
from collections.abc import Iterable, Sequence
from itertools import chain

from stt_monitor.cli.saved_sessions import find_sessions
from stt_monitor.core.assertions.against_baseline import AgainstBaseline
from stt_monitor.core.assertions.baseline import Baseline, baseline_session
from stt_monitor.core.assertions.checks import CANNOT_TELL_EXIT
from stt_monitor.core.assertions.tolerance import Tolerance, parse_tolerance
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.slowness import HELD_UP
from stt_monitor.headless.baseline_file import read_baseline, write_baseline
from stt_monitor.headless.output_file import check_output_file
from stt_monitor.headless.verdicts import Heard
from stt_monitor.recording.manifest import GROUP, MANIFEST
from stt_monitor.recording.paths import user_path
from stt_monitor.recording.replay import fold
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.services.registry import service_of
from stt_monitor.system.streams import diagnose


def against_baseline(options: argparse.Namespace) -> AgainstBaseline | None:
    """Read the requested baseline; None without one. Also checks the file to write the next one to.

    Raises:
        InputError: a file or a session cannot be read or written, or the tolerance is none.
    """
    if options.write_baseline is not None:
        check_output_file(user_path(options.write_baseline))
    if options.baseline is None:
        if options.tolerance is not None or options.baseline_service is not None:
            option = "--baseline-service" if options.tolerance is None else "--tolerance"
            raise InputError(f"{option} is about a baseline: give --baseline too")
        return None
    tolerance = Tolerance() if options.tolerance is None else parse_tolerance(options.tolerance)
    return AgainstBaseline(_read(options.baseline), options.baseline, tolerance, options.baseline_service or "")


def keep_as_baseline(file: str, heard: Iterable[Sequence[Heard]], missing: str) -> int:
    """Write the sessions of a run as a baseline, and return an exit code: "cannot tell" if they are none.

    Args:
        file: where to.
        heard: the sessions, by recording.
        missing: why they are incomplete, in words; empty where they are complete.

    Raises:
        InputError: it cannot be written.
    """
    path = user_path(file)
    sessions = [baseline_session(each.snapshot, service_of(each.snapshot.session).name) for each in chain(*heard)]
    if not missing and any(each.heard.live for each in sessions):
        missing = "nobody says the same to a microphone again: play recordings"
    if not missing and any(each.mostly_slow for each in sessions):
        missing = f"most turns of a session are slow: {HELD_UP}"
    if not missing and not all(each.heard.turns for each in sessions):
        missing = "a session has no turns"
    if missing:
        diagnose(f"{path}: no baseline written: {missing}")
        return CANNOT_TELL_EXIT
    write_baseline(path, sessions)
    diagnose(f"wrote {path.absolute()}")
    return 0


def _read(name: str) -> Baseline:
    path = user_path(name)
    if path.is_file() and path.name not in (MANIFEST, GROUP):
        return read_baseline(path)
    lanes = chain.from_iterable(each.session.lanes for each in find_sessions([name]))
    snapshots = (fold(lane, store=TurnStore()).snapshot for lane in lanes)
    return Baseline(tuple(baseline_session(each, service_of(each.session).name) for each in snapshots))
