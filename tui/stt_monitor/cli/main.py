"""The command line: the only place that reads arguments and the environment. Everything else is imported lazily."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.cli.arguments import Parser, monitor_parser, settings_of
from stt_monitor.core.errors import BugError, InputError, UserError
from stt_monitor.core.key import read_key
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService, VendorService
from stt_monitor.core.settings import KEY_VARIABLE
from stt_monitor.core.text.unquoting import unquoted
from stt_monitor.recording.paths import expanded
from stt_monitor.system.streams import ReaderLeftError, diagnose, occupy_closed

if TYPE_CHECKING:
    from stt_monitor.core.journal import Observer
    from stt_monitor.headless.verdicts import Judge
    from stt_monitor.session.sources import OpenSource, Sound
    from stt_monitor.session.thread import SessionThread

_INTERRUPTED: Final = 128
"""From here on exit codes are signals."""

_DEVICE_WITHOUT_MICROPHONE: Final = "--device chooses a microphone: give --mic too"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: arguments without the program's name; default: those of the process.

    Returns:
        An exit code of the contract (design 6).
    """
    occupy_closed()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        command = _COMMANDS.get(arguments[0]) if arguments else None
        return command(arguments[1:]) if command else _monitor(monitor_parser().parse_args(arguments))
    except UserError as error:
        diagnose(str(error), *error.more)
        return error.exit_code
    except ReaderLeftError:
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  the net beneath everything
        from stt_monitor.system.bugs import told  # only now that something went wrong

        diagnose(told(error))
        return BugError.exit_code


def _monitor(options: argparse.Namespace) -> int:
    if options.junit is None:
        return _watch_or_print(options)
    from stt_monitor.headless.verdicts import never_green_in_vain

    with never_green_in_vain(options.assertions, options.junit, _names(options)):
        return _watch_or_print(options)


def _watch_or_print(options: argparse.Namespace) -> int:
    key = read_key(os.environ)
    judge = _judge(options)
    kept_in = _kept_in(options)
    observe = _observe(options, kept_in)
    from stt_monitor.cli.launch import can_watch, have_keys, run_screen

    screen = not (options.plain or options.json or judge) and can_watch()
    from stt_monitor.server.child import LocalServerProcess  # light: it starts a process

    with LocalServerProcess() as endpoint:
        from stt_monitor.session.factory import SessionFactory
        from stt_monitor.session.thread import SessionThread

        service = _service(options.url, key, local=options.local)
        sounds = _sounds(options, service, key, screen=screen)
        if screen:
            have_keys()
        maker = SessionFactory(
            sounds,
            service,
            settings_of(options, local=isinstance(service, LocalService)),
            chunk_ms=options.chunk_ms,
            key=key,
            start_endpoint=endpoint.start_async,
            observe=observe,
        )
        runner = SessionThread(maker)
        try:
            if screen:
                from stt_monitor.session.switching import SwitchingController

                with closing(SwitchingController(runner, kept_in)) as stage:
                    return run_screen(stage, autostart=not options.no_autostart)
            return _print(runner, options, judge)
        finally:
            runner.close()


def _print(runner: "SessionThread", options: argparse.Namespace, judge: "Judge | None") -> int:
    from stt_monitor.headless.printer import json_printer, plain_printer
    from stt_monitor.headless.run import run

    printer = json_printer(trace=options.trace) if options.json else plain_printer(several=len(options.audio) > 1)
    if judge is None:
        return run(runner, printer)
    runner.subscribe(judge.see)
    code = run(runner, printer)
    found = judge.announce(printer, options.junit, interrupted=code >= _INTERRUPTED)
    return code or found  # that a session did not come about, or was cut short, is the graver news


def _kept_in(options: argparse.Namespace) -> Path:
    """Decide where sessions are kept, and looked for."""
    from stt_monitor.recording.paths import default_directory, prepared

    return default_directory() if options.no_record else prepared(options.record)


def _observe(options: argparse.Namespace, directory: Path) -> "Callable[[], Observer] | None":
    """Decide who keeps sessions in `directory`; None for nobody."""
    if options.no_record:
        return None

    def observe() -> "Observer":
        from stt_monitor.recording.recorder import Recorder  # loads numpy

        return Recorder(directory, options.record_limit << 20)

    return observe


def _judge(options: argparse.Namespace) -> "Judge | None":
    if not (options.assertions or options.reference or options.junit):
        return None
    from stt_monitor.headless.verdicts import prepare_judge

    names = _names(options)
    references = options.reference
    if not references and options.labels is not None and any(text.startswith("wer") for text in options.assertions):
        references = [options.labels]  # labels often have the words too
    return prepare_judge(options.assertions, references, names, options.junit)


def _names(options: argparse.Namespace) -> list[str]:
    """Return what is heard, by name."""
    from stt_monitor.session import sources as sound

    if options.mic or options.say is not None:
        return ["microphone" if options.mic else "speech"]
    return [_given(name).name for name in options.audio] or [sound.sample_path().name]


def _serve(arguments: list[str]) -> int:
    from stt_monitor.server.serve import add_arguments, serve  # light, but not needed elsewhere

    parser = Parser(prog="stt-monitor serve", description="Run the local server for other programs.")
    add_arguments(parser)
    return serve(parser.parse_args(arguments))


def _report(arguments: list[str]) -> int:
    from stt_monitor.cli.report import report

    return report(arguments)


def _export(arguments: list[str]) -> int:
    from stt_monitor.cli.export import export

    return export(arguments)


def _assert(arguments: list[str]) -> int:
    from stt_monitor.cli.assert_ import judge_sessions

    return judge_sessions(arguments)


def _devices(arguments: list[str]) -> int:
    from stt_monitor.cli.devices import devices

    return devices(arguments)


def _doctor(arguments: list[str]) -> int:
    from stt_monitor.cli.doctor import doctor

    return doctor(arguments, read_key(os.environ))


def _service(url: str | None, key: str | None, *, local: bool) -> ServiceChoice:
    """Decide where to connect: what `--url` says, else the vendor with a key, else the local server (design 6)."""
    if url is not None:
        return UrlService(url)
    return VendorService() if key and not local else LocalService()


def _sounds(options: argparse.Namespace, service: ServiceChoice, key: str | None, *, screen: bool) -> "list[Sound]":
    """Decide what is heard, and where its reference speech comes from: the labels of `--labels`, else the detector.

    All of it is checked here, before a screen opens and before the first session begins.
    """
    from stt_monitor.session import sources as sound

    if options.labels is not None and ("-" in options.audio or not options.audio):
        raise InputError("--labels say where speech is in a recording: give the recording too")
    if len(options.audio) > 1 and "-" in options.audio:
        raise InputError("standard input (-) cannot be one of several recordings: give it alone")
    if options.audio != ["-"] and (options.rate, options.encoding) != (None, None):
        raise InputError("--rate and --encoding are about raw PCM on standard input (-): any other sound says its own")
    if options.audio in ([], ["-"]):
        return [sound.Sound(_open_source(options, service, key, screen=screen), sound.detected_speech)]
    if options.device is not None:
        raise InputError(_DEVICE_WITHOUT_MICROPHONE)
    paths = [_given(name) for name in options.audio]
    sources = [sound.recording(path, options.channel, options.chunk_ms) for path in paths]
    if options.labels is None:
        return [sound.Sound(source, sound.detected_speech) for source in sources]
    labels = sound.labelled_speech(_given(options.labels), [path.name for path in paths])
    return [sound.Sound(source, labelled) for source, labelled in zip(sources, labels, strict=True)]


def _given(name: str) -> Path:
    """Return the path of a file; shells expand no ~ in --labels=~/x, and desktops drag file:// URLs."""
    path = Path(name)
    return path if os.path.lexists(path) else expanded(unquoted(name))


def _open_source(options: argparse.Namespace, service: ServiceChoice, key: str | None, *, screen: bool) -> "OpenSource":
    """Decide what is heard where no recording is named."""
    from stt_monitor.session import sources as sound
    from stt_monitor.session.factory import service_address

    if options.mic:
        return sound.microphone(options.device, options.chunk_ms)
    if options.device is not None:
        raise InputError(_DEVICE_WITHOUT_MICROPHONE)
    if options.audio == ["-"]:
        return sound.piped(options.rate, options.encoding, options.chunk_ms, keyboard=screen)
    address = service_address(service, key)
    if address is not None and (key or options.say is not None):
        return sound.spoken(address, options.say, options.chunk_ms)
    if options.say is not None:
        raise InputError(f"--say needs a service that speaks: set {KEY_VARIABLE}, or give --url")
    return sound.recording(sound.sample_path(), "mix", options.chunk_ms)


def _demo(arguments: list[str]) -> int:
    from stt_monitor.cli.replay import demo

    return demo(arguments)


def _replay(arguments: list[str]) -> int:
    from stt_monitor.cli.replay import replay

    return replay(arguments)


def _recordings(arguments: list[str]) -> int:
    from stt_monitor.cli.recordings import recordings

    return recordings(arguments)


def _web(arguments: list[str]) -> int:
    from stt_monitor.cli.web import web

    read_key(os.environ)  # the programs behind the pages read it too, but where nobody sees what they say
    return web(arguments)


_COMMANDS: Final[dict[str, Callable[[list[str]], int]]] = {
    "assert": _assert,
    "demo": _demo,
    "devices": _devices,
    "doctor": _doctor,
    "export": _export,
    "recordings": _recordings,
    "replay": _replay,
    "report": _report,
    "serve": _serve,
    "web": _web,
}
