"""Writing a fact down, inside the transaction of the act that made it."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from tanhui.kernel import canonical

VERSION = 1
MAX_LEAF_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a uint16

INSERT = """
WITH fact AS (
    INSERT INTO journal_entry (kind, leaf, private, by_id, at) VALUES (%s, %s, %s, %s, %s) RETURNING id
)
INSERT INTO journal_pending (entry_id) SELECT id FROM fact RETURNING entry_id
"""


class LeafTooLong(ValueError):
    """A programming error, not a person's: an act must keep its fact within a leaf."""


def record(
    *, kind: str, fact: Mapping[str, Any], at: datetime, by: int | None, private: Mapping[str, Any] | None = None
) -> int:
    """Write one fact; returns the entry's id. It becomes public when the sequencer gives it a place in the log.

    ``fact`` is published; JSON values without floats. ``private`` stays here: the leaf carries only a salted SHA-256 of
    it, which whoever is shown the opening can check. ``by`` is the person's id, kept here and not published.
    """
    leaf: dict[str, Any] = {"v": VERSION, "kind": kind, "at": stamp(at), "fact": dict(fact)}
    opening = None
    if private is not None:
        opening = {"salt": secrets.token_hex(16), "private": dict(private)}
        leaf["commitment"] = canonical.sha256(opening)
    raw = canonical.dumps(leaf)
    if len(raw) > MAX_LEAF_BYTES:
        raise LeafTooLong(f"{kind}: {len(raw)} bytes")
    with connection.cursor() as cursor:
        text = None if opening is None else canonical.dumps(opening).decode()
        cursor.execute(INSERT, [kind, raw, text, by, at])
        entry_id: int = cursor.fetchone()[0]
    return entry_id


def stamp(at: datetime) -> str:
    """UTC to the microsecond, as facts write it: ``2026-06-05T04:00:00.000000Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
