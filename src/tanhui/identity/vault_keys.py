"""Where the vault's keys come from: a file only its owner may read, the environment, or a key service of your own.

``settings.TANHUI_VAULT["provider"]`` names a class with ``load() -> Ring | None`` and ``keep(ring)``; a key management
service or hardware module is attached by naming another one.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from tanhui.kernel.refusal import Refusal, gettext_noop

LENGTHS = {"AES-256-GCM": 32, "SM4-GCM": 16}  # bytes
DEFAULT = "AES-256-GCM"


class KeyUnknown(Refusal):
    code = "identity.vault_key_unknown"
    sentence = gettext_noop(
        "The vault has no key %(key)s. Restore the vault's keys from the safe; without them what it sealed stays "
        "closed."
    )
    clause = "GB/T 39786-2021"
    status = 500


class KeysUnusable(Refusal):
    code = "identity.vault_keys_unusable"
    sentence = gettext_noop("The vault's keys in %(where)s cannot be used: %(reason)s. Restore them from the safe.")
    clause = "GB/T 39786-2021"
    status = 500


class KeysReadOnly(Refusal):
    code = "identity.vault_keys_read_only"
    sentence = gettext_noop(
        "The vault's keys come from %(where)s, where nothing can be added. Add the new key there and make it current, "
        "then rotate again with --keep-key."
    )
    clause = "GB/T 39786-2021"


@dataclass(frozen=True, slots=True)
class Key:
    """One key; the secret is never shown."""

    id: str
    algorithm: str
    secret: bytes = field(repr=False)

    @classmethod
    def make(cls, algorithm: str) -> "Key":
        return cls(secrets.token_hex(4), algorithm, secrets.token_bytes(LENGTHS[algorithm]))


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys by id, the one that seals now, and the key of the index."""

    current_id: str
    keys: Mapping[str, Key] = field(repr=False)
    index: bytes = field(repr=False)

    @property
    def current(self) -> Key:
        return self.key(self.current_id)

    def key(self, key_id: str) -> Key:
        """Refuses with ``KeyUnknown``."""
        if (found := self.keys.get(key_id)) is None:
            raise KeyUnknown(key=key_id)
        return found

    def with_new(self, algorithm: str) -> "Ring":
        """A ring whose new key is current; the old ones stay for reading."""
        new = Key.make(algorithm)
        return replace(self, current_id=new.id, keys={**self.keys, new.id: new})

    def without(self, gone: set[str]) -> "Ring":
        return replace(self, keys={name: key for name, key in self.keys.items() if name not in gone})

    @classmethod
    def make(cls, algorithm: str) -> "Ring":
        first = Key.make(algorithm)
        return cls(first.id, {first.id: first}, secrets.token_bytes(32))

    def dumps(self) -> str:
        keys = {one.id: {"algorithm": one.algorithm, "secret": encoded(one.secret)} for one in self.keys.values()}
        return json.dumps({"current": self.current_id, "keys": keys, "index": encoded(self.index)}, indent=1)

    @classmethod
    def loads(cls, text: str, where: str) -> "Ring":
        """Refuses with ``KeysUnusable``."""
        try:
            read = json.loads(text)
            keys = {
                name: Key(name, one["algorithm"], base64.b64decode(one["secret"], validate=True))
                for name, one in read["keys"].items()
            }
            made = cls(read["current"], keys, base64.b64decode(read["index"], validate=True))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise KeysUnusable(where=where, reason=type(fault).__name__) from None  # the text itself is secret
        for one in keys.values():
            if len(one.secret) != LENGTHS.get(one.algorithm) or len(one.id.encode()) != 8:
                raise KeysUnusable(where=where, reason=f"{one.id[:8]} {one.algorithm[:20]}")
        if made.current_id not in keys or len(made.index) < 32:
            raise KeysUnusable(where=where, reason="current, index")
        return made


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


class Provider(Protocol):
    """Where a ring is kept."""

    def stamp(self) -> object:
        """Changes whenever the ring does."""

    def load(self) -> Ring | None: ...

    def keep(self, ring: Ring) -> None: ...


class File:
    """``vault_keys`` in the folder of secrets, 0600; made with the first value that is sealed."""

    @property
    def path(self) -> Path:
        return Path(settings.TANHUI_SECRETS) / "vault_keys"

    def stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return self.path
        return self.path, found.st_ino, found.st_mtime_ns

    def load(self) -> Ring | None:
        try:
            return Ring.loads(self.path.read_text(), str(self.path))
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise KeysUnusable(where=self.path, reason=fault.strerror) from fault

    def keep(self, ring: Ring) -> None:
        """Whole or not at all; of two first rings made at once, the one written first stays."""
        first = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(ring.dumps())
            file.flush()
            os.fsync(file.fileno())
        try:
            if first:
                os.link(draft, self.path)
            else:
                draft.rename(self.path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)


class Environment:
    """The same text in ``TANHUI_VAULT_KEYS``, as a key service injects it."""

    NAME = "TANHUI_VAULT_KEYS"

    def stamp(self) -> object:
        return os.environ.get(self.NAME)

    def load(self) -> Ring | None:
        if text := os.environ.get(self.NAME):
            return Ring.loads(text, self.NAME)
        raise KeysUnusable(where=self.NAME, reason="empty")

    def keep(self, ring: Ring) -> None:
        raise KeysReadOnly(where=self.NAME)


def option(name: str, otherwise: str) -> str:
    """What ``settings.TANHUI_VAULT`` says: ``provider`` (dotted path) and ``algorithm`` (of the next key)."""
    return str(settings.TANHUI_VAULT.get(name, otherwise))


def algorithm() -> str:
    """Refuses with ``KeysUnusable``."""
    if (asked := option("algorithm", DEFAULT)) not in LENGTHS:
        raise KeysUnusable(where="TANHUI_VAULT", reason=asked)
    return asked


def provider() -> Provider:
    """What the settings name; else the environment where it holds keys, else the file."""
    named = f"{__name__}.{'Environment' if os.environ.get(Environment.NAME) else 'File'}"
    made: Provider = import_string(option("provider", named))()
    return made


_seen: tuple[object, Ring] | None = None


def stored() -> Ring | None:
    """The keys there are, or none yet; read anew whenever the provider's stamp changes, so that every process sees a
    new key at once. Refuses with ``KeysUnusable``."""
    global _seen
    source = provider()
    stamp = (type(source), source.stamp())
    if _seen is None or _seen[0] != stamp:
        if (read := source.load()) is None:
            return None
        _seen = stamp, read
    return _seen[1]
