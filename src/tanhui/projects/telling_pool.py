"""What of agreements on land and of earlier contracts waits for whose second signature, and how it ended."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import powers
from tanhui.identity.models import Instruction, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, settles, tell
from tanhui.projects.models import Absorption, Agreement
from tanhui.projects.queries import pool


def asked(fact: Fact) -> Instruction | None:
    """The instruction about an agreement that a fact is of, if it is one."""
    rows = Instruction.objects.filter(pk=fact.fact["instruction"], act__in=pool.ACTS)
    found: Instruction | None = fact.once(
        "projects.agreement_asked", rows.select_related("organisation", "initiator").first
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
    return reverse("projects:agreement_asked", args=[fact.fact["instruction"]])


def page_if_ours(fact: Fact) -> str:
    return "" if asked(fact) is None else page(fact)


def words(fact: Fact) -> Mapping[str, Any]:
    one = asked(fact)
    assert one is not None
    return {
        "title": one.body.get("title", ""), "initiator": one.initiator.name, "organisation": one.organisation.name,
        "until": clock.for_people(one.expires_at), "reason": fact.private.get("reason") or "—",
    }  # fmt: skip


tell(
    "identity.instruction_given", name="projects.agreement", category="INSTRUCTION", recipients=confirmers, url=page,
    words=words, subject=gettext_noop("Waiting for your signature: %(title)s"),
    body=gettext_noop(
        "%(initiator)s signed first for %(organisation)s. Compare the scan and sign until %(until)s, or turn it down."
    ),
)  # fmt: skip
tell(
    "identity.instruction_dropped", name="projects.agreement", category="INSTRUCTION", recipients=initiator, url=page,
    words=words, subject=gettext_noop("Not signed: %(title)s"),
    body=gettext_noop("It does not stand and its land is free. Reason: %(reason)s"),
)  # fmt: skip
settles("identity.instruction_dropped", page_if_ours)


def agreement(fact: Fact) -> Agreement:
    rows = Agreement.objects.select_related("organisation", "initiator", "instruction")
    found: Agreement = fact.once("projects.agreement", lambda: rows.get(pk=fact.private["agreement"]))
    return found


def both_sides(fact: Fact) -> Iterable[Person]:
    one = agreement(fact)
    other = set(holders(one.partner_id, at=fact.at)) if one.partner_id else set()
    return {one.initiator} | other


def of_agreement(fact: Fact) -> Mapping[str, Any]:
    one = agreement(fact)
    return {"code": one.code, "title": one.title, "since": one.since.isoformat(), "until": one.until.isoformat()}


tell(
    "projects.agreement_concluded", recipients=both_sides, words=of_agreement,
    url=lambda fact: reverse("projects:agreement", args=[agreement(fact).pk]),
    subject=gettext_noop("Agreement %(code)s stands: %(title)s"),
    body=gettext_noop("It runs from %(since)s to %(until)s and takes its land for that time."),
)  # fmt: skip
settles(
    "projects.agreement_concluded",
    lambda fact: reverse("projects:agreement_asked", args=[agreement(fact).instruction_id]),
)
concerns(
    "projects.agreement_concluded",
    lambda fact: [key for key in (agreement(fact).organisation_id, agreement(fact).partner_id) if key],
)


def absorption(fact: Fact) -> Absorption:
    rows = Absorption.objects.select_related("initiator")
    found: Absorption = fact.once("projects.absorption", lambda: rows.get(entry=fact.entry))
    return found


tell(
    "projects.contract_taken_over", recipients=lambda fact: [absorption(fact).initiator],
    words=lambda fact: {"title": absorption(fact).title, "party": absorption(fact).party},
    url=lambda fact: reverse("projects:agreements"),
    subject=gettext_noop("On record: %(title)s is taken over"),
    body=gettext_noop("Both of you signed. What became of the contract with %(party)s stands among the agreements."),
)  # fmt: skip
settles(
    "projects.contract_taken_over",
    lambda fact: reverse("projects:agreement_asked", args=[absorption(fact).instruction_id]),
)
concerns("projects.contract_taken_over", lambda fact: [absorption(fact).organisation_id])


# -- what waits --------------------------------------------------------------------------------------------------------


def to_sign(held: Powers) -> QuerySet[Instruction]:
    """What colleagues signed first and the person may sign."""
    return powers.to_confirm(held, pool.ACTS)


def tasks(held: Powers) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_("Sign or turn down: %(title)s") % {"title": one.body.get("title", "")},
            url=reverse("projects:agreement_asked", args=[one.pk]), since=one.at, due=clock.day(one.expires_at),
            organisation=str(one.organisation),
        )
        for one in to_sign(held)
    ]  # fmt: skip


waiting.register(tasks, rows=lambda held: [to_sign(held)])
