"""What scenarios and providers tell whom, and what of them waits for whom."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import roster
from tanhui.identity.models import Mandate, Person
from tanhui.inclusion import roles
from tanhui.inclusion.models import Provider, Scenario
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


def tasks(person: Person, at: datetime) -> list[waiting.Task]:
    """Assessing, signing, connecting, reassessing, deciding: of the person's own bodies."""
    held = list(roster.standing(at).filter(membership__person=person).select_related("membership__organisation"))
    mine = {one.membership.organisation.role: str(one.membership.organisation) for one in held}
    assesses = next((mine[one] for one in roles.ASSESSORS if one in mine), "")
    operates = next((mine[one] for one in roles.OPERATORS if one in mine), "")
    if not assesses and not operates:
        return []
    found: list[waiting.Task] = []
    rows = list(queries.desk().filter(state__in=["APPLIED", "ASSESSED"]))
    for one in rows:
        page = reverse("inclusion:desk_scenario", args=[one.code])
        if one.state == "APPLIED" and assesses:
            title = _("Assess the scenario “%(name)s”") % {"name": one.name}
            found.append(waiting.Task(title=title, url=page, since=one.opened_at, organisation=assesses))
        signs = any(each.capacity == Mandate.Capacity.CONFIRM for each in held)
        if (asked := one.instruction) and operates and signs and asked.initiator_id != person.pk and asks(one, at):
            title = _("Sign the publication of the scenario “%(name)s”") % {"name": one.name}
            found.append(waiting.Task(title=title, url=page, since=asked.at, organisation=operates))
    if assesses:
        found += [
            waiting.Task(
                title=_("Reassess the scenario “%(name)s”") % {"name": one.name},
                url=reverse("inclusion:desk_scenario", args=[one.code]), since=one.changed_at, due=one.reassess_by,
                organisation=assesses,
            )
            for one in soon(at)
        ]  # fmt: skip
    if operates and (first := queries.queue().first()) is not None:
        many = queries.queue().count()
        found.append(
            waiting.Task(
                title=_("Decide what the rules hold back: %(many)s") % {"many": many},
                url=reverse("inclusion:suspicions"), since=first.at, organisation=operates,
            )
        )  # fmt: skip
    return found


def asks(one: Scenario, at: datetime) -> bool:
    asked = one.instruction
    return asked is not None and asked.expires_at > at and not hasattr(asked, "decision")


def soon(at: datetime) -> list[Scenario]:
    try:
        return list(queries.due(clock.day(at)))
    except Refusal:
        return []


waiting.register(tasks)
