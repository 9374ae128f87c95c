"""`--cast FILE`: writes a recording of the terminal in which a saved session is replayed."""

import argparse
import os
from contextlib import closing
from datetime import datetime
from typing import Final

from stt_monitor.cli.output import check_output, write_output
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.recording.saved_sessions import SavedSession

_SIZE: Final = (100, 30)
_LEAST, _MOST = (40, 12), (500, 200)
_FRAMES_A_SECOND: Final = 10
"""Of the recording. More would make it larger, and the session's own clock shows tenths."""


def add_cast(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--cast",
        metavar="FILE",
        help="record the screen, as asciicast v2 (asciinema); -: standard output",
    )
    parser.add_argument(
        "--size", type=_size, metavar="COLSxROWS", help="with --cast: size of the screen (default: 100x30)"
    )


def check_cast(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse, as a usage error, options that contradict one another."""
    if options.cast is None:
        if options.size is not None:
            parser.error("--size needs --cast: without it the terminal says how large the screen is")
        return
    for name in ("plain", "json", "trace", "step"):
        if getattr(options, name):
            parser.error(f"--cast records the screen: leave out --{name}")
    if options.speed == float("inf"):
        parser.error("--cast needs a speed that is a number: say --speed 4")


def write_cast(session: SavedSession, options: argparse.Namespace) -> int:
    """Replay a session on a screen of its own, faster than it ran, and write the recording; return an exit code.

    Raises:
        InputError: the session cannot be read, or the file cannot be written.
    """
    import asyncio  # as Textual does: not for those who print lines

    from stt_monitor.export.asciicast import asciicast

    to_file = argparse.Namespace(output=options.cast)
    check_output(to_file)
    columns, rows = options.size or _SIZE
    began = session.lanes[0].manifest.session.started_at
    lines = asciicast(
        asyncio.run(_filmed(session, options.speed or 1.0, (columns, rows))),
        title=f"stt-monitor: {printable(session.name)}",
        timestamp=int(datetime.fromisoformat(began).timestamp()) if began else None,
        columns=columns,
        rows=rows,
    )
    write_output(lines, to_file)
    return 0


async def _filmed(session: SavedSession, speed: float, size: tuple[int, int]) -> list[tuple[float, str]]:
    """Return times of the recording, in seconds, and what is drawn then."""
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # read when Textual is imported; no terminal tells what it can
    from stt_monitor.recording.paths import default_directory
    from stt_monitor.recording.player import Player
    from stt_monitor.session.switching import SwitchingController
    from stt_monitor.ui.film import film

    player = Player(session, speed=speed, clock=lambda: 0.0)
    with closing(SwitchingController(None, default_directory(), player)) as controller:
        frames = [(at / speed, output) async for at, output in film(controller, speed / _FRAMES_A_SECOND, size)]
        if controller.shown is not None and controller.shown.error:
            raise InputError(controller.shown.error)
    return frames


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text} is not a size: say COLSxROWS, such as 100x30")
    size = int(columns), int(rows)
    if not all(least <= one <= most for one, least, most in zip(size, _LEAST, _MOST, strict=True)):
        raise argparse.ArgumentTypeError(f"{text}: from 40x12 to 500x200")
    return size
