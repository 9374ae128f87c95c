"""What a sweep will do, written down before it begins: it goes on by that alone."""

from pathlib import Path
from typing import Annotated, Final

import msgspec

from stt_monitor import __version__
from stt_monitor.audio.references.labelled_turns import LabelledSpan
from stt_monitor.audio.sample import SAMPLE, SAMPLE_NAME
from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.sound.arms import parse_chain
from stt_monitor.core.sweep.grid import Cell, cells
from stt_monitor.recording.folders import source_word
from stt_monitor.services import registry

FORMAT: Final = 1
"""Format version of a plan and of what is written beside it."""

MOST_REPETITIONS: Final = 1000

LOCAL: Final = "local"
"""Value of `SweepPlan.place`: the local server."""
VENDOR: Final = "vendor"
"""The same for the vendor's own service; anything else is an address."""


class PlannedRecording(msgspec.Struct, frozen=True):
    """A recording, and the speech in it: sought once, in the clean sound."""

    path: str
    """Absolute."""
    seconds: Annotated[float, msgspec.Meta(gt=0, le=1e9)]
    audio_id: str
    """What tells its audio from other audio (`audio/identity.py`)."""
    reference: str
    """Source of reference speech: `vad`, `labels`, or `none`."""
    speech: tuple[LabelledSpan, ...] = ()
    detected: tuple[LabelledSpan, ...] | None = None
    """What the speech detector hears in it; None where its weights are missing."""

    @property
    def name(self) -> str:
        """File name, or that of the bundled sample. Not sanitized."""
        path = Path(self.path)
        return SAMPLE_NAME if path == SAMPLE else path.name


class SweepPlan(msgspec.Struct, frozen=True):
    """All cells of a sweep, and what they have in common."""

    service: str
    """Name of the service."""
    place: str
    """Where it is: `LOCAL`, `VENDOR`, or an address without credentials and query."""
    settings: Settings
    """What all cells ask for; `turn` is what each has beside its own."""
    grid: Annotated[tuple[TurnSettings, ...], msgspec.Meta(min_length=1)]
    """Turn settings to measure."""
    recordings: Annotated[tuple[PlannedRecording, ...], msgspec.Meta(min_length=1)]
    arms: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("",)
    """How the sound is degraded, in the words of `--degrade`; empty for the clean sound."""
    repetitions: Annotated[int, msgspec.Meta(ge=1, le=MOST_REPETITIONS)] = 1
    chunk_ms: Annotated[int, msgspec.Meta(ge=10, le=1000)] = 100
    channel: str = "mix"
    is_address_whole: bool = True
    """Whether `place` is all of the address that was given."""
    left_out: str = ""
    """Combinations that the service would refuse, in a sentence; empty without any."""
    form: int = FORMAT
    program: str = f"stt-monitor {__version__}"

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells; one is known by its number, its place here."""
        return cells(self.grid, [each.path for each in self.recordings], self.arms, self.repetitions)

    @property
    def by_path(self) -> dict[str, PlannedRecording]:
        """The recordings, as cells name them."""
        return {each.path: each for each in self.recordings}

    def asked(self, cell: Cell) -> Settings:
        """Return what a cell asks the service for."""
        return msgspec.structs.replace(self.settings, turn=TurnSettings(self.settings.turn | cell.settings))


def problem_of(plan: SweepPlan) -> str:
    """Say why this program cannot have made a plan, in a few words; empty if it can."""
    if plan.service not in registry.NAMES:
        return f"no service is called {plan.service}"
    schema = registry.service(plan.service).schema_of(plan.settings.model)
    for name, value in {pair for each in (plan.settings.turn, *plan.grid) for pair in each.items()}:
        if name not in schema.names:
            return f"no setting is called {name}"
        if problem := schema.range_problem(name, value):
            return f"{name} is {value:g}: {problem}"
    try:
        for arm in plan.arms:
            parse_chain(arm)
    except InputError as error:
        return str(error)
    return ""


def folder_name(number: int, cell: Cell) -> str:
    """Return the name of the folder in which a cell is saved, by its number in the plan."""
    return f"{number + 1:04}_{source_word(cell.recording)}".rstrip("_")


_WORDS: Final = {
    "service": "another service",
    "settings": "another model or other settings",
    "grid": "other values of --set",
    "arms": "other --degrade",
    "repetitions": "another --repeat",
    "chunk_ms": "another --chunk-ms",
    "channel": "another --channel",
}


def differences(saved: SweepPlan, wanted: SweepPlan) -> list[str]:
    """Say in what two plans differ, in words for what `saved` has; an address may change, a kind of place may not."""
    found = [words for name, words in _WORDS.items() if getattr(saved, name) != getattr(wanted, name)]
    if kind_of(saved.place) != kind_of(wanted.place):
        found.append("another place of the service")
    if [each.audio_id for each in saved.recordings] != [each.audio_id for each in wanted.recordings]:
        found.append("other recordings")
    elif [(each.reference, each.speech) for each in saved.recordings] != [
        (each.reference, each.speech) for each in wanted.recordings
    ]:
        found.append("other labels")
    return found


def kind_of(place: str) -> str:
    """Return `LOCAL`, `VENDOR`, or that it is some address."""
    return place if place in (LOCAL, VENDOR) else "address"
