"""The seal of a certificate: an Ed25519 signature over every byte of the PDF, kept inside the PDF.

The document's keywords hold ``MARK`` and 88 letters A. The signature takes the letters' place without moving a byte, so
the file stays a valid PDF/A, and the same act gives the same bytes.
"""

import hashlib
import re
from collections.abc import Callable

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

MARK = "tanhui-seal:"
PLACEHOLDER = "A" * 88  # the length of 64 bytes in base64
DOMAIN = b"tanhui-certificate-seal/1\n"
SEALED = re.compile(re.escape(MARK.encode()) + rb"([A-Za-z0-9+/]{86}==)")
OPEN = (MARK + PLACEHOLDER).encode()
LARGEST = 64 * 1024 * 1024
PROOF_FILE = "proof.json"
SEAL_PAGE = "docs/algorithms/transparency-log.md §5"


class SealPlaceMissing(Refusal):
    code = "tlog.seal_place_missing"
    sentence = gettext_noop(
        "The document has no place for a seal. Its keywords must hold the seal's mark and 88 letters A, and only ASCII."
    )
    clause = SEAL_PAGE
    status = 500


class SealMissing(Refusal):
    code = "tlog.seal_missing"
    sentence = gettext_noop(
        "The PDF carries no seal. It is not a certificate of this system, or a program has saved it anew: "
        "use the file as it was issued."
    )
    clause = SEAL_PAGE
    status = 422


class SealBroken(Refusal):
    code = "tlog.seal_broken"
    sentence = gettext_noop(
        "The seal does not fit the PDF: the file was altered after %(name)s sealed it, or another key sealed it. "
        "Do not rely on what is printed on it."
    )
    clause = SEAL_PAGE
    status = 422


class PdfUnreadable(Refusal):
    code = "tlog.pdf_unreadable"
    sentence = gettext_noop("The PDF cannot be opened. It was cut short or damaged; use the file as it was issued.")
    clause = SEAL_PAGE
    status = 422


class PdfTooLarge(Refusal):
    code = "tlog.pdf_too_large"
    sentence = gettext_noop("The PDF has %(found)s bytes; a certificate has at most %(limit)s. Check the file.")
    clause = SEAL_PAGE
    status = 422


class ProofMissing(Refusal):
    code = "tlog.proof_missing"
    sentence = gettext_noop(
        "The PDF carries no single proof.json. It is not a certificate of this system, or a program has removed the "
        "proof: use the file as it was issued."
    )
    clause = SEAL_PAGE
    status = 422


def seal(pdf: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """The same PDF with the seal in place; ``sign`` gives the 64-byte signature. Refuses with ``SealPlaceMissing``."""
    if OPEN not in pdf:
        raise SealPlaceMissing
    signature = note.encode(sign(DOMAIN + hashlib.sha256(pdf).digest()))
    return pdf.replace(OPEN, (MARK + signature).encode())


def check(pdf: bytes, key: note.Verifier) -> None:
    """Check that no byte of the PDF differs from what this key sealed. Refuses with ``SealMissing``, ``SealBroken``."""
    found = set(SEALED.findall(pdf))
    if not found:
        raise SealMissing
    encoded = found.pop()
    try:
        signature = note.decode(encoded.decode())
    except ValueError as error:  # a second spelling of the same 64 bytes
        raise SealBroken(name=key.name) from error
    unsealed = pdf.replace(MARK.encode() + encoded, OPEN)
    # A mark left open, or a second signature, would let bytes change that the digest does not see.
    if found or OPEN in pdf or not key.holds(signature, DOMAIN + hashlib.sha256(unsealed).digest()):
        raise SealBroken(name=key.name)


def proof_file(pdf: bytes) -> bytes:
    """The bytes of the attachment ``proof.json``. Refuses with ``PdfTooLarge``, ``PdfUnreadable``, ``ProofMissing``."""
    import io
    import logging

    import pypdf

    if len(pdf) > LARGEST:
        raise PdfTooLarge(found=len(pdf), limit=LARGEST)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings about odd files would mix with our answer
    try:
        files = pypdf.PdfReader(io.BytesIO(pdf)).attachments.get(PROOF_FILE, [])
    # A parser fed a hostile file fails in as many ways as Python has; to the asker they are one.
    except Exception as error:
        raise PdfUnreadable from error
    if len(files) != 1:
        raise ProofMissing
    return files[0]
