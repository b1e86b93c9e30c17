"""One way to write a fact as bytes, so that two people hash the same thing.

UTF-8 JSON with sorted keys and no spaces, and neither floats nor dates-as-objects: integers, strings, booleans, null,
lists and string-keyed objects only. For such values this equals RFC 8785 (JSON Canonicalization Scheme) as long as keys
are ASCII, which ``dumps`` requires.
"""

import hashlib
import json
from typing import Any

MAX_SAFE_INTEGER = 2**53 - 1  # RFC 8785 inherits the I-JSON range


def dumps(value: Any) -> bytes:
    """Canonical bytes of a JSON value. ``TypeError`` for a float or an object JSON lacks, ``ValueError`` for a number
    beyond 2^53 - 1 or a key that is not ASCII."""
    check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def check(value: Any) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            raise ValueError(f"{value} is too large to be read back exactly everywhere; write it as text")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not text")
            if not key.isascii():
                raise ValueError(f"the key {key!r} is not ASCII")
            check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            check(inner)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form; write exact numbers and dates as text")


def sha256(value: Any) -> str:
    """Hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(dumps(value)).hexdigest()
