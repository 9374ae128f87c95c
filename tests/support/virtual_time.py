"""Time that passes at once: what is due in two minutes happens now, at exactly its time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine


class JumpingSelector(selectors.DefaultSelector):
    """Never waits: the time that it is told to wait passes at once."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self.loop.now += timeout
            timeout = 0
        return super().select(timeout)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, which a test may also put forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = JumpingSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(test: Callable[[VirtualLoop], Coroutine[None, None, None]]) -> None:
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(test(loop))
