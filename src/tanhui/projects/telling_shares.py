"""What of shares waits for whom, and who is told: second signatures, rules to agree to, disputes to answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import powers
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, holders, settles, tell
from tanhui.projects.models import Dispute, SplitProposal
from tanhui.projects.queries import shares

WHAT = {
    shares.AGREE: gettext_noop("Sign a split rule"),
    shares.SELL: gettext_noop("Confirm a sale that is to be shared out"),
    shares.TAKE_BACK: gettext_noop("Confirm that a sale is taken back"),
    shares.PAY: gettext_noop("Confirm a list for the bank"),
    shares.CHANGE_ACCOUNT: gettext_noop("Confirm another bank account of a holder"),
}


# -- what is told ------------------------------------------------------------------------------------------------------


def asked(fact: Fact) -> Instruction | None:
    """The instruction about shares that a fact is of, if it is one."""
    rows = Instruction.objects.filter(pk=fact.fact["instruction"], act__in=shares.ACTS)
    found: Instruction | None = fact.once(
        "projects.share_asked", rows.select_related("organisation", "initiator").first
    )
    return found


def confirmers(fact: Fact) -> Iterable[Person]:
    one = asked(fact)
    return (
        [] if one is None else holders(one.organisation, capacities=["CONFIRM"], without=one.initiator_id, at=fact.at)
    )


def initiator(fact: Fact) -> Iterable[Person]:
    one = asked(fact)
    return [] if one is None or fact.fact["outcome"] == "WITHDRAWN" else [one.initiator]


def page(fact: Fact) -> str:
    return reverse("projects:shares_asked", args=[fact.fact["instruction"]])


def words(fact: Fact) -> Mapping[str, Any]:
    one = asked(fact)
    assert one is not None
    return {
        "what": _(WHAT[one.act]), "initiator": one.initiator.name, "organisation": one.organisation.name,
        "until": clock.for_people(one.expires_at), "reason": fact.private.get("reason") or "—",
    }  # fmt: skip


tell(
    "identity.instruction_given", name="projects.shares", category="INSTRUCTION", recipients=confirmers, url=page,
    words=words, subject=gettext_noop("Waiting for your signature: %(what)s"),
    body=gettext_noop("%(initiator)s signed first for %(organisation)s. Sign until %(until)s, or turn it down."),
)  # fmt: skip
tell(
    "identity.instruction_dropped", name="projects.shares", category="INSTRUCTION", recipients=initiator, url=page,
    words=words, subject=gettext_noop("Not signed: %(what)s"),
    body=gettext_noop("Nothing was done. Reason: %(reason)s"),
)  # fmt: skip
settles("identity.instruction_dropped", lambda fact: "" if asked(fact) is None else page(fact))


# -- what waits --------------------------------------------------------------------------------------------------------


def to_confirm(held: Powers) -> QuerySet[Instruction]:
    """What the person's colleagues asked and the person may confirm."""
    return powers.to_confirm(held, shares.ACTS)


def to_answer(held: Powers) -> QuerySet[Dispute]:
    """Disputes of holders that the person's county has not answered."""
    mine = held.bodies((), Mandate.Capacity.INITIATE)
    rows = Dispute.objects.filter(sale__rule__county__in=mine, line__isnull=False, answer__isnull=True)
    return rows.select_related("sale__rule__county").order_by("at")


def to_agree(held: Powers) -> QuerySet[SplitProposal]:
    """Open proposals of the other side."""
    mine = held.bodies((), Mandate.Capacity.INITIATE)
    rows = SplitProposal.objects.filter(state=SplitProposal.State.OPEN).exclude(organisation__in=mine)
    rows = rows.filter(city__in=mine) | rows.filter(county__in=mine)
    return rows.select_related("organisation").order_by("at")


def at_the_desk(held: Powers) -> list[waiting.Task]:
    found = [
        waiting.Task(
            title=_(WHAT[one.act]), url=reverse("projects:shares_asked", args=[one.pk]), since=one.at,
            organisation=str(one.organisation),
        )
        for one in to_confirm(held)
    ]  # fmt: skip
    found += [
        waiting.Task(
            title=_("Agree to a split rule or drop it"), url=reverse("projects:share_proposal", args=[one.pk]),
            since=one.at, organisation=str(one.organisation),
        )
        for one in to_agree(held)
    ]  # fmt: skip
    return found + [
        waiting.Task(
            title=_("Answer a dispute about a share"), url=reverse("projects:share_sale", args=[one.sale_id]),
            since=one.at, organisation=str(one.sale.rule.county),
        )
        for one in to_answer(held)
    ]  # fmt: skip


waiting.register(at_the_desk, rows=lambda held: [to_confirm(held), to_agree(held), to_answer(held)])
