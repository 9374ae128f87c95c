"""Finds the proxy of a request in the environment, if any. Pure but for the environment."""

import os
from typing import Final
from urllib.parse import urlsplit

import msgspec

from stt_monitor.system.hosts import is_this_machine

_VARIABLES: Final = {True: ("wss", "socks", "https", "all"), False: ("ws", "socks", "https", "http", "all")}
"""For encrypted requests and for others, what comes before `_proxy` in the variables, the first one set decides: the
order of RFC 6455 (4.1), for websockets and HTTP requests alike, so that both find the service on the same way."""


class Proxy(msgspec.Struct, frozen=True):
    """A proxy. Its URL may hold a login: show `shown`."""

    url: str
    variable: str
    """Where it was named."""

    def __repr__(self) -> str:
        """Show it without the login."""
        return f"Proxy({self.shown!r})"

    @property
    def shown(self) -> str:
        """Scheme, host and port, and the variable that they came from."""
        scheme, _, rest = self.url.partition("://")
        place = rest.partition("/")[0].rsplit("@", 1)[-1]
        return f"the proxy {scheme}://{place} ({self.variable})"

    @property
    def has_login(self) -> bool:
        """Whether a user is in its URL, who is told to the proxy."""
        return "@" in self.url.partition("://")[2].partition("/")[0]

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, not HTTP."""
        return self.url.startswith("socks")

    @property
    def is_valid(self) -> bool:
        """Whether its URL is one of a proxy."""
        try:
            parts = urlsplit(self.url)
            has_port = parts.port is None or parts.port > 0
        except ValueError:
            return False
        known = parts.scheme in {"http", "https", "socks5", "socks5h", "socks4", "socks4a"}
        bare = parts.path in {"", "/"} and not parts.query and not parts.fragment
        return bool(known and parts.hostname and has_port and bare)


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy on the way to a URL; None when its host is asked directly, as loopback always is."""
    from urllib.request import getproxies, proxy_bypass  # takes its time

    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme in {"wss", "https"}
    port = parts.port or (443 if secure else 80)
    if is_this_machine(host) or proxy_bypass(f"{host}:{port}"):
        return None
    known = getproxies()
    for scheme in _VARIABLES[secure]:
        if address := known.get(scheme, "").strip():
            return Proxy(_with_scheme(address, scheme), _variable(scheme))
    return None


def _with_scheme(address: str, variable: str) -> str:
    """Complete what is commonly written: a host and port alone, or `socks://`, which desktops mean SOCKS 5 by."""
    scheme, separator, rest = address.rpartition("://")
    if not separator or (variable == "socks" and scheme == "http"):
        scheme = "socks5h" if variable == "socks" else "http"
    scheme = scheme.lower()
    login, at, place = rest.rpartition("@")
    if at and ":" not in login:
        login += ":"  # a user alone has an empty password
    return f"{'socks5h' if scheme == 'socks' else scheme}://{login}{at}{place}"


def _variable(scheme: str) -> str:
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    spelled = [name for name in os.environ if name.lower() == names[0]]
    return next((name for name in (*names, *spelled) if os.environ.get(name)), "the system's settings")
