"""Signed JSON files that stand by themselves: a format, a body in canonical form, a key and its signature.

``{"format": …, "body": {…}, "key": "name+id+base64", "signature": "base64"}``; what is signed is ``PREFIX``, the
format, a line feed and the canonical bytes of the body (RFC 8785), by Ed25519 (RFC 8032). Whoever has the key checks it
offline.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

PREFIX = b"tanhui signed file v1\n"
LARGEST = 2 * 1024 * 1024  # bytes
RECORD, STATEMENT = "tanhui-green-record/1", "tanhui-region-statement/1"


class SignedFileUnreadable(Refusal):
    code = "inclusion.signed_file_unreadable"
    sentence = gettext_noop(
        "This is no signed file of the format %(format)s, or it was cut short. Hand in the file as it was given out."
    )
    clause = "RFC 8785"
    status = 422


class SignedFileForged(Refusal):
    code = "inclusion.signed_file_forged"
    sentence = gettext_noop(
        "The signature does not hold: the file was changed, or signed with another key than the one agreed. Do not "
        "rely on it; ask for it again."
    )
    clause = "RFC 8032"
    status = 422


def signed(format_: str, body: Mapping[str, Any], signer: note.Signer) -> bytes:
    """The file over a body of JSON values without floats; the same body and key give the same bytes."""
    signature = note.encode(signer.sign(message(format_, body)))
    return canonical.dumps(
        {"format": format_, "body": dict(body), "key": str(signer.verifier), "signature": signature}
    )  # fmt: skip


def opened(raw: bytes, format_: str, keys: Iterable[note.Verifier]) -> dict[str, Any]:
    """The body of a file that one of the keys signed. Refuses with ``SignedFileUnreadable`` or ``SignedFileForged``."""
    made = read(raw, format_)
    try:
        said, signature = message(format_, made["body"]), note.decode(made["signature"])
    except (ValueError, TypeError):
        raise SignedFileUnreadable(format=format_) from None
    if not any(str(key) == made["key"] and key.holds(signature, said) for key in keys):
        raise SignedFileForged
    body: dict[str, Any] = made["body"]
    return body


def read(raw: bytes, format_: str) -> dict[str, Any]:
    """The file taken apart; nothing in it is verified yet. Refuses with ``SignedFileUnreadable``."""
    try:
        found = json.loads(raw.decode()) if len(raw) <= LARGEST and b"\\u0000" not in raw else None
    except (ValueError, RecursionError):
        found = None
    shapes = {"format": str, "body": dict, "key": str, "signature": str}
    if not isinstance(found, dict) or any(not isinstance(found.get(name), kind) for name, kind in shapes.items()):
        raise SignedFileUnreadable(format=format_)
    if found["format"] != format_:
        raise SignedFileUnreadable(format=format_)
    return found


def message(format_: str, body: Mapping[str, Any]) -> bytes:
    return PREFIX + format_.encode() + b"\n" + canonical.dumps(dict(body))


def digest(raw: bytes) -> str:
    """SHA-256 of the whole file, as the log states it."""
    return hashlib.sha256(raw).hexdigest()
