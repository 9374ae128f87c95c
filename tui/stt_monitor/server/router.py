"""Routes requests: finds their service, checks visitor and key, answers plain HTTP."""

import uuid
from collections.abc import Awaitable, Callable, Sequence

from stt_monitor.server import pages
from stt_monitor.server.http import HttpRequest
from stt_monitor.server.settings import ServerSettings
from stt_monitor.server.visitors import Visitors
from stt_monitor.services.server_side import Answer, Head, RejectedError, Rejection, ServerSide, Synthesis, Visit

Speak = Callable[[Synthesis, bytes], Awaitable[Answer]]
"""Answers a request for speech. Raises RejectedError."""


class Router:
    """Finds the service of a request, and answers those that open no session, in that service's form.

    Args:
        sides: the services that are spoken; the first also answers requests for none of them.
        settings: which key and visitors are accepted.
        speak: makes speech.
        health: returns what `/health` tells.
        address: returns host:port of this server.
    """

    def __init__(
        self,
        sides: Sequence[ServerSide],
        settings: ServerSettings,
        *,
        speak: Speak,
        health: Callable[[], dict[str, object]],
        address: Callable[[], str],
    ) -> None:
        self._sides = sides
        self._key = settings.key
        self._visitors = Visitors.of(settings.host, settings.allow_hosts, settings.allow_origins)
        self._speak = speak
        self._health = health
        self._address = address

    def side(self, path: str) -> ServerSide | None:
        """Return the service whose websocket has this path; None when there is none."""
        return next((side for side in self._sides if path.endswith(side.path)), None)

    def answer_get(self, head: Head) -> Answer:
        """Answer a GET that opens no session."""
        try:
            self._check_visitor(head)
            return self._page(head)
        except RejectedError as error:
            return self.reject(error.rejection, head)

    def refusal(self, head: Head, side: ServerSide, full: Callable[[], str | None]) -> Answer | None:
        """Refuse a request for a session; None when it may begin. `full` says why there is no room."""
        try:
            self._check_visitor(head)
            if not side.opens_to_strangers:
                self._check_key(head, side)
            if side.rejects_upgrade:
                side.open(head, Visit()).open()
            _check_room(full())
        except RejectedError as error:
            return self.reject(error.rejection, head)
        return None

    def stranger(self, head: Head, side: ServerSide) -> Rejection | None:
        """Return why a session that may begin has to end at once; None when the request shows the key."""
        try:
            self._check_key(head, side)
        except RejectedError as error:
            return error.rejection
        return None

    async def answer_other(self, request: HttpRequest) -> Answer:
        """Answer any request but a GET."""
        try:
            return await self._other(request)
        except RejectedError as error:
            return self.reject(error.rejection, request.head)

    def reject(self, rejection: Rejection, head: Head | None = None) -> Answer:
        """Return a rejection in the form of the request's service."""
        head = head or Head()
        side = self.side(head.path) or self._speaking(head.path) or self._sides[0]
        return side.answer(rejection, head, str(uuid.uuid4()))

    async def _other(self, request: HttpRequest) -> Answer:
        head = request.head
        self._check_visitor(head)
        side = self._speaking(head.path)
        if request.method == "POST" and side and side.synthesis:
            self._check_key(head, side)
            return await self._speak(side.synthesis, request.body)
        page = self._page(head)
        if request.method != "HEAD":
            raise RejectedError(pages.method_not_allowed("GET, HEAD"))
        return page

    def _page(self, head: Head) -> Answer:
        if head.path == "/":
            hosts = head.header("host")
            return pages.front_page(hosts[0] if hosts else self._address(), self._sides)
        if head.path == pages.HEALTH_PATH:
            return pages.as_json(self._health())
        if side := self.side(head.path):
            raise RejectedError(pages.upgrade_required(side))
        if self._speaking(head.path):
            raise RejectedError(pages.method_not_allowed("POST"))
        raise RejectedError(pages.not_found(self._sides))

    def _speaking(self, path: str) -> ServerSide | None:
        """Return the service whose text-to-speech has this path."""
        return next((side for side in self._sides if side.synthesis and path.endswith(side.synthesis.path)), None)

    def _check_visitor(self, head: Head) -> None:
        """Refuse pages of other sites. Raises RejectedError."""
        hosts = head.header("host")
        if not self._visitors.allows_host(hosts):
            raise RejectedError(pages.misdirected())
        if not self._visitors.allows_origin(head.header("origin"), hosts):
            raise RejectedError(pages.foreign_page())

    def _check_key(self, head: Head, side: ServerSide) -> None:
        if self._key and not side.shows_key(self._key, head):
            raise RejectedError(side.unauthorized)


def _check_room(full: str | None) -> None:
    if full is not None:
        raise RejectedError(pages.too_busy(full))
