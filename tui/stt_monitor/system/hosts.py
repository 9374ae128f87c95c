"""Hosts: which are this machine, how a URL spells an address, and why one cannot be listened on."""

import errno
import ipaddress
import os
import socket
import unicodedata
from typing import Final

from stt_monitor.core.errors import InputError

_LOOPBACK_NAMES: Final = frozenset(
    {"localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"}
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback(host: str) -> bool:
    """Return whether a host is loopback: by name, as IPv4 in any notation, or as IPv6."""
    address = _address(host)
    return _is_loopback_name(host) if address is None else address.is_loopback


def is_this_machine(host: str) -> bool:
    """Return whether connecting to a host reaches this machine: loopback, or an unspecified address (0.0.0.0)."""
    address = _address(host)
    return is_loopback(host) or (address is not None and address.is_unspecified)


def in_url(address: str) -> str:
    """Return an address as it stands in a URL: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def cannot_listen(address: str, port: int, error: OSError, option: str = "") -> InputError:
    """Return what to say when a server cannot listen where it was told to; `option`: that told it address and port."""
    unresolved = isinstance(error, socket.gaierror)
    # asyncio puts a sentence of its own, with the address once more, around the system's.
    reason = os.strerror(error.errno) if error.errno and not unresolved else error.strerror or error
    other = option or ("--host" if unresolved or error.errno == errno.EADDRNOTAVAIL else "--port")
    return InputError(f"cannot listen on {in_url(address)}:{port}: {reason}; give another {other}")


def _normalized(host: str) -> str:
    return unicodedata.normalize("NFKC", host).lower().removesuffix(".")


def _is_loopback_name(host: str) -> bool:
    name = _normalized(host)
    return name in _LOOPBACK_NAMES or name.endswith(".localhost")


def _address(host: str) -> _Address | None:
    """Parse an address without its zone; None for a name. An IPv4-mapped IPv6 address counts as IPv4."""
    text = _normalized(host)
    address: _Address
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(text))  # 127.1, 0x7f000001: resolvers accept them
        except (OSError, UnicodeError, ValueError):
            return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
