"""Sessions on a thread and event loop of their own: a stuck terminal delays nothing but the screen (design 2)."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.playlist import Playlist
from stt_monitor.core.records import Connection, Record, SessionRecord
from stt_monitor.core.settings import Settings
from stt_monitor.core.snapshot import Snapshot

if TYPE_CHECKING:
    from stt_monitor.session import Outcome, Session

CLOSE_TIMEOUT_S: Final = 4.0
"""The program waits no longer than this for its last session; the session itself takes two seconds at most."""

Prepare = Callable[[Callable[[Record], None], Callable[[Snapshot], None]], "Session"]
"""Makes a session that reports to the two callbacks. Raises UserError when it cannot, say because a file is gone."""


class SessionRunner:
    """Runs sessions whenever it is told to. Methods return at once and may be called from any thread."""

    def __init__(self, *prepare: Prepare) -> None:
        """Start the thread.

        Args:
            prepare: makes a session, on that thread, so it may take its time. Given several, a run has one session of
                each, one after another.
        """
        self._prepare = prepare
        self._on_record: Callable[[Record], None] = _ignore
        self._on_snapshot: Callable[[Snapshot], None] = _ignore
        self._on_outcome: Callable[[Outcome], None] = _ignore
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._running = False
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="sessions", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether a run is going on, from `start` until its last snapshot."""
        return self._running

    def subscribe(
        self,
        on_snapshot: Callable[[Snapshot], None] | None = None,
        *,
        on_record: Callable[[Record], None] | None = None,
        on_outcome: Callable[["Outcome"], None] | None = None,
    ) -> None:
        """Have snapshots, records and outcomes handed to callbacks, on the sessions' thread. They must not block.

        Every session has an outcome; the last one of a run is told with the gravest exit code of all.
        """
        self._on_snapshot = on_snapshot or self._on_snapshot
        self._on_record = on_record or self._on_record
        self._on_outcome = on_outcome or self._on_outcome

    def start(self) -> None:
        """Start a run; without effect while one is going on."""
        with self._lock:
            if self._running:
                return
            self._running, self._stopping = True, False
        self._loop.call_soon_threadsafe(self._begin)

    def stop(self) -> None:
        """End the session in order, and with it the run. Without effect when none is going on."""
        self._loop.call_soon_threadsafe(self._stop)

    def retry_now(self) -> None:
        """Make the next attempt to connect at once. Without effect when none is waited for."""
        self._loop.call_soon_threadsafe(self._retry_now)

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
        self._loop.close()

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._run())

    def _stop(self) -> None:
        self._stopping = True
        if self._session is not None:
            self._session.stop()

    def _retry_now(self) -> None:
        if self._session is not None:
            self._session.retry_now()

    def _finish(self) -> None:
        if self._task is None or self._task.done():
            self._loop.stop()
        else:
            self._task.add_done_callback(lambda _: self._loop.stop())

    async def _run(self) -> None:
        """Have one session after another; one that finds no service, or is stopped, is the last."""
        began = self._loop.time()
        playlist = Playlist(len(self._prepare))
        gravest = 0
        last = _failure("")
        for number, prepare in enumerate(self._prepare, 1):
            shown = partial(playlist.shown, playing=number)
            last, outcome = await self._run_one(prepare, partial(shown, going_on=number < len(self._prepare)))
            playlist.over(last)
            gravest = max(gravest, outcome.exit_code)
            if self._stopping or outcome.exit_code == ServiceUnavailableError.exit_code or number == len(self._prepare):
                break
            self._on_outcome(msgspec.structs.replace(outcome, more=True))
        if len(self._prepare) > 1:
            self._on_snapshot(shown(last, going_on=False))
            self._on_record(playlist.total(self._loop.time() - began))
        self._running = False
        self._on_outcome(msgspec.structs.replace(outcome, exit_code=gravest))

    async def _run_one(self, prepare: Prepare, shown: Callable[[Snapshot], Snapshot]) -> tuple[Snapshot, "Outcome"]:
        """Run one session; returns its last snapshot, and how it ended."""
        from stt_monitor.session import Outcome  # loads numpy and websockets: after the first paint

        last = _failure("")

        def show(snapshot: Snapshot) -> None:
            nonlocal last
            last = snapshot
            self._on_snapshot(shown(snapshot))

        try:
            self._session = prepare(self._on_record, show)
            if self._stopping:
                self._session.stop()
            outcome = await self._session.run()
        except UserError as error:
            outcome = Outcome(error.exit_code, str(error))
            show(_failure(outcome.sentence))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            outcome = Outcome(1, f"the session failed, which is a bug of stt-monitor: {type(error).__name__}: {error}")
            show(_failure(outcome.sentence))
        finally:
            self._session = None
        return last, outcome


def _failure(sentence: str) -> Snapshot:
    """Picture a session that could not even begin."""
    nothing = SessionRecord(
        started_at="", source="", url="", model="", encoding="", sample_rate=0, chunk_ms=0,
        settings=Settings(), reference="none",
    )  # fmt: skip
    monitor = Monitor(nothing)
    monitor.connection(Connection.CLOSED, sentence, 0.0)
    monitor.failed(sentence)
    return monitor.snapshot(0.0, running=False)


def _ignore(_: object) -> None:
    """Nobody listens."""
