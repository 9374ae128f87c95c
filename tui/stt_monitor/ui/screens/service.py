"""Choose the service: the local server, a vendor's, or one by its address. All speak the same protocol."""

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content

from stt_monitor.core.commands import ChooseService
from stt_monitor.core.session_options import LocalService, ServiceChoice, UrlService, VendorService
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.screens.async_picker import AsyncPicker
from stt_monitor.ui.screens.picker import Entry, about, heading
from stt_monitor.ui.styles import Section

_SCHEMES = ("ws://", "wss://", "http://", "https://")


class ServiceScreen(AsyncPicker[ServiceChoice]):
    """Chooses the service of the next session; a running session is restarted."""

    PICKED = "Service"
    PLACEHOLDER = "type an address, such as ws://127.0.0.1:8765, or choose below"
    ABOUT: ClassVar[Section] = about("Choosing the service")

    def choices(self, typed: str) -> Sequence[Entry[ServiceChoice]]:
        """Return all services; once an address is typed, that one."""
        if typed.strip():
            choice = self.from_text(typed.strip())
            if choice is None:
                return [heading(f"an address begins with {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}")]
            return [Entry(Content(f"  {clean(typed)}"), choice)]
        if self._available is None:
            return [heading("looking…")]
        title = self._available.title
        lines = [Entry[ServiceChoice](_line(choice, title), choice) for choice in self._available.services]
        if not self._available.vendor_key_set:
            lines.append(heading(f"  {title} needs {self._available.key_variable} in the environment"))
        recent = [UrlService(address) for address in self._available.recent_addresses]
        lines += [
            Entry[ServiceChoice](_line(each, title), each) for each in recent if each not in self._available.services
        ]
        return lines

    def apply(self, choice: ServiceChoice) -> None:
        """Use the service."""
        self._controller.send(ChooseService(choice))

    def from_text(self, text: str) -> ServiceChoice | None:
        """Return a typed address as a choice; None if it is none."""
        return UrlService(text) if text.lower().startswith(_SCHEMES) and text.rpartition("://")[2] else None


def _line(choice: ServiceChoice, title: str) -> Content:
    match choice:
        case LocalService():
            name, meaning = "the local server", f"offline, with {title}'s protocol"
        case VendorService():
            name, meaning = title, "with the key from the environment"
        case UrlService():
            name, meaning = clean(choice.shown), ""
    return Content.assemble(f"  {name:<24}", (meaning, "$label-text"))
