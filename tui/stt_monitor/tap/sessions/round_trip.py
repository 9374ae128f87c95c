"""The way from the tap to the service and back, as the agent's own pings tell it."""

from collections import OrderedDict
from typing import Final

from stt_monitor.tap.messages import Ping

_MOST: Final = 16
"""Pings without an answer that are remembered."""


class RoundTrip:
    """Follows the pings of one call."""

    def __init__(self) -> None:
        self._sent: OrderedDict[bytes, float] = OrderedDict()

    def hear(self, ping: Ping, at: float, *, from_agent: bool) -> float | None:
        """Take a ping or pong that passed; returns seconds from the agent's ping to the service's answer to it."""
        if from_agent and not ping.answers:
            self._sent[ping.payload] = at
            while len(self._sent) > _MOST:
                self._sent.popitem(last=False)
        elif not from_agent and ping.answers and (since := self._sent.pop(ping.payload, None)) is not None:
            return at - since
        return None
