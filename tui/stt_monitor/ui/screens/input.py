"""Choose the input: a microphone, a recording, or the bundled sample."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from stt_monitor.core.commands import ChooseInput
from stt_monitor.core.session_options import Device, FileChannels, FileChoice, SampleChoice, SourceChoice
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.unquoting import unquoted
from stt_monitor.ui.formatting import size_text
from stt_monitor.ui.keymap.bindings import own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.async_picker import AsyncPicker
from stt_monitor.ui.screens.picker import Entry, about, heading
from stt_monitor.ui.styles import Section
from stt_monitor.ui.widgets.path_suggestions import find_recordings, is_file

_NAME: Final = 36
"""Cells for a name, before its details."""

_SIDES: Final[dict[str | None, str]] = {"1": "left", "2": "right"}
"""What the channels of a file with two are called."""


_KEYS: Final = (
    KeyGroup("complete the path; open a folder", (Key("tab", "Complete", "complete", footer=2, first=True),)),
)


class InputScreen(AsyncPicker[SourceChoice]):
    """Chooses the input of the next session; a running session is restarted."""

    PICKED = "Input"
    PLACEHOLDER = "type the path of a recording, or choose below"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = about("Choosing the input", *_KEYS)

    def choices(self, typed: str) -> Sequence[Entry[SourceChoice]]:
        """Return all inputs; once a path is typed, the files that it may lead to."""
        return [
            *([] if typed else [*self._channels(), *self._microphones(), *_sample(), *self._recent()]),
            *_recordings(typed),
        ]

    def apply(self, choice: SourceChoice) -> None:
        """Use the input."""
        self._controller.send(ChooseInput(choice))

    def from_text(self, text: str) -> SourceChoice | None:
        """Return a path as a choice; opening it finds out whether it is audio."""
        return FileChoice(unquoted(text)) if text else None

    def _channels(self) -> Sequence[Entry[SourceChoice]]:
        channels = None if self._available is None else self._available.channels
        if channels is None:
            return []
        lines = [Entry[SourceChoice](_made_of(channels, each), each) for each in channels.choices]
        return [heading(f"Channels of {clean(Path(channels.path).name)}"), *lines]

    def _recent(self) -> Sequence[Entry[SourceChoice]]:
        paths = () if self._available is None else self._available.recent_files
        lines = [Entry[SourceChoice](_recent_file(path), FileChoice(path)) for path in paths if is_file(path)]
        return [heading("Recent"), *lines] if lines else []

    def _microphones(self) -> Sequence[Entry[SourceChoice]]:
        available = self._available
        if available is None:
            return [heading("Microphones"), heading("  looking…")]
        if not available.devices:
            return [heading("Microphones"), heading(f"  {clean(available.problem) or 'none found'}")]
        devices = sorted(available.devices, key=lambda device: not device.default)
        lines = [Entry[SourceChoice](_device(device), available.microphone(device)) for device in devices]
        return [heading("Microphones"), *lines]


def _device(device: Device) -> Content:
    name = Content(clean(device.name)).truncate(_NAME, ellipsis=True)
    form = f"{device.channels} ch  {device.rate / 1000:g} kHz"
    return Content.assemble(
        "  ● " if device.default else "    ",
        name.pad_right(max(0, _NAME - name.cell_length)),
        (f" {form}", "$label-text"),
        ("  default", "$text-success") if device.default else "",
    )


def _made_of(channels: FileChannels, choice: FileChoice) -> Content:
    """Say what is sent and heard of the channels of a file; a dot marks what is so now."""
    two = channels.count == len(_SIDES)
    sent, agent = (
        _SIDES[each] if two and each in _SIDES else f"channel {each}" for each in (choice.channel, choice.agent)
    )
    is_so = (choice.channel, choice.agent) == (channels.sent, channels.agent)
    if choice.channel == "mix":
        words = f"send a mix of {'both' if two else 'all'}"
    elif choice.agent is None:
        words = f"send {sent} alone"
    else:
        words = f"send {sent}, hear the agent on {agent}"
    return Content.assemble("  ● " if is_so else "    ", words, ("  now", "$text-success") if is_so else "")


def _recent_file(path: str) -> Content:
    name = Content(clean(Path(path).name)).truncate(_NAME, ellipsis=True)
    folder = clean(str(Path(path).parent))
    return Content.assemble("    ", name.pad_right(max(0, _NAME - name.cell_length)), (f" {folder}", "$label-text"))


def _sample() -> Sequence[Entry[SourceChoice]]:
    return [heading("Sample"), Entry[SourceChoice](Content("    the bundled spoken sample"), SampleChoice())]


def _recordings(typed: str) -> Sequence[Entry[SourceChoice]]:
    found, more = find_recordings(typed)
    lines: list[Entry[SourceChoice]] = []
    for one in found:
        name = Content(clean(one.name)).truncate(_NAME, ellipsis=True)
        if one.folder:
            lines.append(Entry(Content.assemble("    ", (name.plain, "$text-primary")), completes=one.path))
        else:
            size = Content.assemble((f" {size_text(one.size)}", "$label-text"))
            text = Content.assemble("    ", name.pad_right(max(0, _NAME - name.cell_length)), size)
            lines.append(Entry(text, FileChoice(str(Path(one.path).expanduser())), completes=one.path))
    if more:
        lines.append(heading(f"    … and {more} more: type to narrow them down"))
    if not lines:
        lines.append(heading("    no match; Enter tries it anyway" if typed else "    none here"))
    return [heading("Recordings"), *lines]
