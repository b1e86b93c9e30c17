"""Publishing a year: one person of the authority proposes it, another confirms; then its results are everybody's."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inventory import checks, queries
from tanhui.inventory.acts import archiving, steps
from tanhui.inventory.models import AccountingYear, Computation, Item, Publication
from tanhui.kernel.refusal import Refusal, gettext_noop

ACT = "inventory.publish"
OPEN_FOR = timedelta(days=14)  # how long a proposal waits for its second signature
LICENCE = "CC BY 4.0"
State = AccountingYear.State


class ChecksOpen(Refusal):
    code = "inventory.checks_open"
    sentence = gettext_noop(
        "The year cannot be published: %(count)s checks are open, the first of them “%(first)s” (%(reason)s). See to "
        "them first."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条"


class PapersMissing(Refusal):
    code = "inventory.papers_missing"
    sentence = gettext_noop("The year cannot be published without: %(what)s. Have the papers drafted first.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（三）项"


class ProposedAlready(Refusal):
    code = "inventory.publication_proposed"
    sentence = gettext_noop(
        "%(initiator)s has already proposed to publish this year, and a second person must decide. Confirm or reject "
        "that first."
    )
    clause = "ARCHITECTURE.md §6.3"


class NothingProposed(Refusal):
    code = "inventory.nothing_proposed"
    sentence = gettext_noop("Nobody has proposed to publish this year, or it was decided already. Propose it first.")
    clause = "ARCHITECTURE.md §6.3"


class LicenceMissing(Refusal):
    code = "inventory.licence_missing"
    sentence = gettext_noop("Say under which licence the published data may be used, in at most 200 characters.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第十条"
    status = 422


@transaction.atomic
def propose(
    *, year: AccountingYear, licence: str, revision: int, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """Propose to publish a drafted year: the first of two signatures.

    Refuses with ``steps.NotTheAuthority``, ``LicenceMissing``, ``ProposedAlready``, ``ChecksOpen``, ``PapersMissing``,
    ``steps.MovedOn`` or ``steps.ChangedSince``.
    """
    steps.may_handle(year, mandate, at=at)
    if not licence.strip() or len(licence.strip()) > 200:
        raise LicenceMissing
    held = steps.locked(year)
    body = {"year": held.pk, "licence": licence.strip(), **what(held)}

    def prepare(asked: Instruction) -> None:
        steps.check_revision(held, revision)
        if waiting(held, at=at) is not None:
            raise ProposedAlready(initiator=held.instruction.initiator.name if held.instruction else "—")
        publishable(held)
        held.instruction = asked
        steps.touch(held, at)

    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR, prepare=prepare
    )


def what(year: AccountingYear) -> dict[str, str]:
    """The figures that are to be published, by their hash; both people sign the same ones."""
    computation = queries.finished(year)
    return {
        "computation": str(computation.pk) if computation else "",
        "statistics_sha256": computation.statistics_sha256 if computation else "",
    }


def publishable(year: AccountingYear) -> Computation:
    """The computation a year may be published with. Refuses with ``ChecksOpen``, ``PapersMissing`` or
    ``steps.MovedOn``."""
    steps.only_at(year, State.DRAFTED)
    computation = archiving.finished(year)
    if found := checks.open_ones(checks.of(year)):
        raise ChecksOpen(count=len(found), first=found[0].label, reason=found[0].reason)
    here = set(computation.items.values_list("category", flat=True))
    if missing := [str(one.label) for one in Item.PAPERS if one not in here]:
        raise PapersMissing(what="、".join(missing))
    return computation


def waiting(year: AccountingYear, *, at: datetime) -> Instruction | None:
    """The proposal to publish that awaits its second signature."""
    asked = year.instruction
    if asked is None or asked.expires_at <= at or instructions.decision_of(asked) is not None:
        return None
    return asked


def confirm(*, year: AccountingYear, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the year is published, and the edition before it superseded.

    Refuses with ``NothingProposed``, as ``propose`` should things have changed meanwhile, or as ``identity`` does.
    """
    asked = year.instruction
    if asked is None:
        raise NothingProposed
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: carry_out(one, mandate, at)
    )


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    year = steps.locked(AccountingYear.objects.get(pk=asked.body["year"]))
    computation = publishable(year)
    if (asked.body["computation"], asked.body["statistics_sha256"]) != tuple(what(year).values()):
        raise NothingProposed
    person, organisation = mandate.membership.person, mandate.membership.organisation
    found = [one.as_json() for one in checks.of(year)]
    whole = queries.figures(computation, year=year.year, level="area").filter(type="all").first()
    key = (
        {"nep_kg_co2": whole.nep_kg_co2, "lower_kg_co2": whole.lower_kg_co2, "upper_kg_co2": whole.upper_kg_co2}
        if whole
        else {}
    )

    def prepare(held: AccountingYear, row: object) -> steps.Said:
        return steps.Said(fact={
            "area": held.area_name, "division": held.division_code,
            "statistics_sha256": computation.statistics_sha256, "record_sha256": computation.record_sha256,
            "authority": str(organisation), "licence": asked.body["licence"], **key,
        })  # fmt: skip

    step = steps.step(
        year=year, act="publish", by=person, organisation=organisation, reference=f"publish-{asked.pk}", at=at,
        prepare=prepare,
    )  # fmt: skip
    Publication.objects.create(
        accounting_year=step.accounting_year, computation=computation,
        statistics_sha256=computation.statistics_sha256, checks=found,
        map_approval=str(computation.facts.get("map_approval", "")), licence=asked.body["licence"],
        initiator=asked.initiator, confirmer=person, at=at, entry=step.entry,
    )  # fmt: skip
    supersede(step.accounting_year, mandate, at)
    return {"accounting_year": year.code, "step": step.number}


def supersede(year: AccountingYear, mandate: Mandate, at: datetime) -> None:
    """The edition before this one counts no more; it stays readable."""
    before = year.revises
    if before is None or before.state not in AccountingYear.IN_FORCE:
        return
    said = steps.Said(reason=year.reason, fact={"by": year.code})
    steps.step(
        year=before, act="supersede", by=mandate.membership.person, organisation=mandate.membership.organisation,
        said=said, reference=f"supersede-{year.pk}", at=at, prepare=lambda held, row: said,
    )  # fmt: skip


def drop(*, year: AccountingYear, outcome: str, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """The second person does not sign, or the first takes it back. Refuses with ``NothingProposed`` or
    ``identity``'s rules."""
    asked = year.instruction
    if asked is None:
        raise NothingProposed
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(mandate.membership.organisation)
        )
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:200], undo=lambda one: None
    )
