"""Proof bundles: everything needed to check, alone and offline, that one fact is in the signed log."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import checkpoint, merkle, note, proof, tiles

FORMAT = "tanhui-proof/1"
LARGEST = 1_048_576  # bytes; a leaf has at most 65,535, a proof at most 63 hashes
FORMAT_PAGE = "docs/algorithms/transparency-log.md §4"


class BundleTooLarge(Refusal):
    code = "tlog.bundle_too_large"
    sentence = gettext_noop(
        "The proof has %(found)s bytes; a proof has at most %(limit)s. This is not a proof bundle; check the file."
    )
    clause = FORMAT_PAGE
    status = 422


class BundleNotJson(Refusal):
    code = "tlog.bundle_not_json"
    sentence = gettext_noop(
        "The proof breaks off or is not JSON at character %(at)s. It was cut short or damaged; download it again."
    )
    clause = FORMAT_PAGE
    status = 422


class FormatUnknown(Refusal):
    code = "tlog.format_unknown"
    sentence = gettext_noop(
        "This is not a proof this program knows: its format is %(found)s, not %(known)s. "
        "Choose the proof file itself, or use a newer version of the program."
    )
    clause = FORMAT_PAGE
    status = 422


class FieldMissing(Refusal):
    code = "tlog.field_missing"
    sentence = gettext_noop("The proof lacks “%(field)s”. It is incomplete; download it again.")
    clause = FORMAT_PAGE
    status = 422


class FieldMalformed(Refusal):
    code = "tlog.field_malformed"
    sentence = gettext_noop("“%(field)s” in the proof is not of the right kind. It was altered; download it again.")
    clause = FORMAT_PAGE
    status = 422


class LeafAltered(Refusal):
    code = "tlog.leaf_altered"
    sentence = gettext_noop(
        "The fact was altered: its text hashes to %(found)s, but the log recorded %(recorded)s. "
        "What the certificate states is not what was recorded; do not rely on it."
    )
    clause = merkle.RFC_6962
    status = 422


class LeafNotAFact(Refusal):
    code = "tlog.leaf_not_a_fact"
    sentence = gettext_noop(
        "The text in the proof is not a fact in its one canonical form, so it could be read in two ways. "
        "Do not rely on it."
    )
    clause = "RFC 8785"
    status = 422


class SizeDiffers(Refusal):
    code = "tlog.size_differs"
    sentence = gettext_noop(
        "The proof is made for a log of %(size)s leaves, the checkpoint in it is signed for %(signed)s. "
        "The two do not belong together; ask for the proof again."
    )
    clause = FORMAT_PAGE
    status = 422


class KeyDiffers(Refusal):
    code = "tlog.key_differs"
    sentence = gettext_noop(
        "The proof names the key %(key)s, but that key did not sign the checkpoint in it. "
        "The two do not belong together; ask for the proof again."
    )
    clause = FORMAT_PAGE
    status = 422


class OpeningWrong(Refusal):
    code = "tlog.opening_wrong"
    sentence = gettext_noop(
        "The private details shown with the proof are not those the fact was sealed with. "
        "The fact itself may be right; the details are not shown to be."
    )
    clause = FORMAT_PAGE
    status = 422


class AttachmentNotStated(Refusal):
    code = "tlog.attachment_not_stated"
    sentence = gettext_noop(
        "The attachment “%(name)s” is not named in the fact, so the log says nothing about it. Do not rely on it."
    )
    clause = FORMAT_PAGE
    status = 422


@dataclass(frozen=True)
class Verdict:
    """What a bundle proves. ``trusted``: the signing key is one the asker named; else compare ``key.fingerprint``."""

    leaf: dict[str, Any]
    index: int
    size: int
    root: bytes
    origin: str
    key: note.Verifier
    trusted: bool
    opening: dict[str, Any] | None = None


def build(
    *,
    tree: proof.Tree,
    index: int,
    signed: str,
    key: note.Verifier,
    leaf: bytes | None = None,
    opening: Mapping[str, Any] | None = None,
    attachments: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The bundle for the leaf at ``index`` of a tree whose checkpoint note is ``signed``.

    ``leaf`` is read from the log's entries when not given; ``opening`` shows the private part the leaf commits to;
    ``attachments`` maps names to hex SHA-256 values that the leaf states. Refuses with ``LeafNotAFact``.
    """
    leaf = tree.leaf(index) if leaf is None else leaf
    parse_leaf(leaf)
    made: dict[str, Any] = {
        "format": FORMAT,
        "leaf": leaf.decode(),
        "leaf_hash": merkle.leaf_hash(leaf).hex(),
        "index": index,
        "size": tree.size,
        "inclusion": [one.hex() for one in tree.inclusion(index)],
        "checkpoint": signed,
        "key": str(key),
    }
    if opening is not None:
        made["opening"] = dict(opening)
    if attachments:
        made["attachments"] = dict(attachments)
    return made


def dumps(made: Mapping[str, Any]) -> bytes:
    """The bundle as a file: the same bundle gives the same bytes."""
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def loads(data: bytes) -> dict[str, Any]:
    """The bundle in a file. Refuses what is too large, cut off, not JSON or of another format."""
    if len(data) > LARGEST:
        raise BundleTooLarge(found=len(data), limit=LARGEST)
    found = read_json(data)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        named = found.get("format") if isinstance(found, dict) else None
        raise FormatUnknown(found=str(named)[:40] if named else "–", known=FORMAT)
    return found


def read_json(data: bytes) -> Any:
    try:
        return json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise BundleNotJson(at=error.start) from error
    except json.JSONDecodeError as error:
        raise BundleNotJson(at=error.pos) from error
    except (RecursionError, ValueError) as error:  # nested or numbered beyond what any proof is
        raise BundleNotJson(at=0) from error


def verify(made: Mapping[str, Any], trusted: Sequence[str] | None = None) -> Verdict:
    """Check a bundle (as ``loads`` gives it) against trusted verifier keys, or against the key it carries.

    Every failure is a ``Refusal`` whose sentence says what is wrong and what that means.
    """
    leaf_text, leaf_hash = text(made, "leaf"), hexadecimal("leaf_hash", text(made, "leaf_hash"))
    index, size = whole(made, "index"), whole(made, "size")
    inclusion = [hexadecimal("inclusion", one) for one in field(made, "inclusion", list)]
    signed, key = text(made, "checkpoint"), note.Verifier.parse(text(made, "key"))
    try:
        leaf = leaf_text.encode()
    except UnicodeEncodeError as error:  # JSON can spell half a surrogate pair
        raise FieldMalformed(field="leaf") from error
    if len(leaf) > tiles.LONGEST_ENTRY:
        raise tiles.LeafTooLong(index=index, found=len(leaf), limit=tiles.LONGEST_ENTRY)
    if (found := merkle.leaf_hash(leaf)) != leaf_hash:
        raise LeafAltered(found=found.hex(), recorded=leaf_hash.hex())
    if not 0 <= index < size:
        raise merkle.IndexBeyondTree(index=index, size=size)
    unverified = note.parse(signed)
    stated = checkpoint.parse(unverified.text)
    if stated.size != size:
        raise SizeDiffers(size=size, signed=stated.size)
    merkle.verify_inclusion(index=index, size=size, leaf_hash=leaf_hash, proof=inclusion, root=stated.root)
    if (key.name, key.id) not in {(one.name, one.key_id) for one in unverified.signatures}:
        raise KeyDiffers(key=str(key))
    head, signed_by = checkpoint.verify(signed, [key])
    if trusted is not None:
        head, signed_by = checkpoint.verify(signed, [note.Verifier.parse(one) for one in trusted])
    fact = parse_leaf(leaf)
    check_attachments(made, fact)
    return Verdict(
        leaf=fact, index=index, size=size, root=head.root, origin=head.origin, key=signed_by,
        trusted=trusted is not None, opening=check_opening(made, fact),
    )  # fmt: skip


def parse_leaf(leaf: bytes) -> dict[str, Any]:
    """The fact in a leaf: an object with a ``kind``, in canonical form (so no key twice)."""
    try:
        found = json.loads(leaf)
        good = isinstance(found, dict) and isinstance(found.get("kind"), str) and canonical.dumps(found) == leaf
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good:
        raise LeafNotAFact
    return found  # type: ignore[no-any-return]


def check_opening(made: Mapping[str, Any], fact: Mapping[str, Any]) -> dict[str, Any] | None:
    """The private part a leaf commits to by its salted hash, when the bundle shows it."""
    if "opening" not in made:
        return None
    opening: dict[str, Any] = field(made, "opening", dict)
    try:
        good = canonical.sha256(opening) == fact.get("commitment")
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good:
        raise OpeningWrong
    private = opening.get("private")
    return private if isinstance(private, dict) else opening


def check_attachments(made: Mapping[str, Any], fact: Mapping[str, Any]) -> None:
    attachments = field(made, "attachments", dict) if "attachments" in made else {}
    stated = set(texts(fact))
    for name, digest in attachments.items():
        hexadecimal("attachments", digest)
        if digest not in stated:
            raise AttachmentNotStated(name=name[:80])


def texts(value: Any) -> Iterator[str]:
    """Every text value within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from texts(inner)


# Shapes: what a field must be before anything is computed from it.


def field(made: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in made:
        raise FieldMissing(field=name)
    if not isinstance(made[name], kind) or isinstance(made[name], bool):
        raise FieldMalformed(field=name)
    return made[name]


def text(made: Mapping[str, Any], name: str) -> str:
    return field(made, name, str)  # type: ignore[no-any-return]


def whole(made: Mapping[str, Any], name: str) -> int:
    found: int = field(made, name, int)
    if not -(2**63) <= found < 2**63:
        raise FieldMalformed(field=name)
    return found


def hexadecimal(name: str, value: Any) -> bytes:
    """32 bytes written as 64 lower-case hex digits."""
    try:
        data = bytes.fromhex(value)
    except (ValueError, TypeError):
        data = b""
    if len(data) != hashlib.sha256().digest_size or data.hex() != value:
        raise FieldMalformed(field=name)
    return data
