"""Whether anything is under way between the TCP sockets of this process: sent, and not arrived yet.

On Linux the kernel's own counters tell. Elsewhere nothing does: then as much time is left as loopback ever needs.
"""

import socket
import struct
import sys
import time
from enum import IntEnum
from typing import Final, NamedTuple

FULL_S: Final = 0.02
"""What does not move for so long, where the other end has not read what it has, waits for it to read."""
LOST_S: Final = 1.0
"""What has not arrived after so long never will: it stands behind what nobody reads."""
LOOPBACK_S: Final = 0.005
"""Longer than loopback takes, for systems that tell nothing."""
STRANGER_S: Final = 60.0
"""A socket whose other end is not seen for so long has it in another process."""

_TELLS: Final = sys.platform == "linux"
_INFO: Final = struct.Struct("=B127xQ8xI52xQQ")
"""Of `struct tcp_info` (linux/tcp.h): state, bytes received, bytes not sent yet, bytes sent, of these sent again."""

Address = tuple[object, ...]


class State(IntEnum):
    """Of a TCP connection, by Linux's numbers (net/tcp_states.h)."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECEIVED = 3
    FIN_WAIT_1 = 4
    FIN_WAIT_2 = 5
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11


_UNANSWERED: Final = frozenset({State.SYN_SENT, State.SYN_RECEIVED, State.FIN_WAIT_1, State.LAST_ACK, State.CLOSING})
"""It has said something to which the other end's system will answer."""
_LISTENING: Final = frozenset({State.ESTABLISHED, State.FIN_WAIT_2})
"""The other end may still send, or hang up."""


class End(NamedTuple):
    """One end of a connection; numbers of bytes, over all its life."""

    state: int
    received: int
    unread: int
    waiting: int
    """Given to the system, which does not send it: the other end has no room."""
    sent: int


class InFlight:
    """Watches sockets."""

    def __init__(self) -> None:
        self._opened: set[int] = set()
        self._ends: dict[tuple[Address, Address], tuple[End, float]] = {}
        """By where they are and whom they talk to; and since when they have been so."""
        self._met: set[tuple[Address, Address]] = set()
        """Connections of which both ends were seen."""

    def watch(self, fd: int) -> None:
        """Watch another socket, or whatever it is, until it is closed."""
        self._opened.add(fd)

    def anything(self) -> bool:
        """Whether something is under way, as far as that can be known.

        Raises:
            RuntimeError: there is a connection to another process, of which nothing can be known.
        """
        now = time.monotonic()
        ends = dict(found for fd in tuple(self._opened) if (found := self._look(fd)) is not None)
        before, self._ends = self._ends, {}
        for way, end in ends.items():
            was, since = before.get(way, (None, now))
            self._ends[way] = end, since if was == end else now
        if not _TELLS:
            return any(now - since < LOOPBACK_S for _, since in self._ends.values())
        return any(self._moves(way, now) for way in self._ends)

    def _moves(self, way: tuple[Address, Address], now: float) -> bool:
        end, since = self._ends[way]
        here, there = way
        if (there, here) in self._ends:
            self._met.add(way)
            other, others_since = self._ends[there, here]
            unmoved = now - max(since, others_since)
            if end.state in _UNANSWERED or end.sent > other.received or end.waiting:
                return unmoved < (FULL_S if other.unread else LOST_S)
            return False
        if end.state not in _LISTENING:
            return end.state in _UNANSWERED and now - since < LOST_S
        if way in self._met:  # the other end has been closed: that will be heard
            return now - since < LOST_S
        if now - since > STRANGER_S:
            raise RuntimeError(f"virtual time knows nothing of other processes, such as that at {there}")
        return True  # it is not accepted yet

    def _look(self, fd: int) -> tuple[tuple[Address, Address], End] | None:
        try:
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)
        except OSError:  # closed, or no socket
            self._opened.discard(fd)
            return None
        try:
            end = _end(one)
            return None if end is None else ((one.getsockname(), _other(one)), end)
        except OSError:  # no TCP
            self._opened.discard(fd)
            return None
        finally:
            one.detach()


def _end(one: socket.socket) -> End | None:
    if not _TELLS:
        return End(0, 0, 0, 0, 0)
    info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
    state, received, waiting, sent, again = _INFO.unpack(info)
    return None if state == State.LISTEN else End(state, received, _unread(one), waiting, sent - again)


def _other(one: socket.socket) -> Address:
    try:
        there: Address = one.getpeername()
    except OSError:  # not connected yet, or no more
        return ()
    return there


def _unread(one: socket.socket) -> int:
    import fcntl  # not on Windows, as the next
    import termios

    return int(struct.unpack("i", fcntl.ioctl(one, termios.FIONREAD, bytes(4)))[0])
