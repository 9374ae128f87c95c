"""Sessions on a thread and event loop of their own: a stuck terminal delays nothing but the screen (design 2)."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from stt_monitor.core.errors import BugError, ServiceUnavailableError, UserError
from stt_monitor.core.journal import Listeners
from stt_monitor.core.records import Connection, Record, SessionRecord
from stt_monitor.core.session_options import Available, ServiceChoice, SourceChoice, SourceKind
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame

if TYPE_CHECKING:
    from stt_monitor.core.metrics.batch import Playlist
    from stt_monitor.session.client import Outcome, Session
    from stt_monitor.session.factory import SessionFactory
    from stt_monitor.session.sources import Sound

CLOSE_TIMEOUT_S: Final = 4.0
"""The program waits no longer than this for its last session; the session itself takes two seconds at most."""

T = TypeVar("T")


class SessionThread:
    """Runs sessions whenever it is told to. Methods return at once and may be called from any thread."""

    def __init__(self, maker: "SessionFactory") -> None:
        """Start the thread; a run has a session for each of the maker's sounds, one after another."""
        self._maker = maker
        self._on_record: Callable[[Record], None] = _ignore
        self._on_snapshot: Callable[[Snapshot], None] = _ignore
        self._on_outcome: Callable[[Outcome], None] = _ignore
        self._on_frame: Callable[[WireFrame], None] | None = None
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._running = False
        self._stopping = False
        self._renewing = False  # the run begins anew, with what was chosen meanwhile
        self._seen_over = False  # the run's last snapshot has been shown; a recording may still be written
        self._muted = False
        self._choosing: asyncio.Task[bool] | None = None
        self._offering: asyncio.Task[None] | None = None
        self._last: Snapshot | None = None
        self._thread = threading.Thread(target=self._serve, name="sessions", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether a run is going on, from `start` until its last snapshot."""
        return self._running

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next session will ask for."""
        return self._maker.turn_settings

    def subscribe(
        self,
        on_snapshot: Callable[[Snapshot], None] | None = None,
        *,
        on_record: Callable[[Record], None] | None = None,
        on_outcome: Callable[["Outcome"], None] | None = None,
        on_frame: Callable[[WireFrame], None] | None = None,
    ) -> None:
        """Have snapshots, records, outcomes and frames of the websocket handed to callbacks, on the sessions' thread.

        They must not block. Frames are handed out from the next session on.

        Every session has an outcome; the last one of a run is told with the gravest exit code of all.
        """
        self._on_snapshot = on_snapshot or self._on_snapshot
        self._on_record = on_record or self._on_record
        self._on_outcome = on_outcome or self._on_outcome
        self._on_frame = on_frame or self._on_frame

    def start(self) -> None:
        """Start a run; without effect while one is going on."""
        with self._lock:
            if self._running:
                self._loop.call_soon_threadsafe(self._begin_again)
                return
            self._running, self._stopping = True, False
        self._loop.call_soon_threadsafe(self._begin)

    def stop(self) -> None:
        """End the session in order, and with it the run. Without effect when none is going on."""
        self._loop.call_soon_threadsafe(self._stop)

    def retry_now(self) -> None:
        """Make the next attempt to connect at once. Without effect when none is waited for."""
        self._loop.call_soon_threadsafe(self._retry_now)

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause a file or mute what is live, or go on; without effect when no session is running.

        Who has muted a microphone finds it muted in the sessions that follow.
        """
        self._loop.call_soon_threadsafe(self._set_quiet, quiet)

    def configure(self, turn: TurnSettings) -> None:
        """Have these turn settings from now on, in a running session and in those that follow."""
        self._loop.call_soon_threadsafe(self._configure, turn)

    def choose_source(self, choice: SourceChoice) -> None:
        """Hear something else from the next session on, which begins by itself when one is running."""
        self._loop.call_soon_threadsafe(self._choose_source, choice)

    def choose_service(self, choice: ServiceChoice) -> None:
        """Use another service from the next session on, which begins by itself when one is running."""
        self._loop.call_soon_threadsafe(self._choose_service, choice)

    def offers(self, on_offers: Callable[[Available], None]) -> None:
        """Look for what can be chosen; `on_offers` is called on the sessions' thread."""
        self._loop.call_soon_threadsafe(self._offer, on_offers)

    def close(self) -> None:
        """End the session and the thread; waits for both, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        if not self._thread.is_alive():
            return
        self.stop()
        self._loop.call_soon_threadsafe(self._finish)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        looking = [task for task in (self._choosing, self._offering) if task is not None]
        for task in looking:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*looking, return_exceptions=True))
        self._loop.close()

    def _begin(self) -> None:
        self._seen_over = False
        self._task = self._loop.create_task(self._run())

    def _begin_again(self) -> None:
        """Begin when the present run, which looks over to who wants another, really is."""
        with self._lock:
            is_over, self._running = not self._running, True
        if is_over:
            self._stopping = False
            self._begin()
        elif self._seen_over:
            self._stopping, self._renewing, self._seen_over = False, True, False

    def _stop(self) -> None:
        self._stopping = True
        if self._session is not None:
            self._session.stop()

    def _retry_now(self) -> None:
        if self._session is not None:
            self._session.retry_now()

    def _set_quiet(self, quiet: bool) -> None:  # noqa: FBT001  loops pass positional arguments only
        if self._session is not None:
            self._session.set_quiet(quiet=quiet)
            if self._session.source_kind is SourceKind.MICROPHONE:
                self._muted = quiet

    def _configure(self, turn: TurnSettings) -> None:
        if problem := turn.problem():
            self._complain(problem)
            return
        self._maker.tune(turn)
        if self._session is not None:
            self._session.configure(turn)
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, settings=turn))

    def _choose_source(self, choice: SourceChoice) -> None:
        if self._choosing is not None:
            self._choosing.cancel()
        self._choosing = self._loop.create_task(self._find(choice))

    async def _find(self, choice: SourceChoice) -> bool:
        """Hear something else, if it can be had; returns whether it can."""
        try:
            self._maker.sounds = await self._aside(partial(self._maker.find_sounds, choice))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            self._complain(_sentence(error))
            return False
        self._renew()
        return True

    def _offer(self, on_offers: Callable[[Available], None]) -> None:
        async def look() -> None:
            on_offers(await self._aside(self._maker.offers))

        self._offering = self._loop.create_task(look())

    def _choose_service(self, choice: ServiceChoice) -> None:
        try:
            self._maker.choose_service(choice)
        except UserError as error:
            self._complain(str(error))
        else:
            self._renew()

    def _renew(self) -> None:
        if self._session is not None and not self._stopping:
            self._renewing = True
            self._session.stop()

    def _complain(self, sentence: str) -> None:
        """Show a sentence about something that could not be done; what is on the screen stays."""
        if self._session is not None:
            self._session.complain(sentence)
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, error=sentence))
        else:
            self._show(_failed(_nothing(), sentence))

    def _show(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._seen_over = not snapshot.running
        self._on_snapshot(snapshot)

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do what takes its time on a thread of its own, which at exit nobody waits for."""
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def do() -> None:
            done.set_running_or_notify_cancel()  # from now on it has a result, though nobody may want it
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001  it is raised where the result is awaited
                done.set_exception(error)

        threading.Thread(target=do, name="looking", daemon=True).start()
        return await asyncio.wrap_future(done)

    def _finish(self) -> None:
        if self._task is None or self._task.done():
            self._loop.stop()
        else:
            self._task.add_done_callback(lambda _: self._loop.stop())

    async def _run(self) -> None:
        """Have a run, and another when something else is chosen meanwhile."""
        from stt_monitor.session.client import Outcome  # loads numpy and websockets: after the first paint

        outcome = Outcome()
        while await self._can_begin():
            self._renewing = False
            try:
                outcome = await self._run_all()
            except Exception as error:  # noqa: BLE001  who waits for the end of the run must get it
                outcome = _ended_by(error)
            if not self._renewing or self._stopping:
                break
            self._on_outcome(msgspec.structs.replace(outcome, more=True))
        self._running = False
        self._on_outcome(outcome)

    async def _can_begin(self) -> bool:
        """Wait for what was chosen just before, and is still being looked for; tell whether it was found."""
        found = True
        while (choosing := self._choosing) is not None and not choosing.done():
            await asyncio.wait({choosing})
            found = not choosing.cancelled() and choosing.result()  # cancelled: then there is a newer choice
        return found

    async def _run_all(self) -> "Outcome":
        """Have one session after another; one that finds no service, or is stopped, is the last."""
        from stt_monitor.core.metrics.batch import Playlist

        began = self._loop.time()
        sounds = self._maker.sounds
        playlist = Playlist(len(sounds))
        gravest = 0
        for number, sound in enumerate(sounds, 1):
            place = partial(self._place, playlist, number, last=number == len(sounds))
            before = self._last if number == 1 else None
            last, outcome = await self._run_one(sound, place, before)
            playlist.over(last)
            gravest = max(gravest, outcome.exit_code)
            ended = self._stopping or self._renewing or outcome.exit_code == ServiceUnavailableError.exit_code
            if ended or number == len(sounds):
                break
            self._on_outcome(msgspec.structs.replace(outcome, more=True))
        if len(sounds) > 1:
            self._show(playlist.shown(last, playing=number, going_on=self._goes_on))
            self._on_record(playlist.total(self._loop.time() - began))
        return msgspec.structs.replace(outcome, exit_code=gravest)

    @property
    def _goes_on(self) -> bool:
        """Whether another run follows."""
        return self._renewing and not self._stopping

    def _place(self, playlist: "Playlist", number: int, snapshot: Snapshot, *, last: bool) -> Snapshot:
        return playlist.shown(snapshot, playing=number, going_on=self._goes_on or not last)

    async def _run_one(
        self, sound: "Sound", place: Callable[[Snapshot], Snapshot], before: Snapshot | None
    ) -> tuple[Snapshot, "Outcome"]:
        """Run one session.

        Args:
            sound: what is heard.
            place: puts the session's snapshots into their place in the run.
            before: what stays on the screen should the session not come about.

        Returns:
            Its last snapshot, and how it ended.
        """
        last = nothing = _nothing()

        def show(snapshot: Snapshot) -> None:
            nonlocal last
            last = snapshot
            self._show(place(snapshot))

        try:
            listeners = Listeners(self._on_record, show, self._on_frame)
            # Aside, for a service may take its time to speak a sentence, or ask for patience.
            session = self._session = await self._aside(partial(self._maker.make, sound, listeners))
            if self._muted and session.source_kind is SourceKind.MICROPHONE:
                session.set_quiet(quiet=True)
            if self._stopping:
                session.stop()
            outcome = await session.run()
            self._maker.tune(session.wanted_turn)
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            outcome = _ended_by(error)
            pictured = before if last is nothing and before is not None else last
            last = _failed(last, outcome.sentence)
            self._show(place(_failed(pictured, outcome.sentence)))
        finally:
            self._session = None
        return last, outcome


def _sentence(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    from stt_monitor.system.bugs import told  # only now that something went wrong

    return told(error)


def _ended_by(error: Exception) -> "Outcome":
    """Say how a session ended that an exception has ended."""
    from stt_monitor.session.client import Outcome  # loads numpy and websockets: after the first paint

    return Outcome(error.exit_code if isinstance(error, UserError) else BugError.exit_code, _sentence(error))


def _nothing() -> Snapshot:
    """Picture a session that has not even begun."""
    from stt_monitor.core.monitor import Monitor  # here and above: not before the first paint

    unknown = SessionRecord(
        started_at="", source="", url="", model="", encoding="", sample_rate=0, chunk_ms=0,
        settings=Settings(), reference="none",
    )  # fmt: skip
    return Monitor(unknown).snapshot(0.0, running=False)


def _failed(snapshot: Snapshot, sentence: str) -> Snapshot:
    """Picture a session as over, for a reason that the user should read."""
    return msgspec.structs.replace(
        snapshot, connection=Connection.CLOSED, detail=sentence, retry=None, running=False, error=sentence
    )


def _ignore(_: object) -> None:
    """Nobody listens."""
