"""`stt-monitor sweep --from`: saved sessions judged again, without a session."""

import argparse

from stt_monitor.cli.saved_sessions import find_sessions
from stt_monitor.cli.sweep.plan import DEFAULT_CHUNK_MS
from stt_monitor.core.errors import InputError
from stt_monitor.core.sweep.result import SweepResult


def judged_again(options: argparse.Namespace) -> SweepResult:
    """Return the result for the sessions of `--from`.

    Raises:
        InputError: one cannot be read or judged, or an option is given that is for sessions to run.
    """
    given = [
        (options.audio, "AUDIO"), (options.labels, "--labels"), (options.channel != "mix", "--channel"),
        (options.chunk_ms != DEFAULT_CHUNK_MS, "--chunk-ms"), (options.degrade, "--degrade"),
        (options.service, "--service"), (options.url, "--url"), (options.local, "--local"), (options.model, "--model"),
        (options.repeat != 1, "--repeat"), (options.record, "--record"), (options.name, "--name"),
    ]  # fmt: skip
    for is_given, option in given:
        if is_given:
            raise InputError(f"--from recomputes sessions with their own audio: leave {option} out")
    from stt_monitor.sweep.judged_again import judge_again  # loads what a sweep needs

    found = [lane for each in find_sessions(options.sessions) for lane in each.session.lanes]
    once = {lane.path.resolve(): lane for lane in found}
    return judge_again(list(once.values()), options.axes, options.budget)
