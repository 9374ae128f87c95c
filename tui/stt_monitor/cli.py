"""The command line: the only place that reads arguments and the environment. Everything else is imported lazily."""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from stt_monitor import __version__
from stt_monitor.core.errors import InputError, UserError
from stt_monitor.core.settings import DEFAULT_MODEL, Settings, TurnSettings

if TYPE_CHECKING:
    from stt_monitor.client.address import Address
    from stt_monitor.core.records import Record
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.endpoint.process import LocalEndpoint
    from stt_monitor.runner import SessionRunner
    from stt_monitor.session import Session
    from stt_monitor.sound import OpenSource

KEY_VARIABLE: Final = "CARTESIA_API_KEY"

_EPILOG: Final = """\
commands:
  stt-monitor serve [--host H] [--port N]   run the local endpoint on its own, for other programs

The key of the service is read from the environment variable CARTESIA_API_KEY. Without it the local endpoint is used:
real recognition and turn detection on this machine, offline.

exit codes: 0 done, 2 bad usage or unreadable input, 3 the service could not be reached or refused, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(InputError.exit_code, f"stt-monitor: {message}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: arguments without the program's name; default: those of the process.

    Returns:
        An exit code of the contract (design 6).
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] == ["serve"]:
            return _serve(arguments[1:])
        return _monitor(_parser().parse_args(arguments))
    except UserError as error:
        from stt_monitor.core.text import printable

        print(f"stt-monitor: {printable(str(error))}", file=sys.stderr)  # noqa: T201  diagnostics
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="stt-monitor",
        description="Watch a turn-based streaming speech-to-text service live: turns, transcript, latency.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"stt-monitor {__version__}")
    sound = parser.add_argument_group("sound")
    what = sound.add_mutually_exclusive_group()
    what.add_argument(
        "audio", nargs="?", metavar="AUDIO", help="a recording; - is raw PCM on stdin; nothing: a bundled spoken sample"
    )
    what.add_argument("--say", metavar="TEXT", help="have the service speak TEXT first, and monitor that")
    sound.add_argument("--channel", default="mix", metavar="mix|left|right|N", help="which channel of a recording")
    sound.add_argument(
        "--chunk-ms", type=_whole(10, 1000, "ms"), default=100, metavar="N", help="audio per frame (default: 100)"
    )
    sound.add_argument("--rate", type=_whole(1000, 384_000, "Hz"), metavar="HZ", help="sample rate of raw PCM on stdin")
    sound.add_argument(
        "--encoding", default="pcm_s16le", metavar="E", help="encoding of raw PCM on stdin (default: %(default)s)"
    )
    service = parser.add_argument_group("service")
    place = service.add_mutually_exclusive_group()
    place.add_argument("--url", metavar="URL", help="base or full URL of the service")
    place.add_argument("--local", action="store_true", help="use the local endpoint, even when a key is set")
    service.add_argument("--model", default=DEFAULT_MODEL, metavar="M", help=f"default: {DEFAULT_MODEL}")
    service.add_argument("--keyterm", action="append", default=[], metavar="TERM", help="may be given repeatedly")
    for name, meaning in (
        ("start-threshold", "turn.start above this likelihood of being in a turn"),
        ("eager-end-threshold", "turn.eager_end below it"),
        ("end-threshold", "turn.end below it"),
        ("end-timeout-ms", "turn.end this long after speech, whatever the likelihood"),
    ):
        service.add_argument(f"--{name}", type=_number, metavar="X", help=f"{meaning} (server default)")
    output = parser.add_argument_group("output")
    shape = output.add_mutually_exclusive_group()
    shape.add_argument("--plain", action="store_true", help="lines instead of a screen; the default when piped")
    shape.add_argument("--json", action="store_true", help="JSON lines instead of a screen")
    output.add_argument("--no-autostart", action="store_true", help="let the screen wait for the start key")
    return parser


def _monitor(options: argparse.Namespace) -> int:
    key = os.environ.get(KEY_VARIABLE) or None
    settings = _settings(options)
    screen = not (options.plain or options.json) and sys.stdout.isatty()
    from stt_monitor.endpoint.process import LocalEndpoint  # light: it starts a process

    with LocalEndpoint() as endpoint:
        find_service = _find_service(options, key, endpoint)
        open_source = _open_source(options, key)

        def prepare(on_record: "Callable[[Record], None]", on_snapshot: "Callable[[Snapshot], None]") -> "Session":
            from stt_monitor.audio.reference import make_detector  # loads numpy: after the first paint
            from stt_monitor.session import Session

            source = open_source()
            return Session(
                source,
                make_detector(source.format),
                find_service,
                settings,
                chunk_ms=options.chunk_ms,
                on_record=on_record,
                on_snapshot=on_snapshot,
            )

        from stt_monitor.runner import SessionRunner

        runner = SessionRunner(prepare)
        try:
            return _watch(runner, options) if screen else _print(runner, options)
        finally:
            runner.close()


def _watch(runner: "SessionRunner", options: argparse.Namespace) -> int:
    from stt_monitor.ui.app import run  # loads Textual

    return run(runner, autostart=not options.no_autostart)


def _print(runner: "SessionRunner", options: argparse.Namespace) -> int:
    from stt_monitor.headless.plain import plain_lines
    from stt_monitor.headless.run import json_lines, run

    return run(runner, json_lines if options.json else plain_lines)


def _serve(arguments: list[str]) -> int:
    from stt_monitor.endpoint.serving import add_arguments, serve  # light, but not needed elsewhere

    parser = _Parser(prog="stt-monitor serve", description="Run the local endpoint for other programs.")
    add_arguments(parser)
    return serve(parser.parse_args(arguments))


def _settings(options: argparse.Namespace) -> Settings:
    turn = TurnSettings(
        start_threshold=options.start_threshold,
        eager_end_threshold=options.eager_end_threshold,
        end_threshold=options.end_threshold,
        end_timeout_ms=options.end_timeout_ms,
    )
    return Settings(model=options.model, keyterms=tuple(options.keyterm), turn=turn)


def _find_service(
    options: argparse.Namespace, key: str | None, endpoint: "LocalEndpoint"
) -> Callable[[], Awaitable["Address"]]:
    """Decide where to connect: what `--url` says, else the vendor with a key, else the local endpoint (design 6)."""
    from stt_monitor.client.address import read_address

    address = _remote_address(options, key)

    async def find() -> "Address":
        return address or read_address(await endpoint.start_async())

    return find


def _remote_address(options: argparse.Namespace, key: str | None) -> "Address | None":
    from stt_monitor.client.address import VENDOR_URL, read_address

    if options.url:
        return read_address(options.url, key)
    return read_address(VENDOR_URL, key) if key and not options.local else None


def _open_source(options: argparse.Namespace, key: str | None) -> "OpenSource":
    """Decide what is heard; it is checked here, before a screen opens."""
    from stt_monitor import sound

    if options.audio == "-":
        return sound.piped(options.rate, options.encoding, options.chunk_ms)
    if options.audio is not None:
        return sound.recording(Path(options.audio), options.channel, options.chunk_ms)
    address = _remote_address(options, key)
    if address is not None and (key or options.say is not None):
        return sound.spoken(address, options.say, options.chunk_ms)
    if options.say is not None:
        raise InputError(f"--say needs a service that speaks: set {KEY_VARIABLE}, or give --url")
    return sound.recording(sound.sample_path(), "mix", options.chunk_ms)


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is no number")
    return value


def _whole(low: int, high: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high} {unit}")
        return int(text)

    return read
