"""Split rules: proposed by one side, agreed to by two people of each, and in force from a day on.

A proposal says which version it takes the place of. With the last of the four signatures the rule is made in the same
transaction, under the project's lock, so that of two activated at once one stands and the other is told.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import splitting
from tanhui.projects.acts import shares
from tanhui.projects.models import Holder, SplitConsent, SplitProposal, SplitRule, TenureRoll
from tanhui.projects.queries import shares as known
from tanhui.registry.models import Project
from tanhui.rulepacks import queries as rules

RATIO = "《赤峰市生态碳汇实施方案》二（市本级与旗县区原则上按照3:7分配，可动态调整）"
HOUSE = "docs/algorithms/sharing.md"
EXAMPLE_FEN = 100_000_000  # one million yuan, shown where nothing was sold yet


class SplitUnfounded(Refusal):
    code = "projects.split_unfounded"
    sentence = gettext_noop("Say in at most 500 characters why, or on which decision, the shares are to be these.")
    clause = RATIO
    status = 422


class SharesFixed(Refusal):
    code = "projects.shares_fixed"
    sentence = gettext_noop(
        "The rule pack %(pack)s says %(city)s : %(county)s and allows no other shares. Use these, or have the pack "
        "changed."
    )
    clause = RATIO
    status = 422


class RollOfAnother(Refusal):
    code = "projects.roll_of_another"
    sentence = gettext_noop(
        "This roll was not entered by %(county)s for this project. Choose one of its own rolls, or enter one first."
    )
    clause = HOUSE
    status = 422


class CollectiveMissing(Refusal):
    code = "projects.collective_missing"
    sentence = gettext_noop(
        "Villages are to keep a part, and %(villages)s has no line for its collective in the roll, so that nobody "
        "could be paid it. Enter the roll with a line “集体” for each village, or let villages keep nothing."
    )
    clause = HOUSE
    status = 422


class BeginsTooEarly(Refusal):
    code = "projects.split_begins_too_early"
    sentence = gettext_noop(
        "The rule would begin on %(day)s, but what came before reaches to %(last)s (%(what)s). Past shares are never "
        "changed: let it begin later."
    )
    clause = HOUSE
    status = 422


class RuleMovedOn(Refusal):
    code = "projects.split_rule_moved_on"
    sentence = gettext_noop(
        "This proposal takes the place of version %(base)s, and meanwhile version %(latest)s is in force. Propose it "
        "anew on that one."
    )
    clause = HOUSE


class ProposalOver(Refusal):
    code = "projects.split_proposal_over"
    sentence = gettext_noop("This proposal is no longer open (%(state)s). Propose another if it is still wanted.")
    clause = HOUSE


class SideAgreed(Refusal):
    code = "projects.side_agreed"
    sentence = gettext_noop("%(organisation)s has agreed already. The other side's two signatures are missing.")
    clause = RATIO


# -- proposing ---------------------------------------------------------------------------------------------------------


def propose(
    *, project: Project, county: Organisation, terms: splitting.Terms, roll: TenureRoll | None, effective_from: date,
    basis: str, pack: str, mandate: Mandate, reference: str, at: datetime,
) -> SplitProposal:  # fmt: skip
    """Propose a rule and sign first for one's own side. The same reference again is the same proposal.

    Refuses with ``shares.NotASide``, ``shares.NotACounty``, ``SplitUnfounded``, ``SharesFixed``, ``RollOfAnother``,
    ``BeginsTooEarly``, as ``splitting.check``, ``rulepacks.queries.pack`` or ``instruction.initiate`` do.
    """
    check_side(mandate, project, county, at=at)
    person = mandate.membership.person
    asked = {
        "project": project, "city": project.owner, "county": county, "terms": terms.body(), "roll": roll,
        "effective_from": effective_from, "basis": basis.strip(), "pack": pack,
    }  # fmt: skip
    try:
        with transaction.atomic():
            shares.lock(project)
            if earlier := SplitProposal.objects.filter(by=person, reference=reference).first():
                return same(earlier, asked)
            version = check(project, county, terms, roll, effective_from, basis, pack, at)
            base = known.latest(project)
            shown = preview(project, terms, roll, pack, at)
            made = SplitProposal.objects.create(
                **asked, base=base.version if base else 0, pack_version=version, preview=shown,
                preview_sha256=canonical.sha256(shown), organisation=mandate.membership.organisation,
                reference=reference, by=person, at=at,
            )  # fmt: skip
            sign(proposal=made, mandate=mandate, reference=f"split-{made.pk.hex}", at=at)
            return made
    except IntegrityError:
        return same(SplitProposal.objects.get(by=person, reference=reference), asked)


def same(earlier: SplitProposal, asked: Mapping[str, Any]) -> SplitProposal:
    if any(getattr(earlier, name) != value for name, value in asked.items()):
        raise instructions.ReferenceTaken(reference=earlier.reference)
    return earlier


def check_side(mandate: Mandate, project: Project, county: Organisation, *, at: datetime) -> None:
    shares.check_can_be_county(county, project)
    if shares.is_city(mandate, project):
        shares.check_city(mandate, project, at=at)
        if (own := known.county_of(project)) not in (None, county.pk):
            raise shares.NotASide(
                organisation=county.name, side=Organisation.objects.get(pk=own).name, project=f"{project.number:06d}"
            )
        return
    if mandate.membership.organisation_id != county.pk:
        raise shares.NotASide(
            organisation=mandate.membership.organisation.name, side=county.name, project=f"{project.number:06d}"
        )
    shares.check_county(mandate, project, at=at)


def check(
    project: Project, county: Organisation, terms: splitting.Terms, roll: TenureRoll | None, effective_from: date,
    basis: str, pack: str, at: datetime,
) -> str:  # fmt: skip
    """The rules about what is proposed; returns the pack's version."""
    if not 0 < len(basis.strip()) <= 500:
        raise SplitUnfounded
    if roll is not None and (roll.project_id, roll.county_id) != (project.pk, county.pk):
        raise RollOfAnother(county=county.name)
    holdings = known.holdings(roll)
    splitting.check(terms, holdings)
    check_collectives(terms, holdings)
    held = rules.pack(pack, clock.day(at))
    city, whole = (int(str(rules.value(key, clock.day(at), pack))) for key in ("city_share", "county_share"))
    adjustable = "shares_adjustable" in held.params and bool(held.params["shares_adjustable"].value)
    if terms.city * whole != terms.county * city and not adjustable:
        raise SharesFixed(pack=pack, city=city, county=whole)
    check_beginning(project, effective_from)
    return held.version


def check_collectives(terms: splitting.Terms, holdings: Sequence[splitting.Holding]) -> None:
    """What a village keeps goes to its collective: one that has tenure in the roll has a line for it."""
    if not terms.village_keeps or not terms.county or terms.county_keeps == splitting.WHOLE:
        return
    there = {one.village for one in holdings if one.key == Holder.COLLECTIVE}
    if missing := sorted({one.village for one in holdings if one.weight} - there):
        raise CollectiveMissing(villages="、".join(missing[:3]))


def check_beginning(project: Project, day: date) -> None:
    """A rule begins after its predecessor, and after the last sale that was shared out."""
    before = known.latest(project)
    if before is not None and day <= before.effective_from:
        raise BeginsTooEarly(
            day=day.isoformat(), last=before.effective_from.isoformat(), what=f"{project.number:06d}-{before.version}"
        )
    sold = known.standing_sales(project).filter(sold_on__gte=day).first()
    if sold is not None:
        raise BeginsTooEarly(day=day.isoformat(), last=sold.sold_on.isoformat(), what=sold.contract)


def preview(
    project: Project, terms: splitting.Terms, roll: TenureRoll | None, pack: str, at: datetime
) -> dict[str, Any]:
    """What the last sales would have paid under other terms, tier by tier, beside what they paid; and how many
    households would have got more or less. Without any sale: what one million yuan would pay."""
    holdings = known.holdings(roll)
    count = known.number("sharing_preview_sales", clock.day(at), pack)
    rows: list[dict[str, Any]] = []
    changed: dict[tuple[str, str], int] = {}
    for sale in known.standing_sales(project)[:count]:
        would = splitting.share_out(sale.amount_fen, terms, holdings)
        paid = [
            splitting.Share(tier, village, key or "", fen)  # type: ignore[arg-type]
            for tier, village, key, fen in known.lines(sale).values_list("tier", "village_code", "holder__key", "fen")
        ]
        rows.append({
            "contract": sale.contract, "sold_on": sale.sold_on.isoformat(), "amount_fen": sale.amount_fen,
            "paid": splitting.totals(paid), "would": splitting.totals(would),
        })  # fmt: skip
        for key, fen in splitting.change(paid, would).items():
            changed[key] = changed.get(key, 0) + fen
    told: dict[str, Any] = {"sales": rows, "households": counted(changed)}
    if not rows:
        lines = splitting.share_out(EXAMPLE_FEN, terms, holdings)
        told["example"] = {"amount_fen": EXAMPLE_FEN, "would": splitting.totals(lines)}
    return told


def counted(changed: Mapping[tuple[str, str], int]) -> dict[str, int]:
    fen = list(changed.values())
    return {
        "more": sum(one > 0 for one in fen), "less": sum(one < 0 for one in fen), "same": sum(one == 0 for one in fen),
        "most_fen": max(fen, default=0), "least_fen": min(fen, default=0),
    }  # fmt: skip


# -- agreeing ----------------------------------------------------------------------------------------------------------


def sign(*, proposal: SplitProposal, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """The first signature of a side. Refuses with ``ProposalOver``, ``SideAgreed`` or ``shares.NotASide``."""
    check_open(proposal)
    whose = side(proposal, mandate)
    if proposal.consents.filter(side=whose).exists():
        raise SideAgreed(organisation=mandate.membership.organisation.name)
    body = {"proposal": str(proposal.pk), "side": whose, "preview_sha256": proposal.preview_sha256}
    return shares.ask(act=known.AGREE, project=proposal.project, mandate=mandate, reference=reference, body=body, at=at)


def side(proposal: SplitProposal, mandate: Mandate) -> str:
    """Which side the mandate stands on. Refuses with ``shares.NotASide``."""
    organisation = mandate.membership.organisation
    for key, whose in ((proposal.city_id, SplitConsent.Side.CITY), (proposal.county_id, SplitConsent.Side.COUNTY)):
        if organisation.pk == key:
            return whose.value
    raise shares.NotASide(
        organisation=organisation.name, side=f"{proposal.city} / {proposal.county}",
        project=f"{proposal.project.number:06d}",
    )  # fmt: skip


def check_open(proposal: SplitProposal) -> None:
    if proposal.state != SplitProposal.State.OPEN:
        raise ProposalOver(state=str(proposal.get_state_display()))


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """A side's second signature; the other side's makes the rule.

    Refuses with ``ProposalOver``, ``SideAgreed``, ``RuleMovedOn`` or ``BeginsTooEarly``.
    """
    found = SplitProposal.objects.select_related("project").get(pk=asked.body["proposal"])
    shares.lock(found.project)
    held = locked(found)
    check_open(held)
    if held.consents.filter(side=asked.body["side"]).exists():
        raise SideAgreed(organisation=asked.organisation.name)
    newest = known.latest(held.project)
    if (newest.version if newest else 0) != held.base:
        raise RuleMovedOn(base=held.base, latest=newest.version if newest else 0)
    check_beginning(held.project, held.effective_from)
    entry = record(
        kind="projects.split_consented",
        fact={"project": held.project.number, "side": asked.body["side"], "preview_sha256": held.preview_sha256},
        private={"proposal": str(held.pk), "organisation": asked.organisation.uscc, "initiator": asked.initiator_id},
        at=at,
        by=mandate.membership.person_id,
    )
    SplitConsent.objects.create(
        proposal=held, side=asked.body["side"], organisation=asked.organisation, instruction=asked,
        initiator=asked.initiator, confirmer=mandate.membership.person, at=at, entry=entry,
    )  # fmt: skip
    if held.consents.count() < len(SplitConsent.Side):
        return {"proposal": str(held.pk)}
    return {"proposal": str(held.pk), "rule": activate(held, mandate, at).version}


def locked(proposal: SplitProposal) -> SplitProposal:
    rows = SplitProposal.objects.select_for_update(of=("self",))
    return rows.select_related("project", "city", "county", "roll").get(pk=proposal.pk)


def activate(held: SplitProposal, mandate: Mandate, at: datetime) -> SplitRule:
    terms = splitting.Terms.read(held.terms)
    entry = record(
        kind="projects.split_activated",
        fact={
            "project": held.project.number, "version": held.base + 1, "effective": held.effective_from.isoformat(),
            "city_part": terms.city, "county_part": terms.county, "county_keeps": terms.county_keeps,
            "village_keeps": terms.village_keeps, "pack": held.pack,
            "roll_sha256": held.roll.sha256 if held.roll else "",
        },
        private={"proposal": str(held.pk), "city": held.city.uscc, "county": held.county.uscc, "basis": held.basis},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    made = SplitRule.objects.create(
        project=held.project, version=held.base + 1, proposal=held, city=held.city, county=held.county,
        terms=held.terms, roll=held.roll, effective_from=held.effective_from, at=at, entry=entry,
    )  # fmt: skip
    held.state = SplitProposal.State.ACTIVE
    held.save(update_fields=["state"])
    return made


@transaction.atomic
def drop(*, proposal: SplitProposal, reason: str, mandate: Mandate, at: datetime) -> SplitProposal:
    """Either side drops an open proposal and says why. Refuses with ``ProposalOver`` or ``SplitUnfounded``."""
    side(proposal, mandate)
    shares.check_signing(mandate, at=at)
    shares.lock(proposal.project)
    held = locked(proposal)
    check_open(held)
    if not 0 < len(reason.strip()) <= 500:
        raise SplitUnfounded
    held.state, held.reason = SplitProposal.State.DROPPED, reason.strip()
    held.save(update_fields=["state", "reason"])
    record(
        kind="projects.split_dropped",
        fact={"project": held.project.number, "preview_sha256": held.preview_sha256},
        private={"proposal": str(held.pk), "reason": held.reason},
        at=at,
        by=mandate.membership.person_id,
    )
    return held


def waiting(proposal: SplitProposal, at: datetime) -> list[Instruction]:
    """First signatures on a proposal that wait for their second."""
    found = Instruction.objects.filter(
        act=known.AGREE, body__proposal=str(proposal.pk), decision__isnull=True, expires_at__gt=at
    )
    return list(found.select_related("organisation", "initiator"))
