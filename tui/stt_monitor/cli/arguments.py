"""Command-line options (architecture.md 4): a contract that scripts rely on."""

import argparse
from collections.abc import Callable, Sequence
from math import isnan, nan
from typing import Any, Final, NoReturn

from stt_monitor import __version__
from stt_monitor.core.errors import InputError
from stt_monitor.core.settings import Schema, Settings, TurnSettings
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.paths import DEFAULT_LIMIT_MB
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.system.streams import diagnose, write_lines

_EPILOG: Final = """\
commands:
  stt-monitor demo                          replay the bundled session, without sound or a service
  stt-monitor devices [--test]              list microphones, or show the live level of one
  stt-monitor doctor [--url URL]            check your setup and suggest fixes
  stt-monitor serve [--host H] [--port N]   run the local server on its own, for other programs
  stt-monitor recordings [DIR]              list saved sessions
  stt-monitor replay SESSION                replay a saved session; SESSION is a folder, a name, or last
  stt-monitor web [AUDIO] [options]         show the screen in a browser
  stt-monitor report SESSION...             report on saved sessions and compare them: HTML, Markdown, JSON, CSV
  stt-monitor export SESSION                export its turns for other programs: subtitles, tables, labels
  stt-monitor assert SESSION... --assert E  check saved sessions against assertions

The API key is read from the environment variable {key}. Without one, the local server is used: real
recognition and turn detection on this machine, offline.

exit codes: 0 success, 1 an assertion failed, 2 bad usage or unreadable input, 3 service unreachable or refused,
4 cannot tell whether an assertion holds, 70 a bug in stt-monitor, 130 interrupted
"""


class Parser(argparse.ArgumentParser):
    """Reports bad usage in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit."""
        diagnose(f"{message}; see {self.prog} --help")
        self.exit(InputError.exit_code)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401  argparse's own signature
        """Refuse empty arguments: usually an unset variable, and an empty path would mean the working directory."""
        options, rest = super().parse_known_args(args, namespace)
        for action in self._actions:
            value = getattr(options, action.dest, None)
            if value != action.default and "" in (value if isinstance(value, list) else [value]):
                name = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
                self.error(f"{name} is empty (an unset variable?): give it a value, or leave it out")
        return options, rest

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002  always standard output
        """Print help, or the version."""
        write_lines(message.splitlines())


def chosen_service(arguments: Sequence[str]) -> Service:
    """Return the service that the arguments choose: its settings decide which other options there are."""
    parser = Parser(prog="stt-monitor", add_help=False, allow_abbrev=False)
    _add_service(parser)
    return registry.service(parser.parse_known_args(arguments)[0].service)


def _add_service(group: argparse._ActionsContainer) -> None:
    """Add the option that chooses the service, once there is a choice."""
    group.set_defaults(service=registry.NAMES[0])
    if len(registry.NAMES) > 1:
        group.add_argument("--service", choices=registry.NAMES, default=registry.NAMES[0], help="default: %(default)s")


def monitor_parser(spoken: Service | None = None) -> Parser:
    """Return the parser of `stt-monitor` itself, with the options of a service; None: of the default."""
    spoken = spoken or registry.service()
    parser = Parser(
        prog="stt-monitor",
        description="Watch a turn-based streaming speech-to-text service live: turns, transcript, latency.",
        epilog=_EPILOG.format(key=spoken.key_variable),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"stt-monitor {__version__}")
    audio = parser.add_argument_group("audio")
    source = audio.add_mutually_exclusive_group()
    source.add_argument(
        "audio",
        nargs="*",
        default=[],
        metavar="AUDIO",
        help="audio files, one session each; -: WAV on stdin, or raw PCM with --rate; default: a spoken sample",
    )
    source.add_argument("--mic", action="store_true", help="use a microphone")
    source.add_argument("--say", type=utf8_text, metavar="TEXT", help="speak TEXT with the service, and monitor that")
    audio.add_argument("--device", metavar="NAME|N", help="microphone to use: number, name, or part of a name")
    audio.add_argument(
        "--labels",
        metavar="FILE",
        help="reference speech for AUDIO: Audacity label track, SRT, VTT, TextGrid, or JSON",
    )
    audio.add_argument(
        "--channel", default="mix", metavar="mix|left|right|N", help="channel of an audio file (default: mix)"
    )
    audio.add_argument(
        "--chunk-ms", type=whole_number(10, 1000, "ms"), default=100, metavar="N", help="audio per frame (default: 100)"
    )
    audio.add_argument(
        "--rate", type=whole_number(1000, 384_000, "Hz"), metavar="HZ", help="sample rate of raw PCM on stdin"
    )
    audio.add_argument("--encoding", metavar="E", help="encoding of raw PCM on stdin (default: pcm_s16le)")
    service = parser.add_argument_group("service")
    _add_service(service)
    server = service.add_mutually_exclusive_group()
    server.add_argument("--url", type=utf8_text, metavar="URL", help="base or full URL of the service")
    server.add_argument("--local", action="store_true", help="use the local server, even when a key is set")
    service.add_argument("--model", type=_model, default=spoken.model, metavar="M", help=f"default: {spoken.model}")
    for asked in spoken.lists:
        service.add_argument(
            asked.option,
            type=utf8_text,
            dest=asked.field,
            action="append",
            default=[],
            metavar=asked.metavar,
            help=asked.help,
        )
    for each in spoken.schema.settings:
        option, read = f"--{each.name.replace('_', '-')}", _setting(spoken.schema, each.name)
        service.add_argument(option, type=read, metavar="X", help=f"{each.meaning} (server default)")
    output = parser.add_argument_group("output")
    form = output.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="plain text instead of a screen; the default when piped")
    form.add_argument("--json", action="store_true", help="JSON lines instead of a screen")
    output.add_argument("--trace", action="store_true", help="with --json: also print the local server's likelihood")
    keeping = output.add_mutually_exclusive_group()
    keeping.add_argument("--record", metavar="DIR", help="save sessions to DIR instead of the user data directory")
    keeping.add_argument("--no-record", action="store_true", help="don't save the session")
    output.add_argument(
        "--record-limit",
        type=whole_number(1, 1_000_000, "MB"),
        default=DEFAULT_LIMIT_MB,
        metavar="MB",
        help="disk space for saved sessions; the oldest are deleted (default: %(default)s)",
    )
    output.add_argument("--no-autostart", action="store_true", help="don't start until you press s")
    add_assertions(parser)
    return parser


def add_assertions(parser: Parser) -> None:
    """Add the options for assertions."""
    group = parser.add_argument_group(
        "assertions", "run without a screen; exit code 1 if one fails; metrics: stt-monitor assert --help"
    )
    group.add_argument(
        "--assert",
        dest="assertions",
        action="append",
        default=[],
        metavar="EXPR",
        help="condition, such as 'eot_latency.p90<=900ms', 'false_cutoffs==0' or 'wer<=10%%'; repeatable",
    )
    group.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE",
        help="reference transcript for wer: plain text, or a file as for --labels with words; one per audio file",
    )
    group.add_argument("--junit", metavar="FILE", help="also write the verdicts as JUnit XML")


def settings_of(options: argparse.Namespace, *, local: bool = False) -> Settings:
    """Return the settings to request from the service.

    Args:
        options: as parsed by `monitor_parser`.
        local: whether it is the local server, whose defaults are known.

    Raises:
        InputError: the service would reject them.
    """
    service = registry.service(options.service)
    turn = TurnSettings({name: getattr(options, name) for name in service.schema.names})
    lists: dict[str, Any] = {each.field: tuple(getattr(options, each.field)) for each in service.lists}
    settings = Settings(options.model, turn=turn, **lists)
    if problem := service.problem(settings, local):
        raise InputError(problem)
    return settings


def _setting(schema: Schema, name: str) -> Callable[[str], float]:
    """Return a parser of a turn setting that checks its range."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = nan
        if isnan(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number")
        if problem := schema.range_problem(name, value):
            raise argparse.ArgumentTypeError(f"{text} is out of range: {problem}")
        return value

    return read


def _model(text: str) -> str:
    """Parse the name of a model."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return utf8_text(text)


def utf8_text(text: str) -> str:
    """Check an argument that is sent to the service: unlike a file name it must be UTF-8."""
    if legible(text) != text:
        raise argparse.ArgumentTypeError(f"{text} is not UTF-8")
    return text


def whole_number(low: int, high: int, unit: str) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high} {unit}")
        return int(text)

    return read
