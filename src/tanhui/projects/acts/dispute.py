"""Disputes about a distribution: raised by whoever has a share in it, answered by the other side, kept for good."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.acts import shares
from tanhui.projects.models import Dispute, DisputeAnswer, Sale, ShareLine
from tanhui.projects.queries import shares as known

CLAUSE = f"{shares.CHIFENG}二（保障持有者权益的分配机制）"


class DisputeUnclear(Refusal):
    code = "projects.dispute_unclear"
    sentence = gettext_noop("Say in at most 1,000 characters what is contested, or what the answer is.")
    clause = CLAUSE
    status = 422


class NoShareInIt(Refusal):
    code = "projects.no_share_in_it"
    sentence = gettext_noop("Only whoever has a share in this sale can contest it.")
    clause = CLAUSE
    status = 403


class DisputePending(Refusal):
    code = "projects.dispute_pending"
    sentence = gettext_noop("This share is contested already (no. %(number)s) and waits for its answer.")
    clause = CLAUSE


class DisputeAnswered(Refusal):
    code = "projects.dispute_answered"
    sentence = gettext_noop("This dispute was answered already. Raise another if something new has come up.")
    clause = CLAUSE


class OwnDispute(Refusal):
    code = "projects.own_dispute"
    sentence = gettext_noop("%(organisation)s raised this itself. The other side answers it.")
    clause = CLAUSE
    status = 403


def raise_own(*, line: ShareLine, text: str, by: Person, reference: str, at: datetime) -> Dispute:
    """A holder contests their own line; it is paid no further until the answer. The same reference again is the same.

    Refuses with ``NoShareInIt``, ``DisputeUnclear`` or ``DisputePending``.
    """
    if not known.mine(by, at=at).filter(pk=line.pk).exists():
        raise NoShareInIt
    holder = line.holder
    return kept(line.sale, line, text, holder.organisation if holder else None, by, reference, at)


def raise_side(*, sale: Sale, text: str, mandate: Mandate, reference: str, at: datetime) -> Dispute:
    """City or county contests the whole distribution. Refuses with ``NoShareInIt`` or as ``raise_own``."""
    organisation = mandate.membership.organisation
    if organisation.pk not in (sale.rule.city_id, sale.rule.county_id):
        raise NoShareInIt
    shares.check_signing(mandate, at=at)
    return kept(sale, None, text, organisation, mandate.membership.person, reference, at)


def kept(
    sale: Sale, line: ShareLine | None, text: str, organisation: Organisation | None, by: Person, reference: str,
    at: datetime,
) -> Dispute:  # fmt: skip
    instructions.check_reference(reference)
    if not 0 < len(text.strip()) <= 1000:
        raise DisputeUnclear
    try:
        with transaction.atomic():
            shares.lock(sale.project)
            if earlier := Dispute.objects.filter(by=by, reference=reference).first():
                return same(earlier, sale, line, text)
            alike = Dispute.objects.filter(sale=sale, line=line, organisation=organisation, answer__isnull=True)
            if pending := alike.first():
                raise DisputePending(number=pending.number)
            last = Dispute.objects.filter(sale=sale).aggregate(last=Max("number"))["last"]
            made = Dispute(
                sale=sale, line=line, number=(last or 0) + 1, text=text.strip(), organisation=organisation,
                reference=reference, by=by, at=at,
            )  # fmt: skip
            made.entry = record(
                kind="projects.share_disputed",
                fact={"project": sale.project.number, "sale": sale.entry, "number": made.number},
                private={"dispute": str(made.pk), "text": made.text},
                at=at,
                by=by.pk,
            )
            made.save(force_insert=True)
            return made
    except IntegrityError:
        return same(Dispute.objects.get(by=by, reference=reference), sale, line, text)


def same(earlier: Dispute, sale: Sale, line: ShareLine | None, text: str) -> Dispute:
    if (earlier.sale_id, earlier.line_id, earlier.text) != (sale.pk, line.pk if line else None, text.strip()):
        raise instructions.ReferenceTaken(reference=earlier.reference)
    return earlier


@transaction.atomic
def answer(*, dispute: Dispute, upheld: bool, text: str, mandate: Mandate, at: datetime) -> DisputeAnswer:
    """The county answers its holders, and either side the other.

    Refuses with ``shares.NotASide``, ``OwnDispute``, ``DisputeUnclear`` or ``DisputeAnswered``.
    """
    sale, organisation = dispute.sale, mandate.membership.organisation
    sides = {sale.rule.county_id} if dispute.line_id else {sale.rule.city_id, sale.rule.county_id}
    if organisation.pk == dispute.organisation_id:
        raise OwnDispute(organisation=organisation.name)
    if organisation.pk not in sides:
        raise shares.NotASide(
            organisation=organisation.name, side=sale.rule.county.name, project=f"{sale.project.number:06d}"
        )
    shares.check_signing(mandate, at=at)
    if not 0 < len(text.strip()) <= 1000:
        raise DisputeUnclear
    shares.lock(sale.project)
    if DisputeAnswer.objects.filter(dispute=dispute).exists():
        raise DisputeAnswered
    entry = record(
        kind="projects.dispute_answered",
        fact={"project": sale.project.number, "sale": sale.entry, "number": dispute.number, "upheld": upheld},
        private={"dispute": str(dispute.pk), "text": text.strip()},
        at=at,
        by=mandate.membership.person_id,
    )
    return DisputeAnswer.objects.create(
        dispute=dispute, upheld=upheld, text=text.strip(), organisation=organisation, by=mandate.membership.person,
        at=at, entry=entry,
    )  # fmt: skip
