"""Sending a stored content: whole or in part, under its own name, so that no browser takes it for a page of ours."""

import logging
import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from tanhui.files import kinds, store
from tanhui.files.models import Export, Version
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import downloads

# Nothing in a paper may run, send, or load anything; a browser's own viewer needs its styles.
SANDBOX = (
    "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class ExportNotReady(Refusal):
    code = "files.export_not_ready"
    sentence = gettext_noop(
        "This export has no file to offer now. See its state among your exports, or ask for it anew."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 409


log = logging.getLogger("tanhui.files")


class ContentMissing(Refusal):
    code = "files.content_missing"
    sentence = gettext_noop("The bytes of this file cannot be read now. Tell the operator its SHA-256: %(sha256)s.")
    clause = "ARCHITECTURE.md §6.5"
    status = 503


def version(request: HttpRequest, one: Version, *, inline: bool = False) -> HttpResponseBase:
    """A version as an attachment, or for looking at where its format allows that."""
    shown = inline and kinds.FORMATS[one.format].inline
    return content(request, one.sha256, one.size_bytes, one.name, one.media_type, inline=shown)


def export(request: HttpRequest, one: Export) -> HttpResponseBase:
    """The file of a ready export. Refuses with ``ExportNotReady``."""
    if one.state != Export.State.READY or one.size_bytes is None:
        raise ExportNotReady
    name = f"{one.name.rpartition('.')[2]}-{clock.day(one.asked_at):%Y%m%d}.{one.form}"
    return content(request, one.sha256, one.size_bytes, name, downloads.MEDIA_TYPES[one.form])


def content(
    request: HttpRequest, sha256: str, size: int, name: str, media_type: str, *, inline: bool = False
) -> HttpResponseBase:
    """A content with its hash as ETag: 304 for who has it, 206 for one range of it, 416 for a range beyond it.

    Whole contents are checked against their hash while they are sent. Refuses with ``ContentMissing``.
    """
    etag = f'"{sha256}"'
    if etag in (part.strip() for part in request.headers.get("If-None-Match", "").split(",")):
        return dressed(HttpResponse(status=304), etag, name, media_type, inline)
    if not store.store().has(sha256):
        log.error("content=%s is not in the store", sha256)
        raise ContentMissing(sha256=sha256)
    asked = span(request, etag, size)
    if asked is None:
        response: HttpResponseBase = StreamingHttpResponse(store.whole(sha256, size))
        response["Content-Length"] = str(size)
    elif asked[0] >= asked[1]:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        start, stop = asked
        response = StreamingHttpResponse(store.store().pieces(sha256, start, stop), status=206)
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        response["Content-Length"] = str(stop - start)
    return dressed(response, etag, name, media_type, inline)


def span(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The one range asked for as start and stop, an empty one when it cannot be given; ``None`` for all of it."""
    found = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    return int(first), min(size, int(last) + 1) if last else size


def dressed(response: HttpResponseBase, etag: str, name: str, media_type: str, inline: bool) -> HttpResponseBase:
    response["Content-Type"] = f"{media_type}; charset=utf-8" if media_type == "text/plain" else media_type
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    return response
