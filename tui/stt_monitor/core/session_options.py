"""What a session can be made of: kinds of sound, where it comes from, and the service that hears it."""

from enum import Enum

import msgspec


class SourceKind(Enum):
    """What sort of sound is heard."""

    FILE = "file"
    MICROPHONE = "microphone"
    PIPE = "pipe"
    """Raw PCM on standard input."""
    REPLAY = "replay"
    """A recorded session, shown again."""


class MicrophoneChoice(msgspec.Struct, frozen=True):
    """A microphone: its number, its name, or a part of its name; None is the default one."""

    device: str | None = None


class FileChoice(msgspec.Struct, frozen=True):
    """A recording, and which channel of it: `mix`, `left`, `right`, or a number."""

    path: str
    channel: str = "mix"


class SampleChoice(msgspec.Struct, frozen=True):
    """The bundled spoken sample."""


SourceChoice = MicrophoneChoice | FileChoice | SampleChoice


class LocalService(msgspec.Struct, frozen=True):
    """The local server, started when it is needed."""


class VendorService(msgspec.Struct, frozen=True):
    """The vendor's service; it needs a key."""


class UrlService(msgspec.Struct, frozen=True):
    """A service by its address, which may hold a secret: show `shown`, never `url`."""

    url: str

    def __repr__(self) -> str:
        """Show the address as people may see it."""
        return f"UrlService({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without credentials and query."""
        scheme, separator, rest = self.url.split("?", 1)[0].split("#", 1)[0].rpartition("://")
        authority, slash, path = rest.partition("/")
        return scheme + separator + authority.rsplit("@", 1)[-1] + slash + path


ServiceChoice = LocalService | VendorService | UrlService


class Device(msgspec.Struct, frozen=True):
    """A microphone. The name is not cleaned: it comes from outside."""

    number: int
    """Of PortAudio; it may change when devices come and go."""
    name: str
    channels: int
    rate: int
    """The rate that it prefers, Hz."""
    default: bool


class Available(msgspec.Struct, frozen=True):
    """What can be chosen now."""

    devices: tuple[Device, ...]
    problem: str
    """Why there are no devices, one sentence with the remedy; empty when all is well."""
    services: tuple[ServiceChoice, ...]
    vendor_key_set: bool
    key_variable: str
    """The environment variable that it is read from."""

    def microphone(self, device: Device) -> MicrophoneChoice:
        """Return the choice of one of the devices: by its name, for numbers change; by number where names are equal."""
        alone = sum(other.name == device.name for other in self.devices) == 1
        return MicrophoneChoice(device.name if alone else str(device.number))


class RecordingInfo(msgspec.Struct, frozen=True):
    """A session that was kept. Its texts are not cleaned."""

    name: str
    source: str
    started_at: str
    """RFC 3339."""
    turns: int | None
    """None when the program was killed in it."""
    seconds: float | None
    problem: str = ""
    """Why it cannot be opened; then its folder's name is all that is known."""
