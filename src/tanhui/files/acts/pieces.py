"""Receiving a file in pieces: each request goes on where the disk says the last one ended.

A request that writes holds the upload by a token in its row; the next one takes the token over, so that a client who
comes back never waits for a connection that died without a word, and of two at once only one goes on.
"""

import contextlib
import hashlib
import logging
import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from tanhui.files import scanning, store
from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.kernel.refusal import Refusal, gettext_noop

PIECE = 4 << 20  # bytes written and synced under one lock
log = logging.getLogger("tanhui.files")


class OffsetWrong(Refusal):
    code = "files.offset_wrong"
    sentence = gettext_noop("%(received)s bytes are here, and you would go on at %(asked)s. Ask where to go on.")
    clause = "tus 1.0.0: PATCH"
    status = 409


class UploadClosed(Refusal):
    code = "files.upload_closed"
    sentence = gettext_noop("This upload has ended; nothing can be added to it. Begin a new one.")
    clause = "tus 1.0.0: PATCH"
    status = 409


class UploadTakenOver(Refusal):
    code = "files.upload_taken_over"
    sentence = gettext_noop("Another request goes on with this upload. Ask where it is before you go on.")
    clause = "tus 1.0.0: PATCH"
    status = 409


class PieceTooLong(Refusal):
    code = "files.piece_too_long"
    sentence = gettext_noop("With %(length)s bytes more the file is longer than the %(size)s bytes you announced.")
    clause = "tus 1.0.0: PATCH"
    status = 413


class ChecksumWrong(Refusal):
    code = "files.checksum_wrong"
    sentence = gettext_noop(
        "The bytes that arrived do not have the checksum you sent; they were discarded. Send again."
    )
    clause = "tus 1.0.0: checksum"
    status = 460


def append(
    *, upload: Upload, stream: receiving.Source, offset: int, length: int, at: datetime, sha256: bytes | None = None
) -> Upload:
    """Add up to ``length`` bytes from ``stream`` at ``offset``; settles the upload when it is whole.

    What arrives before the connection breaks counts, unless a ``sha256`` of these bytes was given: then all count or
    none. Refuses with ``UploadClosed``, ``OffsetWrong``, ``PieceTooLong``, ``UploadTakenOver``, ``ChecksumWrong``.
    """
    holder = claim(upload, offset, length, at)
    found, place = hashlib.sha256(), offset
    with store.open_draft(upload.pk) as file:
        for piece in pieces(stream, length):
            found.update(piece)
            place = write(upload, holder, file, place, piece, counts=sha256 is None)
        if sha256 is not None:
            if found.digest() != sha256:
                raise ChecksumWrong
            write(upload, holder, file, place, b"", counts=True)
    upload.refresh_from_db()
    if upload.received_bytes == upload.size_bytes:
        with contextlib.suppress(scanning.ScannerSilent):
            return receiving.settle(upload=upload, at=at)
    return upload


@transaction.atomic
def claim(upload: Upload, offset: int, length: int, at: datetime) -> uuid.UUID:
    """Be the only request that may write; whoever held the upload before is told so at its next piece."""
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != Upload.State.RECEIVING:
        raise UploadClosed
    if offset != row.received_bytes:
        raise OffsetWrong(received=row.received_bytes, asked=offset)
    if offset + length > row.size_bytes:
        raise PieceTooLong(length=length, size=row.size_bytes)
    row.holder, row.expires_at = uuid.uuid4(), at + receiving.UNUSED_FOR
    row.save(update_fields=["holder", "expires_at"])
    return row.holder


@transaction.atomic
def write(
    upload: Upload, holder: uuid.UUID, file: BinaryIO, place: int, piece: bytes | bytearray, *, counts: bool
) -> int:
    """Write one piece at its place and have the disk hold it before it counts; returns the next place."""
    if not Upload.objects.select_for_update().filter(pk=upload.pk, holder=holder).exists():
        raise UploadTakenOver
    left, end = memoryview(piece), place
    while left:
        done = os.pwrite(file.fileno(), left, end)
        left, end = left[done:], end + done
    if counts:
        os.fdatasync(file.fileno())
        Upload.objects.filter(pk=upload.pk).update(received_bytes=end)
    return end


def pieces(stream: receiving.Source, length: int) -> Iterator[bytearray]:
    """The bytes of a request in pieces; a connection that breaks ends them, with what had arrived as the last one."""
    gathered = bytearray()
    while length > 0:
        try:
            got = stream.read(min(length, store.PIECE, PIECE - len(gathered)))
        except OSError as fault:
            log.info("an upload broke off: %s", fault)
            break
        if not got:
            break
        gathered += got
        length -= len(got)
        if len(gathered) >= PIECE:
            yield gathered
            gathered = bytearray()
    if gathered:
        yield gathered
