"""Redirects: where they lead and what may go along. One rule for websockets and HTTP. Pure."""

from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

import msgspec

from stt_monitor.services.base import Credential, Service
from stt_monitor.transport.failures import Asked, Failure
from stt_monitor.transport.proxies import Proxy
from stt_monitor.transport.redact import Redactor

MOST_REDIRECTS: Final = 5

STATUSES: Final = frozenset({301, 302, 303, 307, 308})

_SECURE: Final = {"wss": True, "https": True, "ws": False, "http": False}
_GIVE_IT: Final = "if that is the right address, give it with --url"


class Target(msgspec.Struct, frozen=True):
    """Where a request goes, and with which headers. They may hold a key: nothing of it is in its representation."""

    url: str
    headers: dict[str, str]
    first: str
    """The address that was given, as people may see it."""
    service: Service
    """Whose words are spoken there."""
    wanted: str = "the turns"
    """The settings requested there."""
    credential: Credential = Credential.NONE
    """What goes along to that address."""
    by_key: bool = False
    """Whether that address is the default one, used because a key is set."""
    redirects: int = 0
    elsewhere: bool = False
    """Whether it is another origin than the one that was given: no key and no login goes there."""

    def __repr__(self) -> str:
        """Show where it is, without a query."""
        return f"Target({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address as people may see it; where redirects led to it, with the first one."""
        if not self.redirects:
            return self.first
        return f"{_bare(self.url)}, where {self.first} redirects to,"

    def asked(self, redact: Redactor, proxy: Proxy | None) -> Asked:
        """Return what sentences about a failure need to know."""
        credential = Credential.NONE if self.elsewhere else self.credential
        return Asked(self.shown, self.service, self.wanted, credential, self.by_key, self.elsewhere, proxy, redact)

    def redirected(self, location: str, redact: Redactor) -> "Target | Failure":
        """Follow a redirect; a key stays with its origin, and so does what holds it.

        Args:
            location: as the service wrote it.
            redact: knows the secrets.
        """
        try:
            parts = urlsplit(urldefrag(urljoin(self.url, location)).url)
            secure, kind = _SECURE[parts.scheme], urlsplit(self.url).scheme
            scheme = ("wss" if secure else "ws") if kind.startswith("ws") else ("https" if secure else "http")
            place = parts.netloc.rpartition("@")[2]  # a login that is not ours
            url = urlunsplit((scheme, place, parts.path, parts.query, ""))
            moved = _origin(url) != _origin(self.url)
        except (ValueError, KeyError):
            return Failure(
                f"{self.shown} redirects to what is no address of a service", "check the address", passing=False
            )
        if self.redirects == MOST_REDIRECTS:
            return Failure(f"{self.shown} redirects again and again", "check the address", passing=False)
        if _SECURE[urlsplit(self.url).scheme] and not secure:
            what = f"{self.shown} redirects to {_bare(url)}, which is not encrypted: not followed"
            return Failure(what, _GIVE_IT, passing=False)
        if moved and redact(url) != url:
            what = f"{self.shown} redirects to {redact(_bare(url))} and would hand it the key: not followed"
            return Failure(what, _GIVE_IT, passing=False)
        headers = {name: value for name, value in self.headers.items() if not (moved and name == "Authorization")}
        return msgspec.structs.replace(
            self, url=url, headers=headers, redirects=self.redirects + 1, elsewhere=self.elsewhere or moved
        )


def _origin(url: str) -> tuple[bool, str, int]:
    parts = urlsplit(url)
    secure = _SECURE[parts.scheme]
    if not parts.hostname:
        raise ValueError("no host")
    return secure, parts.hostname, parts.port or (443 if secure else 80)


def _bare(url: str) -> str:
    """Return a URL without its query, which may hold anything."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
