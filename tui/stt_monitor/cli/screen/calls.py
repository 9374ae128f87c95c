"""Runs a tap with the screen of its calls, and prints a summary when it exits."""

import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from stt_monitor.cli.screen.launch import ensure_keyboard, in_browser, run_calls_screen
from stt_monitor.cli.screen.terminal import has_screen
from stt_monitor.core.calls_state import CallsState, TapHead
from stt_monitor.core.errors import UserError
from stt_monitor.core.text.wording import plural
from stt_monitor.recording.paths import default_directory
from stt_monitor.system.clock import Instant
from stt_monitor.system.hosts import in_url
from stt_monitor.system.streams import ReaderLeftError, write_lines
from stt_monitor.tap.controller import CallsController
from stt_monitor.tap.process import TapProcess
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.settings import TapSettings

if TYPE_CHECKING:  # an extra, which need not be installed
    from stt_monitor.tap.prometheus import PrometheusMeter


def run_tap_on_screen(
    settings: TapSettings, keeping: Keeping, metrics: "PrometheusMeter | None", warnings: tuple[str, ...]
) -> int:
    """Forward calls, and show them, until the user quits; return an exit code of the contract.

    Args:
        settings: how to run.
        keeping: how calls are saved.
        metrics: counts over all calls and serves it, running; None: nobody does.
        warnings: what to know of the addresses that are listened on.

    Raises:
        UserError: it cannot listen there, or there are no keys to read.
        BugError: the process that forwards has ended by itself.
    """
    ensure_keyboard()
    with TapProcess(settings) as process:
        listening = process.listening
        head = TapHead(
            f"http://{in_url(listening.host)}:{listening.port}",
            settings.to,
            settings.service,
            str(keeping.directory or ""),
            keeping.most,
            keeping.redact,
            metrics.url if metrics is not None else "",
            warnings,
        )
        with CallsController(process, Instant.now(time.monotonic), keeping, head, metrics) as controller:
            code = run_calls_screen(controller, partial(_finish, controller, keeping.directory))
    if controller.error is not None:
        raise controller.error
    return code


def _finish(controller: CallsController, directory: Path | None) -> None:
    """End the calls, and print a summary of them."""
    controller.close()
    if in_browser() or not has_screen():
        return
    with suppress(UserError, ReaderLeftError):  # the terminal is gone: nobody is left to tell
        write_lines(_left(controller.state, directory))


def _left(state: CallsState, directory: Path | None) -> list[str]:
    """Return what stays on the terminal."""
    calls = f"{plural(state.begun, 'call')}, {plural(state.turns, 'turn')}"
    saved = [call for call in state.calls if call.folder]
    if not state.begun:
        return ["no call came"]
    if directory is None or not saved:
        return [f"{calls}; not saved"]
    folder = Path(saved[-1].folder)
    newest = folder.name if directory == default_directory() else quote(str(folder))
    return [
        f"{calls}; saved in {directory}",
        f"the newest: stt-monitor replay {newest} · stt-monitor report {newest}",
    ]
