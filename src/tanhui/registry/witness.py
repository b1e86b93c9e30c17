"""What the rows of the register say beside what the log says of them: a row altered later contradicts its own fact.

The log itself is checked elsewhere (its hashes, its root); here each row is compared with the fact its act published
and with the private part that fact commits to.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import Model

from tanhui.journal.models import Entry, Leaf
from tanhui.journal.record import stamp
from tanhui.kernel import canonical
from tanhui.ledger.audit import Finding
from tanhui.ledger.models import Posting
from tanhui.registry import models

Record = dict[str, Any]
Told = tuple[Record, Record]  # what the fact must say, and what its private part must
CHUNK = 1000
ONE_DAY = timedelta(days=1)


def transfer(row: models.Transfer) -> Told:
    return moved(row), {"from": str(row.source), "to": str(row.target), "reason": row.reason}


def settlement(row: models.Settlement) -> Told:
    return moved(row) | {"trades": row.trades, "quantity_t": row.quantity_t}, {}


def retirement(row: models.Retirement) -> Told:
    fact = {
        "certificate": row.certificate,
        "purpose": row.purpose,
        "beneficiary": {"kind": row.beneficiary_kind, "name": row.beneficiary_name, "code": row.beneficiary_code},
        "statement": row.statement,
        "quantity_t": row.quantity_t,
    }
    return moved(row) | fact, {"from": str(row.source)}


def cancellation(row: models.Cancellation) -> Told:
    fact = {
        "cancellation": row.kind,
        "quantity_t": row.quantity_t,
        "reason": row.reason,
        "document_sha256": row.document_sha256,
    }
    return moved(row) | fact, {"from": str(row.source)}


def issuance(row: models.Issuance) -> Told:
    period = row.period
    batches = [
        {
            "batch": batch.asset.code,
            "vintage": batch.vintage,
            "quantity_t": batch.quantity_t,
            "serials": [batch.serials.lower, batch.serials.upper - 1],
        }
        for batch in row.batches.select_related("asset").order_by("number")
    ]
    fact = {
        "batches": batches,
        "buffer_t": row.buffer_t,
        "project": f"{period.project.number:06d}",
        "period": [str(period.span.lower), str(period.span.upper - ONE_DAY)],
        "inputs_sha256": period.inputs_sha256,
        "trace_sha256": period.trace_sha256,
        "verified_kg": period.verified_kg,
        "demonstration": period.demonstration or None,
    }
    return moved(row) | fact, {}


def restriction(row: models.Restriction) -> Told:
    private = {
        "account": row.account.code,
        "authority": row.authority.name,
        "document": row.document,
        "document_sha256": row.document_sha256,
        "serials": [[line.serials.lower, line.serials.upper - 1] for line in row.lock.lines.order_by("pk")],
    }
    return {"restriction": row.kind, "quantity_t": row.quantity_t}, private


def lifting(row: models.Lifting) -> Told:
    lifted = row.restriction
    fact = {"restriction": lifted.kind, "quantity_t": lifted.quantity_t}
    return fact, {"document": lifted.document, "reason": row.reason}


def clawback(row: models.Clawback) -> Told:
    fact = {
        "project": f"{row.project.number:06d}",
        "quantity_t": row.quantity_t,
        "deadline": row.deadline_date.isoformat(),
        "authority": row.authority.name,
    }
    return fact, {"document": row.document}


def clawback_step(row: models.ClawbackStep) -> Told:
    return {"project": f"{row.clawback.project.number:06d}", "step": row.kind, "quantity_t": row.quantity_t}, {}


def reversal(row: models.Reversal) -> Told:
    fact = {
        "project": f"{row.project.number:06d}",
        "quantity_t": row.quantity_t,
        "paid_from_buffer_t": row.paid_t,
        "owed_t": row.owed_t,
        "intentional": row.intentional,
        "cause": row.cause,
    }
    return fact, {}


def foreign_import(row: models.ForeignImport) -> Told:
    fact = {
        "registry": row.series.registry,
        "series": row.series.name,
        "foreign_serials": [row.foreign_serials.lower, row.foreign_serials.upper - 1],
        "quantity_t": row.quantity_t,
        "proof": row.proof,
    }
    for batch in row.batches.select_related("asset"):
        fact |= {"batch": batch.asset.code, "serials": [batch.serials.lower, batch.serials.upper - 1]}
    return moved(row) | fact, {}


def moved(row: Any) -> Record:
    return {"transaction": row.movement_id}


WITNESSES: list[tuple[type[models.Signed], Callable[[Any], Told], tuple[str, ...]]] = [
    (models.Issuance, issuance, ("period__project", "movement")),
    (models.Transfer, transfer, ("source__account", "target__account", "movement")),
    (models.Settlement, settlement, ("movement",)),
    (models.Retirement, retirement, ("source__account", "movement")),
    (models.Cancellation, cancellation, ("source__account", "movement")),
    (models.Restriction, restriction, ("account", "authority")),
    (models.Lifting, lifting, ("restriction",)),
    (models.Clawback, clawback, ("project", "authority")),
    (models.ClawbackStep, clawback_step, ("clawback__project",)),
    (models.Reversal, reversal, ("project",)),
    (models.ForeignImport, foreign_import, ("series", "movement")),
]


def findings() -> list[Finding]:
    """Every row that contradicts its fact, every movement whose units are not those its fact names, every private part
    that is not the one its fact commits to."""
    found = journal() + registered()
    for model, tell, related in WITNESSES:
        found += missing(model, related)
        rows = model._default_manager.select_related(*related).order_by("pk").iterator(chunk_size=CHUNK)
        for chunk in chunks(rows):
            entries = Entry.objects.in_bulk([row.entry for row in chunk])
            movements = units([row.movement_id for row in chunk if hasattr(row, "movement_id")])
            for row in chunk:
                subject = f"{model._meta.model_name} {row.pk}"
                found += [
                    Finding("rows_say_what_their_facts_say", f"{subject} {name}", str(stated), str(recorded))
                    for name, stated, recorded in compare(row, tell, entries.get(row.entry), movements)
                ]
    return found


def journal() -> list[Finding]:
    """Journal entries beside their own leaves, which carry their kind, their time and a hash of their private part; and
    places in the log whose entry is gone."""
    found = []
    for entry in Entry.objects.order_by("pk").iterator(chunk_size=CHUNK):
        stated = {"kind": entry.kind, "at": stamp(entry.at)}
        try:
            leaf = json.loads(bytes(entry.leaf))
        except ValueError:
            leaf = {}
        if "commitment" in leaf or entry.private is not None:
            stated["commitment"] = canonical.sha256(entry.private)
        found += [
            Finding("entries_say_what_their_leaves_say", f"entry {entry.pk} {name}", str(ours), str(theirs))
            for name, ours, theirs in differing(stated, leaf)
        ]
    gone = Leaf.objects.exclude(entry__in=Entry.objects.values("pk")).values_list("index", "entry")
    found += [Finding("references_lead_somewhere", f"leaf {index}", f"entry {key}", "missing") for index, key in gone]
    lost = Entry.objects.filter(place__isnull=True, pending__isnull=True).values_list("pk", flat=True)
    found += [Finding("entries_have_a_place_or_wait_for_one", f"entry {key}", "a place", "none") for key in lost]
    return found


def missing(model: type[Model], related: tuple[str, ...]) -> list[Finding]:
    """Rows that lead to a project, an account or a movement that is not there: joined to it, they vanish."""
    every = model._default_manager.count()
    led = model._default_manager.filter(**{f"{one}__pk__isnull": False for one in related}).count()
    return [Finding("references_lead_somewhere", str(model._meta.model_name), str(every), str(led))] * (every != led)


def registered() -> list[Finding]:
    """Projects, verified periods and accounts beside the facts of their registration."""
    found = missing(models.Project, ("owner", "validator")) + missing(models.Period, ("project", "verifier"))
    stated: list[tuple[str, str, Any, dict[str, Any]]] = []
    for project in models.Project.objects.select_related("owner", "validator"):
        fact: Record = {
            "name": project.name,
            "type": project.kind,
            "owner": project.owner.name,
            "scheme": project.scheme,
            "province": project.province,
            "region": project.region,
            "methodology": project.methodology,
            "validator": project.validator.name,
            "rule_pack": project.rule_pack,
            "crediting": [str(project.crediting.lower), last_day(project.crediting.upper)],
        }
        stated.append(("registry.project_registered", "project", f"{project.number:06d}", fact))
    for period in models.Period.objects.select_related("project", "verifier"):
        key = [f"{period.project.number:06d}", [str(period.span.lower), str(period.span.upper - ONE_DAY)]]
        fact = {
            "verified_kg": period.verified_kg,
            "verifier": period.verifier.name,
            "report_sha256": period.report_sha256,
            "inputs_sha256": period.inputs_sha256,
            "trace_sha256": period.trace_sha256,
        }
        stated.append(("registry.quantity_verified", "period", key, fact))
    for account in models.Account.objects.all():
        stated.append(("registry.account_opened", "account", account.code, {}))
    facts: dict[tuple[str, str], Record] = {}
    for entry in Entry.objects.filter(kind__in={kind for kind, *_ in stated}).order_by("pk").iterator(chunk_size=CHUNK):
        try:
            fact = json.loads(bytes(entry.leaf))["fact"]
        except (ValueError, KeyError):
            continue  # the log's own check tells that
        named: Any = fact.get("project", fact.get("account"))
        facts[entry.kind, str([named, fact["period"]] if "period" in fact else named)] = fact
    for kind, name, key, row in stated:
        fact = facts.get((kind, str(key)), {})
        found += [
            Finding("rows_say_what_their_facts_say", f"{name} {key} {what}", str(ours), str(theirs))
            for what, ours, theirs in (differing(row, fact) if fact else [("fact", "registered", "missing")])
        ]
    return found


def last_day(end: date | None) -> str | None:
    return None if end is None else str(end - ONE_DAY)


def chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def compare(
    row: Any, tell: Callable[[Any], Told], entry: Entry | None, movements: dict[int, list[list[Any]]]
) -> Iterator[tuple[str, Any, Any]]:
    """What the row states and the fact says otherwise, by name."""
    if entry is None:
        yield "fact", row.entry, "missing"
        return
    try:
        leaf = json.loads(bytes(entry.leaf))
    except ValueError:
        yield "fact", row.entry, "not readable"
        return
    opening: dict[str, Any] = entry.private or {}
    fact, private = tell(row)
    if "commitment" in leaf:
        private |= {"initiator_id": row.initiator_id, "confirmer_id": row.confirmer_id}
    yield from differing(fact, readable(leaf["fact"]))
    yield from differing(private, opening.get("private", {}))
    yield from differing({"at": stamp(row.at)}, leaf)
    if hasattr(row, "movement_id"):
        name = "import" if isinstance(row, models.ForeignImport) else row._meta.model_name
        yield from differing({"reference": f"{name}:{row.reference}", "kind": entry.kind}, vars(row.movement))
    if (named := serials(leaf["fact"])) is not None and named != movements.get(row.movement_id):
        yield "serials", movements.get(row.movement_id), named


def differing(stated: dict[str, Any], recorded: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, value in stated.items():
        if recorded.get(name) != value:
            yield name, value, recorded.get(name)


def readable(fact: dict[str, Any]) -> dict[str, Any]:
    """An issuance's fact with the buffer of its batches summed, as its row has it."""
    if any("buffer_t" in one for one in fact.get("batches", [])):
        batches = [{name: value for name, value in one.items() if name != "buffer_t"} for one in fact["batches"]]
        return fact | {"batches": batches, "buffer_t": sum(one["buffer_t"] for one in fact["batches"])}
    return fact


def serials(fact: dict[str, Any]) -> list[list[Any]] | None:
    """The blocks a fact of a movement names, as ``[batch, first, last]``, in order."""
    if "batches" not in fact or "transaction" not in fact:
        return None
    named: list[list[Any]] = []
    for one in fact["batches"]:
        blocks = one["serials"] if one["serials"] and isinstance(one["serials"][0], list) else [one["serials"]]
        named += [[one["batch"], *block] for block in blocks]
    return joined(named)


def units(wanted: list[int]) -> dict[int, list[list[Any]]]:
    """The blocks each movement moved, in the same form."""
    found: dict[int, list[list[Any]]] = defaultdict(list)
    rows = Posting.objects.filter(movement__in=wanted, quantity__gt=0).values_list("movement", "asset__code", "serials")
    for movement, code, numbers in rows:
        assert numbers is not None
        found[movement].append([code, numbers.lower, numbers.upper - 1])
    return {movement: joined(blocks) for movement, blocks in found.items()}


def joined(blocks: list[list[Any]]) -> list[list[Any]]:
    """In order, neighbours as one: an issuance posts owner's and buffer's part of what its fact names as one block.

    A unit that moved twice in one settlement stays twice.
    """
    found: list[list[Any]] = []
    for code, first, last in sorted(blocks):
        if found and found[-1][0] == code and found[-1][2] + 1 == first:
            found[-1][2] = last
        else:
            found.append([code, first, last])
    return found
