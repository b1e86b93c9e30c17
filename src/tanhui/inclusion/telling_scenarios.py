"""What scenarios and providers tell whom, and what of them waits for whom."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Mandate, Person
from tanhui.identity.powers import Powers
from tanhui.inclusion import roles
from tanhui.inclusion.models import Provider, Scenario, Suspicion
from tanhui.inclusion.queries import scenarios as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell

# -- scenarios ---------------------------------------------------------------------------------------------------------


def scenario(fact: Fact) -> Scenario:
    found: Scenario = fact.once("scenario", lambda: Scenario.objects.get(pk=fact.private["scenario"]))
    return found


def applicants(fact: Fact) -> Iterable[Person]:
    return holders(scenario(fact).organisation_id, at=fact.at)


def scenario_page(fact: Fact) -> str:
    return reverse("inclusion:desk_scenario", args=[scenario(fact).code])


def about(fact: Fact) -> Mapping[str, Any]:
    one = scenario(fact)
    return {"name": one.name, "state": Scenario.State(fact.fact["state"]).label, "reason": fact.private["reason"]}


STEPS = ("assessed", "published", "connected", "operating", "reassessed", "suspended", "removed")
for _step in STEPS:
    tell(
        f"inclusion.scenario_{_step}", recipients=applicants, url=scenario_page, words=about,
        subject=gettext_noop("Scenario “%(name)s”: %(state)s"),
        body=gettext_noop("The scenario “%(name)s” is now “%(state)s”. %(reason)s"),
    )  # fmt: skip
    concerns(f"inclusion.scenario_{_step}", lambda fact: [scenario(fact).organisation_id])


# -- providers ---------------------------------------------------------------------------------------------------------


def provider(fact: Fact) -> Provider:
    found: Provider = fact.once("provider", lambda: Provider.objects.get(pk=fact.private["provider"]))
    return found


def its_people(fact: Fact) -> Iterable[Person]:
    return holders(provider(fact).organisation_id, at=fact.at)


def provider_page(fact: Fact) -> str:
    return reverse("inclusion:provider", args=[provider(fact).code])


def of_provider(fact: Fact) -> Mapping[str, Any]:
    state = Provider.State(fact.fact["state"]).label if "state" in fact.fact else ""
    return {"name": provider(fact).name, "state": state, "reason": fact.private["reason"]}


tell(
    "inclusion.provider_turned", recipients=its_people, url=provider_page, words=of_provider,
    subject=gettext_noop("Data interface “%(name)s”: %(state)s"),
    body=gettext_noop("Your data interface “%(name)s” is now “%(state)s”. %(reason)s"),
)  # fmt: skip
tell(
    "inclusion.suspicion_decided", recipients=its_people, url=provider_page, words=of_provider,
    subject=gettext_noop("A decision about events of “%(name)s”"),
    body=gettext_noop("An event that a rule held back was decided: %(reason)s"),
)  # fmt: skip
for _kind in ("inclusion.provider_turned", "inclusion.suspicion_decided"):
    concerns(_kind, lambda fact: [provider(fact).organisation_id])


# -- what waits --------------------------------------------------------------------------------------------------------


def to_assess(held: Powers) -> QuerySet[Scenario]:
    """Scenarios that were applied for, for an assessor."""
    return queries.desk().filter(state="APPLIED") if held.works_for(*roles.ASSESSORS) else queries.desk().none()


def to_sign(held: Powers) -> QuerySet[Scenario]:
    """Scenarios whose publication a colleague at the operator asked for, for whoever may confirm there."""
    if not held.mandates_of(roles.OPERATORS, Mandate.Capacity.CONFIRM):
        return queries.desk().none()
    asked = queries.desk().filter(
        state__in=["APPLIED", "ASSESSED"], instruction__expires_at__gt=held.at, instruction__decision__isnull=True
    )
    return asked.exclude(instruction__initiator=held.person)


def to_reassess(held: Powers) -> QuerySet[Scenario]:
    """Scenarios at work that an assessor must look at anew before long; none where no rule says how often."""
    if held.works_for(*roles.ASSESSORS):
        with suppress(Refusal):
            return queries.due(clock.day(held.at))
    return queries.desk().none()


def to_decide(held: Powers) -> QuerySet[Suspicion]:
    """What the rules hold back, for the operator: one task, however much it is; its row is the oldest."""
    return queries.queue()[:1] if held.works_for(*roles.OPERATORS) else queries.queue().none()


def tasks(held: Powers) -> list[waiting.Task]:
    """Assessing, signing, connecting, reassessing, deciding: of the person's own bodies."""

    def task(one: Scenario, title: str, since: datetime, organisation: str, due: date | None = None) -> waiting.Task:
        page = reverse("inclusion:desk_scenario", args=[one.code])
        return waiting.Task(title=title % {"name": one.name}, url=page, since=since, due=due, organisation=organisation)

    assesses, operates = body(held, roles.ASSESSORS), body(held, roles.OPERATORS)
    found = [task(one, _("Assess the scenario “%(name)s”"), one.opened_at, assesses) for one in to_assess(held)]
    found += [
        task(one, _("Sign the publication of the scenario “%(name)s”"), one.instruction.at, operates)
        for one in to_sign(held)
        if one.instruction is not None
    ]
    found += [
        task(one, _("Reassess the scenario “%(name)s”"), one.changed_at, assesses, one.reassess_by)
        for one in to_reassess(held)
    ]
    return found + [
        waiting.Task(
            title=_("Decide what the rules hold back: %(many)s") % {"many": queries.queue().count()},
            url=reverse("inclusion:suspicions"), since=first.at, organisation=operates,
        )
        for first in to_decide(held)
    ]  # fmt: skip


def body(held: Powers, wanted: tuple[str, ...]) -> str:
    return next((str(one.membership.organisation) for one in held.mandates_of(wanted)), "")


waiting.register(tasks, rows=lambda held: [to_assess(held), to_sign(held), to_reassess(held), to_decide(held)])
