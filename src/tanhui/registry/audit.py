"""The register's self-audit: issued = held + retired + cancelled, batch by batch, and the log says the same."""

from dataclasses import dataclass

from django.db import connection

from tanhui.journal import queries as journal
from tanhui.journal.models import Leaf
from tanhui.ledger import audit as ledger
from tanhui.ledger.audit import Finding
from tanhui.registry import witness
from tanhui.tlog import merkle

BATCHES = """
    SELECT asset.code, batch.quantity_t::text || ' ' || batch.serials::text,
           coalesce(sum(upper(block.serials) - lower(block.serials)), 0) || ' '
           || coalesce(range_agg(block.serials), '{}')::text
    FROM registry_batch AS batch JOIN ledger_asset AS asset ON asset.id = batch.asset_id
    LEFT JOIN ledger_block AS block ON block.asset_id = batch.asset_id
    GROUP BY asset.code, batch.quantity_t, batch.serials
    HAVING coalesce(range_agg(block.serials), '{}') <> int8multirange(batch.serials)
        OR batch.quantity_t <> upper(batch.serials) - lower(batch.serials)"""

TOTALS = """
    SELECT coalesce(sum(-quantity) FILTER (WHERE account.code IN ('issued', 'imported')), 0),
           coalesce(sum(quantity) FILTER (WHERE NOT account.is_boundary), 0),
           coalesce(sum(quantity) FILTER (WHERE account.code LIKE 'retired:%%'), 0),
           coalesce(sum(quantity) FILTER (WHERE account.code LIKE 'cancelled:%%'), 0)
    FROM ledger_posting AS posting JOIN ledger_account AS account ON account.id = posting.account_id
    JOIN registry_batch AS batch ON batch.asset_id = posting.asset_id"""

FACTS = {
    "registry_transfer": "transfer",
    "registry_settlement": "settlement",
    "registry_retirement": "retirement",
    "registry_cancellation": "cancellation",
    "registry_issuance": "issuance",
    "registry_foreignimport": "import",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The four totals in tonnes, and every finding; sound when there is none."""

    issued_t: int
    held_t: int
    retired_t: int
    cancelled_t: int
    findings: list[Finding]

    @property
    def sound(self) -> bool:
        return not self.findings


def audit(*, log: bool = True) -> Report:
    """Recompute the register from its postings, its rows from their facts, and the log from all of them.

    ``log=False`` leaves out reading and hashing every fact, which grows with the age of the register.
    """
    findings = ledger.audit()
    with connection.cursor() as cursor:
        cursor.execute(BATCHES)
        findings += [Finding("batches_are_wholly_accounted_for", *row) for row in cursor.fetchall()]
        for table, name in FACTS.items():
            cursor.execute(
                f"SELECT '{name} ' || fact.id, fact.quantity_t::text, coalesce(sum(posting.quantity), 0)::text"  # noqa: S608 - names of our own tables
                f" FROM {table} AS fact LEFT JOIN ledger_posting AS posting"
                " ON posting.movement_id = fact.movement_id AND posting.quantity > 0"
                " GROUP BY fact.id, fact.quantity_t HAVING fact.quantity_t <> coalesce(sum(posting.quantity), 0)"
            )
            findings += [Finding("facts_are_what_was_posted", *row) for row in cursor.fetchall()]
        cursor.execute(TOTALS)
        issued_t, held_t, retired_t, cancelled_t = (int(total) for total in cursor.fetchone())
    if issued_t != held_t + retired_t + cancelled_t:
        findings.append(
            Finding("issued_is_held_retired_or_cancelled", "all", str(issued_t), str(held_t + retired_t + cancelled_t))
        )
    if log:
        findings += witness.findings()
        findings += log_findings()
    return Report(issued_t, held_t, retired_t, cancelled_t, findings)


def log_findings() -> list[Finding]:
    """Facts that no longer hash to their leaf, checkpoints that are not as signed, a root that is not the leaves'."""
    findings = [
        Finding("facts_are_what_the_log_says", f"leaf {index}", "the leaf's hash", "another")
        for index in journal.recompute()
    ]
    findings += [
        Finding("checkpoints_are_what_was_signed", f"size {size}", "as signed", "altered")
        for size in journal.wrong_checkpoints()
    ]
    if head := journal.head():
        tree = merkle.Frontier()
        hashes = Leaf.objects.filter(index__lt=head.size).order_by("index").values_list("sha256", flat=True)
        tree.extend(b"".join(bytes(one) for one in hashes.iterator(chunk_size=10_000)))
        if (tree.size, tree.root()) != (head.size, bytes(head.root)):
            findings.append(
                Finding("the_root_is_the_leaves", f"size {head.size}", bytes(head.root).hex(), tree.root().hex())
            )
    return findings
