"""The result of a sweep: all that its outputs and the screen show. Pure values; `compose` makes them."""

from enum import Enum

import msgspec

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.sweep.grid import Cell


class Figure(msgspec.Struct, frozen=True):
    """A figure of a setting."""

    value: float | None = None
    """Seconds, or a share from 0 to 1; None without data."""
    interval: Interval | None = None
    """By bootstrap over true turns, the same for all settings; None with too few."""
    n: int = 0
    """What it is of: turns, pauses, or eager ends."""


class Figures(msgspec.Struct, frozen=True):
    """What a setting did with some true turns."""

    turns: int = 0
    """True turns that count, once per repetition and arm."""
    eot_p50: Figure = Figure()
    """From the end of speech to `turn.end`; a turn that never ended is infinitely late."""
    eot_p90: Figure = Figure()
    cut_turns: Figure = Figure()
    """Share of turns that were ended before their end."""
    cut_pauses: Figure = Figure()
    """Share of pauses inside turns on which an end fell."""
    missed: Figure = Figure()
    """Share of turns that the service missed."""
    not_ended: Figure = Figure()
    """Share of turns that it detected, but did not end before the next one."""
    eager_precision: Figure = Figure()
    """Share of eager ends that were confirmed, of those confirmed or taken back."""
    eager_lead: Figure = Figure()
    """Median head start of an early reply."""
    wasted_replies: Figure = Figure()
    """Early replies for nothing, per turn; no value without any eager end."""
    left_out: dict[str, int] = {}
    """True turns that are in no figure of ends, by why: `first`, or the `standing` of the turn."""


class WorstTurn(msgspec.Struct, frozen=True):
    """A turn worth a look."""

    recording: str
    arm: str
    repetition: int
    position: float
    """Where its speech begins, seconds of audio."""
    what: str
    """What went wrong, in words."""
    text: str
    """The transcript, verbatim."""


class MissingCell(msgspec.Struct, frozen=True):
    """A cell without an outcome."""

    cell: Cell
    label: str
    """Its settings in words."""
    why: str


class SettingResult(msgspec.Struct, frozen=True):
    """A setting, and what it did."""

    settings: TurnSettings
    label: str
    """In words."""
    options: str
    """The options of the command line that ask for it; empty for the service's defaults."""
    figures: Figures
    """Over all of its own turns."""
    compared: Figures | None = None
    """Over the turns that all settings have; None where it lacks most of them."""
    ahead_of_silence: float | None = None
    """Seconds that its median end is sooner than that of a plain detector that cuts off no more turns; negative: later;
    None without such a detector."""
    on_front: bool = False
    """Whether no other setting is faster with as few cut-offs, or as fast with fewer."""
    cells: int = 0
    """Cells that have an outcome."""
    missing: int = 0
    """Cells that have none."""
    worst: tuple[WorstTurn, ...] = ()

    @property
    def shown(self) -> Figures:
        """Its figures to show: over the turns that all settings have, else over its own."""
        return self.figures if self.compared is None else self.compared


class OperatingPoint(msgspec.Struct, frozen=True):
    """The best policy within a limit, as the field measures it."""

    label: str
    """The setting, in words."""
    action_delay: float
    """Least silence before a reply, seconds."""
    timeout: float
    """Silence that forces a reply, seconds."""
    cutoffs: Figure
    """Share of pauses on which it would reply."""
    latency: Figure
    """Mean time from the true end to the reply, seconds."""


class OperatingPoints(msgspec.Struct, frozen=True):
    """The figures that the field compares itself by; None: no policy reaches it."""

    cutoffs_at_300_ms: OperatingPoint | None = None
    """Fewest false cut-offs with a mean latency of at most 300 ms."""
    cutoffs_at_600_ms: OperatingPoint | None = None
    latency_at_5_percent: OperatingPoint | None = None
    """Least mean latency with at most 5 % false cut-offs."""
    latency_at_10_percent: OperatingPoint | None = None


class FloorPoint(msgspec.Struct, frozen=True):
    """A plain detector that ends a turn after some silence."""

    silence: float
    """Seconds."""
    figures: Figures


class Verdict(Enum):
    """What can be said for a budget of false cut-offs."""

    RECOMMENDED = "recommended"
    CANNOT_TELL = "cannot tell"
    NONE_KEEPS = "no setting keeps it"


class Recommendation(msgspec.Struct, frozen=True):
    """Which setting to use for a budget, or why that cannot be said."""

    budget: float
    """Share of turns that may be cut off."""
    verdict: Verdict
    sentence: str
    """It in words."""
    label: str = ""
    """The recommended setting; else the one that comes nearest; empty without any."""
    options: str = ""
    """The options of the command line that ask for it."""
    needed: int | None = None
    """Further turns without a cut-off that would settle it; None where it is settled, or turns do not help."""

    @property
    def advice(self) -> str:
        """The options to use; empty where nothing is recommended."""
        return self.options if self.verdict is Verdict.RECOMMENDED else ""


class Part(msgspec.Struct, frozen=True):
    """The result under one arm, or under all of them."""

    name: str
    """The arm; `clean` without one; `all arms` for all of several."""
    settings: tuple[SettingResult, ...]
    """In the order of the grid."""
    turns: int
    """True turns that all compared settings have, once per repetition and arm."""
    points: OperatingPoints
    floor: tuple[FloorPoint, ...]
    floor_points: OperatingPoints
    recommendation: Recommendation | None = None
    """None without a budget."""


class SweepResult(msgspec.Struct, frozen=True):
    """All that outputs and screen show. Its texts are raw: escape or sanitize them."""

    service: str
    """Name for people; says so if the local server speaks for it."""
    model: str
    recordings: tuple[str, ...]
    arms: tuple[str, ...]
    repetitions: int
    cells: int
    """All cells of the plan."""
    exact: bool
    """Whether true turns are labelled; else a detector guesses them (`~`)."""
    parts: tuple[Part, ...]
    """All arms together first, where there are several."""
    missing: tuple[MissingCell, ...] = ()
    left_out: str = ""
    """Combinations that the service would refuse, in a sentence; empty without any."""
    fixed: str = ""
    """What all settings have, in words; their labels leave it out."""
    floor_by: str = ""
    """What the floor is made of: `detector`, or `labels`: the silences as labelled."""


class CellState(Enum):
    """What has become of a cell so far."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SLOW = "slow"
    """This machine or its network held it up: it is run again at the end."""
    FAILED = "failed"
    """It is run again at the end."""


class CellProgress(msgspec.Struct, frozen=True):
    """A cell and what has become of it."""

    cell: Cell
    state: CellState = CellState.WAITING
    played: float = 0.0
    """Share of its audio that is sent, 0 to 1."""
    folder: str = ""
    """Its saved session, once there is one."""
    note: str = ""
    """Why it failed or is run again, in a sentence."""


class SweepState(msgspec.Struct, frozen=True):
    """A sweep that is going on: all cells, and the result of those that are done."""

    cells: tuple[CellProgress, ...]
    parallel: int
    """Sessions at once."""
    seconds_left: float | None = None
    """Estimate; None while there is nothing to go by."""
    note: str = ""
    """What should be known of it now: that the service wants fewer sessions at once."""
    result: SweepResult | None = None
    """Of the cells that are done; None before the first."""
    source: str = ""
    """Name of the recording; empty where there are several. Not sanitized."""
    settled: bool = False
    """Whether nothing more comes: no session runs, and the result is that of all cells that are over, with its
    intervals."""

    def number(self, state: CellState) -> int:
        """Return how many cells are in a state."""
        return sum(each.state is state for each in self.cells)

    @property
    def over(self) -> bool:
        """Whether no cell waits or runs."""
        return not self.number(CellState.WAITING) and not self.number(CellState.RUNNING)
