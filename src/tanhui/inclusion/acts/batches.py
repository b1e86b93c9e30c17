"""Taking what a provider hands in at once, whichever way it comes: row by row, once, with a receipt that adds up."""

import hashlib
import uuid
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import JSONField, TextField, Value
from django.db.models.functions import Cast

from tanhui.identity.acts import instruction as instructions
from tanhui.inclusion import lakes, numbers, sifting
from tanhui.inclusion.acts import providers
from tanhui.inclusion.models import Batch, Credential, Provider, Scenario, Settlement, Written
from tanhui.inclusion.queries import counting
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "docs/algorithms/settlement.md §1"
MOST_BYTES = 64 * 1024 * 1024
ABSURD = 10  # times the largest event the methodology counts: refused at the door, not only left uncounted
TURN = 0x1C1  # class of the advisory locks by which one batch of a provider is taken at a time
State = Provider.State


class SecretUnknown(Refusal):
    code = "inclusion.secret_unknown"
    sentence = gettext_noop("No provider is known by this secret, or it has run out. Have a new one issued.")
    clause = "RFC 6750 §3.1"
    status = 401


class ProviderStopped(Refusal):
    code = "inclusion.provider_stopped"
    sentence = gettext_noop(
        "Nothing is taken of %(provider)s now: its agreement is suspended or ended, or its term does not cover today. "
        "Ask the operator."
    )
    clause = HOUSE
    status = 403


class BatchTooLarge(Refusal):
    code = "inclusion.batch_too_large"
    sentence = gettext_noop("A batch has at most %(rows)s rows and %(megabytes)s MB. Split it and send the parts.")
    clause = HOUSE
    status = 413


class BatchEmpty(Refusal):
    code = "inclusion.batch_empty"
    sentence = gettext_noop("There is no row in what was sent. Send JSON lines or a Parquet file.")
    clause = HOUSE
    status = 422


class BatchTaken(Refusal):
    code = "inclusion.batch_reference_taken"
    sentence = gettext_noop(
        "Another batch was sent under the reference %(reference)s. A reference stands for one batch for good: give "
        "this one its own."
    )
    clause = HOUSE
    status = 422


def by_secret(token: str, *, at: datetime) -> Provider:
    """The provider whose program holds a secret. Refuses with ``SecretUnknown``."""
    found = Credential.objects.select_related("provider").filter(
        token_sha256=providers.hashed(token), ended_at__isnull=True, expires_at__gt=at
    )
    for one in found:
        if one.used_at is None or at - one.used_at > timedelta(hours=1):
            Credential.objects.filter(pk=one.pk).update(used_at=at)
        return one.provider
    raise SecretUnknown


def of_file(body: bytes) -> str:
    """The reference of a file that brought none: the same file is the same batch."""
    return "file-" + hashlib.sha256(body).hexdigest()[:40]


def take(*, provider: Provider, way: str, reference: str, body: bytes, at: datetime) -> Batch:
    """Take JSON lines or a Parquet file; good rows are kept, each other one has its reason in the receipt.

    The same reference with the same bytes is the same batch. A provider that tries out is answered alike and nothing is
    kept. Refuses the whole with ``ProviderStopped``, ``BatchTooLarge``, ``BatchEmpty``, ``BatchTaken``,
    ``identity.reference_unusable`` or, for a table of another shape, as ``tally.intake`` does.
    """
    instructions.check_reference(reference)
    check(provider, body, at)
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        alone(provider.pk)
        provider.refresh_from_db(fields=["state"])
        trial = provider.state == State.SANDBOX
        earlier = Batch.objects.defer("rows").filter(provider=provider, sandbox=trial, reference=reference).first()
        if earlier is not None:
            if earlier.sha256 != digest:
                raise BatchTaken(reference=reference)
            return earlier
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{provider.pk}:{trial}:{reference}:{digest}")
        return taken(provider, key, way, reference, body, digest, trial=trial, at=at)


def check(provider: Provider, body: bytes, at: datetime) -> None:
    today = clock.day(at)
    if provider.state in (State.SUSPENDED, State.ENDED) or not provider.since <= today < provider.until:
        raise ProviderStopped(provider=provider.name)
    if len(body) > MOST_BYTES:
        raise BatchTooLarge(rows=numbers.whole("inclusion_batch_events", today), megabytes=MOST_BYTES >> 20)


def taken(
    provider: Provider, key: uuid.UUID, way: str, reference: str, body: bytes, digest: str, *, trial: bool, at: datetime
) -> Batch:
    today = clock.day(at)
    most = numbers.whole("inclusion_batch_events", today)
    forget(key)
    states = Scenario.SHOWN if trial else (Scenario.State.OPERATING,)
    scenarios = provider.scenarios.filter(state__in=states)
    found = sifting.sift(
        sifting.Asked(
            folder=str(lakes.folder()), buckets=lakes.buckets(), provider=provider.code, at=at, most=most,
            consented=not trial,
            kinds={one.code: (one.unit, one.rule["most"] * ABSURD) for one in scenarios},
            oldest=oldest(today),
            mark=None if trial else key.hex,
        ),
        {
            "known": lakes.trial if trial else partial(lakes.known, provider.pk),
            "GENERAL": partial(counting.spans, "GENERAL"), "TRACK": partial(counting.spans, "TRACK"),
        },
        body,
    )  # fmt: skip
    if not found.received:
        raise BatchEmpty
    if found.received > most:
        raise BatchTooLarge(rows=most, megabytes=MOST_BYTES >> 20)
    if found.written:
        transaction.on_commit(partial(incoming(key).unlink, missing_ok=True))
    made = Batch.objects.create(
        id=key, provider=provider, sandbox=trial, way=way, reference=reference, sha256=digest, **found.counts,
        **facts(found), reasons=found.reasons, rows=Cast(Value(found.rows, TextField()), JSONField()), at=at,
    )  # fmt: skip
    del made.rows  # whoever wants them reads them (``receipts``)
    Written.objects.bulk_create(placed(made, *one) for one in found.written)
    record(
        kind="inclusion.batch_taken",
        fact={"provider": provider.code, "trial": trial, "files": sum(rows > 0 for _, rows, _ in found.written),
              "files_sha256": [sha256 for _, _, sha256 in found.written][:64], **found.counts},
        private={"batch": str(key), "sha256": digest, "way": way}, at=at, by=None,
    )  # fmt: skip
    return made


def oldest(today: date) -> date:
    """The first day still taken: within the rule pack's days, and not the last one before it is erased, so that it is
    settled first."""
    kept = numbers.whole("raw_tracks_kept", today) - 1
    return today - timedelta(days=min(numbers.whole("inclusion_event_oldest", today), kept))


def facts(found: sifting.Sifted) -> dict[str, Any]:
    """What the accepted rows are: corrections, withdrawals, rows of days settled before, first and last day."""
    if not found.days:
        return {}
    done = Settlement.objects.filter(day__in=list(found.days), state="DONE").values_list("day", flat=True).distinct()
    return {
        "first_day": min(found.days), "last_day": max(found.days), "withdrawn": found.withdrawn,
        "corrected": found.corrected, "late": sum(found.days[day] for day in done),
    }  # fmt: skip


def placed(batch: Batch, path: str, rows: int, sha256: str) -> Written:
    """The row of a file ``events/day=…/bucket=…/…``."""
    day, bucket = (part.partition("=")[2] for part in path.split("/")[1:3])
    return Written(
        batch=batch, path=path, day=datetime.fromisoformat(day).date(), bucket=int(bucket), rows=rows, sha256=sha256
    )


# -- what a killed process left ----------------------------------------------------------------------------------------


def alone(provider: int) -> None:
    """Wait for the provider's other batch, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, provider])


def incoming(key: uuid.UUID) -> Any:
    return lakes.folder() / "incoming" / key.hex


def forget(key: uuid.UUID) -> None:
    """Remove the files of a batch whose transaction never ended well, so that it can be taken anew."""
    mark = incoming(key)
    if not mark.exists():
        return
    for kind in ("events", "tracks"):
        for path in (lakes.folder() / kind).glob(f"day=*/bucket=*/*{key.hex}-*.parquet"):
            path.unlink()
    mark.unlink()


def sweep() -> int:
    """Clean up after processes that died while adding a batch; the number of batches forgotten."""
    gone = 0
    for mark in sorted((lakes.folder() / "incoming").glob("*")):
        key = uuid.UUID(hex=mark.name)
        with transaction.atomic():
            for provider in Provider.objects.order_by("pk").values_list("pk", flat=True):
                alone(provider)
            if Batch.objects.filter(pk=key).exists():
                mark.unlink(missing_ok=True)
            else:
                forget(key)
                gone += 1
    return gone
