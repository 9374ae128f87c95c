"""Checks a file that the user names for output, before time is spent on its content."""

import os
from pathlib import Path

from stt_monitor.core.errors import InputError
from stt_monitor.recording.manifest import EVENTS, GROUP, MANIFEST
from stt_monitor.recording.retention import is_ours
from stt_monitor.system.writer import check_writable


def check_output_file(path: Path) -> None:
    """Check that a text file can be written, and that no saved session and no sweep needs what is in it.

    Raises:
        InputError: it cannot be written, or is not to be.
    """
    check_writable(path)
    real = Path(os.path.realpath(path))  # a link may lead to it
    if real.is_file() and (whose := _whose(real)):
        raise InputError(f"{path}: is part of a {whose}: it is not overwritten; give another")


def _whose(file: Path) -> str:
    """Say to what of ours an existing file belongs; empty for any other."""
    if file.name in (MANIFEST, EVENTS, GROUP):
        return "saved session" if is_ours(file.parent) else ""
    if file.suffix not in (".json", ".jsonl"):
        return ""
    from stt_monitor.sweep.folder import CELLS, PLAN  # loads numpy

    is_sweep = all((file.parent / name).is_file() for name in (PLAN, CELLS))  # a result may be called as the plan is
    return "sweep" if is_sweep and file.name in (PLAN, CELLS) else ""
