"""What is told of instructions, movements and restrictions, and which instructions wait for whom."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import powers
from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import telling, waiting
from tanhui.notices.telling import Fact, holders, tell
from tanhui.registry import queries
from tanhui.registry.acts import retirement as retirements
from tanhui.registry.models import Account, Issuance, Restriction, Retirement, Settlement, Transfer
from tanhui.rulepacks import calendar
from tanhui.ui.templatetags.ui import thousands

Words = Mapping[str, Any]
BY_INSTRUCTION = re.compile(r"i[0-9a-f]{32}")  # the reference of what carries one out
Moved = Transfer | Retirement


# -- instructions ------------------------------------------------------------------------------------------------------


def asked(fact: Fact) -> Instruction | None:
    """The instruction a fact is about, if it is one to this register."""
    rows = Instruction.objects.filter(pk=fact.fact["instruction"], act__in=queries.ACTS)
    found: Instruction | None = fact.once("asked", rows.select_related("organisation", "initiator").first)
    return found


def what(one: Instruction) -> str:
    """An instruction in one line."""
    tonnes = thousands(sum(line["quantity_t"] for line in one.body["wanted"]))
    name = _("Retirement of %(tonnes)s t") if one.act == retirements.ACT else _("Transfer of %(tonnes)s t")
    return name % {"tonnes": tonnes}


def instruction_page(one: Instruction) -> str:
    return reverse("registry:instruction", args=[one.pk])


def page_of_asked(fact: Fact) -> str:
    return reverse("registry:instruction", args=[fact.fact["instruction"]])


def confirmers(fact: Fact) -> Iterable[Person]:
    if (one := asked(fact)) is None:
        return []
    return holders(one.organisation, capacities=["CONFIRM"], without=one.initiator_id, at=fact.at)


def words_of_asked(fact: Fact) -> Words:
    one = asked(fact)
    assert one is not None
    return {
        "what": what(one),
        "initiator": one.initiator.name,
        "organisation": one.organisation.name,
        "until": clock.for_people(one.expires_at),
        "reason": fact.private.get("reason") or _("none given"),
    }


def ended(outcome: str, *, colleagues: bool) -> Any:
    """Whom the end of an instruction without an act concerns: its initiator, and if it ran out the confirmers too."""

    def recipients(fact: Fact) -> Iterable[Person]:
        one = asked(fact) if fact.fact["outcome"] == outcome else None
        if one is None:
            return []
        return [one.initiator, *(confirmers(fact) if colleagues else [])]

    return recipients


tell(
    "identity.instruction_given",
    category="INSTRUCTION",
    recipients=confirmers,
    subject=gettext_noop("Waiting for your confirmation: %(what)s"),
    body=gettext_noop(
        "%(initiator)s asked for this on behalf of %(organisation)s. The units are set aside until %(until)s; without "
        "your confirmation the instruction lapses then."
    ),
    words=words_of_asked,
    url=page_of_asked,
)
tell(
    "identity.instruction_dropped",
    name="rejected",
    category="INSTRUCTION",
    recipients=ended("REJECTED", colleagues=False),
    subject=gettext_noop("Rejected: %(what)s"),
    body=gettext_noop(
        "A confirming representative of %(organisation)s said no. Reason: %(reason)s. The units are free again."
    ),
    words=words_of_asked,
    url=page_of_asked,
)
tell(
    "identity.instruction_dropped",
    name="expired",
    category="INSTRUCTION",
    recipients=ended("EXPIRED", colleagues=True),
    subject=gettext_noop("Lapsed: %(what)s"),
    body=gettext_noop(
        "Nobody at %(organisation)s confirmed it in time. The units are free again; give the instruction anew if it is "
        "still wanted."
    ),
    words=words_of_asked,
    url=page_of_asked,
)


# -- movements ---------------------------------------------------------------------------------------------------------


def moved(fact: Fact) -> Moved:
    """The transfer or retirement a fact tells of."""
    kept = Retirement if fact.kind == "registry.retired" else Transfer
    related = ["source__account__organisation"] + (["target__account"] if kept is Transfer else [])
    found: Moved = fact.once("moved", lambda: kept.objects.select_related(*related).get(entry=fact.entry))
    return found


def carried_out(fact: Fact) -> Iterable[Person]:
    """Whoever gave the instruction; not who confirmed it, for they know."""
    return Person.objects.filter(pk=moved(fact).initiator_id, is_active=True)


def words_of_moved(fact: Fact) -> Words:
    one = moved(fact)
    name = _("Retirement of %(tonnes)s t") if isinstance(one, Retirement) else _("Transfer of %(tonnes)s t")
    return {
        "what": name % {"tonnes": thousands(one.quantity_t)},
        "organisation": one.source.account.organisation.name,
        "certificate": getattr(one, "certificate", ""),
    }


def receiver(fact: Fact) -> Account:
    one = moved(fact)
    assert isinstance(one, Transfer)
    return one.target.account


def receiving(fact: Fact) -> Iterable[Person]:
    one = moved(fact)
    account = receiver(fact)
    return [] if one.source.account_id == account.pk else holders(account.organisation_id, at=fact.at)


def words_of_receipt(fact: Fact) -> Words:
    one = moved(fact)
    return {
        "tonnes": thousands(one.quantity_t),
        "sender": one.source.account.organisation.name,
        "account": receiver(fact).code,
    }


def issued(fact: Fact) -> Issuance:
    rows = Issuance.objects.select_related("period__project")
    found: Issuance = fact.once("issued", lambda: rows.get(entry=fact.entry))
    return found


def account_named(fact: Fact) -> Account:
    found: Account = fact.once("account", lambda: Account.objects.get(code=fact.private["account"]))
    return found


def words_of_issuance(fact: Fact) -> Words:
    tonnes = sum(one["quantity_t"] - one["buffer_t"] for one in fact.fact["batches"])
    return {
        "tonnes": thousands(tonnes),
        "project": issued(fact).period.project.name,
        "account": fact.private["account"],
    }


def traders(fact: Fact) -> Iterable[Person]:
    """Those for whom units moved in a settlement."""
    ends = {place for pair in fact.private["parties"] for place in pair}
    bodies = Organisation.objects.filter(accounts__sub_accounts__in=ends).distinct()
    return [person for body in bodies for person in holders(body, at=fact.at)]


tell(
    "registry.transferred",
    name="carried out",
    category="INSTRUCTION",
    recipients=carried_out,
    subject=gettext_noop("Confirmed and carried out: %(what)s"),
    body=gettext_noop("Your instruction for %(organisation)s was confirmed by a colleague and is recorded."),
    words=words_of_moved,
    url=lambda fact: reverse("registry:holdings", args=[moved(fact).source.account.code]),
)
tell(
    "registry.retired",
    name="carried out",
    category="INSTRUCTION",
    recipients=carried_out,
    subject=gettext_noop("Confirmed and carried out: %(what)s"),
    body=gettext_noop("Your instruction for %(organisation)s was confirmed. Certificate %(certificate)s is ready."),
    words=words_of_moved,
    url=lambda fact: reverse("registry:certificate", args=[fact.fact["certificate"]]),
)
tell(
    "registry.transferred",
    name="received",
    category="UNITS",
    recipients=receiving,
    subject=gettext_noop("Units received: %(tonnes)s t"),
    body=gettext_noop("%(sender)s transferred %(tonnes)s t to account %(account)s."),
    words=words_of_receipt,
    url=lambda fact: reverse("registry:holdings", args=[receiver(fact).code]),
)
tell(
    "registry.issued",
    category="UNITS",
    recipients=lambda fact: holders(account_named(fact).organisation_id, at=fact.at),
    subject=gettext_noop("Units issued: %(tonnes)s t"),
    body=gettext_noop("%(tonnes)s t of project “%(project)s” were issued to account %(account)s."),
    words=words_of_issuance,
    url=lambda fact: reverse("registry:holdings", args=[fact.private["account"]]),
)
tell(
    "registry.settled",
    category="UNITS",
    recipients=traders,
    subject=gettext_noop("Trades settled"),
    body=gettext_noop("The exchange has settled trades of your account. The statement shows what moved."),
    words=lambda fact: {},
    url=lambda fact: reverse("registry:mine"),
)


# -- restrictions ------------------------------------------------------------------------------------------------------


def restriction(fact: Fact) -> Restriction:
    """The restriction that was placed, or the one that was lifted."""
    rows = Restriction.objects.select_related("account", "authority")
    named = {"lifting__entry" if fact.kind == "registry.restriction_lifted" else "entry": fact.entry}
    found: Restriction = fact.once("restriction", lambda: rows.get(**named))
    return found


def restricted(fact: Fact) -> Iterable[Person]:
    return holders(restriction(fact).account.organisation_id, at=fact.at)


def words_of_restriction(fact: Fact) -> Words:
    one = restriction(fact)
    return {
        "kind": one.get_kind_display(),
        "tonnes": thousands(one.quantity_t),
        "account": one.account.code,
        "authority": one.authority.name,
        "document": one.document,
    }


def page_of_restricted(fact: Fact) -> str:
    return reverse("registry:holdings", args=[restriction(fact).account.code])


tell(
    "registry.restricted",
    category="RESTRICTION",
    recipients=restricted,
    subject=gettext_noop("%(kind)s placed on %(tonnes)s t"),
    body=gettext_noop(
        "%(tonnes)s t in account %(account)s cannot be moved now, on the word of %(authority)s (%(document)s)."
    ),
    words=words_of_restriction,
    url=page_of_restricted,
)
tell(
    "registry.restriction_lifted",
    category="RESTRICTION",
    recipients=restricted,
    subject=gettext_noop("%(kind)s lifted from %(tonnes)s t"),
    body=gettext_noop("%(tonnes)s t in account %(account)s can be moved again unless something else binds them."),
    words=words_of_restriction,
    url=page_of_restricted,
)


# -- what needs no attention any more ----------------------------------------------------------------------------------


def page_of_done(fact: Fact) -> str:
    """The page of the instruction that a movement carried out, if one did."""
    reference = moved(fact).reference
    if not BY_INSTRUCTION.fullmatch(reference):
        return ""
    return reverse("registry:instruction", args=[UUID(reference[1:])])


telling.settles("identity.instruction_dropped", page_of_asked)
telling.settles("registry.transferred", page_of_done)
telling.settles("registry.retired", page_of_done)


# -- whom a fact concerns, for their own systems -----------------------------------------------------------------------


def parties(fact: Fact) -> Iterable[int]:
    """The organisations a movement touched."""
    one = moved(fact)
    found = {one.source.account.organisation_id}
    return found | {receiver(fact).organisation_id} if isinstance(one, Transfer) else found


def settled_for(fact: Fact) -> Iterable[int]:
    kept = Settlement.objects.get(entry=fact.entry)
    ends = {place for pair in fact.private["parties"] for place in pair}
    touched = Organisation.objects.filter(accounts__sub_accounts__in=ends).values_list("pk", flat=True)
    return {kept.exchange_id, *touched}


def asking(fact: Fact) -> Iterable[int]:
    return Instruction.objects.filter(pk=fact.fact["instruction"]).values_list("organisation", flat=True)


telling.concerns("registry.transferred", parties)
telling.concerns("registry.retired", parties)
telling.concerns("registry.issued", lambda fact: [account_named(fact).organisation_id])
telling.concerns("registry.settled", settled_for)
telling.concerns("registry.restricted", lambda fact: [restriction(fact).account.organisation_id])
telling.concerns("registry.restriction_lifted", lambda fact: [restriction(fact).account.organisation_id])
telling.concerns("identity.instruction_given", asking)
telling.concerns("identity.instruction_dropped", asking)


# -- waiting -----------------------------------------------------------------------------------------------------------


def to_confirm(held: Powers) -> QuerySet[Instruction]:
    """Instructions of others that the person may confirm."""
    return powers.to_confirm(held, queries.ACTS)


def tasks(held: Powers) -> list[waiting.Task]:
    found = []
    for one in to_confirm(held):
        due = clock.day(one.expires_at)
        left = calendar.announced().count(clock.day(held.at), due)
        found.append(
            waiting.Task(
                title=_("Confirm or reject: %(what)s") % {"what": what(one)},
                url=instruction_page(one),
                since=one.at,
                due=due,
                working_days_left=left.workdays,
                announced=not left.provisional,
                organisation=one.organisation.name,
            )
        )
    return found


waiting.register(tasks, rows=lambda held: [to_confirm(held)])
