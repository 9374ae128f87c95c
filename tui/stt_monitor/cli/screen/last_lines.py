"""What stays on the terminal when the screen is left: what the session came to, and how to go on."""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.percentiles import MIN_N
from stt_monitor.core.metrics.session_result import SessionResult, file_result, files_result, in_ms, result_of
from stt_monitor.core.metrics.worst import worst_turn
from stt_monitor.core.snapshot import FileResult, Snapshot
from stt_monitor.core.text.moments import duration
from stt_monitor.core.text.sanitize import beginning, clean, printable
from stt_monitor.core.text.wording import NO_VALUE, plural
from stt_monitor.recording.finding import DEMO, DEMO_FOLDER
from stt_monitor.recording.manifest import is_readable
from stt_monitor.recording.naming import checked_name
from stt_monitor.recording.paths import default_directory
from stt_monitor.services.registry import service_of

_LABEL: Final = 9
"""Cells for a label and the gap behind it."""
_ELLIPSIS: Final = "…"
_NAME: Final = 24
"""Most cells for the name of one of several files."""
_MOST_FILES: Final = 8
"""Files that have a line each."""


def last_lines(shown: Snapshot, folder: Path | None, width: int) -> list[str]:
    """Return the last lines, most cut to `width` cells: of the path and the command nothing may be missing.

    Args:
        shown: the session, of all services, as it was shown at last.
        folder: where it is saved; None: it is not.
        width: of the terminal, in cells.
    """
    if shown.playback is None and shown.playing[1] > 1 and shown.files:
        return _of_files(shown, width)
    lines = [_line("session", f"{_name(shown, folder)}{_played(shown)}", width)]
    if shown.lanes:
        lines += _by_service(shown, width)
    else:
        lines += [_line(label, text, width) for label, text in _figures(shown)]
    if folder is None:
        return [*lines, _line("saved", _why_not(shown), width)]
    if not is_readable(folder):
        return [*lines, _line("saved", "no longer: it was deleted, or moved away", width)]
    stopped = shown.recording.stopped if shown.recording is not None else ""
    return [
        *lines,
        _label("saved", f"{_brief(folder)}{f' until {clean(stopped)}' if stopped else ''}"),
        _label("report", f"stt-monitor report {_quoted(_word_for(folder))}"),
    ]


def _figures(shown: Snapshot) -> Iterator[tuple[str, str]]:
    result = result_of(shown)
    slow = f" ({shown.counts.slow} slow)" if shown.counts.slow else ""
    yield "turns", f"{shown.counts.turns}{slow} · cut-offs {result.cutoffs}"
    yield "eot", _eot(shown, result)
    yield "worst", _worst(worst_turn(shown.finished), words=True)


def _by_service(shown: Snapshot, width: int) -> Iterator[str]:
    """Yield a line for each of several services."""
    titles = [service_of(lane.session).title for lane in shown.lanes]
    label = max(map(len, titles)) + 2
    for title, lane in zip(titles, shown.lanes, strict=True):
        worst = f" · worst {_worst(worst_turn(lane.finished))}"
        yield _cut(f"{title:{label}}{_brief_figures(result_of(lane), lane.counts.turns)}{worst}", width)


def _of_files(shown: Snapshot, width: int) -> list[str]:
    """Return the lines of a run of several files: one each, of very many the first ones, and their sum."""
    files, asked = shown.files, shown.playing[1]
    count = str(asked) if len(files) == asked else f"{len(files)} of {asked}"
    lines = [_line("files", count, width)]
    if shown.lanes:
        titles = [service_of(lane.session).title for lane in shown.lanes]
        label = max(map(len, titles)) + 2
        lines += [_cut(f"{title:{label}}{_sum(lane)}", width) for title, lane in zip(titles, shown.lanes, strict=True)]
    else:
        lines += [*_by_file(files, width), _line("all", _sum(shown), width)]
    kept = [file.recording for each in shown.lanes or (shown,) for file in each.files if file.recording is not None]
    folders = [folder for folder in dict.fromkeys(Path(each.path) for each in kept) if is_readable(folder)]
    if not folders:
        return [*lines, _line("saved", "no (--no-record)" if not kept else f"no: {clean(kept[-1].stopped)}", width)]
    missing = f" of {len(files)}" if len(folders) < len(files) else ""
    places = ", ".join(dict.fromkeys(_brief(folder.parent) for folder in folders))
    return [
        *lines,
        _label("saved", f"{len(folders)}{missing} in {places}"),
        _label("report", " ".join(["stt-monitor report", *(_quoted(_word_for(folder)) for folder in folders)])),
    ]


def _by_file(files: Sequence[FileResult], width: int) -> Iterator[str]:
    names = [f"{number} {clean(file.name)}" for number, file in enumerate(files, 1)]
    names = names[:_MOST_FILES]
    label = min(max(map(len, names)), _NAME) + 2
    for name, file in zip(names, files, strict=False):
        figures = _brief_figures(file_result(file), file.turns)
        text = clean(file.error) if file.error else f"{figures} · worst {_worst(file.worst)}"
        yield _cut(f"{_padded(name, label)}{text}", width)
    if (more := len(files) - _MOST_FILES) > 0:
        yield _cut(f"and {more} more", width)


def _sum(shown: Snapshot) -> str:
    everything = shown.all_files
    if everything is None:
        return NO_VALUE
    return _brief_figures(files_result(everything, shown.files), everything.turns)


def _brief_figures(result: SessionResult, turns: int) -> str:
    """Return the figures of a session, or of several together, for a part of a line."""
    few = f" (n {result.eot_n} < {MIN_N})" if 0 < result.eot_n < MIN_N else ""
    eot = f"eot {in_ms(result.eot_p50_s)}/{in_ms(result.eot_p90_s)} ms{few}"
    return f"{eot} · {plural(turns, 'turn')} · cut-offs {result.cutoffs}"


def _eot(shown: Snapshot, result: SessionResult) -> str:
    if not result.eot_n:
        first = shown.first_turn.metrics.eot_latency if shown.first_turn is not None else None
        return NO_VALUE if first is None else f"{NO_VALUE} (first turn {in_ms(first)} ms, which is listed apart)"
    few = f" < {MIN_N}" if result.eot_n < MIN_N else ""
    return f"p50 {in_ms(result.eot_p50_s)} · p90 {in_ms(result.eot_p90_s)} ms (n {result.eot_n}{few})"


def _worst(found: FinishedTurn | None, *, words: bool = False) -> str:
    """Name the turn that ended latest after speech."""
    if found is None:
        return NO_VALUE
    value = getattr(found.metrics, HEADLINE.key)
    said = beginning(found.turn.transcript)
    return f"turn {found.turn.number}, {in_ms(value)} ms{f': {said}' if words and said else ''}"


def _name(shown: Snapshot, folder: Path | None) -> str:
    return clean(folder.name if folder is not None else shown.session.source)


def _played(shown: Snapshot) -> str:
    """Say how much of a replay the figures are about, if not all of it."""
    playback = shown.playback
    if playback is None or playback.duration is None or shown.at >= playback.duration - 1:
        return ""
    return f" (played to {duration(shown.at)} of {duration(playback.duration)})"


def _why_not(shown: Snapshot) -> str:
    recording = shown.recording
    if recording is not None and recording.stopped:
        return f"no: {clean(recording.stopped)}"
    return "no (--no-record)" if shown.audio.position else "no: nothing was heard"


def _word_for(folder: Path) -> str:
    """Return the shortest word that means a folder here and now."""
    if folder == DEMO_FOLDER:
        return DEMO
    with suppress(InputError):  # a name that nobody could give means something else, or an option
        checked_name(folder.name)
        if folder.parent == default_directory() and not Path(folder.name).exists():
            return folder.name
    return str(folder)


def _brief(folder: Path) -> str:
    """Return a path with ~ for the user's home."""
    try:
        return printable(str("~" / folder.relative_to(Path.home())))
    except (ValueError, RuntimeError):  # elsewhere, or no home
        return printable(str(folder))


def _quoted(word: str) -> str:
    word = printable(word)
    return subprocess.list2cmdline([word]) if sys.platform == "win32" else shlex.quote(word)


def _line(label: str, text: str, width: int) -> str:
    return _cut(_label(label, text), width)


def _label(label: str, text: str) -> str:
    return f"{label:{_LABEL}}{text}"


def _padded(text: str, cells: int) -> str:
    """Return a text in so many cells, the last two of which are blank."""
    from rich.cells import set_cell_size  # as below

    return set_cell_size(_cut(text, cells - 2), cells)


def _cut(line: str, width: int) -> str:
    """Cut a line to so many cells."""
    from rich.cells import cell_len, set_cell_size  # loaded with the screen

    return line if cell_len(line) <= width else f"{set_cell_size(line, width - 1).rstrip()}{_ELLIPSIS}"
