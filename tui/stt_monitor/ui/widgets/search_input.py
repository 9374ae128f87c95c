"""Input for the search of the transcript."""

from textual.widgets import Input


class SearchInput(Input):
    """Search input, mounted only while the user searches."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, placeholder="search the transcript: Enter finds, Escape ends", compact=True)

    def begin(self) -> None:
        """Take the focus, with the last term selected."""
        self.action_select_all()
        self.screen.set_focus(self)
