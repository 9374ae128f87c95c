"""`stt-monitor assert`: check saved sessions against assertions."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import msgspec

from stt_monitor.cli.judging.checker import Judging
from stt_monitor.cli.judging.stale_verdicts import no_stale_verdicts
from stt_monitor.cli.options.arguments import Parser, add_assertions, judges
from stt_monitor.cli.output import command_parser
from stt_monitor.cli.saved_sessions import add_sessions, find_sessions, load, services, sources
from stt_monitor.core.assertions.names import described
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.definitions import SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.units import Unit
from stt_monitor.headless.printer import json_printer, plain_printer

_DESCRIPTION: Final = "Check saved sessions against assertions, as stt-monitor AUDIO --assert checks live ones."
_EPILOG: Final = """\
An expression is a metric with a statistic, or a count; then <=, <, >=, >, == or !=; then a limit, with a unit (ms, s,
%) where the metric has one. In brackets below: the name on the screen, which is good too. Without a value, or in a
session that was cut short, the outcome is unknown: exit code 4; 1 if an assertion certainly fails.

Of services side by side each is checked apart; SERVICE. in front selects one (SERVICE.eot_latency.p90<=900ms).

examples:
  stt-monitor assert last --assert 'eot.p90<=900ms' --assert 'false_cutoffs==0'
  stt-monitor assert AFTER --baseline BEFORE --tolerance 10%,50ms

metrics, each with .n, .p50, .p90, .p95, .p99 or .max; prefixed with first., of the first turn of each connection, which
the plain ones exclude:
"""
_NAME_WIDTH: Final = 28
_WIDTH: Final = 110


def assert_sessions(arguments: Sequence[str]) -> int:
    """Check saved sessions, all together, against assertions; return an exit code."""
    with no_stale_verdicts(arguments):
        options = assert_sessions_parser().parse_args(arguments)
        if not judges(options):
            raise InputError("nothing to judge: add --assert, such as 'eot_latency.p90<=900ms', or --baseline")
        sessions = find_sessions(options.sessions)
        judging = Judging(options, options.reference, sources(sessions), services(sessions))
        loaded = load(sessions, options.reference if options.report is not None else ())
        for number, kept in enumerate(loaded, 1):
            for lane in kept:
                judging.add(msgspec.structs.replace(lane.snapshot, playing=(number, len(sessions))))
        printer = json_printer() if options.json else plain_printer()
        return judging.conclude(printer, list(chain.from_iterable(loaded)))


def assert_sessions_parser() -> Parser:
    """Return the parser of `stt-monitor assert`."""
    parser = command_parser("assert", _DESCRIPTION, "\n".join((_EPILOG.rstrip(), *_names())))
    add_sessions(parser)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    add_assertions(parser)
    return parser


def _names() -> Iterator[str]:
    """Yield a line for each metric, with its meaning."""
    yield from (_line(metric, "" if metric.unit is Unit.MILLISECONDS else metric.unit.value) for metric in TURN_METRICS)
    yield "\ncounts and other metrics of the session:"
    yield from (_line(metric, metric.unit.value) for metric in SESSION_METRICS)


def _line(metric: Metric, unit: str) -> str:
    return textwrap.fill(
        f"{metric.meaning} ({unit})" if unit else metric.meaning,
        _WIDTH,
        initial_indent=f"  {described(metric):<{_NAME_WIDTH}}",
        subsequent_indent=" " * (_NAME_WIDTH + 2),
    )
