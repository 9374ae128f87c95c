"""The screen under load: one of several programs that `screen.py` runs on a terminal, to measure them.

    python tests/benchmarks/screen_probe.py stream|beside|idle|delay|flood|resize RESULT

Each writes what it measured about itself to the file RESULT, as JSON, and leaves. Another one, `serve TURNS`, is a
service that says so many turns, at most a hundred a second, then goes on talking.
"""

import asyncio
import atexit
import gc
import json
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

os.environ["TEXTUAL_FPS"] = "120"  # as the program itself sets it, before Textual is imported

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import msgspec
from tests.support.lanes import Run
from tests.ui.scripted import Script, ScriptedController
from websockets.asyncio.server import ServerConnection, serve

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.key import Keys
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.records.lines import Record
from stt_monitor.core.session_options import UrlService
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason, Turn
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.factory import SessionFactory
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.session.sources import Reference, SessionInput, recording
from stt_monitor.session.thread import SessionThread
from stt_monitor.ui.app import MonitorApp

TURNS_BEHIND: Final = 10_000
SNAPSHOTS_PER_S: Final = 20
TEXTS_PER_S: Final = 10
FLOOD_PER_S: Final = 1000
STREAM_S: Final = 20.0
FLOOD_S: Final = 5.0
IDLE_S: Final = 10.0
WARM_UP_S: Final = 2.0
LOOKED_BACK_S: Final = 12.0
"""After so long nothing of the many turns is on the timeline."""
SETTLED_S: Final = 0.5
TICK_S: Final = 0.002
WORDS: Final = [
    "and",
    "so",
    "we",
    "went",
    "on",
    "talking",
    "about",
    "this",
    "and",
    "that",
    "until",
    "it",
    "was",
    "late",
]
STAMP: Final = re.compile(rb"#(\d{6})#")

Result = dict[str, float]


C = TypeVar("C", ScriptedController, "TappedRunner")


class Probe(Generic[C]):
    """The app, what it is fed, and what comes out of it."""

    def __init__(self, controller: C) -> None:
        self.controller: C = controller
        self.app = MonitorApp(self.controller)
        self.on_write: Callable[[bytes], None] = lambda data: None  # noqa: ARG005 - the terminal alone, until then

    def run(self, measure: Callable[["Probe[C]"], Result]) -> None:
        """Run the app, measure on a thread beside it, keep the result, leave."""

        def beside() -> None:
            while not self.controller.running:
                time.sleep(0.01)
            driver = self.app._driver
            assert driver is not None
            write = driver.write

            def tapped(data: str) -> None:
                write(data)
                self.on_write(data.encode())

            driver.write = tapped  # type: ignore[method-assign]  # to see when bytes leave
            result = measure(self)
            Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=beside, daemon=True).start()
        gc.freeze()  # as the program does
        self.app.run()


def paced(per_second: float, seconds: float, act: Callable[[int], object]) -> None:
    """Call `act` with 0, 1, 2 ... on an absolute schedule."""
    began = time.monotonic()
    for number in range(int(per_second * seconds)):
        act(number)
        time.sleep(max(0.0, began + (number + 1) / per_second - time.monotonic()))


def stream(probe: Probe[ScriptedController]) -> Result:
    """Measure the processor's share of 20 pictures a second, 10 of them with text."""
    return streamed(probe, talk(int((STREAM_S + WARM_UP_S) * SNAPSHOTS_PER_S)))


def beside(probe: Probe[ScriptedController]) -> Result:
    """Measure the same of three services side by side, with 10 texts a second of each."""
    return streamed(probe, talk_of_three(int((STREAM_S + WARM_UP_S) * SNAPSHOTS_PER_S)))


def streamed(probe: Probe[ScriptedController], snapshots: list[Snapshot]) -> Result:
    """Show snapshots at their pace, and measure once it is warm."""
    warm = int(WARM_UP_S * SNAPSHOTS_PER_S)
    paced(SNAPSHOTS_PER_S, WARM_UP_S, lambda number: probe.controller.show(snapshots[number]))
    spent, written = time.process_time(), [0]

    def count(data: bytes) -> None:
        written[0] += len(data)

    probe.on_write = count
    paced(SNAPSHOTS_PER_S, STREAM_S, lambda number: probe.controller.show(snapshots[warm + number]))
    return {"share": (time.process_time() - spent) / STREAM_S, "bytes_per_s": written[0] / STREAM_S}


def idle(probe: Probe[ScriptedController]) -> Result:
    """Measure the processor's share of a screen on which nothing happens: a session has ended."""
    script = Script().connect().turn(1, "Hello there my friend")
    script.running = False
    probe.controller.show(script.to(9).decided().snapshot())
    time.sleep(WARM_UP_S)
    spent = time.process_time()
    time.sleep(IDLE_S)
    return {"share": (time.process_time() - spent) / IDLE_S}


def delay(probe: "Probe[TappedRunner]") -> Result:
    """Measure from a frame's receipt to its bytes on the terminal, streaming, with many turns behind."""
    received: dict[int, float] = {}
    delays: list[float] = []

    def note(frame: WireFrame) -> None:
        stamp = STAMP.search((frame.text or "").encode()) if not frame.sent else None
        lanes = probe.controller._begin().runner._lanes  # its session knows when its clock began
        if stamp is not None and lanes and lanes[0].sessions:
            received[int(stamp[1])] = lanes[0].sessions[0]._log.began + frame.at

    def look(data: bytes) -> None:
        now = time.monotonic()
        began = [received.pop(int(stamp), None) for stamp in STAMP.findall(data)]
        delays.extend(now - at for at in began if at is not None)

    probe.controller.tap = note
    probe.on_write = look
    while probe.app._snapshot is None or len(probe.app._snapshot.finished) < TURNS_BEHIND:
        time.sleep(0.1)
    probe.app.call_from_thread(probe.app.simulate_key, "plus")  # ten seconds are seen: the many turns go by sooner
    time.sleep(LOOKED_BACK_S)
    delays.clear()
    received.clear()
    time.sleep(STREAM_S)
    cuts = statistics.quantiles(delays, n=20)
    lost = sum(time.monotonic() - at > SETTLED_S for at in received.values())
    return {"n": len(delays), "lost": lost, "p50": cuts[9], "p95": cuts[18], "max": max(delays)}


class TappedRunner(SessionThread):
    """Real sessions, with somebody who sees every frame beside the app."""

    def __init__(self, maker: SessionFactory) -> None:
        super().__init__(maker)
        self.tap: Callable[[WireFrame], None] = lambda frame: None  # noqa: ARG005 - until somebody looks

    def subscribe(
        self,
        on_snapshot: Callable[[Snapshot], None] | None = None,
        *,
        on_record: Callable[[Record], None] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_frame: Callable[[WireFrame], None] | None = None,
    ) -> None:
        def both(frame: WireFrame) -> None:
            self.tap(frame)
            if on_frame is not None:
                on_frame(frame)

        super().subscribe(on_snapshot, on_record=on_record, on_outcome=on_outcome, on_frame=both)


def real_sessions() -> TappedRunner:
    """Return a runner whose service, a process of its own, has many turns at once and then goes on talking."""
    service = subprocess.Popen([sys.executable, __file__, "serve", ""], stdout=subprocess.PIPE, text=True)
    atexit.register(service.kill)
    assert service.stdout is not None
    url = service.stdout.readline().strip()
    path = Path(sys.argv[2]).with_suffix(".wav")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes(random.Random(1).randbytes(round((STREAM_S + LOOKED_BACK_S) * 2 * 32_000)))

    async def no_local() -> str:
        return url

    inputs = [
        SessionInput(recording(path, "mix", 100), lambda _: Reference("none", None))
    ]  # so many at once are never measured
    setup = ServiceSetup(SERVICE, UrlService(url), Settings(), keys=Keys(), start_server=no_local)
    return TappedRunner(SessionFactory(inputs, [setup], chunk_ms=100))


async def serve_talk() -> None:
    """Be the service: many turns at once, then a growing turn, ten updates a second, in each its number."""

    async def talk(socket: ServerConnection) -> None:
        async def say(kind: str, number: int, **fields: object) -> None:
            await socket.send(json.dumps({"type": kind, "request_id": "r", "turn_id": str(number), **fields}))

        async def read() -> None:
            async for _ in socket:
                pass

        reading = asyncio.create_task(read())
        await socket.send(json.dumps({"type": "connected", "request_id": "r"}))
        paced = bool(sys.argv[2])
        for finished in many_turns()[: int(sys.argv[2] or TURNS_BEHIND)]:
            await asyncio.sleep(0.01 if paced else 0)
            await say("turn.start", finished.turn.number)
            await say("turn.end", finished.turn.number, transcript=finished.turn.transcript)
        number = 0
        while not reading.done():
            if number % (10 * TEXTS_PER_S) == 0:
                await say("turn.start", TURNS_BEHIND + 1 + number)
            text = f"#{number:06}# {' '.join(WORDS[: number % 12])}"
            ends = number % (10 * TEXTS_PER_S) == 10 * TEXTS_PER_S - 1
            await say("turn.end" if ends else "turn.update", TURNS_BEHIND + 1 + number, transcript=text)
            number += 1
            await asyncio.sleep(1 / TEXTS_PER_S)

    async with serve(talk, "127.0.0.1", 0) as server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


def flood(probe: Probe[ScriptedController]) -> Result:
    """Measure how soon keys are answered in a flood of snapshots, and whether its end is on the screen."""
    seen, asked, answered = set[int](), [0.0], list[float]()

    def look(data: bytes) -> None:
        seen.update(int(stamp) for stamp in STAMP.findall(data))
        if asked[0] and b"Timeline" in data:  # its title says the new span
            answered.append(time.perf_counter() - asked[0])
            asked[0] = 0.0

    probe.on_write = look
    script = Script(duration=None).connect().event(1, "turn.start")
    last = int(FLOOD_PER_S * FLOOD_S) - 1

    def send(number: int) -> None:
        if number % (FLOOD_PER_S // 5) == 0 and not asked[0]:
            asked[0] = time.perf_counter()
            key = "plus" if number % (FLOOD_PER_S // 5 * 2) else "minus"
            probe.app.call_from_thread(probe.app.simulate_key, key)
        script.event(1 + number / FLOOD_PER_S, "turn.update", f"#{number:06}#")
        probe.controller.show(script.snapshot())

    began = time.perf_counter()
    paced(FLOOD_PER_S, FLOOD_S, send)
    took = time.perf_counter() - began
    time.sleep(0.3)
    return {
        "per_s": FLOOD_PER_S * FLOOD_S / took, "painted": len(seen), "last_painted": float(last in seen),
        "keys": len(answered), "slowest_key": max(answered),
    }  # fmt: skip


def resize(probe: Probe[ScriptedController]) -> Result:
    """Measure the longest stall of the screen's loop while the terminal is resized, and the memory of many turns."""
    growing = Script(duration=None).connect().event(1, "turn.start").event(2, "turn.update", "still growing")
    probe.controller.show(growing.snapshot())
    time.sleep(WARM_UP_S)
    before = resident_mb()
    behind = many_turns()
    held = resident_mb()
    probe.controller.show(msgspec.structs.replace(growing.snapshot(), finished=behind))
    time.sleep(WARM_UP_S)
    after = resident_mb()
    stalls: list[tuple[float, float]] = []

    async def watch() -> None:
        while True:
            began, spent = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_S)
            stalls.append((time.perf_counter() - began - TICK_S, time.thread_time() - spent))

    loop = probe.app._loop
    assert loop is not None
    asyncio.run_coroutine_threadsafe(watch(), loop)
    collections: list[float] = []

    def collected(phase: str, _: object) -> None:
        collections.append(time.perf_counter())
        if phase == "stop":
            began = collections[-2]
            collections[-2:] = [collections[-1] - began]

    gc.callbacks.append(collected)
    Path(sys.argv[2]).with_suffix(".ready").touch()
    while not Path(sys.argv[2]).with_suffix(".done").exists():
        time.sleep(0.05)
    stalls.sort()
    return {
        "longest": stalls[-1][0],
        "second": stalls[-2][0],
        "longest_processor": max(spent for _, spent in stalls),
        "longest_collection": max(collections, default=0),
        "screen_mb": after - held,
        "data_mb": held - before,
    }


def many_turns() -> tuple[FinishedTurn, ...]:
    """Return turns of 8 to 35 words."""
    turns = []
    for number in range(1, TURNS_BEHIND + 1):
        text = " " + " ".join(WORDS[(number + word) % len(WORDS)] for word in range(8 + number % 28))
        began = (number - TURNS_BEHIND) * 2.0 - 1.0  # the session's clock begins where they end
        turn = Turn(number, began, text, ended_at=began + 1.0, end_reason=EndReason.ENDED)
        turns.append(FinishedTurn(turn, TurnMetrics(eot_latency=0.3 + number % 40 / 100, end_reason="threshold")))
    return tuple(turns)


def resident_mb() -> float:
    """Return the memory that the process has at present, where the system tells; the most it ever had elsewhere."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def talk(number: int) -> list[Snapshot]:
    """Return snapshots of somebody who talks, pauses, goes on and ends, every six seconds."""
    script = Script(duration=120.0).connect()
    snapshots: list[Snapshot] = []
    for tick in range(number):
        at = 0.2 + tick / SNAPSHOTS_PER_S
        phase = tick % (6 * SNAPSHOTS_PER_S)
        said = " ".join(WORDS[: phase * TEXTS_PER_S // SNAPSHOTS_PER_S // 3])
        script.to(at, level_db=-40.0 + (tick * 7) % 30)
        match phase:
            case 0:
                script.event(at, "turn.start")
            case 80:
                script.event(at, "turn.eager_end", said)
            case 90:
                script.event(at, "turn.resume")
            case 110:
                script.event(at, "turn.end", said)
            case _ if phase < 110 and tick % (SNAPSHOTS_PER_S // TEXTS_PER_S) == 0:
                script.event(at, "turn.update", said)
        snapshots.append(script.snapshot())
    return snapshots


def talk_of_three(number: int) -> list[Snapshot]:
    """Return so many snapshots of three services that hear the same turns of five seconds."""
    names = ("cartesia", "flux", "voxtral")
    run = Run(*names, duration=None).to(0.1).connect()
    snapshots = []
    for index in range(number):
        at, step = 1 + index / SNAPSHOTS_PER_S, index % (5 * SNAPSHOTS_PER_S)
        run.to(at)
        if step == 0:
            run.onset(at)
        if step == 4 * SNAPSHOTS_PER_S:
            run.silence(at)
        for place, name in enumerate(names):
            words = " ".join(WORDS[: 1 + step // 8])
            if step == 4 + place:
                run.say(at, name, "turn.start")
            elif step == 4.5 * SNAPSHOTS_PER_S + place:
                run.say(at, name, "turn.end", words)
            elif 4 + place < step < 4.5 * SNAPSHOTS_PER_S and (step + place) % 2:
                run.say(at, name, "turn.update", words)
        run.decided()
        snapshots.append(run.snapshot())
    return snapshots


if __name__ == "__main__":
    match sys.argv[1]:
        case "serve":
            asyncio.run(serve_talk())
        case "delay":
            Probe(real_sessions()).run(delay)
        case name:
            Probe(ScriptedController()).run(
                {"stream": stream, "beside": beside, "idle": idle, "flood": flood, "resize": resize}[name]
            )
