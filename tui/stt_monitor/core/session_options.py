"""Options of a session: kinds of sources, inputs, services."""

import re
from enum import Enum
from itertools import permutations
from typing import Final

import msgspec

_HOST_AND_PATH: Final = r"(\[[^\]]*\]|[^:/]+)(:\d*)?/.*"
_MOST_IN_PAIRS: Final = 4
"""Channels of which any two are offered as caller and agent; of more, the command line names them."""


class SourceKind(Enum):
    """Kind of audio source."""

    FILE = "file"
    MICROPHONE = "microphone"
    PIPE = "pipe"
    """Raw PCM on standard input."""
    CALL = "call"
    """What an agent sends, in a call that a tap forwards."""
    REPLAY = "replay"
    """A saved session."""


class MicrophoneChoice(msgspec.Struct, frozen=True):
    """A microphone, by number, name or part of the name; None is the default one."""

    device: str | None = None


class FileChoice(msgspec.Struct, frozen=True):
    """An audio file, and its channel: `mix`, `left`, `right`, or a number."""

    path: str
    channel: str = "mix"
    agent: str | None = None
    """Channel of the agent, which is heard and not sent; None: its side is not heard."""


class SampleChoice(msgspec.Struct, frozen=True):
    """The bundled spoken sample."""


SourceChoice = MicrophoneChoice | FileChoice | SampleChoice


class FileChannels(msgspec.Struct, frozen=True):
    """A file with several channels, and what is made of them now: numbers, counted from 1, or `mix`."""

    path: str
    count: int
    sent: str
    agent: str | None = None

    @property
    def choices(self) -> tuple[FileChoice, ...]:
        """What can be made of them: all mixed, one sent and another the agent's, or one alone."""
        numbers = [str(number) for number in range(1, self.count + 1)]
        calls = permutations(numbers, 2) if self.count <= _MOST_IN_PAIRS else ()
        return (
            FileChoice(self.path),
            *(FileChoice(self.path, sent, agent) for sent, agent in calls),
            *(FileChoice(self.path, number) for number in numbers),
        )


class LocalService(msgspec.Struct, frozen=True):
    """The local server, started on demand."""


class VendorService(msgspec.Struct, frozen=True):
    """The vendor's service, which needs a key."""


class UrlService(msgspec.Struct, frozen=True):
    """A service by URL, which may hold a secret: display `shown`, never `url`."""

    url: str

    def __repr__(self) -> str:
        """Represent it by the redacted URL."""
        return f"UrlService({self.shown!r})"

    @property
    def shown(self) -> str:
        """The URL without credentials and query, whatever else is wrong with it."""
        scheme, separator, rest = self.url.split("?", 1)[0].split("#", 1)[0].rpartition("://")
        before, _, after = rest.rpartition("@")
        return scheme + separator + (rest if separator and re.fullmatch(_HOST_AND_PATH, before) else after)


ServiceChoice = LocalService | VendorService | UrlService


class Device(msgspec.Struct, frozen=True):
    """A microphone. Its name is not sanitized: it comes from outside."""

    number: int
    """PortAudio's number; may change when devices come and go."""
    name: str
    channels: int
    rate: int
    """Preferred sample rate, Hz."""
    default: bool


class Available(msgspec.Struct, frozen=True):
    """The inputs and services available now."""

    devices: tuple[Device, ...]
    problem: str
    """Why there are no devices, in a sentence with the remedy; empty without a problem."""
    services: tuple[ServiceChoice, ...]
    vendor_key_set: bool
    key_variable: str
    """Environment variable of that key."""
    title: str
    """Name of that service, for people."""
    channels: FileChannels | None = None
    """The channels of the file that is played; None where it has one, or no file is played, or several."""
    recent_files: tuple[str, ...] = ()
    """Paths of recordings that were played before, newest first; they may be gone."""
    recent_addresses: tuple[str, ...] = ()
    """Addresses of services that were used before, newest first."""

    def microphone(self, device: Device) -> MicrophoneChoice:
        """Return the choice of a device: by name, because numbers change; by number where names are equal."""
        unique = sum(other.name == device.name for other in self.devices) == 1
        return MicrophoneChoice(device.name if unique else str(device.number))
