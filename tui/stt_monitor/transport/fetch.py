"""HTTP requests to the service, with the proxies, redirects and retries of its websockets."""

import random
import ssl
import time
from typing import Final

import httpx
import msgspec

from stt_monitor import __version__
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.services.base import Request
from stt_monitor.transport.address import Address
from stt_monitor.transport.failures import (
    Asked,
    Failure,
    why_no_proxy,
    why_no_socks,
    why_proxy_refused,
    why_refused,
    why_unreached,
)
from stt_monitor.transport.proxies import Proxy, proxy_for
from stt_monitor.transport.redirects import STATUSES, Target
from stt_monitor.transport.retry import Patience, told_wait

_TIMEOUT_S: Final = 30.0
"""What one step of a request may take."""

_ANSWER_S: Final = 120.0
"""What the whole of an answer may take."""

_MOST_BYTES: Final = 64 << 20
"""What an answer may have: half an hour of speech."""

_REFUSAL_BYTES: Final = 1 << 16
"""What is read of a refusal."""

_TEXT: Final = ("text/", "application/json")
"""What the type of an answer begins with that is no sound."""


def post(address: Address, request: Request, body: bytes, wanted: str) -> bytes:
    """Post JSON, following redirects, retrying a busy service. Blocks.

    Args:
        address: the service, with its key.
        request: what to ask of it.
        body: the JSON.
        wanted: what is fetched, in words.

    Returns:
        The body of the answer.

    Raises:
        ServiceUnavailableError: the service could not be reached, or refused.
    """
    redact, patience = address.redact, Patience()
    headers = {"Content-Type": "application/json"} | request.headers
    first = Target(
        request.url,
        headers,
        request.url,
        address.service,
        wanted,
        credential=address.credential,
        by_key=address.is_vendors,
    )
    target = first
    while True:
        proxy = proxy_for(target.url)
        asked = target.asked(redact, proxy)
        answer = why_no_proxy(proxy) if proxy is not None and not proxy.is_valid else _ask(target, body, asked)
        if isinstance(answer, bytes):
            return answer
        if isinstance(answer, str):
            followed = target.redirected(answer, redact)
            if isinstance(followed, Target):
                target = followed
                continue
            answer = followed
        pause = None
        if answer.busy:
            chance = random.random()  # noqa: S311  it keeps clients apart, not secrets
            pause = patience.pause(time.monotonic(), chance, retries=None, told=answer.retry_after)
        if pause is None:
            raise ServiceUnavailableError(redact(answer.sentence))
        time.sleep(pause)
        target = first


def _ask(target: Target, body: bytes, asked: Asked) -> bytes | str | Failure:
    """Make one request; returns the answer, a redirect's target, or the failure."""
    began = time.monotonic()
    answered = False
    headers = {"User-Agent": f"stt-monitor/{__version__}", "Accept-Encoding": "identity", "Connection": "close"}
    timeout = httpx.Timeout(_TIMEOUT_S).as_dict()
    try:
        # A client would follow redirects, read logins from ~/.netrc and choose a proxy by rules of its own.
        with httpx.HTTPTransport(
            verify=ssl.create_default_context(),  # the certificates that the websocket trusts
            proxy=asked.proxy.url if asked.proxy is not None else None,
            trust_env=False,
        ) as transport:
            request = httpx.Request(
                "POST", target.url, content=body, headers=headers | target.headers, extensions={"timeout": timeout}
            )
            response = transport.handle_request(request)
            response.request = request
            answered = True
            if response.status_code in STATUSES and "Location" in response.headers:
                return str(response.headers["Location"])
            most = _MOST_BYTES if response.is_success else _REFUSAL_BYTES
            content = bytearray()
            for piece in response.iter_bytes():
                content += piece
                if time.monotonic() - began > _ANSWER_S:
                    raise TimeoutError
                if len(content) > most:
                    break
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
        return _why_broken(error, asked) if answered else _why_unasked(error, asked)
    if response.is_success:
        if response.headers.get("Content-Type", "").lower().startswith(_TEXT):  # a page that asks to log in, say
            return Failure(f"{asked.where} answered with a text{asked.through}", "check the address", passing=False)
        return bytes(content[:most])
    wait = told_wait(response.headers.get_list("Retry-After"), response.headers.get_list("Date"))
    failure = why_refused(response.status_code, asked.said(bytes(content)), asked, wait)
    if asked.proxy is None or failure.what.startswith(asked.proxy.shown) or target.url.startswith("https:"):
        return failure
    return msgspec.structs.replace(failure, what=failure.what + asked.through)  # unencrypted, either may have said it


def _why_unasked(error: Exception, asked: Asked) -> Failure:
    """Describe why there was no answer. The library's words are never quoted: headers may be in them."""
    match error:
        case httpx.ProxyError() | ValueError() | ImportError() if asked.proxy is not None:
            return _why_no_way(error, asked.proxy, asked)
        case httpx.TimeoutException():
            return why_unreached(TimeoutError(), asked)
        case httpx.NetworkError() | OSError():
            return why_unreached(_cause(error), asked)
        case httpx.RemoteProtocolError() | httpx.DecodingError():
            what = f"{asked.where} answered, but not as a web server{asked.through}"
            return Failure(what, "check the address", passing=False)
        case _:
            return Failure(f"{asked.where} is no address of a web server", "check --url", passing=False)


def _why_no_way(error: Exception, proxy: Proxy, asked: Asked) -> Failure:
    """Describe why a proxy failed."""
    if isinstance(error, ImportError):
        return why_no_socks(proxy)
    status = str(error)[:3]  # all that it says of the answer
    if isinstance(error, httpx.ProxyError) and status.isdecimal():
        return why_proxy_refused(int(status), proxy, asked)
    return why_unreached(OSError(), asked)  # or it is a kind of SOCKS that the library does not know


def _why_broken(error: Exception, asked: Asked) -> Failure:
    """Describe why an answer broke off."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        what = "did not finish its answer in time"
    else:
        what = "broke off in the middle of its answer"
    return Failure(f"{asked.where} {what}{asked.through}", "check the service and the network", passing=True)


def _cause(error: BaseException) -> OSError:
    """Return what the system said, which the library wraps."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return ConnectionResetError()
