"""A verdict in words, Chinese or English, for the command line and for pages."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.tlog import bundle, fsck, note

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
BEIJING = timezone(timedelta(hours=8))

IN_THE_LOG = gettext_noop("In order: this fact is recorded in the transparency log and was not changed since.")
SEAL_WHOLE = gettext_noop("In order: the certificate is byte for byte as it was sealed, and its fact is in the log.")
NOT_IN_ORDER = gettext_noop("Not in order: %(why)s")
KEY_TRUSTED = gettext_noop("Signed with a key you trust: %(name)s.")
KEY_TO_COMPARE = gettext_noop(
    "The mathematics holds, under the key carried in the file itself. Whose key that is, only a comparison shows: "
    "the operator of %(name)s must publish exactly this key. Give it with --key to have it checked."
)
LOG_IN_ORDER = gettext_noop("In order: %(size)s leaves give the signed root, and every tile agrees.")
LOG_CONTINUES = gettext_noop("It continues the earlier checkpoint of %(old)s leaves unchanged.")

# Words for the keys facts are written with, in the order they are told; a key without a word is shown as it is.
LABELS = {
    "kind": gettext_noop("Kind"),
    "at": gettext_noop("Time"),
    "certificate": gettext_noop("Certificate number"),
    "quantity_t": gettext_noop("Quantity (tCO₂e)"),
    "quantity_kg": gettext_noop("Quantity (kg CO₂e)"),
    "verified_kg": gettext_noop("Verified quantity (kg CO₂e)"),
    "buffer_t": gettext_noop("Into the buffer (tCO₂e)"),
    "serials": gettext_noop("Serials"),
    "serial": gettext_noop("Serial"),
    "beneficiary": gettext_noop("On behalf of"),
    "beneficiary_name": gettext_noop("On behalf of"),
    "beneficiary_kind": gettext_noop("Kind of beneficiary"),
    "beneficiary_code": gettext_noop("Code of the beneficiary"),
    "name": gettext_noop("Name"),
    "purpose": gettext_noop("Purpose"),
    "statement": gettext_noop("Statement"),
    "reason": gettext_noop("Reason"),
    "state": gettext_noop("State"),
    "transaction": gettext_noop("Transaction number"),
    "demonstration": gettext_noop("Demonstration"),
    "reference": gettext_noop("Reference"),
    "account": gettext_noop("Account"),
    "source": gettext_noop("From"),
    "target": gettext_noop("To"),
    "project": gettext_noop("Project"),
    "project_name": gettext_noop("Project name"),
    "type": gettext_noop("Type"),
    "owner": gettext_noop("Owner"),
    "crediting": gettext_noop("Crediting period"),
    "province": gettext_noop("Province"),
    "region": gettext_noop("Region"),
    "scheme": gettext_noop("Scheme"),
    "batch": gettext_noop("Batch"),
    "batches": gettext_noop("Batch"),
    "vintage": gettext_noop("Vintage"),
    "period": gettext_noop("Monitoring period"),
    "methodology": gettext_noop("Methodology"),
    "methodology_version": gettext_noop("Methodology version"),
    "rule_pack": gettext_noop("Rule pack"),
    "validator": gettext_noop("Validator"),
    "verifier": gettext_noop("Verifier"),
    "inputs_sha256": gettext_noop("Hash of the inputs"),
    "trace_sha256": gettext_noop("Hash of the trace"),
    "report_sha256": gettext_noop("Hash of the verification report"),
    "bundle_sha256": gettext_noop("Hash of the run bundle"),
    "document": gettext_noop("Document"),
    "document_sha256": gettext_noop("Hash of the document"),
}

KINDS = {
    "registry.issued": gettext_noop("Issuance"),
    "registry.transferred": gettext_noop("Transfer"),
    "registry.retired": gettext_noop("Retirement"),
    "registry.cancelled": gettext_noop("Cancellation"),
    "registry.reversed": gettext_noop("Reversal"),
    "registry.quantity_verified": gettext_noop("Verification"),
    "registry.project_registered": gettext_noop("Registration of a project"),
    "registry.account_opened": gettext_noop("Opening of an account"),
    "registry.account_state_set": gettext_noop("Change of an account's state"),
}

CODES = {
    ("purpose", "EVENT"): gettext_noop("Event neutrality"),
    ("purpose", "ETS"): gettext_noop("Compliance offset"),
    ("purpose", "ORG"): gettext_noop("Neutrality of an organisation"),
    ("purpose", "PUBLIC"): gettext_noop("Voluntary cancellation for the public good"),
    ("purpose", "JUSTICE"): gettext_noop("Alternative ecological restoration"),
    ("purpose", "TREE"): gettext_noop("Tree-planting duty"),
    ("purpose", "REPLACE"): gettext_noop("Replacement of units that should not have been issued"),
    ("beneficiary_kind", "ORGANISATION"): gettext_noop("Organisation"),
    ("beneficiary_kind", "PERSON"): gettext_noop("Person"),
    ("beneficiary_kind", "EVENT"): gettext_noop("Event"),
}

PLACE = gettext_noop("Place in the log")
OF_LEAVES = gettext_noop("%(index)s, in a log of %(size)s leaves")
LOG = gettext_noop("Log")
ROOT = gettext_noop("Root")
KEY = gettext_noop("Key")
FINGERPRINT = gettext_noop("Fingerprint of the key")
PRIVATE = gettext_noop("Shown privately")


def of_certificate(verdict: bundle.Verdict, *, sealed: bool, code: str) -> Iterator[str]:
    """The lines that tell someone what was checked and what it says; ``code`` is ``zh-hans`` or ``en``."""
    yield clean(language.translate(SEAL_WHOLE if sealed else IN_THE_LOG, code))
    yield ""
    yield from table(facts(verdict, code), code)
    yield ""
    yield from table(evidence(verdict, code), code)
    yield ""
    yield key_sentence(verdict.key, verdict.trusted, code)


def of_log(report: fsck.Report, code: str) -> Iterator[str]:
    """The lines that tell the outcome of checking a whole log."""
    yield language.translate(LOG_IN_ORDER, code) % {"size": f"{report.checkpoint.size:,}"}
    if report.since is not None:
        yield language.translate(LOG_CONTINUES, code) % {"old": f"{report.since:,}"}
    yield ""
    rows = [(LOG, report.checkpoint.origin), (ROOT, report.checkpoint.root.hex()), *key_rows(report.key)]
    yield from table(rows, code)
    yield ""
    yield key_sentence(report.key, report.trusted, code)


def facts(verdict: bundle.Verdict, code: str) -> list[tuple[str, str]]:
    """What the fact says, as labels (not yet translated) and texts."""
    leaf = verdict.leaf
    kind = language.translate(KINDS[leaf["kind"]], code) if leaf["kind"] in KINDS else leaf["kind"]
    stated = leaf.get("fact", {})
    if not isinstance(stated, Mapping):
        stated = {"fact": stated}
    places = {key: place for place, key in enumerate(LABELS)}
    rows = [("kind", kind), ("at", moment(leaf.get("at")))]
    for key in sorted(stated, key=lambda key: places.get(key, len(places))):
        rows += flat(key, stated[key], code)
    for key, value in (verdict.opening or {}).items():
        for at, text in flat(key, value, code):
            rows.append((PRIVATE, f"{label_of(at, code)}: {text}"))
    return rows


def evidence(verdict: bundle.Verdict, code: str) -> list[tuple[str, str]]:
    """Where in the log it stands and who signed."""
    place = language.translate(OF_LEAVES, code) % {"index": f"{verdict.index:,}", "size": f"{verdict.size:,}"}
    return [(LOG, verdict.origin), (PLACE, place), (ROOT, verdict.root.hex()), *key_rows(verdict.key)]


def key_rows(key: note.Verifier) -> list[tuple[str, str]]:
    return [(KEY, str(key)), (FINGERPRINT, key.fingerprint)]


def key_sentence(key: note.Verifier, trusted: bool, code: str) -> str:
    return clean(language.translate(KEY_TRUSTED if trusted else KEY_TO_COMPARE, code) % {"name": key.name})


def flat(key: str, value: Any, code: str) -> Iterator[tuple[str, str]]:
    """A value as rows of text; an object gives a row for each of its members."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from flat(inner if inner in LABELS else f"{key}.{inner}", one, code)
    elif isinstance(value, list) and not is_span(value):
        yield from ((key, said(key, one, code)) for one in value)
    elif value is not None and value != "":
        yield key, said(key, value, code)


def is_span(value: list[Any]) -> bool:
    """A first and a last: two numbers, or two dates."""
    kinds = {type(one) for one in value}
    return len(value) == 2 and (kinds == {int} or all(isinstance(one, str) and DAY.fullmatch(one) for one in value))


def said(key: str, value: Any, code: str) -> str:
    if isinstance(value, bool):
        return language.translate(gettext_noop("yes") if value else gettext_noop("no"), code)
    if isinstance(value, int) and key.endswith(("_t", "_kg", "_g")):
        return f"{value:,}"
    if isinstance(value, list):
        return ("–" if is_span(value) else ", ").join(said(key, one, code) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{label_of(inner, code)} {said(inner, one, code)}" for inner, one in value.items())
    if isinstance(value, str) and (key, value) in CODES:
        return language.translate(CODES[key, value], code)
    return moment(value) if key == "at" or key.endswith("_at") else str(value)


def moment(value: Any) -> str:
    """A UTC time stamp as Beijing time; anything else as it is."""
    try:
        return datetime.fromisoformat(value).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S UTC+8")
    except (ValueError, TypeError, OverflowError):
        return str(value or "–")


def table(rows: list[tuple[str, str]], code: str) -> Iterator[str]:
    """Labels and texts as aligned lines."""
    named = [(label_of(label, code), text) for label, text in rows]
    wide = max(width(label) for label, _ in named)
    for label, text in named:
        yield f"  {clean(label)}{' ' * (wide - width(label))}  {clean(text)}"


def label_of(key: str, code: str) -> str:
    """The word for a key, or the key itself."""
    label = LABELS.get(key, key)
    return language.translate(label, code) if label else label


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if "⺀" <= one <= "￠" else 1 for one in text)


def clean(text: str) -> str:
    """Without characters that move the cursor or turn the writing direction: a fact is data, not a terminal program."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
