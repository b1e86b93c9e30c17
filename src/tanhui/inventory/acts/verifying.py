"""Verification: comparisons with something independent, and the word of a body that has no part in the accounting."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tanhui.files.acts import filing
from tanhui.files.models import Upload
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Person
from tanhui.inventory import checks, queries, roles
from tanhui.inventory.acts import archiving, steps
from tanhui.inventory.models import AccountingYear, Computation, CrossCheck, Verification
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

VERIFICATION = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（二）项：验证"
Outcome = Verification.Outcome


class NotTheVerifier(Refusal):
    code = "inventory.not_the_verifier"
    sentence = gettext_noop(
        "This year is for %(needed)s to verify, and you act for %(organisation)s. The authority names the verifier."
    )
    clause = VERIFICATION
    status = 403


class PartInIt(Refusal):
    code = "inventory.part_in_it"
    sentence = gettext_noop(
        "%(person)s also works for %(organisation)s, whose figures these are, and cannot verify them. A colleague "
        "without a part in it must."
    )
    clause = VERIFICATION
    status = 403


class ComparisonIncomplete(Refusal):
    code = "inventory.comparison_incomplete"
    sentence = gettext_noop(
        "Say what was compared and what was found; where it deviates, why. At most 12 numbers of 40 characters each."
    )
    clause = VERIFICATION
    status = 422


class ComparisonsMissing(Refusal):
    code = "inventory.comparisons_missing"
    sentence = gettext_noop(
        "The figures cannot be confirmed yet: %(what)s Make the comparison first, or send them back."
    )
    clause = VERIFICATION
    status = 422


class OpinionMissing(Refusal):
    code = "inventory.opinion_missing"
    sentence = gettext_noop("Give your opinion: what was looked at, and what was found.")
    clause = VERIFICATION
    status = 422


@transaction.atomic
def compare(
    *, year: AccountingYear, kind: str, verdict: str, result: Mapping[str, str], note: str, upload: Upload | None,
    mandate: Mandate, at: datetime,
) -> CrossCheck:  # fmt: skip
    """Keep one comparison of the year's figures. ``result``: numbers by what they are, as text.

    Refuses with ``NotTheVerifier``, ``PartInIt``, ``ComparisonIncomplete``, ``steps.MovedOn`` or as files do.
    """
    person = may_verify(year, mandate, at=at)
    held = steps.locked(year)
    steps.only_at(held, AccountingYear.State.COMPUTED)
    said = {name.strip(): value.strip() for name, value in result.items() if name.strip() and value.strip()}
    known = kind in CrossCheck.Kind.values and verdict in CrossCheck.Verdict.values
    short = len(said) <= 12 and all(len(name) <= 40 and len(value) <= 40 for name, value in said.items())
    explained = verdict == CrossCheck.Verdict.AGREES or note.strip()
    if not (known and short and explained) or len(note) > 1000:
        raise ComparisonIncomplete
    document = None
    if upload is not None:
        document = filing.file(
            subject=f"{archiving.SUBJECT}:{held.pk}", kind=archiving.SUBJECT,
            title=str(CrossCheck.Kind(kind).label), upload=upload, by=person, at=at,
        ).pk  # fmt: skip
    computation = computed(held)
    entry = record(
        kind="inventory.compared",
        fact={"accounting_year": held.code, "with": kind, "found": verdict},
        private={
            "year": held.pk,
            "computation": str(computation.pk),
            "result": [list(one) for one in said.items()],
            "note": note.strip(),
        },
        at=at,
        by=person.pk,
    )
    return CrossCheck.objects.create(
        computation=computation, kind=kind, verdict=verdict, result=said, note=note.strip(), document=document,
        organisation=mandate.membership.organisation, by=person, at=at, entry=entry,
    )  # fmt: skip


def sign(
    *, year: AccountingYear, outcome: str, opinion: str, revision: int, mandate: Mandate, reference: str, at: datetime
) -> Verification:
    """Confirm the year's figures, or send them back to be computed anew.

    Refuses with ``NotTheVerifier``, ``PartInIt``, ``OpinionMissing``, ``ComparisonsMissing``, ``steps.MovedOn`` or
    ``steps.ChangedSince``.
    """
    person = may_verify(year, mandate, at=at)
    if not opinion.strip() or outcome not in Outcome.values:
        raise OpinionMissing
    confirms = outcome == Outcome.CONFIRMED
    said = steps.Said(reason=opinion.strip()[: steps.LONGEST])
    made: list[Verification] = []

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        computation = computed(held)
        found = checks.compared(computation)
        if confirms and found.state != checks.PASS:
            raise ComparisonsMissing(what=found.reason)
        made.append(keep(held, computation, outcome, opinion.strip()[:2000], mandate, at))
        return steps.Said(reason=said.reason, fact={
            "statistics_sha256": computation.statistics_sha256, "verifier": str(mandate.membership.organisation),
        })  # fmt: skip

    steps.step(
        year=year, act="verify" if confirms else "refute", by=person, organisation=mandate.membership.organisation,
        said=said, revision=revision, reference=reference, at=at, prepare=prepare,
    )  # fmt: skip
    return made[0] if made else Verification.objects.get(computation=computed(year))


def keep(
    held: AccountingYear, computation: Computation, outcome: str, opinion: str, mandate: Mandate, at: datetime
) -> Verification:
    person, organisation = mandate.membership.person, mandate.membership.organisation
    rests = [
        {"kind": one.kind, "verdict": one.verdict, "result": one.result, "note": one.note}
        for one in computation.cross_checks.order_by("at", "pk")
    ]
    entry = record(
        kind="inventory.verification_signed",
        fact={
            "accounting_year": held.code, "outcome": outcome, "verifier": organisation.name,
            "statistics_sha256": computation.statistics_sha256,
        },
        private={"year": held.pk, "computation": str(computation.pk), "opinion": opinion},
        at=at,
        by=person.pk,
    )  # fmt: skip
    return Verification.objects.create(
        computation=computation, organisation=organisation, authority=held.organisation, outcome=outcome,
        opinion=opinion, checks=rests, statistics_sha256=computation.statistics_sha256, by=person, at=at, entry=entry,
    )  # fmt: skip


def computed(year: AccountingYear) -> Computation:
    """The finished computation a year stands on; there is one wherever a year is computed."""
    found = queries.finished(year)
    if found is None:
        raise steps.moved_on(year)
    return found


def may_verify(year: AccountingYear, mandate: Mandate, *, at: datetime) -> Person:
    """The person, if the mandate is of the year's verifier and they have no part in the authority."""
    body, person = mandate.membership.organisation, mandate.membership.person
    if body.pk != year.verifier_id or body.role not in roles.VERIFIERS or body.pk == year.organisation_id:
        raise NotTheVerifier(needed=str(year.verifier or "—"), organisation=body.name)
    if mandate.capacity not in roles.SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)
    if person.memberships.filter(organisation=year.organisation_id, until_at__isnull=True).exists():
        raise PartInIt(person=person.name, organisation=str(year.organisation))
    return person
