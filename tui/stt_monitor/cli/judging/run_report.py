"""`--report FILE`: a report on the sessions of this very run."""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from stt_monitor import __version__
from stt_monitor.cli.report import format_of
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.text.sanitize import legible
from stt_monitor.headless.output_file import check_output_file
from stt_monitor.headless.verdicts import Heard
from stt_monitor.recording.manifest import this_platform
from stt_monitor.recording.paths import user_path
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import LoadedSession, compose, usual_by
from stt_monitor.system.streams import diagnose
from stt_monitor.system.writer import write_text


def check_report(file: str) -> None:
    """Check that a report can be written, before the run.

    Raises:
        InputError: its ending is that of no format, or it cannot be written.
    """
    format_of(file)
    check_output_file(user_path(file))


def write_report(file: str, sessions: Sequence[LoadedSession]) -> None:
    """Write a report on sessions; print its path to standard error.

    Raises:
        InputError: it cannot be written.
    """
    if not sessions:
        diagnose(f"{file}: not written, because no session began")
        return
    path = user_path(file)
    write_text(path, FORMATS[format_of(file)](compose(sessions, usual_by(sessions))))
    diagnose(f"wrote {path.absolute()}")


def loaded(heard: Iterable[Sequence[Heard]]) -> list[LoadedSession]:
    """Return the sessions of a run as a report takes them; those of one recording together."""
    return list(chain.from_iterable(_loaded(number, lanes) for number, lanes in enumerate(heard, 1)))


def _loaded(number: int, lanes: Sequence[Heard]) -> Iterable[LoadedSession]:
    for each in lanes:
        kept = each.snapshot.recording
        yield LoadedSession(
            name=legible(Path(kept.path).name if kept is not None else each.name),
            snapshot=each.snapshot,
            aggregate=aggregate_session(each.snapshot, each.reference),
            program=f"stt-monitor {__version__}",
            platform=this_platform(),
            group=legible(kept.path if kept is not None else str(number)) if len(lanes) > 1 else "",
        )
