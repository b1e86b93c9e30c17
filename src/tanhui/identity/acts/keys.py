"""Rotating the vault's keys: a new key seals from now on, what older ones sealed is sealed anew, in batches.

Nothing is out of reach meanwhile: every key stays for reading until nothing rests on it. Killed half-way, the same call
goes on where it stopped.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction

from tanhui.identity import vault, vault_keys
from tanhui.journal.record import record

BATCH = 500
MFA = ("mfa", "Authenticator", "allauth_mfa.secret")  # app, model and place of the second factors' secrets
SECRETS = ("secret", "seed")


def make(*, at: datetime, by: int | None) -> str:
    """Make a new key current and tell so; returns its id. Refuses with ``vault_keys.KeysReadOnly``."""
    ring = vault.ring().with_new(vault_keys.algorithm())
    vault_keys.provider().keep(ring)
    record(kind="identity.vault_key_made", fact={}, private={"key": ring.current_id}, at=at, by=by)
    return ring.current_id


def reseal(*, stop_after: int | None = None) -> int:
    """Seal anew what is not under the current key, at most ``stop_after`` rows; returns how many were.

    Each batch is a transaction of its own and locks its rows.
    """
    done = 0
    for rows in [*map(sealed_rows, vault.fields()), *second_factors()]:
        for batch in rows:
            if stop_after is not None and done >= stop_after:
                return done
            done += batch()
    return done


def sealed_rows(column: tuple[type[models.Model], vault.EncryptedField]) -> Iterator[Callable[[], int]]:
    """The work on one sealed column, batch by batch in the order of the keys."""
    model, field = column
    last: Any = None
    while True:
        following = model._base_manager.order_by("pk").exclude(**{field.attname: None})
        if last is not None:
            following = following.filter(pk__gt=last)
        keys = list(following.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield lambda keys=keys: renew(model, field, keys)  # type: ignore[misc]
        last = keys[-1]


@transaction.atomic
def renew(model: type[models.Model], field: vault.EncryptedField, keys: list[Any]) -> int:
    current, changed = vault.ring().current_id, []
    for row in model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        if vault.key_id(bytes(getattr(row, field.attname))) != current:
            setattr(row, field.attname, vault.opened(row, field.name))
            field.pre_save(row, add=False)
            changed.append(row)
    model._base_manager.bulk_update(changed, [field.name], batch_size=BATCH)
    return len(changed)


def second_factors() -> Iterator[Iterator[Callable[[], int]]]:
    """The same for the secrets of authenticator apps, which stand in a table of allauth's."""
    app, name, _ = MFA
    if not apps.is_installed(f"allauth.{app}"):
        return
    model = apps.get_model(app, name)
    yield iter([lambda key=key: renew_factor(model, key) for key in model.objects.values_list("pk", flat=True)])  # type: ignore[misc]


@transaction.atomic
def renew_factor(model: type[models.Model], key: Any) -> int:
    row: Any = model._base_manager.select_for_update(of=("self",)).filter(pk=key).first()
    changed, current = False, vault.ring().current_id
    for name in SECRETS if row is not None else ():
        if text := row.data.get(name):
            sealed = base64.b64decode(text)
            if vault.key_id(sealed) != current:
                row.data[name] = base64.b64encode(vault.seal(vault.unseal(sealed, place=MFA[2]), place=MFA[2])).decode()
                changed = True
    if changed:
        row.save(update_fields=["data"])
    return int(changed)


def resting() -> Counter[str]:
    """How many sealed values rest on each key, by its id."""
    found: Counter[str] = Counter()
    for model, field in vault.fields():
        for value in model._base_manager.values_list(field.attname, flat=True).iterator(BATCH):
            found[vault.key_id(bytes(value))] += 1
    if apps.is_installed(f"allauth.{MFA[0]}"):
        for data in apps.get_model(*MFA[:2]).objects.values_list("data", flat=True):
            found.update(vault.key_id(base64.b64decode(data[name])) for name in SECRETS if data.get(name))
    return found


def forget(*, at: datetime, by: int | None) -> list[str]:
    """Forget the keys nothing rests on, but the current one; returns their ids. Old backups no longer open then.

    Refuses with ``vault_keys.KeysReadOnly``.
    """
    ring = vault.ring()
    gone = set(ring.keys) - {ring.current_id} - set(resting())
    if gone:
        vault_keys.provider().keep(ring.without(gone))
        record(kind="identity.vault_keys_forgotten", fact={}, private={"keys": sorted(gone)}, at=at, by=by)
    return sorted(gone)
