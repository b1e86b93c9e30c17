"""What is told of the cycle of monitoring and of shared data, and what of it waits for whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Instruction, Person
from tanhui.identity.powers import Powers
from tanhui.inventory import agreements, due, roles
from tanhui.inventory.models import Agreement, Cycle, Handover, Reminder
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell

# -- the cycle ---------------------------------------------------------------------------------------------------------


def signatories(fact: Fact) -> Iterable[Person]:
    return holders(fact.private["organisation"], at=fact.at)


def monitoring_page(fact: Fact) -> str:
    return reverse("inventory:monitoring")


def area(fact: Fact) -> Mapping[str, Any]:
    stage = fact.fact["stage"]
    return {"area": fact.private["area"], "due": fact.fact["due"], "stage": Reminder.Stage(stage).label}


tell(
    "inventory.monitoring_due", recipients=signatories, url=monitoring_page, words=area,
    subject=gettext_noop("Stock sink of %(area)s: %(stage)s"),
    body=gettext_noop("By the cycle that was set, the stock sink of %(area)s is to be published anew by %(due)s."),
)  # fmt: skip


# -- agreements --------------------------------------------------------------------------------------------------------


def agreement(fact: Fact) -> Agreement:
    found: Agreement = fact.once(
        "agreement",
        lambda: Agreement.objects.select_related("organisation", "recipient").get(pk=fact.private["agreement"]),
    )
    return found


def parties(fact: Fact) -> Iterable[Person]:
    one = agreement(fact)
    return holders(one.organisation_id, at=fact.at) | holders(one.recipient_id, at=fact.at)


def recipient(fact: Fact) -> Iterable[Person]:
    return holders(agreement(fact).recipient_id, at=fact.at)


def received_page(fact: Fact) -> str:
    return reverse("inventory:received")


def agreed(fact: Fact) -> Mapping[str, Any]:
    one = agreement(fact)
    return {
        "code": one.code, "title": one.title, "authority": one.organisation.name, "recipient": one.recipient.name,
        "until": one.until.isoformat(), "reason": fact.private.get("reason", ""),
    }  # fmt: skip


def handed(fact: Fact) -> Mapping[str, Any]:
    handover: Handover = Handover.objects.get(pk=fact.private["handover"])
    return {**agreed(fact), "name": handover.name, "until": clock.for_people(handover.expires_at)}


tell(
    "inventory.agreement_concluded", recipients=parties, url=received_page, words=agreed,
    subject=gettext_noop("Agreement %(code)s on sharing data"),
    body=gettext_noop("%(authority)s and %(recipient)s share data under “%(title)s” until %(until)s."),
)  # fmt: skip
tell(
    "inventory.agreement_ended", recipients=parties, url=received_page, words=agreed,
    subject=gettext_noop("Agreement %(code)s has ended"),
    body=gettext_noop("“%(title)s” has ended: %(reason)s. Nothing more is handed over under it."),
)  # fmt: skip
tell(
    "inventory.handed_over", recipients=recipient, url=received_page, words=handed,
    subject=gettext_noop("%(authority)s has handed over data"),
    body=gettext_noop("“%(name)s” can be fetched until %(until)s, under agreement %(code)s."),
)  # fmt: skip


def organisations(fact: Fact) -> Iterable[int]:
    one = agreement(fact)
    return [one.organisation_id, one.recipient_id]


for _kind in ("inventory.agreement_concluded", "inventory.agreement_ended", "inventory.handed_over"):
    concerns(_kind, organisations)


# -- what waits --------------------------------------------------------------------------------------------------------


def to_sign(held: Powers) -> QuerySet[Instruction]:
    """Agreements somebody else proposed at one of the person's authorities."""
    return agreements.asked(held.bodies(roles.AUTHORITIES), at=held.at).exclude(initiator=held.person)


def to_publish(held: Powers) -> QuerySet[Cycle]:
    """Areas of the person's authorities that are soon to be published anew, or should have been."""
    return due.coming(held.bodies(roles.AUTHORITIES), today=clock.day(held.at))


def tasks(held: Powers) -> list[waiting.Task]:
    at, today = held.at, clock.day(held.at)
    found = [
        waiting.Task(
            title=_("Sign the agreement “%(title)s”") % {"title": one.body["title"]},
            url=reverse("inventory:sharing_desk"),
            since=one.at, due=clock.day(one.expires_at), organisation=str(one.organisation),
        )
        for one in to_sign(held)
    ]  # fmt: skip
    for one in (due.due(cycle, today=today) for cycle in to_publish(held)):
        title = _("Publish the stock sink of %(area)s anew") % {"area": one.cycle.area_name}
        since = clock.midnight_after(one.on - due.SOON)
        found.append(
            waiting.Task(
                title=title, url=reverse("inventory:monitoring"), since=min(since, at), due=one.on,
                organisation=str(one.cycle.organisation),
            )
        )  # fmt: skip
    return found


waiting.register(tasks, rows=lambda held: [to_sign(held), to_publish(held)])
