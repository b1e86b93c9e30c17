"""What is told of methodologies, and what of them waits for whom."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.library import proposals
from tanhui.library.models import Proposal, Version
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell

State = Proposal.State


def about(fact: Fact) -> Proposal:
    found: Proposal = fact.once("proposal", lambda: proposals.rows().get(pk=fact.private["id"]))
    return found


def own_page(fact: Fact) -> str:
    return reverse("library:proposal", args=[fact.private["id"]])


def desk_page(fact: Fact) -> str:
    return reverse("library:desk_proposal", args=[fact.private["id"]])


def public_page(fact: Fact) -> str:
    return reverse("library:public_proposal", args=[about(fact).code])


def words(fact: Fact) -> Mapping[str, Any]:
    one = about(fact)
    return {
        "number": one.code, "name": one.name, "proposer": one.by_whom, "authority": str(one.authority or ""),
        "reason": fact.private.get("reason") or _("see the remarks"),
        "until": one.comment_until.isoformat() if one.comment_until else "",
    }  # fmt: skip


def proposer(fact: Fact) -> Iterable[Person]:
    return [about(fact).proposer]


def authority(fact: Fact) -> Iterable[Person]:
    """The people who sign for the authority."""
    return holders(about(fact).authority_id or 0, at=fact.at)


def handler(fact: Fact) -> Iterable[Person]:
    """Whoever has it in hand, unless they did it themselves."""
    held = about(fact).handler
    return [held] if held and held.pk != fact.by else []


def expert(fact: Fact) -> Iterable[Person]:
    return Person.objects.filter(methodology_panels=fact.private["panelist"])


def seat_page(fact: Fact) -> str:
    return reverse("library:review", args=[fact.private["panelist"]])


def commenter(fact: Fact) -> Iterable[Person]:
    """Who commented and was signed in; others gave no address to be told at."""
    return Person.objects.filter(pk=fact.private["person"]) if fact.private.get("person") else []


def comment_page(fact: Fact) -> str:
    return f"{public_page(fact)}#comment-{fact.fact['comment']}"


def to_proposer(kind: str, subject: str, body: str) -> None:
    tell(kind, name="proposer", recipients=proposer, subject=subject, body=body, url=own_page, words=words)


tell(
    "library.submitted", name="authority", recipients=authority, url=desk_page, words=words,
    subject=gettext_noop("Methodology proposal %(number)s to check"),
    body=gettext_noop("%(proposer)s has submitted “%(name)s”. It waits at your desk."),
)  # fmt: skip
to_proposer(
    "library.form_check_begun",
    gettext_noop("The form check of %(number)s has begun"),
    gettext_noop("%(authority)s has taken “%(name)s” in hand and checks its form."),
)
to_proposer(
    "library.comment_opened",
    gettext_noop("%(number)s is open to public comment"),
    gettext_noop("“%(name)s” passed the form check. Everybody may comment until %(until)s."),
)
to_proposer(
    "library.review_opened",
    gettext_noop("%(number)s is before the experts"),
    gettext_noop("%(authority)s has appointed a panel for “%(name)s”."),
)
to_proposer(
    "library.review_concluded",
    gettext_noop("The expert review of %(number)s is closed"),
    gettext_noop("The minutes on “%(name)s” and the votes are published."),
)
to_proposer(
    "library.filed",
    gettext_noop("%(number)s is filed"),
    gettext_noop("%(authority)s has put “%(name)s” on record. Its publication follows."),
)
to_proposer(
    "library.published",
    gettext_noop("“%(name)s” is published"),
    gettext_noop("Your proposal %(number)s stands in the library of methodologies."),
)
to_proposer(
    "library.returned",
    gettext_noop("%(number)s is returned for correction"),
    gettext_noop("What to correct in “%(name)s” stands at each point. Opinion: %(reason)s"),
)
to_proposer(
    "library.rejected",
    gettext_noop("%(number)s was not approved"),
    gettext_noop("“%(name)s” was not approved. Reason: %(reason)s"),
)
tell(
    "library.commented", name="handler", recipients=handler, url=desk_page, words=words,
    subject=gettext_noop("A comment on %(number)s"),
    body=gettext_noop("Somebody commented on “%(name)s”. Look at it and answer it."),
)  # fmt: skip
tell(
    "library.comment_answered", name="commenter", category="PUBLIC", recipients=commenter, url=comment_page,
    words=words,
    subject=gettext_noop("Your comment on “%(name)s” is answered"),
    body=gettext_noop("%(authority)s has answered what you wrote about %(number)s."),
)  # fmt: skip
tell(
    "library.expert_appointed", name="expert", recipients=expert, url=seat_page, words=words,
    subject=gettext_noop("You are appointed to review %(number)s"),
    body=gettext_noop("%(authority)s asks you to review “%(name)s”. Declare your interests first, then vote."),
)  # fmt: skip
tell(
    "library.expert_recused", name="handler", recipients=handler, url=desk_page, words=words,
    subject=gettext_noop("An expert on %(number)s has recused themselves"),
    body=gettext_noop("An expert declared a conflict of interest about “%(name)s”. Appoint another if one is needed."),
)  # fmt: skip


def organisations(fact: Fact) -> Iterable[int]:
    one = about(fact)
    return [key for key in (one.organisation_id, one.authority_id) if key]


for _kind in ("library.submitted", "library.comment_opened", "library.filed", "library.published", "library.returned"):
    concerns(_kind, organisations)


def of_version(fact: Fact) -> Iterable[int]:
    return Version.objects.filter(pk=fact.private["version"]).values_list("authority_id", flat=True)


for _kind in ("library.version_published", "library.version_revising", "library.version_retired"):
    concerns(_kind, of_version)


# -- what waits --------------------------------------------------------------------------------------------------------


def task(
    title: str, url: str, since: datetime, one: Proposal, at: datetime, organisation: str = "", timed: bool = True
) -> waiting.Task:
    due = proposals.due(one, today=clock.day(at)) if timed else None
    return waiting.Task(
        title=title, url=url, since=since, due=due.on if due else None, working_days_left=due.left if due else None,
        announced=due.announced if due else True, organisation=organisation,
    )  # fmt: skip


WHAT: dict[str, Callable[[Proposal], str]] = {
    State.SUBMITTED: lambda one: _("Begin the form check of %(name)s"),
    State.FORM_CHECK: lambda one: _("Check the form of %(name)s"),
    State.COMMENT: lambda one: _("Answer the comments on %(name)s, then convene the experts"),
    State.REVIEW: lambda one: _("Sign the filing of %(name)s"),
    State.APPROVED: lambda one: _("Publish %(name)s"),
}


def at_the_desk(held: Powers) -> list[waiting.Task]:
    return [
        task(
            WHAT[one.state](one) % {"name": one.name}, reverse("library:desk_proposal", args=[one.pk]), one.changed_at,
            one, held.at, str(one.authority), timed=one.state != State.COMMENT,
        )
        for one in proposals.waiting_for(held)
    ]  # fmt: skip


def to_vote(held: Powers) -> list[waiting.Task]:
    return [
        task(
            (_("Vote on %(name)s") if one.declared else _("Declare your interests about %(name)s"))
            % {"name": one.proposal.name},
            reverse("library:review", args=[one.pk]), one.appointed_at, one.proposal, held.at,
            str(one.proposal.authority),
        )
        for one in proposals.to_vote(held.person)
    ]  # fmt: skip


def returned(held: Powers) -> QuerySet[Proposal]:
    return proposals.of_person(held.person).filter(state=State.RETURNED)


def to_correct(held: Powers) -> list[waiting.Task]:
    return [
        task(
            _("Correct the proposal of %(name)s") % {"name": one.name}, reverse("library:proposal", args=[one.pk]),
            one.changed_at, one, held.at,
        )
        for one in returned(held)
    ]  # fmt: skip


waiting.register(at_the_desk, rows=lambda held: [proposals.waiting_for(held)])
waiting.register(to_vote, rows=lambda held: [proposals.to_vote(held.person)])
waiting.register(to_correct, rows=lambda held: [returned(held)])
