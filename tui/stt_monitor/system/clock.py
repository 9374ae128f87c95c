"""The clock, as a parameter: a test may have another than the machine's."""

from collections.abc import Callable

Clock = Callable[[], float]
"""Returns the monotonic time in seconds; callable from any thread.

Waits are the event loop's, and end by its clock: the two must agree, as `time.monotonic` and asyncio's loops do.
"""
