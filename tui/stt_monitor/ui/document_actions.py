"""Reports and exports of the session that is shown, and screenshots."""

from textual.events import DeliveryComplete
from textual.message import Message

from stt_monitor.core.commands import WriteExport, WriteReport
from stt_monitor.core.errors import InputError
from stt_monitor.ui.leaving_app import LeavingApp


class DocumentWritten(Message):
    """A report or an export was written."""

    def __init__(self, path: str, *, opened: bool) -> None:
        super().__init__()
        self.path = path
        self.opened = opened


class NotWritten(Message):
    """A report or an export cannot be written."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class DocumentActions(LeavingApp):
    """Writes them, and says where they are."""

    def action_report(self) -> None:
        """Write a report beside the saved session, and open it where there is a desktop."""
        self._say("writing a report…")
        self._controller.send(WriteReport(self._written, self._not_written, open_it=not self.is_web))

    def action_export(self, form: str) -> None:
        """Write the turns for other programs."""
        self._controller.send(WriteExport(form, self._one_of_several, self._written, self._not_written))

    def action_save_screenshot(self) -> None:
        """Save a screenshot in the working directory, else with the session; in a browser, download it."""
        if self.is_web:
            self.deliver_screenshot()
            return
        from stt_monitor.ui.new_file import save_new

        try:
            path = save_new(self.export_screenshot(), self.folders, ".svg", what="the screenshot")
        except InputError as error:
            self._say(str(error), severity="error")
        else:
            self._say(path, title="Screenshot saved")

    def on_delivery_complete(self, event: DeliveryComplete) -> None:
        """Notify of a screenshot's download, once; a document was opened or saved by the browser itself."""
        event.prevent_default()
        if event.name:
            self._say(event.name, title="Screenshot saved")

    def on_document_written(self, message: DocumentWritten) -> None:
        """Say where it is; in a browser, hand it over; with no desktop at hand, copy its path."""
        path = message.path
        if self.is_web:
            self.deliver_text(path, open_method="browser" if path.endswith(".html") else "download")
            return
        if not message.opened:
            self.copy_to_clipboard(path)
        self._say(path, title="Opened" if message.opened else "Written; its path is copied")

    def on_not_written(self, message: NotWritten) -> None:
        """Say why it is not written."""
        self._say(message.sentence)

    def _written(self, path: str, opened: bool) -> None:  # noqa: FBT001  as the command has it
        self.post_message(DocumentWritten(path, opened=opened))

    def _not_written(self, sentence: str) -> None:
        self.post_message(NotWritten(sentence))
