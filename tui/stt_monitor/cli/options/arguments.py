"""Command-line options (architecture.md 4): a contract that scripts rely on."""

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from stt_monitor import __version__
from stt_monitor.cli.options.service_options import (
    add_address,
    add_service_choice,
    add_settings,
    utf8_text,
    without_secrets,
)
from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import DEFAULT_LIMIT_MB
from stt_monitor.system.streams import diagnose, write_lines

_EPILOG: Final = """\
commands:
  stt-monitor demo                          replay the bundled session, without sound or a service
  stt-monitor devices [--test]              list microphones, or show the live level of one
  stt-monitor doctor [--url URL]            check your setup and suggest fixes
  stt-monitor serve [--host H] [--port N]   run the local server on its own, for other programs
  stt-monitor services [--json]             list services: keys, settings, metrics
  stt-monitor sweep [AUDIO] --set NAME=A..B measure many settings over recordings, and recommend one
  stt-monitor tap [--to URL]                forward a running agent's calls to its service, and measure them
  stt-monitor recordings [DIR]              list saved sessions
  stt-monitor recordings name|rm SESSION    name a session, or delete some
  stt-monitor replay SESSION                replay a saved session: a folder, a name, its beginning, or last
  stt-monitor web [AUDIO] [options]         show the screen in a browser
  stt-monitor report SESSION...             report on saved sessions, or compare them: HTML, Markdown, JSON, CSV
  stt-monitor export SESSION                export the turns of a session: subtitles, tables, labels
  stt-monitor assert SESSION... --assert E  check saved sessions against assertions
  stt-monitor completion bash|zsh|fish      print a shell completion script

API keys are read from the environment: stt-monitor services lists the variables. Without a key and without --service,
the local server runs: real recognition and turn detection on this machine, offline.

exit codes: 0 success, 1 an assertion failed, or worse than the baseline, 2 bad usage or unreadable input, 3 service
unreachable or refused, 4 cannot tell whether an assertion holds, 70 a bug in stt-monitor, 130 interrupted
"""


_ARGUMENT: Final = re.compile("^argument (?:-./)?--")
"""Before the name of an option, in argparse's messages."""

_WITHOUT_VALUE: Final = "argument (?:-./)?(-[^:]+): expected (?:one|at least one) argument"
"""Its message where nothing follows an option, or what begins with a dash."""


class Parser(argparse.ArgumentParser):
    """Reports bad usage in one sentence."""

    place = ""
    """Where the arguments come from, if not from the command line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit.

        Raises:
            InputError: the message, of arguments that come from elsewhere.
        """
        if option := re.fullmatch(_WITHOUT_VALUE, message):
            dash = f" (one that begins with a dash: {option[1]}=-...)" if option[1].startswith("--") else ""
            message = f"{option[1]} needs a value{dash}"
        if self.place:
            raise InputError(f"{self.place}: {re.sub(_ARGUMENT, '', message)}")
        diagnose(f"{without_secrets(message)}; see {self.prog} --help")
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

    def parse_given(self, arguments: Sequence[str]) -> dict[str, Any]:
        """Return the options that are given, without the defaults of others."""
        for action in self._actions:
            action.default = argparse.SUPPRESS
        return vars(self.parse_args(arguments))

    @property
    def arguments(self) -> list[argparse.Action]:
        """All options and other arguments."""
        return list(self._actions)

    @property
    def by_option(self) -> dict[str, argparse.Action]:
        """The options by their long names."""
        return {name: action for name, action in self._option_string_actions.items() if name.startswith("--")}

    @property
    def exclusive(self) -> list[frozenset[str]]:
        """Destinations of options that exclude each other."""
        return [
            frozenset(action.dest for action in group._group_actions)  # noqa: SLF001  a parser's own part
            for group in self._mutually_exclusive_groups
        ]

    @staticmethod
    def is_repeatable(action: argparse.Action) -> bool:
        """Return whether an option may be given more than once, each time with a value."""
        return isinstance(action, argparse._AppendAction)  # noqa: SLF001  as above

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002  always standard output
        """Print help, or the version."""
        write_lines(message.splitlines())


def monitor_parser() -> Parser:
    """Return the parser of `stt-monitor` itself."""
    parser = Parser(
        prog="stt-monitor",
        description="Monitor a turn-based streaming speech-to-text service live: turns, transcript, latency.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--profile", metavar="NAME", help="options from config.toml in the user's configuration directory"
    )
    parser.add_argument("--version", action="version", version=f"stt-monitor {__version__}")
    audio = parser.add_argument_group("audio")
    source = audio.add_mutually_exclusive_group()
    source.add_argument(
        "audio",
        nargs="*",
        default=[],
        metavar="AUDIO",
        help="audio files, one session each; -: WAV on stdin, or raw PCM with --rate; default: the bundled sample",
    )
    source.add_argument("--mic", action="store_true", help="use a microphone")
    source.add_argument("--say", type=utf8_text, metavar="TEXT", help="have the service speak TEXT, and monitor that")
    audio.add_argument("--device", metavar="NAME|N", help="microphone to use: number, name, or part of a name")
    audio.add_argument(
        "--labels",
        metavar="FILE",
        help="reference turns of AUDIO and their pauses: Audacity label track, SRT, VTT, TextGrid, or JSON",
    )
    audio.add_argument(
        "--channel", default="mix", metavar="mix|left|right|N", help="channel of an audio file (default: mix)"
    )
    audio.add_argument(
        "--agent",
        metavar="right|left|N",
        help="channel of the agent in a recorded call: measured, not sent (response_gap, interruptions: "
        "metrics.md 12); --channel defaults to the other one",
    )
    audio.add_argument(
        "--degrade",
        action="append",
        default=[],
        metavar="ARM",
        help="degrade recordings before they are sent: phone, noise:DB, babble:DB, gain:DB, clip:DB, loss:PERCENT, "
        "jitter:MS; repeatable, in order",
    )
    audio.add_argument(
        "--chunk-ms", type=whole_number(10, 1000, "ms"), default=100, metavar="N", help="audio per frame (default: 100)"
    )
    audio.add_argument(
        "--rate", type=whole_number(1000, 384_000, "Hz"), metavar="HZ", help="sample rate of raw PCM on stdin"
    )
    audio.add_argument("--encoding", metavar="E", help="encoding of raw PCM on stdin (default: pcm_s16le)")
    service = parser.add_argument_group("service")
    add_service_choice(service)
    add_address(
        service,
        url="base or full URL of the service; with several services NAME=URL",
        local="use the local server with the service's protocol, even when a key is set",
    )
    add_settings(service)
    output = parser.add_argument_group("output")
    form = output.add_mutually_exclusive_group()
    form.add_argument(
        "--plain",
        action="store_true",
        help="plain text instead of a screen, for screen readers too; the default when piped",
    )
    form.add_argument("--json", action="store_true", help="JSON lines instead of a screen")
    output.add_argument("--trace", action="store_true", help="with --json: also print the local server's likelihood")
    add_keeping(output, "sessions")
    output.add_argument(
        "--name", metavar="NAME", help="name of the saved session (default: its time and source); others get a number"
    )
    output.add_argument(
        "-j",
        "--jobs",
        type=whole_number(1, 64, "files"),
        default=1,
        metavar="N",
        help="without a screen: stream N audio files at once (default: one after another)",
    )
    output.add_argument("--no-autostart", action="store_true", help="don't start until you press s")
    add_assertions(parser)
    return parser


def add_keeping(parser: argparse._ActionsContainer, what: str) -> None:
    """Add where sessions are saved, and how much of them is kept.

    Args:
        parser: takes the options.
        what: `sessions`, or another word for them.
    """
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--record", metavar="DIR", help=f"save {what} to DIR instead of the user data directory")
    where.add_argument("--no-record", action="store_true", help=f"don't save {what}")
    parser.add_argument(
        "--record-limit",
        type=whole_number(1, 1_000_000, "MB"),
        default=DEFAULT_LIMIT_MB,
        metavar="MB",
        help="disk space for saved sessions; the oldest are deleted (default: %(default)s)",
    )


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
    group.add_argument(
        "--baseline",
        metavar="SESSION|FILE",
        help="compare end-of-turn latency and false cut-offs with a saved session, or a file of --write-baseline",
    )
    group.add_argument(
        "--tolerance",
        metavar="SHARE,TIME",
        help="worse means beyond both; 2cutoffs allows 2 more cut-offs (default: 10%%,50ms)",
    )
    group.add_argument(
        "--baseline-service",
        metavar="NAME",
        help="compare with this service of the baseline (default: the same one, at the vendor's or local)",
    )
    group.add_argument("--write-baseline", metavar="FILE", help="write this run as a baseline, to commit and compare")
    group.add_argument("--junit", metavar="FILE", help="also write the verdicts as JUnit XML")
    group.add_argument(
        "--summary", metavar="FILE", help="also append the verdicts as Markdown, such as to $GITHUB_STEP_SUMMARY"
    )
    group.add_argument("--report", metavar="FILE", help="also write a report on this run: .html, .md, .json or .csv")


def judges(options: argparse.Namespace) -> bool:
    """Return whether the options of `add_assertions` ask for something to be judged or kept, and so for no screen."""
    asked = (options.baseline, options.tolerance, options.baseline_service, options.write_baseline)
    files = (options.junit, options.summary, options.report)
    return bool(options.assertions or options.reference) or any(each is not None for each in (*asked, *files))


def whole_number(low: int, high: int, unit: str) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high} {unit}")
        return int(text)

    return read
