"""`stt-monitor replay` and `stt-monitor demo`: replay a saved session."""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.cli.saved_sessions import add_session, find_session
from stt_monitor.cli.screen.cast import add_cast, check_cast, write_cast
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.paths import default_directory
from stt_monitor.recording.replay import replay_records
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.system.streams import ReaderLeftError

_INTERRUPTED = 130


def replay(arguments: Sequence[str]) -> int:
    """Replay a saved session; return an exit code."""
    options = _parsed(replay_parser(), arguments)
    return _play(find_session(options.session), options)


def demo(arguments: Sequence[str]) -> int:
    """Replay the bundled session; return an exit code."""
    options = _parsed(demo_parser(), arguments)
    return _play(demo_recording(), options)


def replay_parser() -> Parser:
    """Return the parser of `stt-monitor replay`."""
    parser = _parser("replay", "Replay a saved session on the screen, or print it again, without a service.")
    add_session(parser)
    return parser


def demo_parser() -> Parser:
    """Return the parser of `stt-monitor demo`."""
    return _parser("demo", "Replay a recorded session of the bundled sample.")


def _parser(name: str, description: str) -> Parser:
    parser = Parser(prog=f"stt-monitor {name}", description=description, allow_abbrev=False)
    parser.add_argument(
        "--speed", type=_speed, metavar="N|max", help="playback speed (default: 1 on the screen, max without)"
    )
    parser.add_argument("--step", action="store_true", help="start paused, to step through the events")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="plain text instead of a screen; the default when piped")
    form.add_argument("--json", action="store_true", help="JSON lines instead of a screen")
    parser.add_argument("--trace", action="store_true", help="with --json: also print the local server's likelihood")
    add_cast(parser)
    return parser


def _parsed(parser: Parser, arguments: Sequence[str]) -> argparse.Namespace:
    options = parser.parse_args(arguments)
    check_cast(parser, options)
    return options


def _play(session: SavedSession, options: argparse.Namespace) -> int:
    if options.cast is not None:
        return write_cast(session, options)
    from stt_monitor.cli.screen.launch import can_show_screen, ensure_keyboard, run_screen

    if options.plain or options.json or not can_show_screen():
        return _print(session, options)
    from stt_monitor.recording.player import Player
    from stt_monitor.session.switching import SwitchingController

    ensure_keyboard()
    player = Player(session, speed=options.speed or 1.0, paused=options.step)
    with closing(SwitchingController(None, default_directory(), player)) as controller:
        return run_screen(controller, controller.close)


def _print(session: SavedSession, options: argparse.Namespace) -> int:
    from stt_monitor.headless.printer import json_printer, plain_printer

    plain = plain_printer(services=session.services)
    printer = json_printer(trace=options.trace) if options.json else plain
    try:
        for record in replay_records(session, _waiting(options.speed, printer.flush)):
            printer.print(record)
        printer.flush()
    except ReaderLeftError:
        return _INTERRUPTED
    return 0


def _waiting(speed: float | None, flush: Callable[[], None]) -> Callable[[float], None] | None:
    """Return a function that waits until a session time, after `flush`; None at full speed."""
    if speed is None or speed == math.inf:
        return None
    began = time.monotonic()

    def wait(at: float) -> None:
        left = began + at / speed - time.monotonic()
        if left > 0:
            flush()
            time.sleep(left)

    return wait


def _speed(text: str) -> float:
    speed = math.inf if text == "max" else float(text)
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a speed: give a number above 0, or max")
    return speed
