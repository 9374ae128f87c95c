"""How late this machine is just now: what a test may forgive, measured and not guessed."""

import threading
import time
from typing import Self

STEP_S = 0.001
NEAR_S = 0.1
"""Lateness within this time of an instant may have delayed what happened then."""


class Yardstick:
    """A thread that sleeps a millisecond at a time, and notes whenever it is woken late."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []
        """When it was woken, and how many seconds late; that of another process can be added."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def lateness(self, *instants: float) -> float:
        """The worst near any of these instants, in seconds."""
        return max(
            (late for at, late in self.late if any(abs(at - instant) <= NEAR_S + late for instant in instants)),
            default=0.0,
        )

    def _measure(self) -> None:
        while not self._over.is_set():
            before = time.monotonic()
            time.sleep(STEP_S)
            now = time.monotonic()
            self.late.append((now, now - before - STEP_S))
