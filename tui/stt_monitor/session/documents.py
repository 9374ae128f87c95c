"""Reports on saved sessions and exports of them: what is written, and where to if nobody says it."""

import os
import threading
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Final

from stt_monitor.core.commands import WriteExport, WriteReport
from stt_monitor.core.errors import UserError
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import legible
from stt_monitor.export.formats import FORMATS as FORMATS_OF_TURNS
from stt_monitor.recording.clips import Clips
from stt_monitor.recording.finding import DEMO_FOLDER
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import fold, readable
from stt_monitor.recording.report_files import COMPARISON, REPORT, free_page
from stt_monitor.recording.saved_sessions import SavedSession, open_saved
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import LoadedSession, compose, usual_by
from stt_monitor.services.registry import name_of
from stt_monitor.system.desktop import open_page
from stt_monitor.system.writer import write_text

_LIKELIHOOD_S: Final = 1800.0
"""Of sessions up to this long, reports and exports have all of the likelihood; of longer ones, the newest of it."""
_NOT_SAVED: Final = "this session is not saved, and reports and exports are made of what is saved"


def load_recording(
    recording: Recording, *, folder: str = "", said: str | None = None, clip: Clips | None = None
) -> LoadedSession:
    """Fold a recording for a report.

    Args:
        recording: the one to read.
        folder: the folder of sessions that the user named, if any.
        said: its reference transcript, if known.
        clip: makes the audio clips of its turns; None: without audio.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    snapshot = _read(recording, TurnStore())
    return LoadedSession(
        name=legible(recording.name),
        snapshot=snapshot,
        aggregate=aggregate_session(snapshot, said),
        program=recording.manifest.program,
        platform=recording.manifest.platform,
        folder=legible(folder),
        group=legible(str(recording.path.absolute().parent)) if recording.group else "",
        clip=clip,
    )


def _read(recording: Recording, store: TurnStore | None = None) -> Snapshot:
    """Fold a recording for a report or an export; the store is as in `fold`."""
    seconds = recording.manifest.seconds
    whole = seconds is not None and seconds <= _LIKELIHOOD_S
    return fold(recording, store=store, whole_likelihood=whole).snapshot


def page_for(sessions: Sequence[SavedSession], folder: Path | None = None) -> Path:
    """Return the default path of a report on sessions: beside them, else in the working directory.

    Args:
        sessions: those that it is about.
        folder: the folder that holds them, where the user named that.
    """
    last = sessions[-1].path
    beside, name = (last, REPORT) if len(sessions) == 1 else (folder, REPORT) if folder else (last, COMPARISON)
    if beside.resolve() == DEMO_FOLDER.resolve() or not os.access(beside, os.W_OK | os.X_OK):
        return free_page(Path.cwd(), f"{last.name}-{name}")
    return free_page(beside, name)


def write_report(session: SavedSession) -> Path:
    """Write a page about a session beside it, in place of an older one; return its path.

    Raises:
        InputError: the session cannot be read, or the page not written.
    """
    loaded = [load_recording(lane) for lane in readable(session).lanes]
    page = page_for([session]).absolute()
    write_text(page, FORMATS["html"](compose(loaded, usual_by(loaded))))
    return page


def write_export(session: SavedSession, form: str, service: str) -> Path:
    """Write the turns of a session for other programs, under a new name in the working directory, else beside it.

    Args:
        session: the one to export.
        form: name of the format.
        service: whose turns, of several side by side, where a file has room for one.

    Raises:
        InputError: the session cannot be read, or the file not written.
    """
    made = FORMATS_OF_TURNS[form]
    lanes = {name_of(lane.manifest.session): lane for lane in readable(session).lanes}
    if session.services and made.write_side_by_side is not None:
        stem, folded = session.name, {name: _read(lane) for name, lane in lanes.items()}
        pieces = made.write_side_by_side(folded)
    else:
        lane = lanes.get(service) or next(iter(lanes.values()))
        stem, pieces = lane.name.replace("/", "."), made.write(_read(lane))
    folder = Path.cwd() if os.access(Path.cwd(), os.W_OK | os.X_OK) else session.path
    path = _new_file(folder, legible(stem), form)
    write_text(path, pieces)
    return path


def _new_file(folder: Path, stem: str, form: str) -> Path:
    names = (f"{stem}.{form}" if number == 1 else f"{stem}-{number}.{form}" for number in count(1))
    return next(path for name in names if not os.path.lexists(path := folder / name))


_ONE_AT_A_TIME: Final = threading.Lock()


def write_document(command: WriteReport | WriteExport, folder: Path | None) -> None:
    """Write what a command asks for, and tell whom it names; `folder` is that of the saved session, if it is saved."""
    if folder is None:
        command.on_problem(_NOT_SAVED)
        return
    opened = False
    try:
        with _ONE_AT_A_TIME:
            session = open_saved(folder)
            if isinstance(command, WriteExport):
                path = write_export(session, command.form, command.service)
            else:
                path = write_report(session)
                opened = command.open_it and open_page(path)
    except UserError as error:
        command.on_problem(str(error))
    else:
        command.on_written(str(path), opened)
