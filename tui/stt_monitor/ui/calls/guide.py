"""What to do before the first call: how each SDK is pointed at the tap."""

from typing import ClassVar

from textual.content import Content

from stt_monitor.core.calls_state import TapHead
from stt_monitor.services import registry
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page


def pointing(head: TapHead) -> list[tuple[str, str]]:
    """Return, for each service that the tap watches, its title and the line that points its SDK at the tap."""
    names = (head.service,) if head.service else registry.NAMES
    known = [each for each in map(registry.service, names) if each.has_server_side]
    return [(each.title, registry.server_side(each.name).point_sdk(head.url, "")) for each in known]


class CallsGuide(Page):
    """A line to copy for each service."""

    ABOUT: ClassVar[Section] = (
        "Pointing an agent at the tap",
        (("base URL", "give the agent's SDK that of the tap, and leave its key where it is: it goes to the service"),),
    )

    def __init__(self, head: TapHead, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._head = head

    def all_lines(self, width: int) -> list[Content]:
        """Return how to point each SDK here, a line for each service, and how keys are handled."""
        lines = [Content("No call yet. Point the base URL of your agent's SDK at the tap (y copies it):"), Content("")]
        for title, line in pointing(self._head):
            lines.append(Content.assemble((title, ".label")))
            lines.append(Content.assemble("  ", (line, "bold")))
        sample = f"stt-monitor call.wav --url {self._head.url.replace('http', 'ws', 1)}"
        lines += [
            Content(""),
            Content("Keys stay with the agent: they go to the service, and are written nowhere."),
            Content.assemble("To try it without an agent: ", (sample, "bold")),
        ]
        return [part for line in lines for part in (line.wrap(max(1, width)) if line.plain else [line])]
