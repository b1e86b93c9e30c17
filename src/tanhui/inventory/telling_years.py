"""What is told of accounting years, and what of them waits for whom."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Decision, Mandate, Person
from tanhui.identity.powers import Powers
from tanhui.inventory import queries, roles
from tanhui.inventory.models import AccountingYear
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.library import proposals
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell

State = AccountingYear.State
Capacity = Mandate.Capacity


def about(fact: Fact) -> AccountingYear:
    found: AccountingYear = fact.once("accounting_year", lambda: queries.rows().get(pk=fact.private["year"]))
    return found


def page(fact: Fact) -> str:
    return reverse("inventory:year", args=[about(fact).code])


def words(fact: Fact) -> Mapping[str, Any]:
    one = about(fact)
    return {
        "area": one.area_name, "year": one.year, "authority": str(one.organisation),
        "verifier": str(one.verifier or ""), "reason": fact.private.get("reason", ""),
    }  # fmt: skip


def authority(fact: Fact) -> Iterable[Person]:
    return holders(about(fact).organisation_id, at=fact.at)


def verifier(fact: Fact) -> Iterable[Person]:
    one = about(fact)
    return holders(one.verifier_id, at=fact.at) if one.verifier_id else []


def technician(fact: Fact) -> Iterable[Person]:
    """Whoever had it computed."""
    return Person.objects.filter(pk=fact.by or 0, is_active=True)


def to(name: str, recipients: Any, kind: str, subject: str, body: str) -> None:
    tell(kind, name=name, recipients=recipients, url=page, words=words, subject=subject, body=body)


to(
    "verifier",
    verifier,
    "inventory.verifier_appointed",
    gettext_noop("You are to verify the stock sinks of %(area)s %(year)s"),
    gettext_noop("%(authority)s has named your organisation. You are told once the figures are computed."),
)
to(
    "verifier",
    verifier,
    "inventory.computed",
    gettext_noop("The stock sinks of %(area)s %(year)s wait for your verification"),
    gettext_noop("%(authority)s has computed them. Compare them with independent evidence and sign."),
)
to(
    "technician",
    technician,
    "inventory.computed",
    gettext_noop("%(area)s %(year)s is computed"),
    gettext_noop("Figures, intervals and checks stand on the page of the year."),
)
to(
    "technician",
    technician,
    "inventory.computation_stopped",
    gettext_noop("The computing of %(area)s %(year)s has stopped"),
    gettext_noop("Why, and at which tile, stands on the page of the year. It can go on where it stopped."),
)
to(
    "authority",
    authority,
    "inventory.verified",
    gettext_noop("%(area)s %(year)s is verified"),
    gettext_noop("%(verifier)s has confirmed the figures. Have the papers drafted."),
)
to(
    "authority",
    authority,
    "inventory.refuted",
    gettext_noop("%(area)s %(year)s was sent back by its verifier"),
    gettext_noop("%(verifier)s: %(reason)s"),
)
to(
    "authority",
    authority,
    "inventory.drafted",
    gettext_noop("The papers of %(area)s %(year)s are drafted"),
    gettext_noop("Read report, bulletin and atlas, then propose to publish them."),
)
to(
    "verifier",
    verifier,
    "inventory.published",
    gettext_noop("The stock sinks of %(area)s %(year)s are published"),
    gettext_noop("The figures you verified are public, with the position of their fact in the log."),
)


def organisations(fact: Fact) -> Iterable[int]:
    one = about(fact)
    return [key for key in (one.organisation_id, one.verifier_id) if key]


for _kind in ("computed", "verified", "refuted", "drafted", "published", "archived", "superseded"):
    concerns(f"inventory.{_kind}", organisations)


# -- what waits --------------------------------------------------------------------------------------------------------

WHAT: dict[str, str] = {
    State.PLANNED: gettext_noop("Collect the data of %(area)s %(year)s"),
    State.COLLECTED: gettext_noop("Have %(area)s %(year)s computed"),
    State.VERIFIED: gettext_noop("Have the papers of %(area)s %(year)s drafted"),
    State.DRAFTED: gettext_noop("Propose to publish %(area)s %(year)s"),
    State.PUBLISHED: gettext_noop("Put %(area)s %(year)s on file"),
    State.COMPUTED: gettext_noop("Verify the stock sinks of %(area)s %(year)s"),
}


def proposed(at: datetime) -> QuerySet[AccountingYear]:
    """Drafted years whose publication waits for a second signature."""
    found = queries.rows().filter(state=State.DRAFTED, instruction__isnull=False, instruction__expires_at__gt=at)
    return found.exclude(instruction__in=Decision.objects.values("instruction"))


def to_prepare(held: Powers) -> QuerySet[AccountingYear]:
    mine = held.bodies(roles.AUTHORITIES, Capacity.INITIATE)
    found = queries.rows().filter(organisation__in=mine, state__in=set(WHAT) - {State.COMPUTED})
    return found.exclude(pk__in=proposed(held.at).values("pk"))


def to_confirm(held: Powers) -> QuerySet[AccountingYear]:
    mine = held.bodies(roles.AUTHORITIES, Capacity.CONFIRM)
    return proposed(held.at).filter(organisation__in=mine).exclude(instruction__initiator=held.person)


def to_verify(held: Powers) -> QuerySet[AccountingYear]:
    return queries.rows().filter(verifier__in=held.bodies(roles.VERIFIERS, *roles.SIGNING), state=State.COMPUTED)


def task(one: AccountingYear, title: str, at: datetime, organisation: str) -> waiting.Task:
    due = proposals.left(one.due_on, today=clock.day(at)) if one.due_on else None
    return waiting.Task(
        title=title % {"area": one.area_name, "year": one.year}, url=reverse("inventory:year", args=[one.code]),
        since=one.changed_at, due=one.due_on, working_days_left=due.left if due else None,
        announced=due.announced if due else True, organisation=organisation,
    )  # fmt: skip


def at_the_desk(held: Powers) -> list[waiting.Task]:
    at = held.at
    found = [task(one, _(WHAT[one.state]), at, str(one.organisation)) for one in to_prepare(held)]
    found += [
        task(one, _("Confirm or reject the publication of %(area)s %(year)s"), at, str(one.organisation))
        for one in to_confirm(held)
    ]
    return found + [task(one, _(WHAT[one.state]), at, str(one.verifier)) for one in to_verify(held)]


waiting.register(at_the_desk, rows=lambda held: [to_prepare(held), to_confirm(held), to_verify(held)])
