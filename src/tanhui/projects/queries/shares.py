"""Questions about shares: the rule of a day, who is on which side, what was shared out, paid and contested."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from tanhui.identity import roster
from tanhui.identity.models import IdentityDocument, Instruction, Organisation, Person
from tanhui.ledger.models import Posting
from tanhui.projects.models import (
    AccountChange,
    Development,
    Dispute,
    Holder,
    Payout,
    Sale,
    ShareLine,
    SplitProposal,
    SplitRule,
    TenureRoll,
)
from tanhui.projects.splitting import TIERS, Holding, Tier
from tanhui.registry.models import Batch, Project, Transfer
from tanhui.rulepacks import packs
from tanhui.rulepacks import queries as rules
from tanhui.rulepacks.models import Activation

AGREE, SELL, TAKE_BACK, PAY, CHANGE_ACCOUNT = (
    "projects.split_agree", "projects.sale", "projects.sale_reversal", "projects.payout", "projects.account_change"
)  # fmt: skip
ACTS = (AGREE, SELL, TAKE_BACK, PAY, CHANGE_ACCOUNT)
DEFAULTS = "demo-local"  # where a pack is silent: our own numbers, marked as such
COUNTIES = (Organisation.Role.LOCAL_AUTHORITY, Organisation.Role.NATURAL_RESOURCES, Organisation.Role.OWNER)


# -- numbers of the rule packs -----------------------------------------------------------------------------------------


def packs_with_shares(on: date) -> list[packs.Pack]:
    """The rule packs in force that say how city and county share, by id."""
    codes = Activation.objects.order_by("code").values_list("code", flat=True).distinct()
    held = [rules.pack(code, on) for code in codes if rules.in_force(code, on) is not None]
    return [one for one in held if {"city_share", "county_share"} <= one.params.keys()]


def number(key: str, on: date, pack_id: str) -> int:
    """A whole number of a pack, or of the house's own defaults where it is silent. Refuses as ``rules.value`` does."""
    if rules.in_force(pack_id, on) is not None and key in (held := rules.pack(pack_id, on)).params:
        return int(str(held.params[key].value))
    return int(str(rules.value(key, on, DEFAULTS)))


# -- projects, rolls and rules -----------------------------------------------------------------------------------------


def county_of(project: Project) -> int | None:
    """Who is the county of a project: by its rule, else by its development; nobody yet: ``None``."""
    if (rule := latest(project)) is not None:
        return rule.county_id
    return Development.objects.filter(registered=project).values_list("county", flat=True).first()


def rule_on(project: Project, day: date) -> SplitRule | None:
    """The rule in force on a day: the last one that began by then."""
    found = SplitRule.objects.filter(project=project, effective_from__lte=day).select_related("roll", "city", "county")
    return found.order_by("-version").first()


def latest(project: Project) -> SplitRule | None:
    return SplitRule.objects.filter(project=project).select_related("roll").order_by("-version").first()


def versions(project: Project) -> list[SplitRule]:
    found = SplitRule.objects.filter(project=project).select_related("proposal", "county", "city", "roll")
    return list(found.prefetch_related("proposal__consents__organisation").order_by("-version"))


def rolls(project: Project) -> QuerySet[TenureRoll]:
    return TenureRoll.objects.filter(project=project).select_related("county", "by", "project").order_by("-number")


def holdings(roll: TenureRoll | None) -> list[Holding]:
    """A roll as the division reads it; a collective without land of its own stands in it with nothing."""
    if roll is None:
        return []
    rows = Holder.objects.filter(roll=roll).values_list("village_code", "key", "weight")
    return [Holding(*row) for row in rows]


def proposals(project: Project) -> QuerySet[SplitProposal]:
    found = SplitProposal.objects.filter(project=project).select_related("organisation", "city", "county", "roll", "by")
    return found.prefetch_related("consents__organisation", "consents__initiator", "consents__confirmer").order_by(
        "-at"
    )


def at_desk(person: Person, *, at: datetime) -> list[Project]:
    """The projects whose city's company or county the person works for; also by what a development says."""
    mine = organisations(person, at=at)
    found = Project.objects.select_related("owner").filter(
        Q(owner__in=mine) | Q(split_rules__county__in=mine) | Q(split_proposals__county__in=mine)
        | Q(rolls__county__in=mine) | Q(development__county__in=mine)
    )  # fmt: skip
    return list(found.distinct().order_by("number"))


def of_sides(mine: list[int]) -> list[QuerySet[Any]]:
    """What makes organisations a side: a project they own, a rule that names them as its county."""
    return [Project.objects.filter(owner__in=mine), SplitRule.objects.filter(county__in=mine)]


def organisations(person: Person, *, at: datetime) -> list[int]:
    found = roster.standing(at).filter(membership__person=person)
    return sorted(set(found.values_list("membership__organisation", flat=True)))


# -- sales -------------------------------------------------------------------------------------------------------------


def sales(project: Project | None = None) -> QuerySet[Sale]:
    """Sales and reversals, newest first."""
    found = Sale.objects.select_related("project__owner", "rule__county", "rule__city", "reverses", "reversed_by")
    if project is not None:
        found = found.filter(project=project)
    return found.order_by("-sold_on", "-pk")


def standing_sales(project: Project) -> QuerySet[Sale]:
    """Sales that were not taken back."""
    return sales(project).filter(reverses__isnull=True, reversed_by__isnull=True)


def attempts(project: Project, contract: str, transfer: int | None) -> int:
    """The highest number under which the contract, or the register's transfer, was shared out; all taken back since."""
    same = Q(project=project, contract=contract)
    if transfer is not None:
        same |= Q(transfer=transfer)
    highest: int | None = Sale.objects.filter(same, reverses__isnull=True).aggregate(last=Max("attempt"))["last"]
    return highest or 0


def moved_t(project: Project, transfer: Transfer) -> int:
    """How many tonnes of a project's units a transfer moved."""
    batches = Batch.objects.filter(project=project).values("asset")
    moved = Posting.objects.filter(movement=transfer.movement_id, quantity__gt=0, asset__in=batches)
    return moved.aggregate(tonnes=Sum("quantity"))["tonnes"] or 0


def by_tier(lines: QuerySet[ShareLine]) -> dict[Tier, int]:
    """Fen by tier."""
    sums = dict(lines.order_by().values_list("tier").annotate(fen=Sum("fen")))
    return {tier: sums.get(tier, 0) for tier in TIERS}


def lines(sale: Sale) -> QuerySet[ShareLine]:
    found = ShareLine.objects.filter(sale=sale).select_related(
        "holder__organisation", "receipt", "paid_in__payout", "taken_back_by"
    )
    return found.order_by("pk")


def contested() -> Exists:
    """Whether a line waits for the answer to a dispute: about itself, or about the whole distribution."""
    open_ = Dispute.objects.filter(answer__isnull=True)
    return Exists(open_.filter(Q(line=OuterRef("pk")) | Q(line=None, sale=OuterRef("sale"))))


def payable(sale: Sale) -> QuerySet[ShareLine]:
    """The lines that the county can have paid now: not paid, not taken back, not under an open dispute, of some fen."""
    found = ShareLine.objects.filter(
        sale=sale, tier__in=["VILLAGE", "HOUSEHOLD"], fen__gt=0, paid_in__isnull=True, sale__reverses__isnull=True,
        sale__reversed_by__isnull=True,
    )  # fmt: skip
    return found.exclude(contested()).select_related("holder").order_by("pk")


def accounts(holders: Iterable[Holder]) -> dict[Any, Holder | AccountChange]:
    """Where each holder's money goes: as the roll says, or by the latest change; without those that have no account."""
    found: dict[Any, Holder | AccountChange] = {one.pk: one for one in holders if one.account_tail}
    wanted = [one.pk for one in holders]
    for change in AccountChange.objects.filter(holder__in=wanted).order_by("at"):
        found[change.holder_id] = change
    return found


def payouts(sale: Sale) -> QuerySet[Payout]:
    return Payout.objects.filter(sale=sale).select_related("payer", "by", "receipt").order_by("at")


def disputes(**where: Any) -> QuerySet[Dispute]:
    found = Dispute.objects.filter(**where).select_related(
        "sale__project", "line__holder", "organisation", "answer__organisation", "by"
    )
    return found.order_by("-at")


def named(body: Mapping[str, Any]) -> Any:
    """The proposal, sale, or holder that an instruction's body names."""
    for key, model in (("proposal", SplitProposal), ("sale", Sale), ("holder", Holder)):
        if key in body:
            return model._default_manager.get(pk=body[key])
    raise KeyError("proposal, sale, holder")


def sale_of(payout: str) -> int:
    """The sale a list for the bank belongs to."""
    return Payout.objects.values_list("sale", flat=True).get(pk=payout)


# -- one's own ---------------------------------------------------------------------------------------------------------


def mine(person: Person, *, at: datetime) -> QuerySet[ShareLine]:
    """The lines of the holders a person is, or whose organisation they work for; newest first.

    Who a person is tells their document, once somebody has checked it: a number alone anybody can type.
    """
    own = Q(holder__organisation__in=organisations(person, at=at))
    if found := [bytes(one.index) for one in documents(person)]:
        own |= Q(holder__identity__in=found)
    rows = ShareLine.objects.filter(own).select_related(
        "sale__project__owner", "sale__reversed_by", "sale__rule__county", "holder__roll", "receipt", "paid_in__payout",
        "taken_back_by",
    )  # fmt: skip
    return rows.prefetch_related("disputes__answer__organisation").order_by("-sale__sold_on", "-pk")


def documents(person: Person) -> QuerySet[IdentityDocument]:
    """The person's documents that were checked against the card."""
    return IdentityDocument.objects.filter(person=person, ended_at__isnull=True, checked_at__isnull=False)


def asked(person: Person, *, at: datetime) -> QuerySet[Instruction]:
    """What waits for a second signature at the person's organisations."""
    found = Instruction.objects.filter(
        act__in=ACTS, organisation__in=organisations(person, at=at), decision__isnull=True, expires_at__gt=at
    )
    return found.select_related("organisation", "initiator").order_by("at")


# -- for everybody -----------------------------------------------------------------------------------------------------


def shared_projects() -> list[Project]:
    """The projects that have a rule, with how much they have earned; public."""
    found = Project.objects.filter(split_rules__isnull=False).select_related("owner").distinct()
    return list(found.order_by("number"))


def sums(projects: Iterable[int]) -> dict[int, Any]:
    """By project: number of sales, tonnes and fen as they stand after reversals. One statement."""
    rows = Sale.objects.filter(project__in=list(projects)).order_by().values("project").annotate(
        tonnes=Sum("quantity_t"), fen=Sum("amount_fen"), count=Count("pk", filter=Q(reverses__isnull=True)),
        back=Count("pk", filter=Q(reverses__isnull=False)),
    )  # fmt: skip
    return {row["project"]: row for row in rows}


def tiers(projects: Iterable[int]) -> dict[int, dict[Tier, int]]:
    """By project: fen by tier after reversals. One statement."""
    rows = ShareLine.objects.filter(sale__project__in=list(projects)).order_by()
    sums = {
        (project, tier): fen for project, tier, fen in rows.values_list("sale__project", "tier").annotate(Sum("fen"))
    }
    return {project: {tier: sums.get((project, tier), 0) for tier in TIERS} for project, _tier in sums}


def settled(project: Project) -> dict[str, int]:
    """Of the lines to villages and households of sales that stand: how many there are, on a list, received."""
    rows = ShareLine.objects.filter(
        sale__project=project, sale__reverses__isnull=True, sale__reversed_by__isnull=True, fen__gt=0,
        tier__in=["VILLAGE", "HOUSEHOLD"],
    )  # fmt: skip
    return rows.aggregate(
        lines=Count("pk"), listed=Count("paid_in"), received=Count("receipt"),
        holders=Count("holder", distinct=True, filter=Q(tier="HOUSEHOLD")),
    )  # fmt: skip
