"""One HTTP request to an address somebody else typed: never into our own network, never led elsewhere, never for long.

The name is resolved once, every address it has must be a public one, and the connection goes to the very address that
was looked at, so that a name which changes its mind in between gains nothing.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from tanhui.kernel.refusal import Refusal, gettext_noop

PATIENCE = 10.0  # seconds for everything: name, connection, request and answer
MOST_READ = 500  # characters of an answer that are kept
LOWEST_PORT = 1024  # besides 443
TIMEOUT, REFUSED, RESET, UNTRUSTED = "timeout", "connection refused", "connection reset", "certificate not trusted"
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UrlUnusable(Refusal):
    code = "notices.url_unusable"
    sentence = gettext_noop(
        "%(url)s cannot be called: it must begin with https://, name a host, and contain neither a user name nor a "
        "fragment; a port, if any, is 443 or at least 1024. Correct it."
    )
    clause = "RFC 9110 §4.2.2"
    status = 422


class HostUnknown(Refusal):
    code = "notices.host_unknown"
    sentence = gettext_noop("The name %(host)s leads to no address. Check its spelling, or wait until it is published.")
    clause = "RFC 9110 §4.3.3"
    status = 422


class HostInside(Refusal):
    code = "notices.host_inside"
    sentence = gettext_noop(
        "%(host)s leads to an address that is not public. Name a host that the whole internet can reach."
    )
    clause = "GB/T 22239-2019 8.1.3.2"
    status = 422


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: the name for the other side, and the address that was looked at."""

    secure: bool
    host: str
    port: int
    path: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status with the beginning of the body, or else why nothing did; and how long that took."""

    status: int | None
    text: str
    fault: str
    milliseconds: int

    @property
    def taken(self) -> bool:
        """Whether the other side has the message: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def place(url: str) -> Place:
    """Where a URL leads. Refuses with ``UrlUnusable``, ``HostUnknown`` or ``HostInside``.

    In a demonstration this machine itself may be called too, also by plain http.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:  # UnicodeError is one
        raise UrlUnusable(url=url[:200]) from error
    odd = parts.username is not None or parts.password is not None or bool(parts.fragment)
    printable = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"https", "http"} or not host or odd or not printable or len(url) > 400:
        raise UrlUnusable(url=url[:200])
    if port not in {None, 443} and (port or 0) < LOWEST_PORT:
        raise UrlUnusable(url=url[:200])
    found = addresses(host, port or (443 if parts.scheme == "https" else 80))
    for one in found:
        if not (public(one) or (one.is_loopback and settings.TANHUI_MODE == "demonstration")):
            raise HostInside(host=host)
    if parts.scheme == "http" and not all(one.is_loopback for one in found):
        raise UrlUnusable(url=url[:200])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80), path, str(found[0]))


def addresses(host: str, port: int) -> list[Address]:
    """Every address a name has."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(host=host[:200]) from error
    return [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def public(one: Address) -> bool:
    """Whether anyone on the internet can be reached there, also when IPv4 hides inside IPv6."""
    if isinstance(one, ipaddress.IPv6Address):
        if one in NAT64:
            return public(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF))
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if inner is not None:
            return public(inner)
    return one.is_global and not one.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body and tell what came back. A redirect is an answer like any other; it is not followed."""
    started = time.monotonic()

    def told(status: int | None, text: str = "", fault: str = "") -> Answer:
        return Answer(status, text, fault, round((time.monotonic() - started) * 1000))

    try:
        where = place(url)
    except Refusal as refusal:
        return told(None, fault=f"{refusal.code}: {refusal}"[:200])
    connection = http.client.HTTPConnection(where.host, where.port)
    watch, same = None, None
    try:
        plain = socket.create_connection((where.address, where.port), timeout=PATIENCE)
        same = plain.dup()  # TLS takes the other one over
        watch = threading.Timer(max(0.1, PATIENCE - (time.monotonic() - started)), end, [same])
        watch.daemon = True
        watch.start()
        connection.sock = trusting().wrap_socket(plain, server_hostname=where.host) if where.secure else plain
        connection.request("POST", where.path, body=body, headers={**headers, "Connection": "close"})
        answer = connection.getresponse()
        text = answer.read(4 * MOST_READ).decode("utf-8", "replace").replace("\x00", "")
        return told(answer.status, text[:MOST_READ])
    except (OSError, http.client.HTTPException) as error:
        late = isinstance(error, TimeoutError) or time.monotonic() - started >= PATIENCE - 0.2
        return told(None, fault=TIMEOUT if late else named(error))
    finally:
        if watch is not None and same is not None:
            watch.cancel()
            same.close()
        connection.close()


def named(error: Exception) -> str:
    """What went wrong, by a name that stays the same; what is not foreseen by its own."""
    match error:
        case ConnectionRefusedError():
            return REFUSED
        case ssl.SSLCertVerificationError():
            return UNTRUSTED
        case ConnectionError() | http.client.RemoteDisconnected():
            return RESET
        case _:
            return f"{type(error).__name__}: {error}"[:200]


def trusting() -> ssl.SSLContext:
    """The machine's trusted authorities, and no version of TLS before 1.2."""
    return ssl.create_default_context()


def end(opened: socket.socket) -> None:
    """Time is up, however slowly the other side still speaks."""
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
