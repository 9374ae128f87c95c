"""The result of a sweep, from what its folder says of its cells."""

from stt_monitor.core.local_server import LOCAL_SERVER, MODEL, with_protocol
from stt_monitor.core.sweep.compose import About, compose
from stt_monitor.core.sweep.result import SweepResult
from stt_monitor.services import registry
from stt_monitor.sweep.folder import SweepFolder
from stt_monitor.sweep.plan import LOCAL, SweepPlan


def result_of(folder: SweepFolder, budget: float | None, *, resampled: bool = True) -> SweepResult:
    """Make the result of the cells that are over.

    Args:
        folder: of the sweep.
        budget: share of turns that may be cut off, 0 to 1; None: nothing is recommended.
        resampled: whether to find intervals, which take a second or more.
    """
    plan, runs = folder.plan, folder.runs
    cells = folder.cells
    detected = {
        each.path: [(span.onset, span.end) for span in each.detected]
        for each in plan.recordings
        if each.detected is not None
    }
    return compose(
        _about(plan, budget),
        cells,
        {cells[number]: run.outcome for number, run in runs.items() if run.outcome is not None and run.counts},
        why_missing={cells[number]: run.problem for number, run in runs.items() if not run.counts},
        detected=detected if len(detected) == len(plan.recordings) else None,
        resampled=resampled,
    )


def _about(plan: SweepPlan, budget: float | None) -> About:
    service = registry.service(plan.service)
    is_local = plan.place == LOCAL
    return About(
        with_protocol(LOCAL_SERVER, service.title) if is_local else service.title,
        MODEL if is_local else plan.settings.model,
        service.schema_of(plan.settings.model),
        budget,
        plan.left_out,
    )
