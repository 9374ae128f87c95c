"""What the panel of the turn state tells of a session: the state, how long it has lasted, and the last transition."""

from typing import Final

from textual.content import Content

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Outage, Snapshot
from stt_monitor.core.text.moments import lasting
from stt_monitor.core.text.sanitize import beginning
from stt_monitor.core.text.wording import NOT_APPLICABLE, plural
from stt_monitor.ui.drawing.state_diagram import Count, DiagramState
from stt_monitor.ui.formatting import measured, milliseconds
from stt_monitor.ui.toolkit.fitting import lit

FLASH_S: Final = 1.0
"""How long a transition is highlighted, seconds."""


def dependencies(snapshot: Snapshot) -> object:
    """Return everything that the panel depends on."""
    newest = snapshot.finished[-1].metrics if snapshot.finished else None
    return (
        diagram_state(snapshot),
        snapshot.transition,
        snapshot.outages,
        snapshot.counts,
        snapshot.violations,
        snapshot.marks,
        newest,
    )


def diagram_state(snapshot: Snapshot) -> DiagramState:
    """Return which box and which arrow of the diagram are highlighted."""
    turns, opened = snapshot.counts.turns, snapshot.open_turn is not None
    eager_ends, resumes = (_count(name, snapshot) for name in ("eager_ends", "resumes"))
    return DiagramState(
        snapshot.state if snapshot.running and snapshot.connection is Connection.CONNECTED else None,
        lasting(snapshot.at - snapshot.state_since),
        _lit_arrow(snapshot),
        (turns + opened, eager_ends, resumes, turns),
    )


def _count(name: str, snapshot: Snapshot) -> Count:
    """Return a count; n/a if the service cannot have such a thing."""
    if name in snapshot.marks.absent:
        return NOT_APPLICABLE
    count: int = getattr(snapshot.counts, name)
    return count


def flashing(snapshot: Snapshot) -> str:
    """Return the name of a transition within the last `FLASH_S`; empty without one."""
    transition = snapshot.transition
    if transition is None or not snapshot.running or snapshot.at - transition.at >= FLASH_S:
        return ""
    return transition.name


def _lit_arrow(snapshot: Snapshot) -> str:
    name = flashing(snapshot)
    if name == "end" and snapshot.finished and snapshot.finished[-1].turn.open_eager_end is not None:
        return "late_end"
    return name


def titles(snapshot: Snapshot) -> list[Content]:
    """Return the counters in wordings, the richest first."""
    counts = snapshot.counts
    violations = f"✗ {plural(counts.violations, 'violation')} · " if counts.violations else ""
    return [Content.assemble((violations, "bold $text-error"), wording) for wording in _counters(snapshot)]


def _counters(snapshot: Snapshot) -> list[str]:
    counts = snapshot.counts
    turns, eager_ends = plural(counts.turns, "turn"), plural(counts.eager_ends, "eager end")
    resumes = plural(counts.resumes, "resume")
    confirmed = counts.eager_precision
    share = measured(confirmed, Unit.PERCENT) + ("" if confirmed is None else Unit.PERCENT.suffix)
    if "eager_ends" in snapshot.marks.absent:
        return [f"Turn state · {turns} · eager ends {NOT_APPLICABLE}", f"{turns} · eager {NOT_APPLICABLE}", turns]
    if "resumes" in snapshot.marks.absent:
        return [f"Turn state · {turns} · {eager_ends}", f"{turns} · {eager_ends}", turns]
    return [
        f"Turn state · {turns} · {eager_ends} · {resumes} · {share} confirmed",
        f"{turns} · {eager_ends} · {resumes} · {share} confirmed",
        f"{turns} · {counts.eager_ends} eager · {resumes} · {share} ok",
        f"{turns} · {counts.eager_ends} eager · {counts.resumes} res",
        turns,
    ]


def sentences(snapshot: Snapshot) -> list[Content]:
    """Return the last transition, and the violations of the protocol."""
    return [_last_transition(snapshot), _violations(snapshot)]


def _last_transition(snapshot: Snapshot) -> Content:
    transition = snapshot.transition
    outage = snapshot.outages[-1] if snapshot.outages else None
    if outage is not None and (transition is None or outage.end is None or outage.end >= transition.at):
        return _outage_line(outage, running=snapshot.running)
    if transition is None:
        return Content.assemble(("  no turn yet", ".faint"))
    turn = transition.turn
    last = snapshot.finished[-1] if snapshot.finished else None
    words = {
        "start": f"▸ turn {turn} started",
        "eager_end": f"◐ eager end: turn {turn} may be over",
        "resume": f"↺ resumed: false alarm, turn {turn} continues",
        "end": f"■ turn {turn} ended",
    }[transition.name]
    if transition.name == "end" and last is not None and last.metrics.eot_latency is not None:
        words += f" {milliseconds(last.metrics.eot_latency)} ms after speech stopped"
    elif transition.name == "end" and last is not None and last.metrics.end_reason == "closed":
        words += ", closed by us"
    if flashing(snapshot):
        return Content.assemble(" ", lit(f" {words} ", ".flash"))
    return Content.assemble((f"  {words}", ".label"))


def _outage_line(outage: Outage, *, running: bool) -> Content:
    """Return why the state is unknown, or was."""
    reason = f": {beginning(outage.reason)}" if outage.reason else ""
    if outage.end is None:
        return Content.assemble((f"  ◈ no connection, state unknown{reason}", ".warn"))
    if not running:
        return Content.assemble((f"  ◇ the connection was lost{reason}", ".label"))
    return Content.assemble((f"  ◆ connected again after {lasting(outage.end - outage.start)}{reason}", ".label"))


def _violations(snapshot: Snapshot) -> Content:
    number = snapshot.counts.violations
    if not number:
        unknown = snapshot.counts.unknown_events
        what = f" · {plural(unknown, 'message')} of unknown type, last {beginning(snapshot.unknown)}" if unknown else ""
        return Content.assemble((f"  ✓ no violations of the protocol{what}", ".faint"))
    newest = snapshot.violations[-1] if snapshot.violations else None
    what = f", last {beginning(newest.rule)}: {beginning(newest.detail)}" if newest else ""
    return Content.assemble((f"  ✗ {plural(number, 'violation')}{what}", ".bad"))
