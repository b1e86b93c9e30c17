"""What of shares waits for whom: second signatures, rules to agree to, disputes to answer."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.projects.models import Dispute, SplitProposal
from tanhui.projects.queries import shares

WHAT = {
    shares.AGREE: gettext_noop("Sign a split rule"),
    shares.SELL: gettext_noop("Confirm a sale that is to be shared out"),
    shares.TAKE_BACK: gettext_noop("Confirm that a sale is taken back"),
    shares.PAY: gettext_noop("Confirm a list for the bank"),
    shares.CHANGE_ACCOUNT: gettext_noop("Confirm another bank account of a holder"),
}


def to_confirm(person: Person, at: datetime) -> QuerySet[Instruction]:
    """What the person's colleagues asked and the person may confirm: one statement."""
    held = roster.standing(at).filter(membership__person=person, capacity=Mandate.Capacity.CONFIRM)
    rows = Instruction.objects.filter(
        organisation__in=held.values("membership__organisation"), act__in=shares.ACTS, decision__isnull=True,
        expires_at__gt=at,
    )  # fmt: skip
    return rows.exclude(initiator=person).select_related("organisation").order_by("at")


def to_answer(person: Person, at: datetime) -> QuerySet[Dispute]:
    """Disputes of holders that the person's county has not answered."""
    held = roster.standing(at).filter(membership__person=person, capacity=Mandate.Capacity.INITIATE)
    rows = Dispute.objects.filter(
        sale__rule__county__in=held.values("membership__organisation"), line__isnull=False, answer__isnull=True
    )
    return rows.select_related("sale__rule__county").order_by("at")


def to_agree(person: Person, at: datetime) -> QuerySet[SplitProposal]:
    """Open proposals of the other side."""
    held = roster.standing(at).filter(membership__person=person, capacity=Mandate.Capacity.INITIATE)
    mine = held.values("membership__organisation")
    rows = SplitProposal.objects.filter(state=SplitProposal.State.OPEN).exclude(organisation__in=mine)
    rows = rows.filter(city__in=mine) | rows.filter(county__in=mine)
    return rows.select_related("organisation").order_by("at")


def at_the_desk(person: Person, at: datetime) -> list[waiting.Task]:
    found = [
        waiting.Task(
            title=_(WHAT[one.act]), url=reverse("projects:shares_asked", args=[one.pk]), since=one.at,
            organisation=str(one.organisation),
        )
        for one in to_confirm(person, at)
    ]  # fmt: skip
    found += [
        waiting.Task(
            title=_("Agree to a split rule or drop it"), url=reverse("projects:share_proposal", args=[one.pk]),
            since=one.at, organisation=str(one.organisation),
        )
        for one in to_agree(person, at)
    ]  # fmt: skip
    return found + [
        waiting.Task(
            title=_("Answer a dispute about a share"), url=reverse("projects:share_sale", args=[one.sale_id]),
            since=one.at, organisation=str(one.sale.rule.county),
        )
        for one in to_answer(person, at)
    ]  # fmt: skip


def count(person: Person, at: datetime) -> int:
    return to_confirm(person, at).count() + to_agree(person, at).count() + to_answer(person, at).count()


waiting.register(at_the_desk, count=count)
