"""`stt-monitor web`: the screen in a browser. Each open page has a monitor process of its own."""

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from stt_monitor.cli.listening import add_listening, listen
from stt_monitor.cli.monitor import monitor_options, recording_directory
from stt_monitor.cli.options.arguments import Parser, judges, whole_number
from stt_monitor.cli.options.audio_sources import choose_sources
from stt_monitor.cli.options.chosen_services import choose_services
from stt_monitor.core.errors import InputError
from stt_monitor.server.visitors import Visitors

_DEFAULT_PORT: Final = 8000
_DEFAULT_PAGES: Final = 8
_MOST_PAGES: Final = 1000

_MONITOR: Final = (sys.executable, "-P", "-m", "stt_monitor")

_EPILOG: Final = """\
All other options are those of stt-monitor itself (AUDIO, --mic, --url, ...): see stt-monitor --help.
"""


def web(arguments: Sequence[str]) -> int:
    """Serve the screen to browsers until interrupted; returns an exit code.

    Raises:
        InputError: the address cannot be listened on, an option does not go with a screen, or the extra is not
            installed.
    """
    options, monitored = web_parser().parse_known_args(arguments)
    _check(monitor_options(monitored))
    from stt_monitor.cli.web.pages import Pages  # loads the extra, which may not be installed

    with listen(options.host, options.port) as listening:
        visitors = Visitors.of(options.host, options.allow_host)
        Pages(_command(monitored), listening, visitors, options.max_pages).serve()
    return 0


def web_parser() -> Parser:
    """Return the parser of `stt-monitor web`."""
    parser = Parser(
        prog="stt-monitor web",
        usage="stt-monitor web [--host H] [--port N] [AUDIO ...] [options]",
        description="Show the screen in a browser; each page runs sessions of its own.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    add_listening(parser, _DEFAULT_PORT, clients="browsers")
    parser.add_argument(
        "--max-pages",
        type=whole_number(1, _MOST_PAGES, "pages"),
        default=_DEFAULT_PAGES,
        metavar="N",
        help="open pages; each has a process of its own (default: %(default)s)",
    )
    return parser


def _check(monitored: argparse.Namespace) -> None:
    if monitored.plain or monitored.json or monitored.jobs > 1 or judges(monitored):
        raise InputError("a browser shows the screen: leave out --plain, --json, -j and assertions")
    if "-" in monitored.audio:
        raise InputError("standard input (-) does not work in a browser: name an audio file, or give --mic")
    choose_sources(monitored, choose_services(monitored), screen=True)  # behind a page nobody would see the sentence
    if monitored.name is not None:
        raise InputError("--name is for one session, and each page has its own: leave it out")
    recording_directory(monitored)


def _command(monitored: Sequence[str]) -> str:
    """Return the shell command of a page's process; the key is in the environment alone."""
    words = [*_MONITOR, *monitored]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else f"exec {shlex.join(words)}"
