"""The line in which one types what to look for."""

from textual.widgets import Input


class SearchInput(Input):
    """There only while somebody searches."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, placeholder="search the transcript: Enter finds, Escape ends", compact=True)

    def begin(self) -> None:
        """Have the focus, with what was looked for last to be typed over."""
        self.action_select_all()
        self.screen.set_focus(self)
