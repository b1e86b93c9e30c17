"""What is told of projects on their way, and what of them waits for whom."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell
from tanhui.projects import deadlines, numbers, sides
from tanhui.projects.acts import lapsing, timing
from tanhui.projects.models import Comment, Development, Monitoring, Nudge
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject


def subject(fact: Fact) -> Subject:
    """What a fact is about: a monitoring period where it names one, else a development."""

    def read() -> Subject:
        if key := fact.private.get("monitoring"):
            return cycle.periods().get(pk=key)
        return cycle.rows().get(pk=fact.private["development"])

    found: Subject = fact.once("projects.subject", read)
    return found


def page(fact: Fact) -> str:
    return address(subject(fact))


def address(one: Subject) -> str:
    name = "projects:development_desk" if isinstance(one, Development) else "projects:period_desk"
    return reverse(name, args=[one.code])


def words(fact: Fact) -> Mapping[str, Any]:
    one = subject(fact)
    state = fact.fact.get("state")
    label = deadlines.of(one).of(state).label if state else deadlines.state(one).label
    return {
        "project": numbers.development_of(one).name, "code": one.code, "state": str(label),
        "reason": fact.private.get("reason", "") or "—", "due": fact.fact.get("due", ""),
    }  # fmt: skip


def owner(fact: Fact) -> Iterable[Person]:
    return holders(numbers.development_of(subject(fact)).owner_id, at=fact.at, without=fact.by)


def whose_turn(fact: Fact) -> Iterable[Person]:
    """The people of the organisations whose turn it is now, the owner aside, who is told anyway."""
    one = subject(fact)
    found: set[Person] = set()
    for side in cycle.turn(one) - {"OWNER", "SYSTEM"}:
        found |= set(of_side(one, side, fact.at))
    return found


def claimant(fact: Fact) -> Iterable[Person]:
    """The owner whose claim is about to lapse, or has."""
    return owner(fact) if fact.fact["what"] == lapsing.CLAIM else []


def everyone_due(fact: Fact) -> Iterable[Person]:
    """Whose turn it is; for units to be cancelled the owner."""
    one = subject(fact)
    if fact.fact["what"] == lapsing.CLAIM or of_a_month(fact):
        return []
    if fact.fact["what"] == timing.CLAWBACK:
        return owner(fact)
    found: set[Person] = set()
    for side in cycle.turn(one) - {"SYSTEM"}:
        found |= set(of_side(one, side, fact.at))
    return found


def of_a_month(fact: Fact) -> bool:
    """Whether a reminder is about the evidence of a month."""
    return bool(fact.fact["what"][:1].isdigit())


def of_side(one: Subject, side: str, at: datetime) -> Iterable[Person]:
    whose, role = sides.side_of(one, side)
    if whose is not None:
        return holders(whose, at=at)
    bodies = Organisation.objects.filter(role=role) if role else Organisation.objects.none()
    return {person for body in bodies for person in holders(body, at=at)}


def commenter(fact: Fact) -> Iterable[Person]:
    """Whoever made the comment that was answered."""
    return Person.objects.filter(pk=fact.private.get("person") or 0, is_active=True)


def public_page(fact: Fact) -> str:
    one = subject(fact)
    return reverse("projects:development" if isinstance(one, Development) else "projects:period", args=[one.code])


def near(fact: Fact) -> Mapping[str, Any]:
    return {**words(fact), "stage": str(Nudge.Stage(fact.fact["stage"]).label), "due": fact.fact["due"]}


MOVED = ("projects.development_moved", "projects.monitoring_moved")
for _kind in MOVED:
    tell(
        _kind, name="owner", recipients=owner, url=page, words=words,
        subject=gettext_noop("%(project)s is now at “%(state)s”"),
        body=gettext_noop("%(code)s has moved on. Reason, where one was given: %(reason)s"),
    )  # fmt: skip
    tell(
        _kind, name="turn", recipients=whose_turn, url=page, words=words,
        subject=gettext_noop("%(project)s waits for you at “%(state)s”"),
        body=gettext_noop("It is your organisation's turn with %(code)s."),
    )  # fmt: skip
tell(
    "projects.commented", recipients=owner, url=page, words=words,
    subject=gettext_noop("A comment on %(project)s"),
    body=gettext_noop("Somebody has commented on %(code)s. Answer it: the answer is published."),
)  # fmt: skip
tell(
    "projects.comment_answered", recipients=commenter, url=public_page, words=words,
    subject=gettext_noop("Your comment on %(project)s is answered"),
    body=gettext_noop("The owner has answered; it stands on the public page."),
)  # fmt: skip
tell(
    "projects.deadline_near", recipients=everyone_due, url=page, words=near,
    subject=gettext_noop("%(stage)s: %(project)s, %(due)s"),
    body=gettext_noop("%(code)s is at “%(state)s”; its last day is %(due)s."),
)  # fmt: skip
tell(
    "projects.deadline_near", name="evidence", words=lambda fact: {**near(fact), "month": fact.fact["what"]},
    recipients=lambda fact: owner(fact) if of_a_month(fact) else [], url=lambda fact: f"{page(fact)}#evidence",
    subject=gettext_noop("%(stage)s: evidence of %(month)s, %(project)s"),
    body=gettext_noop("Stamp the data of %(month)s by %(due)s. Later it is still taken, and stays marked as late."),
)  # fmt: skip
tell(
    "projects.deadline_near", name="claim", recipients=claimant, url=page, words=near,
    subject=gettext_noop("Its land becomes free again: %(project)s, %(due)s"),
    body=gettext_noop(
        "%(code)s has stood at “%(state)s” for long. After %(due)s its claim to land and meters lapses, and others may "
        "claim them; the next step claims them anew if they are still free."
    ),
)  # fmt: skip


def verifier(fact: Fact) -> Iterable[Person]:
    one = subject(fact)
    return holders(one.verifier_id, at=fact.at) if isinstance(one, Monitoring) and one.verifier_id else []


tell(
    "projects.data_corrected", recipients=verifier, url=page, words=words,
    subject=gettext_noop("Data of %(project)s were corrected"),
    body=gettext_noop("In %(code)s a value was put right: %(reason)s The run is computed again before it goes on."),
)  # fmt: skip


def parties(fact: Fact) -> Iterable[int]:
    held = numbers.development_of(subject(fact))
    return [key for key in (held.owner_id, held.county_id, held.city_id, held.validator_id) if key]


for _kind in MOVED:
    concerns(_kind, parties)


# -- what waits --------------------------------------------------------------------------------------------------------


def tasks(held: Powers) -> list[waiting.Task]:
    """Whose step or second signature is awaited from this person."""
    return [task(one, what, held.at) for one, what in cycle.my_turn(held)]


def task(one: Subject, what: str, at: datetime) -> waiting.Task:
    held, left = numbers.development_of(one), deadlines.left(one, today=clock.day(at))
    named = {"project": held.name, "code": one.code, "state": str(deadlines.state(one).label)}
    title = _("Sign or reject: %(project)s (%(code)s)") if what == "confirm" else _("%(project)s (%(code)s): %(state)s")
    return waiting.Task(
        title=title % named, url=address(one), since=one.stage_since, due=left.on if left else None,
        working_days_left=left.left if left else None, announced=left.announced if left else True,
        organisation=held.owner.name,
    )  # fmt: skip


def open_comments(held: Powers) -> QuerySet[Comment]:
    """Comments on a project of the person's organisations that nobody has answered."""
    return Comment.objects.filter(development__owner__in=held.bodies(), answer__isnull=True)


def unanswered(held: Powers) -> list[waiting.Task]:
    """Each of them as a task."""
    rows = open_comments(held)
    return [
        waiting.Task(
            title=_("Answer comment %(number)s on %(project)s")
            % {"number": one.number, "project": one.development.name},
            url=address(one.monitoring or one.development) + "#comments", since=one.at,
            organisation=one.development.owner.name,
        )
        for one in rows.select_related("development__owner", "monitoring__development")
    ]  # fmt: skip


waiting.register(tasks, rows=lambda held: [asked for asked, _what in cycle.turns(held)])
waiting.register(unanswered, rows=lambda held: [open_comments(held)])
