"""Removes the secrets of one call from what either side says."""

from stt_monitor.tap.credentials import credentials_in
from stt_monitor.transport.redact import IsPublic, Redactor
from stt_monitor.transport.redact_pieces import PiecesRedactor


class Masking:
    """Knows the secrets of a call: those of its request, and those that its agent sends later.

    Args:
        secrets: what came as a credential with the request.
        is_public: whether a parameter of this name may be shown.
    """

    def __init__(self, secrets: tuple[str, ...], is_public: IsPublic) -> None:
        self._secrets = set(secrets)
        self._is_public = is_public
        self._renew()

    def text(self, text: str) -> str:
        """Return a text of its own without secrets."""
        return self._redact(text)

    def message(self, payload: str) -> str:
        """Return a message of the service without secrets, even where it sends one in pieces."""
        return self._redact_pieces(payload)

    def binary(self, payload: bytes) -> bytes:
        """Return a binary message of the service likewise."""
        return self._redact_pieces(payload.decode("latin-1")).encode("latin-1")

    def learn(self, text: str) -> None:
        """Learn the secrets in a message of the agent, by the names of their fields."""
        if new := credentials_in(text, self._is_public) - self._secrets:
            self._secrets |= new
            self._renew()

    def _renew(self) -> None:
        self._redact = Redactor(self._secrets)
        self._redact_pieces = PiecesRedactor(self._redact)
