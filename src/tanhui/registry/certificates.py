"""Papers of what the register holds: assembled from facts and their proof, rendered, sealed with the log's key.

A retirement certificate and an issuance notice are drawn from the published fact and the first checkpoint that covers
it, so they are the same bytes whenever they are asked for. Statements and holding certificates speak of a named moment.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import override

from tanhui.journal import log
from tanhui.journal import queries as journal
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.registry import papers, queries
from tanhui.registry.acts import lines
from tanhui.registry.models import Account, Batch, Restriction, Retirement, SubAccount
from tanhui.tlog import bundle, seal
from tanhui.ui import paper

OPERATOR = "碳汇登记簿"  # on papers of an operator who has not given a name
ONE_DAY = timedelta(days=1)
NOBODY = "—"
BUFFER = papers.Label("缓冲池", "Buffer pool")
RESERVED = papers.Label("指令占用", "Reserved by an instruction")
PARTIES: dict[str, Literal["organisation", "person", "event"]] = {
    Retirement.Beneficiary.ORGANISATION: "organisation",
    Retirement.Beneficiary.PERSON: "person",
    Retirement.Beneficiary.EVENT: "event",
}
KINDS = {
    "registry.issued": papers.Label("签发", "Issuance"),
    "registry.imported": papers.Label("境外转入", "Import"),
    "registry.transferred": papers.Label("转让", "Transfer"),
    "registry.retired": papers.Label("注销", "Retirement"),
    "registry.cancelled": papers.Label("强制注销", "Cancellation"),
    "registry.reversed": papers.Label("逆转抵补", "Reversal"),
}


class CertificateNotReady(Refusal):
    code = "registry.certificate_not_ready"
    sentence = gettext_noop(
        "%(number)s is recorded, but its fact has no place in the transparency log yet. Try again in a moment."
    )
    clause = "ARCHITECTURE.md §7"


def certificate(retirement: Retirement) -> bytes:
    """The sealed retirement certificate (PDF/A-3b with ``proof.json``). Refuses with ``CertificateNotReady``."""
    proof, place = proved(retirement.certificate, retirement.entry)
    fact = journal.fact(retirement.entry)["fact"]
    holder = retirement.source.account.organisation
    facts = papers.RetirementCertificate(
        masthead=masthead(retirement.certificate, f"/certificates/{retirement.certificate}", fact),
        purpose_code=retirement.certificate[:2],
        purpose=label(Retirement.Purpose(retirement.purpose)),
        detail=retirement.statement,
        beneficiary=papers.Party(
            name=retirement.beneficiary_name,
            identifier=retirement.beneficiary_code,
            kind=PARTIES[retirement.beneficiary_kind],
        ),
        holder=papers.Party(name=holder.name, identifier=holder.uscc),
        batches=tuple(on_paper(batch, ranges) for batch, ranges in stated(fact)),
        retired_at=retirement.at,
        transaction_id=str(retirement.movement_id),
        log=place,
    )
    return sealed(papers.certificate(facts, attachments=[enclosed(proof)]))


def issuance_notice(batch: Batch) -> bytes:
    """The sealed notice of a batch that was issued here. Refuses with ``CertificateNotReady``."""
    issuance = batch.issuance
    if issuance is None:
        raise ValueError(f"{batch} was brought in, not issued here")
    number = f"IS{issuance.pk:08d}-{batch.number:03d}"
    proof, place = proved(number, issuance.entry)
    fact = journal.fact(issuance.entry)["fact"]
    told = next(one for one in fact["batches"] if one["batch"] == batch.asset.code)
    free_t = told["quantity_t"] - told["buffer_t"]
    first = told["serials"][0]
    project = batch.project
    facts = papers.IssuanceNotice(
        masthead=masthead(number, f"/projects/{project.number}", fact),
        batch=on_paper(batch, [Range(first, first + free_t - 1)]),
        account=project.owner.accounts.get().code,
        verified_tonnes=told["quantity_t"],
        withheld=((BUFFER, told["buffer_t"]),) if told["buffer_t"] else (),
        validator=project.validator.name,
        verifier=issuance.period.verifier.name,
        issued_at=issuance.at,
        transaction_id=str(issuance.movement_id),
        log=place,
    )
    return sealed(papers.issuance_notice(facts, attachments=[enclosed(proof)]))


def statement(*, account: Account, since: date, until: date, at: datetime) -> bytes:
    """The sealed statement of an account over days, both included."""
    found = queries.statement(account, clock.midnight_after(since - ONE_DAY), clock.midnight_after(until))
    facts = papers.Statement(
        masthead=masthead(f"{account.code}-{since:%Y%m%d}-{until:%Y%m%d}", None),
        holder=papers.Party(name=account.organisation.name, identifier=account.organisation.uscc),
        account=account.code,
        period=(since, until),
        drawn_at=at,
        lines=tuple(
            papers.Line(
                batch=line.batch.asset.code, project=line.batch.project.name,
                opening_tonnes=line.opening, closing_tonnes=line.closing,
            )
            for line in found.lines
        ),
        movements=tuple(
            papers.Movement(
                at=one.at, kind=KINDS.get(one.kind, papers.Label(one.kind, one.kind)),
                counterparty=counterparty(one.other), transaction_id=str(one.transaction),
                batch=one.batch.asset.code, tonnes=one.quantity,
            )
            for one in found.movements
        ),
    )  # fmt: skip
    return sealed(papers.statement(facts))


def counterparty(code: str) -> str:
    """The other end of a movement as a reader knows it: an account with its part, or what units were used for."""
    place, _, part = code.partition("/")
    if part in SubAccount.Purpose.values:
        return f"{place} {label(SubAccount.Purpose(part)).zh}"
    boundary, _, purpose = code.partition(":")
    if boundary == "retired" and purpose in Retirement.Purpose.values:
        return label(Retirement.Purpose(purpose)).zh
    return NOBODY


def holding(*, account: Account, at: datetime) -> bytes:
    """The sealed certificate of what an account holds at ``at``: the present state."""
    facts = papers.HoldingCertificate(
        masthead=masthead(f"{account.code}-{at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}", None),
        holder=papers.Party(name=account.organisation.name, identifier=account.organisation.uscc),
        account=account.code,
        as_of=at,
        issued_at=at,
        holdings=tuple(
            papers.Holding(batch=on_paper(one.batch, one.units), locked=bound(one)) for one in queries.lying(account)
        ),
    )
    return sealed(papers.holding_certificate(facts))


def bound(one: queries.Lying) -> tuple[tuple[papers.Label, int], ...]:
    reasons = [(label(Restriction.Kind(kind)), tonnes) for kind, tonnes in sorted(one.locked.items())]
    return (*reasons, *([(RESERVED, one.reserved)] if one.reserved else []))


def proved(number: str, entry: int) -> tuple[dict[str, Any], papers.LogPlace]:
    """The proof of a fact and its place in the log, as papers print it."""
    proof, place = journal.prove(entry), journal.place(entry)
    if proof is None or place is None:
        raise CertificateNotReady(number=number)
    key = log.signer().verifier
    return proof, papers.LogPlace(
        origin=key.name, leaf_index=place.index, tree_size=place.checkpoint.size, leaf_hash=place.sha256,
        root_hash=bytes(place.checkpoint.root).hex(), key=key.fingerprint,
    )  # fmt: skip


def enclosed(proof: dict[str, Any]) -> paper.Attachment:
    return paper.Attachment(
        name=seal.PROOF_FILE, content=bundle.dumps(proof), description="透明日志包含证明 Proof of inclusion in the log"
    )


def sealed(pdf: bytes) -> bytes:
    return seal.seal(pdf, log.signer().sign)


def masthead(number: str, path: str | None, fact: dict[str, Any] | None = None) -> papers.Masthead:
    return papers.Masthead(
        operator=settings.TANHUI_OPERATOR.get("name") or OPERATOR,
        number=number,
        url=f"{settings.TANHUI_ADDRESS}{path}" if path and settings.TANHUI_ADDRESS else None,
        demonstration=settings.TANHUI_MODE != "production" or bool((fact or {}).get("demonstration")),
    )


def stated(fact: dict[str, Any]) -> list[tuple[Batch, list[Range]]]:
    """The batches a published fact names, with the ranges it names of each."""
    ranges: dict[str, list[Range]] = {}
    for one in fact["batches"]:
        ranges.setdefault(one["batch"], []).extend(Range(*block) for block in one["serials"])
    known = {one.asset.code: one for one in queries.batches().filter(asset__code__in=ranges)}
    return [(known[code], sorted(found)) for code, found in ranges.items()]


def on_paper(batch: Batch, ranges: Sequence[Range]) -> papers.Batch:
    project, period = batch.project, batch.issuance.period if batch.issuance else None
    return papers.Batch(
        code=batch.asset.code,
        project=papers.Project(
            code=f"{project.number:06d}", name=project.name, kind=papers.Label(project.kind, ""),
            region=project.region, owner=project.owner.name,
        ),
        methodology=papers.Methodology(code=project.methodology, version=project.methodology_version),
        period=(batch.span.lower, batch.span.upper - ONE_DAY),
        input_hash=period.inputs_sha256 if period else "",
        trace_hash=period.trace_sha256 if period else "",
        blocks=tuple(papers.Block.of(lines.printed(batch, one)) for one in ranges),
    )  # fmt: skip


def label(choice: TextChoices) -> papers.Label:
    """A stored code's name in both languages."""
    with override("zh-hans"):
        zh = str(choice.label)
    with override("en"):
        en = str(choice.label)
    return papers.Label(zh, en)
