"""Words for what stands in facts: for their keys, for the kinds of fact, for stored codes.

A key is named by its place where the word depends on it (``project.name``), else by its last part (``quantity_t``).
"""

from typing import Any

from tanhui.kernel.refusal import gettext_noop

# In the order they are told; a key without a word is shown as it is.
LABELS = {
    "kind": gettext_noop("Fact"),
    "at": gettext_noop("Time"),
    "certificate": gettext_noop("Certificate number"),
    "transaction": gettext_noop("Transaction number"),
    "beneficiary": gettext_noop("On behalf of"),
    "beneficiary.name": gettext_noop("On behalf of"),
    "beneficiary_name": gettext_noop("On behalf of"),
    "beneficiary.kind": gettext_noop("Kind of beneficiary"),
    "beneficiary_kind": gettext_noop("Kind of beneficiary"),
    "beneficiary.code": gettext_noop("Code of the beneficiary"),
    "beneficiary_code": gettext_noop("Code of the beneficiary"),
    "purpose": gettext_noop("Purpose"),
    "statement": gettext_noop("Statement"),
    "cancellation": gettext_noop("Kind of cancellation"),
    "restriction": gettext_noop("Kind of restriction"),
    "step": gettext_noop("Step"),
    "project": gettext_noop("Project"),
    "project.number": gettext_noop("Project number"),
    "project.name": gettext_noop("Project name"),
    "project_name": gettext_noop("Project name"),
    "name": gettext_noop("Name"),
    "project.type": gettext_noop("Project type"),
    "type": gettext_noop("Type"),
    "owner": gettext_noop("Owner"),
    "organisation": gettext_noop("Organisation"),
    "uscc": gettext_noop("Unified social credit code"),
    "role": gettext_noop("Role"),
    "capacity": gettext_noop("Capacity"),
    "province": gettext_noop("Province"),
    "region": gettext_noop("Region"),
    "scheme": gettext_noop("Scheme"),
    "methodology": gettext_noop("Methodology"),
    "methodology.code": gettext_noop("Methodology"),
    "methodology.version": gettext_noop("Methodology version"),
    "methodology_version": gettext_noop("Methodology version"),
    "rule_pack": gettext_noop("Rule pack"),
    "pack": gettext_noop("Rule pack"),
    "version": gettext_noop("Version"),
    "effective": gettext_noop("Effective from"),
    "crediting": gettext_noop("Crediting period"),
    "validator": gettext_noop("Validator"),
    "verifier": gettext_noop("Verifier"),
    "batch": gettext_noop("Batch"),
    "batches": gettext_noop("Batch"),
    "vintage": gettext_noop("Vintage"),
    "period": gettext_noop("Monitoring period"),
    "verified_kg": gettext_noop("Verified quantity (kg CO₂e)"),
    "quantity_t": gettext_noop("Quantity (tCO₂e)"),
    "quantity_kg": gettext_noop("Quantity (kg CO₂e)"),
    "buffer_t": gettext_noop("Into the buffer (tCO₂e)"),
    "paid_from_buffer_t": gettext_noop("Paid from the buffer (tCO₂e)"),
    "owed_t": gettext_noop("Still owed (tCO₂e)"),
    "trades": gettext_noop("Trades"),
    "serials": gettext_noop("Serials"),
    "serial": gettext_noop("Serial"),
    "registry": gettext_noop("Other registry"),
    "series": gettext_noop("Series there"),
    "foreign_serials": gettext_noop("Serials there"),
    "proof": gettext_noop("Proof of departure"),
    "inputs_sha256": gettext_noop("Hash of the inputs"),
    "trace_sha256": gettext_noop("Hash of the trace"),
    "report_sha256": gettext_noop("Hash of the verification report"),
    "bundle_sha256": gettext_noop("Hash of the run bundle"),
    "publication": gettext_noop("Publication number"),
    "category": gettext_noop("Category"),
    "title": gettext_noop("Title"),
    "document_number": gettext_noop("Document number"),
    "authority": gettext_noop("Authority"),
    "document": gettext_noop("Document"),
    "document_sha256": gettext_noop("Hash of the document"),
    "sha256": gettext_noop("Hash of the content"),
    "deadline": gettext_noop("Deadline"),
    "cause": gettext_noop("Cause"),
    "intentional": gettext_noop("Intentional"),
    "reason": gettext_noop("Reason"),
    "account": gettext_noop("Account"),
    "state": gettext_noop("State"),
    "source": gettext_noop("From"),
    "from": gettext_noop("From"),
    "target": gettext_noop("To"),
    "to": gettext_noop("To"),
    "instruction": gettext_noop("Instruction"),
    "act": gettext_noop("Act asked for"),
    "outcome": gettext_noop("Outcome"),
    "reference": gettext_noop("Reference"),
    "mode": gettext_noop("Mode"),
    "demonstration": gettext_noop("Demonstration"),
}

KINDS = {
    "registry.issued": gettext_noop("Issuance"),
    "registry.imported": gettext_noop("Import from another registry"),
    "registry.transferred": gettext_noop("Transfer"),
    "registry.settled": gettext_noop("Settlement of trades"),
    "registry.retired": gettext_noop("Retirement"),
    "registry.cancelled": gettext_noop("Cancellation"),
    "registry.reversed": gettext_noop("Reversal"),
    "registry.restricted": gettext_noop("Restriction of units"),
    "registry.restriction_lifted": gettext_noop("End of a restriction"),
    "registry.clawback_ordered": gettext_noop("Order to cancel units"),
    "registry.clawback_step": gettext_noop("Step towards an order to cancel units"),
    "registry.quantity_verified": gettext_noop("Verification"),
    "registry.project_registered": gettext_noop("Registration of a project"),
    "registry.account_opened": gettext_noop("Opening of an account"),
    "registry.account_state_set": gettext_noop("Change of an account's state"),
    "identity.organisation_registered": gettext_noop("Registration of an organisation"),
    "identity.person_enrolled": gettext_noop("Enrolment of a person"),
    "identity.mandate_granted": gettext_noop("Grant of a mandate"),
    "identity.token_made": gettext_noop("Making of an access token"),
    "identity.instruction_given": gettext_noop("Instruction given"),
    "identity.instruction_dropped": gettext_noop("Instruction ended without an act"),
    "notices.subscription": gettext_noop("Arrangement of webhooks"),
    "portal.published": gettext_noop("Publication of a document"),
    "portal.withdrawn": gettext_noop("Withdrawal of a publication"),
    "rulepacks.activated": gettext_noop("Rule pack put into force"),
    "rulepacks.ended": gettext_noop("Rule pack taken out of force"),
}

CODES: dict[tuple[str, Any], str] = {
    ("purpose", "EVENT"): gettext_noop("Event neutrality"),
    ("purpose", "ETS"): gettext_noop("Compliance offset"),
    ("purpose", "ORG"): gettext_noop("Neutrality of an organisation"),
    ("purpose", "PUBLIC"): gettext_noop("Voluntary cancellation for the public good"),
    ("purpose", "JUSTICE"): gettext_noop("Alternative ecological restoration"),
    ("purpose", "TREE"): gettext_noop("Tree-planting duty"),
    ("purpose", "REPLACE"): gettext_noop("Replacement of units that should not have been issued"),
    **{
        (key, stored): word
        for key in ("beneficiary.kind", "beneficiary_kind")
        for stored, word in (
            ("ORGANISATION", gettext_noop("Organisation")),
            ("PERSON", gettext_noop("Person")),
            ("EVENT", gettext_noop("Event")),
        )
    },
    ("demonstration", True): gettext_noop("Yes: not a real credit, without legal effect"),
}
PLACES = {key: place for place, key in enumerate(LABELS)}


def known(path: str) -> str:
    """The key a place in a fact is named by: itself, its last part, or else itself although it has no word."""
    last = path.rpartition(".")[2]
    return last if path not in LABELS and last in LABELS else path


def place(path: str) -> int:
    """Where in the telling it comes; what has no word comes last."""
    return PLACES.get(known(path), len(PLACES))
