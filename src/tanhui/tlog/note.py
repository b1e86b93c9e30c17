"""Signed notes with Ed25519 (C2SP signed-note): text that carries its own signatures, and the keys' text forms."""

import base64
import binascii
import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"
LONGEST = 65_536  # bytes of a note; a checkpoint with 16 witnesses has about 3,000
SIGNED_NOTE = "C2SP signed-note"


class NoteMalformed(Refusal):
    code = "tlog.note_malformed"
    sentence = gettext_noop(
        "The signed checkpoint cannot be read: line %(line)s is not as the signed-note format has it. "
        "It was cut off or changed; ask for it again."
    )
    clause = SIGNED_NOTE
    status = 422


class SignatureWrong(Refusal):
    code = "tlog.signature_wrong"
    sentence = gettext_noop(
        "The signature of %(name)s on the checkpoint is wrong: the checkpoint or its signature was altered "
        "after signing. Do not rely on it."
    )
    clause = SIGNED_NOTE
    status = 422


class KeyUnknown(Refusal):
    code = "tlog.key_unknown"
    sentence = gettext_noop(
        "The checkpoint is signed by %(signers)s, which is not among the trusted keys (%(trusted)s). "
        "Compare with the key the operator publishes; if it differs, the certificate is not the operator's."
    )
    clause = SIGNED_NOTE
    status = 422


class KeyMalformed(Refusal):
    code = "tlog.key_malformed"
    sentence = gettext_noop(
        "%(key)s is not a verifier key. A key reads name+8 hex digits+base64, without spaces; copy it whole."
    )
    clause = SIGNED_NOTE
    status = 422


class PrivateKeyMalformed(Refusal):
    code = "tlog.private_key_malformed"
    sentence = gettext_noop(
        "The signing key cannot be read. It starts with PRIVATE+KEY+ and is one line; restore it from the backup."
    )
    clause = SIGNED_NOTE
    status = 500


def decode(text: str) -> bytes:
    """Base64 in its one canonical spelling. ``ValueError`` for anything else."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("a second spelling of the same base64")
    return data


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def is_name(name: str) -> bool:
    """Key names have neither spaces nor plus signs nor control characters."""
    return bool(name) and name.isprintable() and "+" not in name and not any(c.isspace() for c in name)


def key_id(name: str, public: bytes) -> bytes:
    """Four bytes that point at a key; not a fingerprint, as anyone can make another key with the same id."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A named public key (32 bytes)."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key in a line ``name+id+base64``. Refuses with ``KeyMalformed``."""
        try:
            name, hexadecimal, encoded = text.strip().split("+", 2)
            data = decode(encoded)
            found = cls(name, data[1:])
            good = is_name(name) and data[:1] == ED25519 and len(data) == 33 and hexadecimal == found.id.hex()
        except ValueError:
            good = False
        if not good:
            raise KeyMalformed(key=repr(text.strip()[:80]))
        return found

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.public)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key in groups of four hex digits, to be compared by eye."""
        digits = hashlib.sha256(self.public).hexdigest()
        return " ".join(digits[at : at + 4] for at in range(0, 64, 4))

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature is this key's on the message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode(ED25519 + self.public)}"


@dataclass(frozen=True)
class Signer:
    """A named private key, as its 32-byte seed."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key. ``ValueError`` for a name with spaces or plus signs."""
        import secrets

        if not is_name(name):
            raise ValueError(f"{name!r} cannot name a key: no spaces, no plus signs")
        return cls(name, secrets.token_bytes(32))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key in a line ``PRIVATE+KEY+name+id+base64``. Refuses with ``PrivateKeyMalformed``, never quoting it."""
        try:
            private, key, name, hexadecimal, encoded = text.strip().split("+", 4)
            data = decode(encoded)
            good = (private, key) == ("PRIVATE", "KEY") and is_name(name) and data[:1] == ED25519 and len(data) == 33
        except ValueError:
            good = False
        if not good or (found := cls(name, data[1:])).verifier.id.hex() != hexadecimal:
            raise PrivateKeyMalformed
        return found

    @functools.cached_property
    def key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @functools.cached_property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same message always gives the same signature (RFC 8032)."""
        return self.key.sign(message)

    def __str__(self) -> str:
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{encode(ED25519 + self.seed)}"

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"  # a traceback must not show the seed


class Signature(NamedTuple):
    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A note taken apart; nothing in it is verified yet."""

    text: str
    signatures: list[Signature]


def sign(text: str, signers: Iterable[Signer]) -> str:
    """The signed note over a text that ends in a newline. ``ValueError`` for a text no note can carry."""
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise ValueError("a note's text ends in a newline and has no other control characters")
    lines = [f"— {one.name} {encode(one.verifier.id + one.sign(text.encode()))}\n" for one in signers]
    return text + "\n" + "".join(lines)


def parse(note: str) -> Note:
    """Take a note apart. Refuses with ``NoteMalformed``, naming the line."""
    text, blank, rest = note.rpartition("\n\n")
    before = text.count("\n") + 3  # line number of the first signature
    for count, line in enumerate(note.split("\n"), 1):
        if any(c < " " for c in line) or any("\ud800" <= c <= "\udfff" for c in line):
            raise NoteMalformed(line=count)
    if not blank or not rest.endswith("\n") or len(note) > LONGEST:
        raise NoteMalformed(line=note.count("\n") + 1)
    signatures = []
    for count, line in enumerate(rest[:-1].split("\n"), before):
        dash, _, named = line.partition(" ")
        name, _, encoded = named.partition(" ")
        try:
            data = decode(encoded)
        except (ValueError, binascii.Error):
            data = b""
        if dash != "—" or not is_name(name) or len(data) < 5:
            raise NoteMalformed(line=count)
        signatures.append(Signature(name, data[:4], data[4:]))
    return Note(text + "\n", signatures)


def verify(note: str, trusted: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note and the trusted keys that signed it, at least one.

    Refuses with ``NoteMalformed``, ``SignatureWrong`` (one wrong signature of a trusted key spoils the note) and
    ``KeyUnknown``. Signatures of other keys are ignored, as key rotation and witnesses need.
    """
    text, signatures = parse(note)
    known = {(one.name, one.id): one for one in trusted}
    found = []
    for name, identifier, signature in signatures:
        if verifier := known.get((name, identifier)):
            if not verifier.holds(signature, text.encode()):
                raise SignatureWrong(name=name)
            if verifier not in found:
                found.append(verifier)
    if not found:
        raise KeyUnknown(
            signers=", ".join(f"{one.name}+{one.key_id.hex()}" for one in signatures),
            trusted=", ".join(f"{one.name}+{one.id.hex()}" for one in trusted),
        )
    return text, found
