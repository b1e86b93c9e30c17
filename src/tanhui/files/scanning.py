"""Asking a virus scanner: clamd's INSTREAM over TCP or a Unix socket (``TANHUI_CLAMD``), nobody by default."""

import logging
import socket
import struct
from pathlib import Path

from django.conf import settings

from tanhui.files import refusals
from tanhui.files.models import Scan
from tanhui.kernel.refusal import Refusal, gettext_noop

PIECE = 1 << 16
PATIENCE = 60.0  # seconds the scanner may stay silent
log = logging.getLogger("tanhui.files")


class ScannerSilent(Refusal):
    code = "files.scanner_silent"
    sentence = gettext_noop(
        "The file has come in, but the virus scanner does not answer. Try again in a while; nothing passes unscanned."
    )
    clause = "GB/T 22239-2019 8.1.4.4"
    status = 503


def scan(path: Path) -> Scan:
    """What the scanner says of a file: ``CLEAN``, or ``NONE`` without a scanner. Refuses with ``Infected`` and
    ``ScannerSilent``: nothing passes unscanned where a scanner is named."""
    address = getattr(settings, "TANHUI_CLAMD", "")
    if not address:
        return Scan.NONE
    try:
        said = instream(address, path)
    except OSError as fault:
        log.error("scanner=%s failed: %s", address, fault)
        raise ScannerSilent from fault
    verdict = said.rpartition(": ")[2]
    if verdict == "OK":
        return Scan.CLEAN
    if verdict.endswith(" FOUND"):
        raise refusals.Infected(signature=verdict.removesuffix(" FOUND")[:80])
    log.error("scanner=%s says %r", address, said[:200])
    raise ScannerSilent


def instream(address: str, path: Path) -> str:
    """clamd's answer, as ``stream: OK``: pieces with their lengths in front, a zero length at the end."""
    with connected(address) as line, path.open("rb") as file:
        line.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        said = b""
        while not said.endswith(b"\0") and (more := line.recv(4096)):
            said += more
    return said.rstrip(b"\0\n").decode(errors="replace")


def connected(address: str) -> socket.socket:
    """``unix:/run/clamd.sock`` or ``host:port``."""
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        line.connect(address.removeprefix("unix:"))
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)
