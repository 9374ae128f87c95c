"""What the server tells a client that asked for something it cannot have (protocol.md 10)."""

from stt_monitor.services.cartesia.codec import ServiceError


class RefusalError(Exception):
    """A client's request or message that is not accepted. Nothing of the server's insides appears in it.

    Attributes:
        title: a few words, the same for every failure of its kind; also the reason of the close frame.
        message: one sentence for the developer of the client.
        status: HTTP-like status.
        error_code: the vendor's name of the failure, or "".
    """

    def __init__(self, title: str, message: str, *, status: int = 400, error_code: str = "") -> None:
        super().__init__(message)
        self.title = title
        self.message = message
        self.status = status
        self.error_code = error_code

    def event(self, request_id: str) -> ServiceError:
        """Return the `error` event that reports this on the connection `request_id`."""
        return ServiceError(
            status_code=self.status,
            title=self.title,
            message=self.message,
            error_code=self.error_code,
            request_id=request_id,
        )
