"""Where a server of ours listens: `--host` read, an address written into a URL, and whether others can reach it."""

import argparse
import ipaddress
import re
from typing import Final

_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"(\d+|0x[0-9a-f]*)\.?", re.ASCII | re.IGNORECASE)
"""What the last label of an address in odd notation looks like: `0`, `127.1` and `0x0` are names of nobody."""


def host(text: str) -> str:
    """Read the value of `--host`. Raises argparse.ArgumentTypeError."""
    bare = text.removeprefix("[").removesuffix("]") if ":" in text else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if not text:
        raise argparse.ArgumentTypeError("it is empty; leave the option out to listen on this machine only")
    if not _NAME.fullmatch(text) or ".." in text or _NUMBER.fullmatch(text.removesuffix(".").rpartition(".")[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no address and no name; give one such as 127.0.0.1 or 0.0.0.0")
    return text


def is_loopback(address: str) -> bool:
    """Tell whether an address, or a name, can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        name = address.lower().removesuffix(".")
        return name == "localhost" or name.endswith(".localhost")


def in_url(address: str) -> str:
    """Return an address as a URL writes it."""
    return f"[{address}]" if ":" in address else address
