"""Runs one cell: a session in real time, saved like any other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from stt_monitor.audio.degrade.source import lateness
from stt_monitor.audio.references.labels import LabelledSpeech
from stt_monitor.audio.sources.file_source import Degraded
from stt_monitor.audio.sources.held_sound import HeldSound
from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.listeners import Listeners, Observer, ignore
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import Arm
from stt_monitor.session.client import Session
from stt_monitor.session.outcome import Outcome, outcome_of
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.session.sources import Reference
from stt_monitor.sweep.plan import PlannedRecording
from stt_monitor.sweep.spread_source import SpreadSource
from stt_monitor.system.clock import Clock

TICK_S: Final = 1.0
"""How often a cell shows how far it is."""


class CellEnd(NamedTuple):
    """How a cell ended."""

    outcome: Outcome
    snapshot: Snapshot | None = None
    """The last one of its session; None if there was none."""
    stopped: bool = False
    """Whether it was stopped before its end."""
    waited: bool = True
    """Whether a busy service was given its time."""
    unsaved: str = ""
    """Why its session is not saved, or not all of it, in a sentence; empty if it is."""

    @property
    def heard(self) -> bool:
        """Whether the service took part: it got audio."""
        return self.snapshot is not None and self.snapshot.health.audio_sent_s > 0


class CellSession:
    """One cell's session. For use inside the event loop."""

    def __init__(
        self,
        setup: ServiceSetup,
        settings: Settings,
        sound: HeldSound,
        *,
        arms: Sequence[Arm],
        recording: PlannedRecording,
        observer: Observer,
        chunk_ms: int,
        phase: float,
        clock: Clock,
        on_change: Callable[[], None],
        may_wait: Callable[[], bool],
    ) -> None:
        """Prepare.

        Args:
            setup: finds the service.
            settings: those requested.
            sound: is played.
            arms: have degraded it.
            recording: has the speech in it.
            observer: keeps the session.
            chunk_ms: audio per frame, milliseconds.
            phase: share of a chunk at which it begins to play.
            clock: tells the time.
            on_change: called when there is more to see.
            may_wait: whether it may wait for a busy service, before that has heard anything.
        """
        self.last: Snapshot | None = None
        """Its newest snapshot."""
        self._on_change = on_change
        self._may_wait = may_wait
        self._refused: Outcome | None = None
        self._is_stopped = False
        degraded = None
        if arms:  # the speech is known: nobody listens to the clean sound
            degraded = Degraded(tuple(arm.name for arm in arms), sound.play(), lateness(arms))
        source = SpreadSource(sound.play(), chunk_ms=chunk_ms, clock=clock, phase=phase, degraded=degraded)
        finder = None
        if recording.reference != "none":
            finder = LabelledSpeech(source.format, list(recording.speech))
        self._session = Session(
            source,
            Reference(recording.reference, finder),
            setup.find,
            settings,
            Listeners(ignore, self._see, observer=observer),
            service=setup.speaks,
            chunk_ms=chunk_ms,
            clock=clock,
            audio_id=recording.audio_id,
            ticks=False,
        )

    async def run(self) -> CellEnd:
        """Run it to its end."""
        ticking = asyncio.create_task(self._tick())
        try:
            outcome = await self._session.run()
        except Exception as error:  # noqa: BLE001  whatever it is, the other cells go on
            outcome = outcome_of(error)
        finally:
            ticking.cancel()
        return CellEnd(self._refused or outcome, self.last, stopped=self._is_stopped, waited=self._refused is None)

    def stop(self) -> None:
        """End it in order."""
        self._is_stopped = True
        self._session.send(Stop())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._session.tick()

    def _see(self, snapshot: Snapshot) -> None:
        self.last = snapshot
        self._on_change()
        retry = snapshot.retry
        # A service that is busy is asked again after some time, without a limit on attempts (`Retry.attempts`).
        is_busy = retry is not None and retry.attempts is None and not snapshot.health.audio_sent_s
        if retry is not None and is_busy and self._refused is None and not self._may_wait():
            self._refused = Outcome(ServiceUnavailableError.exit_code, retry.reason, busy=True)
            asyncio.get_running_loop().call_soon(self._session.send, Stop())
