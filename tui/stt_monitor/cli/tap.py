"""`stt-monitor tap`: forward the calls of a running agent, and say what becomes of them."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stt_monitor.cli.listening import LOOPBACK, add_allowed_hosts, host_and_port, listen
from stt_monitor.cli.options.arguments import Parser, add_keeping, whole_number
from stt_monitor.core.errors import InputError
from stt_monitor.recording.paths import prepare_directory
from stt_monitor.server.visitors import Visitors
from stt_monitor.services import registry
from stt_monitor.system.hosts import is_loopback
from stt_monitor.system.streams import diagnose
from stt_monitor.tap.settings import DEFAULT_PORT, TapSettings

if TYPE_CHECKING:
    from stt_monitor.tap.prometheus import PrometheusMeter

_OPEN: Final = "others can reach this address, and keys travel to it unencrypted"
"""Warning for when other machines can reach the tap."""

_METRICS_OPEN: Final = "others can reach the address of --metrics, and read the figures of all calls"


def tap(arguments: Sequence[str]) -> int:
    """Forward calls until a signal ends it; returns an exit code.

    Raises:
        UserError: the address cannot be listened on, `--to` is no URL, or calls cannot be saved where they should be.
    """
    options = tap_parser().parse_args(arguments)
    host, port = options.listen
    settings = TapSettings(host, port, options.to or "", options.service or "", tuple(options.allow_host))
    from stt_monitor.cli.screen.launch import can_show_screen
    from stt_monitor.headless.tap import run_tap  # not for --help
    from stt_monitor.tap.sessions.keeping import Keeping

    keeping = Keeping(_directory(options), options.record_limit << 20, options.keep, redact=options.redact)
    on_screen = not (options.plain or options.json) and can_show_screen()
    warnings = tuple(_warnings(options))
    with _metrics(options) as metrics:
        if on_screen:
            from stt_monitor.cli.screen.calls import run_tap_on_screen

            return run_tap_on_screen(settings, keeping, metrics, warnings)
        for each in warnings:
            diagnose(each)
        return run_tap(settings, keeping, metrics, json=options.json)


def _warnings(options: Namespace) -> Iterator[str]:
    """Yield what to know of the addresses that are listened on."""
    if not is_loopback(options.listen[0]):
        yield _OPEN
    if options.metrics is not None and not is_loopback(options.metrics[0]):
        yield _METRICS_OPEN


def _metrics(options: Namespace) -> "AbstractContextManager[PrometheusMeter | None]":
    """Return the Prometheus exporter for all calls; None without `--metrics`.

    Raises:
        InputError: the address cannot be listened on, or the extra is not installed.
    """
    if options.metrics is None:
        return nullcontext()
    from stt_monitor.tap.prometheus import PrometheusMeter  # loads the extra, which may not be installed

    host, port = options.metrics
    return PrometheusMeter(listen(host, port, "--metrics"), Visitors.of(host, options.allow_host))


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


def tap_parser() -> Parser:
    """Return the parser of `stt-monitor tap`."""
    parser = Parser(
        prog="stt-monitor tap",
        description="Forward the calls of a running agent to its service, unchanged, and measure them.",
        epilog="Point the base URL of the agent's SDK at the printed address; its key is passed on to the service.",
    )
    parser.add_argument(
        "--listen",
        type=host_and_port,
        default=(LOOPBACK, DEFAULT_PORT),
        metavar="HOST:PORT",
        help=f"address to listen on (default: {LOOPBACK}:{DEFAULT_PORT}, this machine only); port 0 picks a free one",
    )
    parser.add_argument(
        "--to", metavar="URL", help="base URL to forward to (default: the vendor's, by path or --service)"
    )
    parser.add_argument(
        "--service",
        choices=registry.NAMES,
        metavar="NAME",
        help=f"service of all requests: {', '.join(registry.NAMES)} (default: by the request's path)",
    )
    add_allowed_hosts(parser, "agents")
    add_keeping(parser, "calls")
    parser.add_argument(
        "--keep", type=whole_number(1, 1_000_000, "calls"), metavar="N", help="keep only the last N calls of this run"
    )
    parser.add_argument(
        "--redact", action="store_true", help="print metrics only; keep no transcript and no audio, save no calls"
    )
    parser.add_argument(
        "--metrics",
        type=host_and_port,
        metavar="HOST:PORT",
        help="serve metrics of all calls to Prometheus (needs the extra: pip install '.[metrics]')",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="plain text instead of a screen")
    form.add_argument("--json", action="store_true", help="JSON lines instead of a screen")
    return parser
