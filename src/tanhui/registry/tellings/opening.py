"""What is told of account openings, and what of them waits for whom."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import access as people
from tanhui.identity.models import Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, holders, tell
from tanhui.registry import opening_rules, openings
from tanhui.registry.models import Application, Seat

State, Stage = Application.State, Application.Stage


def about(fact: Fact) -> Application:
    return Application.objects.select_related("applicant", "exchange", "account").get(pk=fact.private["id"])


def own_page(fact: Fact) -> str:
    return reverse("registry:opening", args=[fact.private["id"]])


def desk_page(fact: Fact) -> str:
    return reverse("registry:opening_review", args=[fact.private["id"]])


def words(fact: Fact) -> Mapping[str, Any]:
    one = about(fact)
    return {
        "number": one.code,
        "name": one.name,
        "reason": fact.private.get("reason") or _("see the remarks"),
        "account": fact.fact.get("account", ""),
        "exchange": str(one.exchange or ""),
    }


def applicant(fact: Fact) -> Iterable[Person]:
    return [about(fact).applicant]


def everyone_named(fact: Fact) -> Iterable[Person]:
    """The applicant and everybody who agreed to sign."""
    one = about(fact)
    seated = Person.objects.filter(seats__application=one, seats__ended_at__isnull=True, is_active=True)
    return {person.pk: person for person in [one.applicant, *seated]}.values()


def reviewers(fact: Fact) -> Iterable[Person]:
    """The people of the body whose turn it is after this step."""
    one = about(fact)
    if fact.fact["state"] in {State.APPLIED, State.EXC_PRELIM}:
        return holders(one.exchange_id or 0, at=fact.at)
    if fact.fact["state"] != State.REG_FINAL:
        return []
    found: dict[int, Person] = {}
    for body in Organisation.objects.filter(role=Organisation.Role.REGISTRY):
        found |= {person.pk: person for person in holders(body, at=fact.at)}
    return found.values()


def asked_to_sign(fact: Fact) -> Iterable[Person]:
    """Those who are named and have not answered."""
    return Person.objects.filter(
        seats__application=fact.private["id"], seats__ended_at__isnull=True, seats__accepted_at__isnull=True
    ).distinct()


tell(
    "registry.opening_submitted",
    name="reviewers",
    category="ACCOUNT",
    recipients=reviewers,
    subject=gettext_noop("Account application %(number)s to review"),
    body=gettext_noop("%(name)s has submitted application %(number)s. It waits in your queue."),
    url=desk_page,
    words=words,
)
tell(
    "registry.opening_submitted",
    name="seats",
    category="ACCOUNT",
    recipients=asked_to_sign,
    subject=gettext_noop("%(name)s asks you to sign for it"),
    body=gettext_noop("%(name)s applies for an account and names you as one who signs. Agree or decline."),
    url=own_page,
    words=words,
)
tell(
    "registry.opening_passed",
    name="applicant",
    category="ACCOUNT",
    recipients=applicant,
    subject=gettext_noop("Application %(number)s passed the preliminary review"),
    body=gettext_noop("%(exchange)s has passed the application of %(name)s on to the registry for the final review."),
    url=own_page,
    words=words,
)
tell(
    "registry.opening_passed",
    name="reviewers",
    category="ACCOUNT",
    recipients=reviewers,
    subject=gettext_noop("Account application %(number)s to review"),
    body=gettext_noop("%(name)s has passed the preliminary review of %(exchange)s. It waits in your queue."),
    url=desk_page,
    words=words,
)
tell(
    "registry.opening_returned",
    category="ACCOUNT",
    recipients=applicant,
    subject=gettext_noop("Application %(number)s is returned for correction"),
    body=gettext_noop("What to correct in the application of %(name)s stands at each field. Opinion: %(reason)s"),
    url=own_page,
    words=words,
)
tell(
    "registry.opening_rejected",
    category="ACCOUNT",
    recipients=applicant,
    subject=gettext_noop("Application %(number)s was not approved"),
    body=gettext_noop("The application of %(name)s was not approved. Reason: %(reason)s"),
    url=own_page,
    words=words,
)
tell(
    "registry.opening_completed",
    category="ACCOUNT",
    recipients=everyone_named,
    subject=gettext_noop("The account of %(name)s is open"),
    body=gettext_noop("Registry account %(account)s of %(name)s is open. Its representatives can sign from now on."),
    url=own_page,
    words=words,
)


# -- what waits --------------------------------------------------------------------------------------------------------


def at_desk(held: Powers) -> QuerySet[Application]:
    """Applications at the person's desk: new ones, those in hand, those that want a second signature."""
    return openings.for_desk(held.person, held.mandates_of(openings.REVIEWERS, *openings.SIGNING), at=held.at)


def to_review(held: Powers) -> list[waiting.Task]:
    said = _("Review the account application of %(name)s")
    return [task(one, said, "registry:opening_review", held.at) for one in at_desk(held)]


def returned(person: Person) -> QuerySet[Application]:
    """Returned applications of the person."""
    return Application.objects.filter(applicant=person, state=State.RETURNED)


def unanswered(person: Person) -> QuerySet[Seat]:
    """Seats the person is named for and has not answered."""
    return Seat.objects.filter(
        person=person, accepted_at__isnull=True, ended_at__isnull=True, application__state__in=openings.LIVE
    ).select_related("application")


def to_correct(person: Person, at: datetime) -> list[waiting.Task]:
    said = _("Correct the account application of %(name)s")
    return [task(one, said, "registry:opening", at) for one in returned(person)]


def to_agree(person: Person) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_("Agree to sign for %(name)s, or decline") % {"name": one.application.name},
            url=reverse("registry:opening", args=[one.application_id]),
            since=one.created_at,
            organisation=one.application.name,
        )
        for one in unanswered(person)
    ]


def to_renew(person: Person, at: datetime) -> list[waiting.Task]:
    """Papers behind the person's accounts that end soon or have ended."""
    today = clock.day(at)
    organisations = people.organisations(person, at=at)
    found = openings.ending_papers(
        today=today, within=max(opening_rules.paper_alerts(today)), organisations=organisations
    )
    return [
        waiting.Task(
            title=_("Renew “%(paper)s”") % {"paper": one.paper.get_kind_display()},
            url=reverse("registry:opening_papers", args=[one.paper.application_id]),
            since=at,
            due=one.paper.valid_until,
            organisation=one.paper.application.name,
        )
        for one in found
    ]


def task(one: Application, title: str, view: str, at: datetime) -> waiting.Task:
    due = openings.due(one, today=clock.day(at))
    return waiting.Task(
        title=title % {"name": one.name}, url=reverse(view, args=[one.pk]), since=one.changed_at,
        due=due.on if due else None, working_days_left=due.left if due else None,
        announced=due.announced if due else True, organisation=one.name,
    )  # fmt: skip


def mine(held: Powers) -> list[waiting.Task]:
    person, at = held.person, held.at
    return [*to_correct(person, at), *to_agree(person), *to_renew(person, at)]


def counted(held: Powers) -> list[QuerySet[Any]]:
    """What to correct and what to answer; papers that end are a reminder and not counted in every header."""
    return [returned(held.person), unanswered(held.person)]


waiting.register(to_review, rows=lambda held: [at_desk(held)])
waiting.register(mine, rows=counted)
