"""`stt-monitor tap`: forward the calls of a running agent, and say what becomes of them."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.cli.listening import LOOPBACK, add_allowed_hosts, host_and_port
from stt_monitor.cli.options.arguments import Parser, whole_number
from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import DEFAULT_LIMIT_MB, prepare_directory
from stt_monitor.services import registry
from stt_monitor.system.hosts import is_loopback
from stt_monitor.system.streams import diagnose
from stt_monitor.tap.settings import DEFAULT_PORT, TapSettings

_OPEN: Final = "others can reach this address, and keys travel to it unencrypted"
"""Warning for when other machines can reach the tap."""


def tap(arguments: Sequence[str]) -> int:
    """Forward calls until a signal ends it; returns an exit code.

    Raises:
        UserError: the address cannot be listened on, `--to` is no URL, or calls cannot be saved where they should be.
    """
    options = _parser().parse_args(arguments)
    host, port = options.listen
    settings = TapSettings(host, port, options.to, options.service, tuple(options.allow_host))
    from stt_monitor.headless.tap import run_tap  # not for --help
    from stt_monitor.tap.sessions.watching import Keeping

    keeping = Keeping(_directory(options), options.record_limit << 20, options.keep, redact=options.redact)

    if not is_loopback(host):
        diagnose(_OPEN)
    return run_tap(settings, keeping, json=options.json)


def _directory(options: Namespace) -> Path | None:
    """Return where calls are saved; None: nowhere.

    Raises:
        InputError: they are to be saved without what is said in them.
    """
    if options.redact and (options.record or options.keep is not None):
        raise InputError(
            "--redact keeps neither audio nor transcripts, so nothing is saved: leave out --record, --keep"
        )
    if options.no_record or options.redact:
        return None
    return prepare_directory(options.record)


def _parser() -> Parser:
    parser = Parser(
        prog="stt-monitor tap",
        description="Forward the calls of a running agent to its service, unchanged, and measure them.",
        epilog="Point the base URL of the agent's SDK at the address that is printed; its key goes to the service.",
    )
    parser.add_argument(
        "--listen",
        type=host_and_port,
        default=(LOOPBACK, DEFAULT_PORT),
        metavar="HOST:PORT",
        help=f"address to listen on (default: {LOOPBACK}:{DEFAULT_PORT}, this machine only); port 0 picks a free one",
    )
    parser.add_argument(
        "--to", default="", metavar="URL", help="base URL to forward to (default: the vendor's, by path or --service)"
    )
    parser.add_argument(
        "--service",
        choices=registry.NAMES,
        default="",
        metavar="NAME",
        help=f"service of all requests: {', '.join(registry.NAMES)} (default: told by the path)",
    )
    add_allowed_hosts(parser, "agents")
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--record", metavar="DIR", help="save calls to DIR instead of the user data directory")
    keeping.add_argument("--no-record", action="store_true", help="don't save calls")
    parser.add_argument(
        "--record-limit",
        type=whole_number(1, 1_000_000, "MB"),
        default=DEFAULT_LIMIT_MB,
        metavar="MB",
        help="disk space for saved sessions; the oldest are deleted (default: %(default)s)",
    )
    parser.add_argument(
        "--keep", type=whole_number(1, 1_000_000, "calls"), metavar="N", help="keep only the last N calls of this run"
    )
    parser.add_argument(
        "--redact", action="store_true", help="keep and print no transcript and no audio: figures alone; saves no calls"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="plain text (the default)")
    form.add_argument("--json", action="store_true", help="JSON lines")
    return parser
