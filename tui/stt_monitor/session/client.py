"""One session: sound to the service, events back, both into the core. Knows no screen."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.audio.declared_rate import RateCheck
from stt_monitor.audio.sources.source import Source
from stt_monitor.core import commands
from stt_monitor.core.errors import UserError
from stt_monitor.core.journal import Failed, Quieted
from stt_monitor.core.listeners import Listeners
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.base import Service
from stt_monitor.session.audio_sender import AudioSender
from stt_monitor.session.exchange import FLUSH_S
from stt_monitor.session.first_record import first_record
from stt_monitor.session.journal_writer import JournalWriter
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.reconnecting import Reconnecting
from stt_monitor.session.sources import Reference
from stt_monitor.session.stop_signal import StopSignal
from stt_monitor.session.tuning import Tuning
from stt_monitor.session.vad_task import run_vad
from stt_monitor.system.clock import Clock, Instant
from stt_monitor.transport.address import Address
from stt_monitor.transport.connection import ServiceConnection

if TYPE_CHECKING:
    from stt_monitor.audio.vad.agent import AgentEar

SNAPSHOT_INTERVAL_S: Final = 0.05


class Session:
    """Runs source → websocket → core, once. All of it, `send` included, belongs to one event loop."""

    def __init__(
        self,
        source: Source,
        reference: Reference,
        find_service: Callable[[], Awaitable[Address]],
        settings: Settings,
        listeners: Listeners,
        *,
        service: Service,
        chunk_ms: int,
        clock: Clock = time.monotonic,
        began: Instant | None = None,
        ticks: bool = True,
        audio_id: str = "",
        rate_check: RateCheck | None = None,
        warning: str = "",
    ) -> None:
        """Prepare a session; nothing happens before `run`.

        Args:
            source: the sound; it paces itself.
            reference: finds reference speech in what is sent.
            find_service: where to connect to; asked anew for every attempt, for a local server that has died is
                started again by it, at another address. Raises UserError.
            settings: what is asked of the service.
            listeners: who is told what happens.
            service: what is spoken there.
            chunk_ms: audio per frame, milliseconds; for the record.
            clock: tells the time; the source and the event loop have the same.
            began: when the session began, for several on the same audio; None: now.
            ticks: whether it shows itself 20 times a second; else its owner does.
            audio_id: what tells the audio from other audio; empty where nothing does.
            rate_check: listens whether the sample rate can be right; None: nobody does.
            warning: what looks wrong with the source, in a sentence; empty if nothing does.
        """
        self._source = source
        self._finder = reference.finder
        self._rate_check = rate_check
        self._ear = _ear(source)
        self._given_warning = warning
        settings = msgspec.structs.replace(settings, model=settings.model or service.model)
        self._find_service = find_service
        self._settings = settings
        self._clock = clock
        self._ticks = ticks
        self._stop = StopSignal(clock)
        dialect = service.dialect(settings)
        began = began or Instant.now(clock)
        self._log = JournalWriter(
            first_record(
                source,
                service,
                settings,
                reference.name,
                began.wall,
                chunk_ms=chunk_ms,
                audio_id=audio_id,
                with_agent=self._ear is not None,
            ),
            dialect,
            source.duration,
            listeners,
            began=began.at,
            clock=clock,
        )
        self._monitor = self._log.monitor
        takes_changes = service.configure is not None
        self._tuning = Tuning(dialect, settings.turn, self._log, takes_changes=takes_changes)
        self._sender = AudioSender(
            source,
            self._log.append,
            self._log.sent_audio,
            self._log.began,
            clock,
            catch_up_speed=service.catch_up_speed,
            least_ms=service.chunk_ms[0],
        )
        self._line = Reconnecting(self._open, self._sender, self._log, self._stop, self._tuning)

    def send(self, command: commands.Command) -> None:
        """Carry out a command, in the session's event loop; shows an error if a live session cannot."""
        match command:
            case commands.Stop():
                self._end()
            case commands.RetryNow():
                self._line.retry_now()
            case commands.Mute(on):
                self._mute(on=on)
            case commands.Tune(turn):
                self._tune(turn)
            case _:
                self.complain(commands.NOT_SAVED)

    def tick(self) -> None:
        """Journal the health of the session, and show it; for its owner to call where sessions tick together."""
        if self._log.is_open and not self._monitor.over:
            self._sender.report()
            self._log.check_recording()
            self._log.show()

    @property
    def wanted_turn(self) -> TurnSettings:
        """The turn settings that the user asked for last, unless the service refused them."""
        return self._tuning.wanted

    @property
    def source_kind(self) -> SourceKind:
        """Kind of the audio source."""
        return self._source.kind

    def _end(self) -> None:
        """Stop the audio, send `close`, wait up to `QUIT_S` for the last events."""
        if self._stop.set():
            self._source.stop()

    def _mute(self, *, on: bool) -> None:
        """Send silence instead of audio, or audio again; a file pauses meanwhile."""
        if on is not self._source.quiet and not self._monitor.over:
            self._source.set_quiet(quiet=on)
            if self._log.is_open:
                self._log.append(Quieted(self._log.now(), on))
                self._log.show()

    def _tune(self, turn: TurnSettings) -> None:
        if problem := self._tuning.change(turn):
            self.complain(problem)

    def complain(self, sentence: str) -> None:
        """Show the user an error; the session goes on."""
        self._log.complain(sentence)

    async def run(self) -> Outcome:
        """Run the session to its end; failures are in the outcome, the records and the snapshots."""
        self._log.open()
        if self._source.quiet:
            self._log.append(Quieted(self._log.now(), quiet=True))
        if self._given_warning:
            self._log.append(Failed(self._log.now(), self._given_warning, warning=True))
        try:
            outcome = await self._run()
        finally:
            await self._source.aclose()
            if self._log.is_kept:
                await asyncio.to_thread(self._log.close)
        if lost := self._log.check_closed_recording():
            said = (outcome.sentence, f"recording stopped: {lost}")
            outcome = msgspec.structs.replace(outcome, sentence="; ".join(filter(None, said)))
        return outcome

    async def _run(self) -> Outcome:
        log = self._log
        ticker = asyncio.create_task(self._tick()) if self._ticks else None
        vad = asyncio.create_task(
            run_vad(self._sender.sent_data, self._finder, log.append, log.now, check=self._rate_check, ear=self._ear)
        )
        try:
            outcome = await self._line.run()
        except UserError as error:
            outcome = Outcome(error.exit_code, str(error))
        finally:
            await self._line.stop_sending()
            self._sender.finish()
            await asyncio.wait({vad}, timeout=FLUSH_S)
            vad.cancel()
            if ticker is not None:
                ticker.cancel()
        self._sender.report()
        log.finish(outcome.sentence, failed=outcome.exit_code != 0)
        if vad.done() and not vad.cancelled():
            vad.result()  # the detector may have failed, which is a bug: the session went on all the same
        return outcome

    async def _open(self) -> ServiceConnection:
        address = await self._find_service()
        self._log.address(address.shown, local=address.local)
        fmt = self._source.format
        settings = msgspec.structs.replace(self._settings, turn=self._tuning.connection_begins())
        request = address.request(settings, fmt.encoding.value, fmt.sample_rate)
        return await ServiceConnection.open(address, request, self._log.passed, clock=self._clock)

    async def _tick(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(SNAPSHOT_INTERVAL_S)


def _ear(source: Source) -> "AgentEar | None":
    """Return what hears the agent of a source; None without one."""
    if not source.agent:
        return None
    from stt_monitor.audio.vad.agent import make_ear  # half a megabyte that few sessions need

    return make_ear(source.format)
