"""`stt-monitor` without a command: run sessions on the screen, or print their records."""

import argparse
import gc
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.cli.judging.stale_verdicts import no_stale_verdicts
from stt_monitor.cli.options.arguments import judges, monitor_parser
from stt_monitor.cli.options.chosen_services import choose_services
from stt_monitor.cli.options.config_file import has_config, why_unseen
from stt_monitor.core.errors import InputError
from stt_monitor.system.streams import diagnose

if TYPE_CHECKING:
    from stt_monitor.cli.judging.checker import Judging
    from stt_monitor.core.listeners import Observer
    from stt_monitor.recording.recorder import Recorders
    from stt_monitor.session.thread import SessionThread

_INTERRUPTED: Final = 128
"""Exit codes from here on are signals."""


def monitor(arguments: Sequence[str]) -> int:
    """Run sessions until they end or the user quits; return an exit code."""
    gc.disable()  # much is loaded until the first paint or the first session
    try:
        with no_stale_verdicts(arguments):
            options = monitor_options(arguments)
            return _run(options)
    finally:
        gc.enable()


def monitor_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line, with the options of `config.toml` behind it.

    Raises:
        InputError: what is in that file, or the profile, is none; the message says why, and which file.
    """
    options = monitor_parser().parse_args(arguments)
    if options.profile is None and not has_config():
        if why := why_unseen():
            diagnose(f"no options are read from {why}")
        return options
    from stt_monitor.cli.options.profile import with_config  # loads more than the first paint needs

    return with_config(options, arguments)


def _run(options: argparse.Namespace) -> int:
    services = choose_services(options)
    judging = _judging(options, *(each.speaks.name for each in services))
    directory = recording_directory(options)
    observe = _observe(options, directory, [each.speaks.name for each in services])
    from stt_monitor.cli.screen.launch import can_show_screen, ensure_keyboard, run_screen

    screen = not (options.plain or options.json or judging) and can_show_screen()
    from stt_monitor.server.child import LocalServerProcess  # light: only starts a process

    with LocalServerProcess() as server:
        from stt_monitor.cli.options.audio_sources import choose_sources, chosen_arms
        from stt_monitor.session.factory import SessionFactory
        from stt_monitor.session.service_setup import ServiceSetup
        from stt_monitor.session.thread import SessionThread

        sources = choose_sources(options, services, screen=screen)
        if screen:
            ensure_keyboard()
        factory = SessionFactory(
            sources,
            [
                ServiceSetup(
                    each.speaks, each.connection, each.settings, keys=each.keys, start_server=server.start_async
                )
                for each in services
            ],
            chunk_ms=options.chunk_ms,
            arms=chosen_arms(options),
            observe=observe,
            at_once=_at_once(options, len(services), screen=screen),
        )
        thread = SessionThread(factory)
        try:
            if screen:
                from stt_monitor.session.switching import SwitchingController

                no_key = "" if options.local else services[0].missing_key
                with closing(SwitchingController(thread, directory)) as controller:
                    code = run_screen(controller, thread.close, autostart=not options.no_autostart, no_key=no_key)
                _remember(options)
                return code
            return _print(thread, options, judging)
        finally:
            thread.close()


def _remember(options: argparse.Namespace) -> None:
    """Remember recordings and addresses of the command line, for the lists of the screen."""
    from stt_monitor.core.session_options import FileChoice, UrlService
    from stt_monitor.session.recent_choices import remember_choice

    files = (FileChoice(path) for path in options.audio if path != "-")
    remember_choice(*files, *(UrlService(url) for url in options.url if "=" not in url.partition("://")[0]))


def _at_once(options: argparse.Namespace, services: int, *, screen: bool) -> int:
    """Return how many files play at the same time.

    Raises:
        InputError: there is one place only for what they do.
    """
    if options.jobs > 1 and screen:
        raise InputError("-j plays files at once, and the screen shows one: add --plain, --json or --assert")
    if options.jobs > 1 and services > 1:
        raise InputError("-j is for one service: several hear each file at once already, one file after another")
    at_once: int = options.jobs
    return at_once if _played_at_once(options) else 1


def _print(thread: "SessionThread", options: argparse.Namespace, judging: "Judging | None") -> int:
    from stt_monitor.headless.printer import json_printer, plain_printer
    from stt_monitor.headless.run import run

    several = len(options.audio) > 1
    plain = plain_printer(several=several, services=thread.services, files=_played_at_once(options))
    printer = json_printer(trace=options.trace) if options.json else plain
    gc.enable()
    if judging is None:
        return run(thread, printer)
    thread.subscribe(judging.add)
    code = run(thread, printer)
    verdict = judging.conclude(printer, interrupted=code >= _INTERRUPTED)
    return code or verdict  # a failed or interrupted session outweighs any verdict


def _played_at_once(options: argparse.Namespace) -> Sequence[str]:
    """Return the names of files where several play at once; else none."""
    if options.jobs == 1 or len(options.audio) <= 1:
        return ()
    from stt_monitor.cli.options.audio_sources import unique_names

    return unique_names(options.audio)


def recording_directory(options: argparse.Namespace) -> Path:
    """Return the directory of saved sessions, for the recorder and for the screen's list.

    Raises:
        InputError: it cannot be used, or the name of the session.
    """
    from stt_monitor.recording.paths import default_directory, prepare_directory

    if options.no_record:
        if options.name is not None:
            raise InputError("--name is for a saved session: leave out --no-record, or --name")
        return default_directory()
    directory = prepare_directory(options.record)
    if options.name is not None:
        from stt_monitor.recording.naming import check_free, checked_name  # only for that

        options.name = checked_name(options.name)
        check_free(options.name, directory)
    return directory


def _observe(
    options: argparse.Namespace, directory: Path, services: Sequence[str]
) -> "Callable[[str], Observer] | None":
    """Return a factory of recorders, given the name of a session's service; None with `--no-record`."""
    if options.no_record:
        return None

    @cache
    def recorders() -> "Recorders":
        from stt_monitor.recording.recorder import Recorders  # loads numpy

        return Recorders(directory, options.record_limit << 20, services, options.name or "")

    def observe(service: str) -> "Observer":
        return recorders()(service)

    return observe


def _judging(options: argparse.Namespace, *services: str) -> "Judging | None":
    if not judges(options):
        return None
    from stt_monitor.cli.judging.checker import Judging  # loads what folds saved sessions
    from stt_monitor.cli.options.audio_sources import source_names
    from stt_monitor.headless.verdicts import need_words

    references = options.reference
    if not references and options.labels is not None and need_words(options.assertions, services):
        references = [options.labels]  # labels often have the words too
    names = source_names(options)
    return Judging(options, references, names, [services] * len(names))
