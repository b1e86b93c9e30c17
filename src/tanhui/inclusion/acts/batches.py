"""Taking what a provider hands in at once, whichever way it comes: row by row, once, with a receipt that adds up."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.inclusion import lakes, numbers
from tanhui.inclusion.acts import providers
from tanhui.inclusion.models import Batch, Credential, Provider, Scenario, Settlement, Written
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    import pyarrow as pa

    from tanhui.tally.rows import Checked

HOUSE = "docs/algorithms/settlement.md §1"
MOST_BYTES = 64 * 1024 * 1024
ABSURD = 10  # times the largest event the methodology counts: refused at the door, not only left uncounted
EPOCH = date(1970, 1, 1)
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
        earlier = Batch.objects.filter(provider=provider, sandbox=trial, reference=reference).first()
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
    from tanhui.tally import lake as lakes_
    from tanhui.tally import rows as checking

    today = clock.day(at)
    raw, keys = read(body)
    if not len(keys):
        raise BatchEmpty
    if len(keys) > (most := numbers.whole("inclusion_batch_events", today)):
        raise BatchTooLarge(rows=most, megabytes=MOST_BYTES >> 20)
    lake = lakes.opened()
    forget(key)
    states = Scenario.SHOWN if trial else (Scenario.State.OPERATING,)
    checked = checking.check(
        raw, lake=lake, provider=provider.code, now=at,
        kinds={
            one.code: checking.Kind(one.unit, one.rule["most"] * ABSURD)
            for one in provider.scenarios.filter(state__in=states)
        },
        oldest=today - timedelta(days=numbers.whole("inclusion_event_oldest", today)),
        known=lakes.trial if trial else partial(lakes.known, provider.pk),
        consents=None if trial else partial(lakes.consents, "GENERAL"),
        track_consents=None if trial else partial(lakes.consents, "TRACK"),
    )  # fmt: skip
    written = []
    if not trial and len(checked.table):
        mark = incoming(key)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        written = lakes_.append(lake, checked.table, batch=key.hex, tracks=checked.tracks)
        transaction.on_commit(partial(mark.unlink, missing_ok=True))
    made = Batch.objects.create(
        id=key, provider=provider, sandbox=trial, way=way, reference=reference, sha256=digest, **checked.counts,
        **facts(checked), reasons=checked.reasons, rows=told(checked, keys), at=at,
    )  # fmt: skip
    Written.objects.bulk_create(placed(made, one.path, one.rows, one.sha256) for one in written)
    record(
        kind="inclusion.batch_taken",
        fact={"provider": provider.code, "trial": trial, "files": sum(one.rows > 0 for one in written),
              "files_sha256": [one.sha256 for one in written][:64], **checked.counts},
        private={"batch": str(key), "sha256": digest, "way": way}, at=at, by=None,
    )  # fmt: skip
    return made


def read(body: bytes) -> tuple["pa.Table | list[Any]", list[str]]:
    """The rows of what was sent, and the key of each as it stands there. Refuses a Parquet file cut off."""
    from tanhui.tally import intake

    if body[:4] == b"PAR1":
        table = intake.parquet(body)
        keys = table["key"].to_pylist() if "key" in table.column_names else [""] * len(table)
        return table, [str(one or "")[:64] for one in keys]
    rows = list(intake.lines(body))
    return rows, [str(one.get("key") or "")[:64] if isinstance(one, Mapping) else "" for one in rows]


def facts(checked: "Checked") -> dict[str, Any]:
    """What the accepted rows are: corrections, withdrawals, rows of days settled before, first and last day."""
    from tanhui.tally import shape

    if not len(checked.table):
        return {}
    days = shape.days(shape.milliseconds(checked.table["began_at"])).tolist()
    many = Counter(EPOCH + timedelta(days=one) for one in days)
    done = Settlement.objects.filter(day__in=list(many), state="DONE").values_list("day", flat=True).distinct()
    withdrawn = checked.table["withdrawn"].to_numpy(zero_copy_only=False)
    corrected = (checked.table["revision"].to_numpy() > 1) & ~withdrawn
    return {
        "first_day": min(many), "last_day": max(many), "withdrawn": int(withdrawn.sum()),
        "corrected": int(corrected.sum()), "late": sum(many[day] for day in done),
    }  # fmt: skip


def told(checked: "Checked", keys: list[str]) -> list[list[Any]]:
    """Every row that was not simply accepted, in the order of the rows, which are counted from 1."""
    found = [
        *([one.row + 1, keys[one.row], "refused", one.code, dict(one.facts)] for one in checked.refused),
        *([one.row + 1, keys[one.row], "waiting", one.code, dict(one.facts)] for one in checked.waiting),
        *([row + 1, keys[row], "duplicate", "", {}] for row in checked.duplicates),
    ]
    return sorted(found, key=lambda one: one[0])


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
