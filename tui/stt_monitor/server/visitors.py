"""Checks `Origin` and `Host`, so that no page of another site uses a server of ours. No I/O but the host's name.

A browser lets any page connect to this machine, and names the page's site in `Origin`; programs send none. A site whose
name resolves to this machine (DNS rebinding) shows in `Host` alone.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from stt_monitor.system.hosts import is_loopback

_LOCAL_NAME: Final = "localhost"
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]*|null", re.ASCII | re.IGNORECASE)


class Visitors(msgspec.Struct, frozen=True):
    """The hosts and origins that are allowed."""

    local: bool
    """Whether the server listens on loopback alone."""
    names: frozenset[str] = frozenset()
    """Host names of the server, in lower case, besides `localhost`."""
    origins: frozenset[str] = frozenset()
    """Allowed hosts and origins, besides those of this machine."""

    @classmethod
    def of(cls, listening: str, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> "Visitors":
        """Return the rules of a server that listens on the address or name `listening`.

        `hosts` and `origins` are allowed too.
        """
        names = {_bare(name) for name in (listening, *hosts)}
        if not is_loopback(listening):
            own = _bare(socket.gethostname())
            first = own.partition(".")[0]
            names |= {own, first, f"{first}.local"}
        return cls(is_loopback(listening), frozenset(names), frozenset(origin.lower() for origin in origins))

    def allows_host(self, hosts: Sequence[str]) -> bool:
        """Return whether a request is for this server, by the values of its `Host` header.

        Where the server listens on the network any address is allowed: rebinding needs a name. So is a request without
        `Host`: browsers always send one.
        """
        if not hosts:
            return True
        name = _hostname(hosts[0])
        if len(hosts) > 1 or name is None:
            return False
        if name in self.names or _of_this_machine(name):
            return True
        return not self.local and _is_address(name)

    def allows_origin(self, origins: Sequence[str], hosts: Sequence[str]) -> bool:
        """Return whether a request comes from no page, or from one of this machine, this server or an allowed origin.

        Args:
            origins: the values of its `Origin` header.
            hosts: those of its `Host` header, which is allowed.
        """
        return all(
            origin.lower() in self.origins or _is_local_page(origin) or is_own_page(origin, hosts) for origin in origins
        )


def is_own_page(origin: str, hosts: Sequence[str]) -> bool:
    """Return whether a page comes from the server itself: `Origin` and `Host` agree."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.netloc)
        and [parts.netloc.lower()] == [host.strip().lower() for host in hosts]
    )


def origin_of(text: str) -> str:
    """Read an origin: scheme, host and port, as browsers send it. Raises ValueError."""
    if not _ORIGIN.fullmatch(text):
        raise ValueError("give scheme, host and port alone, such as https://app.example:8443")
    return text.lower()


def _is_local_page(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    name = _hostname(parts.netloc)
    return parts.scheme in ("http", "https") and name is not None and _of_this_machine(name)


def _hostname(authority: str) -> str | None:
    """Return the name in `host:port`, in lower case; None where there is none."""
    try:
        name = urlsplit(f"//{authority.strip()}").hostname
        _ = urlsplit(f"//{authority.strip()}").port
    except ValueError:
        return None
    return _bare(name) if name and "@" not in authority else None


def _bare(name: str) -> str:
    return name.lower().removesuffix(".").strip("[]")


def _of_this_machine(name: str) -> bool:
    return name == _LOCAL_NAME or name.endswith(f".{_LOCAL_NAME}") or (_is_address(name) and is_loopback(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
