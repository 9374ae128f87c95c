"""How long the screen stands still for very long texts.

    python tests/benchmarks/long_text.py [CHARACTERS]...

Shows turns of so many characters (100 000 and 1 000 000 unless told otherwise) on a screen of 120 by 35, of several
kinds of text, growing and finished, searches them, opens their details and their frames, changes the width, and prints
for each step the longest stall of the screen's loop, in milliseconds: the time between two turns of the loop in which
nothing waits.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import msgspec
from tests.ui.screen import monitor
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot

from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.ui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from stt_monitor.core.snapshot import Snapshot

SETTLED_S: Final = 0.3
TICK_S: Final = 0.001
TEXTS: Final = {
    "words": " the quick brown fox jumps over the lazy dog and goes on",
    "no blanks": "abcdefghij",
    "accents": " déjà vu, là où l'été a été",
    "wide": "今日は天気がいいですね。",
    "emoji": " 👩‍🚀 ok 🧑🏽‍🚀",
    "combining": "e\u0301",
    "hostile": "a\x1b[31m\n",
}


class Stalls:
    """The longest time that the loop did not come round."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        """Look at the clock each time that the loop comes round."""
        before = time.perf_counter()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.perf_counter()
            self.longest = max(self.longest, now - before - TICK_S)
            before = now


@asynccontextmanager
async def stall(said: str) -> AsyncIterator[None]:
    """Print the longest stall within."""
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    await asyncio.sleep(0)
    yield
    await asyncio.sleep(SETTLED_S)
    watching.cancel()
    print(f"    {said:<24}{stalls.longest * 1000:8.1f} ms", flush=True)


async def settled(pilot: Pilot[int]) -> None:
    """Wait until every line has its place."""
    view = pilot.app.query_one(Transcript)
    while not view.is_laid_out:  # noqa: ASYNC110  a view tells nobody that it is done
        await asyncio.sleep(0.01)


async def run(kind: str, characters: int) -> None:
    """Go through all steps with one kind of text."""
    print(f"  {kind}, {characters:,} characters")
    piece = TEXTS[kind]
    text = (piece * (characters // len(piece) + 1))[:characters]
    controller = ScriptedController()
    async with monitor(controller) as pilot:
        script = Script(duration=None).connect().event(1, "turn.start")
        growing: list[Snapshot] = []
        for step in range(10):
            part = text[: characters * (step + 1) // 10]
            growing.append(script.event(2 + step / 10, "turn.update", part).snapshot())
        growing.append(script.event(4, "turn.eager_end", text).snapshot())
        done = script.event(5, "turn.end", text).to(8).decided().snapshot()
        async with stall("comes at once"):
            controller.show(growing[-2])
            await settled(pilot)
        async with stall("grows"):
            for snapshot in growing[:-1]:
                controller.show(snapshot)
                await asyncio.sleep(0.05)
            await settled(pilot)
        async with stall("eager end"):
            controller.show(growing[-1])
            await settled(pilot)
        async with stall("ends"):
            controller.show(done)
            await settled(pilot)
        async with stall("/ e"):
            await pilot.press("slash", "e", "enter")
        async with stall("escape"):
            await pilot.press("escape")
        async with stall("page up, home, end"):
            await pilot.press("pageup", "pageup", "home", "end")
        async with stall("another width"):
            await pilot.resize_terminal(90, 30)
            await settled(pilot)
        async with stall("details"):
            await pilot.press("up", "enter")
        async with stall("details closed"):
            await pilot.press("escape", "escape")
        async with stall("copied"):
            await pilot.press("y", "Y")
        wire = msgspec.json.encode({"type": "turn.update", "transcript": text}).decode()
        async with stall("wire log"):
            for number in range(100):
                controller.show_frame(WireFrame(number / 10, sent=False, size=len(wire), text=wire))
            await pilot.press("w")
        async with stall("frames chosen"):
            await pilot.press("up", "up", "up")


def main() -> None:
    """Measure what the command line asks for."""
    for characters in [int(argument) for argument in sys.argv[1:]] or [100_000, 1_000_000]:
        for kind in TEXTS:
            asyncio.run(run(kind, characters))


if __name__ == "__main__":
    main()
