"""Personal particulars at rest: sealed with authenticated encryption, and found again by a keyed hash.

A sealed value carries its format, algorithm and key id in front, and is bound to table, column and row: moved to
another place it no longer opens. Keys come from a provider (``vault_keys``) and never touch the database or a log. The
index is HMAC-SHA256 under a key of its own, so that equality can be asked without opening anything.
"""

import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.apps import apps
from django.db import models

from tanhui.identity import vault_keys
from tanhui.kernel.refusal import Refusal, gettext_noop

FORMAT, NONCE, TAG = 1, 12, 16  # the first byte; bytes of GCM's nonce and tag (NIST SP 800-38D)
KEY_ID = 8  # bytes of ASCII behind format and algorithm
HEAD = 2 + KEY_ID
CIPHERS: dict[int, tuple[str, Any]] = {1: ("AES-256-GCM", algorithms.AES), 2: ("SM4-GCM", algorithms.SM4)}
NUMBERS = {name: number for number, (name, _) in CIPHERS.items()}


class SealBroken(Refusal):
    code = "identity.seal_broken"
    sentence = gettext_noop(
        "What is sealed in %(place)s does not open under its key %(key)s: it was altered, or moved from another row. "
        "Restore the row from a backup and have the security administrator look into it."
    )
    clause = "GB/T 22239-2019 8.1.4.7; GB/T 39786-2021"
    status = 500


class KeysMissing(Refusal):
    code = "identity.vault_keys_missing"
    sentence = gettext_noop(
        "%(table)s holds sealed values, but the vault's keys are gone. Restore them from the safe; new ones would open "
        "nothing."
    )
    clause = "GB/T 39786-2021"
    status = 500


class EncryptedField(models.BinaryField):  # type: ignore[type-arg]
    """Text that is sealed as its row is saved, and opened only by ``opened``; in the row's attribute stand bytes."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            value = seal(value, place=place(model_instance, self))
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise TypeError(f"{self} is sealed by save() and bulk_create() alone: elsewhere the row is not known")
        return super().get_db_prep_value(value, connection, prepared)


def fields() -> list[tuple[type[models.Model], EncryptedField]]:
    """Every sealed column of every room."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedField)
    ]


def ring() -> vault_keys.Ring:
    """The keys, made with the first value to seal. Refuses with ``KeysMissing`` or ``vault_keys.KeysUnusable``."""
    if (found := vault_keys.stored()) is not None:
        return found
    for model, field in fields():
        if model._base_manager.exclude(**{field.name: b""}).exists():
            raise KeysMissing(table=model._meta.db_table)
    vault_keys.provider().keep(vault_keys.Ring.make(vault_keys.algorithm()))
    if (made := vault_keys.stored()) is None:
        raise vault_keys.KeysUnusable(where=type(vault_keys.provider()).__name__, reason="None")
    return made


def place(row: models.Model, field: "models.Field[Any, Any]") -> str:
    """Where a value belongs: table, column and primary key, which must be known before the row is saved."""
    if row.pk is None:
        raise TypeError(f"{row._meta.label} needs its key before {field.name} can be sealed")
    return f"{row._meta.db_table}.{field.column}.{row.pk}"


def opened(row: models.Model, name: str) -> str:
    """The text in a sealed column of a row. Refuses with ``SealBroken`` or ``vault_keys.KeyUnknown``."""
    value = getattr(row, name)
    if isinstance(value, str):  # not yet saved
        return value
    field: Any = row._meta.get_field(name)
    return unseal(bytes(value), place=place(row, field))


def seal(text: str, *, place: str) -> bytes:
    """``text`` under the current key, bound to ``place``."""
    key = ring().current
    number = NUMBERS[key.algorithm]
    head = bytes([FORMAT, number]) + key.id.encode()
    nonce = os.urandom(NONCE)
    cipher = Cipher(CIPHERS[number][1](key.secret), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(head + place.encode())
    return head + nonce + cipher.update(text.encode()) + cipher.finalize() + cipher.tag


def unseal(value: bytes, *, place: str) -> str:
    """The text of a sealed value at its place. Refuses with ``SealBroken`` or ``vault_keys.KeyUnknown``."""
    head, nonce, body, tag = value[:HEAD], value[HEAD : HEAD + NONCE], value[HEAD + NONCE : -TAG], value[-TAG:]
    if len(value) < HEAD + NONCE + TAG or head[0] != FORMAT or head[1] not in CIPHERS:
        raise SealBroken(place=place, key=key_id(value))
    key = ring().key(key_id(value))
    if CIPHERS[head[1]][0] != key.algorithm:
        raise SealBroken(place=place, key=key.id)
    cipher = Cipher(CIPHERS[head[1]][1](key.secret), modes.GCM(nonce, tag)).decryptor()
    cipher.authenticate_additional_data(head + place.encode())
    try:
        return (cipher.update(body) + cipher.finalize()).decode()
    except InvalidTag:
        raise SealBroken(place=place, key=key.id) from None


def key_id(value: bytes) -> str:
    """The id of the key a value was sealed with, as its head says."""
    return value[2:HEAD].decode("ascii", "replace")


def index(kind: str, text: str) -> bytes:
    """What equal texts of one kind have in common, 32 bytes that tell nothing without the index key."""
    return hmac.digest(ring().index, f"{kind}\x00{text}".encode(), hashlib.sha256)
